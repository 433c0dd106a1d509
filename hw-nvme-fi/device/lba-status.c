/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands about bad blocks that the model does not have: Write
 * Uncorrectable and Get LBA Status.
 */
#include "qemu/osdep.h"
#include "media.h"

/* NVM Command Set 1.1, 4.2.1. */
#define ATYPE_SCAN      0x10    /* untracked and tracked */
#define ATYPE_TRACKED   0x11
#define CMPC_MORE       1       /* what MNDW allows was transferred */
#define CMPC_COMPLETE   2
#define STATUS_UNRECOVERED_READ (1 << 0)
#define STATUS_UNCORRECTABLE    (1 << 1)

typedef struct QEMU_PACKED LbaStatus {
    uint32_t nlsd;
    uint8_t cmpc;
    uint8_t rsvd5[3];
} LbaStatus;

typedef struct QEMU_PACKED LbaStatusDescriptor {
    uint64_t dslba;
    uint32_t nlb;               /* 0's based */
    uint8_t rsvd12;
    uint8_t status;
    uint8_t rsvd14[2];
} LbaStatusDescriptor;

static bool mark(NvmeFiMedia *media, const NvmeRequest *req)
{
    const BadState state = {
        .status = NVME_FI_BAD_STATUS,
        .heal = true,
        .tracked = true,
        .uncorrectable = true,
    };
    uint64_t slba = nvme_fi_slba(req);

    if (!bad_blocks_room(&media->bad)) {
        return false;
    }
    bad_blocks_mark(&media->bad, le32_to_cpu(req->cmd.nsid), slba,
                    slba + nvme_fi_nlb(req) - 1, &state);
    nvme_fi_media_changed(media);
    return true;
}

/* The checks that the model makes of any I/O command with blocks. */
static uint16_t check(NvmeCtrl *n, const NvmeRequest *req)
{
    uint32_t nsid = le32_to_cpu(req->cmd.nsid);
    NvmeNamespace *ns = nvme_ns(n, nsid);

    if (!nvme_fi_is_nsid(nsid)) {
        return NVME_INVALID_NSID | NVME_DNR;
    }
    if (!ns) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    if (ns->status) {
        return ns->status;
    }
    if (NVME_CMD_FLAGS_FUSE(req->cmd.flags)) {
        return NVME_INVALID_FIELD;
    }
    if (!nvme_fi_in_bounds(ns, nvme_fi_slba(req), nvme_fi_nlb(req))) {
        return NVME_LBA_RANGE | NVME_DNR;
    }
    return NVME_SUCCESS;
}

/*
 * In a zoned namespace the command is a write as any other: at the write
 * pointer, which it moves (ZNS 1.2, 2.1.1.2.1).  The model knows how to do that
 * for Write Zeroes.
 */
bool nvme_fi_write_uncorrectable(NvmeFi *fi, NvmeRequest *req,
                                 uint16_t *status)
{
    NvmeNamespace *ns = nvme_ns(fi->ctrl, le32_to_cpu(req->cmd.nsid));
    NvmeRwCmd *rw = (NvmeRwCmd *)&req->cmd;

    *status = check(fi->ctrl, req);
    if (*status) {
        return true;
    }
    if (ns->csi == NVME_CSI_ZONED) {
        rw->opcode = NVME_CMD_WRITE_ZEROES;
        rw->control = 0;
        req->fi->uncorrectable = true;
        return false;
    }
    if (!mark(fi->media, req)) {
        *status = NVME_WRITE_FAULT;
    }
    return true;
}

void nvme_fi_uncorrectable_written(NvmeFi *fi, NvmeRequest *req, bool done)
{
    req->cmd.opcode = NVME_CMD_WRITE_UNCOR;
    req->fi->uncorrectable = false;
    if (done && !mark(fi->media, req)) {
        req->status = NVME_WRITE_FAULT;
    }
}

/* The range that is asked about, and how much of the list is wanted. */
typedef struct Query {
    uint32_t nsid;
    uint64_t slba;
    uint64_t last;
    bool scan;
    uint64_t bytes;
} Query;

