/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From options to an exit status; see run.h.
 */
#include "run.h"

#include "accel.h"
#include "cases.h"
#include "json-util.h"
#include "kernel-image.h"
#include "lane.h"
#include "run-info.h"
#include "usage.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Exit status for what the user has to change, as getopt programs have it. */
#define EXIT_USAGE 2

typedef struct Run {
    const Options *options;
    GMainLoop *loop;
    LaneConfig lane_config;
    GPtrArray *plans;
    guint next;             /* plan */
    guint boots;
    Lane *lane;
} Run;

static int complain(const Options *options, const GError *error)
{
    usage_complain(options_command_name(options), error);
    return EXIT_USAGE;
}

/* What no other command line would mend. */
static int cannot(const Options *options, const GError *error)
{
    fprintf(stderr, "nvme-fi: %s: %s\n", options_command_name(options),
            error->message);
    return EXIT_FAILURE;
}

/* Whose images the launcher makes. */
static void print_suites(GPtrArray *plans)
{
    for (guint i = 0; i < plans->len; i++) {
        puts(((const Plan *)g_ptr_array_index(plans, i))->suite);
    }
}

static void print_names_json(GPtrArray *plans)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_ARRAY);
    g_autofree char *text = NULL;
    JsonArray *array = json_array_new();

    for (guint i = 0; i < plans->len; i++) {
        const Plan *plan = g_ptr_array_index(plans, i);

        for (guint k = 0; k < plan->names->len; k++) {
            JsonObject *object = json_object_new();

            json_object_set_string_member(object, "case", g_ptr_array_index(
                plan->names, k));
            json_object_set_string_member(object, "suite", plan->suite);
            json_array_add_object_element(array, object);
        }
    }
    json_node_take_array(node, array);
    text = json_util_node_text(node);
    puts(text);
}

int run_list(const Options *options)
{
    g_autofree char *release = NULL;
    g_autoptr(GPtrArray) plans = NULL;
    g_autoptr(GError) error = NULL;

    if (options->kernel_image) {
        release = kernel_image_release(options->kernel_image, &error);
        if (!release) {
            return complain(options, error);
        }
    }
    plans = cases_plan(options, release, &error);
    if (!plans) {
        return complain(options, error);
    }
    if (options->check) {
        print_suites(plans);
        return 0;
    }
    if (options->json) {
        print_names_json(plans);
        return fflush(stdout) == 0 ? 0 : 1;
    }
    for (guint i = 0; i < plans->len; i++) {
        const Plan *plan = g_ptr_array_index(plans, i);

        for (guint k = 0; k < plan->names->len; k++) {
            puts((const char *)g_ptr_array_index(plan->names, k));
        }
    }
    return fflush(stdout) == 0 ? 0 : 1;
}

/* results/<time>, with results/latest pointing to it. */
static char *new_results_dir(GError **error)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *base = g_date_time_format(now, "%Y%m%d-%H%M%S");
    g_autofree char *dir = NULL;
    int status = -1;

    errno = 0;
    if (g_mkdir_with_parents("results", 0755) == 0) {
        for (int i = 0; i < 100; i++) {
            g_free(dir);
            dir = i ? g_strdup_printf("results/%s-%d", base, i) :
                  g_strdup_printf("results/%s", base);
            status = g_mkdir(dir, 0755);
            if (status == 0 || errno != EEXIST) {
                break;
            }
        }
    }
    if (status != 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                    "cannot create a folder in results/: %s",
                    g_strerror(errno));
        return NULL;
    }
    g_unlink("results/latest");
    if (symlink(dir + strlen("results/"), "results/latest") != 0) {
        g_printerr("nvme-fi: cannot renew results/latest: %s\n",
                   g_strerror(errno));
    }
    return g_steal_pointer(&dir);
}

char *run_results_dir(const Options *options, GError **error)
{
    if (!options->out) {
        return new_results_dir(error);
    }
    if (g_mkdir_with_parents(options->out, 0755) != 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                    "--out %s: %s", options->out, g_strerror(errno));
        return NULL;
    }
    return g_strdup(options->out);
}

static gboolean start_lane(gpointer opaque);

static void on_lane_done(void *opaque)
{
    Run *run = opaque;

    /* The lane is freed from the loop, not from inside of its own call. */
    g_idle_add(start_lane, run);
}

/* The next suite, or the end. */
static gboolean start_lane(gpointer opaque)
{
    Run *run = opaque;

    g_clear_pointer(&run->lane, lane_free);
    if (run->next == run->plans->len ||
        report_is_aborted(run->lane_config.report)) {
        g_main_loop_quit(run->loop);
    } else {
        run->lane = lane_start(&run->lane_config,
                               g_ptr_array_index(run->plans, run->next++),
                               on_lane_done, run);
    }
    return G_SOURCE_REMOVE;
}

static gboolean on_signal(gpointer opaque)
{
    Run *run = opaque;

    if (run->lane) {
        lane_stop(run->lane, "interrupted");
    }
    return G_SOURCE_CONTINUE;
}

static int run_plans(Run *run)
{
    guint signals[] = {
        g_unix_signal_add(SIGINT, on_signal, run),
        g_unix_signal_add(SIGTERM, on_signal, run),
        g_unix_signal_add(SIGHUP, on_signal, run),
    };

    run->loop = g_main_loop_new(NULL, FALSE);
    g_idle_add(start_lane, run);
    g_main_loop_run(run->loop);
    g_main_loop_unref(run->loop);
    for (guint i = 0; i < G_N_ELEMENTS(signals); i++) {
        g_source_remove(signals[i]);
    }
    return report_finish(run->lane_config.report);
}

static guint count_cases(GPtrArray *plans)
{
    guint total = 0;

    for (guint i = 0; i < plans->len; i++) {
        total += ((const Plan *)g_ptr_array_index(plans, i))->names->len;
    }
    return total;
}

int run_all(const Options *options)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *release = kernel_image_release(options->kernel_image,
                                                    &error);
    g_autoptr(BlkTable) blk = NULL;
    g_autoptr(GPtrArray) plans = NULL;
    g_autofree char *dir = NULL;
    Run run = { .options = options };
    const char *accel;
    guint cases;
    int status;

    if (!release ||
        !(blk = blk_table_load(options->expect_dir, &error)) ||
        !(plans = cases_plan(options, release, &error)) ||
        !(dir = run_results_dir(options, &error))) {
        return complain(options, error);
    }
    run.plans = plans;
    cases = count_cases(plans);
    accel = accel_choose(options, g_ptr_array_index(plans, 0), dir);
    if (!run_info_write(dir, options, plans, cases, accel, &error)) {
        return cannot(options, error);
    }
    run.lane_config = (LaneConfig) {
        .options = options,
        .accel = accel,
        .dir = dir,
        .blk = blk,
        .boots = &run.boots,
        .report = report_new(&(ReportConfig) {
            .dir = dir,
            .total = cases,
            .tap = options->tap,
            .ktap = options->ktap ? plans : NULL,
            .json = options->json,
            .shard = options->shard,
            .chosen = options->filters,
        }, &error),
    };
    if (!run.lane_config.report) {
        return cannot(options, error);
    }
    status = run_plans(&run);
    report_free(run.lane_config.report);
    return status;
}
