/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trigger event: asynchronous events, and the log pages that tell the same.
 * Where the model has the state (temperature, warnings, changed namespaces)
 * that is what changes.
 */
#include "qemu/osdep.h"
#include "../engine/names.h"
#include "event.h"

enum {
    SMART = 1 << NVME_FI_EVENT_TYPE_SMART,
    ERROR = 1 << NVME_FI_EVENT_TYPE_ERROR,
    NAMESPACE = 1 << NVME_FI_EVENT_TYPE_NAMESPACE,
    ANA = 1 << NVME_FI_EVENT_TYPE_ANA,
    ZONE = 1 << NVME_FI_EVENT_TYPE_ZONE,
    RAW = 1 << NVME_FI_EVENT_TYPE_RAW,
};

static bool invalid(GError **error, const char *format, ...)
    G_GNUC_PRINTF(2, 3);
static bool invalid(GError **error, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    if (error) {
        *error = g_error_new_valist(FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                                    format, ap);
    }
    va_end(ap);
    return false;
}

/* Which member belongs to which events, and must be there with which. */
static bool check_members(const NvmeFiTriggerEvent *t, GError **error)
{
    const struct {
        const char *name;
        bool given;
        unsigned of, needed;
    } members[] = {
        { "critical-warning", t->has_critical_warning, SMART },
        { "temperature", t->has_temperature, SMART },
        { "available-spare", t->has_available_spare, SMART },
        { "percentage-used", t->has_percentage_used, SMART },
        { "status", t->status, ERROR },
        { "nsid", t->has_nsid, NAMESPACE | ANA | ZONE },
        { "slba", t->has_slba, ZONE },
        { "ana-state", t->has_ana_state, ANA, ANA },
        { "type", t->has_type, RAW, RAW },
        { "info", t->has_info, RAW, RAW },
        { "lid", t->has_lid, RAW },
    };
    const char *event = NvmeFiEventType_str(t->event);

    for (unsigned i = 0; i < ARRAY_SIZE(members); i++) {
        if (members[i].given && !(members[i].of & (1u << t->event))) {
            return invalid(error, "%s: not with event '%s'", members[i].name,
                           event);
        }
        if (!members[i].given && (members[i].needed & (1u << t->event))) {
            return invalid(error, "%s: must be given with event '%s'",
                           members[i].name, event);
        }
    }
    return true;
}

/* The status of an error event, as action 'status' has it. */
static bool status_of(const NvmeFiTriggerEvent *t, uint16_t *status,
                      GError **error)
{
    *status = NVME_INTERNAL_DEV_ERROR;
    return !t->status || fi_status_parse(t->status, status, error);
}

static bool check(const NvmeFiTrigger *trigger, bool in_rule, GError **error)
{
    const NvmeFiTriggerEvent *t = &trigger->u.event;
    uint16_t status;

    if (!check_members(t, error) || !status_of(t, &status, error)) {
        return false;
    }
    if (t->event == NVME_FI_EVENT_TYPE_SMART && !t->has_critical_warning &&
        !t->has_temperature && !t->has_available_spare &&
        !t->has_percentage_used) {
        return invalid(error, "event 'smart': needs one of critical-warning, "
                       "temperature, available-spare and percentage-used");
    }
    if (t->available_spare > 100) {
        return invalid(error, "available-spare %u: must be 0 to 100",
                       t->available_spare);
    }
    if (t->type > 7) {
        return invalid(error, "type %u: must be 0 to 7", t->type);
    }
    return true;
}

static uint32_t nsid_of(const NvmeFiTriggerEvent *t)
{
    return t->has_nsid ? t->nsid : 1;
}

static bool zone_possible(NvmeFi *fi, const NvmeFiTriggerEvent *t,
                          GError **error)
{
    NvmeNamespace *ns = nvme_ns(fi->ctrl, nsid_of(t));
    uint64_t blocks = le64_to_cpu(ns->id_ns.nsze);

    if (!ns->params.zoned) {
        return invalid(error, "nsid %" PRIu32 ": is not a zoned namespace",
                       nsid_of(t));
    }
    if (t->slba >= blocks) {
        return invalid(error, "slba %" PRIu64 ": must be 0 to %" PRIu64,
                       t->slba, blocks - 1);
    }
    return true;
}

static bool possible(NvmeFi *fi, const NvmeFiTrigger *trigger,
                     const NvmeRequest *req, GError **error)
{
    const NvmeFiTriggerEvent *t = &trigger->u.event;
    uint32_t nsid = nsid_of(t);

    if (!((NAMESPACE | ANA | ZONE) & (1u << t->event))) {
        return true;
    }
    if (!nsid || nsid > NVME_MAX_NAMESPACES) {
        return invalid(error, "nsid %" PRIu32 ": must be 1 to %d", nsid,
                       NVME_MAX_NAMESPACES);
    }
    /* that a namespace went away is an event, too */
    if (t->event == NVME_FI_EVENT_TYPE_NAMESPACE) {
        return true;
    }
    if (!nvme_ns(fi->ctrl, nsid)) {
        return invalid(error, "nsid %" PRIu32 ": is not attached to '%s'",
                       nsid, fi->device);
    }
    return t->event != NVME_FI_EVENT_TYPE_ZONE ||
        zone_possible(fi, t, error);
}

