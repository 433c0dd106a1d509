/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of one boot; see boot.h.
 */
#include "boot-internal.h"

#include "json-util.h"

/* Deadlines in seconds for what needs no guest. */
#define SALVAGE_TIMEOUT 3
#define QUIT_TIMEOUT 5
#define PANIC_TIMEOUT 5

static gboolean on_deadline(gpointer opaque);

static void arm(Boot *boot, guint seconds)
{
    g_clear_handle_id(&boot->deadline, g_source_remove);
    boot->deadline = g_timeout_add(seconds * 1000, on_deadline, boot);
}

void boot_progress(Boot *boot)
{
    if (boot->phase != PHASE_RUN || boot->panic) {
        return;
    }
    if (boot->case_timeout) {
        arm(boot, boot->case_timeout);
    } else {
        g_clear_handle_id(&boot->deadline, g_source_remove);
    }
}

void boot_again(Boot *boot)
{
    boot->phase = PHASE_BOOT;
    boot->again = true;
    arm(boot, boot->boot_timeout);
}

static void enter(Boot *boot, BootPhase phase, guint seconds)
{
    boot->phase = phase;
    arm(boot, seconds);
}

/* The end */

static gboolean on_done(gpointer opaque)
{
    Boot *boot = opaque;
    g_autofree char *tail = console_tail(boot->console);
    g_autofree char *words = qemu_last_words(boot->qemu);
    BootOutcome outcome = {
        .end = boot->end,
        .reason = boot->reason,
        .console_tail = tail,
        .qemu_words = words,
        .write_error = console_write_error(boot->console),
        .qemu_version = qmp_version(boot->qmp),
        .running = boot->running,
        .device = boot->salvaged,
        .garbage = results_garbage(boot->results),
        .refused = control_refused(boot->control),
    };

    boot->idle = 0;
    boot->handlers->done(boot->opaque, &outcome);
    return G_SOURCE_REMOVE;
}

static void finish(Boot *boot)
{
    if (boot->phase == PHASE_DONE) {
        return;
    }
    if (!boot->reason) {
        bool cut = results_cut_off(boot->results) > 0;
        g_autofree char *words = qemu_last_words(boot->qemu);

        boot->end = boot_lost_end(boot);
        boot->reason = g_strdup_printf(
            "%s%s%s%s", boot->exit ? boot->exit : "QEMU closed its ports",
            words ? ": " : "", words ? words : "",
            cut ? "; its last report was cut off" : "");
    }
    boot->phase = PHASE_DONE;
    g_clear_handle_id(&boot->deadline, g_source_remove);
    g_clear_handle_id(&boot->idle, g_source_remove);
    boot->idle = g_idle_add(on_done, boot);
}

void boot_finish_if_over(void *opaque)
{
    Boot *boot = opaque;

    if (boot->exit && results_is_closed(boot->results) &&
        console_is_closed(boot->console) && qmp_is_closed(boot->qmp)) {
        finish(boot);
    }
}

static void on_exited(void *opaque, const char *how)
{
    Boot *boot = opaque;

    g_free(boot->exit);
    boot->exit = g_strdup(how);
    boot_finish_if_over(boot);
}

static void on_quit_reply(G_GNUC_UNUSED void *opaque,
                          G_GNUC_UNUSED JsonNode *value,
                          G_GNUC_UNUSED JsonObject *error)
{
}

static void quit(Boot *boot)
{
    enter(boot, PHASE_QUIT, QUIT_TIMEOUT);
    qmp_execute(boot->qmp, "quit", NULL, on_quit_reply, boot);
}

/* The drive's evidence */

static void on_batch_collected(void *opaque, DeviceEvidence *evidence)
{
    Boot *boot = opaque;

    if (!evidence) {
        control_collected(boot->control, "the drive's evidence is missing");
        boot_settle(boot, BOOT_UNUSABLE,
               g_strdup_printf("QEMU failed query-nvme-fi-log, query-nvme-fi "
                               "or nvme-fi-clear (%s): is it the patched "
                               "one?", collector_error(boot->collector)));
        return;
    }
    join_add_device(boot->join, boot->batch, evidence);
    control_collected(boot->control, NULL);
    boot_progress(boot);
}

static void on_salvaged(void *opaque, DeviceEvidence *evidence)
{
    Boot *boot = opaque;

    if (boot->phase == PHASE_SALVAGE) {
        device_evidence_free(boot->salvaged);
        boot->salvaged = evidence;
        quit(boot);
    } else {
        device_evidence_free(evidence);
    }
}

static void on_collect(void *opaque, gint64 batch)
{
    Boot *boot = opaque;

    if (boot->reason) {
        control_collected(boot->control, "the run is over");
        return;
    }
    boot->batch = batch;
    boot_progress(boot);
    collector_query(boot->collector, on_batch_collected, boot);
}

void boot_settle(Boot *boot, BootEnd end, char *reason)
{
    if (boot->reason) {
        g_free(reason);
        return;
    }
    boot->end = end;
    boot->reason = reason;
    g_clear_handle_id(&boot->idle, g_source_remove);
    if (boot->running != BOOT_NO_CASE && !qmp_is_closed(boot->qmp) &&
        end != BOOT_STOPPED) {
        enter(boot, PHASE_SALVAGE, SALVAGE_TIMEOUT);
        collector_query(boot->collector, on_salvaged, boot);
    } else {
        quit(boot);
    }
}

