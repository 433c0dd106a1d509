/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading presets; see story.h.
 */
#include "story.h"

#include "json-util.h"
#include "usage.h"

#include <gio/gio.h>
#include <string.h>

#define SUFFIX ".json"

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GStrv preset_names(const char *dir, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    GDir *folder = g_dir_open(dir, 0, error);
    const char *file;

    if (!folder) {
        return NULL;
    }
    while ((file = g_dir_read_name(folder))) {
        if (g_str_has_suffix(file, SUFFIX)) {
            g_ptr_array_add(names, g_strndup(file, strlen(file) -
                                             strlen(SUFFIX)));
        }
    }
    g_dir_close(folder);
    qsort(names->pdata, names->len, sizeof(char *), compare_names);
    g_ptr_array_add(names, NULL);
    return (GStrv)g_ptr_array_steal(names, NULL);
}

static void set_unknown(const char *dir, const char *name, GError **error)
{
    g_auto(GStrv) names = preset_names(dir, NULL);
    g_autofree char *known = names ? g_strjoinv(", ", names) : NULL;
    g_autofree char *near = usage_near(name, (const char *const *)names);

    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "preset '%s': unknown%s; there are %s", name, near,
                known ? known : "none");
}

static Preset *preset_read(const char *name, const char *text, gsize len,
                           GError **error)
{
    g_autoptr(JsonObject) object = json_util_parse_object(text, len, error);
    g_autoptr(Preset) preset = g_new0(Preset, 1);
    JsonArray *rules = json_util_array(object, "rules");
    JsonObject *machine = json_util_object(object, "machine");

    if (!object) {
        return NULL;
    }
    preset->name = g_strdup(name);
    preset->title = g_strdup(json_util_string(object, "title"));
    preset->description = g_strdup(json_util_string(object, "description"));
    preset->source = g_strdup(json_util_string(object, "source"));
    preset->example = g_strdup(json_util_string(object, "example"));
    preset->early = json_util_bool(object, "early", false);
    preset->machine = machine ? json_object_ref(machine) : NULL;
    preset->rules = rules ? json_array_ref(rules) : NULL;
    if (!preset->title || !preset->description || !preset->source ||
        !preset->example || !preset->rules) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "title, description, source, example or rules are "
                    "missing");
        return NULL;
    }
    return g_steal_pointer(&preset);
}

Preset *preset_load(const char *dir, const char *name, GError **error)
{
    g_autofree char *file = g_strconcat(name, SUFFIX, NULL);
    g_autofree char *path = g_build_filename(dir, file, NULL);
    g_autofree char *text = NULL;
    Preset *preset;
    gsize len;

    if (strchr(name, '/') || !g_file_get_contents(path, &text, &len, NULL)) {
        set_unknown(dir, name, error);
        return NULL;
    }
    preset = preset_read(name, text, len, error);
    if (!preset) {
        g_prefix_error(error, "%s: ", path);
    }
    return preset;
}

void preset_free(Preset *preset)
{
    if (preset) {
        g_free(preset->name);
        g_free(preset->title);
        g_free(preset->description);
        g_free(preset->source);
        g_free(preset->example);
        g_clear_pointer(&preset->rules, json_array_unref);
        g_clear_pointer(&preset->machine, json_object_unref);
        g_free(preset);
    }
}
