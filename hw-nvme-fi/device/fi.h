/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the nvme device calls for fault injection.  As long as a controller
 * had no rule, each call is one test of a pointer.
 */
#ifndef HW_NVME_FI_H
#define HW_NVME_FI_H

#include "hw/nvme/nvme.h"

/* The properties "fi-rules" and "fi-file"; released with @obj. */
void nvme_fi_instance_init(Object *obj);

/*
 * nvme_fi_realize:
 * Add the rules of the properties.  To be called before anything is set up
 * that a failure would leave behind.  On false, @errp names the rule.
 */
bool nvme_fi_realize(NvmeCtrl *n, Error **errp);

/* The slow halves of the inline functions below; see there. */
bool nvme_fi_decide(NvmeCtrl *n, NvmeRequest *req, uint16_t *status);
bool nvme_fi_finish(NvmeRequest *req);
bool nvme_fi_is_parked(const NvmeRequest *req);
bool nvme_fi_refuse_abort(const NvmeRequest *req);
void nvme_fi_before_post(NvmeRequest *req);
void nvme_fi_after_post(NvmeCQueue *cq, NvmeRequest *req);
void nvme_fi_drop_sq(NvmeSQueue *sq);
void nvme_fi_reset_state(NvmeCtrl *n);
void nvme_fi_exit_state(NvmeCtrl *n);
void nvme_fi_count_smart(NvmeCtrl *n, NvmeSmartLog *smart);
void *nvme_fi_change_returned(NvmeCtrl *n, NvmeRequest *req, const void *data,
                              uint32_t len);
void nvme_fi_change_pi(NvmeRequest *req, NvmeBounceContext *ctx);
void nvme_fi_new_cq(NvmeCQueue *cq);
bool nvme_fi_change_interrupt(NvmeCtrl *n, NvmeCQueue *cq);
bool nvme_fi_is_stuck(NvmeSQueue *sq);
bool nvme_fi_is_silent(NvmeCtrl *n);
uint64_t nvme_fi_change_read(NvmeCtrl *n, hwaddr addr, uint64_t value,
                             unsigned size);
bool nvme_fi_take_write(NvmeCtrl *n, hwaddr addr, uint64_t data,
                        unsigned size);
void nvme_fi_change_identify(NvmeCtrl *n);
bool nvme_fi_zone_open_is_last(NvmeNamespace *ns);
uint16_t nvme_fi_check_zone_limits(NvmeNamespace *ns, uint32_t active,
                                   uint32_t open);

/*
 * nvme_fi_error_info:
 * Get Log Page, Error Information (NVMe Base 2.1, 5.1.12.1.2), of a
 * controller that has or had rules.  Transfers at most @len bytes of the log
 * from byte @off on; returns the command's status.
 */
uint16_t nvme_fi_error_info(NvmeCtrl *n, uint8_t rae, uint32_t len,
                            uint64_t off, NvmeRequest *req);

/* The controller's Identify data is set up: put in what properties ask for. */
static inline void nvme_fi_identify(NvmeCtrl *n)
{
    nvme_fi_change_identify(n);
}

/*
 * nvme_fi_fetched:
 * @req was fetched.  True if it is not to be carried out: then *@status is its
 * status, or NVME_NO_COMPLETE where it completes later.
 */
static inline bool nvme_fi_fetched(NvmeCtrl *n, NvmeRequest *req,
                                   uint16_t *status)
{
    return unlikely(n->fi) && nvme_fi_decide(n, req, status);
}

/*
 * nvme_fi_completed:
 * @req, on its queue's out_req_list, is about to be completed.  May change its
 * status.  True if it completes later, by a call of its own, or never.
 */
static inline bool nvme_fi_completed(NvmeRequest *req)
{
    return unlikely(req->fi) && nvme_fi_finish(req);
}

/* Whether @req only waits: it touches no block any more, or not yet. */
static inline bool nvme_fi_parked(const NvmeRequest *req)
{
    return unlikely(req->fi) && nvme_fi_is_parked(req);
}

/* Whether an Abort command must not end @req, which is in flight. */
static inline bool nvme_fi_defies_abort(const NvmeRequest *req)
{
    return unlikely(req->fi) && nvme_fi_refuse_abort(req);
}

/* The CQE of @req is complete but for being written to the host's memory. */
static inline void nvme_fi_posting(NvmeRequest *req)
{
    if (unlikely(req->fi)) {
        nvme_fi_before_post(req);
    }
}

/* The CQE of @req was written; the next one's place in @cq is set. */
static inline void nvme_fi_posted(NvmeCQueue *cq, NvmeRequest *req)
{
    if (unlikely(req->fi)) {
        nvme_fi_after_post(cq, req);
    }
}

