/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command lines; see usage.h.
 */
#include "usage.h"

#include "engine/nearest.h"
#include "launcher-name.h"

#include <gio/gio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All that engine/nearest.h takes. */
#define MAX_NAME 80

/* What is not for the program: the launcher takes it out. */
static char *set_up_values[4];

#define SET_UP(number, name, argument, text) \
    { name, 0, 0, G_OPTION_ARG_STRING, &set_up_values[number], text, argument }

static const GOptionEntry set_up_entries[] = {
    SET_UP(0, "kernel", "K", "The guest's: debian:VERSION, FILE (debian:6.12)"),
    SET_UP(1, "modules", "DIR", "Modules of a kernel FILE that needs any"),
    SET_UP(2, "qemu", "VERSION", "Another QEMU; 'build --help' has them"),
    SET_UP(3, "qemu-source", "DIR", "A source of it, not the distribution's"),
    G_OPTION_ENTRY_NULL
};

/* Of what usage_parse() was given, NULL where there is no such table. */
typedef struct Tables {
    const GOptionEntry *table[3];
} Tables;

static Tables tables_of(const UsageSpec *spec)
{
    return (Tables){ { spec->entries, spec->filters,
                       spec->set_up ? set_up_entries : NULL } };
}

static bool is_shown(const GOptionEntry *entry)
{
    return entry->long_name[0] && !(entry->flags & G_OPTION_FLAG_HIDDEN);
}

/* The one of @names that is near @word, upper or lower case, or NULL. */
static const char *nearest_of(const char *word, const char *const *names)
{
    FiNearest nearest;
    const char *found = NULL;

    fi_nearest_init(&nearest, word);
    for (guint i = 0; names && names[i]; i++) {
        g_autofree char *lower = g_ascii_strdown(names[i], -1);

        nearest.name = NULL;
        if (strlen(lower) <= MAX_NAME) {
            fi_nearest_offer(&nearest, lower);
        }
        found = nearest.name ? names[i] : found;
    }
    fi_nearest_done(&nearest);
    return found;
}

char *usage_near(const char *word, const char *const *names)
{
    const char *name = nearest_of(word, names);

    return name ? g_strdup_printf("; did you mean '%s'?", name) :
           g_strdup("");
}

char *usage_near_file(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *base = g_path_get_basename(path);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    if (!dir) {
        return g_strdup("");
    }
    while ((name = g_dir_read_name(dir))) {
        g_ptr_array_add(names, g_strdup(name));
    }
    g_dir_close(dir);
    g_ptr_array_add(names, NULL);
    name = nearest_of(base, (const char *const *)names->pdata);
    return name ? g_strdup_printf("; did you mean '%.*s%s'?",
                                  (int)(strlen(path) - strlen(base)), path,
                                  name) : g_strdup("");
}

bool usage_check_file(const char *option, const char *path, GError **error)
{
    g_autofree char *near = NULL;
    bool there;

    if (!path || g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        return true;
    }
    there = g_file_test(path, G_FILE_TEST_EXISTS);
    near = there ? g_strdup("") : usage_near_file(path);
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                "%s%s%s%s: %s%s", option ? "--" : "", option ? option : "",
                option ? " " : "", path, there ? "this is no regular file" :
                "there is no such file", near);
    return false;
}

/* What is wrong */

static const GOptionEntry *find_entry(Tables tables, const char *name)
{
    for (guint t = 0; t < G_N_ELEMENTS(tables.table); t++) {
        for (const GOptionEntry *entry = tables.table[t];
             entry && entry->long_name; entry++) {
            if (entry->long_name[0] && g_str_equal(entry->long_name, name)) {
                return entry;
            }
        }
    }
    return NULL;
}

