/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of the medium's bad blocks: its life, and what it makes of
 * commands.  What reads a bad block fails before it transfers anything; a
 * write that was carried out heals.
 */
#include "qemu/osdep.h"
#include "../engine/names.h"
#include "action.h"
#include "image.h"
#include "media.h"

#define PROPERTY "fi-media"     /* of its owner; holds a reference */

static void media_unref(NvmeFiMedia *media)
{
    if (!--media->refs) {
        nvme_fi_media_file_close(media->file);
        bad_blocks_clear(&media->bad);
        g_free(media);
    }
}

static void release(Object *obj, const char *name, void *opaque)
{
    NvmeFiMedia *media = opaque;

    nvme_fi_media_file_close(media->file);
    media->file = NULL;
    media_unref(media);
}

/* The subsystem; in QEMU 7.2, a controller can be without one. */
static Object *owner(NvmeCtrl *n)
{
    return n->subsys ? OBJECT(n->subsys) : OBJECT(n);
}

NvmeFiMedia *nvme_fi_media_find(NvmeCtrl *n)
{
    ObjectProperty *prop = object_property_find(owner(n), PROPERTY);

    return prop ? prop->opaque : NULL;
}

/* NVMe Base 2.1, Identify Controller and Commands Supported and Effects. */
static void announce(NvmeCtrl *n)
{
    n->id_ctrl.oncs |= cpu_to_le16(NVME_ONCS_WRITE_UNCORR);
    n->id_ctrl.oacs |= cpu_to_le16(1 << 9);     /* Get LBA Status */
    n->cse.acs[NVME_FI_ADM_GET_LBA_STATUS] = NVME_CMD_EFF_CSUPP;
    n->cse.iocs.nvm[NVME_CMD_WRITE_UNCOR] = NVME_CMD_EFF_CSUPP |
                                            NVME_CMD_EFF_LBCC;
    n->cse.iocs.zoned[NVME_CMD_WRITE_UNCOR] = NVME_CMD_EFF_CSUPP |
                                              NVME_CMD_EFF_LBCC;
}

static void join(NvmeFiMedia *media, NvmeCtrl *n)
{
    NvmeFi *fi = nvme_fi_state(n);

    if (!fi->media) {
        fi->media = media;
        media->refs++;
        announce(n);
    }
}

NvmeFiMedia *nvme_fi_media_get(NvmeCtrl *n)
{
    NvmeFiMedia *media = nvme_fi_media_find(n);

    if (media) {
        return media;
    }
    media = g_new0(NvmeFiMedia, 1);
    media->refs = 1;
    object_property_add(owner(n), PROPERTY, "NvmeFiMedia", NULL, NULL, release,
                        media);
    join(media, n);
    for (uint32_t i = 0; i < NVME_MAX_CONTROLLERS; i++) {
        NvmeCtrl *other = nvme_subsys_ctrl(n->subsys, i);

        if (other) {
            join(media, other);
        }
    }
    return media;
}

void nvme_fi_media_start(NvmeCtrl *n)
{
    NvmeFiProps *props = n->fi_props;
    NvmeFiMedia *media;

    if (!props->media_file && !nvme_fi_media_find(n)) {
        return;
    }
    media = nvme_fi_media_get(n);
    join(media, n);
    if (props->media_file && !media->file) {
        nvme_fi_media_file_open(media, props);
    }
}

void nvme_fi_media_free(NvmeFi *fi)
{
    if (fi->media) {
        nvme_fi_media_file_flush(fi->media->file);
        media_unref(fi->media);
        fi->media = NULL;
    }
}

void nvme_fi_media_changed(NvmeFiMedia *media)
{
    if (media->file) {
        nvme_fi_media_file_dirty(media->file);
    }
}

void nvme_fi_bad_range_to_qapi(uint32_t nsid, const BadRange *range,
                               NvmeFiBadRange *out)
{
    uint16_t status = range->state.status;
    const char *name = status & ~FI_STATUS_CODE_MASK ? NULL :
                                                       fi_status_name(status);

    *out = (NvmeFiBadRange) {
        .has_nsid = true,
        .nsid = nsid,
        .has_slba = true,
        .slba = range->node.first,
        .has_nlb = true,
        .nlb = range->node.last - range->node.first + 1,
        .status = name ? g_strdup(name) : g_strdup_printf("0x%03x", status),
        .has_heal = true,
        .heal = range->state.heal,
        .has_tracked = true,
        .tracked = range->state.tracked,
        .has_uncorrectable = true,
        .uncorrectable = range->state.uncorrectable,
    };
}

