/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the volatile write cache remembers of commands, and what makes writes
 * stable: Flush, Force Unit Access, the end of the cache's room.
 */
#include "qemu/osdep.h"
#include "system/block-backend.h"
#include "action.h"
#include "cache.h"

#define ZONE_SEND_ALL (1 << 8)  /* Select All, in dword 13 (ZNS 1.2, 3.4.3) */

static bool overlaps(const NvmeFiImage *image, const FiRange *range)
{
    for (unsigned i = 0; i < image->n; i++) {
        const FiRange *extent = &image->extents[i];

        if (extent->slba < range->slba + range->nlb &&
            range->slba < extent->slba + extent->nlb) {
            return true;
        }
    }
    return false;
}

/* Whether an older write of a block of @write is not stable: that of @write,
 * which is, has to be remembered, so that the older one cannot come back. */
static bool hides_older(NvmeFiCache *cache, const NvmeFiCached *write)
{
    NvmeFiCached *older;

    QTAILQ_FOREACH(older, &cache->writes, entry) {
        if (older == write) {
            return false;
        }
        if (older->stable || older->nsid != write->nsid) {
            continue;
        }
        for (unsigned i = 0; i < write->before->n; i++) {
            if (overlaps(older->before, &write->before->extents[i])) {
                return true;
            }
        }
    }
    g_assert_not_reached();
}

static void forget(NvmeFiCache *cache, NvmeFiCached *write)
{
    QTAILQ_REMOVE(&cache->writes, write, entry);
    cache->n--;
    if (!write->stable) {
        cache->bytes -= write->before->bytes;
        cache->unstable--;
    }
    nvme_fi_image_free(write->before);
    g_free(write);
}

static void drop_content(NvmeFiCached *write)
{
    if (!write->reading) {
        g_clear_pointer(&write->before->data, g_free);
        g_clear_pointer(&write->before->meta, g_free);
    }
}

static void set_stable(NvmeFiCache *cache, NvmeFiCached *write)
{
    if (!write->stable) {
        write->stable = true;
        cache->bytes -= write->before->bytes;
        cache->unstable--;
        drop_content(write);
    }
}

static void forget_if_done(NvmeFiCache *cache, NvmeFiCached *write)
{
    if (write->stable && !write->owned && !hides_older(cache, write)) {
        forget(cache, write);
    }
}

/* What became stable uncovers nothing: oldest first, most can go. */
static void prune(NvmeFiCache *cache)
{
    NvmeFiCached *write, *next;

    QTAILQ_FOREACH_SAFE(write, &cache->writes, entry, next) {
        forget_if_done(cache, write);
    }
}

void nvme_fi_cache_settle(NvmeFiCache *cache, uint32_t nsid)
{
    NvmeFiCached *write;

    QTAILQ_FOREACH(write, &cache->writes, entry) {
        if (nsid == NVME_NSID_BROADCAST || nsid == write->nsid) {
            set_stable(cache, write);
        }
    }
    prune(cache);
}

void nvme_fi_cache_forget(NvmeFiCache *cache)
{
    NvmeFiCached *write, *next;

    QTAILQ_FOREACH_SAFE(write, &cache->writes, entry, next) {
        forget(cache, write);
    }
}

/* The oldest become stable until there is room for @bytes more. */
static void make_room(NvmeFiCache *cache, uint64_t bytes)
{
    NvmeFiCached *write, *next;

    QTAILQ_FOREACH_SAFE(write, &cache->writes, entry, next) {
        if (cache->bytes + bytes <= cache->size &&
            cache->n < NVME_FI_MAX_CACHED) {
            return;
        }
        set_stable(cache, write);
        forget_if_done(cache, write);
    }
}

/* Commands */

static bool is_enabled(NvmeNamespace *ns)
{
    return blk_enable_write_cache(ns->blkconf.blk);
}

static uint32_t dword(uint32_t le)
{
    return le32_to_cpu(le);
}

/* Set Features, Volatile Write Cache, with WCE cleared (Base 2.1, 5.1.25.1.4):
 * the controller writes back what it has. */
static bool disables_cache(const NvmeCmd *cmd)
{
    return cmd->opcode == NVME_ADM_CMD_SET_FEATURES &&
        (dword(cmd->cdw10) & 0xff) == NVME_VOLATILE_WRITE_CACHE &&
        !(dword(cmd->cdw11) & 1);
}

bool nvme_fi_cache_wants(NvmeFi *fi, const NvmeRequest *req)
{
    if (!req->sq->sqid) {
        return req->cmd.opcode == NVME_ADM_CMD_FORMAT_NVM ||
            disables_cache(&req->cmd);
    }
    switch (req->cmd.opcode) {
    case NVME_CMD_FLUSH:
    case NVME_CMD_WRITE:
    case NVME_CMD_WRITE_ZEROES:
    case NVME_CMD_DSM:
    case NVME_CMD_COPY:
    case NVME_CMD_ZONE_APPEND:
    case NVME_CMD_ZONE_MGMT_SEND:
        return true;
    default:
        return false;
    }
}

static NvmeFiCapture *capture_new(NvmeFiCache *cache, NvmeRequest *req)
{
    NvmeFiCapture *capture = g_new0(NvmeFiCapture, 1);

    capture->cache = cache;
    capture->nsid = dword(req->cmd.nsid);
    capture->tick = cache->ticks;
    capture->range.nlb = INT64_MAX;
    req->fi->capture = capture;
    return capture;
}

