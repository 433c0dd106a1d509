/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Observations of records; see observe.h.
 */
#include "observe.h"

#include "json-util.h"
#include "judge.h"

#include <string.h>

const char *layer_name(Layer layer)
{
    static const char *const names[LAYER_COUNT] = {
        [LAYER_PRESENCE] = "presence", [LAYER_WIRE] = "wire",
        [LAYER_DRIVER] = "driver", [LAYER_BLOCK] = "block",
        [LAYER_LOG] = "log", [LAYER_RESULT] = "result",
    };

    return names[layer];
}

static bool is(const char *text, const char *wanted)
{
    return g_strcmp0(text, wanted) == 0;
}

bool observe_ran(JsonObject *record)
{
    const char *verdict = json_util_string(record, "verdict");

    return is(verdict, "pass") || is(verdict, "fail") ||
           (is(verdict, "skip") &&
            is(json_util_string(record, "reason"), JUDGE_OBSERVED));
}

void observe_judged(Judged *judged, JsonObject *record)
{
    JsonObject *expected = json_util_object(record, "expected");
    JsonObject *functions =
        json_util_object(json_util_object(expected, "driver"), "functions");
    g_autoptr(GList) names = functions ? json_object_get_members(functions) :
                             NULL;

    judged->log |= json_util_array(expected, "log") != NULL;
    for (GList *name = names; name; name = name->next) {
        g_hash_table_insert(judged->functions, name->data,
                            json_object_get_member(functions, name->data));
    }
}

static JsonNode *node_of_text(char *text)
{
    JsonNode *node = json_node_init_string(json_node_alloc(), text);

    g_free(text);
    return node;
}

static JsonNode *node_of_object(JsonObject *object)
{
    JsonNode *node = json_node_init_object(json_node_alloc(), object);

    json_object_unref(object);
    return node;
}

static JsonNode *presence(JsonObject *record)
{
    const char *verdict = json_util_string(record, "verdict");
    const char *reason = json_util_string(record, "reason");
    g_autofree char *masked = observe_mask(reason ? reason : "", -1);

    if (observe_ran(record)) {
        return node_of_text(g_strdup("ran"));
    }
    return node_of_text(g_strdup_printf("%s: %s", verdict ? verdict :
                                        "no verdict", masked));
}

/* Those of @names that @from has, in this order. */
static void take(JsonObject *to, JsonObject *from, const char *const *names)
{
    for (guint i = 0; names[i]; i++) {
        if (from && json_object_has_member(from, names[i])) {
            json_util_set_copy(to, names[i],
                               json_object_get_member(from, names[i]));
        }
    }
}

static JsonObject *taken(JsonObject *from, const char *const *names)
{
    JsonObject *to = json_object_new();

    take(to, from, names);
    return to;
}

/* The elements of @from with only these members. */
static JsonArray *taken_each(JsonArray *from, const char *const *names)
{
    guint count = from ? json_array_get_length(from) : 0;
    JsonArray *to = json_array_new();

    for (guint i = 0; i < count; i++) {
        JsonObject *element = json_util_element_object(from, i);

        json_array_add_object_element(to, taken(element, names));
    }
    return to;
}

static JsonNode *wire(JsonObject *record)
{
    static const char *const of_device[] = { "hits", "violations", NULL };
    static const char *const of_command[] = {
        "opcode", "executed", "status", NULL,
    };
    JsonObject *device = json_util_object(record, "device");
    JsonObject *seen = taken(device, of_device);

    json_object_set_array_member(
        seen, "commands", taken_each(json_util_array(device, "commands"),
                                     of_command));
    return node_of_object(seen);
}

static JsonNode *members(JsonObject *record, const char *name,
                         const char *const *names)
{
    return node_of_object(taken(json_util_object(record, name), names));
}

static gint64 slba_of(JsonObject *record)
{
    gint64 slba = -1;

    json_util_int(json_util_object(record, "stimulus"), "slba", &slba);
    return slba;
}

