/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interval tree: an AVL tree ordered by (first, order), where each node
 * also knows the largest end below it, so that a search can leave out a
 * subtree that ends too early.
 */
#include "interval.h"

static int height(const FiInterval *node)
{
    return node ? node->height : 0;
}

/* Makes what @node says of its subtree true again after a change below. */
static void refresh(FiInterval *node)
{
    guint64 last = node->last;

    node->left_last = node->left ? node->left->subtree_last : 0;
    last = MAX(last, node->left_last);
    if (node->right) {
        last = MAX(last, node->right->subtree_last);
    }
    node->subtree_last = last;
    node->height = MAX(height(node->left), height(node->right)) + 1;
}

static FiInterval *rotate_right(FiInterval *node)
{
    FiInterval *top = node->left;

    node->left = top->right;
    top->right = node;
    refresh(node);
    refresh(top);
    return top;
}

static FiInterval *rotate_left(FiInterval *node)
{
    FiInterval *top = node->right;

    node->right = top->left;
    top->left = node;
    refresh(node);
    refresh(top);
    return top;
}

/* The new top of the subtree at @node, one of whose sides changed by one. */
static FiInterval *rebalance(FiInterval *node)
{
    int lean = height(node->left) - height(node->right);

    if (lean > 1) {
        if (height(node->left->left) < height(node->left->right)) {
            node->left = rotate_left(node->left);
        }
        return rotate_right(node);
    }
    if (lean < -1) {
        if (height(node->right->right) < height(node->right->left)) {
            node->right = rotate_right(node->right);
        }
        return rotate_left(node);
    }
    refresh(node);
    return node;
}

static gboolean is_before(const FiInterval *a, const FiInterval *b)
{
    return a->first < b->first ||
           (a->first == b->first && a->order < b->order);
}

/* Recursion goes no deeper than the tree: 1.44 log2(n), 29 for a million. */
void fi_interval_insert(FiInterval **root, FiInterval *node)
{
    FiInterval *top = *root;

    if (!top) {
        node->left = node->right = NULL;
        refresh(node);
        *root = node;
        return;
    }
    fi_interval_insert(is_before(node, top) ? &top->left : &top->right, node);
    *root = rebalance(top);
}

/* Takes the leftmost node out of the subtree at *@root. */
static FiInterval *take_first(FiInterval **root)
{
    FiInterval *top = *root;
    FiInterval *first;

    if (!top->left) {
        *root = top->right;
        return top;
    }
    first = take_first(&top->left);
    *root = rebalance(top);
    return first;
}

void fi_interval_remove(FiInterval **root, FiInterval *node)
{
    FiInterval *top = *root;

    if (top != node) {
        fi_interval_remove(is_before(node, top) ? &top->left : &top->right,
                           node);
        *root = rebalance(top);
        return;
    }
    if (!node->right) {
        *root = node->left;
        return;
    }
    top = take_first(&node->right);
    top->left = node->left;
    top->right = node->right;
    *root = rebalance(top);
}

gsize fi_interval_overlaps(FiInterval *root, guint64 first, guint64 last,
                           FiIntervalFunc func, gpointer opaque)
{
    gsize looked_at = 0;

    while (root) {
        looked_at++;
        if (root->subtree_last < first) {
            break;
        }
        /* asked here, left need not be fetched from memory to say no: in a
         * large tree that is half the cost of a search */
        if (root->left_last >= first) {
            looked_at += fi_interval_overlaps(root->left, first, last, func,
                                              opaque);
        }
        if (root->first > last) {
            break;
        }
        if (root->last >= first) {
            func(root, opaque);
        }
        root = root->right;
    }
    return looked_at;
}

FiInterval *fi_interval_first(FiInterval *root, guint64 first, guint64 last)
{
    while (root) {
        if (root->left && root->left_last >= first) {
            /* if what ends there begins too late, all else does */
            root = root->left;
        } else if (root->first > last) {
            return NULL;
        } else if (root->last >= first) {
            return root;
        } else {
            root = root->right;
        }
    }
    return NULL;
}
