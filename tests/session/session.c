/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a session; see session.h.
 */
#include "session-internal.h"

#include "accel.h"
#include "cases.h"
#include "json-util.h"
#include "kernel-line.h"
#include "outcome.h"
#include "record.h"
#include "render.h"
#include "run.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Seconds that a guest may be silent beyond the program's own time: what it
 * takes to end a program, and to collect. */
#define SLACK 45


static int complain(const char *text)
{
    fprintf(stderr, "%s%s\n",
            g_str_has_prefix(text, "nvme-fi: ") ? "" : "nvme-fi: ", text);
    return SESSION_TROUBLE;
}

static RecordContext record_context(Session *session)
{
    return (RecordContext) {
        .suite = session->options->shell ? "shell" : "exec",
        .kernel = session->kernel,
        .qemu = boot_qemu_version(session->boot),
        .repro = "",
        .blk = session->blk,
        .observe = true,
    };
}

static void on_joined(void *opaque, Evidence *evidence)
{
    Session *session = opaque;
    RecordContext context = record_context(session);
    Verdict verdict;

    g_clear_pointer(&session->record, json_object_unref);
    session->record = record_new(&context, evidence, &verdict);
}

/* The end */

static void save_record(Session *session)
{
    g_autofree char *text = json_util_object_text(session->record);
    g_autofree char *line = g_strconcat(text, "\n", NULL);
    g_autofree char *path = g_build_filename(session->dir, "results.jsonl",
                                             NULL);
    g_autofree char *junit = g_build_filename(session->dir, "junit.xml",
                                              NULL);
    g_autoptr(GPtrArray) records = g_ptr_array_new();
    g_autoptr(GError) error = NULL;

    g_ptr_array_add(records, session->record);
    if (!g_file_set_contents(path, line, -1, &error) ||
        !render_junit(records, NULL, junit, &error)) {
        session->status = complain(error->message);
    }
}

/* The guest was lost while the program ran. */
static void record_lost(Session *session, const BootOutcome *outcome)
{
    RecordContext context = record_context(session);
    Verdict verdict = outcome->end == BOOT_HANG ? VERDICT_TIMEOUT :
                      outcome->end == BOOT_PANIC ? VERDICT_FAIL :
                      VERDICT_ERROR;
    JsonObject *record = record_new_lost(&context, session->name, 0,
                                         outcome->device, verdict,
                                         outcome->reason);
    g_autofree char *reason = g_strdup(outcome->reason);

    json_object_set_string_member(record, "console", outcome->console_tail);
    session->record = record;
    outcome_judge(session->options, session->story->rules, record);
    json_object_set_string_member(record, "verdict", verdict_name(verdict));
    json_object_set_string_member(record, "reason", reason);
    session->status = outcome->end == BOOT_HANG ? SESSION_TIMEOUT :
                      SESSION_TROUBLE;
}

static void settle(Session *session, const BootOutcome *outcome)
{
    if (outcome->end == BOOT_COMPLETE && session->record) {
        session->status = outcome_judge(session->options,
                                        session->story->rules,
                                        session->record);
        return;
    }
    g_clear_pointer(&session->record, json_object_unref);
    session->status = complain(outcome->reason);
    if (session->begun) {
        record_lost(session, outcome);
    }
    if (session->begun || outcome->end == BOOT_NO_HELLO) {
        fprintf(stderr, "%s", outcome->console_tail);
    }
}

static void on_done(void *opaque, const BootOutcome *outcome)
{
    Session *session = opaque;

    streams_finish(session->streams);
    settle(session, outcome);
    g_main_loop_quit(session->loop);
}

static const BootHandlers handlers = {
    .hello = session_on_hello,
    .begin = session_on_begin,
    .joined = on_joined,
    .done = on_done,
    .request = session_on_request,
};

/* The beginning */

static bool write_rules(Session *session, GError **error)
{
    g_autofree char *path = g_build_filename(session->dir, STORY_FILE, NULL);
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_ARRAY);
    g_autofree char *text = NULL;

    json_node_set_array(node, session->story->rules);
    text = json_util_node_text(node);
    return g_file_set_contents(path, text, -1, error);
}

static Plan *make_plan(Session *session)
{
    Plan *plan = g_new0(Plan, 1);
    bool done = false;

    plan->suite = g_strdup("session");
    plan->names = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(plan->names, g_strdup(session->name));
    plan->done = g_array_new(FALSE, FALSE, sizeof(bool));
    g_array_append_val(plan->done, done);
    plan->machine = session->story->machine;
    return plan;
}

