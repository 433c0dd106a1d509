/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Triggers: what happens without a command, fired at once by nvme-fi-trigger
 * or by the hit of a rule.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-nvme-fi.h"
#include "hw/nvme/trace.h"
#include "action.h"
#include "record.h"

#define MAX_TRIGGERS 16         /* qapi/nvme-fi.json says so, too */

static bool is_possible(NvmeFi *fi, const NvmeFiTrigger *trigger,
                        const NvmeRequest *req, GError **error)
{
    const NvmeFiTriggerOps *ops = nvme_fi_trigger_ops(trigger->trigger);

    return !ops->possible || ops->possible(fi, trigger, req, error);
}

void nvme_fi_fire(NvmeFi *fi, NvmeFiTriggerList *triggers, NvmeRequest *req)
{
    for (; triggers; triggers = triggers->next) {
        const NvmeFiTrigger *trigger = triggers->value;
        const char *name = NvmeFiTriggerType_str(trigger->trigger);
        g_autoptr(GError) error = NULL;

        if (!is_possible(fi, trigger, req, &error)) {
            trace_pci_nvme_fi_trigger_left_out(fi->device, name,
                                               error->message);
            continue;
        }
        trace_pci_nvme_fi_trigger(fi->device, name);
        nvme_fi_trigger_ops(trigger->trigger)->fire(fi, trigger, req);
    }
}

/* All members are looked at before there is any state. */
static bool check_members(const NvmeFiTriggerList *list, GError **error)
{
    for (unsigned n = 1; list; list = list->next, n++) {
        if (n > MAX_TRIGGERS) {
            g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_LIMIT,
                        "triggers: more than %u; at most so many are allowed",
                        MAX_TRIGGERS);
            return false;
        }
        if (!nvme_fi_trigger_ops(list->value->trigger)->check(
                list->value, false, error)) {
            g_prefix_error(error, "trigger number %u of the list: ", n);
            return false;
        }
    }
    return true;
}

/* And the device for all of them before the first is fired. */
static bool check_possible(NvmeFi *fi, const NvmeFiTriggerList *list,
                           GError **error)
{
    for (unsigned n = 1; list; list = list->next, n++) {
        if (!is_possible(fi, list->value, NULL, error)) {
            g_prefix_error(error, "trigger number %u of the list: ", n);
            return false;
        }
    }
    return true;
}

void qmp_nvme_fi_trigger(const char *device, NvmeFiTriggerList *triggers,
                         Error **errp)
{
    NvmeCtrl *n = nvme_fi_find_device(device, errp);
    GError *error = NULL;

    if (!n || !triggers) {
        return;
    }
    /* the first trigger, like the first rule, makes the state */
    if (!check_members(triggers, &error) ||
        !check_possible(nvme_fi_state(n), triggers, &error)) {
        nvme_fi_error_propagate(errp, error);
        return;
    }
    nvme_fi_record_triggers(n->fi, triggers);
    nvme_fi_fire(n->fi, triggers, NULL);
}