/* @sq and its requests, none of them in the block layer, are to be freed. */
static inline void nvme_fi_free_sq(NvmeSQueue *sq)
{
    if (unlikely(sq->ctrl->fi)) {
        nvme_fi_drop_sq(sq);
    }
}

/* @cq was created, the admin one by enabling the controller. */
static inline void nvme_fi_cq_created(NvmeCQueue *cq)
{
    if (unlikely(cq->ctrl->fi)) {
        nvme_fi_new_cq(cq);
    }
}

/* A controller level reset begins. */
static inline void nvme_fi_reset(NvmeCtrl *n)
{
    if (unlikely(n->fi)) {
        nvme_fi_reset_state(n);
    }
}

/* The device leaves the machine: its last reset is done. */
static inline void nvme_fi_exit(NvmeCtrl *n)
{
    if (unlikely(n->fi)) {
        nvme_fi_exit_state(n);
    }
}

/* @smart is about to be sent: put in the error counters and what else is not
 * as the model thinks. */
static inline void nvme_fi_smart(NvmeCtrl *n, NvmeSmartLog *smart)
{
    if (unlikely(n->fi)) {
        nvme_fi_count_smart(n, smart);
    }
}

/*
 * nvme_fi_returned:
 * @data, @len bytes, is about to be sent to the host.  Returns NULL, or other
 * data to be sent instead, owned by the caller.
 */
static inline void *nvme_fi_returned(NvmeCtrl *n, NvmeRequest *req,
                                     const void *data, uint32_t len)
{
    return unlikely(n->fi) ? nvme_fi_change_returned(n, req, data, len) : NULL;
}

/* The protection information of @ctx is about to be checked or, for a write
 * with PRACT, generated. */
static inline void nvme_fi_check_pi(NvmeRequest *req, NvmeBounceContext *ctx)
{
    if (unlikely(req->fi)) {
        nvme_fi_change_pi(req, ctx);
    }
}

/* True if the interrupt of @cq that is due must not be sent as it is. */
static inline bool nvme_fi_interrupt(NvmeCtrl *n, NvmeCQueue *cq)
{
    return unlikely(n->fi) && nvme_fi_change_interrupt(n, cq);
}

/* Whether no command is to be fetched from @sq now. */
static inline bool nvme_fi_stuck(NvmeSQueue *sq)
{
    return unlikely(sq->ctrl->fi) && nvme_fi_is_stuck(sq);
}

/* Whether the controller posts no CQE now. */
static inline bool nvme_fi_silent(NvmeCtrl *n)
{
    return unlikely(n->fi) && nvme_fi_is_silent(n);
}

/* What the host reads at @addr of BAR0 instead of @value. */
static inline uint64_t nvme_fi_mmio_read(NvmeCtrl *n, hwaddr addr,
                                         uint64_t value, unsigned size)
{
    return unlikely(n->fi) ? nvme_fi_change_read(n, addr, value, size) : value;
}

/* True if the host's write to BAR0 is to have no effect in the model. */
static inline bool nvme_fi_mmio_write(NvmeCtrl *n, hwaddr addr, uint64_t data,
                                      unsigned size)
{
    return unlikely(n->fi) && nvme_fi_take_write(n, addr, data, size);
}

/* Whether @ns, with a limit of open zones that was lowered, has as many. */
static inline bool nvme_fi_zones_full(NvmeNamespace *ns)
{
    return unlikely(ns->fi.max_open) && nvme_fi_zone_open_is_last(ns);
}

/* The status of a command that needs @active further active and @open further
 * open zones of @ns, as far as a limit that was lowered goes. */
static inline uint16_t nvme_fi_zone_limits(NvmeNamespace *ns, uint32_t active,
                                           uint32_t open)
{
    return unlikely(ns->fi.max_open || ns->fi.max_active) ?
        nvme_fi_check_zone_limits(ns, active, open) : NVME_SUCCESS;
}

/* Functions of ctrl.c that the glue calls. */
uint16_t nvme_io_cmd(NvmeCtrl *n, NvmeRequest *req);
uint16_t nvme_admin_cmd(NvmeCtrl *n, NvmeRequest *req);
void nvme_enqueue_req_completion(NvmeCQueue *cq, NvmeRequest *req);
void nvme_enqueue_event(NvmeCtrl *n, uint8_t event_type, uint8_t event_info,
                        uint8_t log_page);
void nvme_assign_zone_state(NvmeNamespace *ns, NvmeZone *zone,
                            NvmeZoneState state);
void nvme_irq_assert(NvmeCtrl *n, NvmeCQueue *cq);
void nvme_ctrl_reset(NvmeCtrl *n, NvmeResetType rst);
uint16_t nvme_c2h(NvmeCtrl *n, void *ptr, uint32_t len, NvmeRequest *req);
void nvme_clear_events(NvmeCtrl *n, uint8_t event_type);

#endif
