/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Misdirect and duplicate-execute: what a command wrote is read back, and
 * written elsewhere or once more.
 */
#include "qemu/osdep.h"
#include "data.h"

static void go_on(NvmeRequest *req, int ret)
{
    if (nvme_fi_data_ok(req, ret)) {
        nvme_fi_data_go_on(req);
    }
}

/* The blocks as they are now, after the model carried the command out. */
static void read_after(NvmeRequest *req, NvmeFiData *data,
                       NvmeFiMediumFunc *done)
{
    data->after = nvme_fi_image_like(data->before);
    nvme_fi_image_read(req, data->after, 0, done);
}

/* Misdirect */

static bool misdirect_check(const NvmeFiRule *rule, GError **error)
{
    if (!rule->u.misdirect.by) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "by 0: must not be 0");
        return false;
    }
    return true;
}

static void misdirect_put_back(NvmeRequest *req, int ret)
{
    NvmeFiData *data = req->fi->data;

    if (nvme_fi_data_ok(req, ret)) {
        nvme_fi_image_write(req, data->after,
                            nvme_fi_rule_of(req)->u.misdirect.by, 0, go_on);
    }
}

/* Its own blocks first: the place may overlap them. */
static void misdirect_wrote(NvmeRequest *req, int ret)
{
    NvmeFiData *data = req->fi->data;

    if (nvme_fi_data_ok(req, ret)) {
        nvme_fi_image_write(req, data->before, 0, 0, misdirect_put_back);
    }
}

static void misdirect_was_read(NvmeRequest *req, int ret)
{
    NvmeFiData *data = req->fi->data;

    if (nvme_fi_data_ok(req, ret)) {
        req->status = nvme_fi_to_host(req, data->before);
        nvme_fi_data_go_on(req);
    }
}

static NvmeFiNext misdirect_finish(NvmeFi *fi, NvmeRequest *req)
{
    NvmeFiData *data = nvme_fi_data_done(req);

    if (!data) {
        return NVME_FI_GO_ON;
    }
    if (req->cmd.opcode == NVME_CMD_READ) {
        nvme_fi_image_read(req, data->before,
                           nvme_fi_rule_of(req)->u.misdirect.by,
                           misdirect_was_read);
    } else {
        read_after(req, data, misdirect_wrote);
    }
    return NVME_FI_WAIT;
}

const NvmeFiActionOps nvme_fi_misdirect_ops = {
    .check = misdirect_check,
    .fetch = nvme_fi_data_fetch,
    .finish = misdirect_finish,
    .free = nvme_fi_data_free,
};

/* Duplicate */

static bool duplicate_check(const NvmeFiRule *rule, GError **error)
{
    const NvmeFiActionDuplicate *duplicate = &rule->u.duplicate_execute;

    if (duplicate->has_after_ns && duplicate->after_ns > INT64_MAX) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "after-ns %" PRIu64 ": must be 0 to 2^63-1",
                    duplicate->after_ns);
        return false;
    }
    return true;
}

static uint64_t after_ns(const NvmeRequest *req)
{
    const NvmeFiActionDuplicate *duplicate =
        &nvme_fi_rule_of(req)->u.duplicate_execute;

    return duplicate->has_after_ns ? duplicate->after_ns : 0;
}

static NvmeFiNext duplicate_fetch(NvmeFi *fi, NvmeRequest *req)
{
    return req->cmd.opcode == NVME_CMD_READ ? NVME_FI_GO_ON :
        nvme_fi_data_fetch(fi, req);
}

static void duplicate_was_read(NvmeRequest *req, int ret)
{
    NvmeFiData *data = req->fi->data;

    if (!nvme_fi_data_ok(req, ret)) {
        return;
    }
    if (!after_ns(req)) {
        nvme_fi_image_write(req, data->after, 0, 0, go_on);
        return;
    }
    nvme_fi_late_add(nvme_ctrl(req)->fi, req,
                     g_steal_pointer(&data->after), after_ns(req));
    nvme_fi_data_go_on(req);
}

/* The second end of a zone append: the host sees that of the first. */
static NvmeFiNext append_again_done(NvmeRequest *req, NvmeFiData *data)
{
    data->again = false;
    g_clear_pointer(&data->before, nvme_fi_image_free);
    req->cmd = data->cmd;
    req->cqe = data->cqe;
    req->status = NVME_SUCCESS;
    return NVME_FI_GO_ON;
}

static NvmeFiNext append_again(NvmeFi *fi, NvmeRequest *req, NvmeFiData *data)
{
    NvmeCmd first = req->cmd;
    uint16_t status;

    data->again = true;
    data->cqe = req->cqe;
    req->cmd = data->cmd;
    data->cmd = first;
    nvme_fi_unmap(&req->sg);
    req->fi->stage = NVME_FI_STAGE_FINISH;
    status = nvme_io_cmd(fi->ctrl, req);
    if (status == NVME_NO_COMPLETE) {
        return NVME_FI_WAIT;
    }
    req->fi->stage = NVME_FI_STAGE_DELAY;
    return append_again_done(req, data);
}

static NvmeFiNext duplicate_finish(NvmeFi *fi, NvmeRequest *req)
{
    NvmeFiData *data = req->fi->data;

    if (data && data->again) {
        return append_again_done(req, data);
    }
    data = nvme_fi_data_done(req);
    if (!data) {
        return NVME_FI_GO_ON;
    }
    if (req->cmd.opcode == NVME_CMD_ZONE_APPEND && !after_ns(req)) {
        return append_again(fi, req, data);
    }
    read_after(req, data, duplicate_was_read);
    return NVME_FI_WAIT;
}

const NvmeFiActionOps nvme_fi_duplicate_ops = {
    .check = duplicate_check,
    .fetch = duplicate_fetch,
    .finish = duplicate_finish,
    .free = nvme_fi_data_free,
};