static uint16_t parse(NvmeCtrl *n, const NvmeCmd *cmd, Query *query)
{
    uint32_t nsid = le32_to_cpu(cmd->nsid), dw13 = le32_to_cpu(cmd->cdw13);
    uint64_t slba = (uint64_t)le32_to_cpu(cmd->cdw11) << 32 |
                    le32_to_cpu(cmd->cdw10);
    uint64_t nlb = dw13 & 0xffff, bytes;
    unsigned atype = dw13 >> 24;
    NvmeNamespace *ns = nvme_ns(n, nsid);

    if (NVME_CMD_FLAGS_PSDT(cmd->flags) != NVME_PSDT_PRP) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    if (NVME_CMD_FLAGS_FUSE(cmd->flags)) {
        return NVME_INVALID_FIELD;
    }
    if (!nvme_fi_is_nsid(nsid)) {
        return NVME_INVALID_NSID | NVME_DNR;
    }
    bytes = ((uint64_t)le32_to_cpu(cmd->cdw12) + 1) * 4;
    if (!ns || (atype != ATYPE_SCAN && atype != ATYPE_TRACKED) ||
        (n->params.mdts && bytes > (uint64_t)n->page_size << n->params.mdts)) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    if (!nvme_fi_in_bounds(ns, slba, nlb ?: 1)) {
        return NVME_LBA_RANGE | NVME_DNR;
    }
    *query = (Query) {
        .nsid = nsid,
        .slba = slba,
        .last = nlb ? slba + nlb - 1 : le64_to_cpu(ns->id_ns.nsze) - 1,
        .scan = atype == ATYPE_SCAN,
        .bytes = bytes,
    };
    return NVME_SUCCESS;
}

static LbaStatusDescriptor descriptor(const BadRange *range, uint64_t slba,
                                      uint64_t last)
{
    bool read_error = (range->state.status & FI_STATUS_CODE_MASK) ==
                      NVME_FI_BAD_STATUS;

    return (LbaStatusDescriptor) {
        .dslba = cpu_to_le64(slba),
        .nlb = cpu_to_le32(last - slba),
        .status = (read_error ? STATUS_UNRECOVERED_READ : 0) |
                  (range->state.uncorrectable ? STATUS_UNCORRECTABLE : 0),
    };
}

/* A scan finds what the controller did not know of. */
static bool is_reported(NvmeFiMedia *media, BadRange *range, bool scan)
{
    if (scan && !range->state.tracked) {
        range->state.tracked = true;
        nvme_fi_media_changed(media);
    }
    return range->state.tracked;
}

/* Appends the descriptors of @query, @max at most, to @list; returns whether
 * these are all. */
static bool describe(NvmeFiMedia *media, const Query *query, uint64_t max,
                     GArray *list)
{
    uint64_t slba = query->slba;
    BadRange *range;

    while ((range = bad_blocks_first(&media->bad, query->nsid, slba,
                                     query->last))) {
        uint64_t end = MIN(range->node.last, query->last);

        slba = MAX(slba, range->node.first);
        if (is_reported(media, range, query->scan)) {
            LbaStatusDescriptor entry;

            if (list->len == max) {
                return false;
            }
            end = MIN(end, slba + UINT32_MAX);
            entry = descriptor(range, slba, end);
            g_array_append_val(list, entry);
        }
        if (end == query->last) {
            break;
        }
        slba = end + 1;
    }
    return true;
}

uint16_t nvme_fi_get_lba_status(NvmeFi *fi, NvmeRequest *req)
{
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE,
                                         sizeof(LbaStatusDescriptor));
    g_autoptr(GByteArray) data = g_byte_array_new();
    LbaStatus header = { .cmpc = CMPC_COMPLETE };
    Query query;
    uint16_t status = parse(fi->ctrl, &req->cmd, &query);

    if (status) {
        return status;
    }
    if (!describe(fi->media, &query, (MAX(query.bytes, sizeof(header)) -
                                      sizeof(header)) /
                  sizeof(LbaStatusDescriptor), list)) {
        header.cmpc = CMPC_MORE;
    }
    header.nlsd = cpu_to_le32(list->len);
    g_byte_array_append(data, (uint8_t *)&header, sizeof(header));
    if (list->len) {
        g_byte_array_append(data, (uint8_t *)list->data,
                            list->len * sizeof(LbaStatusDescriptor));
    }
    return nvme_c2h(fi->ctrl, data->data, MIN(query.bytes, data->len), req);
}
