/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a command that a rule acts on, or that the write cache or the
 * media model looks at: action.h has its points.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/main-loop.h"
#include "../engine/random.h"
#include "hw/nvme/trace.h"
#include "action.h"
#include "record.h"

static const NvmeFiActionOps *ops_of(const NvmeFiRequest *f)
{
    static const NvmeFiActionOps nothing;
    const NvmeFiDetail *detail = f->hit ? nvme_fi_detail(&f->action) : NULL;

    return detail && detail->ops ? detail->ops : &nothing;
}

static void set_hit(NvmeFiRequest *f, const FiVerdict *verdict)
{
    f->hit = true;
    f->action = verdict->action;
    /* a 16th bit would make NVME_NO_COMPLETE of it */
    f->action.status &= FI_STATUS_MASK;
    if (f->action.detail) {
        fi_detail_ref(f->action.detail);
        f->seed = fi_entry_rule(verdict->matched).schedule.seed;
    }
}

static NvmeFiRequest *request_new(const FiVerdict *verdict,
                                  const FiCommand *command)
{
    NvmeFiRequest *f = g_new0(NvmeFiRequest, 1);

    f->lba = command->n_ranges ? command->ranges[0].slba : 0;
    f->ordinal = command->ordinal;
    f->executed = !verdict->hit || verdict->action.execute;
    if (verdict->matched) {
        f->matched = true;
        f->match = verdict->match;
        pstrcpy(f->id, sizeof(f->id), fi_entry_id(verdict->matched));
        f->order = fi_entry_stats(verdict->matched).order;
    }
    if (verdict->hit) {
        set_hit(f, verdict);
    }
    return f;
}

void nvme_fi_unmap(NvmeSg *sg)
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
    NvmeFiRequest *f = req->fi;

    if (ops_of(f)->free) {
        ops_of(f)->free(req);
    }
    nvme_fi_capture_free(f->capture);
    nvme_ctrl(req)->fi->bytes -= f->bytes;
    fi_detail_unref(f->action.detail);
    g_free(f);
    req->fi = NULL;
}

bool nvme_fi_reserve(NvmeRequest *req, uint64_t bytes)
{
    NvmeFi *fi = nvme_ctrl(req)->fi;

    if (bytes > NVME_FI_MAX_IMAGE || fi->bytes + bytes > NVME_FI_MAX_IMAGES) {
        return false;
    }
    fi->bytes += bytes;
    req->fi->bytes += bytes;
    return true;
}

uint64_t nvme_fi_request_random(const NvmeRequest *req, unsigned index)
{
    const NvmeFiRequest *f = req->fi;

    return fi_random(f->seed, f->match, FI_RANDOM_ACTION + index);
}

/* The rules look at the command, and @req gets its f where one matches. */
static void decide(NvmeFi *fi, NvmeRequest *req)
{
    NvmeFiRanges ranges = { 0 };
    FiCommand command;
    FiVerdict verdict;

    nvme_fi_command(fi, req, &command, &ranges);
    command.ordinal = ++fi->ordinals[req->sq->sqid];
    fi->last_qid = req->sq->sqid;
    verdict = fi_set_decide(fi->set, &command);
    if (verdict.matched || (fi->cache && nvme_fi_cache_wants(fi, req)) ||
        (fi->media && nvme_fi_media_wants(fi, req))) {
        req->fi = request_new(&verdict, &command);
    }
    g_free(ranges.array);
}

/* True: it is not given to the model now; *@status as for nvme_fi_fetched. */
static bool start(NvmeFi *fi, NvmeRequest *req, uint16_t *status)
{
    NvmeFiRequest *f = req->fi;

    if (fi->cache && f && !f->capture && nvme_fi_cache_capture(fi, req)) {
        *status = NVME_NO_COMPLETE;
        return true;
    }
    if (f) {
        f->stage = NVME_FI_STAGE_NOTE;
    }
    return (fi->media && nvme_fi_media_command(fi, req, status)) ||
        (fi->events && nvme_fi_event_command(fi, req, status));
}

void nvme_fi_carry_out(NvmeRequest *req)
{
    NvmeCtrl *n = nvme_ctrl(req);
    uint16_t status;

    if (!start(n->fi, req, &status)) {
        status = req->sq->sqid ? nvme_io_cmd(n, req) : nvme_admin_cmd(n, req);
    }
    if (status != NVME_NO_COMPLETE) {
        req->status = status;
        nvme_enqueue_req_completion(nvme_cq(req), req);
    }
}

