/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The slab: chunks that are filled from the start to the end, and a list of
 * vacant places for each size.
 */
#include "slab.h"

#include <string.h>

#define FIRST_CHUNK     4096    /* bytes; each next one has twice as many */
#define LARGEST_CHUNK   (1024 * 1024)

struct FiSlabChunk {
    FiSlabChunk *next;
    gsize size;                 /* of memory */
    guint64 memory[];
};

static gsize round_up(gsize size)
{
    return (size + FI_SLAB_GRAIN - 1) / FI_SLAB_GRAIN * FI_SLAB_GRAIN;
}

static void add_chunk(FiSlab *slab)
{
    gsize size = slab->chunks ? MIN(slab->chunks->size * 2, LARGEST_CHUNK) :
                                FIRST_CHUNK;
    FiSlabChunk *chunk = g_malloc(sizeof(*chunk) + size);

    chunk->next = slab->chunks;
    chunk->size = size;
    slab->chunks = chunk;
    slab->used = 0;
}

gpointer fi_slab_alloc0(FiSlab *slab, gsize size)
{
    gsize rounded = round_up(size);
    gpointer *vacant = &slab->vacant[rounded / FI_SLAB_GRAIN];
    gpointer memory = *vacant;

    if (memory) {
        *vacant = *(gpointer *)memory;
    } else {
        if (!slab->chunks || slab->chunks->size - slab->used < rounded) {
            add_chunk(slab);
        }
        memory = (guint8 *)slab->chunks->memory + slab->used;
        slab->used += rounded;
    }
    slab->live++;
    return memset(memory, 0, rounded);
}

static void free_all(FiSlab *slab)
{
    while (slab->chunks) {
        FiSlabChunk *chunk = slab->chunks;

        slab->chunks = chunk->next;
        g_free(chunk);
    }
    *slab = (FiSlab) { 0 };
}

void fi_slab_free(FiSlab *slab, gpointer memory, gsize size)
{
    gpointer *vacant = &slab->vacant[round_up(size) / FI_SLAB_GRAIN];

    *(gpointer *)memory = *vacant;
    *vacant = memory;
    if (--slab->live == 0) {
        free_all(slab);
    }
}
