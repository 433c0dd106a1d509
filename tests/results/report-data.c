/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of runs goes into the page; see report-page.h.
 */
#include "report-page.h"

#include "compare.h"
#include "judge.h"
#include "json-util.h"

#include "engine/names.h"

#include <string.h>

/* Number.MAX_SAFE_INTEGER of ECMAScript */
#define MAX_SAFE_INTEGER G_GINT64_CONSTANT(0x1fffffffffffff)
#define NO_MEMBER (-1)

#define REPRO "repro"
#define REPRO_BEFORE "repro-before"

/* Values that occur more than once are held once. */
typedef struct Pool {
    GHashTable *indices;    /* text of a value to its index + 1 */
    JsonArray *values;
} Pool;

typedef struct Packer {
    Pool pool;
    GHashTable *places;     /* name of a member to its place + 1 */
    JsonArray *members;
} Packer;

static JsonNode *safe(JsonNode *node);

static JsonNode *safe_object(JsonObject *object)
{
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *copy = json_object_new();
    g_autoptr(GList) names = json_object_get_members(object);

    for (GList *name = names; name; name = name->next) {
        json_object_set_member(copy, name->data,
                               safe(json_object_get_member(object,
                                                           name->data)));
    }
    json_node_take_object(node, copy);
    return node;
}

static JsonNode *safe_array(JsonArray *array)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);
    JsonArray *copy = json_array_new();

    for (guint i = 0; i < json_array_get_length(array); i++) {
        json_array_add_element(copy,
                               safe(json_array_get_element(array, i)));
    }
    json_node_take_array(node, copy);
    return node;
}

/* A copy that JSON.parse() reads as it is meant. */
static JsonNode *safe(JsonNode *node)
{
    if (JSON_NODE_HOLDS_OBJECT(node)) {
        return safe_object(json_node_get_object(node));
    }
    if (JSON_NODE_HOLDS_ARRAY(node)) {
        return safe_array(json_node_get_array(node));
    }
    if (JSON_NODE_HOLDS_VALUE(node) &&
        json_node_get_value_type(node) == G_TYPE_INT64) {
        gint64 value = json_node_get_int(node);

        if (value > MAX_SAFE_INTEGER || value < -MAX_SAFE_INTEGER) {
            g_autofree char *text =
                g_strdup_printf("%" G_GINT64_FORMAT, value);

            return json_node_init_string(json_node_alloc(), text);
        }
    }
    return json_node_copy(node);
}

static gint64 pool_add(Pool *pool, JsonNode *node)
{
    g_autofree char *text = json_util_node_text(node);
    guint index = GPOINTER_TO_UINT(g_hash_table_lookup(pool->indices, text));

    if (index == 0) {
        json_array_add_element(pool->values, safe(node));
        index = json_array_get_length(pool->values);
        g_hash_table_insert(pool->indices, g_steal_pointer(&text),
                            GUINT_TO_POINTER(index));
    }
    return index - 1;
}

static void packer_init(Packer *packer)
{
    packer->pool.indices = g_hash_table_new_full(g_str_hash, g_str_equal,
                                                 g_free, NULL);
    packer->pool.values = json_array_new();
    packer->places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                           NULL);
    packer->members = json_array_new();
}

static void packer_done(Packer *packer)
{
    g_hash_table_unref(packer->pool.indices);
    g_hash_table_unref(packer->places);
    json_array_unref(packer->pool.values);
    json_array_unref(packer->members);
}

static guint place_of(Packer *packer, const char *name)
{
    guint place = GPOINTER_TO_UINT(g_hash_table_lookup(packer->places, name));

    if (place == 0) {
        json_array_add_string_element(packer->members, name);
        place = json_array_get_length(packer->members);
        g_hash_table_insert(packer->places, g_strdup(name),
                            GUINT_TO_POINTER(place));
    }
    return place - 1;
}

static void put(Packer *packer, GArray *row, const char *name, JsonNode *node)
{
    guint place = place_of(packer, name);
    gint64 none = NO_MEMBER;

    while (row->len <= place) {
        g_array_append_val(row, none);
    }
    g_array_index(row, gint64, place) = pool_add(&packer->pool, node);
}

