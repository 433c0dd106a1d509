/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "errno": the list of its cases.
 *
 * The cases that judge log lines come first: the kernel prints 10 lines of a
 * kind in 5 seconds (lib/ratelimit.c) and drops the others.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite_errno.h"

#define OWN_FD     O_RDWR
#define OWN_DIRECT (O_RDWR | O_DIRECT)
#define OWN_SYNC   (O_RDWR | O_SYNC)

#define API(op_, name_, bytes, flags, fn) \
    { .op = op_, .name = name_, .returns_bytes = bytes, .open_flags = flags, \
      .run = fn }
#define URING(op_, name_, bytes, flags, fn) \
    { .op = op_, .name = name_, .returns_bytes = bytes, .open_flags = flags, \
      .uring = true, .run = fn }
#define CACHED(op_, name_, bytes, flags, fn) \
    { .op = op_, .name = name_, .returns_bytes = bytes, .open_flags = flags, \
      .cached = true, .run = fn }
#define PASSTHROUGH(op_) \
    { .op = op_, .name = "ioctl", .open_flags = -1, .passthrough = true, \
      .run = run_ioctl }, \
    { .op = op_, .name = "uring-cmd", .open_flags = -1, .passthrough = true, \
      .uring = true, .run = run_uring_cmd }

const Api errno_apis[] = {
    API(OP_READ, "direct", true, -1, run_direct),
    API(OP_READ, "aio", true, -1, run_aio),
    URING(OP_READ, "uring", true, -1, run_uring),
    CACHED(OP_READ, "buffered", true, OWN_FD, run_buffered),
    { .op = OP_READ, .name = "readahead", .returns_bytes = true,
      .open_flags = OWN_FD, .cached = true, .run = run_readahead },
    CACHED(OP_READ, "mmap", false, OWN_FD, run_mmap),
    PASSTHROUGH(OP_READ),
    API(OP_WRITE, "direct", true, -1, run_direct),
    API(OP_WRITE, "aio", true, -1, run_aio),
    URING(OP_WRITE, "uring", true, -1, run_uring),
    API(OP_WRITE, "direct-sync", true, OWN_SYNC | O_DIRECT, run_direct),
    CACHED(OP_WRITE, "buffered", false, OWN_FD, run_buffered),
    CACHED(OP_WRITE, "buffered-again", false, OWN_FD, run_buffered_again),
    CACHED(OP_WRITE, "buffered-sync", true, OWN_SYNC, run_direct),
    CACHED(OP_WRITE, "mmap", false, OWN_FD, run_mmap),
    CACHED(OP_WRITE, "blkflsbuf", false, OWN_FD, run_blkflsbuf),
    PASSTHROUGH(OP_WRITE),
    API(OP_FLUSH, "fsync", false, OWN_DIRECT, run_flush),
    API(OP_FLUSH, "fdatasync", false, OWN_DIRECT, run_fdatasync),
    API(OP_FLUSH, "aio", false, OWN_DIRECT, run_aio),
    URING(OP_FLUSH, "uring", false, OWN_DIRECT, run_uring),
    API(OP_FLUSH, "direct-sync", true, OWN_SYNC | O_DIRECT, run_direct),
    PASSTHROUGH(OP_FLUSH),
    API(OP_DISCARD, "blkdiscard", false, -1, run_blkdiscard),
    URING(OP_DISCARD, "uring-discard", false, -1, run_uring_discard),
    PASSTHROUGH(OP_DISCARD),
    API(OP_WRITE_ZEROES, "blkzeroout", false, -1, run_blkzeroout),
    API(OP_WRITE_ZEROES, "zero-range", false, -1, run_zero_range),
    API(OP_WRITE_ZEROES, "punch-hole", false, -1, run_punch_hole),
    PASSTHROUGH(OP_WRITE_ZEROES),
    PASSTHROUGH(OP_COMPARE),
    PASSTHROUGH(OP_VERIFY),
};
const size_t errno_napis = sizeof(errno_apis) / sizeof(errno_apis[0]);

const Api *errno_api(Op op, const char *name)
{
    size_t i;

    for (i = 0; i < errno_napis; i++) {
        if (errno_apis[i].op == op && !strcmp(errno_apis[i].name, name)) {
            return &errno_apis[i];
        }
    }
    fprintf(stderr, "no API '%s'\n", name);
    abort();
}