struct NvmeFiEvents *nvme_fi_events(NvmeFi *fi)
{
    if (!fi->events) {
        fi->events = g_new0(struct NvmeFiEvents, 1);
    }
    return fi->events;
}

void nvme_fi_events_free(NvmeFi *fi)
{
    struct NvmeFiEvents *e = fi->events;

    if (e) {
        g_free(e->ana);
        g_clear_pointer(&e->zones, g_hash_table_unref);
        g_free(e);
    }
}

static void offer(NvmeFi *fi, NvmeFiEventType event)
{
    struct NvmeFiEvents *e = nvme_fi_events(fi);

    switch (event) {
    case NVME_FI_EVENT_TYPE_FIRMWARE:
        e->oaes |= NVME_FI_AEC_FIRMWARE;
        break;
    case NVME_FI_EVENT_TYPE_ZONE:
        e->oaes |= NVME_FI_AEC_ZONE;
        break;
    case NVME_FI_EVENT_TYPE_ANA:
        nvme_fi_ana_offer(fi);
        break;
    default:
        break;
    }
    fi->ctrl->id_ctrl.oaes |= cpu_to_le32(e->oaes);
}

void nvme_fi_events_announce(NvmeFi *fi, const NvmeFiRuleList *rules)
{
    for (; rules; rules = rules->next) {
        const NvmeFiTriggerList *t = rules->value->trigger;

        for (; t; t = t->next) {
            if (t->value->trigger == NVME_FI_TRIGGER_TYPE_EVENT) {
                offer(fi, t->value->u.event.event);
            }
        }
    }
}

void nvme_fi_events_identify(NvmeCtrl *n)
{
    nvme_fi_ana_join(n);
    if (n->fi && n->fi->events) {
        n->id_ctrl.oaes |= cpu_to_le32(n->fi->events->oaes);
    }
}

/* A controller that is not enabled has nobody to tell. */
static void tell(NvmeFi *fi, uint8_t type, uint8_t info, uint8_t lid)
{
    if (fi->ctrl->sq[0]) {
        nvme_enqueue_event(fi->ctrl, type, info, lid);
    }
}

static void tell_notice(NvmeFi *fi, uint32_t enabled_by, uint8_t info,
                        uint8_t lid)
{
    if (fi->ctrl->features.async_config & enabled_by) {
        tell(fi, NVME_AER_TYPE_NOTICE, info, lid);
    }
}

/* The Critical Warning that the model will report. */
static uint8_t warnings(const NvmeCtrl *n)
{
    bool beyond = n->temperature >= n->features.temp_thresh_hi ||
        n->temperature <= n->features.temp_thresh_low;

    return n->smart_critical_warning | (beyond ? NVME_SMART_TEMPERATURE : 0);
}

/* One event at most of each kind for what is new (NVMe Base 2.1, 5.1.2.1). */
static void smart(NvmeFi *fi, const NvmeFiTriggerEvent *t)
{
    struct NvmeFiEvents *e = nvme_fi_events(fi);
    NvmeCtrl *n = fi->ctrl;
    uint8_t before = warnings(n), fresh;

    if (t->has_critical_warning) {
        n->smart_critical_warning = t->critical_warning;
    }
    if (t->has_temperature) {
        n->temperature = t->temperature;
    }
    if (t->has_available_spare) {
        e->has_spare = true;
        e->spare = t->available_spare;
    }
    if (t->has_percentage_used) {
        e->has_used = true;
        e->used = t->percentage_used;
    }
    fresh = warnings(n) & ~before & NVME_AEC_SMART(n->features.async_config);
    if (fresh & NVME_SMART_SPARE) {
        tell(fi, NVME_AER_TYPE_SMART, NVME_AER_INFO_SMART_SPARE_THRESH,
             NVME_LOG_SMART_INFO);
    }
    if (fresh & NVME_SMART_TEMPERATURE) {
        tell(fi, NVME_AER_TYPE_SMART, NVME_AER_INFO_SMART_TEMP_THRESH,
             NVME_LOG_SMART_INFO);
    }
    if (fresh & ~(NVME_SMART_SPARE | NVME_SMART_TEMPERATURE)) {
        tell(fi, NVME_AER_TYPE_SMART, NVME_AER_INFO_SMART_RELIABILITY,
             NVME_LOG_SMART_INFO);
    }
}

void nvme_fi_events_smart(const NvmeFi *fi, NvmeSmartLog *log)
{
    const struct NvmeFiEvents *e = fi->events;

    if (e && e->has_spare) {
        log->available_spare = e->spare;
    }
    if (e && e->has_used) {
        log->percentage_used = e->used;
    }
}