/* The sentence on a deadline that passed before the end had a cause. */
static char *silence_reason(Boot *boot)
{
    const char *command = qmp_waiting_for(boot->qmp);

    if (boot->panic) {
        return boot_panic_reason(boot);
    }
    if (boot->phase == PHASE_BOOT) {
        return g_strdup_printf("the guest said nothing for %u s%s",
                               boot->boot_timeout,
                               boot->again ? " after a reset" : "");
    }
    if (command) {
        return g_strdup_printf("QEMU did not answer '%s' within %u s",
                               command, boot->case_timeout);
    }
    return g_strdup_printf("the guest reported nothing for %u s",
                           boot->case_timeout);
}

static gboolean on_deadline(gpointer opaque)
{
    Boot *boot = opaque;

    boot->deadline = 0;
    switch (boot->phase) {
    case PHASE_BOOT:
        boot_settle(boot, boot->again ? BOOT_HANG : BOOT_NO_HELLO,
                    silence_reason(boot));
        break;
    case PHASE_RUN:
        boot_settle(boot, boot->panic ? BOOT_PANIC : BOOT_HANG,
               silence_reason(boot));
        break;
    case PHASE_SALVAGE:
        quit(boot);
        break;
    case PHASE_QUIT:
        enter(boot, PHASE_KILL, QUIT_TIMEOUT);
        qemu_kill(boot->qemu);
        break;
    case PHASE_KILL:
    case PHASE_DONE:
        finish(boot);
        break;
    }
    return G_SOURCE_REMOVE;
}

/* QMP and console */

static void on_broken(void *opaque, const char *what)
{
    boot_settle(opaque, BOOT_UNUSABLE, g_strdup(what));
}

static void on_panic(void *opaque, const char *line)
{
    Boot *boot = opaque;

    boot->panic = g_strdup(line);
    if (boot->phase <= PHASE_RUN) {
        arm(boot, PANIC_TIMEOUT);
    }
}

static const QmpHandlers qmp_handlers = {
    .ready = boot_on_qmp_ready,
    .event = boot_on_event,
    .broken = on_broken,
    .closed = boot_finish_if_over,
};

static void on_joined(void *opaque, Evidence *evidence)
{
    Boot *boot = opaque;

    boot->handlers->joined(boot->opaque, evidence);
}

static void on_request(void *opaque, const char *command,
                       JsonObject *arguments)
{
    Boot *boot = opaque;

    boot->handlers->request(boot->opaque, command, arguments);
}

Boot *boot_start(const BootConfig *config, const BootHandlers *handlers,
                 void *opaque, GError **error)
{
    Boot *boot = g_new0(Boot, 1);

    boot->handlers = handlers;
    boot->opaque = opaque;
    boot->machine = config->qemu.machine;
    boot->boot_timeout = config->boot_timeout;
    boot->case_timeout = config->case_timeout;
    boot->running = BOOT_NO_CASE;
    boot->join = join_new(on_joined, boot);
    boot->qemu = qemu_start(&config->qemu, on_exited, boot, error);
    if (boot->qemu) {
        boot->console = console_new(
            qemu_take_port(boot->qemu, QEMU_PORT_CONSOLE),
            config->console_file, on_panic, boot_finish_if_over, boot, error);
    }
    if (!boot->console) {
        boot_free(boot);
        return NULL;
    }
    boot->qmp = qmp_new(qemu_take_port(boot->qemu, QEMU_PORT_QMP),
                        &qmp_handlers, boot);
    boot->collector = boot_collector(boot);
    if (config->qemu.session) {
        collector_gather(boot->collector);
    }
    boot->control = control_new(
        qemu_take_port(boot->qemu, QEMU_PORT_CONTROL), &(ControlConfig) {
            .qmp = boot->qmp,
            .collector = boot->collector,
            .machine = boot->machine,
            .dir = config->qemu.dir,
            .collect = on_collect,
            .request = handlers->request ? on_request : NULL,
            .opaque = boot,
        });
    boot->results = results_new(
        qemu_take_port(boot->qemu, QEMU_PORT_RESULTS),
        &boot_results_handlers, boot);
    arm(boot, config->boot_timeout);
    return boot;
}

void boot_free(Boot *boot)
{
    if (!boot) {
        return;
    }
    g_clear_handle_id(&boot->deadline, g_source_remove);
    g_clear_handle_id(&boot->idle, g_source_remove);
    qemu_free(boot->qemu);
    control_free(boot->control);
    results_free(boot->results);
    console_free(boot->console);
    collector_free(boot->collector);
    qmp_free(boot->qmp);
    join_free(boot->join);
    device_evidence_free(boot->salvaged);
    g_free(boot->reason);
    g_free(boot->panic);
    g_free(boot->shutdown);
    g_free(boot->exit);
    g_free(boot);
}

void boot_stop(Boot *boot, const char *reason)
{
    boot_settle(boot, BOOT_STOPPED, g_strdup(reason));
}

void boot_refuse(Boot *boot, const char *reason)
{
    boot_settle(boot, BOOT_UNUSABLE, g_strdup(reason));
}

void boot_answer(Boot *boot, JsonNode *value, const char *error)
{
    control_answer(boot->control, value, error);
}

Qemu *boot_qemu(Boot *boot)
{
    return boot->qemu;
}

Qmp *boot_qmp(Boot *boot)
{
    return boot->qmp;
}

const char *boot_qemu_version(const Boot *boot)
{
    return qmp_version(boot->qmp);
}
