/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Observations as text; see compare-text.h.
 */
#include "compare-text.h"

#include "json-util.h"

#include <stdbool.h>
#include <string.h>

static void add_value(GString *text, const char *name, JsonNode *node);

static bool is_number(JsonNode *node)
{
    return JSON_NODE_HOLDS_VALUE(node) &&
           json_node_get_value_type(node) == G_TYPE_INT64;
}

static void add_scalar(GString *text, const char *name, JsonNode *node)
{
    if (JSON_NODE_HOLDS_NULL(node)) {
        g_string_append_c(text, '-');
    } else if (is_number(node) && g_strcmp0(name, "status") == 0) {
        g_string_append_printf(text, "0x%x", (guint)json_node_get_int(node));
    } else if (is_number(node) && g_strcmp0(name, "opcode") == 0) {
        g_string_append_printf(text, "0x%02x",
                               (guint)json_node_get_int(node));
    } else if (json_node_get_value_type(node) == G_TYPE_STRING) {
        g_string_append(text, json_node_get_string(node));
    } else if (json_node_get_value_type(node) == G_TYPE_BOOLEAN) {
        g_string_append(text, json_node_get_boolean(node) ? "yes" : "no");
    } else {
        g_autofree char *number = json_util_node_text(node);

        g_string_append(text, number);
    }
}

/* "name value, name value", without the member @less. */
static void add_object(GString *text, JsonObject *object, const char *less)
{
    g_autoptr(GList) names = json_object_get_members(object);
    bool first = true;

    for (GList *name = names; name; name = name->next) {
        if (g_strcmp0(name->data, less) == 0) {
            continue;
        }
        g_string_append_printf(text, "%s%s ", first ? "" : ", ",
                               (const char *)name->data);
        add_value(text, name->data,
                  json_object_get_member(object, name->data));
        first = false;
    }
}

/* Elements of an array that follow each other and read the same, but for the
 * number of retries. */
typedef struct Stretch {
    char *text;
    guint count;
    gint64 first;           /* retries; -1: none are told */
    gint64 last;
} Stretch;

static void end_stretch(GString *text, Stretch *stretch)
{
    if (stretch->count == 0) {
        return;
    }
    g_string_append_printf(text, "%s%s", text->len &&
                           text->str[text->len - 1] != '[' ? "; " : "",
                           stretch->text);
    if (stretch->first >= 0) {
        g_string_append_printf(text, ", retries %d", (int)stretch->first);
        if (stretch->last > stretch->first) {
            g_string_append_printf(text, "-%d", (int)stretch->last);
        }
    }
    if (stretch->count > 1 && stretch->last == stretch->first) {
        g_string_append_printf(text, " (x%u)", stretch->count);
    }
    g_clear_pointer(&stretch->text, g_free);
    stretch->count = 0;
}

static bool goes_on(const Stretch *stretch, const char *text, gint64 retries)
{
    bool steady = stretch->last == stretch->first && retries == stretch->last;
    bool rising = retries == stretch->last + 1 &&
                  stretch->last - stretch->first + 1 == stretch->count;

    return stretch->count > 0 && g_str_equal(stretch->text, text) &&
           (steady || (retries >= 0 && stretch->last >= 0 && rising));
}

static void add_element(GString *text, Stretch *stretch, JsonNode *node)
{
    g_autoptr(GString) element = g_string_new(NULL);
    gint64 retries = -1;

    if (JSON_NODE_HOLDS_OBJECT(node)) {
        json_util_int(json_node_get_object(node), "retries", &retries);
        add_object(element, json_node_get_object(node), "retries");
    } else {
        add_value(element, NULL, node);
    }
    if (!goes_on(stretch, element->str, retries)) {
        end_stretch(text, stretch);
        stretch->text = g_strdup(element->str);
        stretch->first = retries;
    }
    stretch->last = retries;
    stretch->count++;
}