static void fire(NvmeFi *fi, const NvmeFiTrigger *trigger, NvmeRequest *req)
{
    const NvmeFiTriggerEvent *t = &trigger->u.event;
    uint32_t nsid = nsid_of(t);
    uint16_t status;

    offer(fi, t->event);
    switch (t->event) {
    case NVME_FI_EVENT_TYPE_SMART:
        smart(fi, t);
        break;
    case NVME_FI_EVENT_TYPE_ERROR:
        status_of(t, &status, NULL);
        nvme_fi_error_add_event(fi, status);
        tell(fi, NVME_AER_TYPE_ERROR, NVME_AER_INFO_ERR_TRANS_INTERNAL_ERR,
             NVME_LOG_ERROR_INFO);
        break;
    case NVME_FI_EVENT_TYPE_FIRMWARE:
        tell_notice(fi, NVME_FI_AEC_FIRMWARE, NVME_FI_INFO_FIRMWARE,
                    NVME_LOG_FW_SLOT_INFO);
        break;
    case NVME_FI_EVENT_TYPE_NAMESPACE:
        set_bit(nsid, fi->ctrl->changed_nsids);
        tell_notice(fi, NVME_FI_AEC_NAMESPACE,
                    NVME_AER_INFO_NOTICE_NS_ATTR_CHANGED,
                    NVME_LOG_CHANGED_NSLIST);
        break;
    case NVME_FI_EVENT_TYPE_ANA:
        nvme_fi_ana_set(fi, nsid, t->ana_state);
        tell_notice(fi, NVME_FI_AEC_ANA, NVME_FI_INFO_ANA, NVME_FI_LID_ANA);
        break;
    case NVME_FI_EVENT_TYPE_ZONE:
        nvme_fi_zone_log_add(fi, nvme_ns(fi->ctrl, nsid), t->slba);
        tell_notice(fi, NVME_FI_AEC_ZONE, NVME_FI_INFO_ZONE,
                    NVME_FI_LID_ZONES);
        break;
    case NVME_FI_EVENT_TYPE_RAW:
        tell(fi, t->type, t->info, t->lid);
        break;
    case NVME_FI_EVENT_TYPE__MAX:
        g_assert_not_reached();
    }
}

uint16_t nvme_fi_log_transfer(NvmeFi *fi, NvmeRequest *req,
                              const NvmeFiLogRequest *log, void *page,
                              size_t size)
{
    uint8_t mdts = fi->ctrl->params.mdts;

    if (log->offset >= size || (log->offset & 3) ||
        (mdts && log->length > (uint64_t)fi->ctrl->page_size << mdts)) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    return nvme_c2h(fi->ctrl, (uint8_t *)page + log->offset,
                    MIN(log->length, size - log->offset), req);
}

/* True: a page that is ours alone. */
static bool get_log(NvmeFi *fi, NvmeRequest *req, uint16_t *status)
{
    uint32_t dw10 = le32_to_cpu(req->cmd.cdw10);
    uint32_t dw11 = le32_to_cpu(req->cmd.cdw11);
    NvmeFiLogRequest log = {
        .lid = dw10 & 0xff,
        .lsp = dw10 >> 8 & 0x7f,
        .rae = dw10 >> 15 & 1,
        .nsid = le32_to_cpu(req->cmd.nsid),
        .length = ((((uint64_t)dw11 & 0xffff) << 16 | dw10 >> 16) + 1) * 4,
        .offset = (uint64_t)le32_to_cpu(req->cmd.cdw13) << 32 |
            le32_to_cpu(req->cmd.cdw12),
    };

    switch (log.lid) {
    case NVME_LOG_FW_SLOT_INFO:
        /* the model knows no event for this page that reading it clears */
        if (!log.rae) {
            nvme_clear_events(fi->ctrl, NVME_AER_TYPE_NOTICE);
        }
        return false;
    case NVME_FI_LID_ANA:
        if (!fi->events->ana) {
            return false;
        }
        *status = nvme_fi_ana_log(fi, req, &log);
        break;
    case NVME_FI_LID_ZONES:
        *status = nvme_fi_zone_log(fi, req, &log);
        break;
    default:
        return false;
    }
    if (*status == NVME_SUCCESS && !log.rae) {
        nvme_clear_events(fi->ctrl, NVME_AER_TYPE_NOTICE);
    }
    return true;
}

bool nvme_fi_event_command(NvmeFi *fi, NvmeRequest *req, uint16_t *status)
{
    uint32_t nsid = le32_to_cpu(req->cmd.nsid);

    if (req->sq->sqid) {
        *status = nvme_fi_ana_status(fi, nsid);
        return *status != NVME_SUCCESS;
    }
    if (req->cmd.opcode == NVME_ADM_CMD_IDENTIFY && fi->events->ana) {
        nvme_fi_ana_identify(fi, nsid);
    }
    return req->cmd.opcode == NVME_ADM_CMD_GET_LOG_PAGE &&
        get_log(fi, req, status);
}

const NvmeFiTriggerOps nvme_fi_event_trigger = {
    .check = check,
    .possible = possible,
    .fire = fire,
};
