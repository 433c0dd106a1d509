/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The filter of blocks.  Each granule of an interval marks two cells; both lie
 * in one cache line, so that a question costs one access to memory.
 */
#include "filter.h"

#define GRANULE_SHIFT   3       /* 8 blocks: 4 KiB of the usual 512 bytes */
#define MAX_GRANULES    64      /* of one interval, or of one question */
#define MIN_MARKS       16      /* fewer are found faster in the tree */
#define CELLS_PER_MARK  16      /* at least, twice that after growing: wrong
                                   about one granule in 70 to 250 */
#define LINE_CELLS      512     /* bits in a cache line of 64 bytes */
#define CELL_MAX        15      /* a full counter stays as it is */

gboolean fi_filter_takes(guint64 first, guint64 last)
{
    return (last >> GRANULE_SHIFT) - (first >> GRANULE_SHIFT) < MAX_GRANULES;
}

/* The two cells of @granule (they may be the same). */
static void cells_of(const FiFilter *filter, guint64 granule, gsize cells[2])
{
    guint64 h = granule * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
    gsize line;

    h = (h ^ (h >> 32)) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
    h ^= h >> 29;
    line = (h >> 18) * LINE_CELLS & (filter->n_cells - 1);
    cells[0] = line + h % LINE_CELLS;
    cells[1] = line + (h >> 9) % LINE_CELLS;
}

static guint count_cell(FiFilter *filter, gsize cell, int change)
{
    guint8 *byte = &filter->cells[cell / 2];
    guint shift = cell % 2 * 4;
    guint count = *byte >> shift & CELL_MAX;

    if (count < CELL_MAX) {
        count += change;
        *byte = (*byte & ~(CELL_MAX << shift)) | count << shift;
    }
    return count;
}

static void mark(FiFilter *filter, const FiInterval *node, int change)
{
    guint64 last = node->last >> GRANULE_SHIFT;

    for (guint64 g = node->first >> GRANULE_SHIFT; g <= last; g++) {
        gsize cells[2];

        cells_of(filter, g, cells);
        for (int i = 0; i < 2; i++) {
            guint64 bit = G_GUINT64_CONSTANT(1) << cells[i] % 64;

            if (count_cell(filter, cells[i], change)) {
                filter->bits[cells[i] / 64] |= bit;
            } else {
                filter->bits[cells[i] / 64] &= ~bit;
            }
        }
    }
}

/* Recursion goes no deeper than the tree is high. */
static void mark_all(FiFilter *filter, const FiInterval *root)
{
    for (; root; root = root->right) {
        mark(filter, root, 1);
        mark_all(filter, root->left);
    }
}

static void rebuild(FiFilter *filter, const FiInterval *root)
{
    gsize n_cells = LINE_CELLS;

    while (n_cells < filter->n_marks * CELLS_PER_MARK * 2) {
        n_cells *= 2;
    }
    g_free(filter->bits);
    g_free(filter->cells);
    filter->n_cells = n_cells;
    filter->bits = g_new0(guint64, n_cells / 64);
    filter->cells = g_new0(guint8, n_cells / 2);
    mark_all(filter, root);
}

static gsize granules(const FiInterval *node)
{
    return (node->last >> GRANULE_SHIFT) - (node->first >> GRANULE_SHIFT) + 1;
}

void fi_filter_add(FiFilter *filter, const FiInterval *node,
                   const FiInterval *root)
{
    filter->n_marks += granules(node);
    if (filter->n_marks < MIN_MARKS && !filter->n_cells) {
        return;
    }
    if (filter->n_marks * CELLS_PER_MARK > filter->n_cells) {
        rebuild(filter, root);
    } else {
        mark(filter, node, 1);
    }
}

void fi_filter_remove(FiFilter *filter, const FiInterval *node)
{
    filter->n_marks -= granules(node);
    if (filter->n_cells) {
        mark(filter, node, -1);
    }
    if (filter->n_marks == 0) {
        fi_filter_done(filter);
    }
}

void fi_filter_done(FiFilter *filter)
{
    g_free(filter->bits);
    g_free(filter->cells);
    *filter = (FiFilter) { 0 };
}

gboolean fi_filter_may_overlap(const FiFilter *filter, guint64 first,
                               guint64 last)
{
    if (!filter->n_cells || !fi_filter_takes(first, last)) {
        return TRUE;
    }
    last >>= GRANULE_SHIFT;
    for (guint64 g = first >> GRANULE_SHIFT; g <= last; g++) {
        gsize cells[2];

        cells_of(filter, g, cells);
        if (filter->bits[cells[0] / 64] >> cells[0] % 64 &
            filter->bits[cells[1] / 64] >> cells[1] % 64 & 1) {
            return TRUE;
        }
    }
    return FALSE;
}
