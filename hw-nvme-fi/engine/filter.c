/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The filter of blocks.  Each granule of an interval marks a few cells, all in
 * one cache line, so that a question costs one access to memory.  There are two
 * layers of cells that are wrong about different granules: the second, which
 * is seldom asked, corrects nearly all mistakes of the first, and the first
 * stays so small that a cache holds it.
 */
#include "filter.h"

#define GRANULE_SHIFT   3       /* 8 blocks: 4 KiB of the usual 512 bytes */
#define MAX_MARKED      4       /* granules of an interval: they bound what
                                   it costs, in memory and in time, to be in */
#define MAX_ASKED       64      /* granules of a question */
#define MIN_MARKS       16      /* fewer are found faster in the tree */
#define HASHES          4       /* cells of one granule */
#define CELLS_PER_MARK  8       /* at least, twice that after growing: a layer
                                   is wrong about one granule in 40 to 400 */
#define LINE_BYTES      64      /* of a cache */
#define LINE_CELLS      (8 * LINE_BYTES)
#define CELL_MAX        15      /* a full counter stays as it is */

static guint64 granules(guint64 first, guint64 last)
{
    return (last >> GRANULE_SHIFT) - (first >> GRANULE_SHIFT) + 1;
}

gboolean fi_filter_takes(guint64 first, guint64 last)
{
    return granules(first, last) <= MAX_MARKED;
}

/* The cells of @granule in @layer; some of them may be the same. */
static void cells_of(const FiFilter *filter, guint layer, guint64 granule,
                     gsize cells[HASHES])
{
    static const guint64 odd[FI_FILTER_LAYERS] = {
        G_GUINT64_CONSTANT(0x9e3779b97f4a7c15),
        G_GUINT64_CONSTANT(0xd1342543de82ef95),
    };
    guint64 h = granule * odd[layer];
    gsize line;

    h = (h ^ (h >> 32)) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
    line = (h >> 36) * LINE_CELLS & (filter->n_cells - 1);
    for (int i = 0; i < HASHES; i++) {
        cells[i] = line + (h >> 9 * i) % LINE_CELLS;
    }
}

static guint count_cell(FiLayer *layer, gsize cell, int change)
{
    guint8 *byte = &layer->cells[cell / 2];
    guint shift = cell % 2 * 4;
    guint count = *byte >> shift & CELL_MAX;

    if (count < CELL_MAX) {
        count += change;
        *byte = (*byte & ~(CELL_MAX << shift)) | count << shift;
    }
    return count;
}

static void mark_granule(FiFilter *filter, guint64 granule, int change)
{
    for (guint l = 0; l < FI_FILTER_LAYERS; l++) {
        FiLayer *layer = &filter->layers[l];
        gsize cells[HASHES];

        cells_of(filter, l, granule, cells);
        for (int i = 0; i < HASHES; i++) {
            guint64 bit = G_GUINT64_CONSTANT(1) << cells[i] % 64;

            if (count_cell(layer, cells[i], change)) {
                layer->bits[cells[i] / 64] |= bit;
            } else {
                layer->bits[cells[i] / 64] &= ~bit;
            }
        }
    }
}

static void mark(FiFilter *filter, const FiInterval *node, int change)
{
    guint64 last = node->last >> GRANULE_SHIFT;

    for (guint64 g = node->first >> GRANULE_SHIFT; g <= last; g++) {
        mark_granule(filter, g, change);
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

static gpointer first_line(gpointer memory)
{
    return (gpointer)(((guintptr)memory + LINE_BYTES - 1) & -LINE_BYTES);
}

static void free_layers(FiFilter *filter)
{
    for (guint l = 0; l < FI_FILTER_LAYERS; l++) {
        g_free(filter->layers[l].memory);
    }
}

static void rebuild(FiFilter *filter, const FiInterval *root)
{
    gsize n_cells = LINE_CELLS;

    while (n_cells < filter->n_marks * CELLS_PER_MARK * 2) {
        n_cells *= 2;
    }
    free_layers(filter);
    filter->n_cells = n_cells;
    for (guint l = 0; l < FI_FILTER_LAYERS; l++) {
        FiLayer *layer = &filter->layers[l];

        layer->memory = g_malloc0(n_cells / 8 + n_cells / 2 + LINE_BYTES);
        layer->bits = first_line(layer->memory);
        layer->cells = (guint8 *)layer->bits + n_cells / 8;
    }
    mark_all(filter, root);
}

void fi_filter_add(FiFilter *filter, const FiInterval *node,
                   const FiInterval *root)
{
    filter->n_marks += granules(node->first, node->last);
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
    filter->n_marks -= granules(node->first, node->last);
    if (filter->n_cells) {
        mark(filter, node, -1);
    }
    if (filter->n_marks == 0) {
        fi_filter_done(filter);
    }
}

void fi_filter_done(FiFilter *filter)
{
    free_layers(filter);
    *filter = (FiFilter) { 0 };
}

static gboolean may_have(const FiFilter *filter, guint64 granule)
{
    for (guint l = 0; l < FI_FILTER_LAYERS; l++) {
        const guint64 *bits = filter->layers[l].bits;
        gsize cells[HASHES];
        guint64 marked = 1;

        cells_of(filter, l, granule, cells);
        for (int i = 0; i < HASHES; i++) {
            marked &= bits[cells[i] / 64] >> cells[i] % 64;
        }
        if (!marked) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean fi_filter_may_overlap(const FiFilter *filter, guint64 first,
                               guint64 last)
{
    if (!filter->n_cells || granules(first, last) > MAX_ASKED) {
        return TRUE;
    }
    last >>= GRANULE_SHIFT;
    for (guint64 g = first >> GRANULE_SHIFT; g <= last; g++) {
        if (may_have(filter, g)) {
            return TRUE;
        }
    }
    return FALSE;
}
