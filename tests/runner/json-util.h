/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading JSON that somebody else wrote: every getter tolerates a member that
 * is missing or of another type, and the parser is bounded.
 */
#ifndef NVME_FI_RUNNER_JSON_UTIL_H
#define NVME_FI_RUNNER_JSON_UTIL_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

/* Deepest nesting of arrays and objects that is parsed. */
#define JSON_MAX_DEPTH 64

/*
 * Parses one JSON object. @text need not end in NUL.
 * Returns a new reference; NULL and @error when @text is not UTF-8, nested
 * deeper than JSON_MAX_DEPTH, not JSON, or not an object.
 */
JsonObject *json_util_parse_object(const char *text, gsize len,
                                   GError **error);

/* The member, or NULL when it is missing or of another type; borrowed. */
const char *json_util_string(JsonObject *object, const char *name);
JsonObject *json_util_object(JsonObject *object, const char *name);
JsonArray *json_util_array(JsonObject *object, const char *name);

/* False, and @value untouched, when there is no such integer. */
bool json_util_int(JsonObject *object, const char *name, gint64 *value);

/* The member when it is a boolean, else @fallback. */
bool json_util_bool(JsonObject *object, const char *name, bool fallback);

/* The text of a string element, NULL for any other type; borrowed. */
const char *json_util_element_string(JsonArray *array, guint index);

/* The element when it is an object, else NULL; borrowed. */
JsonObject *json_util_element_object(JsonArray *array, guint index);

/* One line of JSON; the caller frees it. */
char *json_util_node_text(JsonNode *node);
char *json_util_object_text(JsonObject *object);

/* Sets @name to a copy of @node, to null when @node is NULL. */
void json_util_set_copy(JsonObject *object, const char *name,
                        JsonNode *node);

#endif