static JsonObject *functions_of(JsonObject *driver, const Judged *judged)
{
    JsonObject *calls = json_util_object(driver, "functions");
    g_autoptr(GList) names = calls ? json_object_get_members(calls) : NULL;
    JsonObject *seen = json_object_new();

    for (GList *name = names; name; name = name->next) {
        JsonNode *wanted = g_hash_table_lookup(judged->functions, name->data);
        gint64 count = 0;

        if (wanted && json_util_int(calls, name->data, &count)) {
            if (JSON_NODE_HOLDS_VALUE(wanted)) {
                json_object_set_int_member(seen, name->data, count);
            } else {
                json_object_set_boolean_member(seen, name->data, count > 0);
            }
        }
    }
    return seen;
}

static JsonNode *driver(JsonObject *record, const Judged *judged)
{
    static const char *const of_driver[] = {
        "completions", "admin", "front", "target", NULL,
    };
    JsonObject *from = json_util_object(record, "driver");
    JsonObject *seen = taken(from, of_driver);

    if (json_util_object(from, "functions")) {
        json_object_set_object_member(seen, "functions",
                                      functions_of(from, judged));
    }
    return node_of_object(seen);
}

static JsonNode *kernel_log(JsonObject *record, bool judged)
{
    JsonArray *lines = json_util_array(record, "log");
    guint count = lines ? json_array_get_length(lines) : 0;
    JsonArray *seen = json_array_new();
    g_autofree char *last = NULL;

    for (guint i = 0; i < count; i++) {
        const char *line = json_util_element_string(lines, i);
        bool limited = line && observe_is_limited(line);
        g_autofree char *masked = NULL;

        if (!line || (limited && !judged)) {
            continue;
        }
        masked = observe_mask(line, slba_of(record));
        if (!limited || !is(last, masked)) {
            json_array_add_string_element(seen, masked);
        }
        g_free(last);
        last = g_steal_pointer(&masked);
    }
    return json_node_init_array(json_node_alloc(), seen);
}

static JsonNode *steady(JsonNode *node, gint64 slba);

static JsonNode *steady_object(JsonObject *object, gint64 slba)
{
    static const char *const varying[] = {
        "cid", "sqid", "qid", "seq", "elapsed_ns", NULL,
    };
    g_autoptr(GList) names = json_object_get_members(object);
    JsonObject *rest = json_object_new();

    for (GList *name = names; name; name = name->next) {
        JsonNode *node = json_object_get_member(object, name->data);
        bool block = is(name->data, "lba") || is(name->data, "slba");
        gint64 number;

        if (g_strv_contains(varying, name->data) ||
            g_str_has_suffix(name->data, "-ms")) {
            continue;
        }
        if (block && slba >= 0 && json_util_int(object, name->data, &number)) {
            json_object_set_int_member(rest, name->data, number - slba);
        } else {
            json_object_set_member(rest, name->data, steady(node, slba));
        }
    }
    return node_of_object(rest);
}

/* A copy of @node without what varies. */
static JsonNode *steady(JsonNode *node, gint64 slba)
{
    JsonArray *from;
    JsonNode *to;

    if (JSON_NODE_HOLDS_OBJECT(node)) {
        return steady_object(json_node_get_object(node), slba);
    }
    if (!JSON_NODE_HOLDS_ARRAY(node)) {
        return json_node_copy(node);
    }
    from = json_node_get_array(node);
    to = json_node_init_array(json_node_alloc(), json_array_new());
    for (guint i = 0; i < json_array_get_length(from); i++) {
        json_array_add_element(json_node_get_array(to),
                               steady(json_array_get_element(from, i), slba));
    }
    return to;
}

JsonNode *observe_layer(JsonObject *record, Layer layer,
                        const Judged *judged)
{
    static const char *const of_block[] = {
        "status", "errno", "requeues", NULL,
    };

    if (!record || (layer != LAYER_PRESENCE && !observe_ran(record))) {
        return NULL;
    }
    switch (layer) {
    case LAYER_PRESENCE:
        return presence(record);
    case LAYER_WIRE:
        return wire(record);
    case LAYER_DRIVER:
        return driver(record, judged);
    case LAYER_BLOCK:
        return members(record, "block", of_block);
    case LAYER_LOG:
        return kernel_log(record, judged->log);
    case LAYER_RESULT:
        return json_object_has_member(record, "result") ?
               steady(json_object_get_member(record, "result"),
                      slba_of(record)) : NULL;
    case LAYER_COUNT:
    default:
        g_assert_not_reached();
    }
}
