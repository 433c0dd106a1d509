/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "probe": what is expected of each case, from probe_commands.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "probe.h"

#define IO_BYTES 4096

/* Do Not Retry, in the 15 bits of a status. */
#define STATUS_BIT_DNR 0x4000

const char *const probe_heals[] = {
    [HEAL_NOTHING] = "nothing", [HEAL_RESCAN] = "rescan_controller",
    [HEAL_RESET] = "reset_controller", [HEAL_BIND] = "bind",
    [HEAL_PCI] = "remove and rescan of the PCI device",
};

bool probe_sends(const Suite *suite, const Command *command, Start start)
{
    const Version open = { 0, 0 };

    return (command->starts & (1u << start)) &&
           version_compare(suite->kernel, command->since) >= 0 &&
           (!version_compare(command->until, open) ||
            version_compare(suite->kernel, command->until) < 0);
}

bool probe_sends_now(Suite *suite, const Command *command, Start start)
{
    static int hwmon = -1;
    Outcome unused = { 0 };

    if (command->hwmon && hwmon < 0) {
        hwmon = suite_needs(suite, &unused, "CONFIG_NVME_HWMON");
    }
    return probe_sends(suite, command, start) && (!command->hwmon || hwmon);
}

/* Before 6.2 nvme_probe() left the start to nvme_reset_work(), and that
 * removed what it gave up, in the background. */
static bool starts_in_background(const Suite *suite)
{
    return version_compare(suite->kernel, (Version){ 6, 2 }) < 0;
}

static bool counts_as_success(const ProbeCase *pc)
{
    return pc->status && pc->status->only && pc->how == STATUS;
}

Fate probe_fate(const ProbeCase *pc)
{
    if (pc->kind == FAULT && pc->command->stuck && pc->start == BIND &&
        pc->how == LOST) {
        return STUCK;
    }
    return pc->kind == SEQUENCE || counts_as_success(pc) ? FINE :
           pc->command->fate[pc->start][pc->how];
}

Heal probe_heal(const ProbeCase *pc)
{
    switch (probe_fate(pc)) {
    case FINE:
    case STUCK:
        return HEAL_NOTHING;
    case NO_DISK:
        return pc->how == STATUS ? HEAL_RESCAN : HEAL_RESET;
    case NO_QUEUES:
        return HEAL_RESET;
    case GONE:
        return pc->how == STATUS_DNR ? HEAL_PCI : HEAL_BIND;
    }
    return HEAL_NOTHING;
}

int probe_resets(const Suite *suite, const ProbeCase *pc)
{
    bool lost = pc->kind == FAULT && pc->how == LOST &&
                pc->command->phase == RUNNING;

    return (pc->start == RESET || starts_in_background(suite)) + lost;
}

static const char *loss_message(const Command *command)
{
    switch (command->phase) {
    case STARTING:
        return "QID 0 timeout, disable controller";
    case RUNNING:
        return "QID 0 timeout, reset controller";
    case DISABLING:
    case NOBODY_WAITS:
        return NULL;
    }
    return NULL;
}

static const char *fate_message(const Suite *suite, const ProbeCase *pc)
{
    bool background = starts_in_background(suite);

    switch (probe_fate(pc)) {
    case NO_QUEUES:
        return pc->start == BIND || background ? "IO queues not created" :
               "IO queues lost";
    case GONE:
        if (background) {
            return "Removing after probe failure status: ";
        }
        /* really_probe() is silent about ENODEV. */
        return pc->start == RESET ? "Disabling device after reset failure: " :
               pc->command->error == ENODEV ? NULL : "failed with error";
    case FINE:
    case NO_DISK:
    case STUCK:
        return NULL;
    }
    return NULL;
}

