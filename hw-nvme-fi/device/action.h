/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an action does at each point of a command's life, and what a trigger
 * does: one table entry each, filled in by the file of the action.
 *
 * The life of a command that a rule acts on:
 *   fetch -> carried out by the model -> finish -> delay -> keep
 *   -> posting -> CQE written -> posted -> free
 * A command that is not carried out goes from fetch to delay at once.  Abort,
 * the deletion of the queue and a reset end it at any point: whoever lets a
 * command wait does so under an AIOCB (park.c, medium.c), which they cancel.
 */
#ifndef HW_NVME_FI_ACTION_H
#define HW_NVME_FI_ACTION_H

#include "internal.h"

/* How the life of a command goes on after a function below. */
typedef enum NvmeFiNext {
    NVME_FI_GO_ON,      /* with the next point */
    NVME_FI_WAIT,       /* not now: nvme_fi_carry_out() after fetch, and
                           nvme_enqueue_req_completion() after the others,
                           make it go on */
    NVME_FI_END,        /* fetch only: it is not carried out, and req->status
                           is its status */
} NvmeFiNext;

/* The parameters of an action, shared by a rule and the commands that it acts
 * on.  The rule is a copy of what the user wrote. */
typedef struct NvmeFiDetail {
    FiDetail base;
    const struct NvmeFiActionOps *ops;  /* NULL: none or status */
    NvmeFiRule *rule;
} NvmeFiDetail;

/* Any member may be NULL: nothing happens there. */
typedef struct NvmeFiActionOps {
    /* Whether the action's own members of @rule are right.  @error is of
     * FI_RULE_ERROR and names the member, its value and what is allowed. */
    bool (*check)(const NvmeFiRule *rule, GError **error);
    /* The rule was added, is about to be removed. */
    void (*added)(NvmeFi *fi, FiEntry *entry);
    void (*removed)(NvmeFi *fi, FiEntry *entry);

    NvmeFiNext (*fetch)(NvmeFi *fi, NvmeRequest *req);
    NvmeFiNext (*finish)(NvmeFi *fi, NvmeRequest *req);
    /* Instead of the completion: WAIT where the command is kept or gone. */
    NvmeFiNext (*keep)(NvmeFi *fi, NvmeRequest *req);
    /* An Abort of the command, which waits, is to fail. */
    bool (*defies_abort)(const NvmeRequest *req);
    /* req->cqe is complete and will be written next. */
    void (*posting)(NvmeFi *fi, NvmeRequest *req);
    /* It was written; cq->tail and cq->phase are those of the next one. */
    void (*posted)(NvmeFi *fi, NvmeCQueue *cq, NvmeRequest *req);
    /* @data, @len bytes, will be transferred to the host, byte 0 of it being
     * byte @offset of the structure; it is a copy. */
    void (*returned)(NvmeFi *fi, NvmeRequest *req, uint8_t *data, uint32_t len,
                     uint64_t offset);
    /* The controller is about to check, or for a write with PRACT to
     * generate, the protection information of the bounce buffers. */
    void (*check_pi)(NvmeFi *fi, NvmeRequest *req, NvmeBounceContext *ctx);
    /* Frees req->fi->data. */
    void (*free)(NvmeRequest *req);
} NvmeFiActionOps;

typedef struct NvmeFiTriggerOps {
    /* Whether the members are right.  @in_rule: some take the command's. */
    bool (*check)(const NvmeFiTrigger *trigger, bool in_rule, GError **error);
    /* Whether the device as it is now can do it. */
    bool (*possible)(NvmeFi *fi, const NvmeFiTrigger *trigger,
                     const NvmeRequest *req, GError **error);
    /* Does it; @req is the command that a rule acts on, just fetched, or
     * NULL.  What frees queues or requests has to wait for a bottom half. */
    void (*fire)(NvmeFi *fi, const NvmeFiTrigger *trigger, NvmeRequest *req);
} NvmeFiTriggerOps;

/* action.c */
const NvmeFiActionOps *nvme_fi_action_ops(NvmeFiActionType type);
const NvmeFiTriggerOps *nvme_fi_trigger_ops(NvmeFiTriggerType type);
/* Checks what belongs to the action and the triggers of @rule, and sets
 * *@detail where there is something to remember. */
bool nvme_fi_detail_new(const NvmeFiRule *rule, NvmeFiDetail **detail,
                        GError **error);
static inline NvmeFiDetail *nvme_fi_detail(const FiAction *action)
{
    return (NvmeFiDetail *)action->detail;
}

/* trigger.c */
/* Fires the triggers of the rule that acts on @req; one that is not possible
 * is left out, with a trace event. */
void nvme_fi_fire(NvmeFi *fi, NvmeFiTriggerList *triggers, NvmeRequest *req);

/* apply.c: what a function that said WAIT calls to go on. */
void nvme_fi_carry_out(NvmeRequest *req);
/* The members of the rule that acts on @req. */
static inline const NvmeFiRule *nvme_fi_rule_of(const NvmeRequest *req)
{
    return nvme_fi_detail(&req->fi->action)->rule;
}
/* The @index-th random number, from 0, for the rule's action on @req. */
uint64_t nvme_fi_request_random(const NvmeRequest *req, unsigned index);

/* One table for each action and trigger, in the file of that name. */
extern const NvmeFiActionOps nvme_fi_drop_ops, nvme_fi_hold_ops,
    nvme_fi_tear_ops, nvme_fi_lose_ops, nvme_fi_misdirect_ops,
    nvme_fi_duplicate_ops, nvme_fi_corrupt_ops, nvme_fi_cqe_ops,
    nvme_fi_interrupt_ops, nvme_fi_doorbell_ops, nvme_fi_overlay_ops,
    nvme_fi_forbid_ops, nvme_fi_expect_ops;
extern const NvmeFiTriggerOps nvme_fi_controller_trigger,
    nvme_fi_event_trigger, nvme_fi_zone_trigger, nvme_fi_media_trigger,
    nvme_fi_power_cut_trigger, nvme_fi_interrupt_trigger,
    nvme_fi_doorbell_trigger;

#endif
