/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of a case: one JSON object, one line of results.jsonl.
 */
#ifndef NVME_FI_RUNNER_RECORD_H
#define NVME_FI_RUNNER_RECORD_H

#include "blk-table.h"
#include "join.h"
#include "judge.h"

/* What is the same for all cases of a boot; borrowed. */
typedef struct RecordContext {
    const char *suite;
    const char *kernel;         /* uname -r of the guest, or NULL */
    const char *qemu;           /* version, or NULL */
    const char *repro;          /* command line up to the filter */
    const BlkTable *blk;
    bool observe;               /* compared, not judged */
} RecordContext;

/* A case that the guest reported; stores its verdict. New reference. */
JsonObject *record_new(const RecordContext *context, Evidence *evidence,
                       Verdict *verdict);

/*
 * A case that has no report of the guest, with the verdict that it gets.
 * @device may be NULL. The member "last-commands" has the last commands that
 * the drive logged since the batch before, of any case; null where it could
 * not be asked. New reference.
 */
JsonObject *record_new_lost(const RecordContext *context, const char *name,
                            guint ordinal, DeviceEvidence *device,
                            Verdict verdict, const char *reason);

#endif
