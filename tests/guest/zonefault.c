/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "zonefault": zones change behind the kernel's back, at the moment when
 * a command meets them: its errno, and what a zone report shows afterwards.
 */
#include <errno.h>
#include <linux/blkzoned.h>
#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/suite.h"

#define ZONES        64
#define ZONE_SECTORS 2048       /* of 512 bytes, as the blocks are */
#define BYTES        4096
#define WRITTEN      8          /* sectors in the zone before */
#define MAX_OPEN     3
#define MAX_ACTIVE   5
#define DNR          0x4000

/* ZNS 1.2, 3.1.1: command specific statuses. */
#define IS_FULL      0x1b9
#define READ_ONLY    0x1ba
#define OFFLINE      0x1bb
#define BAD_WRITE    0x1bc
#define TOO_ACTIVE   0x1bd
#define TOO_OPEN     0x1be
#define BAD_CHANGE   0x1bf

typedef enum Op { READ, WRITE, APPEND, OPEN, FINISH, RESET, NOPS } Op;

static const char *const op_names[NOPS] = {
    "read", "write", "append", "open", "finish", "reset"
};

static const char *const opcodes[NOPS] = {
    "read", "write", "zone-append", "zone-management-send",
    "zone-management-send", "zone-management-send"
};

typedef struct ZoneCase {
    const char *name;           /* "read-only": behind it "/" and the op */
    const char *change;         /* members of the trigger */
    Op op;
    int status;                 /* of the command, without DNR */
    int cond;                   /* reported after it */
    long long wp;               /* after the zone's start; NO_WP: none */
} ZoneCase;

#define NO_WP   (-1)
#define IMP     BLK_ZONE_COND_IMP_OPEN
#define EXP     BLK_ZONE_COND_EXP_OPEN
#define RO      BLK_ZONE_COND_READONLY
#define OFF     BLK_ZONE_COND_OFFLINE
#define FULL    BLK_ZONE_COND_FULL
#define EMPTY   BLK_ZONE_COND_EMPTY

#define TO(state) "\"state\":\"" state "\""

/* Of a Full zone the driver takes the length for the write pointer. */
static ZoneCase cases[] = {
    { "read-only", TO("read-only"), READ, 0, RO, NO_WP },
    { "read-only", TO("read-only"), WRITE, READ_ONLY, RO, NO_WP },
    { "read-only", TO("read-only"), APPEND, READ_ONLY, RO, NO_WP },
    { "read-only", TO("read-only"), OPEN, BAD_CHANGE, RO, NO_WP },
    { "read-only", TO("read-only"), FINISH, BAD_CHANGE, RO, NO_WP },
    { "read-only", TO("read-only"), RESET, BAD_CHANGE, RO, NO_WP },
    { "offline", TO("offline"), READ, OFFLINE, OFF, NO_WP },
    { "offline", TO("offline"), WRITE, OFFLINE, OFF, NO_WP },
    { "offline", TO("offline"), APPEND, OFFLINE, OFF, NO_WP },
    { "offline", TO("offline"), OPEN, BAD_CHANGE, OFF, NO_WP },
    { "offline", TO("offline"), FINISH, BAD_CHANGE, OFF, NO_WP },
    { "offline", TO("offline"), RESET, BAD_CHANGE, OFF, NO_WP },
    { "full", TO("full"), READ, 0, FULL, ZONE_SECTORS },
    { "full", TO("full"), WRITE, IS_FULL, FULL, ZONE_SECTORS },
    { "full", TO("full"), APPEND, IS_FULL, FULL, ZONE_SECTORS },
    { "full", TO("full"), OPEN, BAD_CHANGE, FULL, ZONE_SECTORS },
    { "full", TO("full"), RESET, 0, EMPTY, 0 },
    { "closed", TO("closed"), WRITE, 0, IMP, 2 * WRITTEN },
    { "empty", TO("empty"), WRITE, BAD_WRITE, EMPTY, 0 },
    { "empty", TO("empty"), APPEND, 0, IMP, WRITTEN },
    { "pointer-ahead", "\"write-pointer\":5", WRITE, BAD_WRITE, IMP,
      WRITTEN + 5 },
    { "pointer-behind", "\"write-pointer\":-5", WRITE, BAD_WRITE, IMP,
      WRITTEN - 5 },
    { "pointer-ahead", "\"write-pointer\":5", APPEND, 0, IMP,
      2 * WRITTEN + 5 },
    { "reported-ahead", "\"reported-write-pointer\":5", WRITE, 0, IMP,
      2 * WRITTEN + 5 },
    { "reported-behind", "\"reported-write-pointer\":-5", WRITE, 0, IMP,
      2 * WRITTEN - 5 },
    { "max-open", "\"max-open\":1", OPEN, TOO_OPEN, EMPTY, 0 },
    { "max-active", "\"max-active\":1", OPEN, TOO_ACTIVE, EMPTY, 0 },
    { "max-active", "\"max-active\":1", WRITE, TOO_ACTIVE, EMPTY, 0 },
};

