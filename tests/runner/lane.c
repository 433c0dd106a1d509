/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running a suite to its end; see lane.h.
 */
#include "lane.h"

#include "boot.h"
#include "json-util.h"
#include "kernel-line.h"
#include "launcher-name.h"
#include "record.h"

#include <glib/gstdio.h>
#include <string.h>

/* Boots in a row that gave no record, before the run gives up. */
#define MAX_FRUITLESS 2

struct Lane {
    LaneConfig config;
    Plan *plan;
    void (*done)(void *opaque);
    void *opaque;
    Boot *boot;
    char *kernel;           /* uname -r of the guest, from its hello */
    char *qemu;             /* version */
    char *repro;
    bool observe;
    guint reboots;
    guint fruitless;
    guint records;          /* of this boot */
    gint64 boot_began;      /* monotonic, microseconds */
    guint idle;             /* source */
};

static void start_boot(Lane *lane);

static RecordContext record_context(Lane *lane)
{
    const char *version = lane->boot ? boot_qemu_version(lane->boot) : NULL;

    if (version && !lane->qemu) {
        lane->qemu = g_strdup(version);
    }
    return (RecordContext) {
        .suite = lane->plan->suite,
        .kernel = lane->kernel,
        .qemu = lane->qemu,
        .repro = lane->repro,
        .blk = lane->config.blk,
        .observe = lane->observe,
    };
}

/* Takes @record. */
static void add_record(Lane *lane, guint ordinal, JsonObject *record,
                       Verdict verdict)
{
    g_autoptr(GError) error = NULL;

    plan_set_done(lane->plan, ordinal);
    lane->records++;
    if (!report_add(lane->config.report, record, verdict, &error)) {
        report_abort(lane->config.report, error->message);
        if (lane->boot) {
            boot_stop(lane->boot, error->message);
        }
    }
}

static void add_lost(Lane *lane, guint ordinal, const BootOutcome *outcome,
                     Verdict verdict, const char *reason)
{
    RecordContext context = record_context(lane);
    JsonObject *record = record_new_lost(
        &context, g_ptr_array_index(lane->plan->names, ordinal), ordinal,
        outcome->device, verdict, reason);

    json_object_set_string_member(record, "console", outcome->console_tail);
    if (outcome->qemu_words) {
        json_object_set_string_member(record, "qemu-stderr",
                                      outcome->qemu_words);
    }
    add_record(lane, ordinal, record, verdict);
}

/* What the guest reports */

static char *on_hello(void *opaque, const char *kernel, gint64 cases,
                      bool expectations)
{
    Lane *lane = opaque;

    g_autofree char *up = g_strdup_printf(
        "kernel %s is up after %.1f s (%s)", kernel,
        (g_get_monotonic_time() - lane->boot_began) / 1e6,
        lane->config.accel);

    report_note(lane->config.report, up);
    g_free(lane->kernel);
    lane->kernel = g_strdup(kernel);
    if (cases != lane->plan->names->len) {
        return g_strdup_printf(
            "suite %s has %" G_GINT64_FORMAT " cases in the guest and %u "
            "here: --initrd and --guest-dir are not of one build, or "
            "--kernel-image is not %s", lane->plan->suite, cases,
            lane->plan->names->len, kernel);
    }
    if (!expectations && !lane->observe) {
        g_autofree char *note = g_strdup_printf(
            "no expectations are known for kernel %s: observed, not judged",
            kernel);

        report_note(lane->config.report, note);
        lane->observe = true;
    }
    return NULL;
}

static bool is_planned(Lane *lane, guint ordinal, const char *name)
{
    return ordinal < lane->plan->names->len && name &&
           g_str_equal(g_ptr_array_index(lane->plan->names, ordinal), name);
}

static void on_begin(void *opaque, guint ordinal, const char *name)
{
    Lane *lane = opaque;

    if (!is_planned(lane, ordinal, name)) {
        g_autofree char *reason = g_strdup_printf(
            "the guest began case %u '%s', which is not in the plan",
            ordinal, name);

        report_abort(lane->config.report, reason);
        boot_stop(lane->boot, reason);
    }
}

