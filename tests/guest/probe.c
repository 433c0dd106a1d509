/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "probe": each admin command of a start fails once, by a status or
 * without an answer; what becomes of the controller, and what heals it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe.h"

/* Of a line of /dev/kmsg: warnings and what is worse. */
#define LEVEL_MASK 7
#define LEVEL_WARNING 4

#define MAX_MESSAGES 4

/* For a scan, and less than admin_timeout. */
#define SCAN_NS 600000000

static int kmsg = -1;
static bool pristine;           /* the controller is live with all it has */

const char *const probe_starts[STARTS] = {
    [BIND] = "bind", [RESET] = "reset",
};

static void add(Suite *suite, ProbeCase pc, const char *what, const char *how)
{
    ProbeCase *copy = malloc(sizeof(*copy));
    Buf name = { 0 };
    Case *c;

    buf_printf(&name, "probe/%s-%s%s%s", probe_starts[pc.start], what,
               how[0] ? "-" : "", how);
    if (copy) {
        *copy = pc;
    }
    c = suite_add(suite, name.data, copy);
    c->alone = true;
    if (pc.status && pc.status->only && pc.how == STATUS) {
        c->finding = pc.status->finding;
    } else if (probe_fate(&pc) == STUCK) {
        c->finding = pc.command->stuck;
    }
}

static void add_faults(Suite *suite, ProbeCase pc)
{
    const Status *status;
    char how[64];

    for (status = probe_statuses; status->name; status++) {
        if (!(status->starts & (1u << pc.start)) || (status->only &&
            strcmp(status->only, pc.command->name))) {
            continue;
        }
        pc.status = status;
        pc.how = STATUS;
        add(suite, pc, pc.command->name, status->name);
        pc.how = STATUS_DNR;
        snprintf(how, sizeof(how), "%s-dnr", status->name);
        add(suite, pc, pc.command->name, how);
    }
    pc.status = NULL;
    pc.how = LOST;
    if (!pc.command->lost_at || (pc.command->lost_at & (1u << pc.start))) {
        add(suite, pc, pc.command->name, "lost");
    }
}

static int load(Suite *suite)
{
    const Command *command;

    for (Start start = BIND; start < STARTS; start++) {
        add(suite, (ProbeCase){ SEQUENCE, start, NULL, STATUS, NULL },
            "sequence", "");
        for (command = probe_commands; command->name; command++) {
            if (probe_sends(suite, command, start)) {
                add_faults(suite, (ProbeCase){ FAULT, start, command, STATUS,
                                               NULL });
            }
        }
    }
    for (command = probe_commands; command->name; command++) {
        if (command->stuck && probe_sends(suite, command, BIND)) {
            add(suite, (ProbeCase){ FAULT, BIND, command, LOST, NULL },
                command->name, "lost");
        }
    }
    return 0;
}

static void add_match(const Command *command, Buf *buf)
{
    const char *key = command->opcode == 0x06 ? "cns" :
                      command->opcode == 0x02 ? "lid" : "fid";

    buf_printf(buf, "\"queue\":\"admin\",\"opcode\":\"0x%02x\"",
               command->opcode);
    if (command->select >= 0) {
        buf_printf(buf, ",\"%s\":%d", key, command->select);
    }
}

static void rules(Suite *suite, const Case *c, Buf *buf)
{
    const ProbeCase *pc = c->data;

    (void)suite;
    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u%s\",", c->ordinal,
               probe_fate(pc) == STUCK ? ".1" : "");
    if (pc->kind == SEQUENCE) {
        buf_puts(buf, "\"queue\":\"admin\",\"action\":\"none\"}");
        return;
    }
    if (probe_fate(pc) == STUCK) {
        /* The scan comes to its end before the reset that follows does. */
        buf_printf(buf, "\"queue\":\"admin\",\"opcode\":\"0x09\","
                   "\"fid\":7,\"skip\":1,\"times\":1,\"action\":\"none\","
                   "\"delay-ns\":%d},{\"id\":\"c%u\",", SCAN_NS,
                   c->ordinal);
    }
    add_match(pc->command, buf);
    buf_printf(buf, ",\"skip\":%u,\"times\":1", pc->command->nth - 1);
    if (pc->how == LOST) {
        buf_puts(buf, ",\"action\":\"drop\"}");
    } else {
        buf_printf(buf, ",\"action\":\"status\",\"status\":\"0x%03x\","
                   "\"dnr\":%s}", pc->status->value,
                   pc->how == STATUS_DNR ? "true" : "false");
    }
}

/* Each case finds the controller live.  What the driver sends while it lets
 * go of it, to delete queues, no rule of a bind waits for. */
static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const ProbeCase *pc = c->data;
    static bool opened;

    if (!opened) {
        out->skip = sys_open();
        opened = !out->skip;
    }
    if (pc->command && pc->command->hwmon) {
        suite_needs(suite, out, "CONFIG_NVME_HWMON");
    }
    if (!out->skip && pc->start == BIND) {
        sys_unbind();
        pristine = false;
    }
    kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    lseek(kmsg, 0, SEEK_END);
}

static int start(Start how)
{
    return how == BIND ? sys_bind() : sys_reset();
}