static char data[BYTES] __attribute__((aligned(BYTES)));

static bool is_limit(const ZoneCase *zc)
{
    return !strncmp(zc->name, "max-", 4);
}

/* Limits are met by a zone that is not open yet; the others by one that is
 * written to. */
static unsigned written(const ZoneCase *zc)
{
    return is_limit(zc) ? 0 : WRITTEN;
}

static int load(Suite *suite)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char name[80];

        snprintf(name, sizeof(name), "zonefault/%s/%s", cases[i].name,
                 op_names[cases[i].op]);
        suite_add(suite, strdup(name), &cases[i]);
    }
    return 0;
}

static unsigned long long zone_start(const Case *c)
{
    return (unsigned long long)(c->ordinal % (ZONES - 1) + 1) * ZONE_SECTORS;
}

static void rules(Suite *suite, const Case *c, Buf *buf)
{
    const ZoneCase *zc = c->data;

    (void)suite;
    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u\",\"opcode\":\"%s\",\"slba\":%llu,"
               "\"nlb\":%d,\"times\":1,\"skip\":%d,\"action\":\"none\","
               "\"trigger\":[{\"trigger\":\"zone\",%s}]}", c->ordinal,
               opcodes[zc->op], zone_start(c), ZONE_SECTORS,
               zc->op == WRITE && written(zc) ? 1 : 0, zc->change);
}

static long long zone_io(Suite *suite, bool write, unsigned long long sector)
{
    return write ? pwrite(suite->disk.fd, data, BYTES, sector * 512) :
                   pread(suite->disk.fd, data, BYTES, sector * 512);
}

/* The first zone, open by command, is what limits of one leave room for. */
static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const ZoneCase *zc = c->data;
    struct blk_zone_range first = { 0, ZONE_SECTORS };

    if (is_limit(zc)) {
        if (ioctl(suite->disk.fd, BLKOPENZONE, &first)) {
            out->skip = "the first zone cannot be opened";
        }
    } else if (zone_io(suite, true, zone_start(c)) != BYTES) {
        out->skip = "the zone cannot be written";
    }
}

/* The status of a zone append (no API of the block layer sends one). */
static long long append(Suite *suite, unsigned long long sector)
{
    struct nvme_passthru_cmd cmd = {
        .opcode = 0x7d, .nsid = suite->disk.nsid,
        .addr = (unsigned long)data, .data_len = BYTES,
        .cdw10 = (unsigned)sector, .cdw11 = (unsigned)(sector >> 32),
        .cdw12 = BYTES / 512 - 1,
    };

    return ioctl(suite->disk.fd, NVME_IOCTL_IO_CMD, &cmd);
}

static long long do_op(Suite *suite, const Case *c)
{
    const ZoneCase *zc = c->data;
    struct blk_zone_range zone = { zone_start(c), ZONE_SECTORS };
    int fd = suite->disk.fd;

    switch (zc->op) {
    case READ:
        return zone_io(suite, false, zone_start(c));
    case WRITE:
        return zone_io(suite, true, zone_start(c) + written(zc));
    case APPEND:
        return append(suite, zone_start(c));
    case OPEN:
        return ioctl(fd, BLKOPENZONE, &zone);
    case FINISH:
        return ioctl(fd, BLKFINISHZONE, &zone);
    case RESET:
        return ioctl(fd, BLKRESETZONE, &zone);
    case NOPS:
        break;
    }
    return -1;
}

