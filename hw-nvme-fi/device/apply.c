/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a verdict does to a command: whether it is carried out, with which
 * status it completes, and when.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "hw/nvme/trace.h"
#include "internal.h"

static NvmeFiRequest *request_new(const FiVerdict *verdict,
                                  const FiCommand *command)
{
    NvmeFiRequest *f = g_new0(NvmeFiRequest, 1);

    pstrcpy(f->id, sizeof(f->id), fi_entry_id(verdict->matched));
    f->lba = command->n_ranges ? command->ranges[0].slba : 0;
    f->order = fi_entry_stats(verdict->matched).order;
    f->hit = verdict->hit;
    f->executed = !verdict->hit || verdict->action.execute;
    f->finished = !f->executed;
    if (f->hit) {
        f->action = verdict->action;
        /* a 16th bit would make NVME_NO_COMPLETE of it */
        f->action.status &= FI_STATUS_MASK;
    }
    return f;
}

static void sg_unmap(NvmeSg *sg)
{
    if (!(sg->flags & NVME_SG_ALLOC)) {
        return;
    }
    if (sg->flags & NVME_SG_DMA) {
        qemu_sglist_destroy(&sg->qsg);
    } else {
        qemu_iovec_destroy(&sg->iov);
    }
    memset(sg, 0, sizeof(*sg));
}

void nvme_fi_request_free(NvmeRequest *req)
{
    g_free(req->fi);
    req->fi = NULL;
}

bool nvme_fi_decide(NvmeCtrl *n, NvmeRequest *req, uint16_t *status)
{
    NvmeFiRanges ranges = { 0 };
    NvmeFiRequest *f;
    FiCommand command;
    FiVerdict verdict;

    nvme_fi_command(n->fi, req, &command, &ranges);
    verdict = fi_set_decide(n->fi->set, &command);
    if (verdict.matched) {
        req->fi = request_new(&verdict, &command);
    }
    g_free(ranges.array);
    f = req->fi;
    if (!f || !f->hit) {
        return false;
    }
    trace_pci_nvme_fi_hit(n->fi->device, f->id, req->sq->sqid, nvme_cid(req),
                          req->cmd.opcode, f->executed, f->action.status,
                          f->action.delay_ns);
    if (f->executed) {
        return false;
    }
    req->status = *status = f->action.status;
    if (f->action.delay_ns) {
        nvme_fi_park(n->fi, req, f->action.delay_ns);
        *status = NVME_NO_COMPLETE;
    }
    return true;
}

/* A command that an Abort or a queue's deletion ended keeps that status. */
static bool was_aborted(const NvmeRequest *req)
{
    uint16_t code = req->status & FI_STATUS_CODE_MASK;

    return code == NVME_CMD_ABORT_REQ || code == NVME_CMD_ABORT_SQ_DEL;
}

bool nvme_fi_finish(NvmeRequest *req)
{
    NvmeFiRequest *f = req->fi;

    if (f->finished) {
        return false;
    }
    f->finished = true;
    if (!f->hit || was_aborted(req)) {
        return false;
    }
    if (f->action.kind == FI_ACTION_STATUS) {
        req->status = f->action.status;
    }
    if (!f->action.delay_ns) {
        return false;
    }
    nvme_fi_park(nvme_ctrl(req)->fi, req, f->action.delay_ns);
    return true;
}

void nvme_fi_log_posted(NvmeRequest *req)
{
    NvmeFi *fi = nvme_ctrl(req)->fi;
    NvmeFiRequest *f = req->fi;

    nvme_fi_log(fi, req, true);
    if (f->hit && f->action.kind == FI_ACTION_STATUS &&
        req->status == f->action.status &&
        (req->status & FI_STATUS_CODE_MASK)) {
        nvme_fi_error_add(fi, req);
    }
    nvme_fi_request_free(req);
}

/*
 * What is left here has no CQE and gets none: completions that found no room
 * before a reset, Asynchronous Event Requests, and commands that wait.  These
 * a bottom half fetched while the reset, done with this queue, waited for the
 * block layer.
 */
void nvme_fi_drop_sq(NvmeSQueue *sq)
{
    for (uint32_t i = 0; i < sq->size; i++) {
        NvmeRequest *req = &sq->io_req[i];

        if (req->fi) {
            if (req->fi->park) {
                nvme_fi_forget_park(req);
            }
            nvme_fi_log(sq->ctrl->fi, req, false);
            nvme_fi_request_free(req);
            sg_unmap(&req->sg);
        }
    }
}
