/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "errno": what an NVMe status becomes at each layer and each API.
 */
#include "suite_errno.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/async.h"

/* Away from what the kernel reads by itself to find partitions. */
#define FIRST_BYTE (1024 * 1024)

#define MAX_RETRIES "/sys/module/nvme_core/parameters/max_retries"

static Tables tables;
static char data[2 * IO_BYTES] __attribute__((aligned(IO_BYTES)));
static char before[IO_BYTES] __attribute__((aligned(IO_BYTES)));
static Job job;
static char max_retries_before[16];

uint64_t errno_offset(const Suite *suite, const Case *c)
{
    uint64_t bytes = suite->disk.nlbas * suite->disk.lba_bytes;
    uint64_t slots = (bytes - FIRST_BYTE) / SLOT_BYTES;

    return FIRST_BYTE + c->ordinal % slots * SLOT_BYTES;
}

static int load(Suite *suite)
{
    static const Version oldest = { 6, 1 };

    suite->data = &tables;
    if (version_compare(suite->kernel, oldest) < 0) {
        /* It is observed only: the cases of the oldest one that is known. */
        suite->kernel = oldest;
    }
    if (tables_load(&tables, suite)) {
        return -1;
    }
    errno_add_cases(suite);
    return 0;
}

static void rules(Suite *suite, const Case *c, Buf *buf)
{
    const ErrnoCase *ec = c->data;
    uint16_t code = ec->status & STATUS_CODE;
    unsigned int times;

    if (!ec->api) {
        return;
    }
    times = errno_times(suite, ec);
    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u\",\"action\":\"status\",\"queue\":\"io\","
               "\"opcode\":\"%s\"", c->ordinal, op_nvme_name(ec->api->op));
    if (ec->api->op != OP_FLUSH) {
        buf_json_int(buf, "slba", errno_offset(suite, c) /
                     suite->disk.lba_bytes);
        buf_json_int(buf, "nlb", IO_BYTES / suite->disk.lba_bytes);
    }
    if (tables.status_name[code]) {
        buf_json_str(buf, "status", tables.status_name[code]);
    } else {
        buf_printf(buf, ",\"status\":\"0x%x\"", code);
    }
    if (ec->status & STATUS_DNR) {
        buf_json_bool(buf, "dnr", true);
    }
    if (ec->status & STATUS_MORE) {
        buf_json_bool(buf, "more", true);
    }
    if (ec->status & STATUS_CRD) {
        buf_json_int(buf, "crd", (ec->status & STATUS_CRD) >> 11);
    }
    if (times) {
        buf_json_int(buf, "times", times);
    }
    if (ec->execute) {
        buf_json_bool(buf, "execute", true);
    }
    buf_puts(buf, "}");
}

static void write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, text, strlen(text)) < 0) {
        perror(path);
    }
    if (fd >= 0) {
        close(fd);
    }
}

static void set_max_retries(int limit)
{
    int fd = open(MAX_RETRIES, O_RDONLY | O_CLOEXEC);
    char text[16];
    ssize_t n = -1;

    if (fd >= 0) {
        n = read(fd, max_retries_before, sizeof(max_retries_before) - 1);
        close(fd);
    }
    max_retries_before[n > 0 ? n : 0] = '\0';
    snprintf(text, sizeof(text), "%d", limit);
    write_text(MAX_RETRIES, text);
}

static void log_passthrough(const Suite *suite, bool on)
{
    char path[80];

    snprintf(path, sizeof(path), "/sys/block/%s/passthru_err_log_enabled",
             suite->disk.name);
    write_text(path, on ? "on" : "off");
}

/* Why this kernel cannot run @ec, or NULL. */
static const char *unable(const Suite *suite, const ErrnoCase *ec)
{
    Row *status = tables_status(&tables, suite->kernel, ec->status);
    Row *api = status ? tables_api(&tables, suite->kernel, ec->api,
                                   status->column[STATUS_BLK]) : NULL;

    if (api && !strcmp(api->column[API_RESULT], "absent")) {
        return "this kernel has no such call";
    }
    if (ec->api->uring && !uring_ready()) {
        return "this kernel has no io_uring with 128-byte entries, or it is "
               "switched off";
    }
    if (ec->api->uring && ec->api->passthrough && suite->disk.ng_fd < 0) {
        return "this kernel has no character device for a namespace";
    }
    return NULL;
}

static void fill(const Case *c)
{
    size_t i;

    /* Never what is there already: the slots begin as zeroes. */
    for (i = 0; i < IO_BYTES; i++) {
        job.data[i] = 1 + (c->ordinal + i) % 255;
    }
}

