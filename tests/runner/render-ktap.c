/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * KTAP; see render-ktap.h.
 */
#include "render-ktap.h"

#include "plan.h"
#include "render.h"

struct Ktap {
    FILE *out;
    GPtrArray *plans;       /* those with cases */
    guint at;               /* the suite whose result is next */
    guint cases;            /* of it, so far */
    guint bad;
    guint skipped;
};

static const Plan *plan_at(const Ktap *ktap)
{
    return g_ptr_array_index(ktap->plans, ktap->at);
}

Ktap *ktap_new(FILE *out, GPtrArray *plans)
{
    Ktap *ktap = g_new0(Ktap, 1);

    ktap->out = out;
    ktap->plans = g_ptr_array_new();
    for (guint i = 0; i < plans->len; i++) {
        Plan *plan = g_ptr_array_index(plans, i);

        if (plan->names->len > 0) {
            g_ptr_array_add(ktap->plans, plan);
        }
    }
    fprintf(out, "KTAP version 1\n1..%u\n", ktap->plans->len);
    fflush(out);
    return ktap;
}

void ktap_free(Ktap *ktap)
{
    if (ktap) {
        g_ptr_array_unref(ktap->plans);
        g_free(ktap);
    }
}

/* "ok 3 name # SKIP why", the words of the verdict that KTAP has. */
static void print_result(Ktap *ktap, const char *indent, guint number,
                         const char *name, Verdict verdict,
                         const char *reason)
{
    static const char *const directives[VERDICT_COUNT] = {
        [VERDICT_PASS] = "", [VERDICT_FAIL] = "", [VERDICT_SKIP] = "SKIP ",
        [VERDICT_ERROR] = "ERROR ", [VERDICT_TIMEOUT] = "TIMEOUT ",
    };
    bool good = verdict == VERDICT_PASS || verdict == VERDICT_SKIP;
    g_autofree char *text = tap_line(reason);

    fprintf(ktap->out, "%s%sok %u %s", indent, good ? "" : "not ", number,
            name);
    if (verdict != VERDICT_PASS) {
        fprintf(ktap->out, " # %s%s", directives[verdict], text);
    }
    fputc('\n', ktap->out);
    fflush(ktap->out);
}

static void begin_suite(Ktap *ktap)
{
    fprintf(ktap->out, "  KTAP version 1\n  1..%u\n",
            plan_at(ktap)->names->len);
}

static void end_suite(Ktap *ktap, const char *aborted)
{
    const Plan *plan = plan_at(ktap);
    guint missing = plan->names->len - ktap->cases;
    g_autofree char *why = g_strdup_printf(
        "%u of %u cases did not pass", ktap->bad, ktap->cases);

    if (missing > 0) {
        print_result(ktap, "", ktap->at + 1, plan->suite, VERDICT_ERROR,
                     aborted ? aborted : "not all cases were run");
    } else if (ktap->bad > 0) {
        print_result(ktap, "", ktap->at + 1, plan->suite, VERDICT_FAIL, why);
    } else if (ktap->skipped == ktap->cases) {
        print_result(ktap, "", ktap->at + 1, plan->suite, VERDICT_SKIP,
                     "all of its cases were skipped");
    } else {
        print_result(ktap, "", ktap->at + 1, plan->suite, VERDICT_PASS, NULL);
    }
    ktap->at++;
    ktap->cases = ktap->bad = ktap->skipped = 0;
}

void ktap_case(Ktap *ktap, const char *suite, const char *name,
               Verdict verdict, const char *reason)
{
    while (!g_str_equal(plan_at(ktap)->suite, suite)) {
        end_suite(ktap, NULL);
    }
    if (ktap->cases++ == 0) {
        begin_suite(ktap);
    }
    ktap->bad += verdict != VERDICT_PASS && verdict != VERDICT_SKIP;
    ktap->skipped += verdict == VERDICT_SKIP;
    print_result(ktap, "  ", ktap->cases, name, verdict, reason);
    if (ktap->cases == plan_at(ktap)->names->len) {
        end_suite(ktap, NULL);
    }
}

void ktap_note(Ktap *ktap, const char *text)
{
    tap_comment(ktap->out, text);
}

void ktap_finish(Ktap *ktap, const char *aborted)
{
    while (ktap->at < ktap->plans->len) {
        end_suite(ktap, aborted);
    }
}
