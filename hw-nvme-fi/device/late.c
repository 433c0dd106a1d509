/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes that come a second time after their command was completed.  A reset
 * of the controller, and the loss of the namespace or of its format, ends those
 * that wait.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "system/block-backend.h"
#include "hw/nvme/trace.h"
#include "data.h"

/* qapi/nvme-fi.json says so, too. */
#define MAX_LATE        1024
#define MAX_LATE_BYTES  NVME_FI_MAX_IMAGE

typedef struct NvmeFiLate {
    struct NvmeFiLateList *list;        /* NULL: nobody waits for it */
    NvmeFiImage *image;
    uint32_t nsid;
    bool append;
    bool due;
    QEMUTimer timer;
    QEMUIOVector iov;
    unsigned next;                      /* extent */
    uint64_t block;                     /* of that */
    bool meta;                          /* its metadata is next */
    QTAILQ_ENTRY(NvmeFiLate) entry;
} NvmeFiLate;

struct NvmeFiLateList {
    NvmeFi *fi;
    QEMUBH *bh;
    unsigned n;
    size_t bytes;
    QTAILQ_HEAD(, NvmeFiLate) waiting;
    QTAILQ_HEAD(, NvmeFiLate) writing;
};

static void late_free(NvmeFiLate *late)
{
    timer_del(&late->timer);
    nvme_fi_image_free(late->image);
    g_free(late);
}

static void late_end(NvmeFiLate *late)
{
    if (late->list) {
        QTAILQ_REMOVE(&late->list->writing, late, entry);
        late->list->n--;
        late->list->bytes -= late->image->bytes;
    }
    late_free(late);
}

static void late_write(void *opaque, int ret)
{
    NvmeFiLate *late = opaque;
    NvmeFiImage *image = late->image;
    NvmeNamespace *ns = image->ns;
    bool meta = late->meta;
    FiRange *extent;
    void *buf;

    if (ret < 0 || !late->list || late->next == image->n ||
        !nvme_fi_image_fits(image)) {
        late_end(late);
        return;
    }
    extent = &image->extents[late->next];
    if (meta) {
        buf = image->meta + nvme_fi_meta_len(ns, late->block);
        qemu_iovec_init_buf(&late->iov, buf,
                            nvme_fi_meta_len(ns, extent->nlb));
    } else {
        buf = image->data + nvme_fi_data_len(ns, late->block);
        qemu_iovec_init_buf(&late->iov, buf,
                            nvme_fi_data_len(ns, extent->nlb));
    }
    late->meta = !meta && image->meta;
    if (!late->meta) {
        late->next++;
        late->block += extent->nlb;
    }
    blk_aio_pwritev(ns->blkconf.blk, meta ? nvme_moff(ns, extent->slba) :
                    nvme_l2b(ns, extent->slba), &late->iov, 0, late_write,
                    late);
}

/* ZNS 1.2, 3.4.1; true if the zone has room, which is taken. */
static bool append_begin(NvmeFiLate *late)
{
    FiRange *extent = &late->image->extents[0];
    NvmeNamespace *ns = late->image->ns;
    NvmeZone *zone = &ns->zone_array[extent->slba / ns->zone_size];
    NvmeZoneState state = nvme_get_zone_state(zone);

    if ((state != NVME_ZONE_STATE_IMPLICITLY_OPEN &&
         state != NVME_ZONE_STATE_EXPLICITLY_OPEN) ||
        (zone->d.za & NVME_ZA_ZRWA_VALID) || zone->w_ptr != zone->d.wp ||
        zone->w_ptr + extent->nlb > nvme_zone_wr_boundary(zone)) {
        return false;
    }
    extent->slba = zone->w_ptr;
    zone->w_ptr += extent->nlb;
    zone->d.wp = zone->w_ptr;
    if (zone->d.wp == nvme_zone_wr_boundary(zone)) {
        nvme_aor_dec_open(ns);
        nvme_aor_dec_active(ns);
        nvme_assign_zone_state(ns, zone, NVME_ZONE_STATE_FULL);
    }
    return true;
}