/* Opens what the API wants, outside of what is measured. */
static const char *open_job(const Suite *suite, const Api *api)
{
    if (api->open_flags < 0) {
        return NULL;
    }
    job.fd = open(suite->disk.path, api->open_flags | O_CLOEXEC);
    if (job.fd < 0) {
        return "the disk cannot be opened a second time";
    }
    if (api->cached) {
        posix_fadvise(job.fd, 0, 0, POSIX_FADV_RANDOM);
    }
    if (api->run == run_mmap) {
        job.map = mmap(NULL, IO_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
                       job.fd, job.offset);
        if (job.map == MAP_FAILED) {
            job.map = NULL;
            return "the disk cannot be mapped";
        }
        madvise(job.map, IO_BYTES, MADV_RANDOM);
    }
    return NULL;
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const ErrnoCase *ec = c->data;

    job = (Job){ .disk = &suite->disk, .fd = -1, .data = data };
    if (!ec->api) {
        out->skip = suite->filtered ? "not all cases run" : NULL;
        return;
    }
    job.op = ec->api->op;
    job.offset = errno_offset(suite, c);
    job.slba = job.offset / suite->disk.lba_bytes;
    job.nlb = IO_BYTES / suite->disk.lba_bytes;
    out->skip = unable(suite, ec);
    if (!out->skip) {
        out->skip = open_job(suite, ec->api);
    }
    if (job.op != OP_READ) {
        fill(c);
    }
    if (ec->read_back &&
        pread(suite->disk.fd, before, IO_BYTES, job.offset) != IO_BYTES) {
        out->skip = "the data before the case cannot be read";
    }
    if (ec->max_retries >= 0) {
        set_max_retries(ec->max_retries);
    }
    if (ec->log_passthrough) {
        log_passthrough(suite, true);
    }
    if (ec->log_page) {
        log_page_before(suite, ec->log_page);
    }
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const ErrnoCase *ec = c->data;

    if (ec->api) {
        ec->api->run(&job, out);
    } else {
        out->value = tables_unused(&tables, suite->kernel, NULL);
    }
}

/* Did the write change the disk? */
static const char *read_back(const Suite *suite, const Case *c)
{
    static char now[IO_BYTES] __attribute__((aligned(IO_BYTES)));

    if (pread(suite->disk.fd, now, IO_BYTES, job.offset) != IO_BYTES) {
        return "unreadable";
    }
    fill(c);
    if (!memcmp(now, job.data, IO_BYTES)) {
        return "new";
    }
    return memcmp(now, before, IO_BYTES) ? "neither" : "old";
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    const ErrnoCase *ec = c->data;

    if (!ec->api) {
        return;
    }
    if (ec->max_retries >= 0) {
        write_text(MAX_RETRIES, max_retries_before);
    }
    if (ec->log_passthrough) {
        log_passthrough(suite, false);
    }
    if (ec->log_page) {
        log_page_after(suite, ec->log_page);
    }
    if (ec->read_back && !out->skip) {
        out->data = read_back(suite, c);
    }
    if (job.map) {
        munmap(job.map, IO_BYTES);
    }
    if (job.fd >= 0) {
        /* A write error that nobody saw would wait for the next opener. */
        if (ec->api->cached && ec->api->op == OP_WRITE) {
            fsync(job.fd);
        }
        close(job.fd);
    }
}

static void result(Suite *suite, const Case *c, Buf *buf)
{
    const ErrnoCase *ec = c->data;

    (void)suite;
    if (ec->log_page) {
        log_page_result(ec->log_page, buf);
    }
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    const ErrnoCase *ec = c->data;

    (void)out;
    if (ec->api) {
        uint16_t code = ec->status & STATUS_CODE;

        buf_json_key(record, "stimulus");
        buf_puts(record, "{");
        buf_json_str(record, "op", op_name(ec->api->op));
        buf_json_str(record, "api", ec->api->name);
        buf_json_int(record, "nsid", suite->disk.nsid);
        if (ec->api->op != OP_FLUSH) {
            buf_json_int(record, "slba", errno_offset(suite, c) /
                         suite->disk.lba_bytes);
            buf_json_int(record, "nlb", IO_BYTES / suite->disk.lba_bytes);
        }
        buf_json_int(record, "status", ec->status & STATUS_CODE);
        buf_json_str(record, "status-name", tables.status_name[code]);
        buf_json_bool(record, "dnr", ec->status & STATUS_DNR);
        buf_puts(record, "}");
    }
    errno_expect(suite, c, record);
}

static const SuiteClass errno_class = {
    .name = "errno",
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .result = result,
    .describe = describe,
};

int main(int argc, char **argv)
{
    return suite_main(&errno_class, argc, argv);
}
