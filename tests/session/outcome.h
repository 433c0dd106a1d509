/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of the program of a session: its record, the verdict on what was
 * expected, and the exit status.
 */
#ifndef NVME_FI_SESSION_OUTCOME_H
#define NVME_FI_SESSION_OUTCOME_H

#include "args.h"
#include "judge.h"

/* The name of the case; the caller frees it. */
char *outcome_case_name(const SessionOptions *options);

/*
 * Completes @record, which has what was observed: stimulus, rules, expected,
 * verdict and reason. Returns the exit status.
 */
int outcome_judge(const SessionOptions *options, JsonArray *rules,
                  JsonObject *record);

/* One line or more on stderr: what happened. */
void outcome_summary(JsonObject *record, const char *dir);

#endif
