/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "media": what the kernel makes of a block that is bad and stays so,
 * until it is written.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/suite.h"

#define IO_BYTES 4096
#define FIRST_BYTE (64 * 1024 * 1024)   /* far from partitions that might be */
#define STEP_BYTES (1024 * 1024)        /* beyond any readahead */
#define BAD_BLOCK 3                     /* of those of a case, from 0 */
#define UNRECOVERED_READ 0x281
/* nvme_max_retries (drivers/nvme/host/core.c): so often a status without Do
 * Not Retry is tried again. */
#define RETRIES 5
#define LIVE_MS 25000

typedef struct MediaCase {
    const char *name;
    void (*run)(Suite *suite, const Case *c, Outcome *out);
    /* Expected: the value and the errno, or SIGBUS, members of observed, and
     * whether the driver's completions are those of one direct read. */
    long long value;
    const char *error;
    const char *observed;
    bool direct;
} MediaCase;

static char data[IO_BYTES] __attribute__((aligned(IO_BYTES)));
static sigjmp_buf bus_jump;

static off_t place(const Case *c)
{
    return FIRST_BYTE + (off_t)c->ordinal * STEP_BYTES;
}

static uint64_t bad_lba(const Suite *suite, const Case *c)
{
    return place(c) / suite->disk.lba_bytes + BAD_BLOCK;
}

static void finish(Outcome *out, ssize_t n)
{
    out->value = n;
    out->error = n < 0 ? errno : 0;
}

/* Whether the drive says that the block is bad. */
static void observe_drive(Suite *suite, const Case *c, Outcome *out)
{
    char want[64];
    Buf answer = { 0 };

    snprintf(want, sizeof(want), "\"slba\":%llu",
             (unsigned long long)bad_lba(suite, c));
    if (suite_request(suite, "query-nvme-fi",
                      "{\"device\":\"nvme0\",\"ids\":[]}", &answer)) {
        buf_json_bool(&out->observed, "bad", strstr(answer.data, want));
    }
    buf_free(&answer);
}

static void read_direct(Suite *suite, const Case *c, Outcome *out)
{
    finish(out, pread(suite->disk.fd, data, IO_BYTES, place(c)));
    observe_drive(suite, c, out);
}

/* The blocks beside the bad one. */
static void read_beside(Suite *suite, const Case *c, Outcome *out)
{
    size_t lba = suite->disk.lba_bytes;

    finish(out, pread(suite->disk.fd, data, IO_BYTES, place(c)));
    buf_json_int(&out->observed, "before",
                 pread(suite->disk.fd, data, BAD_BLOCK * lba, place(c)));
    buf_json_int(&out->observed, "behind",
                 pread(suite->disk.fd, data, lba,
                       place(c) + (BAD_BLOCK + 1) * lba));
}

static int open_cached(Suite *suite)
{
    int fd = open(suite->disk.path, O_RDONLY | O_CLOEXEC);

    if (fd >= 0) {
        posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
    }
    return fd;
}

static void read_buffered(Suite *suite, const Case *c, Outcome *out)
{
    int fd = open_cached(suite);

    finish(out, pread(fd, data, IO_BYTES, place(c)));
    /* an error is no content: the page is read again */
    buf_json_int(&out->observed, "again",
                 pread(fd, data, IO_BYTES, place(c)) < 0 ? errno : 0);
    close(fd);
    observe_drive(suite, c, out);
}

static void on_bus(int number)
{
    (void)number;
    siglongjmp(bus_jump, 1);
}

static void read_mmap(Suite *suite, const Case *c, Outcome *out)
{
    struct sigaction action = { .sa_handler = on_bus }, before;
    int fd = open_cached(suite);
    volatile char *map = mmap(NULL, IO_BYTES, PROT_READ, MAP_SHARED, fd,
                              place(c));

    sigaction(SIGBUS, &action, &before);
    if (sigsetjmp(bus_jump, 1)) {
        out->value = -1;
        out->signal = "SIGBUS";
    } else {
        out->value = map[0];
    }
    sigaction(SIGBUS, &before, NULL);
    munmap((void *)map, IO_BYTES);
    close(fd);
    observe_drive(suite, c, out);
}