static const struct {
    const char *name, *nvme_name;
    uint8_t code;               /* NVM Command Set 1.0, figure 19 */
} ops[OP_COUNT] = {
    [OP_READ] = { "read", "read", 0x02 },
    [OP_WRITE] = { "write", "write", 0x01 },
    [OP_FLUSH] = { "flush", "flush", 0x00 },
    [OP_DISCARD] = { "discard", "dataset-management", 0x09 },
    [OP_WRITE_ZEROES] = { "write-zeroes", "write-zeroes", 0x08 },
    [OP_COMPARE] = { "compare", "compare", 0x05 },
    [OP_VERIFY] = { "verify", "verify", 0x0c },
};

const char *op_name(Op op)
{
    return ops[op].name;
}

const char *op_nvme_name(Op op)
{
    return ops[op].nvme_name;
}

uint8_t op_code(Op op)
{
    return ops[op].code;
}

/* "access-denied", or "status-0x3ab" where nothing has a name for it. */
static const char *status_label(const Suite *suite, uint16_t status)
{
    const Tables *tables = suite->data;
    static char label[32];

    status &= STATUS_CODE;
    if (tables->status_name[status]) {
        return tables->status_name[status];
    }
    snprintf(label, sizeof(label), "status-0x%x", status);
    return label;
}

/* Adds the case errno/@prefix<op>-<api>-<status>@suffix. */
static ErrnoCase *add(Suite *suite, const char *prefix, const Api *api,
                      uint16_t status, const char *suffix)
{
    ErrnoCase *ec = calloc(1, sizeof(*ec));
    char *name;
    Case *c;

    if (!ec || asprintf(&name, "errno/%s%s-%s-%s%s", prefix, op_name(api->op),
                        api->name, status_label(suite, status), suffix) < 0) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    ec->api = api;
    ec->status = status;
    ec->max_retries = -1;
    if (api->passthrough) {
        ec->log = "";
    }
    c = suite_add(suite, name, ec);
    /* A rule for Flush cannot be told by its LBA from another one. */
    c->alone = api->op == OP_FLUSH;
    return ec;
}

/* Is @status one that does not end as EIO? */
static bool is_special(Suite *suite, uint16_t status)
{
    Row *row = tables_status(suite->data, suite->kernel, status);

    return row && strcmp(row->column[STATUS_BLK], "IOERR");
}

static void add_log_cases(Suite *suite)
{
    static const struct {
        Op op;
        const char *api;
        uint16_t status;
        const char *log;
    } cases[] = {
        { OP_READ, "direct", 0x4286, "nvme block" },
        { OP_READ, "direct", 0x4006, "nvme block" },
        { OP_READ, "direct", 0x0281, "nvme block" },
        { OP_WRITE, "direct", 0x4081, "nvme block" },
        { OP_WRITE, "buffered", 0x4280, "nvme block write-page" },
        { OP_READ, "buffered", 0x4281, "nvme block nvme block read-page" },
        { OP_FLUSH, "fsync", 0x4001, "nvme-flush block-flush" },
    };
    ErrnoCase *ec;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ec = add(suite, "log-", errno_api(cases[i].op, cases[i].api),
                 cases[i].status, "");
        ec->log = cases[i].log;
    }
    if (tables_log(suite->data, suite->kernel, "passthrough",
                   strlen("passthrough"))) {
        ec = add(suite, "log-", errno_api(OP_READ, "ioctl"), 0x4286, "");
        ec->log = "passthrough";
        ec->log_passthrough = true;
    }
}

static void add_sweep(Suite *suite)
{
    const Api *api = errno_api(OP_READ, "direct");
    uint16_t status;
    ErrnoCase *ec;

    for (status = 1; status <= STATUS_CODE; status++) {
        ec = add(suite, "", api, status | STATUS_DNR, "");
        if (status == STATUS_AUTH_REQUIRED) {
            /* It must end on a kernel that retries it for ever, too. */
            ec->times = 1;
        }
    }
}

static void add_matrix(Suite *suite)
{
    uint16_t status;
    size_t i;

    for (i = 0; i < errno_napis; i++) {
        const Api *api = &errno_apis[i];

        if (api == errno_api(OP_READ, "direct")) {
            continue;           /* the sweep has it */
        }
        for (status = 1; status <= STATUS_CODE; status++) {
            if (is_special(suite, status)) {
                add(suite, "", api, status | STATUS_DNR, "");
            }
        }
    }
}

static void add_flags(Suite *suite)
{
    const Api *api = errno_api(OP_READ, "direct");
    uint16_t status, bits;
    char suffix[32];

    for (status = 1; status <= STATUS_CODE; status++) {
        for (bits = 0; is_special(suite, status) && bits < 16; bits++) {
            uint16_t flags = bits << 11;

            snprintf(suffix, sizeof(suffix), "-crd%u%s%s",
                     (flags & STATUS_CRD) >> 11,
                     flags & STATUS_MORE ? "-more" : "",
                     flags & STATUS_DNR ? "-dnr" : "");
            add(suite, "flags-", api, status | flags, suffix);
        }
    }
}