static void add_value(GString *text, const char *name, JsonNode *node)
{
    if (JSON_NODE_HOLDS_OBJECT(node)) {
        g_string_append_c(text, '{');
        add_object(text, json_node_get_object(node), NULL);
        g_string_append_c(text, '}');
    } else if (JSON_NODE_HOLDS_ARRAY(node)) {
        JsonArray *array = json_node_get_array(node);
        Stretch stretch = { 0 };

        g_string_append_c(text, '[');
        for (guint i = 0; i < json_array_get_length(array); i++) {
            add_element(text, &stretch, json_array_get_element(array, i));
        }
        end_stretch(text, &stretch);
        g_string_append_c(text, ']');
    } else {
        add_scalar(text, name, node);
    }
}

/* True if all runs with an object have the same value of this member. */
static bool is_common(JsonArray *values, const char *name)
{
    JsonNode *first = NULL;
    bool found = false;

    for (guint i = 0; i < json_array_get_length(values); i++) {
        JsonObject *object = json_util_element_object(values, i);
        JsonNode *node;

        if (!object) {
            continue;
        }
        node = json_object_get_member(object, name);
        if (found && first != node &&
            (!first || !node || !json_node_equal(first, node))) {
            return false;
        }
        first = node;
        found = true;
    }
    return true;
}

static char *object_text(JsonArray *values, JsonObject *object)
{
    g_autoptr(GList) names = json_object_get_members(object);
    g_autoptr(JsonObject) rest = json_object_new();
    GString *text = g_string_new(NULL);

    for (GList *name = names; name; name = name->next) {
        if (!is_common(values, name->data)) {
            json_util_set_copy(rest, name->data,
                               json_object_get_member(object, name->data));
        }
    }
    add_object(text, rest, NULL);
    return g_string_free(text, FALSE);
}

static bool has_line(JsonArray *lines, const char *wanted)
{
    for (guint i = 0; i < json_array_get_length(lines); i++) {
        if (g_strcmp0(json_util_element_string(lines, i), wanted) == 0) {
            return true;
        }
    }
    return false;
}

static bool all_have_line(JsonArray *values, const char *line)
{
    for (guint i = 0; i < json_array_get_length(values); i++) {
        JsonNode *node = json_array_get_element(values, i);

        if (JSON_NODE_HOLDS_ARRAY(node) &&
            !has_line(json_node_get_array(node), line)) {
            return false;
        }
    }
    return true;
}

/* Lines that all runs have are left out, if their order is not all. */
static char *lines_text(JsonArray *values, JsonArray *lines)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < json_array_get_length(lines); i++) {
        const char *line = json_util_element_string(lines, i);

        if (line && !all_have_line(values, line)) {
            g_string_append_printf(text, "%s%s", text->len ? "\n" : "",
                                   line);
        }
    }
    return g_string_free(text, FALSE);
}

static char *text_of(JsonArray *values, JsonNode *node)
{
    GString *text = g_string_new(NULL);

    if (JSON_NODE_HOLDS_OBJECT(node)) {
        g_string_free(text, TRUE);
        return object_text(values, json_node_get_object(node));
    }
    if (JSON_NODE_HOLDS_ARRAY(node)) {
        g_string_free(text, TRUE);
        return lines_text(values, json_node_get_array(node));
    }
    add_value(text, NULL, node);
    return g_string_free(text, FALSE);
}

static bool all_empty(GPtrArray *texts)
{
    for (guint i = 0; i < texts->len; i++) {
        const char *text = g_ptr_array_index(texts, i);

        if (text[0] && !g_str_equal(text, "-")) {
            return false;
        }
    }
    return true;
}

GPtrArray *compare_texts(JsonArray *values)
{
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
    guint count = json_array_get_length(values);
    bool whole_wanted;

    for (guint i = 0; i < count; i++) {
        g_ptr_array_add(texts, text_of(values,
                                       json_array_get_element(values, i)));
    }
    whole_wanted = all_empty(texts);
    /* the same lines in another order, or another number of them */
    for (guint i = 0; whole_wanted && i < count; i++) {
        JsonNode *node = json_array_get_element(values, i);
        GString *whole = g_string_new(NULL);

        add_value(whole, NULL, node);
        g_free(texts->pdata[i]);
        texts->pdata[i] = g_string_free(whole, FALSE);
    }
    for (guint i = 0; i < count; i++) {
        if (!*(char *)texts->pdata[i]) {
            g_free(texts->pdata[i]);
            texts->pdata[i] = g_strdup("nothing");
        }
    }
    return texts;
}
