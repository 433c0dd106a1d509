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

bool observe_judges_log(JsonObject *record)
{
    return json_util_array(json_util_object(record, "expected"), "log");
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
    g_autofree char *masked = observe_mask(reason ? reason : "");

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
        "device", "opcode", "executed", "status", NULL,
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

static JsonNode *kernel_log(JsonObject *record, bool judged)
{
    JsonArray *lines = json_util_array(record, "log");
    guint count = lines ? json_array_get_length(lines) : 0;
    JsonArray *seen = json_array_new();

    for (guint i = 0; i < count; i++) {
        const char *line = json_util_element_string(lines, i);

        if (line && (judged || !observe_is_limited(line))) {
            g_autofree char *masked = observe_mask(line);

            json_array_add_string_element(seen, masked);
        }
    }
    return json_node_init_array(json_node_alloc(), seen);
}

JsonNode *observe_layer(JsonObject *record, Layer layer, bool judged)
{
    static const char *const of_driver[] = {
        "completions", "functions", "admin", "front", "target", NULL,
    };
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
        return members(record, "driver", of_driver);
    case LAYER_BLOCK:
        return members(record, "block", of_block);
    case LAYER_LOG:
        return kernel_log(record, judged);
    case LAYER_RESULT:
        return json_object_has_member(record, "result") ?
               json_node_copy(json_object_get_member(record, "result")) :
               NULL;
    case LAYER_COUNT:
    default:
        g_assert_not_reached();
    }
}
