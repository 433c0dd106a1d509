/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lines of the kernel's trace_pipe say about each case: completions of
 * the driver (nvme:nvme_complete_rq, include/trace of drivers/nvme/host) and
 * ends of block requests (include/trace/events/block.h).
 */
#ifndef NVME_FI_RUNNER_TRACE_H
#define NVME_FI_RUNNER_TRACE_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

typedef struct CaseTrace {
    bool whole;             /* both marks were seen, nothing lost between */
    JsonArray *completions; /* {status, retries}, one for each attempt */
    JsonArray *admin;       /* {cmd[, status]}, in the order of sending */
    bool block_seen;        /* a block request ended */
    int block_error;        /* of the last one, as a positive errno */
    guint requeues;
    guint bios;                 /* completed other than by a request */
    GHashTable *sent;       /* cmdid -> element of admin; borrowed */
} CaseTrace;

/*
 * Cuts the lines of one batch into cases.
 * Returns a new table: ordinal (GUINT_TO_POINTER) -> CaseTrace.
 */
GHashTable *trace_split(GPtrArray *lines);

#endif