static void set_unknown(Tables tables, const char *name, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *near = NULL;
    g_autofree char *dashed = g_strconcat("--", name, NULL);

    for (guint t = 0; t < G_N_ELEMENTS(tables.table); t++) {
        for (const GOptionEntry *entry = tables.table[t];
             entry && entry->long_name; entry++) {
            if (is_shown(entry)) {
                g_ptr_array_add(names, g_strconcat("--", entry->long_name,
                                                   NULL));
            }
        }
    }
    g_ptr_array_add(names, g_strdup("--help"));
    g_ptr_array_add(names, NULL);
    near = usage_near(dashed, (const char *const *)names->pdata);
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                "unknown option %s%s", dashed, near);
}

/* The value of --@name in @argv, or NULL: it has none. */
static const char *find_value(char **argv, const char *name)
{
    gsize length = strlen(name);

    for (guint i = 1; argv[i] && !g_str_equal(argv[i], "--"); i++) {
        const char *word = argv[i];

        if (!g_str_has_prefix(word, "--") ||
            strncmp(word + 2, name, length) != 0) {
            continue;
        }
        if (word[2 + length] == '=') {
            return word + 3 + length;
        }
        if (word[2 + length] == '\0') {
            return argv[i + 1];
        }
    }
    return NULL;
}

static void set_bad_value(const GOptionEntry *entry, char **argv,
                          GError **error)
{
    const char *value = find_value(argv, entry->long_name);
    bool number = entry->arg == G_OPTION_ARG_INT ||
                  entry->arg == G_OPTION_ARG_DOUBLE;

    if (!value) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "--%s needs a value: --%s %s", entry->long_name,
                    entry->long_name, entry->arg_description);
    } else {
        bool large = number && *value &&
                     strspn(value, "-+0123456789.") == strlen(value) &&
                     strlen(value) > 9;

        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "--%s %s: %s",
                    entry->long_name, value, large ? "too large" :
                    number ? "expected a number" : "this is not UTF-8");
    }
}

/*
 * GLib's errors name the option, in whatever language. Ours say what is right.
 */
static void explain(Tables tables, char **argv, GError **error)
{
    g_autofree char *said = g_strdup((*error)->message);
    const char *at = strstr(said, "--");
    g_autofree char *name = at ? g_strndup(at + 2, strcspn(at + 2, "= ")) :
                            NULL;
    const GOptionEntry *entry = name ? find_entry(tables, name) : NULL;
    int code = (*error)->code;

    if ((*error)->domain != G_OPTION_ERROR) {
        return;                 /* it is ours already */
    }
    g_clear_error(error);
    if (name && code == G_OPTION_ERROR_UNKNOWN_OPTION && !entry) {
        set_unknown(tables, name, error);
    } else if (code == G_OPTION_ERROR_UNKNOWN_OPTION && entry) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "--%s takes no value", name);
    } else if (entry) {
        set_bad_value(entry, argv, error);
    } else {
        /* one letter, of which there are but -h and -o */
        said[0] = g_ascii_tolower(said[0]);
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, said);
    }
}

/* GLib takes "--flag=value" for "--flag". */
static bool check_flags(const UsageSpec *spec, char **argv, GError **error)
{
    for (guint i = 1; argv[i] && !g_str_equal(argv[i], "--") &&
         (!spec->posix || argv[i][0] == '-'); i++) {
        const char *equals = strchr(argv[i], '=');
        g_autofree char *name = equals && g_str_has_prefix(argv[i], "--") ?
            g_strndup(argv[i] + 2, equals - argv[i] - 2) : NULL;
        const GOptionEntry *entry = name ?
            find_entry(tables_of(spec), name) : NULL;

        if (entry && entry->arg == G_OPTION_ARG_NONE) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                        "--%s takes no value", name);
            return false;
        }
    }
    return true;
}

void usage_complain(const char *command, const GError *error)
{
    fprintf(stderr, "nvme-fi: %s: %s\nTry '%s %s --help'.\n", command,
            error->message, launcher_name(), command);
}

/* Help and completion */

