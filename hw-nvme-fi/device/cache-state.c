/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The volatile write cache of a controller: its beginning, its end, and what
 * a user sees of it.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "cache.h"

bool nvme_fi_cache_new(NvmeFi *fi, uint64_t size, Error **errp)
{
    NvmeFiCache *cache;

    if (size > NVME_FI_MAX_CACHE) {
        error_setg(errp, "fi-write-cache %" PRIu64 ": at most %" PRIu64
                   " bytes are allowed", size, (uint64_t)NVME_FI_MAX_CACHE);
        return false;
    }
    cache = fi->cache = g_new0(NvmeFiCache, 1);
    cache->fi = fi;
    cache->size = size;
    cache->next_seq = 1;
    cache->lost = g_array_new(FALSE, FALSE, sizeof(NvmeFiLostWrite));
    nvme_fi_outermost_init(&cache->power, fi->ctrl, nvme_fi_power_cut, cache);
    QTAILQ_INIT(&cache->writes);
    return true;
}

/* A shutdown that completed has emptied the cache (Base 2.1, 3.6.1). */
void nvme_fi_cache_reset(NvmeFi *fi)
{
    if (fi->cache && NVME_CSTS_SHST(ldl_le_p(&fi->ctrl->bar.csts)) ==
        NVME_CSTS_SHST_COMPLETE >> CSTS_SHST_SHIFT) {
        nvme_fi_cache_settle(fi->cache, NVME_NSID_BROADCAST);
    }
}

void nvme_fi_cache_exit(NvmeFi *fi)
{
    if (fi->cache) {
        nvme_fi_outermost_cancel(&fi->cache->power);
    }
}

void nvme_fi_cache_free(NvmeFi *fi)
{
    if (fi->cache) {
        nvme_fi_cache_exit(fi);
        nvme_fi_cache_forget(fi->cache);
        qapi_free_NvmeFiTriggerPowerCut(fi->cache->cut);
        g_array_unref(fi->cache->lost);
        g_free(fi->cache);
        fi->cache = NULL;
    }
}

bool nvme_fi_cache_is_cut(const NvmeFi *fi)
{
    return fi->cache && fi->cache->cut;
}

NvmeFiWriteCache *nvme_fi_cache_query(const NvmeFi *fi)
{
    const NvmeFiCache *cache = fi->cache;
    NvmeFiWriteCache *answer;

    if (!cache) {
        return NULL;
    }
    answer = g_new0(NvmeFiWriteCache, 1);
    answer->size = cache->size;
    answer->bytes = cache->bytes;
    answer->writes = cache->unstable;
    answer->cuts = cache->cuts;
    answer->has_seed = cache->cuts;
    answer->seed = cache->seed;
    for (unsigned i = cache->lost->len; i > 0; i--) {
        QAPI_LIST_PREPEND(answer->lost, g_memdup2(
            &g_array_index(cache->lost, NvmeFiLostWrite, i - 1),
            sizeof(NvmeFiLostWrite)));
    }
    return answer;
}
