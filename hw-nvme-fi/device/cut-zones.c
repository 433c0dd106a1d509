/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Zones in a power cut: what is lost is all from one block on, and the write
 * pointer is there afterwards.
 */
#include "qemu/osdep.h"
#include "cut.h"

static bool may_lose(const NvmeFiCut *cut, const NvmeZone *zone)
{
    const NvmeNamespace *ns = cut->ns;

    if ((zone->d.za & NVME_ZA_ZRWA_VALID) || zone->w_ptr != zone->d.wp) {
        return false;
    }
    switch (nvme_get_zone_state((NvmeZone *)zone)) {
    case NVME_ZONE_STATE_IMPLICITLY_OPEN:
    case NVME_ZONE_STATE_EXPLICITLY_OPEN:
    case NVME_ZONE_STATE_CLOSED:
        return true;
    case NVME_ZONE_STATE_FULL:
        /* it would be active again */
        return !ns->params.max_active_zones ||
            ns->nr_active_zones < ns->params.max_active_zones;
    default:
        return false;
    }
}

static gint by_slba(gconstpointer a, gconstpointer b)
{
    const NvmeFiCached *x = *(NvmeFiCached *const *)a;
    const NvmeFiCached *y = *(NvmeFiCached *const *)b;
    uint64_t xs = x->before->extents[0].slba, ys = y->before->extents[0].slba;

    return xs < ys ? -1 : xs > ys;
}

/* The writes of @zone that are not stable and end without a gap at the write
 * pointer, by block. */
static GPtrArray *tail_of(const NvmeFiCut *cut, const NvmeZone *zone)
{
    GPtrArray *tail = g_ptr_array_new();
    uint64_t end = zone->d.wp;
    NvmeFiCached *write;
    unsigned first;

    QTAILQ_FOREACH(write, &cut->cache->writes, entry) {
        if (!write->stable && write->before->ns == cut->ns &&
            nvme_fi_cut_zone(cut, write->before->extents[0].slba) == zone) {
            g_ptr_array_add(tail, write);
        }
    }
    g_ptr_array_sort(tail, by_slba);
    for (first = tail->len; first > 0; first--) {
        const NvmeFiCached *last = tail->pdata[first - 1];
        const FiRange *extent = &last->before->extents[0];

        if (last->before->n != 1 || extent->slba + extent->nlb != end) {
            break;
        }
        end = extent->slba;
    }
    if (first) {
        g_ptr_array_remove_range(tail, 0, first);
    }
    return tail;
}

/* The first block of @zone that is lost, or its write pointer. */
static uint64_t first_lost(const NvmeFiCut *cut, const NvmeZone *zone)
{
    g_autoptr(GPtrArray) tail = tail_of(cut, zone);

    for (unsigned i = 0; i < tail->len; i++) {
        const NvmeFiCached *write = tail->pdata[i];
        const FiRange *extent = &write->before->extents[0];

        if (nvme_fi_cut_loses(cut, write)) {
            return extent->slba;
        }
        if (nvme_fi_cut_tears(cut, write)) {
            return extent->slba + fi_random(cut->seed, write->seq,
                                            NVME_FI_CUT_BLOCKS) % extent->nlb;
        }
    }
    return zone->d.wp;
}

void nvme_fi_cut_choose_zones(NvmeFiCut *cut)
{
    NvmeNamespace *ns = cut->ns;
    unsigned free_zones = ns->params.max_active_zones ?
        ns->params.max_active_zones - ns->nr_active_zones : UINT_MAX;

    for (unsigned i = 0; i < ns->num_zones; i++) {
        NvmeZone *zone = &ns->zone_array[i];
        bool full = nvme_get_zone_state(zone) == NVME_ZONE_STATE_FULL;
        uint64_t first;

        if (!may_lose(cut, zone) || (full && !free_zones)) {
            continue;
        }
        first = first_lost(cut, zone);
        if (first < zone->d.wp) {
            free_zones -= full && free_zones != UINT_MAX;
            g_hash_table_insert(cut->zones, zone,
                                g_memdup2(&first, sizeof(first)));
        }
    }
}

static void move_back(NvmeNamespace *ns, NvmeZone *zone, uint64_t wp)
{
    bool active = wp > zone->d.zslba || (zone->d.za & NVME_ZA_ZD_EXT_VALID);
    NvmeZoneState state = nvme_get_zone_state(zone);

    if (state == NVME_ZONE_STATE_IMPLICITLY_OPEN ||
        state == NVME_ZONE_STATE_EXPLICITLY_OPEN) {
        nvme_aor_dec_open(ns);
    }
    if (state == NVME_ZONE_STATE_FULL) {
        if (active) {
            nvme_aor_inc_active(ns);
        }
    } else if (!active) {
        nvme_aor_dec_active(ns);
    }
    zone->w_ptr = zone->d.wp = wp;
    nvme_assign_zone_state(ns, zone, active ? NVME_ZONE_STATE_CLOSED :
                                              NVME_ZONE_STATE_EMPTY);
}

void nvme_fi_cut_move_zones(const NvmeFiCut *cut)
{
    GHashTableIter it;
    gpointer zone, first;

    g_hash_table_iter_init(&it, cut->zones);
    while (g_hash_table_iter_next(&it, &zone, &first)) {
        move_back(cut->ns, zone, *(uint64_t *)first);
    }
}
