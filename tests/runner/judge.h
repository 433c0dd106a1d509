/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdict on a record: positive evidence twice, or no pass.
 */
#ifndef NVME_FI_RUNNER_JUDGE_H
#define NVME_FI_RUNNER_JUDGE_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

typedef enum Verdict {
    VERDICT_PASS,
    VERDICT_FAIL,
    VERDICT_SKIP,
    VERDICT_ERROR,
    VERDICT_TIMEOUT,
    VERDICT_COUNT,
} Verdict;

/* The reason of a skip that stands for "compared, not judged". */
#define JUDGE_OBSERVED "observed, not judged"

const char *verdict_name(Verdict verdict);

/*
 * Compares @actual with @expected: of an object each member that @expected
 * names, of an array the length and each element, anything else by value.
 * Where @actual is a string and @expected an array, it has substrings that
 * must occur; where @actual is an integer and @expected an object with "min",
 * "max" or both, these are inclusive bounds.
 * Appends one clause to @why for each difference, named by @path.
 */
bool judge_compare(const char *path, JsonNode *actual, JsonNode *expected,
                   GString *why);

typedef struct JudgeInput {
    JsonObject *record;     /* device, driver, block, log, result, rules,
                               expected */
    const char *skip;       /* the guest's reason, or NULL */
    const char *gap;        /* evidence that is missing, or NULL */
    gint64 matches;         /* commands that matched, for the reason */
    bool observe;           /* only the hits are judged */
} JudgeInput;

/* Stores one sentence in @reason, "" on pass; the caller frees it. */
Verdict judge_case(const JudgeInput *input, char **reason);

#endif
