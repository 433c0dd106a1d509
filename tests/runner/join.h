/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Joins what the drive, the trace, the kernel log and the API said about
 * each case of a batch. A batch is joined when the guest has ended it and
 * the drive's evidence is in, whichever comes first.
 */
#ifndef NVME_FI_RUNNER_JOIN_H
#define NVME_FI_RUNNER_JOIN_H

#include "device.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

/* Everything observed of one case; borrowed, valid during the call. */
typedef struct Evidence {
    guint ordinal;
    JsonObject *message;    /* the guest's "case" message, NULL if lost */
    JsonObject *device;     /* {hits, commands[, violations]} */
    JsonObject *driver;     /* {completions[, admin][, functions]} */
    JsonObject *block;      /* {errno, requeues, bios}; status comes later */
    bool block_seen;        /* a block request ended */
    JsonArray *log;
    gint64 matches;
    const char *gap;        /* what is missing, one sentence, or NULL */
} Evidence;

typedef struct Join Join;

Join *join_new(void (*ready)(void *opaque, Evidence *evidence),
               void *opaque);
void join_free(Join *join);

/* Messages of the results port, in the order of their coming; borrowed. */
void join_add_case(Join *join, guint ordinal, JsonObject *message);
void join_add_trace(Join *join, JsonArray *lines);
void join_add_log(Join *join, JsonArray *lines);
void join_end_batch(Join *join, gint64 batch);

/* The drive's evidence of @batch; takes @device. */
void join_add_device(Join *join, gint64 batch, DeviceEvidence *device);

/* True when no ended batch waits for the drive's evidence. */
bool join_is_idle(const Join *join);

/* Fills in what a case has when only the drive can still be asked. */
void join_device_only(Evidence *evidence, DeviceEvidence *device);

/* Drops what the members of @evidence own. */
void evidence_clear(Evidence *evidence);

#endif