/* A rule acts on @req. */
static NvmeFiNext hit(NvmeFi *fi, NvmeRequest *req)
{
    NvmeFiRequest *f = req->fi;
    const NvmeFiDetail *detail = nvme_fi_detail(&f->action);

    trace_pci_nvme_fi_hit(fi->device, f->id, req->sq->sqid, nvme_cid(req),
                          req->cmd.opcode, f->executed, f->action.status,
                          f->action.delay_ns);
    nvme_fi_record_hit(fi, req);
    if (detail) {
        nvme_fi_fire(fi, detail->rule->trigger, req);
    }
    if (!f->executed) {
        req->status = f->action.status;
        return NVME_FI_END;
    }
    return ops_of(f)->fetch ? ops_of(f)->fetch(fi, req) : NVME_FI_GO_ON;
}

bool nvme_fi_decide(NvmeCtrl *n, NvmeRequest *req, uint16_t *status)
{
    NvmeFi *fi = n->fi;
    NvmeFiNext next = NVME_FI_GO_ON;

    if (fi->stale) {
        nvme_fi_stale_post(fi, nvme_cq(req));
    }
    decide(fi, req);
    if (req->fi && req->fi->hit) {
        next = hit(fi, req);
    }
    switch (next) {
    case NVME_FI_GO_ON:
        return start(fi, req, status);
    case NVME_FI_WAIT:
        *status = NVME_NO_COMPLETE;
        return true;
    case NVME_FI_END:
        req->fi->executed = false;
        req->fi->stage = NVME_FI_STAGE_DELAY;
        /* with all that comes after: what waits is completed by itself */
        *status = nvme_fi_finish(req) ? NVME_NO_COMPLETE : req->status;
        return true;
    }
    g_assert_not_reached();
}

/* A command that an Abort or a queue's deletion ended keeps that status. */
static bool was_aborted(const NvmeRequest *req)
{
    uint16_t code = req->status & FI_STATUS_CODE_MASK;

    return code == NVME_CMD_ABORT_REQ || code == NVME_CMD_ABORT_SQ_DEL;
}

void nvme_fi_cancelled(NvmeRequest *req)
{
    if (req->fi->stage == NVME_FI_STAGE_EXECUTE) {
        req->fi->executed = false;
    }
    req->fi->stage = NVME_FI_STAGE_POST;
}

static NvmeFiNext finish_action(NvmeFi *fi, NvmeRequest *req)
{
    NvmeFiRequest *f = req->fi;

    if (f->hit && f->action.kind == FI_ACTION_STATUS) {
        req->status = f->action.status;
    }
    return ops_of(f)->finish ? ops_of(f)->finish(fi, req) : NVME_FI_GO_ON;
}

/* Goes on by one point of the command's life. */
static NvmeFiNext next_stage(NvmeFi *fi, NvmeRequest *req)
{
    NvmeFiRequest *f = req->fi;

    switch (f->stage++) {
    case NVME_FI_STAGE_NOTE:
        if (fi->media) {
            nvme_fi_media_note(fi, req);
        }
        if (was_aborted(req)) {
            f->stage = NVME_FI_STAGE_POST;
            return NVME_FI_GO_ON;
        }
        if (f->capture) {
            nvme_fi_cache_note(fi, req);
        }
        return NVME_FI_GO_ON;
    case NVME_FI_STAGE_FINISH:
        return finish_action(fi, req);
    case NVME_FI_STAGE_DELAY:
        if (!f->hit || !f->action.delay_ns) {
            return NVME_FI_GO_ON;
        }
        nvme_fi_park(fi, req, f->action.delay_ns);
        return NVME_FI_WAIT;
    case NVME_FI_STAGE_KEEP:
        return ops_of(f)->keep ? ops_of(f)->keep(fi, req) : NVME_FI_GO_ON;
    case NVME_FI_STAGE_EXECUTE:
    case NVME_FI_STAGE_POST:
        break;
    }
    g_assert_not_reached();
}