static void report(Suite *suite, const Case *c, Outcome *out)
{
    /* the header, and room for the one zone that follows it */
    union {
        struct blk_zone_report header;
        char room[sizeof(struct blk_zone_report) + sizeof(struct blk_zone)];
    } got = { .header = { .sector = zone_start(c), .nr_zones = 1 } };
    const struct blk_zone *zone = got.header.zones;

    if (ioctl(suite->disk.fd, BLKREPORTZONE, &got) ||
        got.header.nr_zones != 1) {
        buf_json_str(&out->observed, "report", strerrorname_np(errno));
        return;
    }
    buf_json_int(&out->observed, "cond", zone->cond);
    buf_json_int(&out->observed, "wp", zone->wp == ~0ULL ? NO_WP :
                 (long long)(zone->wp - zone->start));
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    out->value = do_op(suite, c);
    if (out->value < 0) {
        out->error = errno;
    }
    report(suite, c, out);
}

/* Whatever the zone is, it is empty and reported truly again, and the limits
 * are what they were. */
static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    struct blk_zone_range first = { 0, ZONE_SECTORS };
    char arguments[400];

    (void)out;
    snprintf(arguments, sizeof(arguments),
             "{\"triggers\":[{\"trigger\":\"zone\",\"slba\":%llu,"
             "\"state\":\"empty\",\"reported-write-pointer\":0},"
             "{\"trigger\":\"zone\",\"max-open\":%d,\"max-active\":%d}]}",
             zone_start(c), MAX_OPEN, MAX_ACTIVE);
    suite_request(suite, "nvme-fi-trigger", arguments, NULL);
    ioctl(suite->disk.fd, BLKRESETZONE, &first);
}

static const char *errno_of(const ZoneCase *zc)
{
    return zc->status == TOO_OPEN ? "ETOOMANYREFS" :
           zc->status == TOO_ACTIVE ? "EOVERFLOW" : "EIO";
}

/* A passthrough ioctl returns the status, everything else an errno. */
static void add_result(Buf *record, const ZoneCase *zc)
{
    bool is_io = zc->op == READ || zc->op == WRITE;

    buf_json_key(record, "result");
    if (zc->op == APPEND) {
        buf_printf(record, "{\"value\":%d,\"errno\":null",
                   zc->status ? zc->status | DNR : 0);
    } else if (zc->status) {
        buf_printf(record, "{\"value\":-1,\"errno\":\"%s\"", errno_of(zc));
    } else {
        buf_printf(record, "{\"value\":%d,\"errno\":null",
                   is_io ? BYTES : 0);
    }
    buf_printf(record, ",\"observed\":{\"cond\":%d,\"wp\":%lld}}", zc->cond,
               zc->wp);
}

/* Each of these statuses has DNR set; a zone report is an I/O command, too. */
static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    const ZoneCase *zc = c->data;

    (void)suite, (void)out;
    buf_json_key(record, "stimulus");
    buf_printf(record, "{\"op\":\"%s\",\"zoned\":true,\"change\":\"%s\"}",
               op_names[zc->op], zc->name);
    buf_json_key(record, "expected");
    buf_printf(record, "{\"device\":{\"hits\":1},\"driver\":{"
               "\"completions\":[{\"status\":%d,\"retries\":0},"
               "{\"status\":0,\"retries\":0}]}",
               zc->status ? zc->status | DNR : 0);
    add_result(record, zc);
    buf_puts(record, "}");
    buf_json_str(record, "from", "nvme_error_status(), "
                 "nvme_zone_parse_entry(), blkdev_zone_mgmt()");
}

static const SuiteClass zonefault_class = {
    .name = "zonefault",
    .machine = "{\"kernel\":\"nvme_core.multipath=N\",\"drives\":["
               "{\"id\":\"zones\",\"size\":67108864}],\"devices\":["
               "{\"driver\":\"nvme\",\"id\":\"nvme0\",\"serial\":"
               "\"nvme-fi\"},"
               "{\"driver\":\"nvme-ns\",\"drive\":\"zones\",\"nsid\":1,"
               "\"zoned\":true,\"zoned.zone_size\":1048576,"
               "\"zoned.max_open\":3,\"zoned.max_active\":5}]}",
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

int main(int argc, char **argv)
{
    return suite_main(&zonefault_class, argc, argv);
}
