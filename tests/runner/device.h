/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the controllers say about each case: their answers to query-nvme-fi
 * and query-nvme-fi-log, sorted by the ids of rules, "c<ordinal>[.<n>]".
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
    JsonArray *commands;    /* {[device,] seq, qid, cid, opcode, executed
                               [, status]} */
    JsonArray *violations;  /* ids of rules that were violated */
    JsonArray *rules;       /* {id, matches, hits}, of a session; or NULL */
    gint64 more;            /* commands of a session that are not listed */
} CaseDevice;

/* Commands of a session that are listed. */
#define DEVICE_MAX_COMMANDS 4096

DeviceEvidence *device_evidence_new(void);

/*
 * For a session: rules of all ids are those of case 0. Counters of a rule may
 * come more than once; a rule that is gone by then has its last ones.
 */
DeviceEvidence *device_evidence_new_for_all(void);
void device_evidence_free(DeviceEvidence *evidence);

/*
 * Adds what the two commands returned; either may be NULL. @device is the
 * controller's id, or NULL where there is only one. Logs may come in pieces;
 * the counters of a rule may come once only.
 */
void device_evidence_add(DeviceEvidence *evidence, const char *device,
                         JsonObject *log, JsonObject *info);

/* NULL when the drive knows no rule of that case; borrowed. */
const CaseDevice *device_evidence_case(DeviceEvidence *evidence,
                                       guint ordinal);

/* Of each log that was added so many commands are kept at most. */
#define DEVICE_LAST 32

/*
 * The last commands of each log, whatever case they belong to: as in
 * CaseDevice, with the id of the rule as "rule". Borrowed.
 */
JsonArray *device_evidence_last(const DeviceEvidence *evidence);

/* Commands that fell out of the drive's log before they were read. */
gint64 device_evidence_lost(const DeviceEvidence *evidence);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DeviceEvidence, device_evidence_free)

#endif