static void was_read(NvmeRequest *req, int ret)
{
    NvmeFiCapture *capture = req->fi->capture;
    NvmeFiCached *write = capture->write;

    write->reading = false;
    write->read = ret >= 0;
    if (write->stable) {
        drop_content(write);
    }
    if (ret == -ECANCELED) {
        return;
    }
    if (ret < 0) {
        /* not known, not to be restored */
        set_stable(capture->cache, write);
    }
    nvme_fi_carry_out(req);
}

/* Bit 30 of dword 12, FUA, of all that write and are not a deallocation. */
static bool is_fua(const NvmeCmd *cmd)
{
    return cmd->opcode != NVME_CMD_DSM && (dword(cmd->cdw12) >> 30 & 1);
}

static bool capture_write(NvmeFiCache *cache, NvmeRequest *req)
{
    NvmeNamespace *ns = nvme_ns(cache->fi->ctrl, dword(req->cmd.nsid));
    g_autoptr(GArray) extents = g_array_new(FALSE, FALSE, sizeof(FiRange));
    NvmeFiCapture *capture;
    NvmeFiCached *write;
    uint64_t bytes;

    if (!ns || !is_enabled(ns)) {
        return false;
    }
    nvme_fi_extents(cache->fi, req, ns, extents);
    if (!extents->len) {
        return false;
    }
    bytes = nvme_fi_extents_bytes(ns, extents);
    if (bytes > cache->size || !nvme_fi_reserve(req, bytes)) {
        /* it goes past the cache, and so must all that it overwrites */
        nvme_fi_cache_settle(cache, NVME_NSID_BROADCAST);
        return false;
    }
    make_room(cache, bytes);
    write = g_new0(NvmeFiCached, 1);
    write->seq = cache->next_seq++;
    write->opcode = req->cmd.opcode;
    write->nsid = dword(req->cmd.nsid);
    write->before = nvme_fi_image_new(ns, extents);
    write->owned = true;
    write->reading = true;
    QTAILQ_INSERT_TAIL(&cache->writes, write, entry);
    cache->n++;
    cache->unstable++;
    cache->bytes += bytes;
    capture = capture_new(cache, req);
    capture->write = write;
    capture->fua = is_fua(&req->cmd);
    nvme_fi_image_read(req, write->before, 0, was_read);
    return true;
}

/* What a zone command changes is stable when it completes (a zone is as its
 * descriptor says after a loss of power), the blocks of the zone with it. */
static void capture_zone(NvmeFiCache *cache, NvmeRequest *req)
{
    NvmeNamespace *ns = nvme_ns(cache->fi->ctrl, dword(req->cmd.nsid));
    NvmeFiCapture *capture = capture_new(cache, req);

    capture->flush = true;
    if (ns && ns->csi == NVME_CSI_ZONED &&
        !(dword(req->cmd.cdw13) & ZONE_SEND_ALL)) {
        capture->range.slba = dword(req->cmd.cdw10) |
            (uint64_t)dword(req->cmd.cdw11) << 32;
        capture->range.nlb = ns->zone_size;
    }
}

bool nvme_fi_cache_capture(NvmeFi *fi, NvmeRequest *req)
{
    NvmeFiCache *cache = fi->cache;

    if (!nvme_fi_cache_wants(fi, req)) {
        return false;           /* a rule matched it */
    }
    if (!req->sq->sqid) {
        if (req->cmd.opcode == NVME_ADM_CMD_FORMAT_NVM) {
            nvme_fi_cache_settle(cache, dword(req->cmd.nsid));
        } else {
            capture_new(cache, req)->flush = true;
            req->fi->capture->nsid = NVME_NSID_BROADCAST;
        }
        return false;
    }
    if (req->cmd.opcode == NVME_CMD_FLUSH) {
        capture_new(cache, req)->flush = true;
        return false;
    }
    if (req->cmd.opcode == NVME_CMD_ZONE_MGMT_SEND) {
        capture_zone(cache, req);
        return false;
    }
    return capture_write(cache, req);
}

static void note_flush(const NvmeFiCapture *capture)
{
    NvmeFiCache *cache = capture->cache;
    NvmeFiCached *write;

    QTAILQ_FOREACH(write, &cache->writes, entry) {
        if (write->done && write->done <= capture->tick &&
            (capture->nsid == NVME_NSID_BROADCAST ||
             capture->nsid == write->nsid) &&
            overlaps(write->before, &capture->range)) {
            set_stable(cache, write);
        }
    }
    prune(cache);
}

void nvme_fi_cache_note(NvmeFi *fi, NvmeRequest *req)
{
    NvmeFiCapture *capture = req->fi->capture;

    if (capture->write) {
        capture->write->done = ++fi->cache->ticks;
        if (!req->status) {
            nvme_fi_image_follow(capture->write->before, req);
        }
        if (!req->status && capture->fua) {
            set_stable(fi->cache, capture->write);
        }
    } else if (capture->flush && !req->status) {
        note_flush(capture);
    }
}

void nvme_fi_capture_free(NvmeFiCapture *capture)
{
    NvmeFiCached *write = capture ? capture->write : NULL;

    if (write) {
        write->owned = false;
        if (!write->read) {
            forget(capture->cache, write);      /* never carried out */
        } else {
            if (!write->done) {
                write->done = ++capture->cache->ticks;
            }
            forget_if_done(capture->cache, write);
        }
    }
    g_free(capture);
}
