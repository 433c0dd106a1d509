/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Action cqe: a Completion Queue Entry that is malformed, comes more than
 * once, or comes to the queue of the same name after a controller reset.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "action.h"

#define MAX_DUPLICATES  16      /* qapi/nvme-fi.json says both, too */
#define MAX_STALE       256
#define PHASE_TAG       1       /* bit of NvmeCqe.status */

/* An entry for after a reset. */
typedef struct Stale {
    NvmeCqe cqe;
    uint16_t cqid;
    bool reset;                 /* the controller was reset since */
    bool armed;                 /* and the queue was created again */
} Stale;

static bool check(const NvmeFiRule *rule, GError **error)
{
    const NvmeFiActionCqe *change = &rule->u.cqe;

    if (!change->has_cid && !change->reuse_cid && !change->has_sqid &&
        !change->has_sqhd && !change->has_dw0 && !change->has_dw1 &&
        !change->keep_phase && !change->has_duplicates &&
        !change->after_reset) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "action 'cqe': changes nothing; needs at least one of "
                    "cid, reuse-cid, sqid, sqhd, dw0, dw1, keep-phase, "
                    "duplicates and after-reset");
        return false;
    }
    if (change->has_cid && change->reuse_cid) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "reuse-cid on: not with cid %u; only one of them is "
                    "allowed", change->cid);
        return false;
    }
    if (change->keep_phase && change->after_reset) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "keep-phase on: not with after-reset, whose entry is "
                    "one that the host sees; leave one of them out");
        return false;
    }
    if (change->has_duplicates && (change->duplicates < 1 ||
                                   change->duplicates > MAX_DUPLICATES)) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "duplicates %u: must be 1 to %u", change->duplicates,
                    MAX_DUPLICATES);
        return false;
    }
    return true;
}

/* Writes @cqe as the next entry of @cq, if that has room. */
static bool put(NvmeCQueue *cq, NvmeCqe cqe)
{
    uint16_t next = (cq->tail + 1) % cq->size;
    uint16_t status = le16_to_cpu(cqe.status) & ~PHASE_TAG;

    if (next == cq->head) {
        return false;
    }
    cqe.status = cpu_to_le16(status | cq->phase);
    if (pci_dma_write(PCI_DEVICE(cq->ctrl),
                      cq->dma_addr + cq->tail * sizeof(cqe), &cqe,
                      sizeof(cqe))) {
        return false;
    }
    cq->tail = next;
    cq->phase ^= !next;
    return true;
}

/* The CID of the entry before the next one of @cq, or @otherwise where there
 * is none.  It stands in the host's memory, and nowhere else. */
static uint16_t last_cid(NvmeCQueue *cq, uint16_t otherwise)
{
    uint32_t last = (cq->tail ? cq->tail : cq->size) - 1;
    NvmeCqe cqe;

    if (pci_dma_read(PCI_DEVICE(cq->ctrl), cq->dma_addr + last * sizeof(cqe),
                     &cqe, sizeof(cqe)) ||
        buffer_is_zero(&cqe, sizeof(cqe))) {    /* the first of all */
        return otherwise;
    }
    return cqe.cid;
}

/* What does not depend on the place in the queue. */
static void change_entry(NvmeRequest *req)
{
    const NvmeFiActionCqe *change = &nvme_fi_rule_of(req)->u.cqe;
    NvmeCqe *cqe = &req->cqe;

    if (change->has_cid) {
        cqe->cid = cpu_to_le16(change->cid);
    } else if (change->reuse_cid) {
        cqe->cid = last_cid(nvme_cq(req), cqe->cid);
    }
    if (change->has_sqid) {
        cqe->sq_id = cpu_to_le16(change->sqid);
    }
    if (change->has_sqhd) {
        cqe->sq_head = cpu_to_le16(change->sqhd);
    }
    if (change->has_dw0) {
        cqe->result = cpu_to_le32(change->dw0);
    }
    if (change->has_dw1) {
        cqe->dw1 = cpu_to_le32(change->dw1);
    }
}

static void posting(NvmeFi *fi, NvmeRequest *req)
{
    change_entry(req);
    if (nvme_fi_rule_of(req)->u.cqe.keep_phase) {
        req->cqe.status ^= cpu_to_le16(PHASE_TAG);
    }
}

/* The caller looks at cq->tail afterwards: its count of queues with entries
 * (cq_pending) and its interrupt are for all of them. */
static void posted(NvmeFi *fi, NvmeCQueue *cq, NvmeRequest *req)
{
    const NvmeFiActionCqe *change = &nvme_fi_rule_of(req)->u.cqe;

    for (unsigned i = 0; i < change->duplicates; i++) {
        if (!put(cq, req->cqe)) {
            break;
        }
    }
}

/* Instead of the completion: the entry is kept, and the command is gone. */
static NvmeFiNext keep(NvmeFi *fi, NvmeRequest *req)
{
    const NvmeFiActionCqe *change = &nvme_fi_rule_of(req)->u.cqe;
    unsigned n = 1 + change->duplicates;
    Stale stale = { .cqid = req->sq->cqid };

    if (!change->after_reset) {
        return NVME_FI_GO_ON;
    }
    if (!fi->stale) {
        fi->stale = g_array_new(false, false, sizeof(Stale));
    }
    if (fi->stale->len + n > MAX_STALE) {
        return NVME_FI_GO_ON;
    }
    req->cqe.status = cpu_to_le16(req->status << 1);
    req->cqe.sq_id = cpu_to_le16(req->sq->sqid);
    req->cqe.sq_head = cpu_to_le16(req->sq->head);
    change_entry(req);
    stale.cqe = req->cqe;
    while (n--) {
        g_array_append_val(fi->stale, stale);
    }
    nvme_fi_forget(req);
    return NVME_FI_WAIT;
}

void nvme_fi_stale_free(NvmeFi *fi)
{
    g_clear_pointer(&fi->stale, g_array_unref);
}

void nvme_fi_stale_reset(NvmeFi *fi)
{
    for (unsigned i = 0; fi->stale && i < fi->stale->len; i++) {
        Stale *stale = &g_array_index(fi->stale, Stale, i);

        stale->reset = true;
        stale->armed = false;
    }
}

void nvme_fi_stale_new_cq(NvmeFi *fi, uint16_t cqid)
{
    for (unsigned i = 0; fi->stale && i < fi->stale->len; i++) {
        Stale *stale = &g_array_index(fi->stale, Stale, i);

        stale->armed |= stale->reset && stale->cqid == cqid;
    }
}

/*
 * A driver clears the memory of a queue after it created it, so that an entry
 * that came at once would not be seen, and would leave a gap.  When the first
 * command is fetched, it looks.
 */
void nvme_fi_stale_post(NvmeFi *fi, NvmeCQueue *cq)
{
    bool pending = cq->head != cq->tail;
    bool any = false;

    for (unsigned i = 0; i < fi->stale->len;) {
        const Stale *stale = &g_array_index(fi->stale, Stale, i);

        if (!stale->armed || stale->cqid != cq->cqid) {
            i++;
            continue;
        }
        any |= put(cq, stale->cqe);
        g_array_remove_index(fi->stale, i);
    }
    if (!fi->stale->len) {
        nvme_fi_stale_free(fi);
    }
    if (any) {
        /* as when entries are posted in the usual way */
        cq->ctrl->cq_pending += cq->irq_enabled && !pending;
        nvme_irq_assert(cq->ctrl, cq);
    }
}

const NvmeFiActionOps nvme_fi_cqe_ops = {
    .check = check,
    .keep = keep,
    .posting = posting,
    .posted = posted,
};
