/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test shows which of a row of matching commands a schedule hits: 'X' is
 * a hit, '.' a command that matched and passed.
 */
#include <string.h>

#include "unit.h"

/*
 * Probability: splitmix64 with seed 1234567 yields 6457827717110365317,
 * 3203168211198807973, 9817491932198370423, 4593380528125082431,
 * 16408922859458223821 (the published test vector of the generator), which
 * as fractions of 2^64 are 0.3501, 0.1736, 0.5322, 0.2490, 0.8895.
 */
#define SEED .seed = 1234567

static const struct Row {
    const char *name;
    FiSchedule schedule;
    const char *expected;
} rows[] = {
    { "always", { .every = 1, .probability = 1 }, "XXXXXXXX" },
    { "once", { .every = 1, .times = 1, .probability = 1 }, "X......." },
    { "skip", { .every = 1, .skip = 3, .probability = 1 }, "...XXXXX" },
    { "every", { .every = 3, .probability = 1 }, "X..X..X..X" },
    { "skip-every", { .every = 3, .skip = 2, .probability = 1 },
      "..X..X..X." },
    { "every-times", { .every = 2, .times = 2, .probability = 1 },
      "X.X......" },
    { "skip-every-times",
      { .every = 2, .skip = 1, .times = 3, .probability = 1 },
      ".X.X.X....." },
    { "never", { .every = 1, .probability = 0 }, "........" },
    { "seed-alone", { .every = 1, .probability = 1, SEED }, "XXXXX" },
    { "half", { .every = 1, .probability = 0.5, SEED }, "XX.X." },
    { "below-first", { .every = 1, .probability = 0.35, SEED }, ".X.X." },
    { "above-first", { .every = 1, .probability = 0.351, SEED }, "XX.X." },
    { "nearly-all", { .every = 1, .probability = 0.89, SEED }, "XXXXX" },
    /* the draw belongs to the number of the match, not of the question */
    { "half-every", { .every = 2, .probability = 0.5, SEED }, "X...." },
    { "half-skip", { .every = 1, .skip = 2, .probability = 0.5, SEED },
      "...X." },
    { "half-times", { .every = 1, .times = 2, .probability = 0.5, SEED },
      "XX..." },
    { "far", { .every = G_MAXINT64, .skip = 1, .probability = 1 },
      ".X......" },
};

static void test_row(gconstpointer data)
{
    const struct Row *row = data;
    g_autoptr(GString) got = g_string_new(NULL);
    FiSet *set = fi_set_new();
    FiRule rule = unit_rule("r");
    guint64 hits = 0;
    UnitCommand read;
    FiStats stats;

    rule.schedule = row->schedule;
    unit_add(set, &rule);
    unit_io(&read, READ, 0, 1);
    for (gsize i = 0; i < strlen(row->expected); i++) {
        FiVerdict verdict = fi_set_decide(set, &read.command);

        g_assert_true(verdict.matched == fi_set_find(set, "r"));
        g_string_append_c(got, verdict.hit ? 'X' : '.');
        hits += verdict.hit;
    }
    g_assert_cmpstr(got->str, ==, row->expected);
    stats = unit_stats(set, "r");
    g_assert_cmpuint(stats.matches, ==, strlen(row->expected));
    g_assert_cmpuint(stats.hits, ==, hits);
    g_assert_cmpint(stats.spent, ==, row->schedule.times == hits && hits);
    fi_set_free(set);
}

/* One in four of many: five standard deviations are 87 of 10,000 draws. */
static void test_share(void)
{
    FiSet *set = fi_set_new();
    FiRule rule = unit_rule("r");
    UnitCommand read;
    guint64 hits;

    rule.schedule.probability = 0.25;
    rule.schedule.seed = 42;
    unit_add(set, &rule);
    unit_io(&read, READ, 0, 1);
    for (int i = 0; i < 10000; i++) {
        fi_set_decide(set, &read.command);
    }
    hits = unit_stats(set, "r").hits;
    g_assert_cmpuint(hits, >, 2500 - 5 * 44);
    g_assert_cmpuint(hits, <, 2500 + 5 * 44);
    fi_set_free(set);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/schedule/%s", rows[i].name);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/schedule/share", test_share);
    return g_test_run();
}