NvmeFiBadRangeList *nvme_fi_media_query(const NvmeFi *fi)
{
    NvmeFiBadRangeList *list = NULL, **tail = &list;

    for (uint32_t nsid = 1; fi->media && nsid <= NVME_MAX_NAMESPACES; nsid++) {
        const BadBlocks *bad = &fi->media->bad;
        BadRange *range = bad_blocks_first(bad, nsid, 0, UINT64_MAX);

        for (; range; range = bad_blocks_next(bad, nsid, range, UINT64_MAX)) {
            NvmeFiBadRange *out = g_new(NvmeFiBadRange, 1);

            nvme_fi_bad_range_to_qapi(nsid, range, out);
            QAPI_LIST_APPEND(tail, out);
        }
    }
    return list;
}

/* The action on content that is at work on @req; none is NVME_FI_ACTION_TYPE_
 * NONE, where the rule has none or leaves the command untouched. */
static NvmeFiActionType content_action(const NvmeRequest *req)
{
    const NvmeFiRequest *f = req->fi;

    return f && f->hit && f->data && nvme_fi_detail(&f->action) ?
        nvme_fi_rule_of(req)->action : NVME_FI_ACTION_TYPE_NONE;
}

/* The blocks of @ns where @nlb blocks of @req are really read or written; no
 * block where it is not done. */
static FiRange real_run(const NvmeRequest *req, NvmeNamespace *ns,
                        uint64_t nlb)
{
    FiRange run = { nvme_fi_slba(req), nlb };
    NvmeFiActionType action = content_action(req);

    if (!nvme_fi_in_bounds(ns, run.slba, run.nlb)) {
        run.nlb = 0;
    } else if (action == NVME_FI_ACTION_TYPE_LOSE) {
        run.nlb = 0;
    } else if (action == NVME_FI_ACTION_TYPE_TEAR) {
        run.nlb = MIN(nlb, nvme_fi_rule_of(req)->u.tear.blocks);
    } else if (action == NVME_FI_ACTION_TYPE_MISDIRECT) {
        run.slba = nvme_fi_place(ns, &run,
                                 nvme_fi_rule_of(req)->u.misdirect.by);
    }
    return run;
}

/* The bad range that the run of blocks of @req meets first, and where. */
static BadRange *run_meets(NvmeFi *fi, const NvmeRequest *req, uint64_t *lba)
{
    uint32_t nsid = le32_to_cpu(req->cmd.nsid);
    NvmeNamespace *ns = nvme_ns(fi->ctrl, nsid);
    BadRange *range = NULL;
    FiRange run;

    if (ns) {
        run = real_run(req, ns, nvme_fi_nlb(req));
        range = run.nlb ? bad_blocks_first(&fi->media->bad, nsid, run.slba,
                                           run.slba + run.nlb - 1) : NULL;
        *lba = range ? MAX(range->node.first, run.slba) : 0;
    }
    return range;
}

bool nvme_fi_media_wants(NvmeFi *fi, const NvmeRequest *req)
{
    uint64_t lba;

    if (!req->sq->sqid) {
        return req->cmd.opcode == NVME_ADM_CMD_FORMAT_NVM && fi->media->bad.n;
    }
    switch (req->cmd.opcode) {
    case NVME_CMD_READ:
    case NVME_CMD_VERIFY:
    case NVME_CMD_COMPARE:
    case NVME_CMD_WRITE:
    case NVME_CMD_WRITE_ZEROES:
        return run_meets(fi, req, &lba);
    case NVME_CMD_ZONE_APPEND:  /* its blocks are not known yet */
    case NVME_CMD_COPY:
        return fi->media->bad.n;
    case NVME_CMD_WRITE_UNCOR:
        return true;
    default:
        return false;
    }
}

/* Whether the model would refuse to transfer so much. */
static bool is_too_long(NvmeCtrl *n, NvmeNamespace *ns, const NvmeRequest *req)
{
    bool verify = req->cmd.opcode == NVME_CMD_VERIFY;
    unsigned shift = verify ? n->params.vsl : n->params.mdts;
    uint64_t len = nvme_l2b(ns, nvme_fi_nlb(req));

    if (nvme_ns_ext(ns) && !NVME_ID_CTRL_CTRATT_MEM(n->id_ctrl.ctratt)) {
        len += nvme_m2b(ns, nvme_fi_nlb(req));
    }
    return (shift || verify) && len > (uint64_t)n->page_size << shift;
}

/* Whether the zones with these blocks can be read (ZNS 1.2, 2.1.1.5): a read
 * beyond its zone is left to the model. */
static bool is_readable_zone(NvmeNamespace *ns, uint64_t slba, uint64_t nlb)
{
    NvmeZone *zone = &ns->zone_array[slba / ns->zone_size];

    return nvme_get_zone_state(zone) != NVME_ZONE_STATE_OFFLINE &&
        (ns->params.cross_zone_read ||
         nlb <= ns->zone_size - slba % ns->zone_size);
}

