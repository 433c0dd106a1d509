/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a results folder is the result of; see run-info.h.
 */
#include "run-info.h"

#include "plan.h"

#include <json-glib/json-glib.h>

static JsonArray *suite_names(GPtrArray *plans)
{
    JsonArray *names = json_array_new();

    for (guint i = 0; i < plans->len; i++) {
        const Plan *plan = g_ptr_array_index(plans, i);

        json_array_add_string_element(names, plan->suite);
    }
    return names;
}

static JsonArray *filter_globs(char **filters)
{
    JsonArray *globs = json_array_new();

    for (guint i = 0; filters && filters[i]; i++) {
        json_array_add_string_element(globs, filters[i]);
    }
    return globs;
}

static JsonObject *shard_object(Shard shard)
{
    JsonObject *object = json_object_new();

    json_object_set_int_member(object, "index", shard.index);
    json_object_set_int_member(object, "count", shard.count);
    return object;
}

bool run_info_write(const char *dir, const Options *options,
                    GPtrArray *plans, guint cases, const char *accel,
                    GError **error)
{
    g_autofree char *path = g_build_filename(dir, "run.json", NULL);
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    g_autoptr(JsonObject) run = json_object_new();
    g_autofree char *text = NULL;
    g_autofree char *line = NULL;

    json_object_set_string_member(run, "kernel-name", options->kernel_name);
    json_object_set_array_member(run, "suites", suite_names(plans));
    json_object_set_array_member(run, "filters",
                                 filter_globs(options->filters));
    if (options->shard.count) {
        json_object_set_object_member(run, "shard",
                                      shard_object(options->shard));
    }
    json_object_set_int_member(run, "cases", cases);
    json_object_set_string_member(run, "accel", accel);
    json_node_set_object(node, run);
    text = json_to_string(node, FALSE);
    line = g_strdup_printf("%s\n", text);
    if (!g_file_set_contents(path, line, -1, error)) {
        g_prefix_error(error, "cannot write %s: ", path);
        return false;
    }
    return true;
}
