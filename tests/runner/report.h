/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where records go: results.jsonl at once, TAP, KTAP, progress, and at the end
 * the table, junit.xml and the exit status.
 */
#ifndef NVME_FI_RUNNER_REPORT_H
#define NVME_FI_RUNNER_REPORT_H

#include "judge.h"
#include "shard.h"

#include <stdbool.h>

typedef struct ReportConfig {
    const char *dir;        /* the results folder, which exists */
    guint total;            /* cases of the run */
    bool tap;
    GPtrArray *ktap;        /* Plans of the run, to print KTAP, or NULL */
    bool json;              /* the table at the end as JSON */
    Shard shard;            /* that the run is, or all zeros */
    bool chosen;            /* a filter was given: few cases are shown whole */
} ReportConfig;

typedef struct Report Report;

/* Creates results.jsonl, prints the TAP plan. */
Report *report_new(const ReportConfig *config, GError **error);
void report_free(Report *report);

/* Takes @record. False, with @error set, when it cannot be kept. */
bool report_add(Report *report, JsonObject *record, Verdict verdict,
                GError **error);

/* A line for who watches: on stderr, or a comment in TAP. */
void report_note(Report *report, const char *text);

/* The run cannot go on. The first reason counts. */
void report_abort(Report *report, const char *reason);
bool report_is_aborted(const Report *report);

guint report_added(const Report *report);

/*
 * Writes what comes at the end. Returns the exit status: 0 only if nothing
 * failed, nothing is missing, and something passed or was observed; with TAP
 * also when TAP says so itself. Of a shard nothing need have passed: whether
 * something did is for all shards together to say.
 */
int report_finish(Report *report);

#endif
