/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nvme-fi report: a page of one or several results folders.
 */
#include "commands.h"
#include "report-page.h"

#include "engine/nearest.h"

#include <stdio.h>
#include <string.h>

#define EXIT_USAGE 2
#define DEFAULT_NAME "report.html"

static const char description[] =
    "DIR is a results folder as './nvme-fi run' leaves it, or a file of\n"
    "records. Without --out the page is " DEFAULT_NAME " in the first DIR.\n"
    "It holds the records of all of them and loads nothing: a heat map, the\n"
    "cases, the chain of each, and with several DIRs their comparison.\n"
    "\n"
    "Exit status: 0 the page is written; 1 a folder cannot be read or the\n"
    "page cannot be written; 2 the command line is wrong.\n";

typedef struct Arguments {
    char **folders;
    char *out;
} Arguments;

static int usage_error(const char *text)
{
    fprintf(stderr, "nvme-fi: report: %s\nTry './nvme-fi report --help'.\n",
            text);
    return EXIT_USAGE;
}

static int cannot(const GError *error)
{
    fprintf(stderr, "nvme-fi: report: %s\n", error->message);
    return EXIT_FAILURE;
}

/* GLib names an unknown option and no known one. */
static char *explain(const GOptionEntry *entries, const GError *error)
{
    const char *at = strstr(error->message, "--");
    g_autofree char *word = at ? g_strndup(at + 2, strcspn(at + 2, "= "))
                            : NULL;
    FiNearest nearest;

    if (!word || !g_error_matches(error, G_OPTION_ERROR,
                                  G_OPTION_ERROR_UNKNOWN_OPTION)) {
        return g_strdup(error->message);
    }
    fi_nearest_init(&nearest, word);
    for (; entries->long_name; entries++) {
        if (entries->long_name[0]) {        /* not that of the folders */
            fi_nearest_offer(&nearest, entries->long_name);
        }
    }
    fi_nearest_offer(&nearest, "help");
    fi_nearest_done(&nearest);
    return nearest.name ?
        g_strdup_printf("unknown option --%s; did you mean --%s?", word,
                        nearest.name) :
        g_strdup_printf("unknown option --%s", word);
}

/* Returns what is wrong with the command line, or NULL. */
static char *parse(Arguments *arguments, int argc, char **argv)
{
    const GOptionEntry entries[] = {
        { "out", 'o', 0, G_OPTION_ARG_FILENAME, &arguments->out,
          "Write it there, '-': to standard output", "FILE" },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY,
          &arguments->folders, "", "DIR..." },
        G_OPTION_ENTRY_NULL
    };
    g_autoptr(GOptionContext) context =
        g_option_context_new("- one HTML file that shows results");
    g_autoptr(GError) error = NULL;

    g_set_prgname("./nvme-fi report");
    g_option_context_set_description(context, description);
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        return explain(entries, error);
    }
    if (!arguments->folders) {
        return g_strdup("name a results folder, such as results/latest");
    }
    if (arguments->out && !arguments->out[0]) {
        return g_strdup("--out needs the name of a file");
    }
    return NULL;
}

static GPtrArray *load(char **folders, GError **error)
{
    g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func(
        (GDestroyNotify)results_free);

    for (; *folders; folders++) {
        Results *run = results_load(*folders, error);

        if (!run) {
            return NULL;
        }
        g_ptr_array_add(results, run);
    }
    return g_steal_pointer(&results);
}

static char *default_out(const char *first)
{
    g_autofree char *folder = g_file_test(first, G_FILE_TEST_IS_DIR) ?
        g_strdup(first) : g_path_get_dirname(first);

    return g_build_filename(folder, DEFAULT_NAME, NULL);
}

static bool write_page(const char *page, const char *out, GError **error)
{
    if (!g_str_equal(out, "-")) {
        return g_file_set_contents(out, page, -1, error);
    }
    if (fputs(page, stdout) < 0 || fflush(stdout) != 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO,
                    "standard output: %s", g_strerror(errno));
        return false;
    }
    return true;
}

/* On standard error where the page itself is on standard output. */
static void tell(GPtrArray *results, const char *page, const char *out)
{
    guint cases = 0;

    for (guint i = 0; i < results->len; i++) {
        cases += ((Results *)g_ptr_array_index(results, i))->records->len;
    }
    fprintf(g_str_equal(out, "-") ? stderr : stdout,
            "%s: %u run%s, %u cases, %.1f MB\n", out, results->len,
            results->len == 1 ? "" : "s", cases, strlen(page) / 1e6);
}

static int report(const Arguments *arguments)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) results = load(arguments->folders, &error);
    g_autoptr(JsonObject) data = NULL;
    g_autofree char *page = NULL;
    g_autofree char *out = NULL;

    if (!results) {
        return cannot(error);
    }
    out = arguments->out ? g_strdup(arguments->out) :
          default_out(arguments->folders[0]);
    data = report_data(results);
    page = report_page(data);
    if (!write_page(page, out, &error)) {
        return cannot(error);
    }
    tell(results, page, out);
    return EXIT_SUCCESS;
}

int command_report(int argc, char **argv)
{
    Arguments arguments = { 0 };
    g_autofree char *problem = parse(&arguments, argc, argv);
    int status = problem ? usage_error(problem) : report(&arguments);

    g_strfreev(arguments.folders);
    g_free(arguments.out);
    return status;
}
