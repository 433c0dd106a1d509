/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tear and lose, and what all actions on the content of blocks share: the
 * model carries the command out with all its checks, and before the completion
 * the blocks get what they shall hold.
 */
#include "qemu/osdep.h"
#include "../engine/names.h"
#include "hw/nvme/trace.h"
#include "data.h"

void nvme_fi_data_free(NvmeRequest *req)
{
    NvmeFiData *data = req->fi->data;

    if (data) {
        nvme_fi_image_free(data->before);
        nvme_fi_image_free(data->after);
        g_free(data);
    }
}

void nvme_fi_data_go_on(NvmeRequest *req)
{
    nvme_enqueue_req_completion(nvme_cq(req), req);
}

static void left_out(NvmeRequest *req, const char *why)
{
    trace_pci_nvme_fi_left_out(nvme_ctrl(req)->fi->device, req->fi->id, why);
}

bool nvme_fi_data_ok(NvmeRequest *req, int ret)
{
    if (ret < 0 && ret != -ECANCELED) {
        left_out(req, "the medium cannot be read or written");
        nvme_fi_data_go_on(req);
    }
    return ret >= 0;
}

static void before_read(NvmeRequest *req, int ret)
{
    NvmeFiData *data = req->fi->data;

    if (ret == -ECANCELED) {
        return;
    }
    if (ret < 0) {
        left_out(req, "the medium cannot be read");
        g_clear_pointer(&data->before, nvme_fi_image_free);
    }
    nvme_fi_carry_out(req);
}

NvmeFiNext nvme_fi_data_fetch(NvmeFi *fi, NvmeRequest *req)
{
    NvmeNamespace *ns = nvme_ns(fi->ctrl, le32_to_cpu(req->cmd.nsid));
    g_autoptr(GArray) extents = g_array_new(FALSE, FALSE, sizeof(FiRange));
    NvmeFiData *data;

    if (!req->sq->sqid || !ns) {
        return NVME_FI_GO_ON;
    }
    nvme_fi_extents(fi, req, ns, extents);
    if (!extents->len) {
        return NVME_FI_GO_ON;
    }
    if (!nvme_fi_reserve(req, nvme_fi_extents_bytes(ns, extents))) {
        left_out(req, "the commands have too many blocks");
        return NVME_FI_GO_ON;
    }
    data = req->fi->data = g_new0(NvmeFiData, 1);
    data->cmd = req->cmd;
    data->before = nvme_fi_image_new(ns, extents);
    if (req->cmd.opcode == NVME_CMD_READ) {
        return NVME_FI_GO_ON;   /* only where the blocks are counts */
    }
    nvme_fi_image_read(req, data->before, 0, before_read);
    return NVME_FI_WAIT;
}

NvmeFiData *nvme_fi_data_done(NvmeRequest *req)
{
    NvmeFiData *data = req->fi->data;

    if (!data || !data->before || req->status ||
        !nvme_fi_image_fits(data->before)) {
        return NULL;
    }
    nvme_fi_image_follow(data->before, req);
    return data;
}

/* Tear */

static bool is_drop(const NvmeFiActionTear *tear)
{
    return tear->has_drop && tear->drop;
}

static bool tear_check(const NvmeFiRule *rule, GError **error)
{
    const NvmeFiActionTear *tear = &rule->u.tear;
    uint16_t status;

    if (tear->status && !fi_status_parse(tear->status, &status, error)) {
        return false;
    }
    if (is_drop(tear) && (tear->status || tear->has_dnr)) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "drop on: without a completion there is no status; leave "
                    "out 'status' and 'dnr'");
        return false;
    }
    if (tear->has_dnr && !tear->status) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "dnr: needs status, too");
        return false;
    }
    return true;
}

static void tear_status(NvmeRequest *req)
{
    const NvmeFiActionTear *tear = &nvme_fi_rule_of(req)->u.tear;
    uint16_t status = 0;

    if (tear->status) {
        fi_status_parse(tear->status, &status, NULL);
        req->status = status |
            (tear->has_dnr && tear->dnr ? FI_STATUS_DNR : 0);
    }
}

static void torn(NvmeRequest *req, int ret)
{
    if (nvme_fi_data_ok(req, ret)) {
        tear_status(req);
        nvme_fi_data_go_on(req);
    }
}

static NvmeFiNext tear_finish(NvmeFi *fi, NvmeRequest *req)
{
    NvmeFiData *data = nvme_fi_data_done(req);
    uint32_t blocks = nvme_fi_rule_of(req)->u.tear.blocks;

    if (!data) {
        return NVME_FI_GO_ON;
    }
    if (blocks < data->before->nlb) {
        nvme_fi_image_write(req, data->before, 0, blocks, torn);
        return NVME_FI_WAIT;
    }
    tear_status(req);
    return NVME_FI_GO_ON;
}

static NvmeFiNext tear_keep(NvmeFi *fi, NvmeRequest *req)
{
    if (!nvme_fi_data_done(req) ||
        !is_drop(&nvme_fi_rule_of(req)->u.tear)) {
        return NVME_FI_GO_ON;
    }
    nvme_fi_forget(req);
    return NVME_FI_WAIT;
}

const NvmeFiActionOps nvme_fi_tear_ops = {
    .check = tear_check,
    .fetch = nvme_fi_data_fetch,
    .finish = tear_finish,
    .keep = tear_keep,
    .free = nvme_fi_data_free,
};

/* Lose */

/*
 * The model has to see commands that write blocks: for their checks, and for
 * a zone's write pointer.  A command that returns data cannot be lost (Base
 * 2.1, 3.3.3.1: bit 1 of the opcode), nor one whose completion is the point.
 */
static NvmeFiNext lose_fetch(NvmeFi *fi, NvmeRequest *req)
{
    bool io = req->sq->sqid;

    if (io && (req->cmd.opcode == NVME_CMD_WRITE ||
               req->cmd.opcode == NVME_CMD_WRITE_ZEROES ||
               req->cmd.opcode == NVME_CMD_ZONE_APPEND ||
               req->cmd.opcode == NVME_CMD_COPY)) {
        return nvme_fi_data_fetch(fi, req);
    }
    if ((req->cmd.opcode & 2) ||
        (!io && req->cmd.opcode == NVME_ADM_CMD_ASYNC_EV_REQ)) {
        return NVME_FI_GO_ON;
    }
    req->status = NVME_SUCCESS;
    return NVME_FI_END;
}

static void lost(NvmeRequest *req, int ret)
{
    if (nvme_fi_data_ok(req, ret)) {
        nvme_fi_data_go_on(req);
    }
}

static NvmeFiNext lose_finish(NvmeFi *fi, NvmeRequest *req)
{
    NvmeFiData *data = nvme_fi_data_done(req);

    if (!data) {
        return NVME_FI_GO_ON;
    }
    nvme_fi_image_write(req, data->before, 0, 0, lost);
    return NVME_FI_WAIT;
}

const NvmeFiActionOps nvme_fi_lose_ops = {
    .fetch = lose_fetch,
    .finish = lose_finish,
    .free = nvme_fi_data_free,
};