static void write_heals(Suite *suite, const Case *c, Outcome *out)
{
    ssize_t first = pread(suite->disk.fd, data, IO_BYTES, place(c));

    buf_json_int(&out->observed, "before", first < 0 ? errno : 0);
    memset(data, 0x5a, IO_BYTES);
    if (pwrite(suite->disk.fd, data, IO_BYTES, place(c)) != IO_BYTES) {
        finish(out, -1);
        return;
    }
    memset(data, 0, IO_BYTES);
    finish(out, pread(suite->disk.fd, data, IO_BYTES, place(c)));
    out->data = data[0] == 0x5a && data[IO_BYTES - 1] == 0x5a ? "new" : "old";
    observe_drive(suite, c, out);
}

/* A direct write of one block leaves the others, and those bad. */
static void write_beside(Suite *suite, const Case *c, Outcome *out)
{
    memset(data, 0x5a, IO_BYTES);
    buf_json_int(&out->observed, "first",
                 pread(suite->disk.fd, data, IO_BYTES, place(c)) < 0 ?
                 errno : 0);
    buf_json_int(&out->observed, "written",
                 pwrite(suite->disk.fd, data, suite->disk.lba_bytes,
                        place(c)));
    read_direct(suite, c, out);
}

static void reset_does_not_heal(Suite *suite, const Case *c, Outcome *out)
{
    ssize_t first = pread(suite->disk.fd, data, IO_BYTES, place(c));
    int fd = open("/sys/class/nvme/nvme0/reset_controller",
                  O_WRONLY | O_CLOEXEC);

    buf_json_int(&out->observed, "before", first < 0 ? errno : 0);
    buf_json_bool(&out->observed, "reset", write(fd, "1", 1) == 1);
    close(fd);
    buf_json_bool(&out->observed, "live",
                  ctrl_wait_state("nvme0", "live", LIVE_MS));
    read_direct(suite, c, out);
}

static bool get_log(const Suite *suite, unsigned int lid, void *page,
                    size_t bytes)
{
    struct nvme_passthru_cmd cmd = {
        .opcode = 0x02, .nsid = 0xffffffff, .addr = (uintptr_t)page,
        .data_len = bytes, .cdw10 = (bytes / 4 - 1) << 16 | lid,
    };

    return !ioctl(suite->disk.fd, NVME_IOCTL_ADMIN_CMD, &cmd);
}

/* Little endian number of 8 bytes (NVMe Base 2.1, 1.4.5). */
static long long number(const uint8_t *bytes)
{
    long long value = 0;
    int i;

    for (i = 7; i >= 0; i--) {
        value = value << 8 | bytes[i];
    }
    return value;
}

/* NVMe Base 2.1, 5.1.12.1.2 and 5.1.12.1.3: the newest entry is the first; its
 * LBA is in bytes 16 to 23. Media errors from byte 160, entries from 176. */
static void counters(Suite *suite, const Case *c, Outcome *out)
{
    uint8_t before[512] = { 0 }, after[512] = { 0 }, entry[64] = { 0 };
    bool ok = get_log(suite, 2, before, sizeof(before));

    finish(out, pread(suite->disk.fd, data, IO_BYTES, place(c)));
    ok &= get_log(suite, 2, after, sizeof(after));
    ok &= get_log(suite, 1, entry, sizeof(entry));
    buf_json_bool(&out->observed, "logs", ok);
    buf_json_int(&out->observed, "media-errors",
                 number(after + 160) - number(before + 160));
    buf_json_int(&out->observed, "error-entries",
                 number(after + 176) - number(before + 176));
    buf_json_int(&out->observed, "block-of-newest",
                 number(entry + 16) - (long long)bad_lba(suite, c));
}

#define TRIES "6"               /* RETRIES + 1 */

