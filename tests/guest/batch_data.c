/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "batch": what is written and read, and what came of it.
 */
#include "batch_suite.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define LOG_MS 20000            /* far longer than any of it takes */

static uint8_t buffers[BATCH_MAX][BATCH_BYTES]
    __attribute__((aligned(BATCH_BYTES)));
Transfer batch_transfers[BATCH_MAX];
unsigned batch_order[BATCH_MAX];

static void fill(const Case *c, unsigned i, uint8_t *buffer)
{
    for (unsigned at = 0; at < BATCH_BYTES; at++) {
        buffer[at] = (uint8_t)(1 + (c->ordinal * 7 + i * 3 + at / 512) % 250);
    }
}

/* 'n': what is to be there, 'o': nothing came, 'd': something else. */
static char compare(const Case *c, unsigned i, const uint8_t *buffer,
                    uint8_t nothing)
{
    static uint8_t want[BATCH_BYTES];

    fill(c, i, want);
    if (!memcmp(want, buffer, BATCH_BYTES)) {
        return 'n';
    }
    memset(want, nothing, BATCH_BYTES);
    return memcmp(want, buffer, BATCH_BYTES) ? 'd' : 'o';
}

/* What a read is to find; a write gets its data. */
const char *batch_fill(const Case *c)
{
    const BatchCase *bc = c->data;
    int fd = batch_disk(bc);

    for (unsigned i = 0; i < bc->n; i++) {
        off_t at = (off_t)batch_slba(c, i) * 512;

        batch_transfers[i] = (Transfer){
            .buffer = buffers[i], .slba = batch_slba(c, i),
        };
        fill(c, i, buffers[i]);
        if (bc->write) {
            continue;
        }
        if (pwrite(fd, buffers[i], BATCH_BYTES, at) != BATCH_BYTES) {
            return "the blocks cannot be written";
        }
        memset(buffers[i], 0xee, BATCH_BYTES);
    }
    return NULL;
}

static void add_text(Buf *buf, const char *key, const Buf *text)
{
    buf_json_str(buf, key, text->data);
}

void batch_observe(const Case *c, Outcome *out)
{
    const BatchCase *bc = c->data;
    Buf results = { 0 }, sequence = { 0 };
    char data[BATCH_MAX + 1] = "";

    for (unsigned i = 0; i < bc->n; i++) {
        const Transfer *t = &batch_transfers[i];
        const char *gap = i ? " " : "";

        out->value += t->res == (batch_is_pass(bc) || bc->path == FLUSH ? 0 :
                                 BATCH_BYTES);
        if (t->res < 0) {
            buf_printf(&results, "%s%s", gap, strerrorname_np(-t->res));
        } else {
            buf_printf(&results, "%s%lld", gap, t->res);
        }
        buf_printf(&sequence, "%s%u", gap, batch_order[i]);
        data[i] = compare(c, i, buffers[i], 0xee);
    }
    add_text(&out->observed, "results", &results);
    if (bc->path <= SOFTIRQ) {
        add_text(&out->observed, "order", &sequence);
    }
    if (!bc->write) {
        buf_json_str(&out->observed, "data", data);
    }
    buf_free(&results);
    buf_free(&sequence);
}

/* Where each of the appends went, as a place in the zone. */
static void look_at_appends(const Case *c, Outcome *out)
{
    const BatchCase *bc = c->data;
    Buf places = { 0 };

    for (unsigned i = 0; i < bc->n; i++) {
        const Transfer *t = &batch_transfers[i];

        buf_printf(&places, "%s%lld", i ? " " : "", t->res ? -1 :
                   (long long)(t->result - t->slba));
    }
    add_text(&out->observed, "places", &places);
    buf_free(&places);
}

/* What is on the disk then. */
void batch_look(const Case *c, Outcome *out)
{
    const BatchCase *bc = c->data;
    char data[BATCH_MAX + 1] = "";

    for (unsigned i = 0; i < bc->n; i++) {
        const Transfer *t = &batch_transfers[i];
        off_t at = (off_t)(bc->path == APPEND ? t->result : t->slba) * 512;

        if (bc->path == APPEND && t->res) {
            data[i] = 'o';      /* it is nowhere */
        } else if (pread(batch_disk(bc), buffers[i], BATCH_BYTES, at) !=
                   BATCH_BYTES) {
            data[i] = '?';
        } else {
            data[i] = compare(c, i, buffers[i], 0);
        }
    }
    if (bc->path == APPEND) {
        look_at_appends(c, out);
    }
    buf_json_str(&out->observed, "data", data);
}

int batch_open_log(void)
{
    int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    lseek(log, 0, SEEK_END);
    return log;
}

bool batch_wait_log(int log, const char *text)
{
    struct pollfd poller = { .fd = log, .events = POLLIN };
    char record[2048];
    ssize_t n;

    while (poll(&poller, 1, LOG_MS) == 1) {
        while ((n = read(log, record, sizeof(record) - 1)) > 0) {
            record[n] = '\0';
            if (strstr(record, text)) {
                return true;
            }
        }
    }
    return false;
}
