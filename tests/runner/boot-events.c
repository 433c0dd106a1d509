/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What QEMU says in the life of a boot; see boot-internal.h.
 */
#include "boot-internal.h"

#include "json-util.h"

/* Resets of the machine, with no case complete between, before it is lost. */
#define MAX_RESETS 16

char *boot_panic_reason(const Boot *boot)
{
    return g_strdup_printf("kernel panic: %s", boot->panic);
}

BootEnd boot_lost_end(const Boot *boot)
{
    return boot->phase == PHASE_BOOT && !boot->again ? BOOT_NO_HELLO :
           boot->panic ? BOOT_PANIC : BOOT_LOST;
}

Collector *boot_collector(Boot *boot)
{
    const Machine *machine = boot->machine;
    Collector *collector =
        collector_new(boot->qmp, (const char *const *)machine->controllers);

    for (guint i = 0; machine->unplugged[i]; i++) {
        collector_gone(collector, machine->unplugged[i]);
    }
    return collector;
}

static void settle_stopped(Boot *boot)
{
    boot_settle(boot, boot_lost_end(boot),
                boot->panic ? boot_panic_reason(boot) :
                g_strdup_printf("the guest ended before the suite did (%s)",
                                boot->shutdown));
}

/* The guest boots again; the suite goes on where its note says. */
void boot_settle_reset(Boot *boot)
{
    if (!boot->was_reset || boot->phase > PHASE_RUN) {
        return;
    }
    boot->was_reset = false;
    if (boot->panic) {
        boot_settle(boot, BOOT_PANIC, boot_panic_reason(boot));
    } else if (!control_has_note(boot->control)) {
        boot_settle(boot, boot_lost_end(boot),
                    g_strdup("the machine was reset and no case had expected "
                             "that"));
    } else if (++boot->resets > MAX_RESETS) {
        boot_settle(boot, BOOT_LOST,
                    g_strdup_printf("the machine was reset %u times and no "
                                    "case ended", boot->resets));
    } else {
        boot_again(boot);
    }
}

/* All that the guest wrote before was read. */
static gboolean on_machine(gpointer opaque)
{
    Boot *boot = opaque;

    boot->idle = 0;
    if (boot->shutdown) {
        settle_stopped(boot);
    } else {
        boot_settle_reset(boot);
    }
    return G_SOURCE_REMOVE;
}

void boot_on_event(void *opaque, const char *name, JsonObject *data)
{
    Boot *boot = opaque;
    const char *why = json_util_string(data, "reason");
    const char *device = json_util_string(data, "device");

    if (g_str_equal(name, "DEVICE_DELETED") && device) {
        control_deleted(boot->control, device);
        return;
    }
    if (g_str_equal(name, "SHUTDOWN") && !boot->shutdown) {
        boot->shutdown = g_strdup(why ? why : "no reason given");
    } else if (g_str_equal(name, "RESET") && boot->machine->reset) {
        boot->was_reset = true;
        control_reset(boot->control);
    } else {
        return;
    }
    if (!boot->reason && !boot->idle) {
        /* What was written to the other ports comes first. */
        boot->idle = g_idle_add_full(G_PRIORITY_LOW, on_machine, boot, NULL);
    }
}

/* A stock QEMU is found out before the guest has booted. */
static void on_first_query(void *opaque, G_GNUC_UNUSED JsonNode *value,
                           JsonObject *error)
{
    Boot *boot = opaque;

    if (error) {
        const char *desc = json_util_string(error, "desc");

        boot_settle(boot, BOOT_UNUSABLE,
               g_strdup_printf("QEMU cannot inject faults into '%s' (%s): is "
                               "it the patched one?",
                               boot->machine->controllers[0],
                               desc ? desc : "no reason given"));
    }
}

void boot_on_qmp_ready(void *opaque)
{
    Boot *boot = opaque;
    const char *first = boot->machine->controllers[0];
    g_autoptr(JsonObject) arguments = json_object_new();

    if (!first || g_strv_contains(
        (const char *const *)boot->machine->unplugged, first)) {
        return;
    }
    json_object_set_string_member(arguments, "device", first);
    qmp_execute(boot->qmp, "query-nvme-fi", arguments, on_first_query, boot);
}
