/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Zone reports that tell another write pointer than the zone has.
 */
#include "qemu/osdep.h"
#include "internal.h"

struct NvmeFiZones {
    GHashTable *shifts;         /* of zone_key(), to int64_t: blocks */
};

/* The zone with index @zone of namespace @nsid. */
static int64_t zone_key(uint32_t nsid, uint32_t zone)
{
    return (int64_t)nsid << 32 | zone;
}

void nvme_fi_zone_set_reported(NvmeFi *fi, NvmeNamespace *ns, uint32_t zone,
                               int64_t shift)
{
    int64_t key = zone_key(nvme_nsid(ns), zone);

    if (!fi->zones) {
        fi->zones = g_new(struct NvmeFiZones, 1);
        fi->zones->shifts = g_hash_table_new_full(g_int64_hash, g_int64_equal,
                                                  g_free, g_free);
    }
    if (shift) {
        g_hash_table_replace(fi->zones->shifts, g_memdup2(&key, sizeof(key)),
                             g_memdup2(&shift, sizeof(shift)));
    } else {
        g_hash_table_remove(fi->zones->shifts, &key);
    }
}

static void report_zone(const NvmeFi *fi, NvmeNamespace *ns, NvmeZoneDescr *d)
{
    uint64_t zslba = le64_to_cpu(d->zslba), wp = le64_to_cpu(d->wp);
    uint32_t zone = zslba / ns->zone_size;
    int64_t key = zone_key(nvme_nsid(ns), zone);
    const int64_t *shift = g_hash_table_lookup(fi->zones->shifts, &key);

    if (wp == UINT64_MAX) {
        return;                 /* its state has no write pointer */
    }
    d->wp = cpu_to_le64(wp + (shift ? *shift : 0));
}

void nvme_fi_zones_report(NvmeFi *fi, NvmeRequest *req, uint8_t *data,
                          uint32_t len)
{
    NvmeNamespace *ns = req->ns;
    size_t size = sizeof(NvmeZoneDescr);

    if ((le32_to_cpu(req->cmd.cdw13) & 0xff) == NVME_ZONE_REPORT_EXTENDED) {
        size += ns->params.zd_extension_size;
    }
    for (size_t at = sizeof(NvmeZoneReportHeader); at + size <= len;
         at += size) {
        NvmeZoneDescr *d = (NvmeZoneDescr *)&data[at];

        if (!d->zt) {
            return;             /* there was no further zone */
        }
        report_zone(fi, ns, d);
    }
}

void nvme_fi_zones_free(NvmeFi *fi)
{
    if (fi->zones) {
        g_hash_table_destroy(fi->zones->shifts);
        g_free(fi->zones);
        fi->zones = NULL;
    }
}
