/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tolerant access to JSON members; see json-util.h.
 */
#include "json-util.h"

#include <gio/gio.h>

/* json-glib parses by recursion: depth has to be bounded before it. */
static bool depth_is_bounded(const char *text, gsize len)
{
    guint depth = 0;
    bool quoted = false;

    for (gsize i = 0; i < len; i++) {
        if (quoted) {
            if (text[i] == '\\') {
                i++;
            } else if (text[i] == '"') {
                quoted = false;
            }
        } else if (text[i] == '"') {
            quoted = true;
        } else if (text[i] == '{' || text[i] == '[') {
            if (++depth > JSON_MAX_DEPTH) {
                return false;
            }
        } else if ((text[i] == '}' || text[i] == ']') && depth > 0) {
            depth--;
        }
    }
    return true;
}

JsonObject *json_util_parse_object(const char *text, gsize len,
                                   GError **error)
{
    g_autoptr(JsonParser) parser = NULL;
    JsonNode *root;

    if (!g_utf8_validate(text, len, NULL)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "not UTF-8 text");
        return NULL;
    }
    if (!depth_is_bounded(text, len)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "nested deeper than %d levels", JSON_MAX_DEPTH);
        return NULL;
    }
    parser = json_parser_new_immutable();
    if (!json_parser_load_from_data(parser, text, len, error)) {
        return NULL;
    }
    root = json_parser_get_root(parser);
    if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "not a JSON object");
        return NULL;
    }
    return json_node_dup_object(root);
}

static JsonNode *member(JsonObject *object, const char *name, GType type)
{
    JsonNode *node = object ? json_object_get_member(object, name) : NULL;

    if (!node || !JSON_NODE_HOLDS_VALUE(node) ||
        json_node_get_value_type(node) != type) {
        return NULL;
    }
    return node;
}

const char *json_util_string(JsonObject *object, const char *name)
{
    JsonNode *node = member(object, name, G_TYPE_STRING);

    return node ? json_node_get_string(node) : NULL;
}

JsonObject *json_util_object(JsonObject *object, const char *name)
{
    JsonNode *node = object ? json_object_get_member(object, name) : NULL;

    return node && JSON_NODE_HOLDS_OBJECT(node) ?
           json_node_get_object(node) : NULL;
}

JsonArray *json_util_array(JsonObject *object, const char *name)
{
    JsonNode *node = object ? json_object_get_member(object, name) : NULL;

    return node && JSON_NODE_HOLDS_ARRAY(node) ?
           json_node_get_array(node) : NULL;
}

bool json_util_int(JsonObject *object, const char *name, gint64 *value)
{
    JsonNode *node = member(object, name, G_TYPE_INT64);

    if (!node) {
        return false;
    }
    *value = json_node_get_int(node);
    return true;
}

bool json_util_bool(JsonObject *object, const char *name, bool fallback)
{
    JsonNode *node = member(object, name, G_TYPE_BOOLEAN);

    return node ? json_node_get_boolean(node) : fallback;
}

const char *json_util_element_string(JsonArray *array, guint index)
{
    JsonNode *node = json_array_get_element(array, index);

    return JSON_NODE_HOLDS_VALUE(node) &&
           json_node_get_value_type(node) == G_TYPE_STRING ?
           json_node_get_string(node) : NULL;
}

JsonObject *json_util_element_object(JsonArray *array, guint index)
{
    JsonNode *node = json_array_get_element(array, index);

    return JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

char *json_util_node_text(JsonNode *node)
{
    return node ? json_to_string(node, false) : g_strdup("nothing");
}

char *json_util_object_text(JsonObject *object)
{
    g_autoptr(JsonNode) node = json_node_init_object(json_node_alloc(),
                                                     object);

    return json_to_string(node, false);
}

void json_util_set_copy(JsonObject *object, const char *name,
                        JsonNode *node)
{
    if (node) {
        json_object_set_member(object, name, json_node_copy(node));
    } else {
        json_object_set_null_member(object, name);
    }
}
