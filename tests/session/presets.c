/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 'nvme-fi presets': what stories there are; see commands.h.
 */
#include "commands.h"

#include "json-util.h"
#include "launcher-name.h"
#include "story.h"
#include "usage.h"

#include <stdio.h>

static void show_line(const Preset *preset)
{
    printf("%-22s %s\n", preset->name, preset->title);
}

static void show_whole(const Preset *preset)
{
    g_autoptr(JsonNode) rules = json_node_new(JSON_NODE_ARRAY);
    g_autofree char *text = NULL;

    json_node_set_array(rules, preset->rules);
    text = json_to_string(rules, TRUE);
    printf("%s: %s\n\n%s\n\nSource: %s\n\nTry: %s exec --preset %s -- %s\n\n"
           "Rules%s:\n%s\n", preset->name, preset->title,
           preset->description, preset->source, launcher_name(), preset->name,
           preset->example, preset->early ? " (from the first command on)" :
           "", text);
}

static void show_json(GPtrArray *presets)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_ARRAY);
    g_autofree char *text = NULL;
    JsonArray *array = json_array_new();

    for (guint i = 0; i < presets->len; i++) {
        const Preset *preset = g_ptr_array_index(presets, i);
        JsonObject *object = json_object_new();

        json_object_set_string_member(object, "name", preset->name);
        json_object_set_string_member(object, "title", preset->title);
        json_object_set_string_member(object, "description",
                                      preset->description);
        json_object_set_string_member(object, "source", preset->source);
        json_object_set_string_member(object, "example", preset->example);
        json_object_set_array_member(object, "rules",
                                     json_array_ref(preset->rules));
        json_array_add_object_element(array, object);
    }
    json_node_take_array(node, array);
    text = json_util_node_text(node);
    puts(text);
}

int presets_show(const char *dir, char **names, bool json, GError **error)
{
    g_autoptr(GPtrArray) presets = g_ptr_array_new_with_free_func(
        (GDestroyNotify)preset_free);
    g_auto(GStrv) all = preset_names(dir, error);

    if (!all) {
        return 1;
    }
    if (!names || !names[0]) {
        names = all;
    }
    for (guint i = 0; names[i]; i++) {
        Preset *preset = preset_load(dir, names[i], error);

        if (!preset) {
            return 2;
        }
        g_ptr_array_add(presets, preset);
    }
    if (json) {
        show_json(presets);
    }
    for (guint i = 0; !json && i < presets->len; i++) {
        if (names == all) {
            show_line(g_ptr_array_index(presets, i));
        } else {
            show_whole(g_ptr_array_index(presets, i));
        }
    }
    return fflush(stdout) == 0 ? 0 : 1;
}

int presets_main(int argc, char **argv)
{
    g_autofree char *dir = NULL;
    g_auto(GStrv) names = NULL;
    g_autoptr(GError) error = NULL;
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL },
        { "presets-dir", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &dir,
          "Folder of the presets", "DIR" },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &names, NULL,
          "[NAME]..." },
        G_OPTION_ENTRY_NULL
    };
    const UsageSpec spec = {
        .command = "presets", .entries = entries,
        .arguments = "- stories for exec; NAME: all of it",
    };
    int status = 2;

    if (usage_parse(&spec, &argc, &argv, &error)) {
        status = presets_show(dir ? dir : ".", names, json, &error);
    }
    if (error) {
        usage_complain("presets", error);
    }
    return status;
}
