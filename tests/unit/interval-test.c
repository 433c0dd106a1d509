/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test shows that the interval tree stays balanced and finds exactly
 * what overlaps, whatever is put in and taken out.
 */
#include "engine/interval.h"

#define N 400
#define ROUNDS 4000
#define SPAN 1000

static FiInterval nodes[N];
static gboolean in_tree[N];

/* Returns the height of the tree at @node, having checked all below. */
static int check(const FiInterval *node, const FiInterval **previous)
{
    guint64 last = node ? node->last : 0;
    int left, right;

    if (!node) {
        return 0;
    }
    left = check(node->left, previous);
    if (*previous) {
        g_assert_true((*previous)->first < node->first ||
                      ((*previous)->first == node->first &&
                       (*previous)->order < node->order));
    }
    *previous = node;
    right = check(node->right, previous);
    g_assert_cmpint(ABS(left - right), <=, 1);
    g_assert_cmpint(node->height, ==, MAX(left, right) + 1);
    if (node->left) {
        last = MAX(last, node->left->subtree_last);
    }
    g_assert_cmpuint(node->left_last, ==,
                     node->left ? node->left->subtree_last : 0);
    if (node->right) {
        last = MAX(last, node->right->subtree_last);
    }
    g_assert_cmpuint(node->subtree_last, ==, last);
    return node->height;
}

static void mark(FiInterval *node, gpointer opaque)
{
    gboolean *found = opaque;

    g_assert_false(found[node - nodes]);
    found[node - nodes] = TRUE;
}

static void check_overlaps(FiInterval *root, guint64 first, guint64 last)
{
    gboolean found[N] = { FALSE };
    FiInterval *earliest = NULL;

    fi_interval_overlaps(root, first, last, mark, found);
    for (int i = 0; i < N; i++) {
        g_assert_cmpint(found[i], ==, in_tree[i] && nodes[i].first <= last &&
                        first <= nodes[i].last);
        if (found[i] && (!earliest || nodes[i].first < earliest->first)) {
            earliest = &nodes[i];   /* of equal ones, that of least order */
        }
    }
    g_assert_true(fi_interval_first(root, first, last) == earliest);
}

static void test_random(void)
{
    FiInterval *root = NULL;
    gsize present = 0;

    for (int round = 0; round < ROUNDS; round++) {
        const FiInterval *previous = NULL;
        int i = g_test_rand_int_range(0, N);
        guint64 first = g_test_rand_int_range(0, SPAN);

        if (in_tree[i]) {
            fi_interval_remove(&root, &nodes[i]);
            present--;
        } else {
            nodes[i].first = g_test_rand_int_range(0, SPAN);
            nodes[i].last = nodes[i].first + g_test_rand_int_range(0, 40);
            nodes[i].order = i;
            fi_interval_insert(&root, &nodes[i]);
            present++;
        }
        in_tree[i] = !in_tree[i];
        check(root, &previous);
        g_assert_true(!present == !root);
        check_overlaps(root, first, first + g_test_rand_int_range(0, 20));
    }
}

static void count(FiInterval *node, gpointer opaque)
{
    (void)node;
    (*(guint *)opaque)++;
}

static void test_ends_of_the_space(void)
{
    FiInterval all = { .first = 0, .last = G_MAXUINT64, .order = 0 };
    FiInterval end = { .first = G_MAXUINT64, .last = G_MAXUINT64, .order = 1 };
    FiInterval *root = NULL;
    guint found = 0;

    fi_interval_insert(&root, &all);
    fi_interval_insert(&root, &end);
    fi_interval_overlaps(root, G_MAXUINT64, G_MAXUINT64, count, &found);
    g_assert_cmpuint(found, ==, 2);
    found = 0;
    fi_interval_overlaps(root, 0, G_MAXUINT64 - 1, count, &found);
    g_assert_cmpuint(found, ==, 1);
}

/* Sorted input is what makes an unbalanced tree a list. */
static void test_ascending(void)
{
    enum { MANY = 1 << 14 };
    g_autofree FiInterval *many = g_new0(FiInterval, MANY);
    const FiInterval *previous = NULL;
    FiInterval *root = NULL;
    guint found = 0;
    gsize looked_at;

    for (int i = 0; i < MANY; i++) {
        many[i].first = many[i].last = 2 * i;
        many[i].order = i;
        fi_interval_insert(&root, &many[i]);
    }
    /* an AVL tree of 2^14 nodes: at most 1.4405 log2(n + 2) high */
    g_assert_cmpint(check(root, &previous), <=, 20);
    for (int i = 0; i < MANY; i++) {
        looked_at = fi_interval_overlaps(root, 2 * i + 1, 2 * i + 1, count,
                                         &found);
        g_assert_cmpuint(found, ==, 0);
        g_assert_cmpuint(looked_at, <=, 20);
    }
    /* the root knows that all end before this */
    looked_at = fi_interval_overlaps(root, 2 * MANY, 2 * MANY, count, &found);
    g_assert_cmpuint(found, ==, 0);
    g_assert_cmpuint(looked_at, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/interval/random", test_random);
    g_test_add_func("/interval/ends-of-the-space", test_ends_of_the_space);
    g_test_add_func("/interval/ascending", test_ascending);
    return g_test_run();
}