static MediaCase cases[] = {
    { "media/read-direct", read_direct, -1, "ENODATA", "\"bad\":true", true },
    { "media/read-beside", read_beside, -1, "ENODATA",
      "\"before\":1536,\"behind\":512" },
    { "media/read-buffered", read_buffered, -1, "EIO",
      "\"again\":5,\"bad\":true" },
    { "media/read-mmap", read_mmap, -1, "SIGBUS", "\"bad\":true" },
    { "media/write-heals", write_heals, IO_BYTES, NULL,
      "\"before\":61,\"bad\":false" },
    { "media/write-beside", write_beside, -1, "ENODATA",
      "\"first\":61,\"written\":512,\"bad\":true" },
    { "media/reset-does-not-heal", reset_does_not_heal, -1, "ENODATA",
      "\"before\":61,\"reset\":true,\"live\":true,\"bad\":true" },
    { "media/counters", counters, -1, "ENODATA",
      "\"logs\":true,\"media-errors\":" TRIES ",\"error-entries\":" TRIES
      ",\"block-of-newest\":0" },
};

static int load(Suite *suite)
{
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        suite_add(suite, strdup(cases[i].name), &cases[i])->alone = true;
    }
    return 0;
}

/* The first read of the case makes one of its blocks bad, and meets it. */
static void rules(Suite *suite, const Case *c, Buf *buf)
{
    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u\",\"action\":\"none\",\"opcode\":\"read\","
               "\"slba\":%llu,\"nlb\":%u,\"times\":1,\"trigger\":[{"
               "\"trigger\":\"media\",\"slba\":%llu,\"nlb\":1}]}", c->ordinal,
               (unsigned long long)place(c) / suite->disk.lba_bytes,
               IO_BYTES / suite->disk.lba_bytes,
               (unsigned long long)bad_lba(suite, c));
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)c, (void)out;
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const MediaCase *mc = c->data;

    mc->run(suite, c, out);
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    char arguments[160];

    (void)out;
    snprintf(arguments, sizeof(arguments), "{\"device\":\"nvme0\","
             "\"triggers\":[{\"trigger\":\"media\",\"slba\":%llu,"
             "\"good\":true}]}", (unsigned long long)bad_lba(suite, c));
    suite_request(suite, "nvme-fi-trigger", arguments, NULL);
}

/* nvme_decide_disposition() and nvme_error_status() (drivers/nvme/host/core.c):
 * without DNR it is retried, then BLK_STS_MEDIUM. nvme_log_error() has a line
 * for it, and blk_print_req_error() another. */
static void describe_driver(Buf *record)
{
    int i;

    buf_puts(record, ",\"driver\":{\"completions\":[");
    for (i = 0; i <= RETRIES; i++) {
        buf_printf(record, "%s{\"status\":%d,\"retries\":%d}", i ? "," : "",
                   UNRECOVERED_READ, i);
    }
    buf_puts(record, "]},\"block\":{\"errno\":\"ENODATA\",\"status\":"
             "\"MEDIUM\"},\"log\":[[\"(sct 0x2 / sc 0x81)\"],"
             "[\"critical medium error\"]]");
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    const MediaCase *mc = c->data;
    bool bus = mc->error && !strcmp(mc->error, "SIGBUS");

    (void)suite, (void)out;
    buf_json_key(record, "stimulus");
    buf_puts(record, "{\"op\":\"read\",\"under\":\"bad block\"}");
    buf_json_key(record, "expected");
    buf_puts(record, "{\"device\":{\"hits\":1}");
    if (mc->direct) {
        describe_driver(record);
    }
    buf_printf(record, ",\"result\":{\"value\":%lld", mc->value);
    if (bus) {
        buf_json_str(record, "signal", "SIGBUS");
    } else if (mc->error) {
        buf_json_str(record, "errno", mc->error);
    } else {
        buf_puts(record, ",\"errno\":null,\"data\":\"new\"");
    }
    buf_printf(record, ",\"observed\":{%s}}}", mc->observed);
}

static const SuiteClass media_class = {
    .name = "media",
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

int main(int argc, char **argv)
{
    return suite_main(&media_class, argc, argv);
}
