/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads what the controllers recorded since the last time, and clears their
 * rules. What a controller said is kept when it is unplugged.
 */
#ifndef NVME_FI_RUNNER_COLLECT_H
#define NVME_FI_RUNNER_COLLECT_H

#include "device.h"
#include "qmp.h"

typedef struct Collector Collector;

/* Takes @evidence, NULL when one of the commands failed. */
typedef void (*CollectorDone)(void *opaque, DeviceEvidence *evidence);

/* Borrows @qmp, and @controllers: ids, NULL-terminated. */
Collector *collector_new(Qmp *qmp, const char *const *controllers);
void collector_free(Collector *collector);

/*
 * For a session: all rules are those of case 0, whatever their ids; what the
 * controllers say is taken up at once, so that it stays bounded.
 */
void collector_gather(Collector *collector);

/*
 * Asks all controllers that are there; a query that is already under way
 * loses its callback to this one.
 */
void collector_query(Collector *collector, CollectorDone done, void *opaque);

/*
 * Reads what controller @id recorded so far and keeps it for the next query;
 * its rules stay. NULL: all controllers. An unknown id is ignored.
 */
void collector_keep(Collector *collector, const char *id);

/* @id is gone: its numbers begin anew with the next one of that name. */
void collector_gone(Collector *collector, const char *id);

/* @id is there again. */
void collector_back(Collector *collector, const char *id);

/* Why the drive's evidence is missing, in QEMU's words where it said so. */
const char *collector_error(const Collector *collector);

#endif
