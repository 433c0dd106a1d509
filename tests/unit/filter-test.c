/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test shows that the filter of blocks never denies an interval that is
 * in it, whatever was put in and taken out, and that it seldom says "maybe"
 * without need.
 */
#include "engine/filter.h"

#define N 3000
#define SPAN 200000             /* intervals lie below this */
#define LENGTH 25               /* and are at most so long */

static FiInterval nodes[N];
static gboolean in[N];
static FiInterval *root;
static FiFilter filter;

static void put_in(guint i)
{
    nodes[i].first = g_test_rand_int_range(0, SPAN);
    nodes[i].last = nodes[i].first + g_test_rand_int_range(0, LENGTH);
    nodes[i].order = i;
    fi_interval_insert(&root, &nodes[i]);
    fi_filter_add(&filter, &nodes[i], root);
    in[i] = TRUE;
}

static void take_out(guint i)
{
    fi_interval_remove(&root, &nodes[i]);
    fi_filter_remove(&filter, &nodes[i]);
    in[i] = FALSE;
}

static void check_all_found(void)
{
    for (guint i = 0; i < N; i++) {
        if (in[i]) {
            g_assert_true(fi_filter_may_overlap(&filter, nodes[i].first,
                                                nodes[i].first));
            g_assert_true(fi_filter_may_overlap(&filter, nodes[i].last,
                                                nodes[i].last + 100));
        }
    }
}

static void test_never_denies(void)
{
    for (guint i = 0; i < N; i++) {
        put_in(i);
    }
    check_all_found();
    for (guint n = 0; n < 3 * N; n++) {
        guint i = g_test_rand_int_range(0, N);

        if (in[i]) {
            take_out(i);
        } else {
            put_in(i);
        }
    }
    check_all_found();
    for (guint i = 0; i < N; i++) {
        if (in[i]) {
            take_out(i);
        }
    }
    g_assert_cmpuint(filter.n_cells, ==, 0);
    g_assert_null(root);
}

/* Many intervals at one place fill its counters; none may be forgotten. */
static void test_full_counters(void)
{
    for (guint i = 0; i < 100; i++) {
        nodes[i] = (FiInterval) { .first = 64, .last = 64, .order = i };
        fi_interval_insert(&root, &nodes[i]);
        fi_filter_add(&filter, &nodes[i], root);
    }
    for (guint i = 0; i < 99; i++) {
        take_out(i);
        g_assert_true(fi_filter_may_overlap(&filter, 64, 64));
    }
    take_out(99);
}

static void test_seldom_wrong(void)
{
    guint wrong = 0;

    /* of each 16 blocks the first 8 are in, the second 8 are asked for */
    for (guint i = 0; i < N; i++) {
        nodes[i] = (FiInterval) { .first = 16 * i, .last = 16 * i + 7 };
        nodes[i].order = i;
        fi_interval_insert(&root, &nodes[i]);
        fi_filter_add(&filter, &nodes[i], root);
    }
    for (guint i = 0; i < N; i++) {
        wrong += fi_filter_may_overlap(&filter, 16 * i + 8, 16 * i + 15);
    }
    /* in a layer four of 8 cells or more are set for each: (1 - e^(-4/8))^4
     * = 2.4 % at most, somewhat more as lines are not filled evenly; both
     * are wrong about less than one in 1,000 */
    g_assert_cmpuint(wrong, <=, N / 1000);
    for (guint i = 0; i < N; i++) {
        take_out(i);
    }
}

static void test_takes_short_ones_only(void)
{
    g_assert_true(fi_filter_takes(0, 31));
    g_assert_false(fi_filter_takes(0, 32));
    g_assert_true(fi_filter_takes(7, 31));
    g_assert_false(fi_filter_takes(7, 32));
    g_assert_true(fi_filter_takes(G_MAXUINT64, G_MAXUINT64));
    g_assert_false(fi_filter_takes(0, G_MAXUINT64));
}

static void test_long_question(void)
{
    guint maybe = 0;

    for (guint i = 0; i < 50; i++) {
        put_in(i);
    }
    g_assert_cmpuint(filter.n_cells, >, 0);
    g_assert_true(fi_filter_may_overlap(&filter, SPAN * 2, SPAN * 4));
    /* most runs of 512 blocks are asked for and found free */
    for (guint i = 0; i < 100; i++) {
        maybe += fi_filter_may_overlap(&filter, SPAN * 2 + 512 * i,
                                       SPAN * 2 + 512 * i + 511);
    }
    g_assert_cmpuint(maybe, <, 50);
    for (guint i = 0; i < 50; i++) {
        take_out(i);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/filter/never-denies", test_never_denies);
    g_test_add_func("/filter/full-counters", test_full_counters);
    g_test_add_func("/filter/seldom-wrong", test_seldom_wrong);
    g_test_add_func("/filter/takes-short-ones-only",
                    test_takes_short_ones_only);
    g_test_add_func("/filter/long-question", test_long_question);
    return g_test_run();
}
