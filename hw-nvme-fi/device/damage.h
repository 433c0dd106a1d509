/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Action "corrupt": which bytes are damaged, and with what.
 */
#ifndef HW_NVME_FI_DAMAGE_H
#define HW_NVME_FI_DAMAGE_H

#include "action.h"

/* Where the bytes of a target are, in the data or the metadata of blocks that
 * lie one behind the other. */
typedef struct NvmeFiTarget {
    bool meta;                  /* in the metadata */
    bool pi;                    /* a field of the protection information */
    size_t stride;              /* bytes from one block to the next there */
    size_t first;               /* of the target in each block */
    size_t size;                /* in bytes, in each block */
} NvmeFiTarget;

/* Bytes of the protection information of a block, where there is any. */
static inline size_t nvme_fi_pi_len(const NvmeNamespace *ns)
{
    return ns->pif ? 16 : 8;
}

/* False if @ns has no such thing. */
bool nvme_fi_find_target(const NvmeNamespace *ns, NvmeFiCorruptTarget which,
                         NvmeFiTarget *target);

/*
 * nvme_fi_damage:
 * Damage @bytes, the data or metadata of @nlb blocks, as the rule that acts on
 * @req says.  @old, for 'stale', is laid out as @bytes.
 */
void nvme_fi_damage(const NvmeRequest *req, const NvmeFiTarget *target,
                    uint64_t nlb, uint8_t *bytes, const uint8_t *old);

/* old-blocks.c: what blocks held before they were written, 16 MiB at most; the
 * oldest is forgotten first. */
void nvme_fi_old_keep(NvmeFi *fi, NvmeNamespace *ns, uint64_t slba,
                      uint64_t nlb, const uint8_t *data, const uint8_t *meta);
/* The same into @data and @meta (NULL where there is none); zeroes for a block
 * of which nothing is known. */
void nvme_fi_old_get(const NvmeFi *fi, NvmeNamespace *ns, uint64_t slba,
                     uint64_t nlb, uint8_t *data, uint8_t *meta);

#endif