static void late_begin(NvmeFiLate *late)
{
    struct NvmeFiLateList *list = late->list;
    NvmeFi *fi = list->fi;

    QTAILQ_REMOVE(&list->waiting, late, entry);
    QTAILQ_INSERT_TAIL(&list->writing, late, entry);
    if (nvme_ns(fi->ctrl, late->nsid) != late->image->ns) {
        trace_pci_nvme_fi_left_out(fi->device, "duplicate",
                                   "the namespace is not attached any more");
        late_end(late);
    } else if (!nvme_fi_image_fits(late->image)) {
        trace_pci_nvme_fi_left_out(fi->device, "duplicate",
                                   "the namespace was formatted");
        late_end(late);
    } else if (late->append && !append_begin(late)) {
        trace_pci_nvme_fi_left_out(fi->device, "duplicate",
                                   "the zone has no room, or is not open");
        late_end(late);
    } else {
        late_write(late, 0);
    }
}

static void late_bh(void *opaque)
{
    struct NvmeFiLateList *list = opaque;
    NvmeFiLate *late, *next;

    QTAILQ_FOREACH_SAFE(late, &list->waiting, entry, next) {
        if (late->due) {
            late_begin(late);
        }
    }
}

/* Timers run without the re-entrancy guard of the device; its BH has it. */
static void late_timer(void *opaque)
{
    NvmeFiLate *late = opaque;

    late->due = true;
    qemu_bh_schedule(late->list->bh);
}

static struct NvmeFiLateList *late_list(NvmeFi *fi)
{
    if (!fi->late) {
        fi->late = g_new0(struct NvmeFiLateList, 1);
        fi->late->fi = fi;
        fi->late->bh = qemu_bh_new_guarded(late_bh, fi->late,
            &DEVICE(fi->ctrl)->mem_reentrancy_guard);
        QTAILQ_INIT(&fi->late->waiting);
        QTAILQ_INIT(&fi->late->writing);
    }
    return fi->late;
}

/* What was appended elsewhere would not carry the reference tags of its
 * place. */
static const char *refusal(const struct NvmeFiLateList *list,
                           const NvmeFiImage *image, bool append)
{
    if (append && NVME_ID_NS_DPS_TYPE(image->ns->id_ns.dps)) {
        return "late appends have no protection information";
    }
    if (list->n == MAX_LATE || list->bytes + image->bytes > MAX_LATE_BYTES) {
        return "too many duplicates wait";
    }
    return NULL;
}

void nvme_fi_late_add(NvmeFi *fi, const NvmeRequest *req, NvmeFiImage *image,
                      uint64_t delay_ns)
{
    struct NvmeFiLateList *list = late_list(fi);
    bool append = req->cmd.opcode == NVME_CMD_ZONE_APPEND;
    const char *why = refusal(list, image, append);
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    NvmeFiLate *late;

    if (why) {
        trace_pci_nvme_fi_left_out(fi->device, req->fi->id, why);
        nvme_fi_image_free(image);
        return;
    }
    late = g_new0(NvmeFiLate, 1);
    late->list = list;
    late->image = image;
    late->nsid = le32_to_cpu(req->cmd.nsid);
    late->append = append;
    timer_init_ns(&late->timer, QEMU_CLOCK_VIRTUAL, late_timer, late);
    list->n++;
    list->bytes += image->bytes;
    QTAILQ_INSERT_TAIL(&list->waiting, late, entry);
    timer_mod_ns(&late->timer,
                 now + MIN(delay_ns, (uint64_t)(INT64_MAX - now)));
}

/* Those under way end by themselves: their block backend is drained. */
void nvme_fi_late_reset(NvmeFi *fi)
{
    NvmeFiLate *late;

    if (!fi->late) {
        return;
    }
    while ((late = QTAILQ_FIRST(&fi->late->waiting))) {
        QTAILQ_REMOVE(&fi->late->waiting, late, entry);
        late_free(late);
    }
    while ((late = QTAILQ_FIRST(&fi->late->writing))) {
        QTAILQ_REMOVE(&fi->late->writing, late, entry);
        late->list = NULL;
    }
    fi->late->n = 0;
    fi->late->bytes = 0;
}

void nvme_fi_late_exit(NvmeFi *fi)
{
    nvme_fi_late_reset(fi);
    if (fi->late && fi->late->bh) {
        qemu_bh_delete(fi->late->bh);
        fi->late->bh = NULL;
    }
}

void nvme_fi_late_free(NvmeFi *fi)
{
    nvme_fi_late_exit(fi);
    g_free(fi->late);
    fi->late = NULL;
}
