/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Renderings of the records of a run (a GPtrArray of JsonObject).
 */
#ifndef NVME_FI_RUNNER_RENDER_H
#define NVME_FI_RUNNER_RENDER_H

#include "judge.h"

#include <stdio.h>

/*
 * One row for each status, block status and result; statuses without a name
 * that ended alike share a row.
 */
void render_table(GPtrArray *records, FILE *out);

/*
 * The same rows: {first, last (statuses; not for cases without), name,
 * blk_status, errno, commands: {min, max}, passed, failed, skipped}.
 */
JsonArray *render_rows_json(GPtrArray *records);

/*
 * The way of the fault through the layers, once for cases that are alike:
 * a line for each thing that a layer did, or all of it in one line.
 */
void render_chains(GPtrArray *records, FILE *out);
void render_brief(GPtrArray *records, FILE *out);

/* What the layers did, with the kernel log, as text; the caller frees it. */
char *render_chain_text(JsonObject *record);

/*
 * JUnit XML: a testsuite for each suite and kernel. @broken says why the run
 * is no pass whatever the cases say, as one more testcase; or NULL.
 */
bool render_junit(GPtrArray *records, const char *broken, const char *path,
                  GError **error);

/* TAP, version 12: flat, the plan first. @number counts from 1. */
void tap_plan(FILE *out, guint cases);
void tap_skip_all(FILE *out, const char *reason);
void tap_case(FILE *out, guint number, const char *name, Verdict verdict,
              const char *reason);
void tap_comment(FILE *out, const char *text);
void tap_bail_out(FILE *out, const char *reason);

/* @text without what ends a line or begins a directive; NULL is empty. */
char *tap_line(const char *text);

#endif