static void observe(Outcome *out, const char *key, bool settled,
                    const Seen *seen)
{
    buf_json_key(&out->observed, key);
    buf_puts(&out->observed, "{");
    buf_json_bool(&out->observed, "settled", settled);
    buf_json_str(&out->observed, "state", seen->state);
    if (!settled) {
        bool stuck = sys_stacks(&out->observed);

        buf_json_bool(&out->observed, "stuck", stuck);
    }
    if (seen->name[0]) {
        buf_json_str(&out->observed, "controller", seen->name);
        buf_json_int(&out->observed, "disks", seen->disk[0] != '\0');
    }
    if (seen->disk[0]) {
        buf_json_str(&out->observed, "disk", seen->disk);
        buf_json_int(&out->observed, "sectors", seen->sectors);
    }
    if (seen->sectors && settled) {
        buf_json_int(&out->observed, "queues", seen->queues);
        buf_json_int(&out->observed, "read", sys_read(seen));
    }
    buf_puts(&out->observed, "}");
}

static bool look(Outcome *out, const char *key, int resets)
{
    bool settled = sys_settle(resets);
    Seen seen;

    sys_look(&seen);
    observe(out, key, settled, &seen);
    return settled && !strcmp(seen.state, "live") && seen.sectors &&
           seen.queues == ALL_QUEUES;
}

/* Adds the text of @record if the driver warns with it. */
static bool add_warning(char *record, Buf *list)
{
    char *message = strchr(record, ';');

    if (!message || (strtoul(record, NULL, 10) & LEVEL_MASK) > LEVEL_WARNING ||
        strncmp(message + 1, "nvme", 4)) {
        return false;
    }
    message[strcspn(message, "\n")] = '\0';
    buf_json_sep(list);
    buf_json_string(list, message + 1, strlen(message + 1));
    return true;
}

/*
 * "warnings": how many lines of the driver there were; "messages": for each
 * that is expected the line that has it.
 */
static void observe_log(Suite *suite, const ProbeCase *pc, Outcome *out)
{
    const char *expected[MAX_MESSAGES];
    size_t n = probe_messages(suite, pc, expected, MAX_MESSAGES);
    Buf list = { 0 };
    char record[2048];
    ssize_t len;

    buf_puts(&list, "[");
    while ((len = read(kmsg, record, sizeof(record) - 1)) > 0) {
        record[len] = '\0';
        for (size_t i = 0; i < n; i++) {
            if (expected[i] && strstr(record, expected[i])) {
                expected[i] = NULL;
                break;
            }
        }
        add_warning(record, &list);
    }
    buf_puts(&list, "]");
    buf_json_key(&out->observed, "warnings");
    buf_puts(&out->observed, list.data);
    buf_json_key(&out->observed, "missing");
    buf_puts(&out->observed, "[");
    for (size_t i = 0; i < n; i++) {
        if (expected[i]) {
            buf_json_sep(&out->observed);
            buf_json_string(&out->observed, expected[i], strlen(expected[i]));
        }
    }
    buf_puts(&out->observed, "]");
    buf_free(&list);
}

static void heal(const ProbeCase *pc, Outcome *out)
{
    Heal how = probe_heal(pc);
    int ret = 0;

    if (how == HEAL_NOTHING) {
        return;
    }
    buf_json_str(&out->observed, "heal", probe_heals[how]);
    if (pc->start == RESET && probe_fate(pc) == GONE) {
        /* A controller that is dead cannot be reset. */
        ret = sys_reset();
        buf_json_str(&out->observed, "reset",
                     ret ? strerrorname_np(-ret) : NULL);
        sys_unbind();
    }
    switch (how) {
    case HEAL_RESCAN:
        ret = sys_rescan();
        break;
    case HEAL_RESET:
        ret = sys_reset();
        break;
    case HEAL_BIND:
        ret = sys_bind();
        break;
    case HEAL_PCI:
        ret = sys_pci_again();
        break;
    case HEAL_NOTHING:
        break;
    }
    buf_json_int(&out->observed, "heal-result", ret);
    pristine = look(out, "healed", 0);
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const ProbeCase *pc = c->data;
    long long since = probe_log_next(suite);
    int ret = start(pc->start);

    out->value = ret < 0 ? -1 : 0;
    out->error = -ret;
    pristine = look(out, "then", probe_resets(suite, pc));
    if (pc->kind == SEQUENCE) {
        probe_log_sequence(suite, c, since, out);
        return;
    }
    pristine &= !pc->command->sticks;
    probe_log_hit(suite, c, since, out);
    buf_json_int(&out->observed, "sent", probe_matches(suite, c));
    observe_log(suite, pc, out);
    heal(pc, out);
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)out;
    close(kmsg);
    /* What is stuck would not let go: such a case is the last. */
    if (!pristine && probe_fate(c->data) != STUCK) {
        sys_unbind();
        sys_bind();
        pristine = sys_settle(0);
    }
}

static const SuiteClass probe_class = {
    .name = "probe",
    .machine = "{\"kernel\":\"nvme_core.multipath=N "
               "nvme_core.admin_timeout=2 nvme.poll_queues=1\","
               "\"timeout\":120}",
    .no_disk = true,
    .admin = true,
    .functions = "nvme_timeout nvme_free_ctrl nvme_scan_ns_sequential "
                 "nvme_ns_remove",
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = probe_describe,
};

int main(int argc, char **argv)
{
    return suite_main(&probe_class, argc, argv);
}