size_t probe_messages(const Suite *suite, const ProbeCase *pc,
                      const char *list[], size_t max)
{
    const char *all[] = {
        pc->how == LOST ? loss_message(pc->command) :
        counts_as_success(pc) || pc->command->once ? NULL :
        pc->command->message,
        fate_message(suite, pc),
    };
    size_t n = 0;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && n < max; i++) {
        if (all[i]) {
            list[n++] = all[i];
        }
    }
    return n;
}

static void expect_start(const Suite *suite, const ProbeCase *pc, Buf *buf)
{
    bool background = starts_in_background(suite);
    int error = 0;

    if (probe_fate(pc) == GONE) {
        error = pc->start == RESET ? ENETRESET :
                background ? 0 : pc->command->error;
    }
    /* Whether the reset that follows is over when the first returns is not
     * said. */
    if (pc->start == RESET && pc->how == LOST &&
        pc->command->phase == RUNNING) {
        return;
    }
    buf_json_int(buf, "value", error ? -1 : 0);
    buf_json_str(buf, "errno", error ? strerrorname_np(error) : NULL);
}

static void expect_fine(int queues, Buf *buf)
{
    buf_printf(buf, "{\"settled\":true,\"state\":\"live\",\"controller\":"
               "\"nvme0\",\"disks\":1,\"disk\":\"nvme0n1\",\"queues\":%d,"
               "\"read\":%d}", queues, IO_BYTES);
}

static void expect_fate(const Suite *suite, const ProbeCase *pc, Buf *buf)
{
    switch (probe_fate(pc)) {
    case FINE:
        expect_fine(pc->command && pc->command->queues && pc->how != LOST ?
                    pc->command->queues : ALL_QUEUES, buf);
        break;
    case NO_DISK:
    case NO_QUEUES:
        buf_puts(buf, "{\"settled\":true,\"state\":\"live\",\"controller\":"
                 "\"nvme0\",\"disks\":0}");
        break;
    case GONE:
        if (pc->start == RESET && !starts_in_background(suite)) {
            /* nvme_mark_namespaces_dead(): a disk without blocks. */
            buf_puts(buf, "{\"settled\":true,\"state\":\"dead\","
                     "\"controller\":\"nvme0\",\"disks\":1,\"sectors\":0}");
        } else {
            buf_puts(buf, "{\"settled\":true,\"state\":\"none\"}");
        }
        break;
    case STUCK:
        buf_puts(buf, "{\"settled\":false,\"state\":\"connecting\","
                 "\"stuck\":true}");
        break;
    }
}

static void expect_heal(const Suite *suite, const ProbeCase *pc, Buf *buf)
{
    if (probe_heal(pc) == HEAL_NOTHING) {
        return;
    }
    if (pc->start == RESET && probe_fate(pc) == GONE) {
        /* nvme_change_ctrl_state() knows no way from DEAD to RESETTING. */
        buf_json_str(buf, "reset", starts_in_background(suite) ? "ENODEV" :
                     "EBUSY");
    }
    buf_json_int(buf, "heal-result", 0);
    buf_json_key(buf, "healed");
    expect_fine(ALL_QUEUES, buf);
}

static void expect_sequence(Suite *suite, const ProbeCase *pc, Buf *buf)
{
    /* A bind begins with the end of the controller that was there. */
    int hits = pc->start == BIND ? 2 * ALL_QUEUES : 0;
    const Command *command;

    buf_json_key(buf, "sequence");
    buf_puts(buf, "[");
    for (command = probe_commands; command->name; command++) {
        if (!probe_sends_now(suite, command, pc->start)) {
            continue;
        }
        hits++;
        if (command->phase != NOBODY_WAITS) {
            buf_json_sep(buf);
            buf_json_string(buf, command->name, strlen(command->name));
        }
    }
    buf_puts(buf, "]");
    buf_printf(buf, "}},\"device\":{\"hits\":%d}", hits);
}

/*
 * nvme_free_ctrl() is called when nobody refers to a controller any more: what
 * is given up is also freed, here or when its driver is unbound.
 */
