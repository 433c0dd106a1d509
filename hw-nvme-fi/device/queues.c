/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong with the queues of a controller: where it is kept, and what
 * ends it.
 */
#include "qemu/osdep.h"
#include "queues.h"

struct NvmeFiQueues {
    NvmeFiQueueFault *queue;         /* by identifier, 0 to max_ioqpairs */
    unsigned n;
};

static struct NvmeFiQueues *queues_new(NvmeCtrl *n)
{
    struct NvmeFiQueues *queues = g_new(struct NvmeFiQueues, 1);

    queues->n = n->params.max_ioqpairs + 1;
    queues->queue = g_new0(NvmeFiQueueFault, queues->n);
    for (unsigned i = 0; i < queues->n; i++) {
        NvmeFiQueueFault *q = &queues->queue[i];

        q->ctrl = n;
        q->qid = i;
        timer_init_ns(&q->timer, QEMU_CLOCK_VIRTUAL, nvme_fi_doorbell_end, q);
    }
    return queues;
}

NvmeFiQueueFault *nvme_fi_queue(NvmeFi *fi, uint16_t qid)
{
    if (!fi->queues) {
        fi->queues = queues_new(fi->ctrl);
    }
    return &fi->queues->queue[qid];
}

NvmeFiQueueFault *nvme_fi_queue_find(const NvmeFi *fi, uint16_t qid)
{
    return fi->queues && qid < fi->queues->n ? &fi->queues->queue[qid] : NULL;
}

void nvme_fi_queues_reset(NvmeFi *fi)
{
    for (unsigned i = 0; fi->queues && i < fi->queues->n; i++) {
        nvme_fi_doorbell_forget(&fi->queues->queue[i]);
        fi->queues->queue[i].irq_fault = false;
    }
}

void nvme_fi_queues_exit(NvmeFi *fi)
{
    nvme_fi_queues_reset(fi);
}

void nvme_fi_queues_free(NvmeFi *fi)
{
    if (fi->queues) {
        nvme_fi_queues_reset(fi);
        g_free(fi->queues->queue);
        g_clear_pointer(&fi->queues, g_free);
    }
}

void nvme_fi_queues_drop_sq(NvmeSQueue *sq)
{
    NvmeFiQueueFault *q = nvme_fi_queue_find(sq->ctrl->fi, sq->sqid);

    if (q) {
        nvme_fi_doorbell_forget(q);
    }
}

void nvme_fi_new_cq(NvmeCQueue *cq)
{
    NvmeFi *fi = cq->ctrl->fi;
    NvmeFiQueueFault *q = nvme_fi_queue_find(fi, cq->cqid);

    if (q) {
        q->irq_fault = false;
    }
    nvme_fi_stale_new_cq(fi, cq->cqid);
}
