/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What blocks held before they were written, for the action "corrupt" with
 * 'stale'.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "damage.h"

#define MAX_BYTES (16 * MiB)    /* qapi/nvme-fi.json says so, too */

typedef struct Block {
    uint64_t lba;
    uint32_t nsid;
    size_t len;                 /* of bytes: data, then metadata */
    QTAILQ_ENTRY(Block) entry;
    uint8_t bytes[];
} Block;

struct NvmeFiOldBlocks {
    GHashTable *blocks;         /* a set */
    QTAILQ_HEAD(, Block) oldest;
    size_t bytes;
};

static guint block_hash(gconstpointer key)
{
    const Block *block = key;

    return g_int64_hash(&block->lba) ^ block->nsid;
}

static gboolean block_equal(gconstpointer a, gconstpointer b)
{
    const Block *one = a, *other = b;

    return one->lba == other->lba && one->nsid == other->nsid;
}

static void forget(struct NvmeFiOldBlocks *old, Block *block)
{
    QTAILQ_REMOVE(&old->oldest, block, entry);
    old->bytes -= sizeof(*block) + block->len;
    g_hash_table_remove(old->blocks, block);  /* frees it */
}

static struct NvmeFiOldBlocks *old_of(NvmeFi *fi)
{
    if (!fi->old) {
        fi->old = g_new0(struct NvmeFiOldBlocks, 1);
        fi->old->blocks = g_hash_table_new_full(block_hash, block_equal,
                                                g_free, NULL);
        QTAILQ_INIT(&fi->old->oldest);
    }
    return fi->old;
}

static Block *find(const NvmeFi *fi, const NvmeNamespace *ns, uint64_t lba)
{
    Block key = { .lba = lba, .nsid = ns->params.nsid };

    return g_hash_table_lookup(fi->old->blocks, &key);
}

void nvme_fi_old_keep(NvmeFi *fi, NvmeNamespace *ns, uint64_t slba,
                      uint64_t nlb, const uint8_t *data, const uint8_t *meta)
{
    struct NvmeFiOldBlocks *old = old_of(fi);
    size_t ms = meta ? ns->lbaf.ms : 0;

    for (uint64_t i = 0; i < nlb; i++) {
        Block *block = find(fi, ns, slba + i);

        if (block) {
            forget(old, block);
        }
        block = g_malloc(sizeof(*block) + ns->lbasz + ms);
        block->lba = slba + i;
        block->nsid = ns->params.nsid;
        block->len = ns->lbasz + ms;
        memcpy(block->bytes, data + i * ns->lbasz, ns->lbasz);
        if (ms) {
            memcpy(block->bytes + ns->lbasz, meta + i * ms, ms);
        }
        g_hash_table_add(old->blocks, block);
        QTAILQ_INSERT_TAIL(&old->oldest, block, entry);
        old->bytes += sizeof(*block) + block->len;
    }
    while (old->bytes > MAX_BYTES) {
        forget(old, QTAILQ_FIRST(&old->oldest));
    }
}

void nvme_fi_old_get(const NvmeFi *fi, NvmeNamespace *ns, uint64_t slba,
                     uint64_t nlb, uint8_t *data, uint8_t *meta)
{
    size_t ms = meta ? ns->lbaf.ms : 0;

    memset(data, 0, nvme_l2b(ns, nlb));
    if (ms) {
        memset(meta, 0, nvme_m2b(ns, nlb));
    }
    for (uint64_t i = 0; fi->old && i < nlb; i++) {
        const Block *block = find(fi, ns, slba + i);

        /* another length: the namespace was formatted meanwhile */
        if (block && block->len == ns->lbasz + ms) {
            memcpy(data + i * ns->lbasz, block->bytes, ns->lbasz);
            if (ms) {
                memcpy(meta + i * ms, block->bytes + ns->lbasz, ms);
            }
        }
    }
}

void nvme_fi_old_free(NvmeFi *fi)
{
    if (fi->old) {
        g_hash_table_destroy(fi->old->blocks);
        g_free(fi->old);
        fi->old = NULL;
    }
}
