/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lines of the kernel's trace_pipe say about each case: completions of
 * the driver (nvme:nvme_complete_rq, drivers/nvme/host/trace.h), of the
 * kernel's target (nvmet:nvmet_req_complete, drivers/nvme/target/trace.h) and
 * ends of block requests (include/trace/events/block.h).
 */
#ifndef NVME_FI_RUNNER_TRACE_H
#define NVME_FI_RUNNER_TRACE_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

typedef struct CaseTrace {
    bool whole;             /* both marks were seen, nothing lost between */
    JsonArray *completions; /* {status, retries}, one for each attempt */
    GPtrArray *ctrls;       /* whose, by the kernel's name; same order */
    JsonArray *target;      /* {status}, of the kernel's own target */
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

/* A new array: the completions of the controller @ctrl ("nvme1"), or without
 * them. */
JsonArray *trace_completions(const CaseTrace *trace, const char *ctrl,
                             bool without);

#endif