/* Puts what stands before the case in "repro", the same for a whole run. */
static bool put_repro(Packer *packer, GArray *row, JsonObject *record)
{
    const char *repro = json_util_string(record, REPRO);
    g_autofree char *end = g_strdup_printf("%s'",
                                           json_util_string(record, "case"));
    g_autofree char *before = NULL;
    g_autoptr(JsonNode) node = NULL;

    if (!repro || !g_str_has_suffix(repro, end) ||
        json_object_has_member(record, REPRO_BEFORE)) {
        return false;
    }
    before = g_strndup(repro, strlen(repro) - strlen(end));
    node = json_node_init_string(json_node_alloc(), before);
    put(packer, row, REPRO_BEFORE, node);
    return true;
}

static JsonArray *pack(Packer *packer, JsonObject *record)
{
    g_autoptr(GArray) row = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autoptr(GList) names = json_object_get_members(record);
    JsonArray *array;

    for (GList *name = names; name; name = name->next) {
        if (g_str_equal(name->data, REPRO) &&
            put_repro(packer, row, record)) {
            continue;
        }
        put(packer, row, name->data,
            json_object_get_member(record, name->data));
    }
    array = json_array_sized_new(row->len);
    for (guint i = 0; i < row->len; i++) {
        json_array_add_int_element(array, g_array_index(row, gint64, i));
    }
    return array;
}

static void set_text(JsonObject *object, const char *name, const char *text)
{
    if (text) {
        json_object_set_string_member(object, name, text);
    } else {
        json_object_set_null_member(object, name);
    }
}

static JsonArray *pack_runs(Packer *packer, GPtrArray *results)
{
    JsonArray *runs = json_array_new();

    for (guint i = 0; i < results->len; i++) {
        const Results *run = g_ptr_array_index(results, i);
        JsonObject *object = json_object_new();
        JsonArray *records = json_array_sized_new(run->records->len);

        for (guint k = 0; k < run->records->len; k++) {
            json_array_add_array_element(
                records, pack(packer, g_ptr_array_index(run->records, k)));
        }
        set_text(object, "name", run->name);
        set_text(object, "kernel", run->kernel);
        set_text(object, "qemu", run->qemu);
        json_object_set_array_member(object, "records", records);
        json_array_add_object_element(runs, object);
    }
    return runs;
}

static void add_status(guint16 status, const char *name, gpointer opaque)
{
    JsonArray *pair = json_array_new();

    json_array_add_int_element(pair, status);
    json_array_add_string_element(pair, name);
    json_array_add_array_element(opaque, pair);
}

static void add_opcode(gboolean admin, guint8 opcode, const char *name,
                       gpointer opaque)
{
    g_autofree char *key = g_strdup_printf("%u", opcode);

    json_object_set_string_member(json_object_get_object_member(
                                      opaque, admin ? "admin" : "io"),
                                  key, name);
}

static void add_names(JsonObject *data)
{
    JsonArray *statuses = json_array_new();
    JsonObject *opcodes = json_object_new();

    json_object_set_object_member(opcodes, "admin", json_object_new());
    json_object_set_object_member(opcodes, "io", json_object_new());
    fi_status_names_foreach(add_status, statuses);
    fi_opcode_names_foreach(add_opcode, opcodes);
    json_object_set_array_member(data, "statuses", statuses);
    json_object_set_object_member(data, "opcodes", opcodes);
    json_object_set_string_member(data, "observed", JUDGE_OBSERVED);
}

JsonObject *report_data(GPtrArray *results)
{
    JsonObject *data = json_object_new();
    Packer packer;

    packer_init(&packer);
    json_object_set_array_member(data, "runs", pack_runs(&packer, results));
    json_object_set_array_member(data, "members",
                                 json_array_ref(packer.members));
    json_object_set_array_member(data, "pool",
                                 json_array_ref(packer.pool.values));
    packer_done(&packer);
    add_names(data);
    if (results->len > 1) {
        g_autoptr(JsonObject) comparison = compare_results(results);
        g_autoptr(JsonNode) node = safe_object(comparison);

        json_object_set_member(data, "comparison", g_steal_pointer(&node));
    } else {
        json_object_set_null_member(data, "comparison");
    }
    return data;
}