static void on_joined(void *opaque, Evidence *evidence)
{
    Lane *lane = opaque;
    RecordContext context = record_context(lane);
    guint ordinal = evidence->ordinal;
    JsonObject *record;
    Verdict verdict;

    if (!is_planned(lane, ordinal,
                    json_util_string(evidence->message, "case")) ||
        plan_is_done(lane->plan, ordinal)) {
        report_abort(lane->config.report, "the guest reported a case that "
                     "it was not asked to run");
        boot_stop(lane->boot, "a case that is not in the plan");
        return;
    }
    record = record_new(&context, evidence, &verdict);
    add_record(lane, ordinal, record, verdict);
}

/* After a boot */

static void give_up(Lane *lane, const BootOutcome *outcome)
{
    Report *report = lane->config.report;
    g_autofree char *reason = NULL;
    bool nothing = report_added(report) == 0;

    reason = g_strdup_printf(
        "%s: %s%s%s", nothing ? "the guest never ran a case" :
        "the guest is lost for good", outcome->reason,
        outcome->console_tail[0] ? "; the end of its console:\n" :
        "; its console is empty", outcome->console_tail);
    report_abort(report, reason);
    for (guint i = 0; !nothing && i < lane->plan->names->len; i++) {
        if (!plan_is_done(lane->plan, i)) {
            g_autofree char *why = g_strdup_printf("not run: %s",
                                                   outcome->reason);

            add_lost(lane, i, outcome, VERDICT_ERROR, why);
        }
    }
}

/* The suite said bye: whatever has no record was left out by the guest. */
static void settle_complete(Lane *lane, const BootOutcome *outcome)
{
    for (guint i = 0; i < lane->plan->names->len; i++) {
        if (!plan_is_done(lane->plan, i)) {
            add_lost(lane, i, outcome, VERDICT_ERROR,
                     "the guest said bye and had not reported this case");
        }
    }
}

/* The case that ran when the guest was lost gets the blame, by name. */
static void settle_lost(Lane *lane, const BootOutcome *outcome)
{
    guint ordinal = outcome->running;
    g_autofree char *note = NULL;

    if (ordinal != BOOT_NO_CASE && !plan_is_done(lane->plan, ordinal)) {
        add_lost(lane, ordinal, outcome,
                 outcome->end == BOOT_PANIC ? VERDICT_FAIL :
                 outcome->end == BOOT_HANG ? VERDICT_TIMEOUT :
                 VERDICT_ERROR, outcome->reason);
    }
    lane->fruitless = lane->records ? 0 : lane->fruitless + 1;
    if (lane->fruitless >= MAX_FRUITLESS ||
        ++lane->reboots > LANE_MAX_REBOOTS) {
        give_up(lane, outcome);
        return;
    }
    note = g_strdup_printf("%s; the rest goes on in a new boot",
                           outcome->reason);
    report_note(lane->config.report, note);
}

static gboolean on_next(gpointer opaque)
{
    Lane *lane = opaque;

    lane->idle = 0;
    if (report_is_aborted(lane->config.report) ||
        plan_first_undone(lane->plan) == lane->plan->names->len) {
        if (!report_is_aborted(lane->config.report)) {
            machine_remove_images(lane->plan->machine, lane->config.dir);
        }
        lane->done(lane->opaque);
    } else {
        start_boot(lane);
    }
    return G_SOURCE_REMOVE;
}

static void note_refused(Lane *lane, const BootOutcome *outcome)
{
    g_autofree char *note = NULL;

    if (outcome->garbage || outcome->refused) {
        note = g_strdup_printf("the guest sent %u lines that are no report "
                               "and %u requests that were refused",
                               outcome->garbage, outcome->refused);
        report_note(lane->config.report, note);
    }
}

