/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test shows that choices are the numbers of splitmix64, that streams
 * are different, and that all are as even as chance.
 */
#include "engine/random.h"
#include "unit.h"

#define N 10000

/* The published test vector of the generator. */
static void test_published(void)
{
    static const guint64 numbers[] = {
        G_GUINT64_CONSTANT(6457827717110365317),
        G_GUINT64_CONSTANT(3203168211198807973),
        G_GUINT64_CONSTANT(9817491932198370423),
        G_GUINT64_CONSTANT(4593380528125082431),
        G_GUINT64_CONSTANT(16408922859458223821),
    };

    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        g_assert_cmpuint(fi_random(1234567, i + 1, 0), ==, numbers[i]);
    }
}

static void test_stepped(void)
{
    static const guint64 seeds[] = { 0, 1, 1234567, G_MAXINT64, G_MAXUINT64 };

    for (guint s = 0; s < G_N_ELEMENTS(seeds); s++) {
        for (guint stream = 0; stream < 20; stream++) {
            guint64 state = unit_stream(seeds[s], stream);

            for (guint i = 1; i <= 100; i++) {
                guint64 expected = unit_splitmix64(&state);

                g_assert_cmpuint(fi_random(seeds[s], i, stream), ==,
                                 expected);
                g_assert_cmpfloat(fi_random_unit(seeds[s], i, stream), ==,
                                  (expected >> 11) / 9007199254740992.0);
            }
        }
    }
}

/* What the seed of a recording rests on. */
static void test_steps_of_the_seed(void)
{
    for (guint stream = 0; stream < 20; stream++) {
        for (guint64 n = 0; n < 100; n++) {
            g_assert_cmpuint(fi_random(1234567 + n * FI_RANDOM_STEP, 1,
                                       stream), ==,
                             fi_random(1234567, n + 1, stream));
        }
    }
}

/* If two streams were the same, or one the other moved on, a number would
 * occur twice; by chance that is one case in 10^11. */
static void test_streams_differ(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_int64_hash,
                                                       g_int64_equal, g_free,
                                                       NULL);

    for (guint stream = 0; stream < 8; stream++) {
        for (guint i = 1; i <= N / 8; i++) {
            guint64 number = fi_random(5, i, stream);

            g_assert_true(g_hash_table_add(seen, g_memdup2(&number, 8)));
        }
    }
}

/* Five standard deviations of the mean of N draws are 5 * 0.289 / 100; each
 * of ten classes holds N / 10, give or take five times 30. */
static void test_even(gconstpointer data)
{
    guint stream = GPOINTER_TO_UINT(data);
    guint classes[10] = { 0 };
    gdouble sum = 0;

    for (guint i = 1; i <= N; i++) {
        gdouble unit = fi_random_unit(42, i, stream);

        g_assert_cmpfloat(unit, >=, 0);
        g_assert_cmpfloat(unit, <, 1);
        classes[(int)(unit * 10)]++;
        sum += unit;
    }
    g_assert_cmpfloat_with_epsilon(sum / N, 0.5, 0.0145);
    for (guint i = 0; i < G_N_ELEMENTS(classes); i++) {
        g_assert_cmpuint(classes[i], >, N / 10 - 150);
        g_assert_cmpuint(classes[i], <, N / 10 + 150);
    }
}

/* What one stream says tells nothing about another: of two draws for one
 * match both are low once in four times. */
static void test_independent(void)
{
    guint both = 0;

    for (guint i = 1; i <= N; i++) {
        both += fi_random_unit(42, i, FI_RANDOM_CHANCE) < 0.5 &&
                fi_random_unit(42, i, FI_RANDOM_DELAY) < 0.5;
    }
    g_assert_cmpuint(both, >, N / 4 - 5 * 44);
    g_assert_cmpuint(both, <, N / 4 + 5 * 44);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/random/published", test_published);
    g_test_add_func("/random/stepped", test_stepped);
    g_test_add_func("/random/steps-of-the-seed",
                    test_steps_of_the_seed);
    g_test_add_func("/random/streams-differ", test_streams_differ);
    for (guint stream = 0; stream < 4; stream++) {
        g_autofree char *path = g_strdup_printf("/random/even/%u", stream);

        g_test_add_data_func(path, GUINT_TO_POINTER(stream), test_even);
    }
    g_test_add_func("/random/independent", test_independent);
    return g_test_run();
}
