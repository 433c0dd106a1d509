/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Actions drop and hold: the completion never comes, or waits for
 * nvme-fi-release.  And what nvme-fi-release does.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-nvme-fi.h"
#include "../engine/names.h"
#include "hw/nvme/trace.h"
#include "action.h"

/* A command that is kept; in order of arrival.  After its release or its
 * Abort it is here until there was room for its CQE. */
typedef struct NvmeFiKept {
    NvmeRequest *req;
    QTAILQ_ENTRY(NvmeFiKept) entry;
} NvmeFiKept;

struct NvmeFiKeeper {
    QTAILQ_HEAD(, NvmeFiKept) kept;
};

static NvmeFiNext keep(NvmeFi *fi, NvmeRequest *req)
{
    NvmeFiKept *kept = g_new(NvmeFiKept, 1);

    if (!fi->keeper) {
        fi->keeper = g_new(struct NvmeFiKeeper, 1);
        QTAILQ_INIT(&fi->keeper->kept);
    }
    kept->req = req;
    req->fi->data = kept;
    QTAILQ_INSERT_TAIL(&fi->keeper->kept, kept, entry);
    nvme_fi_park(fi, req, NVME_FI_PARK_FOREVER);
    return NVME_FI_WAIT;
}

static NvmeFiNext drop_keep(NvmeFi *fi, NvmeRequest *req)
{
    if (nvme_fi_rule_of(req)->u.drop.has_abort) {
        return keep(fi, req);
    }
    nvme_fi_forget(req);
    return NVME_FI_WAIT;
}

/* Also while it is carried out or delayed: when the Abort comes is not to
 * matter. */
static bool drop_defies_abort(const NvmeRequest *req)
{
    const NvmeFiActionDrop *drop = &nvme_fi_rule_of(req)->u.drop;

    return drop->has_abort && drop->abort == NVME_FI_ABORT_NOT_ABORTED;
}

static bool hold_defies_abort(const NvmeRequest *req)
{
    const NvmeFiActionHold *hold = &nvme_fi_rule_of(req)->u.hold;

    return hold->has_abort && hold->abort == NVME_FI_ABORT_NOT_ABORTED;
}

static void kept_free(NvmeRequest *req)
{
    NvmeFiKept *kept = req->fi->data;

    if (kept) {
        QTAILQ_REMOVE(&nvme_ctrl(req)->fi->keeper->kept, kept, entry);
        g_free(kept);
        req->fi->data = NULL;
    }
}

const NvmeFiActionOps nvme_fi_drop_ops = {
    .keep = drop_keep,
    .defies_abort = drop_defies_abort,
    .free = kept_free,
};

const NvmeFiActionOps nvme_fi_hold_ops = {
    .keep = keep,
    .defies_abort = hold_defies_abort,
    .free = kept_free,
};

/* All requests are gone: the controller was reset before. */
void nvme_fi_held_free(NvmeFi *fi)
{
    g_clear_pointer(&fi->keeper, g_free);
}

static NvmeFiHeld *held_info(const NvmeRequest *req)
{
    NvmeFiHeld *held = g_new0(NvmeFiHeld, 1);

    held->id = g_strdup(req->fi->id);
    held->action = nvme_fi_rule_of(req)->action;
    held->qid = req->sq->sqid;
    held->cid = le16_to_cpu(req->cmd.cid);
    held->opcode = req->cmd.opcode;
    held->nsid = le32_to_cpu(req->cmd.nsid);
    held->executed = req->fi->executed;
    return held;
}

NvmeFiHeldList *nvme_fi_held_query(const NvmeFi *fi)
{
    NvmeFiHeldList *list = NULL;
    NvmeFiHeldList **tail = &list;
    NvmeFiKept *kept;

    if (!fi->keeper) {
        return NULL;
    }
    QTAILQ_FOREACH(kept, &fi->keeper->kept, entry) {
        if (nvme_fi_is_parked(kept->req)) {
            QAPI_LIST_APPEND(tail, held_info(kept->req));
        }
    }
    return list;
}

/* What nvme-fi-release asks for. */
typedef struct Release {
    const char *id;             /* NULL: any rule */
    uint64_t count;             /* commands at most */
    bool has_status;
    uint16_t status;
} Release;

static bool is_meant(const NvmeRequest *req, const Release *release)
{
    return nvme_fi_is_parked(req) &&
        nvme_fi_rule_of(req)->action == NVME_FI_ACTION_TYPE_HOLD &&
        (!release->id || !strcmp(req->fi->id, release->id));
}

/* Their CQEs are written by the queue's bottom half, in this order. */
static uint64_t release_all(NvmeFi *fi, const Release *release)
{
    NvmeFiKept *kept, *next;
    uint64_t n = 0;

    if (!fi || !fi->keeper) {
        return 0;
    }
    QTAILQ_FOREACH_SAFE(kept, &fi->keeper->kept, entry, next) {
        NvmeRequest *req = kept->req;

        if (n == release->count) {
            break;
        }
        if (!is_meant(req, release)) {
            continue;
        }
        if (release->has_status) {
            /* as if the rule had said so: the Error Information log, too */
            req->status = req->fi->action.status = release->status;
        }
        nvme_fi_unpark(req);
        n++;
    }
    return n;
}

/* Whether the arguments of nvme-fi-release are right. */
static bool check_arguments(bool has_count, uint64_t count, const char *status,
                            bool dnr, Error **errp)
{
    if (has_count && (!count || count > INT64_MAX)) {
        error_setg(errp, "nvme-fi: count %" PRIu64 ": must be 1 to 2^63-1; to "
                   "release all, leave it out", count);
        return false;
    }
    if (dnr && !status) {
        error_setg(errp, "nvme-fi: dnr on: needs status, too");
        return false;
    }
    return true;
}

NvmeFiReleased *qmp_nvme_fi_release(const char *device, const char *id,
                                    bool has_count, uint64_t count,
                                    const char *status, bool has_dnr,
                                    bool dnr, Error **errp)
{
    NvmeCtrl *n = nvme_fi_find_device(device, errp);
    Release release = {
        .id = id,
        .count = has_count ? count : UINT64_MAX,
        .has_status = status != NULL,
    };
    NvmeFiReleased *released;
    GError *error = NULL;

    if (!n || !check_arguments(has_count, count, status, has_dnr && dnr,
                               errp)) {
        return NULL;
    }
    if (status && !fi_status_parse(status, &release.status, &error)) {
        nvme_fi_error_propagate(errp, error);
        return NULL;
    }
    if (has_dnr && dnr) {
        release.status |= FI_STATUS_DNR;
    }
    released = g_new0(NvmeFiReleased, 1);
    released->released = release_all(n->fi, &release);
    return released;
}
