/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The drive's evidence by case; see device.h.
 */
#include "device.h"

#include "json-util.h"

/* A rule of a session. */
typedef struct RuleCount {
    gint64 matches;
    gint64 hits;
    gint64 logged;          /* hits in the log; it may outlive the rule */
    bool violated;
} RuleCount;

struct DeviceEvidence {
    GHashTable *cases;      /* ordinal -> CaseDevice */
    JsonArray *last;        /* of the commands of any case */
    GHashTable *rules;      /* of a session: id -> RuleCount; or NULL */
    GPtrArray *order;       /* their ids, as they came; borrowed */
    gint64 lost;
};

static void case_device_free(gpointer data)
{
    CaseDevice *device = data;

    json_array_unref(device->commands);
    json_array_unref(device->violations);
    g_clear_pointer(&device->rules, json_array_unref);
    g_free(device);
}

static bool parse_id(const char *id, guint *ordinal)
{
    char *end;
    guint64 value;

    if (!id || id[0] != 'c' || !g_ascii_isdigit(id[1])) {
        return false;
    }
    value = g_ascii_strtoull(id + 1, &end, 10);
    if ((*end != '\0' && *end != '.') || value > G_MAXINT) {
        return false;
    }
    *ordinal = value;
    return true;
}

static CaseDevice *case_of(DeviceEvidence *evidence, const char *id)
{
    CaseDevice *device;
    guint ordinal;

    if (evidence->rules) {
        ordinal = 0;
    } else if (!parse_id(id, &ordinal)) {
        return NULL;
    }
    device = g_hash_table_lookup(evidence->cases, GUINT_TO_POINTER(ordinal));
    if (!device) {
        device = g_new0(CaseDevice, 1);
        device->commands = json_array_new();
        device->violations = json_array_new();
        g_hash_table_insert(evidence->cases, GUINT_TO_POINTER(ordinal),
                            device);
    }
    return device;
}

static RuleCount *rule_of(DeviceEvidence *evidence, const char *id)
{
    RuleCount *rule = g_hash_table_lookup(evidence->rules, id);

    if (!rule) {
        char *key = g_strdup(id);

        rule = g_new0(RuleCount, 1);
        g_hash_table_insert(evidence->rules, key, rule);
        g_ptr_array_add(evidence->order, key);
    }
    return rule;
}

/* Counts a command of a session; false when it is not listed any more. */
static bool count_command(DeviceEvidence *evidence, CaseDevice *device,
                          JsonObject *entry)
{
    const char *id = json_util_string(entry, "id");

    if (id && json_object_has_member(entry, "hit")) {
        rule_of(evidence, id)->logged++;
    }
    if (json_array_get_length(device->commands) < DEVICE_MAX_COMMANDS) {
        return true;
    }
    device->more++;
    return false;
}

static JsonObject *compact(DeviceEvidence *evidence, const char *from,
                           JsonObject *entry)
{
    static const char *const members[] = {
        "seq", "qid", "cid", "opcode", "executed", "status", "id",
    };
    guint count = G_N_ELEMENTS(members) - (evidence->rules ? 0 : 1);
    JsonObject *command = json_object_new();

    if (from) {
        json_object_set_string_member(command, "device", from);
    }
    for (guint i = 0; i < count; i++) {
        if (json_object_has_member(entry, members[i])) {
            json_util_set_copy(command, members[i],
                               json_object_get_member(entry, members[i]));
        }
    }
    return command;
}

static void take_command(DeviceEvidence *evidence, const char *from,
                         JsonObject *entry)
{
    CaseDevice *device = case_of(evidence, json_util_string(entry, "id"));

    if (!device) {
        return;
    }
    device->acted += json_object_has_member(entry, "hit");
    if (!evidence->rules || count_command(evidence, device, entry)) {
        json_array_add_object_element(device->commands,
                                      compact(evidence, from, entry));
    }
}

/* Bounded, however long the log of the drive is. */
static void take_last(DeviceEvidence *evidence, const char *from,
                      JsonArray *log)
{
    guint count = log ? json_array_get_length(log) : 0;

    for (guint i = count > DEVICE_LAST ? count - DEVICE_LAST : 0; i < count;
         i++) {
        JsonObject *entry = json_util_element_object(log, i);
        JsonObject *command = entry ? compact(evidence, from, entry) : NULL;
        const char *id = entry ? json_util_string(entry, "id") : NULL;

        if (id) {
            json_object_set_string_member(command, "rule", id);
        }
        if (command) {
            json_array_add_object_element(evidence->last, command);
        }
    }
}

