/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A power cut, one namespace at a time: what is chosen, and the zones.
 */
#ifndef HW_NVME_FI_CUT_H
#define HW_NVME_FI_CUT_H

#include "../engine/random.h"
#include "cache.h"

/* Streams of choices. */
enum {
    NVME_FI_CUT_LOSE = FI_RANDOM_ACTION,    /* by sequence number */
    NVME_FI_CUT_TEAR,
    NVME_FI_CUT_BLOCKS,
    NVME_FI_CUT_ORDER,                      /* by block */
};

typedef struct NvmeFiCut {
    NvmeFiCache *cache;
    NvmeNamespace *ns;
    uint64_t seed;
    double lose, tear;
    bool reorder;
    GHashTable *zones;          /* first lost block, by zone; of uint64_t */

    /* what is to be written back: @nlb blocks from @slba on */
    uint64_t slba;
    uint64_t nlb;
    GByteArray *data;
    GByteArray *meta;
} NvmeFiCut;

/* Whether @write is lost as a whole; if not, whether some of it is. */
static inline bool nvme_fi_cut_loses(const NvmeFiCut *cut,
                                     const NvmeFiCached *write)
{
    return fi_random_unit(cut->seed, write->seq, NVME_FI_CUT_LOSE) < cut->lose;
}

static inline bool nvme_fi_cut_tears(const NvmeFiCut *cut,
                                     const NvmeFiCached *write)
{
    return fi_random_unit(cut->seed, write->seq, NVME_FI_CUT_TEAR) < cut->tear;
}

/* The zone of block @lba; NULL in a conventional namespace. */
static inline NvmeZone *nvme_fi_cut_zone(const NvmeFiCut *cut, uint64_t lba)
{
    return cut->ns->csi != NVME_CSI_ZONED ? NULL :
        &cut->ns->zone_array[lba / cut->ns->zone_size];
}

/* cut-zones.c: fills in cut->zones, and, when the blocks are as they shall
 * be, moves the write pointers back to these. */
void nvme_fi_cut_choose_zones(NvmeFiCut *cut);
void nvme_fi_cut_move_zones(const NvmeFiCut *cut);

#endif
