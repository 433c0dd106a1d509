/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test shows that the slab gives zeroed memory that belongs to nobody
 * else, uses again what was freed, and keeps nothing when it is empty.
 */
#include <string.h>

#include "engine/slab.h"

#define N 2000
#define ROUNDS 20000

static FiSlab slab;
static guint8 *things[N];
static gsize sizes[N];

static void make(guint i)
{
    sizes[i] = g_test_rand_int_range(1, FI_SLAB_MAX + 1);
    things[i] = fi_slab_alloc0(&slab, sizes[i]);
    g_assert_cmpuint((guintptr)things[i] % FI_SLAB_GRAIN, ==, 0);
    for (gsize b = 0; b < sizes[i]; b++) {
        g_assert_cmpuint(things[i][b], ==, 0);
    }
    memset(things[i], i % 255 + 1, sizes[i]);
}

static void unmake(guint i)
{
    for (gsize b = 0; b < sizes[i]; b++) {
        g_assert_cmpuint(things[i][b], ==, i % 255 + 1);
    }
    fi_slab_free(&slab, things[i], sizes[i]);
    things[i] = NULL;
}

static void test_random(void)
{
    for (guint n = 0; n < ROUNDS; n++) {
        guint i = g_test_rand_int_range(0, N);

        if (things[i]) {
            unmake(i);
        } else {
            make(i);
        }
    }
    for (guint i = 0; i < N; i++) {
        if (things[i]) {
            unmake(i);
        }
    }
    g_assert_null(slab.chunks);
}

static void test_uses_again(void)
{
    gpointer kept = fi_slab_alloc0(&slab, 1);
    gpointer first = fi_slab_alloc0(&slab, 100);

    fi_slab_free(&slab, first, 100);
    g_assert_true(fi_slab_alloc0(&slab, 97) == first);
    fi_slab_free(&slab, first, 97);
    fi_slab_free(&slab, kept, 1);
    g_assert_null(slab.chunks);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/slab/random", test_random);
    g_test_add_func("/slab/uses-again", test_uses_again);
    return g_test_run();
}
