/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comparing runs; see compare.h.
 */
#include "compare.h"

#include "json-util.h"
#include "observe.h"

/* One case in all runs: a record or NULL for each. */
typedef struct Row {
    const char *name;
    GPtrArray *records;
    guint present;
} Row;

static void row_read(Row *row, GPtrArray *results, const char *name)
{
    row->name = name;
    row->present = 0;
    g_ptr_array_set_size(row->records, 0);
    for (guint i = 0; i < results->len; i++) {
        const Results *run = g_ptr_array_index(results, i);
        JsonObject *record = g_hash_table_lookup(run->by_case, name);

        g_ptr_array_add(row->records, record);
        row->present += record != NULL;
    }
}

static void free_value(gpointer node)
{
    if (node) {
        json_node_unref(node);
    }
}

/* The layer in each run, of JsonNode or NULL. */
static GPtrArray *observe_row(const Row *row, Layer layer,
                              const Judged *judged)
{
    GPtrArray *values = g_ptr_array_new_with_free_func(free_value);

    for (guint i = 0; i < row->records->len; i++) {
        g_ptr_array_add(values,
                        observe_layer(g_ptr_array_index(row->records, i),
                                      layer, judged));
    }
    return values;
}

/* A case that did not run in a run is no difference in what it observed. */
static bool values_differ(const Row *row, Layer layer, GPtrArray *values)
{
    JsonNode *first = NULL;
    bool found = false;

    for (guint i = 0; i < values->len; i++) {
        JsonObject *record = g_ptr_array_index(row->records, i);
        JsonNode *value = g_ptr_array_index(values, i);

        if (layer != LAYER_PRESENCE && (!record || !observe_ran(record))) {
            continue;
        }
        if (found && first != value &&
            (!first || !value || !json_node_equal(first, value))) {
            return true;
        }
        first = value;
        found = true;
    }
    return false;
}

static JsonArray *array_of(GPtrArray *values)
{
    JsonArray *array = json_array_new();

    for (guint i = 0; i < values->len; i++) {
        JsonNode *value = g_ptr_array_index(values, i);

        if (value) {
            json_array_add_element(array, json_node_copy(value));
        } else {
            json_array_add_null_element(array);
        }
    }
    return array;
}

static void add_string(JsonArray *array, const char *text)
{
    if (text) {
        json_array_add_string_element(array, text);
    } else {
        json_array_add_null_element(array);
    }
}

static void set_string(JsonObject *object, const char *name, const char *text)
{
    if (text) {
        json_object_set_string_member(object, name, text);
    } else {
        json_object_set_null_member(object, name);
    }
}

static const char *suite_of(const Row *row)
{
    const char *suite = NULL;

    for (guint i = 0; !suite && i < row->records->len; i++) {
        suite = json_util_string(g_ptr_array_index(row->records, i),
                                 "suite");
    }
    return suite;
}

static const char *verdict_of(JsonObject *record)
{
    const char *verdict = json_util_string(record, "verdict");

    return g_strcmp0(verdict, "skip") == 0 && observe_ran(record) ?
           "observed" : verdict;
}

static JsonArray *verdicts_of(const Row *row)
{
    JsonArray *verdicts = json_array_new();

    for (guint i = 0; i < row->records->len; i++) {
        add_string(verdicts, verdict_of(g_ptr_array_index(row->records, i)));
    }
    return verdicts;
}

/* How the case differs, or NULL where it does not. */
static JsonObject *part(const Row *row)
{
    g_autoptr(JsonObject) parted = json_object_new();
    JsonArray *layers = json_array_new();
    JsonObject *by_layer = json_object_new();
    g_autoptr(GHashTable) functions = g_hash_table_new(g_str_hash,
                                                       g_str_equal);
    Judged judged = { .functions = functions };

    set_string(parted, "case", row->name);
    set_string(parted, "suite", suite_of(row));
    json_object_set_null_member(parted, "layer");
    json_object_set_array_member(parted, "layers", layers);
    for (guint i = 0; i < row->records->len; i++) {
        observe_judged(&judged, g_ptr_array_index(row->records, i));
    }
    for (Layer layer = 0; layer < LAYER_COUNT; layer++) {
        g_autoptr(GPtrArray) values = observe_row(row, layer, &judged);

        if (!values_differ(row, layer, values)) {
            continue;
        }
        if (json_array_get_length(layers) == 0) {
            set_string(parted, "layer", layer_name(layer));
            json_object_set_array_member(parted, "values", array_of(values));
        }
        json_array_add_string_element(layers, layer_name(layer));
        json_object_set_array_member(by_layer, layer_name(layer),
                                     array_of(values));
    }
    json_object_set_object_member(parted, "by-layer", by_layer);
    json_object_set_array_member(parted, "verdicts", verdicts_of(row));
    return json_array_get_length(layers) ? g_steal_pointer(&parted) : NULL;
}