/* What is wrong with the command itself is for the model to say. */
static bool is_readable(NvmeFi *fi, const NvmeRequest *req)
{
    NvmeNamespace *ns = nvme_ns(fi->ctrl, le32_to_cpu(req->cmd.nsid));
    uint64_t slba = nvme_fi_slba(req);
    uint32_t nlb = nvme_fi_nlb(req);

    return ns && !ns->status && !NVME_CMD_FLAGS_FUSE(req->cmd.flags) &&
        nvme_fi_in_bounds(ns, slba, nlb) && !is_too_long(fi->ctrl, ns, req) &&
        (ns->csi != NVME_CSI_ZONED || is_readable_zone(ns, slba, nlb));
}

/* @req fails because it reads @lba of @range. */
static void fail(NvmeFi *fi, NvmeRequest *req, BadRange *range, uint64_t lba,
                 uint16_t *status)
{
    *status = range->state.status;
    req->fi->lba = lba;
    req->fi->bad_status = range->state.status;
    if (!range->state.tracked) {
        range->state.tracked = true;
        nvme_fi_media_changed(fi->media);
    }
}

static bool fail_run(NvmeFi *fi, NvmeRequest *req, uint16_t *status)
{
    BadRange *range;
    uint64_t lba;

    if (!req->fi || !is_readable(fi, req)) {
        return false;
    }
    range = run_meets(fi, req, &lba);
    if (range) {
        fail(fi, req, range, lba, status);
    }
    return range;
}

static bool fail_copy(NvmeFi *fi, NvmeRequest *req, uint16_t *status)
{
    BadRange *range;
    uint64_t lba;

    if (!req->fi) {
        return false;
    }
    range = nvme_fi_copy_source(fi, req, &lba, &req->fi->copied);
    if (range) {
        fail(fi, req, range, lba, status);
    }
    return range;
}

bool nvme_fi_media_command(NvmeFi *fi, NvmeRequest *req, uint16_t *status)
{
    if (!req->sq->sqid) {
        if (req->cmd.opcode != NVME_FI_ADM_GET_LBA_STATUS) {
            return false;
        }
        *status = nvme_fi_get_lba_status(fi, req);
        return true;
    }
    switch (req->cmd.opcode) {
    case NVME_CMD_READ:
    case NVME_CMD_VERIFY:
    case NVME_CMD_COMPARE:
        return fail_run(fi, req, status);
    case NVME_CMD_COPY:
        return fail_copy(fi, req, status);
    case NVME_CMD_WRITE_UNCOR:
        return nvme_fi_write_uncorrectable(fi, req, status);
    default:
        return false;
    }
}

/* Format NVM of @nsid, FFFFFFFFh: of all namespaces of the controller. */
static bool heal_all(NvmeFi *fi, uint32_t nsid)
{
    bool changed = false;

    for (uint32_t i = 1; i <= NVME_MAX_NAMESPACES; i++) {
        if ((nsid == i || nsid == NVME_NSID_BROADCAST) &&
            nvme_ns(fi->ctrl, i)) {
            changed |= bad_blocks_heal(&fi->media->bad, i, 0, UINT64_MAX,
                                       false);
        }
    }
    return changed;
}

/* @nlb blocks from the command's SLBA on, which an append has set, were
 * written. */
static bool heal_run(NvmeFi *fi, const NvmeRequest *req, uint32_t nlb)
{
    uint32_t nsid = le32_to_cpu(req->cmd.nsid);
    NvmeNamespace *ns = nvme_ns(fi->ctrl, nsid);
    FiRange run = { 0 };

    if (ns) {
        run = real_run(req, ns, nlb);
    }
    return run.nlb && bad_blocks_heal(&fi->media->bad, nsid, run.slba,
                                      run.slba + run.nlb - 1, false);
}

static bool heal(NvmeFi *fi, const NvmeRequest *req)
{
    if (!req->sq->sqid) {
        return req->cmd.opcode == NVME_ADM_CMD_FORMAT_NVM &&
            heal_all(fi, le32_to_cpu(req->cmd.nsid));
    }
    switch (req->cmd.opcode) {
    case NVME_CMD_WRITE:
    case NVME_CMD_WRITE_ZEROES:
    case NVME_CMD_ZONE_APPEND:
        return heal_run(fi, req, nvme_fi_nlb(req));
    case NVME_CMD_COPY:
        return heal_run(fi, req, req->fi->copied);
    default:
        return false;
    }
}

void nvme_fi_media_note(NvmeFi *fi, NvmeRequest *req)
{
    bool done = !(req->status & FI_STATUS_CODE_MASK);

    if (req->fi->uncorrectable) {
        nvme_fi_uncorrectable_written(fi, req, done);
    } else if (done && heal(fi, req)) {
        nvme_fi_media_changed(fi->media);
    }
}
