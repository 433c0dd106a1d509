/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the name of an action or trigger to what it does, and the check of a
 * rule's action when it is added.
 */
#include "qemu/osdep.h"
#include "qapi/clone-visitor.h"
#include "qapi/qapi-visit-nvme-fi.h"
#include "action.h"

#define MAX_TRIGGERS 16         /* qapi/nvme-fi.json says so, too */

const NvmeFiActionOps *nvme_fi_action_ops(NvmeFiActionType type)
{
    static const NvmeFiActionOps *const ops[NVME_FI_ACTION_TYPE__MAX] = {
        [NVME_FI_ACTION_TYPE_DROP] = &nvme_fi_drop_ops,
        [NVME_FI_ACTION_TYPE_HOLD] = &nvme_fi_hold_ops,
        [NVME_FI_ACTION_TYPE_TEAR] = &nvme_fi_tear_ops,
        [NVME_FI_ACTION_TYPE_LOSE] = &nvme_fi_lose_ops,
        [NVME_FI_ACTION_TYPE_MISDIRECT] = &nvme_fi_misdirect_ops,
        [NVME_FI_ACTION_TYPE_DUPLICATE_EXECUTE] = &nvme_fi_duplicate_ops,
        [NVME_FI_ACTION_TYPE_CORRUPT] = &nvme_fi_corrupt_ops,
        [NVME_FI_ACTION_TYPE_CQE] = &nvme_fi_cqe_ops,
        [NVME_FI_ACTION_TYPE_INTERRUPT] = &nvme_fi_interrupt_ops,
        [NVME_FI_ACTION_TYPE_DOORBELL] = &nvme_fi_doorbell_ops,
        [NVME_FI_ACTION_TYPE_OVERLAY] = &nvme_fi_overlay_ops,
        [NVME_FI_ACTION_TYPE_FORBID] = &nvme_fi_forbid_ops,
        [NVME_FI_ACTION_TYPE_EXPECT] = &nvme_fi_expect_ops,
    };

    return ops[type];           /* NULL: none and status, which need nothing */
}

const NvmeFiTriggerOps *nvme_fi_trigger_ops(NvmeFiTriggerType type)
{
    static const NvmeFiTriggerOps *const ops[NVME_FI_TRIGGER_TYPE__MAX] = {
        [NVME_FI_TRIGGER_TYPE_CONTROLLER] = &nvme_fi_controller_trigger,
        [NVME_FI_TRIGGER_TYPE_EVENT] = &nvme_fi_event_trigger,
        [NVME_FI_TRIGGER_TYPE_ZONE] = &nvme_fi_zone_trigger,
        [NVME_FI_TRIGGER_TYPE_MEDIA] = &nvme_fi_media_trigger,
        [NVME_FI_TRIGGER_TYPE_POWER_CUT] = &nvme_fi_power_cut_trigger,
        [NVME_FI_TRIGGER_TYPE_INTERRUPT] = &nvme_fi_interrupt_trigger,
        [NVME_FI_TRIGGER_TYPE_DOORBELL] = &nvme_fi_doorbell_trigger,
    };

    return ops[type];
}

/* Only these leave it to the user whether the command is carried out. */
static bool may_choose_execute(NvmeFiActionType type)
{
    return type == NVME_FI_ACTION_TYPE_NONE ||
        type == NVME_FI_ACTION_TYPE_STATUS ||
        type == NVME_FI_ACTION_TYPE_DROP || type == NVME_FI_ACTION_TYPE_HOLD;
}

static bool check_action(const NvmeFiRule *rule, const NvmeFiActionOps *ops,
                         GError **error)
{
    if (rule->has_execute && !rule->execute &&
        !may_choose_execute(rule->action)) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "execute off: action '%s' carries the command out; leave "
                    "it out", NvmeFiActionType_str(rule->action));
        return false;
    }
    return !ops || !ops->check || ops->check(rule, error);
}

static bool check_triggers(const NvmeFiTriggerList *list, GError **error)
{
    unsigned n = 0;

    for (; list; list = list->next, n++) {
        const NvmeFiTriggerOps *ops = nvme_fi_trigger_ops(
            list->value->trigger);

        if (n == MAX_TRIGGERS) {
            g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_LIMIT,
                        "trigger: more than %u; at most so many are allowed",
                        MAX_TRIGGERS);
            return false;
        }
        if (!ops->check(list->value, true, error)) {
            g_prefix_error(error, "trigger number %u: ", n + 1);
            return false;
        }
    }
    return true;
}

static void detail_free(FiDetail *base)
{
    NvmeFiDetail *detail = container_of(base, NvmeFiDetail, base);

    qapi_free_NvmeFiRule(detail->rule);
    g_free(detail);
}

bool nvme_fi_detail_new(const NvmeFiRule *rule, NvmeFiDetail **detail,
                        GError **error)
{
    const NvmeFiActionOps *ops = nvme_fi_action_ops(rule->action);

    if (!check_action(rule, ops, error) ||
        !check_triggers(rule->trigger, error)) {
        return false;
    }
    *detail = NULL;
    if (ops || rule->trigger) {
        *detail = g_new(NvmeFiDetail, 1);
        **detail = (NvmeFiDetail) {
            .base = { .refs = 1, .free = detail_free },
            .ops = ops,
            .rule = QAPI_CLONE(NvmeFiRule, rule),
        };
    }
    return true;
}
