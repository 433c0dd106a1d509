/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A balanced tree of intervals of 64-bit numbers that finds all that overlap
 * a given one.  Nodes are embedded in what they index; nothing is allocated.
 */
#ifndef FI_INTERVAL_H
#define FI_INTERVAL_H

#include <glib.h>

typedef struct FiInterval FiInterval;
struct FiInterval {
    FiInterval *left, *right;
    guint64 first, last;        /* inclusive; first <= last */
    guint64 subtree_last;       /* the largest last at or below this node */
    guint64 left_last;          /* the same of left; 0 without left */
    guint64 order;              /* tells intervals with equal first apart */
    gint8 height;               /* of the subtree; a leaf has 1 */
};

/*
 * Adds @node, whose first, last and order are set, to the tree at *@root
 * (NULL: empty).  No other node of the tree may have its first and order.
 */
void fi_interval_insert(FiInterval **root, FiInterval *node);

/* Takes @node out of the tree that it is in. */
void fi_interval_remove(FiInterval **root, FiInterval *node);

/*
 * Calls @func for each node that shares a number with @first..@last, in
 * ascending order of (first, order).  @func must not change the tree.
 * Returns how many nodes were looked at: O(log n) for each that overlaps,
 * and O(log n) if none does.
 */
typedef void (*FiIntervalFunc)(FiInterval *node, gpointer opaque);
gsize fi_interval_overlaps(FiInterval *root, guint64 first, guint64 last,
                           FiIntervalFunc func, gpointer opaque);

/* The first of these nodes, in the same order, or NULL; O(log n). */
FiInterval *fi_interval_first(FiInterval *root, guint64 first, guint64 last);

#endif
