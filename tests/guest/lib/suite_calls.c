/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a suite asks about its kernel: options, and calls of functions.
 */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "needs.h"

#define AWAIT_NS 10000000000LL

/* What only a mistake in the suite leads to. */
__attribute__((noreturn))
static void mistake(Suite *suite, const char *what, const char *reason)
{
    char text[400];

    snprintf(text, sizeof(text), "%s: %s", what, reason);
    suite_send_error(suite, text);
    exit(1);
}

bool suite_needs(Suite *suite, Outcome *out, const char *option)
{
    const char *reason = NULL;
    int met = needs_met(option, &reason);

    if (met < 0) {
        mistake(suite, option, "not in the table of lib/needs.c");
    }
    if (!met) {
        out->skip = reason;
    }
    return met;
}

bool suite_traces(Suite *suite, const char *function)
{
    int i = functions_find(&suite->functions, function, strlen(function));

    if (i < 0) {
        mistake(suite, function, "not in SuiteClass.functions");
    }
    if (suite->counts) {
        return suite->counts->n[i] != FUNCTIONS_UNTRACED;
    }
    functions_look(&suite->functions);
    return suite->functions.traced[i];
}

void suite_await_calls(Suite *suite, const char *spec)
{
    static const struct timespec pause = { 0, 20000000 };
    long long end = suite_now_ns() + AWAIT_NS;
    FunctionCounts counts;

    for (;;) {
        functions_so_far(&suite->functions, &counts);
        if (functions_reached(&suite->functions, &counts, spec) ||
            suite_now_ns() > end) {
            return;
        }
        nanosleep(&pause, NULL);
    }
}

void suite_expect_calls(Suite *suite, Buf *expected, const char *spec)
{
    const char *reason = functions_expect(&suite->functions, suite->counts,
                                          spec, expected);

    if (reason) {
        mistake(suite, "suite_expect_calls", reason);
    }
}
