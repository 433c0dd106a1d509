/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says about a case: trace events and kernel log.
 */
#include "evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TRACING "/sys/kernel/tracing"

/* Of one record; the runner's lines stay far below its limit. */
#define LINES_BYTES (16 * 1024)

static const char *const trace_events[] = {
    "nvme/nvme_setup_cmd",
    "nvme/nvme_complete_rq",
    "block/block_rq_complete",
    "block/block_rq_requeue",
    "block/block_bio_complete",
    "block/block_rq_error",     /* from 5.18; the others are older */
};

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int ret = 0;

    if (fd < 0) {
        return -errno;
    }
    if (write(fd, text, strlen(text)) < 0) {
        ret = -errno;
    }
    close(fd);
    return ret;
}

static int trace_on(void)
{
    char path[200];
    size_t i;
    int ret;

    /* 256 cases with all their retries take less than 1 MiB. */
    ret = write_file(TRACING "/buffer_size_kb", "4096");
    for (i = 0; !ret && i < sizeof(trace_events) / sizeof(char *); i++) {
        snprintf(path, sizeof(path), TRACING "/events/%s/enable",
                 trace_events[i]);
        ret = write_file(path, "1");
        if (ret == -ENOENT && strstr(path, "block_rq_error")) {
            ret = 0;
        }
    }
    return ret ? ret : write_file(TRACING "/tracing_on", "1");
}

int evidence_open(Evidence *evidence)
{
    int ret;

    *evidence = (Evidence){ .trace = -1, .marker = -1, .log = -1 };
    ret = trace_on();
    if (ret) {
        return ret;
    }
    evidence->trace = open(TRACING "/trace_pipe",
                           O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    evidence->marker = open(TRACING "/trace_marker", O_WRONLY | O_CLOEXEC);
    evidence->log = open("/dev/kmsg", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (evidence->trace < 0 || evidence->marker < 0 || evidence->log < 0 ||
        lseek(evidence->log, 0, SEEK_END) < 0) {
        return -errno;
    }
    return 0;
}

int evidence_narrow(void)
{
    static const char *const filters[][2] = {
        { "nvme/nvme_setup_cmd/enable", "0" },
        { "nvme/nvme_complete_rq/filter", "status != 0 || retries != 0" },
        { "block/block_rq_complete/filter", "error != 0" },
        { "block/block_bio_complete/filter", "error != 0" },
    };
    char path[200];
    size_t i;
    int ret = 0;

    for (i = 0; !ret && i < sizeof(filters) / sizeof(filters[0]); i++) {
        snprintf(path, sizeof(path), TRACING "/events/%s", filters[i][0]);
        ret = write_file(path, filters[i][1]);
    }
    return ret;
}

void evidence_close(Evidence *evidence)
{
    if (evidence->trace >= 0) {
        close(evidence->trace);
    }
    if (evidence->marker >= 0) {
        close(evidence->marker);
    }
    if (evidence->log >= 0) {
        close(evidence->log);
    }
    buf_free(&evidence->trace_text);
    buf_free(&evidence->log_text);
}

void evidence_mark(Evidence *evidence, const char *what, unsigned int ordinal)
{
    char text[64];
    int n;

    n = snprintf(text, sizeof(text), "nvme-fi %s %u\n", what, ordinal);
    if (write(evidence->marker, text, n) != n) {
        evidence->lost = true;
    }
    /* Level 6: below what the console prints. */
    n = snprintf(text, sizeof(text), "<6>nvme-fi %s %u\n", what, ordinal);
    if (write(evidence->log, text, n) != n) {
        evidence->lost = true;
    }
}

/* Sends the lines of @text as records of @type. */
static void send_lines(Ports *ports, const char *type, Buf *text)
{
    char *line = text->data, *end = text->data + text->len;
    Buf record = { 0 };

    while (line < end) {
        buf_clear(&record);
        buf_printf(&record, "{\"type\":\"%s\",\"lines\":[", type);
        while (line < end && record.len < LINES_BYTES) {
            char *eol = memchr(line, '\n', end - line);
            size_t len = eol ? eol - line : end - line;

            if (len) {
                buf_json_sep(&record);
                buf_json_string(&record, line, len);
            }
            line += len + 1;
        }
        buf_puts(&record, "]}");
        ports_send(ports, record.data);
    }
    buf_free(&record);
    buf_clear(text);
}

static void read_trace(Evidence *evidence)
{
    char block[8192];
    ssize_t n;

    while ((n = read(evidence->trace, block, sizeof(block))) > 0 ||
           (n < 0 && errno == EINTR)) {
        if (n > 0) {
            buf_add(&evidence->trace_text, block, n);
        }
    }
    if (evidence->trace_text.len &&
        strstr(evidence->trace_text.data, "[LOST ")) {
        evidence->lost = true;
    }
}

/* One read is one record; its continuation lines hold the device. */
static void read_log(Evidence *evidence)
{
    char record[8192];
    ssize_t n;

    for (;;) {
        n = read(evidence->log, record, sizeof(record));
        if (n > 0) {
            char *eol = memchr(record, '\n', n);

            buf_add(&evidence->log_text, record, eol ? eol - record : n);
            buf_puts(&evidence->log_text, "\n");
        } else if (n < 0 && errno == EPIPE) {
            evidence->lost = true;
        } else if (!(n < 0 && errno == EINTR)) {
            break;
        }
    }
}

size_t evidence_drain(Evidence *evidence, Ports *ports)
{
    size_t bytes;

    read_trace(evidence);
    read_log(evidence);
    bytes = evidence->trace_text.len;
    send_lines(ports, "trace", &evidence->trace_text);
    send_lines(ports, "log", &evidence->log_text);
    return bytes;
}
