/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "zoned": each status of the Zoned Namespace Command Set, at each
 * command that a host sends to a zone.
 */
#include "zoned_steps.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ZNS 1.2, 3.1.1: command specific statuses. */
static const struct {
    int status;
    const char *name, *error;
} statuses[] = {
    { 0x1b8, "boundary-error", "EIO" },
    { 0x1b9, "full", "EIO" },
    { 0x1ba, "read-only", "EIO" },
    { 0x1bb, "offline", "EIO" },
    { 0x1bc, "invalid-write", "EIO" },
    { 0x1bd, "too-many-active", "EOVERFLOW" },
    { 0x1be, "too-many-open", "ETOOMANYREFS" },
    { 0x1bf, "invalid-transition", "EIO" },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* "" in results: the errno; NULL: the status in hex, as an ioctl returns it. */
static const struct {
    const char *name, *opcode, *steps, *results;
    char wire;                  /* see zoned_wire() */
    const char *calls, *calls_plug, *from;
    int nsid;
} ops[] = {
    { "write", "write", "w0", "", 'W',
      "blk_zone_plug_bio=1 blk_zone_write_plug_bio_endio=1 nvme_complete_rq=1",
      NULL,
      "nvme_error_status(), blk_status_to_errno()", ZONED_ZNS },
    /* A passthrough request is completed in a batch even if it failed, where
     * there is no scheduler: the block layer is told of no error. */
    { "append", "zone-append", "a", NULL, 'A', "nvme_complete_rq=1",
      "nvme_complete_batch_req=1 nvme_complete_rq=0 blk_zone_plug_bio=0",
      "nvme_submit_user_cmd(), blk_mq_add_to_batch()", ZONED_ZNS },
    { "reset", "zone-management-send", "e", "", 'S',
      "nvme_setup_zone_mgmt_send=1 nvme_complete_rq=1", NULL,
      "blkdev_zone_mgmt(): submit_bio_wait()", ZONED_ZNS },
    { "open", "zone-management-send", "o", "", 'S',
      "nvme_setup_zone_mgmt_send=1 nvme_complete_rq=1", NULL,
      "blkdev_zone_mgmt(): submit_bio_wait()", ZONED_ZNS },
    { "close", "zone-management-send", "l", "", 'S',
      "nvme_setup_zone_mgmt_send=1 nvme_complete_rq=1", NULL,
      "blkdev_zone_mgmt(): submit_bio_wait()", ZONED_ZNS },
    { "finish", "zone-management-send", "f", "", 'S',
      "nvme_setup_zone_mgmt_send=1 nvme_complete_rq=1", NULL,
      "blkdev_zone_mgmt(): submit_bio_wait()", ZONED_ZNS },
    { "report", "zone-management-receive", "r", "EIO", 'R',
      "nvme_ns_report_zones=1 nvme_complete_rq=1",
      "nvme_ns_report_zones=1 nvme_complete_batch_req=1 nvme_complete_rq=0",
      "nvme_ns_report_zones(): whatever the status, -EIO", ZONED_ZNS },
    /* The driver does not look at what it is a namespace of. */
    { "conventional-write", "write", "n0", "", 'W',
      "blk_zone_plug_bio=0 blk_zone_write_plug_bio_endio=0 nvme_complete_rq=1",
      NULL,
      "nvme_error_status(), blk_status_to_errno()", ZONED_PLAIN },
};

static char *text_of(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

static char *text_of(const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0) {
        abort();
    }
    va_end(args);
    return text;
}

static StepCase *make(size_t op, size_t at)
{
    StepCase *sc = calloc(1, sizeof(*sc));
    int posted = statuses[at].status | ZONED_DNR;

    sc->steps = ops[op].steps;
    sc->nsid = ops[op].nsid;
    sc->opcode = ops[op].opcode;
    sc->block = -1;
    sc->fault = text_of("\"times\":1,\"action\":\"status\",\"status\":"
                        "\"0x%x\",\"dnr\":true", statuses[at].status);
    sc->results[0] = !ops[op].results ? text_of("%x", posted) :
                     !*ops[op].results ? statuses[at].error :
                     ops[op].results;
    sc->wire[0] = text_of("%c!%x", ops[op].wire, posted);
    sc->calls = ops[op].calls;
    sc->calls_plug = ops[op].calls_plug;
    sc->block_errno[0] = statuses[at].error;
    sc->block_errno[1] = ops[op].calls_plug ? "" : NULL;
    sc->from = ops[op].from;
    return sc;
}

void zoned_add_statuses(Suite *suite)
{
    char name[80];

    for (size_t op = 0; op < COUNT(ops); op++) {
        for (size_t at = 0; at < COUNT(statuses); at++) {
            snprintf(name, sizeof(name), "zoned/status/%s/%s", ops[op].name,
                     statuses[at].name);
            zoned_add_steps(suite, make(op, at), name);
        }
    }
}
