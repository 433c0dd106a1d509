/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changed Zone List (NVM Express ZNS 1.2, log page BFh): the zones whose
 * descriptor changed since the host read the page last.
 */
#include "qemu/osdep.h"
#include "event.h"

#define MAX_ZONES       511
#define TOO_MANY        0xffff

typedef struct QEMU_PACKED ZoneLog {
    uint16_t zones;
    uint8_t reserved[6];
    uint64_t zslba[MAX_ZONES];
} ZoneLog;

static GArray *list_of(struct NvmeFiEvents *e, uint32_t nsid)
{
    GArray *list;

    if (!e->zones) {
        e->zones = g_hash_table_new_full(NULL, NULL, NULL,
                                         (GDestroyNotify)g_array_unref);
    }
    list = g_hash_table_lookup(e->zones, GUINT_TO_POINTER(nsid));
    if (!list) {
        list = g_array_new(false, false, sizeof(uint64_t));
        g_hash_table_insert(e->zones, GUINT_TO_POINTER(nsid), list);
    }
    return list;
}

/* One more than the page can name is all that need be known. */
void nvme_fi_zone_log_add(NvmeFi *fi, NvmeNamespace *ns, uint64_t slba)
{
    GArray *list = list_of(nvme_fi_events(fi), ns->params.nsid);
    uint64_t zslba = slba / ns->zone_size * ns->zone_size;

    for (unsigned i = 0; i < list->len; i++) {
        if (g_array_index(list, uint64_t, i) == zslba) {
            return;
        }
    }
    if (list->len <= MAX_ZONES) {
        g_array_append_val(list, zslba);
    }
}

uint16_t nvme_fi_zone_log(NvmeFi *fi, NvmeRequest *req,
                          const NvmeFiLogRequest *log)
{
    NvmeNamespace *ns = nvme_ns(fi->ctrl, log->nsid);
    g_autofree ZoneLog *page = g_new0(ZoneLog, 1);
    uint16_t status;
    GArray *list;

    QEMU_BUILD_BUG_ON(sizeof(*page) != 4096);
    if (!ns || !ns->params.zoned) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    list = list_of(fi->events, log->nsid);
    if (list->len > MAX_ZONES) {
        page->zones = cpu_to_le16(TOO_MANY);
    } else {
        page->zones = cpu_to_le16(list->len);
        for (unsigned i = 0; i < list->len; i++) {
            page->zslba[i] = cpu_to_le64(g_array_index(list, uint64_t, i));
        }
    }
    status = nvme_fi_log_transfer(fi, req, log, page, sizeof(*page));
    if (status == NVME_SUCCESS && !log->rae) {
        g_array_set_size(list, 0);
    }
    return status;
}
