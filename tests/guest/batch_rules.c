/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "batch": where the commands of a case go, and the rules that hold them.
 */
#include "batch_suite.h"

#define STRIDE     16           /* blocks from one command to the next: they
                                   are not to be merged */
#define REGION     1024         /* blocks of each case */
#define FIRST_LBA  2048
#define ZONE_LBAS  2048
#define ZONES      64

Where batch_where(const BatchCase *bc)
{
    return bc->path == APPEND ? ZONED :
           bc->path == SOFTIRQ || bc->path == NO_POLL ? ONE_QUEUE : PLAIN;
}

const char *batch_device(const BatchCase *bc)
{
    return batch_where(bc) == ONE_QUEUE ? "nvme1" : "nvme0";
}

uint64_t batch_slba(const Case *c, unsigned i)
{
    const BatchCase *bc = c->data;

    return bc->path == APPEND ? (uint64_t)(c->ordinal % ZONES) * ZONE_LBAS :
           FIRST_LBA + (uint64_t)c->ordinal * REGION + i * STRIDE;
}

static void begin_rule(const Case *c, Buf *buf, unsigned number)
{
    const BatchCase *bc = c->data;
    unsigned nlb = bc->path == APPEND ? ZONE_LBAS : REGION;

    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u.%u\",", c->ordinal, number);
    if (bc->path == FLUSH) {
        buf_puts(buf, "\"opcode\":\"flush\"");
        return;
    }
    buf_printf(buf, "\"opcode\":\"%s\",\"nsid\":%d,\"slba\":%llu,\"nlb\":%u",
               bc->path == APPEND ? "zone-append" :
               bc->write ? "write" : "read",
               batch_where(bc) == ZONED ? 2 : 1,
               (unsigned long long)batch_slba(c, 0), nlb);
}

static void single_rule(const BatchCase *bc, Buf *buf)
{
    static const char *const actions[] = {
        [GOOD] = "none", [ALL] = "status\",\"dnr\":true,\"status\":\""
        "access-denied", [RETRIED] = "status\",\"status\":\"internal-error",
    };

    buf_printf(buf, ",\"times\":1,\"action\":\"%s\"}", actions[bc->pattern]);
}

/* All are held; those that are to fail are not carried out. */
void batch_add_rules(const Case *c, Buf *buf)
{
    const BatchCase *bc = c->data;
    unsigned number = 0, good = 0;

    begin_rule(c, buf, number++);
    if (batch_is_single(bc)) {
        single_rule(bc, buf);
        return;
    }
    for (unsigned i = 0; i < bc->n; i++) {
        good += !batch_fails(bc, i);
    }
    buf_printf(buf, ",\"times\":%u,\"action\":\"hold\",\"execute\":%s}",
               good ? good : bc->n, good ? "true" : "false");
    for (unsigned i = 0; good && i < bc->n; i++) {
        if (batch_fails(bc, i)) {
            begin_rule(c, buf, number++);
            buf_printf(buf, ",\"skip\":%u,\"times\":1,\"action\":\"hold\"}",
                       i);
        }
    }
}