static void on_boot_done(void *opaque, const BootOutcome *outcome)
{
    Lane *lane = opaque;

    record_context(lane);
    note_refused(lane, outcome);
    if (outcome->write_error) {
        report_abort(lane->config.report, outcome->write_error);
    }
    switch (outcome->end) {
    case BOOT_COMPLETE:
        settle_complete(lane, outcome);
        break;
    case BOOT_STOPPED:
        report_abort(lane->config.report, outcome->reason);
        break;
    case BOOT_UNUSABLE:
        give_up(lane, outcome);
        break;
    case BOOT_NO_HELLO:
    case BOOT_PANIC:
    case BOOT_HANG:
    case BOOT_LOST:
        if (report_is_aborted(lane->config.report)) {
            break;
        }
        if (outcome->end == BOOT_NO_HELLO && !lane->kernel) {
            give_up(lane, outcome);
        } else {
            settle_lost(lane, outcome);
        }
        break;
    }
    g_clear_pointer(&lane->boot, boot_free);
    lane->idle = g_idle_add(on_next, lane);
}

/* Before a boot */

static const BootHandlers boot_handlers = {
    .hello = on_hello,
    .begin = on_begin,
    .joined = on_joined,
    .done = on_boot_done,
};

static bool try_boot(Lane *lane, GError **error)
{
    const Options *options = lane->config.options;
    guint number = ++*lane->config.boots;
    g_autofree char *append = kernel_line(
        lane->plan, (const char *const *)options->filters, error);
    g_autofree char *initrd = append ?
        plan_image(lane->plan, options->initrd, error) : NULL;
    g_autofree char *console = g_strdup_printf("%s/console-%u.log",
                                               lane->config.dir, number);
    g_autofree char *errors = g_strdup_printf("%s/qemu-%u.stderr",
                                              lane->config.dir, number);
    BootConfig config = {
        .qemu = {
            .binary = options->qemu,
            .firmware = options->firmware,
            .kernel = options->kernel_image,
            .initrd = initrd,
            .accel = lane->config.accel,
            .append = append,
            .machine = lane->plan->machine,
            .dir = lane->config.dir,
            .stderr_file = errors,
        },
        .console_file = console,
        .boot_timeout = options->boot_timeout,
        .case_timeout = MAX((guint)options->timeout,
                            lane->plan->machine->timeout),
    };

    if (!initrd) {
        return false;
    }
    lane->records = 0;
    lane->boot_began = g_get_monotonic_time();
    if (!machine_create_images(lane->plan->machine, lane->config.dir,
                               error)) {
        return false;
    }
    lane->boot = boot_start(&config, &boot_handlers, lane, error);
    return lane->boot;
}

static void start_boot(Lane *lane)
{
    g_autoptr(GError) error = NULL;

    if (!try_boot(lane, &error)) {
        report_abort(lane->config.report, error->message);
        lane->idle = g_idle_add(on_next, lane);
    }
}

Lane *lane_start(const LaneConfig *config, Plan *plan,
                 void (*done)(void *opaque), void *opaque)
{
    Lane *lane = g_new0(Lane, 1);

    lane->config = *config;
    lane->plan = plan;
    lane->done = done;
    lane->opaque = opaque;
    lane->observe = config->options->observe;
    lane->repro = g_strdup_printf("%s run --kernel %s", launcher_name(),
                                  config->options->kernel_name);
    lane->idle = g_idle_add(on_next, lane);
    return lane;
}

void lane_free(Lane *lane)
{
    if (!lane) {
        return;
    }
    g_clear_handle_id(&lane->idle, g_source_remove);
    boot_free(lane->boot);
    g_free(lane->kernel);
    g_free(lane->qemu);
    g_free(lane->repro);
    g_free(lane);
}

void lane_stop(Lane *lane, const char *reason)
{
    report_abort(lane->config.report, reason);
    if (lane->boot) {
        boot_stop(lane->boot, reason);
    }
}
