/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nvme-fi report: a page of one or several results folders.
 */
#include "commands.h"

#include "fail.h"
#include "report-page.h"
#include "usage.h"

#include <stdio.h>
#include <string.h>

#define EXIT_USAGE 2
#define DEFAULT_NAME "report.html"

static const char about[] =
    "DIR is a results folder as 'nvme-fi run' leaves it, or a file of\n"
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

static int usage_error(const GError *error)
{
    usage_complain("report", error);
    return EXIT_USAGE;
}

static int cannot(const GError *error)
{
    fprintf(stderr, "nvme-fi: report: %s\n", error->message);
    return EXIT_FAILURE;
}

static bool parse(Arguments *arguments, int argc, char **argv,
                  GError **error)
{
    const GOptionEntry entries[] = {
        { "out", 'o', 0, G_OPTION_ARG_FILENAME, &arguments->out,
          "Write it there, '-': to standard output", "FILE" },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY,
          &arguments->folders, "", "DIR..." },
        G_OPTION_ENTRY_NULL
    };
    const UsageSpec spec = {
        .command = "report", .entries = entries, .about = about,
        .arguments = "- one HTML file that shows results",
    };

    if (!usage_parse(&spec, &argc, &argv, error)) {
        return false;
    }
    if (!arguments->folders) {
        return fail(error, "name a results folder, such as "
                         "results/latest");
    }
    return !arguments->out || arguments->out[0] ||
           fail(error, "--out needs the name of a file");
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
    g_autoptr(GError) error = NULL;
    int status = parse(&arguments, argc, argv, &error) ?
                 report(&arguments) : usage_error(error);

    g_strfreev(arguments.folders);
    g_free(arguments.out);
    return status;
}
