/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A counting Bloom filter of blocks: tells quickly, for nearly every command
 * that no rule's range touches, that none does.  It may say "maybe" wrongly,
 * but never "no".
 *
 * A search in a tree of a million rules waits for memory at most of its
 * steps; the filter waits at most once for each granule of the command.
 */
#ifndef FI_FILTER_H
#define FI_FILTER_H

#include "interval.h"

#define FI_FILTER_LAYERS 2

typedef struct FiLayer {
    guint64 *bits;              /* what is asked: cells that are not 0 */
    guint8 *cells;              /* two counters of four bits in each byte */
    gpointer memory;            /* of both */
} FiLayer;

/* A filter that is all zero is not in use, and says "maybe" to everything. */
typedef struct FiFilter {
    FiLayer layers[FI_FILTER_LAYERS];
    guint32 n_cells;            /* of a layer: 0, or a power of two >= 512 */
    guint32 n_marks;            /* granules of all intervals that are in */
} FiFilter;

/* Whether an interval is short enough to be put into a filter. */
gboolean fi_filter_takes(guint64 first, guint64 last);

/*
 * Puts the interval of @node, which the filter takes, in, or takes it out.
 * @root is the tree of all the intervals that are in, with that of @node: from
 * it the filter is built anew when it must grow.
 */
void fi_filter_add(FiFilter *filter, const FiInterval *node,
                   const FiInterval *root);
void fi_filter_remove(FiFilter *filter, const FiInterval *node);
void fi_filter_done(FiFilter *filter);

/* FALSE only if no interval that is in shares a number with @first..@last. */
gboolean fi_filter_may_overlap(const FiFilter *filter, guint64 first,
                               guint64 last);

#endif
