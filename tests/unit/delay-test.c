/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test shows that delays are drawn as their distribution says, within
 * its bounds, from the rule's seed and the number of the match alone.
 */
#include <math.h>

#include "engine/delay.h"
#include "engine/random.h"
#include "unit.h"

#define N 10000
#define MAX_NS ((guint64)G_MAXINT64)
#define HALF (G_GUINT64_CONSTANT(1) << 63)

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 Wide;
#endif

static guint64 draw(FiDelay delay, guint64 ns, guint64 max_ns, guint64 random)
{
    const FiAction action = { .delay = delay, .delay_ns = ns,
                              .delay_max_ns = max_ns };

    return fi_delay_draw(&action, random);
}

/* Any number as likely as any other, and of every size. */
static guint64 any_number(guint64 *state)
{
    guint64 size = unit_splitmix64(state) % 63;

    return unit_splitmix64(state) >> 1 >> size;
}

static const struct Drawn {
    const char *name;
    FiDelay delay;
    guint64 ns, max_ns, random, expected;
} drawn[] = {
    { "fixed", FI_DELAY_FIXED, 77, 0, G_MAXUINT64, 77 },
    { "uniform-first", FI_DELAY_UNIFORM, 10, 19, 0, 10 },
    { "uniform-last", FI_DELAY_UNIFORM, 10, 19, G_MAXUINT64, 19 },
    { "uniform-middle", FI_DELAY_UNIFORM, 10, 19, HALF, 15 },
    { "uniform-before-middle", FI_DELAY_UNIFORM, 10, 19, HALF - 1, 14 },
    { "uniform-one", FI_DELAY_UNIFORM, 9, 9, G_MAXUINT64, 9 },
    { "uniform-all-first", FI_DELAY_UNIFORM, 0, MAX_NS, 0, 0 },
    { "uniform-all-last", FI_DELAY_UNIFORM, 0, MAX_NS, G_MAXUINT64, MAX_NS },
    { "uniform-all-half", FI_DELAY_UNIFORM, 0, MAX_NS, HALF, HALF / 2 },
    { "uniform-high-last", FI_DELAY_UNIFORM, MAX_NS - 1, MAX_NS, G_MAXUINT64,
      MAX_NS },
    /* -log(1/2) = 0.693147180559945309 and its multiples */
    { "exponential-half", FI_DELAY_EXPONENTIAL, 1000000, 0, HALF, 693147 },
    { "exponential-quarter", FI_DELAY_EXPONENTIAL, 1000000, 0, HALF / 2,
      1386294 },
    { "exponential-highest", FI_DELAY_EXPONENTIAL, 1000000, 0, G_MAXUINT64,
      0 },
    /* 63 times that of 1/2, without and with the bound of 20 means */
    { "exponential-most", FI_DELAY_EXPONENTIAL, 1000000, 44000000, 1,
      44000000 },
    { "exponential-most-free", FI_DELAY_EXPONENTIAL, 1000000, MAX_NS, 1,
      44361419 },
    { "exponential-default-bound", FI_DELAY_EXPONENTIAL, 1000000, 0, 1,
      20000000 },
    { "exponential-0-is-1", FI_DELAY_EXPONENTIAL, 1000000, MAX_NS, 0,
      44361419 },
    { "exponential-bound", FI_DELAY_EXPONENTIAL, 1000000, 693146, HALF,
      693146 },
    { "exponential-at-bound", FI_DELAY_EXPONENTIAL, 1000000, 693147, HALF,
      693147 },
    { "exponential-below-mean", FI_DELAY_EXPONENTIAL, 1000000, 5, HALF, 5 },
    { "exponential-longest", FI_DELAY_EXPONENTIAL, MAX_NS, 0, 1, MAX_NS },
    { "exponential-longest-bound", FI_DELAY_EXPONENTIAL, MAX_NS, 3, 1, 3 },
    /* 2^62 * 44.4 is above 2^64 and what is left of it is small */
    { "exponential-beyond-2^64", FI_DELAY_EXPONENTIAL, HALF / 2, MAX_NS, 1,
      MAX_NS },
    { "exponential-20-means-beyond-2^63", FI_DELAY_EXPONENTIAL,
      MAX_NS / 20 + 1, 0, 1, MAX_NS },
    { "exponential-20-means-below-2^63", FI_DELAY_EXPONENTIAL, MAX_NS / 20, 0,
      1, MAX_NS / 20 * 20 },
};

