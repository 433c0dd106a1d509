/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The source ranges of a Copy command (NVM Command Set 1.1, 3.3.2): the bad
 * block that is met first, and how many blocks all of them have together.
 */
#include "qemu/osdep.h"
#include "media.h"

/* What the model would refuse is left to it. */
static bool is_acceptable(NvmeCtrl *n, NvmeNamespace *ns,
                          const NvmeCopyCmd *copy, unsigned format)
{
    return ns && !ns->status && !NVME_CMD_FLAGS_FUSE(copy->flags) &&
        (le16_to_cpu(n->id_ctrl.ocfs) & (1 << format)) &&
        (format < NVME_COPY_FORMAT_2 ||
         (n->features.hbs.cdfe & (1 << format))) &&
        copy->nr <= ns->id_ns.msrc && (ns->pif != 0) == (format & 1);
}

/* The bad range that @nlb blocks from @slba on of the namespace @nsid of the
 * controller have first, if it has so many blocks. */
static BadRange *meets(NvmeFi *fi, uint32_t nsid, uint64_t slba, uint32_t nlb)
{
    NvmeNamespace *ns = nvme_ns(fi->ctrl, nsid);

    if (!ns || !nvme_fi_in_bounds(ns, slba, nlb)) {
        return NULL;
    }
    return bad_blocks_first(&fi->media->bad, nsid, slba, slba + nlb - 1);
}

BadRange *nvme_fi_copy_source(NvmeFi *fi, NvmeRequest *req, uint64_t *lba,
                              uint32_t *nlb)
{
    NvmeCopyCmd *copy = (NvmeCopyCmd *)&req->cmd;
    unsigned format = copy->control[0] & 0xf, nr = copy->nr + 1;
    size_t size = format & 1 ? sizeof(NvmeCopySourceRangeFormat1_3) :
                               sizeof(NvmeCopySourceRangeFormat0_2);
    uint32_t nsid = le32_to_cpu(copy->nsid);
    g_autofree uint8_t *data = g_malloc(nr * size);
    BadRange *met = NULL;

    *nlb = 0;
    if (!is_acceptable(fi->ctrl, nvme_ns(fi->ctrl, nsid), copy, format) ||
        !nvme_fi_read_data(fi->ctrl, req, data, nr * size)) {
        return NULL;
    }
    for (unsigned i = 0; i < nr; i++) {
        /* what is used here lies at the same place in all formats */
        NvmeCopySourceRangeFormat0_2 *range = (void *)(data + i * size);
        uint64_t slba = le64_to_cpu(range->slba);
        uint32_t len = le16_to_cpu(range->nlb) + 1;
        uint32_t from = format < NVME_COPY_FORMAT_2 ? nsid :
                        le32_to_cpu(range->sparams);

        *nlb += len;
        if (!met) {
            met = meets(fi, from, slba, len);
            *lba = met ? MAX(slba, met->node.first) : 0;
        }
    }
    return met;
}
