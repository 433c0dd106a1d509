/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QMP commands of qapi/nvme-fi.json.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-nvme-fi.h"
#include "hw/nvme/trace.h"
#include "internal.h"

NvmeFiAdded *qmp_nvme_fi_add(const char *device, NvmeFiRuleList *rules,
                             Error **errp)
{
    NvmeCtrl *n = nvme_fi_find_device(device, errp);
    NvmeFiAdded *added;
    strList *ids;

    if (!n || !nvme_fi_add(n, rules, &ids, errp)) {
        return NULL;
    }
    added = g_new0(NvmeFiAdded, 1);
    added->ids = ids;
    return added;
}

void qmp_nvme_fi_remove(const char *device, strList *ids, Error **errp)
{
    NvmeCtrl *n = nvme_fi_find_device(device, errp);

    if (n) {
        nvme_fi_remove(n, ids, errp);
    }
}

void qmp_nvme_fi_clear(const char *device, Error **errp)
{
    NvmeCtrl *n = nvme_fi_find_device(device, errp);

    if (n && n->fi) {
        trace_pci_nvme_fi_remove(n->fi->device, fi_set_size(n->fi->set), 0);
        fi_set_clear(n->fi->set);
    }
}

static NvmeFiRuleInfo *rule_info(const NvmeFi *fi, FiEntry *entry)
{
    NvmeFiRuleInfo *info = g_new0(NvmeFiRuleInfo, 1);
    FiStats stats = fi_entry_stats(entry);
    FiRule rule = fi_entry_rule(entry);
    const NvmeFiRecord *last = fi_entry_data(entry);

    info->rule = nvme_fi_rule_to_qapi(&rule);
    info->matches = stats.matches;
    info->hits = stats.hits;
    info->spent = stats.spent;
    info->has_violated = nvme_fi_watch_query(fi, entry, &info->violated);
    info->last_hit = last ? nvme_fi_log_entry(last) : NULL;
    return info;
}

typedef struct Infos {
    const NvmeFi *fi;
    NvmeFiRuleInfoList **tail;
} Infos;

static void append_info(FiEntry *entry, gpointer opaque)
{
    Infos *infos = opaque;

    QAPI_LIST_APPEND(infos->tail, rule_info(infos->fi, entry));
}

static bool append_named(const NvmeFi *fi, strList *ids,
                         NvmeFiRuleInfoList **tail, Error **errp)
{
    for (; ids; ids = ids->next) {
        FiEntry *entry = fi ? fi_set_find(fi->set, ids->value) : NULL;

        if (!entry) {
            error_setg(errp, "nvme-fi: rule '%s': not found", ids->value);
            return false;
        }
        QAPI_LIST_APPEND(tail, rule_info(fi, entry));
    }
    return true;
}

NvmeFiInfo *qmp_query_nvme_fi(const char *device, bool has_ids, strList *ids,
                              Error **errp)
{
    NvmeCtrl *n = nvme_fi_find_device(device, errp);
    g_autoptr(NvmeFiInfo) info = NULL;
    Infos infos;

    if (!n) {
        return NULL;
    }
    info = g_new0(NvmeFiInfo, 1);
    info->state = g_strdup(n->fi ? fi_set_state(n->fi->set) : "");
    if (n->fi) {
        info->held = nvme_fi_held_query(n->fi);
        info->write_cache = nvme_fi_cache_query(n->fi);
        info->media = nvme_fi_media_query(n->fi);
    }
    infos = (Infos) { .fi = n->fi, .tail = &info->rules };
    if (has_ids) {
        if (!append_named(n->fi, ids, infos.tail, errp)) {
            return NULL;
        }
    } else if (n->fi) {
        fi_set_foreach(n->fi->set, append_info, &infos);
    }
    return g_steal_pointer(&info);
}

NvmeFiLog *qmp_query_nvme_fi_log(const char *device, bool has_since,
                                 uint64_t since, Error **errp)
{
    NvmeCtrl *n = nvme_fi_find_device(device, errp);

    if (!n) {
        return NULL;
    }
    if (!has_since) {
        since = 1;
    }
    if (since < 1 || since > INT64_MAX) {
        error_setg(errp, "nvme-fi: since %" PRIu64 ": must be 1 to 2^63-1",
                   since);
        return NULL;
    }
    return nvme_fi_log_since(n->fi, since);
}
