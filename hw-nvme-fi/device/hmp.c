/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HMP commands: the same rules as key=value text, and a short listing.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-nvme-fi.h"
#include "qapi/qapi-visit-nvme-fi.h"
#include "qapi/qobject-input-visitor.h"
#include "qobject/qdict.h"
#include "qemu/keyval.h"
#include "qemu/option.h"
#include "monitor/hmp.h"
#include "monitor/monitor.h"
#include "../engine/names.h"
#include "internal.h"
#include "print.h"

/* A visitor of the key=value text @text, or NULL and an error. */
static Visitor *visit_text(const char *text, Error **errp)
{
    g_autoptr(QDict) dict = keyval_parse(text, NULL, NULL, errp);

    return dict ? qobject_input_visitor_new_keyval(QOBJECT(dict)) : NULL;
}

static NvmeFiRule *rule_from_text(const char *text, Error **errp)
{
    Visitor *v = visit_text(text, errp);
    NvmeFiRule *rule = NULL;

    if (v) {
        visit_type_NvmeFiRule(v, NULL, &rule, errp);
        visit_free(v);
    }
    return rule;
}

static NvmeFiTrigger *trigger_from_text(const char *text, Error **errp)
{
    Visitor *v = visit_text(text, errp);
    NvmeFiTrigger *trigger = NULL;

    if (v) {
        visit_type_NvmeFiTrigger(v, NULL, &trigger, errp);
        visit_free(v);
    }
    return trigger;
}

void hmp_nvme_fi_add(Monitor *mon, const QDict *qdict)
{
    Error *err = NULL;
    NvmeFiRule *rule = rule_from_text(qdict_get_str(qdict, "rule"), &err);
    g_autoptr(NvmeFiAdded) added = NULL;

    if (rule) {
        g_autoptr(NvmeFiRuleList) rules = NULL;

        QAPI_LIST_PREPEND(rules, rule);
        added = qmp_nvme_fi_add(qdict_get_str(qdict, "device"), rules, &err);
    }
    if (added) {
        monitor_printf(mon, "%s\n", added->ids->value);
    }
    hmp_handle_error(mon, err);
}

void hmp_nvme_fi_remove(Monitor *mon, const QDict *qdict)
{
    g_auto(GStrv) ids = g_strsplit(qdict_get_str(qdict, "ids"), ",", 0);
    g_autoptr(strList) list = NULL;
    strList **tail = &list;
    Error *err = NULL;

    for (char **id = ids; *id; id++) {
        QAPI_LIST_APPEND(tail, g_strdup(*id));
    }
    qmp_nvme_fi_remove(qdict_get_str(qdict, "device"), list, &err);
    hmp_handle_error(mon, err);
}

void hmp_nvme_fi_trigger(Monitor *mon, const QDict *qdict)
{
    Error *err = NULL;
    NvmeFiTrigger *trigger = trigger_from_text(qdict_get_str(qdict, "trigger"),
                                               &err);

    if (trigger) {
        g_autoptr(NvmeFiTriggerList) list = NULL;

        QAPI_LIST_PREPEND(list, trigger);
        qmp_nvme_fi_trigger(qdict_get_str(qdict, "device"), list, &err);
    }
    hmp_handle_error(mon, err);
}

void hmp_nvme_fi_release(Monitor *mon, const QDict *qdict)
{
    Error *err = NULL;
    g_autoptr(NvmeFiReleased) released = qmp_nvme_fi_release(
        qdict_get_str(qdict, "device"), qdict_get_try_str(qdict, "id"),
        qdict_haskey(qdict, "count"), qdict_get_try_int(qdict, "count", 0),
        qdict_get_try_str(qdict, "status"), false, false, &err);

    if (released) {
        monitor_printf(mon, "%" PRIu64 " released\n", released->released);
    }
    hmp_handle_error(mon, err);
}

void hmp_nvme_fi_record(Monitor *mon, const QDict *qdict)
{
    Error *err = NULL;
    g_autoptr(NvmeFiRecording) recording = qmp_nvme_fi_record(
        qdict_get_str(qdict, "device"), qdict_get_str(qdict, "file"), &err);

    if (recording) {
        monitor_printf(mon, "%zu rules, %" PRIu64 " lost\n",
                       QAPI_LIST_LENGTH(recording->rules), recording->lost);
    }
    hmp_handle_error(mon, err);
}

/* Prints @text, members as nvme_fi_add takes them, and empties it. */
static void print_line(Monitor *mon, const char *title, GString *text)
{
    monitor_printf(mon, "  %s%s\n", title, text->str);
    g_string_truncate(text, 0);
}

static void print_rule(Monitor *mon, Visitor *v, GString *text,
                       NvmeFiRuleInfo *info)
{
    visit_type_NvmeFiRule(v, NULL, &info->rule, &error_abort);
    g_string_append_printf(text, "; %" PRIu64 " matches, %" PRIu64 " hits%s%s",
                           info->matches, info->hits,
                           info->spent ? ", spent" : "",
                           info->violated ? ", violated" : "");
    print_line(mon, "", text);
}

static void print_write_cache(Monitor *mon, Visitor *v, GString *text,
                              NvmeFiWriteCache *cache)
{
    NvmeFiLostWriteList *lost = g_steal_pointer(&cache->lost);

    visit_type_NvmeFiWriteCache(v, NULL, &cache, &error_abort);
    g_string_append_printf(text, "; %zu lost writes", QAPI_LIST_LENGTH(lost));
    print_line(mon, "write cache: ", text);
    cache->lost = lost;
}

static void print_info(Monitor *mon, NvmeFiInfo *info)
{
    g_autoptr(GString) text = g_string_new("");
    Visitor *v = nvme_fi_print_visitor(text);

    for (NvmeFiRuleInfoList *it = info->rules; it; it = it->next) {
        print_rule(mon, v, text, it->value);
    }
    for (NvmeFiHeldList *it = info->held; it; it = it->next) {
        visit_type_NvmeFiHeld(v, NULL, &it->value, &error_abort);
        print_line(mon, "held: ", text);
    }
    if (info->write_cache) {
        print_write_cache(mon, v, text, info->write_cache);
    }
    for (NvmeFiBadRangeList *it = info->media; it; it = it->next) {
        visit_type_NvmeFiBadRange(v, NULL, &it->value, &error_abort);
        print_line(mon, "bad blocks: ", text);
    }
    visit_free(v);
}

static void print_device(Monitor *mon, const char *device)
{
    Error *err = NULL;
    g_autoptr(NvmeFiInfo) info = qmp_query_nvme_fi(device, false, NULL, &err);

    if (!info) {
        hmp_handle_error(mon, err);
        return;
    }
    monitor_printf(mon, "%s: state '%s'%s\n", device, info->state,
                   info->rules ? "" : ", no rules");
    print_info(mon, info);
}

static int print_if_nvme(Object *obj, void *opaque)
{
    if (object_dynamic_cast(obj, TYPE_NVME) && DEVICE(obj)->realized) {
        g_autofree char *path = object_get_canonical_path(obj);

        print_device(opaque, DEVICE(obj)->id ?: path);
    }
    return 0;
}

void hmp_info_nvme_fi(Monitor *mon, const QDict *qdict)
{
    const char *device = qdict_get_try_str(qdict, "device");

    if (device) {
        print_device(mon, device);
    } else {
        object_child_foreach_recursive(object_get_root(), print_if_nvme, mon);
    }
}
