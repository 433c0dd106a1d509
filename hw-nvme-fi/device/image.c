/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extents of a command, and images of them, transferred extent by extent.
 */
#include "qemu/osdep.h"
#include "image.h"

static bool is_within(NvmeNamespace *ns, uint64_t slba, uint64_t nlb)
{
    uint64_t nsze = le64_to_cpu(ns->id_ns.nsze);

    return nlb && slba < nsze && nlb <= nsze - slba;
}

static void add_extent(NvmeNamespace *ns, uint64_t slba, uint64_t nlb,
                       GArray *extents)
{
    FiRange extent = { .slba = slba, .nlb = nlb };

    if (is_within(ns, slba, nlb)) {
        g_array_append_val(extents, extent);
    }
}

static void add_append(NvmeNamespace *ns, const NvmeRwCmd *rw, GArray *extents)
{
    uint64_t slba = le64_to_cpu(rw->slba);
    NvmeZone *zone;

    if (ns->csi != NVME_CSI_ZONED || !is_within(ns, slba, 1)) {
        return;
    }
    zone = &ns->zone_array[slba / ns->zone_size];
    add_extent(ns, zone->w_ptr, le16_to_cpu(rw->nlb) + 1, extents);
}

/* The model skips ranges that are longer than DMRSL. */
static void add_dsm(NvmeFi *fi, NvmeRequest *req, NvmeNamespace *ns,
                    GArray *extents)
{
    const NvmeDsmCmd *dsm = (const NvmeDsmCmd *)&req->cmd;
    g_autoptr(GArray) ranges = NULL;

    if (!(le32_to_cpu(dsm->attributes) & NVME_DSMGMT_AD)) {
        return;
    }
    ranges = nvme_fi_host_ranges(fi, req);
    for (unsigned i = 0; i < ranges->len; i++) {
        const FiRange *range = &g_array_index(ranges, FiRange, i);

        if (range->nlb <= fi->ctrl->dmrsl) {
            add_extent(ns, range->slba, range->nlb, extents);
        }
    }
}

/* The destination is the first of the ranges. */
static void add_copy(NvmeFi *fi, NvmeRequest *req, NvmeNamespace *ns,
                     GArray *extents)
{
    g_autoptr(GArray) ranges = nvme_fi_host_ranges(fi, req);

    if (ranges->len) {
        add_extent(ns, g_array_index(ranges, FiRange, 0).slba,
                   g_array_index(ranges, FiRange, 0).nlb, extents);
    }
}

void nvme_fi_extents(NvmeFi *fi, NvmeRequest *req, NvmeNamespace *ns,
                     GArray *extents)
{
    const NvmeRwCmd *rw = (const NvmeRwCmd *)&req->cmd;

    switch (req->cmd.opcode) {
    case NVME_CMD_READ:
    case NVME_CMD_WRITE:
    case NVME_CMD_WRITE_ZEROES:
        add_extent(ns, le64_to_cpu(rw->slba), le16_to_cpu(rw->nlb) + 1,
                   extents);
        break;
    case NVME_CMD_ZONE_APPEND:
        add_append(ns, rw, extents);
        break;
    case NVME_CMD_DSM:
        add_dsm(fi, req, ns, extents);
        break;
    case NVME_CMD_COPY:
        add_copy(fi, req, ns, extents);
        break;
    }
}

static uint64_t count_blocks(const FiRange *extents, unsigned n)
{
    uint64_t nlb = 0;

    for (unsigned i = 0; i < n; i++) {
        nlb += extents[i].nlb;
    }
    return nlb;
}

uint64_t nvme_fi_extents_bytes(NvmeNamespace *ns, const GArray *extents)
{
    uint64_t nlb = count_blocks((FiRange *)extents->data, extents->len);

    return nvme_fi_data_len(ns, nlb) + nvme_fi_meta_len(ns, nlb);
}

static NvmeFiImage *image_new(NvmeNamespace *ns, const FiRange *extents,
                              unsigned n)
{
    NvmeFiImage *image = g_new0(NvmeFiImage, 1);

    image->ns = ns;
    image->n = n;
    image->extents = g_memdup2(extents, n * sizeof(*extents));
    image->nlb = count_blocks(extents, n);
    image->lbasz = ns->lbasz;
    image->ms = ns->lbaf.ms;
    image->data = g_malloc(nvme_fi_data_len(ns, image->nlb));
    if (ns->lbaf.ms) {
        image->meta = g_malloc(nvme_fi_meta_len(ns, image->nlb));
    }
    image->bytes = nvme_fi_data_len(ns, image->nlb) +
        nvme_fi_meta_len(ns, image->nlb);
    return image;
}