static void expect_calls(Suite *suite, const ProbeCase *pc, Buf *buf)
{
    bool waits = pc->command->phase != NOBODY_WAITS;
    Buf spec = { 0 };

    /* nvme_dev_disable() waits with a timer of its own. */
    if (pc->command->phase != DISABLING) {
        buf_printf(&spec, "nvme_timeout%s", pc->how == LOST && waits ?
                   ">=1" : "=0");
    }
    if (probe_fate(pc) == GONE) {
        buf_puts(&spec, " nvme_free_ctrl=1");
    }
    if (pc->how != LOST) {
        bool list = !strcmp(pc->command->name, "identify-namespace-list");
        bool removed = pc->start == RESET && probe_fate(pc) != FINE;

        buf_printf(&spec, " nvme_scan_ns_sequential=%d nvme_ns_remove=%d",
                   list && (pc->how == STATUS_DNR ||
                            starts_in_background(suite)), removed);
    }
    if (spec.len) {
        suite_expect_calls(suite, buf, spec.data);
    }
    buf_free(&spec);
}

static void expect_fault(Suite *suite, const ProbeCase *pc, Buf *buf)
{
    const char *list[4];

    if (!probe_messages(suite, pc, list, 4) && !pc->command->once) {
        buf_puts(buf, ",\"warnings\":[]");
    }
    buf_puts(buf, ",\"missing\":[]");
    expect_heal(suite, pc, buf);
    if (pc->command->sent && pc->how != LOST) {
        buf_json_int(buf, "sent", pc->command->sent);
    }
    buf_printf(buf, ",\"hit\":{\"opcode\":%u,\"executed\":false",
               pc->command->opcode);
    if (pc->command->select >= 0) {
        buf_json_int(buf, "select", pc->command->select);
    }
    buf_json_int(buf, "status", pc->how == LOST ? -1 :
                 (int)(pc->status->value |
                       (pc->how == STATUS_DNR ? STATUS_BIT_DNR : 0)));
    buf_printf(buf, "}}},\"device\":{\"hits\":%d},\"driver\":{",
               probe_fate(pc) == STUCK ? 2 : 1);
    expect_calls(suite, pc, buf);
    buf_puts(buf, "}");
    if (pc->how == LOST && pc->command->phase != NOBODY_WAITS) {
        buf_puts(buf, ",\"elapsed_ns\":{\"min\":2000000000}");
    }
}

/* Its number since CC.EN; 0 or less: before that. */
static int place(Suite *suite, const ProbeCase *pc)
{
    const Command *command;
    int n = 0;

    for (command = probe_commands; command <= pc->command; command++) {
        n += probe_sends_now(suite, command, pc->start) &&
             command->phase != DISABLING;
    }
    return n;
}

void probe_describe(Suite *suite, const Case *c, const Outcome *out,
                    Buf *record)
{
    const ProbeCase *pc = c->data;

    (void)out;
    buf_json_key(record, "stimulus");
    buf_printf(record, "{\"op\":\"%s\"", probe_starts[pc->start]);
    if (pc->kind == FAULT) {
        buf_json_int(record, "n", place(suite, pc));
        buf_json_str(record, "command", pc->command->name);
        buf_json_str(record, "fault", pc->status ? pc->status->name : "lost");
    }
    buf_puts(record, "}");
    buf_json_str(record, "from", pc->command ? pc->command->from :
                 "nvme_probe,nvme_reset_work,nvme_start_ctrl,nvme_scan_work");
    buf_json_key(record, "expected");
    buf_puts(record, "{\"result\":{");
    expect_start(suite, pc, record);
    buf_json_key(record, "observed");
    buf_puts(record, "{\"then\":");
    expect_fate(suite, pc, record);
    if (pc->kind == SEQUENCE) {
        expect_sequence(suite, pc, record);
    } else {
        expect_fault(suite, pc, record);
    }
    buf_puts(record, "}");
}