static void test_drawn(gconstpointer data)
{
    const struct Drawn *row = data;

    g_assert_cmpuint(draw(row->delay, row->ns, row->max_ns, row->random), ==,
                     row->expected);
}

/* The upper half of the 128-bit product, as the compiler computes it. */
static void test_uniform_is_scaled(void)
{
    guint64 state = 1;

    for (guint i = 0; i < N; i++) {
        guint64 a = any_number(&state), b = any_number(&state);
        guint64 first = MIN(a, b), last = MAX(a, b), got;
        guint64 random = unit_splitmix64(&state);

        got = draw(FI_DELAY_UNIFORM, first, last, random);
        g_assert_cmpuint(got, >=, first);
        g_assert_cmpuint(got, <=, last);
#ifdef __SIZEOF_INT128__
        g_assert_cmpuint(got, ==, first + (guint64)
                         ((Wide)random * (last - first + 1) >> 64));
#endif
    }
}

/* As the C library's logarithm has it, up to the next nanosecond and what 32
 * bits behind the point leave open. */
static void test_exponential_is_a_logarithm(void)
{
    guint64 state = 2;

    for (guint i = 0; i < N; i++) {
        guint64 mean = MAX(any_number(&state) >> 8, 1);
        guint64 random = unit_splitmix64(&state) >>
                         unit_splitmix64(&state) % 64;
        guint64 got = draw(FI_DELAY_EXPONENTIAL, mean, MAX_NS, random);
        long double expected = -logl((random | 1) * 0x1p-64L) * mean;

        g_assert_true(fabsl(expected - got) <= 1 + mean * 0x1p-32L);
    }
}

/* What a rule with @action does at its matches 1 to N; every other command is
 * one of another rule. */
static void hits(const FiAction *action, guint64 seed, guint64 delays[N])
{
    FiSet *set = fi_set_new();
    FiRule rules[] = { unit_lba_rule("other", WRITE, 0, 1),
                       unit_lba_rule("r", READ, 0, 1) };
    UnitCommand read, write;

    rules[1].action = *action;
    rules[1].schedule.seed = seed;
    g_assert_true(fi_set_add(set, rules, 2, NULL, NULL));
    unit_io(&read, READ, 0, 1);
    unit_io(&write, WRITE, 0, 1);
    for (guint i = 0; i < N; i++) {
        FiVerdict verdict = fi_set_decide(set, &read.command);

        g_assert_true(verdict.hit);
        g_assert_cmpuint(verdict.match, ==, i + 1);
        g_assert_cmpint(verdict.action.delay, ==, FI_DELAY_FIXED);
        g_assert_cmpuint(verdict.action.delay_max_ns, ==, 0);
        delays[i] = verdict.action.delay_ns;
        g_assert_cmpuint(fi_set_decide(set, &write.command).action.delay_ns,
                         ==, 0);
    }
    fi_set_free(set);
}

static gdouble mean_of(const guint64 delays[N])
{
    gdouble sum = 0;

    for (guint i = 0; i < N; i++) {
        sum += delays[i];
    }
    return sum / N;
}

static guint64 largest_of(const guint64 delays[N])
{
    guint64 largest = 0;

    for (guint i = 0; i < N; i++) {
        largest = MAX(largest, delays[i]);
    }
    return largest;
}

/* 2^20 values need the upper 20 bits of a number of the stream.  Five standard
 * deviations of the mean are 5 * 0.289 * 2^20 / 100. */
static void test_uniform_hits(void)
{
    const FiAction action = { .execute = TRUE, .delay = FI_DELAY_UNIFORM,
                              .delay_ns = 1000,
                              .delay_max_ns = 1000 + (1 << 20) - 1 };
    g_autofree guint64 *delays = g_new(guint64, N);
    guint64 state = unit_stream(77, FI_RANDOM_DELAY);

    hits(&action, 77, delays);
    for (guint i = 0; i < N; i++) {
        g_assert_cmpuint(delays[i], ==,
                         1000 + (unit_splitmix64(&state) >> 44));
    }
    g_assert_cmpfloat_with_epsilon(mean_of(delays), 1000 + (1 << 19), 15200);
}