NvmeFiImage *nvme_fi_image_new(NvmeNamespace *ns, const GArray *extents)
{
    return image_new(ns, (FiRange *)extents->data, extents->len);
}

NvmeFiImage *nvme_fi_image_like(const NvmeFiImage *image)
{
    return image_new(image->ns, image->extents, image->n);
}

void nvme_fi_image_free(NvmeFiImage *image)
{
    if (image) {
        g_free(image->extents);
        g_free(image->data);
        g_free(image->meta);
        g_free(image);
    }
}

bool nvme_fi_image_fits(const NvmeFiImage *image)
{
    return image->lbasz == image->ns->lbasz &&
        image->ms == image->ns->lbaf.ms;
}

uint64_t nvme_fi_place(const NvmeNamespace *ns, const FiRange *blocks,
                       int64_t by)
{
    uint64_t last = le64_to_cpu(ns->id_ns.nsze) - blocks->nlb;
    uint64_t far;

    if (by < 0) {
        far = -(uint64_t)by;
        return far > blocks->slba ? 0 : blocks->slba - far;
    }
    far = by;
    return far > last - blocks->slba ? last : blocks->slba + far;
}

uint64_t nvme_fi_image_place(const NvmeFiImage *image, const FiRange *extent,
                             int64_t by)
{
    return nvme_fi_place(image->ns, extent, by);
}

/* The model puts the block that it chose into the SQE. */
void nvme_fi_image_follow(NvmeFiImage *image, const NvmeRequest *req)
{
    const NvmeRwCmd *rw = (const NvmeRwCmd *)&req->cmd;

    if (req->cmd.opcode == NVME_CMD_ZONE_APPEND) {
        image->extents[0].slba = le64_to_cpu(rw->slba);
    }
}

static void transfer_next(NvmeRequest *req, int ret);

static void transfer_extent(NvmeRequest *req, NvmeFiImage *image,
                            const FiRange *extent, uint64_t skip,
                            uint64_t block)
{
    NvmeNamespace *ns = image->ns;
    uint64_t slba = nvme_fi_image_place(image, extent, image->by) + skip;
    uint8_t *data = image->data + nvme_fi_data_len(ns, block + skip);
    uint8_t *meta = !image->meta ? NULL :
        image->meta + nvme_fi_meta_len(ns, block + skip);

    if (image->write) {
        nvme_fi_medium_write(req, ns, slba, extent->nlb - skip, data, meta,
                             transfer_next);
    } else {
        nvme_fi_medium_read(req, ns, slba, extent->nlb - skip, data, meta,
                            transfer_next);
    }
}

/* Goes on with the next extent that has a block to be transferred. */
static void transfer_next(NvmeRequest *req, int ret)
{
    NvmeFiImage *image = req->fi->image;

    if (ret >= 0 && !nvme_fi_image_fits(image)) {
        ret = -EIO;
    }
    while (ret >= 0 && image->next < image->n) {
        const FiRange *extent = &image->extents[image->next++];
        uint64_t block = image->block;
        uint64_t skip = image->first > block ? image->first - block : 0;

        image->block += extent->nlb;
        if (skip < extent->nlb) {
            transfer_extent(req, image, extent, skip, block);
            return;
        }
    }
    req->fi->image = NULL;
    image->done(req, ret);
}

static void transfer(NvmeRequest *req, NvmeFiImage *image, bool write,
                     int64_t by, uint64_t first, NvmeFiMediumFunc *done)
{
    assert(!req->fi->image && first < image->nlb);
    image->write = write;
    image->by = by;
    image->first = first;
    image->next = 0;
    image->block = 0;
    image->done = done;
    req->fi->image = image;
    transfer_next(req, 0);
}

void nvme_fi_image_read(NvmeRequest *req, NvmeFiImage *image, int64_t by,
                        NvmeFiMediumFunc *done)
{
    transfer(req, image, false, by, 0, done);
}

void nvme_fi_image_write(NvmeRequest *req, NvmeFiImage *image, int64_t by,
                         uint64_t first, NvmeFiMediumFunc *done)
{
    transfer(req, image, true, by, first, done);
}
