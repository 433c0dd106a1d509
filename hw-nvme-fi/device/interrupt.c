/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Action and trigger interrupt: the interrupt of a Completion Queue is lost,
 * comes without a reason, or comes by another vector.
 */
#include "qemu/osdep.h"
#include "hw/pci/msix.h"
#include "hw/nvme/trace.h"
#include "queues.h"

#define MAX_VECTOR      2047    /* MSI-X Message Control, Table Size */
#define INTMS_BITS      32      /* NVMe Base 2.1, 3.1.4.3 */

static bool check_interrupt(const NvmeFiActionInterrupt *how, GError **error)
{
    bool wrong_vector = how->interrupt == NVME_FI_INTERRUPT_TYPE_WRONG_VECTOR;

    if (how->has_vector && !wrong_vector) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "vector %u: only for interrupt 'wrong-vector'",
                    how->vector);
        return false;
    }
    if (!how->has_vector && wrong_vector) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "interrupt 'wrong-vector': needs vector");
        return false;
    }
    if (how->vector > MAX_VECTOR) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "vector %u: must be 0 to %u", how->vector, MAX_VECTOR);
        return false;
    }
    return true;
}

static void send_vector(PCIDevice *pci, uint16_t vector)
{
    if (vector < pci->msix_entries_nr) {
        trace_pci_nvme_irq_msix(vector);
        msix_notify(pci, vector);
    }
}

/* An interrupt that nothing in @cq asks for. */
static void send_spurious(NvmeCtrl *n, const NvmeCQueue *cq)
{
    PCIDevice *pci = PCI_DEVICE(n);

    if (!cq->irq_enabled || nvme_fi_controller_stopped(n->fi)) {
        return;
    }
    if (msix_enabled(pci)) {
        send_vector(pci, cq->vector);
    } else if (!pci_is_vf(pci) && !n->irq_status && cq->vector < INTMS_BITS &&
               !(ldl_le_p(&n->bar.intms) & 1u << cq->vector)) {
        pci_irq_assert(pci);
        pci_irq_deassert(pci);
    }
}

static void interrupt_fault(NvmeFi *fi, uint16_t cqid,
                            const NvmeFiActionInterrupt *how)
{
    NvmeFiQueueFault *q = nvme_fi_queue(fi, cqid);

    q->irq_fault = true;
    q->irq = how->interrupt;
    q->vector = how->vector;
}

bool nvme_fi_change_interrupt(NvmeCtrl *n, NvmeCQueue *cq)
{
    PCIDevice *pci = PCI_DEVICE(n);
    NvmeFiQueueFault *q = nvme_fi_queue_find(n->fi, cq->cqid);

    if (nvme_fi_controller_stopped(n->fi)) {
        return true;
    }
    if (!q || !q->irq_fault) {
        return false;
    }
    q->irq_fault = false;
    switch (q->irq) {
    case NVME_FI_INTERRUPT_TYPE_LOST:
        return true;
    case NVME_FI_INTERRUPT_TYPE_SPURIOUS:
        if (msix_enabled(pci)) {
            send_spurious(n, cq);
        }
        return false;
    case NVME_FI_INTERRUPT_TYPE_WRONG_VECTOR:
        if (!msix_enabled(pci) || !cq->irq_enabled) {
            return false;
        }
        send_vector(pci, q->vector);
        return true;
    case NVME_FI_INTERRUPT_TYPE__MAX:
        break;
    }
    g_assert_not_reached();
}

static bool interrupt_check(const NvmeFiRule *rule, GError **error)
{
    return check_interrupt(&rule->u.interrupt, error);
}

static void interrupt_posted(NvmeFi *fi, NvmeCQueue *cq, NvmeRequest *req)
{
    interrupt_fault(fi, cq->cqid, &nvme_fi_rule_of(req)->u.interrupt);
}

const NvmeFiActionOps nvme_fi_interrupt_ops = {
    .check = interrupt_check,
    .posted = interrupt_posted,
};

static uint16_t interrupt_qid(const NvmeFiTrigger *trigger)
{
    return trigger->u.interrupt.has_qid ? trigger->u.interrupt.qid : 1;
}

static bool interrupt_trigger_check(const NvmeFiTrigger *trigger,
                                    bool in_rule, GError **error)
{
    return check_interrupt(
        qapi_NvmeFiTriggerInterrupt_base(&trigger->u.interrupt), error);
}

static bool interrupt_possible(NvmeFi *fi, const NvmeFiTrigger *trigger,
                               const NvmeRequest *req, GError **error)
{
    NvmeCtrl *n = fi->ctrl;
    PCIDevice *pci = PCI_DEVICE(n);
    uint16_t qid = interrupt_qid(trigger);

    if (qid > n->params.max_ioqpairs || !n->cq[qid]) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "qid %u: no such Completion Queue; must be one that the "
                    "host created", qid);
        return false;
    }
    if (trigger->u.interrupt.vector &&
        trigger->u.interrupt.vector >= pci->msix_entries_nr) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "vector %u: no such vector; must be below %u",
                    trigger->u.interrupt.vector, pci->msix_entries_nr);
        return false;
    }
    return true;
}

static void interrupt_fire(NvmeFi *fi, const NvmeFiTrigger *trigger,
                           NvmeRequest *req)
{
    const NvmeFiActionInterrupt *how =
        qapi_NvmeFiTriggerInterrupt_base(&trigger->u.interrupt);
    uint16_t qid = interrupt_qid(trigger);

    if (how->interrupt == NVME_FI_INTERRUPT_TYPE_SPURIOUS) {
        send_spurious(fi->ctrl, fi->ctrl->cq[qid]);
    } else {
        interrupt_fault(fi, qid, how);
    }
}

const NvmeFiTriggerOps nvme_fi_interrupt_trigger = {
    .check = interrupt_trigger_check,
    .possible = interrupt_possible,
    .fire = interrupt_fire,
};