static void add_retries(Suite *suite)
{
    static const int limits[] = { 0, 1, 2, 9 };
    static const struct {
        Op op;
        const char *api;
    } recovers[] = {
        { OP_READ, "direct" }, { OP_READ, "uring" }, { OP_WRITE, "direct" },
        { OP_WRITE, "aio" }, { OP_FLUSH, "fsync" },
        { OP_DISCARD, "blkdiscard" }, { OP_WRITE_ZEROES, "punch-hole" },
    };
    char suffix[32];
    ErrnoCase *ec;
    size_t i;
    unsigned int n;

    for (i = 0; i < errno_napis; i++) {
        add(suite, "retry-", &errno_apis[i], STATUS_ACCESS_DENIED, "");
    }
    for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        snprintf(suffix, sizeof(suffix), "-max-retries-%d", limits[i]);
        ec = add(suite, "retry-", errno_api(OP_READ, "direct"),
                 STATUS_ACCESS_DENIED, suffix);
        ec->max_retries = limits[i];
    }
    for (i = 0; i < sizeof(recovers) / sizeof(recovers[0]); i++) {
        for (n = 1; n <= 6; n++) {
            snprintf(suffix, sizeof(suffix), "-after-%u", n);
            ec = add(suite, "recover-",
                     errno_api(recovers[i].op, recovers[i].api),
                     STATUS_ACCESS_DENIED, suffix);
            ec->times = n;
            /* Five retries: the sixth error is the caller's. */
            ec->log = n <= 5 ? "" : NULL;
        }
    }
}

static void add_execute(Suite *suite)
{
    static const char *const apis[] = {
        "direct", "aio", "uring", "ioctl", "uring-cmd",
    };
    ErrnoCase *ec;
    size_t i;
    int execute;

    for (i = 0; i < sizeof(apis) / sizeof(apis[0]); i++) {
        for (execute = 0; execute <= 1; execute++) {
            ec = add(suite, "execute-", errno_api(OP_WRITE, apis[i]), 0x4280,
                     execute ? "-on" : "-off");
            ec->execute = execute;
            ec->read_back = true;
        }
        ec = add(suite, "execute-", errno_api(OP_WRITE, apis[i]), 0,
                 "-off");
        ec->read_back = true;
        ec->log = "";
    }
}

/*
 * What counts as a Media and Data Integrity Error (NVMe Base 2.1, 5.1.12.1.3)
 * is data that cannot be had whole, for its ECC, its guard or one of its tags:
 * 281h to 284h and 288h, but neither a write fault nor a denied access.
 */
static void add_log_pages(Suite *suite)
{
    static const struct {
        LogPageId id;
        Op op;
        uint16_t status;
        bool media_error;
    } cases[] = {
        { LOG_PAGE_ERROR, OP_READ, 0x4286, false },
        { LOG_PAGE_ERROR, OP_READ, 0x0281, true },
        { LOG_PAGE_ERROR, OP_WRITE, 0x6280, false },
        { LOG_PAGE_SMART, OP_READ, 0x4286, false },
        { LOG_PAGE_SMART, OP_READ, 0x0281, true },
        { LOG_PAGE_SMART, OP_READ, 0x4282, true },
        { LOG_PAGE_SMART, OP_READ, 0x4283, true },
        { LOG_PAGE_SMART, OP_READ, 0x4284, true },
        { LOG_PAGE_SMART, OP_READ, 0x4288, true },
        { LOG_PAGE_SMART, OP_WRITE, 0x4280, false },
        { LOG_PAGE_SMART, OP_WRITE, 0x4282, true },
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ErrnoCase *ec = add(suite, cases[i].id == LOG_PAGE_ERROR ?
                            "error-log-" : "smart-log-",
                            errno_api(cases[i].op, "direct"),
                            cases[i].status, "");

        ec->log_page = log_page_new(cases[i].id, cases[i].media_error);
    }
}

static void add_table_check(Suite *suite)
{
    ErrnoCase *ec = calloc(1, sizeof(*ec));
    Case *c = suite_add(suite, strdup("errno/every-expectation-is-used"), ec);

    c->alone = true;
}

void errno_add_cases(Suite *suite)
{
    add_log_cases(suite);
    add_sweep(suite);
    add_matrix(suite);
    add_flags(suite);
    add_retries(suite);
    add_execute(suite);
    add_log_pages(suite);
    add_table_check(suite);
}
