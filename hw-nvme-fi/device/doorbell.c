/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Action and trigger doorbell: a Submission Queue is not served, because its
 * doorbell is not noticed, or because the controller does not fetch.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "queues.h"

#define DOORBELLS       0x1000  /* their offset in BAR0, CAP.DSTRD 0 */

static bool check_doorbell(const NvmeFiActionDoorbell *how, GError **error)
{
    if (how->has_for_ns && (how->for_ns < 1 || how->for_ns > INT64_MAX)) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "for-ns %" PRIu64 ": must be 1 to 2^63-1; for no end, "
                    "leave it out", how->for_ns);
        return false;
    }
    if (how->has_count && how->doorbell != NVME_FI_DOORBELL_TYPE_IGNORED) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "count %" PRIu32 ": only for doorbell 'ignored'",
                    how->count);
        return false;
    }
    if (how->has_count && !how->count) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "count 0: must be 1 or more; for all, leave it out");
        return false;
    }
    return true;
}

static void doorbell_fault(NvmeFi *fi, uint16_t sqid,
                           const NvmeFiActionDoorbell *how)
{
    NvmeFiQueueFault *q = nvme_fi_queue(fi, sqid);
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    uint64_t room = INT64_MAX - now;

    timer_del(&q->timer);
    /* one that replaces another knows no more than that did */
    q->missed &= q->db_fault;
    if (!q->missed) {
        q->noticed = q->seen = fi->ctrl->sq[sqid]->tail;
    }
    q->db_fault = true;
    q->db = how->doorbell;
    q->counted = how->has_count;
    q->left = how->count;
    if (how->has_for_ns) {
        timer_mod_ns(&q->timer, now + MIN(how->for_ns, room));
    }
}

/* The time is over: the controller looks at the doorbell by itself. */
void nvme_fi_doorbell_end(void *opaque)
{
    NvmeFiQueueFault *q = opaque;
    NvmeSQueue *sq = q->ctrl->sq[q->qid];

    q->db_fault = false;
    if (!sq) {
        return;
    }
    /* shadow doorbells are read before the queue is served */
    if (q->missed && !q->ctrl->dbbuf_enabled) {
        sq->tail = q->seen;
    }
    qemu_bh_schedule(sq->bh);
}

/* The tail doorbell of @sq was written with @tail, and is ignored. */
static void doorbell_miss(NvmeFiQueueFault *q, NvmeSQueue *sq, uint16_t tail)
{
    PCIDevice *pci = PCI_DEVICE(q->ctrl);

    q->missed = true;
    q->seen = tail;
    if (q->counted && --q->left == 0) {
        nvme_fi_doorbell_forget(q);
    }
    if (q->ctrl->dbbuf_enabled) {
        if (!q->qid) {
            /* as the model does on behalf of the host */
            stl_le_pci_dma(pci, sq->db_addr, tail, MEMTXATTRS_UNSPECIFIED);
        }
        /* or the host, which thinks that it was heard, rings no more */
        stl_le_pci_dma(pci, sq->ei_addr, tail, MEMTXATTRS_UNSPECIFIED);
    }
}

bool nvme_fi_queues_take_doorbell(NvmeCtrl *n, hwaddr addr, uint64_t data)
{
    hwaddr qid = (addr - DOORBELLS) / 8;
    NvmeFiQueueFault *q;
    NvmeSQueue *sq;

    /* every other doorbell is one of a Completion Queue */
    if (!n->fi->queues || addr < DOORBELLS || addr % 8 || qid > UINT16_MAX) {
        return false;
    }
    q = nvme_fi_queue_find(n->fi, qid);
    sq = q && q->db_fault ? n->sq[qid] : NULL;
    if (!sq || (data & 0xffff) >= sq->size) {
        return false;
    }
    if (q->db != NVME_FI_DOORBELL_TYPE_IGNORED) {
        q->missed = false;
        return false;
    }
    doorbell_miss(q, sq, data & 0xffff);
    return true;
}

bool nvme_fi_is_stuck(NvmeSQueue *sq)
{
    NvmeFi *fi = sq->ctrl->fi;
    NvmeFiQueueFault *q;

    /* asked for every command */
    if (!fi->controller && !fi->queues) {
        return false;
    }
    if (nvme_fi_controller_stopped(fi)) {
        return true;
    }
    q = nvme_fi_queue_find(fi, sq->sqid);
    if (!q || !q->db_fault) {
        return false;
    }
    if (q->db == NVME_FI_DOORBELL_TYPE_STUCK) {
        return true;
    }
    /* What was announced before is served.  Beyond that, sq->tail is from
     * the shadow doorbell; nobody asked us about the write that led here
     * where that was taken by an eventfd. */
    if (!sq->ctrl->dbbuf_enabled || sq->head != q->noticed) {
        return false;
    }
    if (sq->tail != q->seen) {
        doorbell_miss(q, sq, sq->tail);
    }
    return true;
}

static bool doorbell_check(const NvmeFiRule *rule, GError **error)
{
    return check_doorbell(&rule->u.doorbell, error);
}

static NvmeFiNext doorbell_fetch(NvmeFi *fi, NvmeRequest *req)
{
    doorbell_fault(fi, req->sq->sqid, &nvme_fi_rule_of(req)->u.doorbell);
    return NVME_FI_GO_ON;
}

const NvmeFiActionOps nvme_fi_doorbell_ops = {
    .check = doorbell_check,
    .fetch = doorbell_fetch,
};

static uint16_t doorbell_qid(const NvmeFiTrigger *trigger)
{
    return trigger->u.doorbell.has_qid ? trigger->u.doorbell.qid : 1;
}

static bool doorbell_trigger_check(const NvmeFiTrigger *trigger, bool in_rule,
                                   GError **error)
{
    return check_doorbell(
        qapi_NvmeFiTriggerDoorbell_base(&trigger->u.doorbell), error);
}

static bool doorbell_possible(NvmeFi *fi, const NvmeFiTrigger *trigger,
                              const NvmeRequest *req, GError **error)
{
    uint16_t qid = doorbell_qid(trigger);

    if (qid > fi->ctrl->params.max_ioqpairs || !fi->ctrl->sq[qid]) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "qid %u: no such Submission Queue; must be one that the "
                    "host created", qid);
        return false;
    }
    return true;
}

static void doorbell_fire(NvmeFi *fi, const NvmeFiTrigger *trigger,
                          NvmeRequest *req)
{
    doorbell_fault(fi, doorbell_qid(trigger),
                   qapi_NvmeFiTriggerDoorbell_base(&trigger->u.doorbell));
}

const NvmeFiTriggerOps nvme_fi_doorbell_trigger = {
    .check = doorbell_trigger_check,
    .possible = doorbell_possible,
    .fire = doorbell_fire,
};
