/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for many small things that live long.  They lie side by side and not
 * among what else the process allocates, so that a million of them neither
 * scatter nor slow down its heap.
 */
#ifndef FI_SLAB_H
#define FI_SLAB_H

#include <glib.h>

#define FI_SLAB_MAX     512     /* bytes that one thing may have */
#define FI_SLAB_GRAIN   8       /* sizes are rounded up to it */

typedef struct FiSlabChunk FiSlabChunk;

/* All zero is an empty slab. */
typedef struct FiSlab {
    FiSlabChunk *chunks;        /* newest first; memory comes from the first */
    gsize used;                 /* bytes of the first chunk */
    gsize live;                 /* things that are not freed */
    gpointer vacant[FI_SLAB_MAX / FI_SLAB_GRAIN + 1];   /* by size */
} FiSlab;

/* Zeroed memory for @size bytes, 1..FI_SLAB_MAX, aligned for any member. */
gpointer fi_slab_alloc0(FiSlab *slab, gsize size);

/*
 * Gives back what fi_slab_alloc0() returned for the same @size, for use by
 * others of that size; all memory goes back when nothing is live any more.
 */
void fi_slab_free(FiSlab *slab, gpointer memory, gsize size);

#endif
