/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule of the QAPI schema to a rule of the engine and back, and the errors
 * of the engine to those of QEMU.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/guest-random.h"
#include "qapi/clone-visitor.h"
#include "qapi/qapi-visit-nvme-fi.h"
#include "../engine/names.h"
#include "action.h"

void nvme_fi_error_propagate(Error **errp, GError *error)
{
    error_setg(errp, "nvme-fi: %s", error->message);
    g_error_free(error);
}

/* The name of @rule in an error: its id, or its place in the list. */
static char *rule_name(const NvmeFiRule *rule, size_t index)
{
    return rule->id ? g_strdup_printf("rule '%s'", rule->id) :
                      g_strdup_printf("rule number %zu of the list", index + 1);
}

/* To the engine, which checks all other numbers, 0 means no limit. */
static bool check_times(const NvmeFiRule *rule, GError **error)
{
    if (rule->has_times && !rule->times) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "times 0: must be 1 or more; to have no limit, leave it "
                    "out");
        return false;
    }
    return true;
}

static FiQueue queue_from_qapi(const NvmeFiRule *rule)
{
    if (!rule->has_queue) {
        return FI_QUEUE_ANY;
    }
    return rule->queue == NVME_FI_QUEUE_ADMIN ? FI_QUEUE_ADMIN : FI_QUEUE_IO;
}

static bool range_from_qapi(const NvmeFiRule *rule, FiMatch *match,
                            GError **error)
{
    if (rule->has_nlb && !rule->has_slba) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "nlb %" PRIu64 ": needs slba, too", rule->nlb);
        return false;
    }
    match->has_range = rule->has_slba;
    match->slba = rule->slba;
    match->nlb = rule->has_nlb ? rule->nlb : 1;
    return true;
}

static void sqe_from_qapi(const NvmeFiSqeMatchList *list, FiMatch *match)
{
    FiSqeMask *masks;
    size_t n = 0;

    for (const NvmeFiSqeMatchList *it = list; it; it = it->next) {
        n++;
    }
    masks = n ? g_new(FiSqeMask, n) : NULL;
    match->sqe = masks;
    match->n_sqe = n;
    for (; list; list = list->next, masks++) {
        masks->dword = list->value->dword;
        masks->mask = list->value->mask;
        masks->value = list->value->value;
    }
}

static bool match_from_qapi(const NvmeFiRule *rule, FiMatch *match,
                            GError **error)
{
    match->queue = queue_from_qapi(rule);
    match->has_opcode = rule->opcode != NULL;
    if (rule->opcode && !fi_opcode_parse(rule->opcode, &match->queue,
                                         &match->opcode, error)) {
        return false;
    }
    match->has_qid = rule->has_qid;
    match->qid = rule->qid;
    match->has_nsid = rule->has_nsid;
    match->nsid = rule->nsid;
    match->has_cns = rule->has_cns;
    match->cns = rule->cns;
    match->has_lid = rule->has_lid;
    match->lid = rule->lid;
    match->has_fid = rule->has_fid;
    match->fid = rule->fid;
    match->has_ordinal = rule->has_ordinal;
    match->ordinal = rule->ordinal;
    match->state = rule->state;
    return range_from_qapi(rule, match, error);
}

static bool trigger_chooses(const NvmeFiTrigger *trigger)
{
    return trigger->trigger == NVME_FI_TRIGGER_TYPE_POWER_CUT &&
        !trigger->u.power_cut.has_seed;
}

bool nvme_fi_action_chooses(const NvmeFiRule *rule)
{
    for (NvmeFiTriggerList *it = rule->trigger; it; it = it->next) {
        if (trigger_chooses(it->value)) {
            return true;
        }
    }
    return rule->action == NVME_FI_ACTION_TYPE_CORRUPT &&
        rule->u.corrupt.has_how &&
        rule->u.corrupt.how == NVME_FI_CORRUPT_HOW_RANDOM;
}

/* Whether the rule needs a seed. */
static bool makes_choices(const NvmeFiRule *rule)
{
    return rule->has_probability ||
        (rule->has_delay && rule->delay != NVME_FI_DELAY_FIXED) ||
        nvme_fi_action_chooses(rule);
}

static void schedule_from_qapi(const NvmeFiRule *rule, FiSchedule *schedule)
{
    schedule->skip = rule->has_skip ? rule->skip : 0;
    schedule->every = rule->has_every ? rule->every : 1;
    schedule->times = rule->has_times ? rule->times : 0;
    schedule->probability = rule->has_probability ? rule->probability : 1.0;
    schedule->set_state = rule->set_state;
    if (rule->has_seed) {
        schedule->seed = rule->seed;
    } else if (makes_choices(rule)) {
        qemu_guest_getrandom_nofail(&schedule->seed, sizeof(schedule->seed));
        schedule->seed &= INT64_MAX;    /* what a rule may say */
    }
}