/* KVM is tried with a suite. */
static const char *choose_accel(const Options *options, const char *dir)
{
    g_autoptr(GPtrArray) plans = NULL;

    if (g_str_equal(options->accel, "auto") &&
        access("/dev/kvm", R_OK | W_OK) == 0) {
        plans = cases_plan(options, NULL, NULL);
    }
    return plans || !g_str_equal(options->accel, "auto") ?
           accel_choose(options, plans ? g_ptr_array_index(plans, 0) : NULL,
                        dir) : "tcg";
}

static bool boot(Session *session, GError **error)
{
    const SessionOptions *o = session->options;
    Plan *plan = make_plan(session);
    g_autofree char *append = kernel_line(plan, NULL, error);
    g_autofree char *console = g_build_filename(session->dir, "console-1.log",
                                                NULL);
    g_autofree char *errors = g_build_filename(session->dir, "qemu-1.stderr",
                                               NULL);
    BootConfig config = {
        .qemu = {
            .binary = o->runner->qemu,
            .firmware = o->runner->firmware,
            .kernel = o->runner->kernel_image,
            .initrd = o->image,
            .accel = choose_accel(o->runner, session->dir),
            .append = append,
            .machine = session->story->machine,
            .dir = session->dir,
            .stderr_file = errors,
            .session = true,
        },
        .console_file = console,
        .boot_timeout = o->runner->boot_timeout,
        /* the guest reports what it sees while the program runs */
        .case_timeout = o->timeout ? o->timeout + SLACK : 0,
    };
    StreamsConfig streams = {
        .dir = o->shell ? NULL : session->dir,
        .tty = o->shell,
        .input = o->shell || !isatty(STDIN_FILENO),
    };

    plan->machine = NULL;
    plan_free(plan);
    if (!append || !write_rules(session, error) ||
        !machine_create_images(session->story->machine, session->dir,
                               error) ||
        !(session->boot = boot_start(&config, &handlers, session, error))) {
        return false;
    }
    session->streams = streams_new(boot_qemu(session->boot), &streams, error);
    return session->streams;
}

/* The first one is the program's; who repeats it means us. */
static void take_signal(Session *session, int number)
{
    if (session->signals++ || !session->begun) {
        boot_stop(session->boot, "interrupted");
    } else {
        streams_signal(session->streams, number);
    }
}

static gboolean on_interrupt(gpointer opaque)
{
    take_signal(opaque, SIGINT);
    return G_SOURCE_CONTINUE;
}

static gboolean on_terminate(gpointer opaque)
{
    take_signal(opaque, SIGTERM);
    return G_SOURCE_CONTINUE;
}

static gboolean on_hangup(gpointer opaque)
{
    take_signal(opaque, SIGHUP);
    return G_SOURCE_CONTINUE;
}

static void serve(Session *session)
{
    g_autoptr(GError) error = NULL;

    session->server = server_new(session->options->shell ? "shell" : "exec",
                                 boot_qmp(session->boot), &error);
    if (!session->server) {
        fprintf(stderr, "nvme-fi: no 'nvme-fi rules' for this machine: %s\n",
                error->message);
    }
}

static void run(Session *session)
{
    guint sources[] = {
        g_unix_signal_add(SIGINT, on_interrupt, session),
        g_unix_signal_add(SIGTERM, on_terminate, session),
        g_unix_signal_add(SIGHUP, on_hangup, session),
    };

    signal(SIGPIPE, SIG_IGN);
    session->loop = g_main_loop_new(NULL, FALSE);
    serve(session);
    session_try_rules(session);
    g_main_loop_run(session->loop);
    g_main_loop_unref(session->loop);
    for (guint i = 0; i < G_N_ELEMENTS(sources); i++) {
        g_source_remove(sources[i]);
    }
    server_free(session->server);
    machine_remove_images(session->story->machine, session->dir);
    if (session->record) {
        save_record(session);
        if (!session->options->shell &&
            (session->options->summary || isatty(STDERR_FILENO))) {
            outcome_summary(session->record, session->dir);
        }
    }
}

static void session_clear(Session *session)
{
    streams_free(session->streams);
    boot_free(session->boot);
    story_free(session->story);
    blk_table_free(session->blk);
    g_clear_pointer(&session->record, json_object_unref);
    g_free(session->dir);
    g_free(session->name);
    g_free(session->kernel);
}

int session_run(const SessionOptions *options)
{
    g_autoptr(GError) error = NULL;
    Session session = {
        .options = options,
        .name = outcome_case_name(options),
        .status = SESSION_TROUBLE,
    };

    if ((session.blk = blk_table_load(options->runner->expect_dir, &error)) &&
        (session.story = story_new(options, &error)) &&
        (session.dir = run_results_dir(options->runner, &error)) &&
        boot(&session, &error)) {
        run(&session);
    } else {
        complain(error->message);
    }
    session_clear(&session);
    return session.status;
}