/* Counters only grow. */
static void count_rule(RuleCount *rule, JsonObject *info)
{
    gint64 value;

    if (json_util_int(info, "hits", &value)) {
        rule->hits = MAX(rule->hits, value);
    }
    if (json_util_int(info, "matches", &value)) {
        rule->matches = MAX(rule->matches, value);
    }
    rule->violated |= json_util_bool(info, "violated", false);
}

static void take_rule(DeviceEvidence *evidence,
                      G_GNUC_UNUSED const char *from, JsonObject *info)
{
    JsonObject *rule = json_util_object(info, "rule");
    CaseDevice *device = case_of(evidence, json_util_string(rule, "id"));
    gint64 value;

    if (!device) {
        return;
    }
    if (evidence->rules) {
        count_rule(rule_of(evidence, json_util_string(rule, "id")), info);
        return;
    }
    if (json_util_int(info, "hits", &value)) {
        device->hits += value;
    }
    if (json_util_int(info, "matches", &value)) {
        device->matches += value;
    }
    if (json_util_bool(info, "violated", false)) {
        json_array_add_string_element(device->violations,
                                      json_util_string(rule, "id"));
    }
}

static void each_object(DeviceEvidence *evidence, const char *from,
                        JsonArray *array,
                        void (*take)(DeviceEvidence *, const char *,
                                     JsonObject *))
{
    for (guint i = 0; array && i < json_array_get_length(array); i++) {
        JsonObject *object = json_util_element_object(array, i);

        if (object) {
            take(evidence, from, object);
        }
    }
}

DeviceEvidence *device_evidence_new(void)
{
    DeviceEvidence *evidence = g_new0(DeviceEvidence, 1);

    evidence->last = json_array_new();
    evidence->cases = g_hash_table_new_full(NULL, NULL, NULL,
                                            case_device_free);
    return evidence;
}

DeviceEvidence *device_evidence_new_for_all(void)
{
    DeviceEvidence *evidence = device_evidence_new();

    evidence->rules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                            g_free);
    evidence->order = g_ptr_array_new();
    return evidence;
}

void device_evidence_add(DeviceEvidence *evidence, const char *device,
                         JsonObject *log, JsonObject *info)
{
    gint64 lost = 0;

    json_util_int(log, "lost", &lost);
    evidence->lost += lost;
    each_object(evidence, device, json_util_array(log, "commands"),
                take_command);
    take_last(evidence, device, json_util_array(log, "commands"));
    each_object(evidence, device, json_util_array(info, "rules"), take_rule);
}

void device_evidence_free(DeviceEvidence *evidence)
{
    if (evidence) {
        g_hash_table_unref(evidence->cases);
        json_array_unref(evidence->last);
        g_clear_pointer(&evidence->rules, g_hash_table_unref);
        g_clear_pointer(&evidence->order, g_ptr_array_unref);
        g_free(evidence);
    }
}

/* Puts the counters of a session's rules into its only case. */
static void sum_rules(DeviceEvidence *evidence, CaseDevice *device)
{
    g_clear_pointer(&device->rules, json_array_unref);
    json_array_unref(device->violations);
    device->rules = json_array_new();
    device->violations = json_array_new();
    device->hits = device->matches = 0;
    for (guint i = 0; i < evidence->order->len; i++) {
        const char *id = g_ptr_array_index(evidence->order, i);
        RuleCount *rule = rule_of(evidence, id);
        gint64 hits = MAX(rule->hits, rule->logged);
        JsonObject *entry = json_object_new();

        json_object_set_string_member(entry, "id", id);
        json_object_set_int_member(entry, "matches",
                                   MAX(rule->matches, hits));
        json_object_set_int_member(entry, "hits", hits);
        json_array_add_object_element(device->rules, entry);
        device->hits += hits;
        device->matches += MAX(rule->matches, hits);
        if (rule->violated) {
            json_array_add_string_element(device->violations, id);
        }
    }
}

const CaseDevice *device_evidence_case(DeviceEvidence *evidence,
                                       guint ordinal)
{
    CaseDevice *device = g_hash_table_lookup(evidence->cases,
                                             GUINT_TO_POINTER(ordinal));

    if (device && evidence->rules) {
        sum_rules(evidence, device);
    }
    return device;
}

JsonArray *device_evidence_last(const DeviceEvidence *evidence)
{
    return evidence->last;
}

gint64 device_evidence_lost(const DeviceEvidence *evidence)
{
    return evidence->lost;
}
