/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the drive says about each case: its answers to query-nvme-fi and
 * query-nvme-fi-log, sorted by the ids of rules, "c<ordinal>[.<n>]".
 */
#ifndef NVME_FI_RUNNER_DEVICE_H
#define NVME_FI_RUNNER_DEVICE_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

typedef struct DeviceEvidence DeviceEvidence;

typedef struct CaseDevice {
    gint64 hits;            /* summed over the rules of the case */
    gint64 matches;
    gint64 acted;           /* commands that a rule acted on, in the log */
    JsonArray *commands;    /* {seq, qid, cid, opcode, executed[, status]} */
} CaseDevice;

/* @log and @info are what the two commands returned; either may be NULL. */
DeviceEvidence *device_evidence_new(JsonObject *log, JsonObject *info);
void device_evidence_free(DeviceEvidence *evidence);

/* NULL when the drive knows no rule of that case; borrowed. */
const CaseDevice *device_evidence_case(DeviceEvidence *evidence,
                                       guint ordinal);

/* Commands that fell out of the drive's log before they were read. */
gint64 device_evidence_lost(const DeviceEvidence *evidence);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DeviceEvidence, device_evidence_free)

#endif
