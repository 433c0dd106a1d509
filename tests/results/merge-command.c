/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 'nvme-fi merge': command line, the merged folder and the exit status.
 */
#include "commands.h"

#include "evidence.h"
#include "fail.h"
#include "json-util.h"
#include "merge.h"
#include "report.h"
#include "usage.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>

#define EXIT_CANNOT 1
#define EXIT_USAGE 2

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Report, report_free)

static const char about[] =
    "DIR is a results folder of 'nvme-fi run --shard I/N'. The cases are\n"
    "put into the order of a run without shards, whatever the order of the\n"
    "folders, and shown as such a run shows them. --out must not exist yet.\n"
    "\n"
    "Exit status: as that of the run: 0 only if nothing failed, nothing is\n"
    "missing, and something passed or was observed; 1 otherwise, or if the\n"
    "folders do not belong together; 2 the command line is wrong.\n";

typedef struct MergeArgs {
    char **dirs;
    char *out;
    gboolean partial;
    gboolean json;
} MergeArgs;

static void merge_args_clear(MergeArgs *args)
{
    g_strfreev(args->dirs);
    g_free(args->out);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MergeArgs, merge_args_clear)

static bool parse(MergeArgs *args, int argc, char **argv, GError **error)
{
    const GOptionEntry entries[] = {
        { "out", 0, 0, G_OPTION_ARG_FILENAME, &args->out,
          "Folder for what is merged", "DIR" },
        { "partial", 0, 0, G_OPTION_ARG_NONE, &args->partial,
          "Merge although shards are missing", NULL },
        { "json", 0, 0, G_OPTION_ARG_NONE, &args->json,
          "Print the table as one JSON object", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &args->dirs,
          "", NULL },
        G_OPTION_ENTRY_NULL
    };
    const UsageSpec spec = {
        .command = "merge", .entries = entries, .about = about,
        .arguments = "DIR... - put the shards of a run together",
    };

    if (!usage_parse(&spec, &argc, &argv, error)) {
        return false;
    }
    if (!args->dirs) {
        return fail(error, "no results folder is given");
    }
    if (!args->out) {
        return fail(error, "--out DIR is missing");
    }
    if (g_file_test(args->out, G_FILE_TEST_EXISTS)) {
        return fail(error, "--out %s: it is there already; name a new "
                         "folder", args->out);
    }
    return true;
}

static GPtrArray *load_parts(const MergeArgs *args, GError **error)
{
    g_autoptr(GPtrArray) parts =
        g_ptr_array_new_with_free_func((GDestroyNotify)part_free);

    for (guint i = 0; args->dirs[i]; i++) {
        Part *part = part_load(args->dirs[i], error);

        if (!part) {
            return NULL;
        }
        g_ptr_array_add(parts, part);
    }
    return merge_check(parts, args->partial, error) ?
           g_steal_pointer(&parts) : NULL;
}

static bool find_verdict(JsonObject *record, Verdict *verdict, GError **error)
{
    const char *name = json_util_string(record, "verdict");

    for (Verdict v = 0; v < VERDICT_COUNT; v++) {
        if (g_strcmp0(name, verdict_name(v)) == 0) {
            *verdict = v;
            return true;
        }
    }
    return fail(error, "case %s: '%s' is no verdict",
                     json_util_string(record, "case"), name ? name : "");
}

static bool check_records(GPtrArray *records, GError **error)
{
    Verdict verdict;

    for (guint i = 0; i < records->len; i++) {
        JsonObject *record = g_ptr_array_index(records, i);

        if (!find_verdict(record, &verdict, error)) {
            return false;
        }
        if (!json_util_string(record, "reason") ||
            !json_util_string(record, "suite")) {
            return fail(error, "case %s: no 'suite' or no 'reason'",
                             json_util_string(record, "case"));
        }
    }
    return true;
}

/* run.json of all: that of a part, without the shard. */
static bool write_run(const char *out, GPtrArray *parts, guint total,
                      GError **error)
{
    const Part *first = g_ptr_array_index(parts, 0);
    g_autofree char *path = g_build_filename(out, "run.json", NULL);
    g_autoptr(GList) names = json_object_get_members(first->run);
    g_autoptr(JsonObject) run = json_object_new();
    g_autofree char *text = NULL;
    g_autofree char *line = NULL;

    for (GList *name = names; name; name = name->next) {
        if (g_strcmp0(name->data, "shard") != 0) {
            json_util_set_copy(run, name->data,
                               json_object_get_member(first->run,
                                                      name->data));
        }
    }
    json_object_set_int_member(run, "cases", total);
    text = json_util_object_text(run);
    line = g_strdup_printf("%s\n", text);
    return g_file_set_contents(path, line, -1, error);
}

static Report *add_all(const MergeArgs *args, GPtrArray *parts,
                       GPtrArray *records, GError **error)
{
    const Part *first = g_ptr_array_index(parts, 0);
    JsonArray *filters = json_util_array(first->run, "filters");
    ReportConfig config = {
        .dir = args->out,
        .json = args->json,
        .total = merge_total(parts),
        .chosen = filters && json_array_get_length(filters) > 0,
    };
    g_autoptr(Report) report = report_new(&config, error);

    for (guint i = 0; report && i < records->len; i++) {
        JsonObject *record = g_ptr_array_index(records, i);
        Verdict verdict;

        if (!find_verdict(record, &verdict, error) ||
            !report_add(report, json_object_ref(record), verdict, error)) {
            return NULL;
        }
    }
    return g_steal_pointer(&report);
}

static Report *merge(const MergeArgs *args, GError **error)
{
    g_autoptr(GPtrArray) parts = load_parts(args, error);
    g_autoptr(GPtrArray) records = parts ? merge_records(parts) : NULL;

    if (!records || !check_records(records, error)) {
        return NULL;
    }
    if (g_mkdir_with_parents(args->out, 0755) != 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                    "--out %s: %s", args->out, g_strerror(errno));
        return NULL;
    }
    return evidence_copy(parts, args->out, error) &&
           write_run(args->out, parts, merge_total(parts), error) ?
           add_all(args, parts, records, error) : NULL;
}

int command_merge(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_auto(MergeArgs) args = { 0 };
    g_autoptr(Report) report = NULL;

    if (!parse(&args, argc, argv, &error)) {
        usage_complain("merge", error);
        return EXIT_USAGE;
    }
    report = merge(&args, &error);
    if (!report) {
        fprintf(stderr, "nvme-fi: merge: %s\n", error->message);
        return EXIT_CANNOT;
    }
    return report_finish(report);
}