/* All three of them, each with its chance of 1/3. */
static void test_uniform_few(void)
{
    const FiAction action = { .execute = TRUE, .delay = FI_DELAY_UNIFORM,
                              .delay_ns = 5, .delay_max_ns = 7 };
    g_autofree guint64 *delays = g_new(guint64, N);
    guint counts[8] = { 0 };

    hits(&action, 3, delays);
    for (guint i = 0; i < N; i++) {
        g_assert_cmpuint(delays[i], >=, 5);
        g_assert_cmpuint(delays[i], <=, 7);
        counts[delays[i]]++;
    }
    for (guint i = 5; i <= 7; i++) {
        g_assert_cmpuint(counts[i], >, N / 3 - 5 * 47);
        g_assert_cmpuint(counts[i], <, N / 3 + 5 * 47);
    }
}

/* The standard deviation of an exponential distribution is its mean. */
static void test_exponential_hits(void)
{
    FiAction action = { .execute = TRUE, .delay = FI_DELAY_EXPONENTIAL,
                        .delay_ns = 1000000 };
    g_autofree guint64 *delays = g_new(guint64, N);
    guint64 state = unit_stream(77, FI_RANDOM_DELAY);
    guint above = 0;

    hits(&action, 77, delays);
    for (guint i = 0; i < N; i++) {
        gdouble expected = -log((unit_splitmix64(&state) | 1) * 0x1p-64) *
                           1000000;

        g_assert_cmpfloat_with_epsilon(delays[i], expected, 1.01);
        above += delays[i] > 2000000;
    }
    g_assert_cmpfloat_with_epsilon(mean_of(delays), 1000000, 50000);
    /* exp(-2) of them */
    g_assert_cmpuint(above, >, 1353 - 5 * 34);
    g_assert_cmpuint(above, <, 1353 + 5 * 34);
    g_assert_cmpuint(largest_of(delays), <=, 20000000);
    action.delay_max_ns = 1500000;
    hits(&action, 77, delays);
    g_assert_cmpuint(largest_of(delays), ==, 1500000);
}

static void test_determined_by_seed(void)
{
    const FiAction action = { .execute = TRUE, .delay = FI_DELAY_UNIFORM,
                              .delay_max_ns = MAX_NS };
    g_autofree guint64 *one = g_new(guint64, N);
    g_autofree guint64 *same = g_new(guint64, N);
    g_autofree guint64 *other = g_new(guint64, N);

    hits(&action, 1, one);
    hits(&action, 1, same);
    hits(&action, 2, other);
    g_assert_cmpmem(one, N * sizeof(*one), same, N * sizeof(*same));
    for (guint i = 0; i < N; i++) {
        g_assert_cmpuint(one[i], !=, other[i]);
    }
}

/* A match that is no hit draws nothing away, and whether it is one says
 * nothing about how long: that is another stream. */
static void test_belongs_to_the_match(void)
{
    const FiAction action = { .execute = TRUE, .delay = FI_DELAY_UNIFORM,
                              .delay_max_ns = 999 };
    g_autofree guint64 *all = g_new(guint64, N);
    FiSet *set = fi_set_new();
    FiRule rule = unit_rule("r");
    guint n_hits = 0, low = 0;
    UnitCommand read;

    hits(&action, 8, all);
    rule.action = action;
    rule.schedule.seed = 8;
    rule.schedule.probability = 0.5;
    unit_add(set, &rule);
    unit_io(&read, READ, 0, 1);
    for (guint i = 0; i < N; i++) {
        FiVerdict verdict = fi_set_decide(set, &read.command);

        if (verdict.hit) {
            g_assert_cmpuint(verdict.action.delay_ns, ==, all[i]);
            n_hits++;
            low += all[i] < 500;
        }
    }
    g_assert_cmpuint(n_hits, >, N / 2 - 5 * 50);
    g_assert_cmpuint(n_hits, <, N / 2 + 5 * 50);
    g_assert_cmpuint(low, >, n_hits / 2 - 5 * 36);
    g_assert_cmpuint(low, <, n_hits / 2 + 5 * 36);
    fi_set_free(set);
}

#define TEST(name) { "/delay/" #name, test_##name }

static const struct {
    const char *path;
    GTestFunc func;
} tests[] = {
    TEST(uniform_is_scaled), TEST(exponential_is_a_logarithm),
    TEST(uniform_hits), TEST(uniform_few), TEST(exponential_hits),
    TEST(determined_by_seed), TEST(belongs_to_the_match),
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(drawn); i++) {
        g_autofree char *path = g_strdup_printf("/delay/drawn/%s",
                                                drawn[i].name);

        g_test_add_data_func(path, &drawn[i], test_drawn);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_test_add_func(tests[i].path, tests[i].func);
    }
    return g_test_run();
}