static bool status_from_qapi(const NvmeFiActionStatus *status,
                             FiAction *action, GError **error)
{
    if (!fi_status_parse(status->status, &action->status, error)) {
        return false;
    }
    if (status->has_crd && status->crd > 3) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "crd %u: must be 0 to 3", status->crd);
        return false;
    }
    action->status |= (status->has_dnr && status->dnr ? FI_STATUS_DNR : 0) |
        (status->has_more && status->more ? FI_STATUS_MORE : 0) |
        (status->has_crd ? status->crd << FI_STATUS_CRD_SHIFT : 0);
    return true;
}

static void delay_from_qapi(const NvmeFiRule *rule, FiAction *action)
{
    static const FiDelay delays[] = {
        [NVME_FI_DELAY_FIXED] = FI_DELAY_FIXED,
        [NVME_FI_DELAY_UNIFORM] = FI_DELAY_UNIFORM,
        [NVME_FI_DELAY_EXPONENTIAL] = FI_DELAY_EXPONENTIAL,
    };

    action->delay = rule->has_delay ? delays[rule->delay] : FI_DELAY_FIXED;
    action->delay_ns = rule->has_delay_ns ? rule->delay_ns : 0;
    action->delay_max_ns = rule->has_delay_max_ns ? rule->delay_max_ns : 0;
}

/* Left out, it depends on the action whether the command is carried out. */
static bool executes(const NvmeFiRule *rule)
{
    if (rule->has_execute) {
        return rule->execute;
    }
    return rule->action != NVME_FI_ACTION_TYPE_STATUS &&
        rule->action != NVME_FI_ACTION_TYPE_DROP &&
        rule->action != NVME_FI_ACTION_TYPE_HOLD;
}

static bool action_from_qapi(const NvmeFiRule *rule, FiAction *action,
                             GError **error)
{
    NvmeFiDetail *detail;

    if (rule->action == NVME_FI_ACTION_TYPE_STATUS &&
        !status_from_qapi(&rule->u.status, action, error)) {
        return false;
    }
    if (!nvme_fi_detail_new(rule, &detail, error)) {
        return false;
    }
    action->detail = detail ? &detail->base : NULL;
    action->kind = rule->action == NVME_FI_ACTION_TYPE_NONE ? FI_ACTION_NONE :
        rule->action == NVME_FI_ACTION_TYPE_STATUS ? FI_ACTION_STATUS :
        FI_ACTION_OTHER;
    action->execute = executes(rule);
    delay_from_qapi(rule, action);
    return true;
}

static bool rule_from_qapi(const NvmeFiRule *rule, FiRule *out,
                           GError **error)
{
    out->id = rule->id;
    out->lifetime = rule->has_lifetime &&
        rule->lifetime == NVME_FI_LIFETIME_UNTIL_RESET ?
        FI_LIFETIME_UNTIL_RESET : FI_LIFETIME_PERMANENT;
    if (!check_times(rule, error) ||
        !match_from_qapi(rule, &out->match, error) ||
        !action_from_qapi(rule, &out->action, error)) {
        return false;
    }
    schedule_from_qapi(rule, &out->schedule);
    sqe_from_qapi(rule->sqe, &out->match);
    return true;
}

static void rule_clear(gpointer data)
{
    FiRule *rule = data;

    g_free((FiSqeMask *)rule->match.sqe);
    fi_detail_unref(rule->action.detail);
}

GArray *nvme_fi_rules_from_qapi(NvmeFiRuleList *rules, Error **errp)
{
    g_autoptr(GArray) array = g_array_new(FALSE, FALSE, sizeof(FiRule));

    g_array_set_clear_func(array, rule_clear);
    for (NvmeFiRuleList *it = rules; it; it = it->next) {
        GError *error = NULL;
        FiRule rule = FI_RULE_INIT;

        if (!rule_from_qapi(it->value, &rule, &error)) {
            g_autofree char *name = rule_name(it->value, array->len);

            rule_clear(&rule);
            g_prefix_error(&error, "%s: ", name);
            nvme_fi_error_propagate(errp, error);
            return NULL;
        }
        g_array_append_val(array, rule);
    }
    return g_steal_pointer(&array);
}

static char *opcode_to_qapi(const FiMatch *match)
{
    const char *name = NULL;

    /* a name would add a queue to a rule that has none */
    if (match->queue != FI_QUEUE_ANY) {
        name = fi_opcode_name(match->queue == FI_QUEUE_ADMIN, match->opcode);
    }
    return name ? g_strdup(name) : g_strdup_printf("0x%02x", match->opcode);
}

static NvmeFiSqeMatchList *sqe_to_qapi(const FiMatch *match)
{
    NvmeFiSqeMatchList *list = NULL;

    for (gsize i = match->n_sqe; i > 0; i--) {
        NvmeFiSqeMatch *mask = g_new0(NvmeFiSqeMatch, 1);

        mask->dword = match->sqe[i - 1].dword;
        mask->mask = match->sqe[i - 1].mask;
        mask->value = match->sqe[i - 1].value;
        QAPI_LIST_PREPEND(list, mask);
    }
    return list;
}

