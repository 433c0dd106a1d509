/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command lines; see args.h.
 */
#include "args.h"
#include "fail.h"

#include <string.h>

#include "engine/nearest.h"

const char *args_nearest(const char *word, const char *const *names)
{
    FiNearest nearest;

    fi_nearest_init(&nearest, word);
    for (guint i = 0; names[i]; i++) {
        fi_nearest_offer(&nearest, names[i]);
    }
    fi_nearest_done(&nearest);
    return nearest.name;
}

/* Adds the nearest option to what GLib says of an unknown one. */
static void suggest(const GOptionEntry *entries, GError **error)
{
    const char *at = strstr((*error)->message, "--");
    g_autofree char *word = at ? g_strndup(at + 2, strcspn(at + 2, "= "))
                            : NULL;
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *name;

    if (!word || !g_error_matches(*error, G_OPTION_ERROR,
                                  G_OPTION_ERROR_UNKNOWN_OPTION)) {
        return;
    }
    for (; entries->long_name; entries++) {
        if (entries->long_name[0] &&
            !(entries->flags & G_OPTION_FLAG_HIDDEN)) {
            g_ptr_array_add(names, (char *)entries->long_name);
        }
    }
    g_ptr_array_add(names, NULL);
    name = args_nearest(word, (const char *const *)names->pdata);
    g_clear_error(error);
    if (name) {
        fail(error, "unknown option --%s; did you mean --%s?", word,
                  name);
    } else {
        fail(error, "unknown option --%s", word);
    }
}

bool args_parse(int *argc, char ***argv, const GOptionEntry *entries,
                const char *usage, const char *about, GError **error)
{
    g_autoptr(GOptionContext) context = g_option_context_new(usage);

    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_description(context, about);
    if (!g_option_context_parse(context, argc, argv, error)) {
        suggest(entries, error);
        return false;
    }
    return true;
}
