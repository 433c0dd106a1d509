/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads what the drive recorded since the last time, and clears its rules.
 */
#ifndef NVME_FI_RUNNER_COLLECT_H
#define NVME_FI_RUNNER_COLLECT_H

#include "qmp.h"

typedef struct Collector Collector;

/*
 * What query-nvme-fi-log and query-nvme-fi returned; both NULL when one of
 * the commands failed. Borrowed.
 */
typedef void (*CollectorDone)(void *opaque, JsonObject *log,
                              JsonObject *info);

/* Borrows @qmp. */
Collector *collector_new(Qmp *qmp);
void collector_free(Collector *collector);

/* Asks; a query that is already under way loses its callback to this one. */
void collector_query(Collector *collector, CollectorDone done, void *opaque);

/* Why the drive's evidence is missing, in QEMU's words where it said so. */
const char *collector_error(const Collector *collector);

#endif