static void match_to_qapi(const FiMatch *match, NvmeFiRule *rule)
{
    rule->has_queue = match->queue != FI_QUEUE_ANY;
    rule->queue = match->queue == FI_QUEUE_ADMIN ? NVME_FI_QUEUE_ADMIN :
                                                   NVME_FI_QUEUE_IO;
    rule->has_qid = match->has_qid;
    rule->qid = match->qid;
    rule->opcode = match->has_opcode ? opcode_to_qapi(match) : NULL;
    rule->has_nsid = match->has_nsid;
    rule->nsid = match->nsid;
    rule->has_slba = rule->has_nlb = match->has_range;
    rule->slba = match->slba;
    rule->nlb = match->nlb;
    rule->has_cns = match->has_cns;
    rule->cns = match->cns;
    rule->has_lid = match->has_lid;
    rule->lid = match->lid;
    rule->has_fid = match->has_fid;
    rule->fid = match->fid;
    rule->has_ordinal = match->has_ordinal;
    rule->ordinal = match->ordinal;
    rule->has_sqe = match->n_sqe != 0;
    rule->sqe = sqe_to_qapi(match);
    rule->state = g_strdup(match->state);
}

static void schedule_to_qapi(const FiSchedule *schedule, NvmeFiRule *rule)
{
    rule->has_skip = schedule->skip != 0;
    rule->skip = schedule->skip;
    rule->has_every = schedule->every != 1;
    rule->every = schedule->every;
    rule->has_times = schedule->times != 0;
    rule->times = schedule->times;
    rule->has_probability = schedule->probability < 1.0;
    rule->probability = schedule->probability;
    rule->seed = schedule->seed;
    rule->set_state = g_strdup(schedule->set_state);
}

static void status_to_qapi(uint16_t status, NvmeFiActionStatus *out)
{
    const char *name = fi_status_name(status);

    out->status = name ? g_strdup(name) :
                  g_strdup_printf("0x%03x", status & FI_STATUS_CODE_MASK);
    out->has_dnr = out->dnr = status & FI_STATUS_DNR;
    out->has_more = out->more = status & FI_STATUS_MORE;
    out->crd = (status & FI_STATUS_CRD_MASK) >> FI_STATUS_CRD_SHIFT;
    out->has_crd = out->crd != 0;
}

static void delay_to_qapi(const FiAction *action, NvmeFiRule *rule)
{
    static const NvmeFiDelay delays[] = {
        [FI_DELAY_FIXED] = NVME_FI_DELAY_FIXED,
        [FI_DELAY_UNIFORM] = NVME_FI_DELAY_UNIFORM,
        [FI_DELAY_EXPONENTIAL] = NVME_FI_DELAY_EXPONENTIAL,
    };

    rule->has_delay_ns = action->delay_ns != 0;
    rule->delay_ns = action->delay_ns;
    rule->has_delay = action->delay != FI_DELAY_FIXED;
    rule->delay = delays[action->delay];
    rule->has_delay_max_ns = action->delay_max_ns != 0;
    rule->delay_max_ns = action->delay_max_ns;
}

/* What the engine does not know is as the user wrote it. */
static void detail_to_qapi(const NvmeFiDetail *detail, NvmeFiRule *rule)
{
    g_autoptr(NvmeFiRule) copy = QAPI_CLONE(NvmeFiRule, detail->rule);

    rule->has_trigger = copy->has_trigger;
    rule->trigger = g_steal_pointer(&copy->trigger);
    if (detail->ops) {
        rule->action = copy->action;
        rule->u = copy->u;
        memset(&copy->u, 0, sizeof(copy->u));
    }
}

NvmeFiRule *nvme_fi_rule_to_qapi(const FiRule *in)
{
    NvmeFiRule *rule = g_new0(NvmeFiRule, 1);

    rule->id = g_strdup(in->id);
    match_to_qapi(&in->match, rule);
    schedule_to_qapi(&in->schedule, rule);
    delay_to_qapi(&in->action, rule);
    rule->has_execute = true;
    rule->execute = in->action.execute;
    rule->has_lifetime = in->lifetime != FI_LIFETIME_PERMANENT;
    rule->lifetime = NVME_FI_LIFETIME_UNTIL_RESET;
    rule->action = NVME_FI_ACTION_TYPE_NONE;
    if (in->action.kind == FI_ACTION_STATUS) {
        rule->action = NVME_FI_ACTION_TYPE_STATUS;
        status_to_qapi(in->action.status, &rule->u.status);
    }
    if (in->action.detail) {
        detail_to_qapi(nvme_fi_detail(&in->action), rule);
    }
    rule->has_seed = rule->seed || makes_choices(rule);
    return rule;
}
