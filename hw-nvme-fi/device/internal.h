/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of the glue, to each other: the state of one controller, of one
 * command, and of the command log.
 */
#ifndef HW_NVME_FI_INTERNAL_H
#define HW_NVME_FI_INTERNAL_H

#include "../engine/command.h"
#include "../engine/set.h"
#include "fi.h"
#include "qapi/qapi-types-nvme-fi.h"

/* Entries of the command log; qapi/nvme-fi.json says so, too. */
#define NVME_FI_LOG_ENTRIES   16384
/* Entries of the Error Information log: the number in Identify, ELPE + 1. */
#define NVME_FI_ERROR_ENTRIES 64

/* An entry of the command log. */
typedef struct NvmeFiRecord {
    uint64_t seq;               /* from 1 */
    uint64_t hit;               /* from 1; 0: no rule acted */
    char id[FI_MAX_ID_LEN + 1];
    uint16_t qid;
    bool executed;
    bool posted;                /* cqe is valid */
    NvmeCmd sqe;
    NvmeCqe cqe;                /* as in the host's memory */
} NvmeFiRecord;

/* A command that waits; see park.c. */
typedef struct NvmeFiPark NvmeFiPark;

/* A command that matched a rule, from its fetch to its CQE.  The rule may be
 * removed meanwhile, so that this holds copies. */
typedef struct NvmeFiRequest {
    FiAction action;            /* with hit only */
    uint64_t lba;               /* the first that it touches; 0: none */
    uint64_t order;             /* of the rule: with id, which one it is */
    char id[FI_MAX_ID_LEN + 1];
    bool hit;
    bool executed;
    bool finished;              /* the action was applied */
    NvmeFiPark *park;           /* NULL: does not wait */
} NvmeFiRequest;

typedef struct NvmeFi {
    NvmeCtrl *ctrl;
    char *device;               /* qdev ID or QOM path */
    FiSet *set;

    NvmeFiRecord *log;          /* ring: seq s is at s % entries */
    uint64_t next_seq;
    uint64_t hits;

    NvmeErrorLog *errors;       /* ring: count c is at c % entries */
    uint64_t error_count;       /* since power-on, and all that there are */
    uint64_t media_errors;

    QEMUBH *bh;
    QTAILQ_HEAD(, NvmeFiPark) due;
} NvmeFi;

/* What the properties say; lives as long as the device object. */
typedef struct NvmeFiProps {
    NvmeFiRuleList *rules;
    char *file;
} NvmeFiProps;

/* state.c: the state of @n, made with the first rule and freed with @n. */
NvmeFi *nvme_fi_state(NvmeCtrl *n);
void nvme_fi_state_free(NvmeCtrl *n);
/*
 * nvme_fi_add:
 * Add @rules to @n, all or none.  @ids, where not NULL, gets the list of their
 * names, owned by the caller.
 */
bool nvme_fi_add(NvmeCtrl *n, NvmeFiRuleList *rules, strList **ids,
                 Error **errp);
bool nvme_fi_remove(NvmeCtrl *n, strList *ids, Error **errp);
/* The controller with qdev ID or QOM path @device, or NULL and an error. */
NvmeCtrl *nvme_fi_find_device(const char *device, Error **errp);

/* apply.c: frees what @req has here, after its entry was logged. */
void nvme_fi_request_free(NvmeRequest *req);

/*
 * park.c
 * nvme_fi_park: let @req, which keeps its place on out_req_list, complete with
 * req->status after @delay_ns of virtual time.
 * nvme_fi_forget_park: @req, which waits, is not to complete any more.
 * nvme_fi_unpark_due: the bottom half of the controller in @opaque.
 */
void nvme_fi_park(NvmeFi *fi, NvmeRequest *req, uint64_t delay_ns);
void nvme_fi_forget_park(NvmeRequest *req);
void nvme_fi_unpark_due(void *opaque);

/* ranges.c: the blocks that a command touches; free with the function. */
typedef struct NvmeFiRanges {
    FiRange first;
    FiRange *array;             /* NULL: first is all that there is */
} NvmeFiRanges;
void nvme_fi_command(NvmeFi *fi, NvmeRequest *req, FiCommand *command,
                     NvmeFiRanges *ranges);

/* log.c: write the entry of @req, whose CQE was posted, or never will. */
void nvme_fi_log(NvmeFi *fi, NvmeRequest *req, bool posted);
NvmeFiCommand *nvme_fi_log_entry(const NvmeFiRecord *record);
NvmeFiLog *nvme_fi_log_since(const NvmeFi *fi, uint64_t since);

/* errlog.c: an injected error was posted for @req. */
void nvme_fi_error_add(NvmeFi *fi, NvmeRequest *req);

/* convert.c */
/* QAPI rules to engine rules that point into them; the caller frees the array
 * with g_array_unref() before the list. */
GArray *nvme_fi_rules_from_qapi(NvmeFiRuleList *rules, Error **errp);
NvmeFiRule *nvme_fi_rule_to_qapi(const FiRule *rule);
/* Moves a GError to @errp. */
void nvme_fi_error_propagate(Error **errp, GError *error);

#endif
