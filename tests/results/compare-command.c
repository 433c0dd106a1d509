/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 'nvme-fi compare': command line and exit status. The launcher, which runs
 * the kernels that are named, asks with --plan what there is to do, and says
 * with --run NAME=DIR where the results are.
 */
#include "commands.h"

#include "fail.h"
#include "compare-show.h"
#include "compare.h"
#include "json-util.h"
#include "observe.h"
#include "usage.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#define EXIT_DIFFER 1
#define EXIT_TROUBLE 2
/* Runs have one letter each. */
#define MAX_RUNS 26

typedef struct CompareArgs {
    char **runs;            /* results folders, or names of kernels */
    char **ran;             /* "NAME=DIR", once for each run of a kernel */
    char **suites;
    char **filters;
    char *layer;
    gboolean all;
    gboolean json;
    gboolean plan;
} CompareArgs;

static void compare_args_clear(CompareArgs *args)
{
    g_strfreev(args->runs);
    g_strfreev(args->ran);
    g_strfreev(args->suites);
    g_strfreev(args->filters);
    g_free(args->layer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CompareArgs, compare_args_clear)

static const char about[] =
    "RUN is a results folder, a results.jsonl, or a kernel by name, such as\n"
    "debian:6.1, which is run first.\n"
    "\n"
    "A case is shown at the first layer where the runs part: presence (it did\n"
    "not run), wire, driver, block, log, result. What was observed counts,\n"
    "not the verdict.\n"
    "\n"
    "Exit status: 0 nothing differs; 1 something does; 2 the command line is\n"
    "wrong, or a run cannot be had.\n";

static bool check_layer(const char *layer, GError **error)
{
    const char *names[LAYER_COUNT + 1] = { NULL };
    g_autofree char *list = NULL;
    g_autofree char *near = NULL;

    for (Layer i = 0; i < LAYER_COUNT; i++) {
        names[i] = layer_name(i);
    }
    if (!layer || g_strv_contains(names, layer)) {
        return true;
    }
    near = usage_near(layer, names);
    list = g_strjoinv(", ", (char **)names);
    return fail(error, "--layer %s: expected one of %s%s", layer, list, near);
}

static bool parse(CompareArgs *args, int argc, char **argv, GError **error)
{
    const GOptionEntry entries[] = {
        { "suite", 0, 0, G_OPTION_ARG_STRING_ARRAY, &args->suites,
          "Only the cases of this suite; may be repeated", "S" },
        { "filter", 0, 0, G_OPTION_ARG_STRING_ARRAY, &args->filters,
          "Only cases that match this glob; may be repeated", "GLOB" },
        { "layer", 0, 0, G_OPTION_ARG_STRING, &args->layer,
          "All that differs at this layer, be it the first or not", "L" },
        { "all", 0, 0, G_OPTION_ARG_NONE, &args->all,
          "Each case by itself, also those that differ alike", NULL },
        { "json", 0, 0, G_OPTION_ARG_NONE, &args->json,
          "Print one JSON object (see tests/results/compare.h)", NULL },
        { "plan", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &args->plan,
          "Print what there is to compare", NULL },
        { "run", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING_ARRAY,
          &args->ran, "Where the results of a kernel are", "NAME=DIR" },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &args->runs,
          "", NULL },
        G_OPTION_ENTRY_NULL
    };
    const UsageSpec spec = {
        .command = "compare", .entries = entries, .about = about,
        .arguments = "RUN RUN... - show where runs differ",
    };
    guint count;

    if (!usage_parse(&spec, &argc, &argv, error)) {
        return false;
    }
    count = args->runs ? g_strv_length(args->runs) : 0;
    if (count < 2 || count > MAX_RUNS) {
        return fail(error, "%u run%s given; expected two to %d results "
                    "folders or kernels", count, count == 1 ? " is" :
                    "s are", MAX_RUNS);
    }
    return check_layer(args->layer, error);
}

static void print_each(const char *what, char **words)
{
    for (guint i = 0; words && words[i]; i++) {
        printf("%s %s\n", what, words[i]);
    }
}

/* The results of the kernel @name, once; NULL: it is a folder itself. */
static char *ran_where(CompareArgs *args, const char *name)
{
    gsize length = strlen(name);

    for (guint i = 0; args->ran && args->ran[i]; i++) {
        if (strncmp(args->ran[i], name, length) == 0 &&
            args->ran[i][length] == '=') {
            char *dir = g_strdup(args->ran[i] + length + 1);

            args->ran[i][0] = '\0';
            return dir;
        }
    }
    return NULL;
}

static Results *load(CompareArgs *args, const char *name, GError **error)
{
    g_autofree char *dir = ran_where(args, name);
    Results *run = results_load(dir ? dir : name, error);

    if (run && dir) {
        g_free(run->name);
        run->name = g_strdup(name);
    }
    return run;
}

static bool matches(char **globs, const char *text)
{
    for (guint i = 0; globs && globs[i]; i++) {
        if (text && fnmatch(globs[i], text, 0) == 0) {
            return true;
        }
    }
    return !globs;
}

/* Keeps the cases that were chosen. */
static void choose(Results *run, const CompareArgs *args)
{
    guint i = 0;

    while (i < run->records->len) {
        JsonObject *record = g_ptr_array_index(run->records, i);
        const char *name = json_util_string(record, "case");

        if (matches(args->filters, name) &&
            matches(args->suites, json_util_string(record, "suite"))) {
            i++;
            continue;
        }
        g_hash_table_remove(run->by_case, name);
        g_ptr_array_remove_index(run->records, i);
    }
}

static GPtrArray *load_all(CompareArgs *args, GError **error)
{
    g_autoptr(GPtrArray) runs =
        g_ptr_array_new_with_free_func((GDestroyNotify)results_free);
    guint cases = 0;

    for (guint i = 0; args->runs[i]; i++) {
        Results *run = load(args, args->runs[i], error);

        if (!run) {
            return NULL;
        }
        choose(run, args);
        cases += run->records->len;
        g_ptr_array_add(runs, run);
    }
    if (cases == 0) {
        fail(error, "no run has a case that --suite and --filter "
                  "choose");
        return NULL;
    }
    return g_steal_pointer(&runs);
}

static bool differ(JsonObject *comparison)
{
    return json_array_get_length(json_util_array(comparison, "differing")) ||
           json_array_get_length(json_util_array(comparison, "only"));
}

int command_compare(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) runs = NULL;
    g_autoptr(JsonObject) comparison = NULL;
    g_auto(CompareArgs) args = { 0 };

    if (!parse(&args, argc, argv, &error)) {
        usage_complain("compare", error);
        return EXIT_TROUBLE;
    }
    if (args.plan) {
        print_each("run", args.runs);
        print_each("suite", args.suites);
        print_each("filter", args.filters);
        return 0;
    }
    runs = load_all(&args, &error);
    if (!runs) {
        fprintf(stderr, "nvme-fi: compare: %s\n", error->message);
        return EXIT_TROUBLE;
    }
    comparison = compare_results(runs);
    if (args.layer) {
        compare_keep_layer(comparison, args.layer);
    }
    if (args.json) {
        g_autofree char *text = json_util_object_text(comparison);

        puts(text);
    } else {
        compare_show(comparison, args.all, stdout);
    }
    if (fflush(stdout) != 0) {
        fputs("nvme-fi: cannot write the output\n", stderr);
        return EXIT_TROUBLE;
    }
    return differ(comparison) ? EXIT_DIFFER : 0;
}
