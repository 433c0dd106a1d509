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
void nvme_fi_log_posted(NvmeRequest *req);
void nvme_fi_drop_sq(NvmeSQueue *sq);
void nvme_fi_drop_rules(NvmeCtrl *n);
void nvme_fi_count_smart(NvmeCtrl *n, NvmeSmartLog *smart);

/*
 * nvme_fi_error_info:
 * Get Log Page, Error Information (NVMe Base 2.1, 5.1.12.1.2), of a
 * controller that has or had rules.  Transfers at most @len bytes of the log
 * from byte @off on; returns the command's status.
 */
uint16_t nvme_fi_error_info(NvmeCtrl *n, uint8_t rae, uint32_t len,
                            uint64_t off, NvmeRequest *req);

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
 * status.  True if it completes later, by a call of its own.
 */
static inline bool nvme_fi_completed(NvmeRequest *req)
{
    return unlikely(req->fi) && nvme_fi_finish(req);
}

/* Whether @req only waits: it touches no block any more, or never did. */
static inline bool nvme_fi_parked(const NvmeRequest *req)
{
    return unlikely(req->fi) && nvme_fi_is_parked(req);
}

/* The CQE of @req was written to the host's memory. */
static inline void nvme_fi_posted(NvmeRequest *req)
{
    if (unlikely(req->fi)) {
        nvme_fi_log_posted(req);
    }
}

/* @sq and its requests, none of them in the block layer, are to be freed. */
static inline void nvme_fi_free_sq(NvmeSQueue *sq)
{
    if (unlikely(sq->ctrl->fi)) {
        nvme_fi_drop_sq(sq);
    }
}

/* A controller level reset begins. */
static inline void nvme_fi_reset(NvmeCtrl *n)
{
    if (unlikely(n->fi)) {
        nvme_fi_drop_rules(n);
    }
}

/* @smart is about to be sent: put the error counters in. */
static inline void nvme_fi_smart(NvmeCtrl *n, NvmeSmartLog *smart)
{
    if (unlikely(n->fi)) {
        nvme_fi_count_smart(n, smart);
    }
}

/* Functions of ctrl.c that the glue calls. */
void nvme_enqueue_req_completion(NvmeCQueue *cq, NvmeRequest *req);
uint16_t nvme_c2h(NvmeCtrl *n, void *ptr, uint32_t len, NvmeRequest *req);
void nvme_clear_events(NvmeCtrl *n, uint8_t event_type);

#endif