bool nvme_fi_finish(NvmeRequest *req)
{
    NvmeFi *fi = nvme_ctrl(req)->fi;

    while (req->fi->stage != NVME_FI_STAGE_POST) {
        if (next_stage(fi, req) == NVME_FI_WAIT) {
            return true;
        }
    }
    return false;
}

/* Byte 0 of what @req returns is this byte of the structure (NVMe Base 2.1,
 * 5.1.12: LPOL, LPOU). */
static uint64_t returned_offset(const NvmeRequest *req)
{
    return !req->sq->sqid && req->cmd.opcode == NVME_ADM_CMD_GET_LOG_PAGE ?
        le32_to_cpu(req->cmd.cdw12) |
        (uint64_t)le32_to_cpu(req->cmd.cdw13) << 32 : 0;
}

void *nvme_fi_change_returned(NvmeCtrl *n, NvmeRequest *req, const void *data,
                              uint32_t len)
{
    NvmeFi *fi = n->fi;
    bool report = fi->zones && req->sq->sqid &&
        req->cmd.opcode == NVME_CMD_ZONE_MGMT_RECV;
    bool action = req->fi && ops_of(req->fi)->returned;
    void *copy;

    if (!report && !action) {
        return NULL;
    }
    copy = g_memdup2(data, len);
    if (report) {
        nvme_fi_zones_report(fi, req, copy, len);
    }
    if (action) {
        ops_of(req->fi)->returned(fi, req, copy, len, returned_offset(req));
    }
    return copy;
}

void nvme_fi_change_pi(NvmeRequest *req, NvmeBounceContext *ctx)
{
    if (ops_of(req->fi)->check_pi) {
        ops_of(req->fi)->check_pi(nvme_ctrl(req)->fi, req, ctx);
    }
}

bool nvme_fi_refuse_abort(const NvmeRequest *req)
{
    return ops_of(req->fi)->defies_abort && ops_of(req->fi)->defies_abort(req);
}

void nvme_fi_before_post(NvmeRequest *req)
{
    if (ops_of(req->fi)->posting) {
        ops_of(req->fi)->posting(nvme_ctrl(req)->fi, req);
    }
}

/* The error that was posted comes from a rule, from who released the command,
 * or from a bad block. */
static bool is_our_error(const NvmeRequest *req)
{
    const NvmeFiRequest *f = req->fi;

    return (req->status & FI_STATUS_CODE_MASK) &&
        ((f->hit && req->status == f->action.status) ||
         req->status == f->bad_status);
}

void nvme_fi_after_post(NvmeCQueue *cq, NvmeRequest *req)
{
    NvmeFi *fi = nvme_ctrl(req)->fi;
    NvmeFiRequest *f = req->fi;

    if (f->matched) {
        nvme_fi_log(fi, req, true);
    }
    if (is_our_error(req)) {
        nvme_fi_error_add(fi, req);
    }
    if (ops_of(f)->posted) {
        ops_of(f)->posted(fi, cq, req);
    }
    nvme_fi_request_free(req);
}

/* It leaves no trace for the host: neither a CQE nor a place that is taken. */
void nvme_fi_forget(NvmeRequest *req)
{
    NvmeSQueue *sq = req->sq;

    if (req->fi->matched) {
        nvme_fi_log(nvme_ctrl(req)->fi, req, false);
    }
    nvme_fi_request_free(req);
    nvme_fi_unmap(&req->sg);
    QTAILQ_REMOVE(&sq->out_req_list, req, entry);
    QTAILQ_INSERT_TAIL(&sq->req_list, req, entry);
    /* the queue may have stopped for want of a place */
    qemu_bh_schedule(sq->bh);
}

/*
 * What is left here has no CQE and gets none: completions that found no room
 * before a reset, Asynchronous Event Requests, and commands that wait.  These
 * a bottom half fetched while the reset, done with this queue, waited for the
 * block layer.
 */
void nvme_fi_drop_sq(NvmeSQueue *sq)
{
    nvme_fi_queues_drop_sq(sq);
    for (uint32_t i = 0; i < sq->size; i++) {
        NvmeRequest *req = &sq->io_req[i];

        if (req->fi) {
            if (req->fi->park) {
                nvme_fi_forget_park(req);
            }
            if (req->fi->matched) {
                nvme_fi_log(sq->ctrl->fi, req, false);
            }
            nvme_fi_request_free(req);
            nvme_fi_unmap(&req->sg);
        }
    }
}