static void list_options(const UsageSpec *spec)
{
    Tables tables = tables_of(spec);

    for (guint t = 0; t < G_N_ELEMENTS(tables.table); t++) {
        for (const GOptionEntry *entry = tables.table[t];
             entry && entry->long_name; entry++) {
            bool file = entry->arg == G_OPTION_ARG_FILENAME ||
                        entry->arg == G_OPTION_ARG_FILENAME_ARRAY;

            if (is_shown(entry)) {
                printf("--%s\t%s\t%s\t%s\n", entry->long_name,
                       entry->arg == G_OPTION_ARG_NONE ? "flag" : file ?
                       "file" : "value", entry->arg_description ?
                       entry->arg_description : "", entry->description);
            } else if (!entry->long_name[0] && file) {
                puts("*\tfile\t\t");
            }
        }
    }
    puts("--help\tflag\t\tShow what the options are");
    if (spec->filters) {
        puts("--help-filters\tflag\t\tShow the options that choose");
    }
}

static GOptionContext *context_new(const UsageSpec *spec,
                                   const GOptionEntry *helps)
{
    GOptionContext *context = g_option_context_new(spec->arguments);

    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_set_strict_posix(context, spec->posix);
    g_option_context_add_main_entries(context, spec->entries, NULL);
    if (spec->set_up) {
        g_option_context_add_main_entries(context, set_up_entries, NULL);
    }
    g_option_context_add_main_entries(context, helps, NULL);
    if (spec->about) {
        g_option_context_set_description(context, spec->about);
    }
    return context;
}

/* Of @filters alone, or of all others, which GLib shows together. */
static void print_help(const UsageSpec *spec, const GOptionEntry *helps,
                       GOptionContext *all, GOptionGroup *filters)
{
    g_autoptr(GOptionContext) context = context_new(spec, helps);
    g_autofree char *help = g_option_context_get_help(
        filters ? all : context, FALSE, filters);
    char *at;

    /* the first line of two is but the word "Usage:" */
    at = strstr(help, "\n  ");
    if (at) {
        memmove(at, at + 2, strlen(at + 2) + 1);
    }
    puts(g_strchomp(help));
    exit(fflush(stdout) == 0 ? 0 : 1);
}

bool usage_parse(const UsageSpec *spec, int *argc, char ***argv,
                 GError **error)
{
    g_autofree char *name = g_strconcat("nvme-fi ", spec->command, NULL);
    gboolean help = FALSE, help_filters = FALSE;
    const GOptionEntry helps[] = {
        { "help", 'h', 0, G_OPTION_ARG_NONE, &help,
          spec->filters ? "Show this; --help-filters: how to choose commands" :
          "Show this", NULL },
        { "help-filters", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE,
          &help_filters, "", NULL },
        G_OPTION_ENTRY_NULL
    };
    g_autoptr(GOptionContext) context = context_new(spec, helps);
    GOptionGroup *filters = NULL;

    if (*argc > 1 && g_str_equal((*argv)[1], USAGE_LIST_OPTIONS)) {
        list_options(spec);
        exit(fflush(stdout) == 0 ? 0 : 1);
    }
    g_set_prgname(name);
    if (spec->filters) {
        filters = g_option_group_new("filters", "Which commands:", "", NULL,
                                     NULL);
        g_option_group_add_entries(filters, spec->filters);
        g_option_context_add_group(context, filters);
    }
    if (!check_flags(spec, *argv, error)) {
        return false;
    }
    if (!g_option_context_parse(context, argc, argv, error)) {
        explain(tables_of(spec), *argv, error);
        return false;
    }
    for (guint i = 0; i < G_N_ELEMENTS(set_up_values); i++) {
        if (set_up_values[i]) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                        "--%s is for '%s', which sets up what this program "
                        "gets", set_up_entries[i].long_name, launcher_name());
            return false;
        }
    }
    if (help || help_filters) {
        print_help(spec, helps, context, help_filters ? filters : NULL);
    }
    return true;
}
