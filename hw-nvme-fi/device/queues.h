/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong with the queues of a controller, by identifier: made with the
 * first fault of one, kept until the device goes.
 */
#ifndef HW_NVME_FI_QUEUES_H
#define HW_NVME_FI_QUEUES_H

#include "action.h"

/* The queues of one identifier. */
typedef struct NvmeFiQueueFault {
    NvmeCtrl *ctrl;
    uint16_t qid;

    /* of the Completion Queue: its next interrupt (interrupt.c) */
    bool irq_fault;
    NvmeFiInterruptType irq;
    uint16_t vector;

    /* of the Submission Queue (doorbell.c) */
    bool db_fault;
    NvmeFiDoorbellType db;
    bool counted;
    uint32_t left;              /* doorbell writes, if counted */
    uint16_t noticed;           /* the tail when it began */
    uint16_t seen;              /* the tail that was ignored last */
    bool missed;                /* there is one */
    QEMUTimer timer;            /* ends it */
} NvmeFiQueueFault;

/* The queue @qid, which is at most max_ioqpairs; find: NULL without faults. */
NvmeFiQueueFault *nvme_fi_queue(NvmeFi *fi, uint16_t qid);
NvmeFiQueueFault *nvme_fi_queue_find(const NvmeFi *fi, uint16_t qid);

/* doorbell.c: the time of the fault of the NvmeFiQueueFault @opaque is over. */
void nvme_fi_doorbell_end(void *opaque);
static inline void nvme_fi_doorbell_forget(NvmeFiQueueFault *q)
{
    timer_del(&q->timer);
    q->db_fault = false;
}

#endif