static void count(JsonObject *verdicts, const char *name)
{
    gint64 before = 0;

    json_util_int(verdicts, name, &before);
    json_object_set_int_member(verdicts, name, before + 1);
}

static JsonObject *describe(const Results *run)
{
    static const char *const names[] = {
        "pass", "fail", "skip", "error", "timeout", "observed",
    };
    JsonObject *verdicts = json_object_new();
    JsonObject *object = json_object_new();

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        json_object_set_int_member(verdicts, names[i], 0);
    }
    for (guint i = 0; i < run->records->len; i++) {
        JsonObject *record = g_ptr_array_index(run->records, i);
        const char *verdict = verdict_of(record);

        if (verdict && json_object_has_member(verdicts, verdict)) {
            count(verdicts, verdict);
        }
    }
    set_string(object, "name", run->name);
    set_string(object, "kernel", run->kernel);
    set_string(object, "qemu", run->qemu);
    json_object_set_int_member(object, "cases", run->records->len);
    json_object_set_object_member(object, "verdicts", verdicts);
    return object;
}

typedef struct Comparison {
    GPtrArray *results;
    gint64 same;
    JsonArray *differing;
    JsonArray *only;
} Comparison;

static void compare_case(Comparison *comparison, Row *row)
{
    JsonObject *parted = part(row);

    if (!parted) {
        comparison->same++;
    } else if (row->present < row->records->len) {
        json_array_add_object_element(comparison->only, parted);
    } else {
        json_array_add_object_element(comparison->differing, parted);
    }
}

/* The cases of each run that no earlier one has. */
static void compare_cases(Comparison *comparison)
{
    g_autoptr(GHashTable) done = g_hash_table_new(g_str_hash, g_str_equal);
    Row row = { .records = g_ptr_array_new() };

    for (guint i = 0; i < comparison->results->len; i++) {
        const Results *run = g_ptr_array_index(comparison->results, i);

        for (guint k = 0; k < run->records->len; k++) {
            const char *name =
                json_util_string(g_ptr_array_index(run->records, k), "case");

            if (g_hash_table_add(done, (char *)name)) {
                row_read(&row, comparison->results, name);
                compare_case(comparison, &row);
            }
        }
    }
    g_ptr_array_unref(row.records);
}

JsonObject *compare_results(GPtrArray *results)
{
    JsonObject *object = json_object_new();
    JsonArray *runs = json_array_new();
    Comparison comparison = {
        .results = results,
        .differing = json_array_new(),
        .only = json_array_new(),
    };

    for (guint i = 0; i < results->len; i++) {
        json_array_add_object_element(runs,
                                      describe(g_ptr_array_index(results,
                                                                 i)));
    }
    compare_cases(&comparison);
    json_object_set_array_member(object, "runs", runs);
    json_object_set_int_member(object, "same", comparison.same);
    json_object_set_array_member(object, "differing", comparison.differing);
    json_object_set_array_member(object, "only", comparison.only);
    return object;
}

static bool keep_at(JsonObject *parted, const char *layer)
{
    JsonNode *values =
        json_object_get_member(json_util_object(parted, "by-layer"), layer);

    if (values) {
        set_string(parted, "layer", layer);
        json_util_set_copy(parted, "values", values);
    }
    return values;
}

void compare_keep_layer(JsonObject *comparison, const char *layer)
{
    static const char *const lists[] = { "differing", "only" };
    gint64 same = 0;

    json_util_int(comparison, "same", &same);
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        JsonArray *list = json_util_array(comparison, lists[i]);
        guint k = 0;

        while (k < json_array_get_length(list)) {
            if (keep_at(json_util_element_object(list, k), layer)) {
                k++;
            } else {
                json_array_remove_element(list, k);
                same += i == 0;
            }
        }
    }
    json_object_set_int_member(comparison, "same", same);
}
