/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names, and lines of text; see show.h.
 */
#include "show-internal.h"

#include <string.h>

#include "engine/names.h"

#define FABRICS_OPCODE 0x7f
#define NS_PER_SEC G_GINT64_CONSTANT(1000000000)

/* NVMe Base 2.2, figure 105: what these values mean for Fabrics commands; the
 * engine accepts the names and shows those of the NVM command set. */
static const FieldValue fabrics_status[] = {
    { 0x180, "incompatible-format" }, { 0x181, "controller-busy" },
    { 0x182, "connect-invalid-parameters" },
    { 0x183, "connect-restart-discovery" },
    { 0x184, "connect-invalid-host" }, { 0x185, "invalid-queue-type" },
    { 0, NULL },
};

/* NVMe Base 2.2, figures "Asynchronous Event Information": by type. */
static const char *const event_types[] = {
    "error", "smart-health", "notice", "immediate", "one-shot", "reserved",
    "io-command-set", "vendor-specific",
};

static const FieldValue event_infos[] = {
    { 0x000, "write-to-invalid-doorbell" },
    { 0x001, "invalid-doorbell-write-value" },
    { 0x002, "diagnostic-failure" }, { 0x003, "persistent-internal-error" },
    { 0x004, "transient-internal-error" },
    { 0x005, "firmware-image-load-error" }, { 0x100, "reliability" },
    { 0x101, "temperature-threshold" }, { 0x102, "spare-below-threshold" },
    { 0x200, "attached-namespace-attribute-changed" },
    { 0x201, "firmware-activation-starting" },
    { 0x202, "telemetry-log-changed" },
    { 0x203, "asymmetric-namespace-access-change" },
    { 0x204, "predictable-latency-event-aggregate-log-change" },
    { 0x205, "lba-status-information-alert" },
    { 0x206, "endurance-group-event-aggregate-log-change" },
    { 0x2ef, "zone-descriptor-changed" },
    { 0x2f0, "discovery-log-page-change" },
    { 0x2f1, "host-discovery-log-page-change" },
    { 0x600, "reservation-log-page-available" },
    { 0x601, "sanitize-operation-completed" }, { 0, NULL },
};

const char *show_opcode(const EventCommand *command)
{
    static char number[24];
    const char *name;

    if (!command->named) {
        return "unknown";
    }
    name = command->set == FIELDS_FABRICS ?
           fields_fabrics_name(command->fctype) :
           fi_opcode_name(command->set == FIELDS_ADMIN, command->opcode);
    if (name) {
        return name;
    }
    g_snprintf(number, sizeof(number), "%s-0x%02x",
               command->set == FIELDS_FABRICS ? "fabrics" :
               command->opcode >= 0x80 ? "vendor" : "opcode",
               command->set == FIELDS_FABRICS ? command->fctype :
               command->opcode);
    return number;
}

const char *show_status_name(const EventCommand *command, guint status)
{
    const char *name = NULL;

    if (command->named && command->set == FIELDS_FABRICS) {
        name = fields_value_name(fabrics_status, status & 0x7ff);
    }
    return name ? name : fi_status_name(status);
}

bool show_field_value(const EventCommand *command, const Field *field,
                      guint64 *value)
{
    guint64 all = field->width == 64 ? G_MAXUINT64 :
                  (G_GUINT64_CONSTANT(1) << field->width) - 1;

    *value = fields_read(command->bytes, field);
    if (field->style == FIELD_COUNT) {
        ++*value;
    }
    return fields_read(command->known, field) == all;
}

const Field *show_fields(const EventCommand *command)
{
    return fields_of(command->set, command->set == FIELDS_FABRICS ?
                     command->fctype : command->opcode);
}

bool show_range(const EventCommand *command, guint64 *slba, guint64 *count)
{
    const Field *field = show_fields(command);
    bool found = false;
    guint64 value;

    *count = 1;
    for (; command->named && field->name; field++) {
        if (!show_field_value(command, field, &value)) {
            continue;
        }
        if (!strcmp(field->name, "slba") || !strcmp(field->name, "zslba") ||
            !strcmp(field->name, "sdlba")) {
            *slba = value;
            found = true;
        } else if (!strcmp(field->name, "nlb")) {
            *count = value;
        }
    }
    return found;
}

gint64 show_nanoseconds(const Command *command)
{
    if (command->setup_ns == LINE_NO_TIME ||
        command->done_ns == LINE_NO_TIME ||
        command->done_ns < command->setup_ns) {
        return LINE_NO_TIME;
    }
    return command->done_ns - command->setup_ns;
}

char *show_duration(gint64 ns)
{
    if (ns < 1000) {
        return g_strdup_printf("%d ns", (int)ns);
    }
    if (ns < 1000000) {
        return g_strdup_printf("%.1f us", ns / 1e3);
    }
    if (ns < NS_PER_SEC) {
        return g_strdup_printf("%.1f ms", ns / 1e6);
    }
    return g_strdup_printf("%.2f s", ns / 1e9);
}

static void add_time(GString *out, gint64 ns)
{
    if (ns == LINE_NO_TIME) {
        g_string_append(out, "           - ");
        return;
    }
    g_string_append_printf(out, "%5" G_GINT64_FORMAT ".%06d ",
                           ns / NS_PER_SEC, (int)(ns % NS_PER_SEC / 1000));
}

static void add_ctrl(GString *out, const Event *event)
{
    g_string_append(out, event->target ? "nvmet" : "nvme");
    if (event->ctrl == EVENT_NO_CTRL) {
        g_string_append_c(out, '_');
    } else {
        g_string_append_printf(out, "%d", event->ctrl);
    }
}

static void add_fields(GString *out, const EventCommand *command, bool all)
{
    const Field *field = show_fields(command);
    guint64 value;

    for (; command->named && field->name; field++) {
        const char *name;

        if (!show_field_value(command, field, &value) ||
            !(value || all || field->always)) {
            continue;
        }
        g_string_append_printf(out, field->style == FIELD_HEX ?
                               " %s=0x%" G_GINT64_MODIFIER "x" :
                               " %s=%" G_GUINT64_FORMAT, field->name, value);
        name = fields_value_name(field->values, value);
        if (name) {
            g_string_append_printf(out, ":%s", name);
        }
    }
    if (command->rest) {
        g_string_append_printf(out, " kernel=\"%s\"", command->rest);
    }
}

static void add_status(GString *out, const Command *command)
{
    const char *name = show_status_name(&command->event.command,
                                        command->status);
    guint crd = command->status >> 11 & 3;

    g_string_append_printf(out, " -> %s", name ? name : "status");
    if (command->status || !name) {
        g_string_append_printf(out, " (%x/%02xh", command->status >> 8 & 7,
                               command->status & 0xff);
        g_string_append(out, command->status & 0x4000 ? ", DNR" : "");
        g_string_append(out, command->status & 0x2000 ? ", More" : "");
        if (crd) {
            g_string_append_printf(out, ", CRD %u", crd);
        }
        g_string_append_c(out, ')');
    }
    if (command->result) {
        g_string_append_printf(out, " result=0x%" G_GINT64_MODIFIER "x",
                               command->result);
    }
}

static void add_end(GString *out, const Command *command)
{
    gint64 duration = show_nanoseconds(command);

    if (command->state == COMMAND_OPEN) {
        g_string_append(out, command->replaced ?
                        " -> no completion seen, identifier used again" :
                        " -> no completion seen");
    } else {
        add_status(out, command);
    }
    if (duration != LINE_NO_TIME) {
        g_autofree char *text = show_duration(duration);

        g_string_append_printf(out, " in %s", text);
    }
    if (command->retries || command->requeued) {
        g_string_append_printf(out, ", attempt %u", command->retries + 1);
    }
    if (command->requeued) {
        g_string_append(out, ", requeued");
    }
    if (command->has_block && command->block.error) {
        const char *name = strerrorname_np(ABS(command->block.error));

        g_string_append_printf(out, ", block error %s", name ? name : "?");
    }
    if (command->flags & COMMAND_CANCELLED) {
        g_string_append(out, ", given up by the driver");
    }
    if (command->state == COMMAND_NO_SETUP) {
        g_string_append(out, ", no set-up seen");
    }
}

void show_text(GString *out, const Command *command, bool all)
{
    const Event *event = &command->event;

    add_time(out, command->setup_ns == LINE_NO_TIME ? command->done_ns :
             command->setup_ns);
    add_ctrl(out, event);
    if (event->disk[0]) {
        g_string_append_printf(out, " %s", event->disk);
    }
    g_string_append_printf(out, " qid=%u cid=%u", event->qid, event->cid);
    if (event->command.named && event->command.set != FIELDS_FABRICS &&
        !event->no_nsid) {
        g_string_append_printf(out, " nsid=%u", event->nsid);
    }
    g_string_append_printf(out, " %s", show_opcode(&event->command));
    if (event->flags & 3) {
        g_string_append(out, event->flags & 1 ? " fused-first" :
                        " fused-second");
    }
    add_fields(out, &event->command, all);
    add_end(out, command);
    if (all && command->has_sq) {
        g_string_append_printf(out, ", sq head=%u tail=%u", command->sq_head,
                               command->sq_tail);
    }
    g_string_append_c(out, '\n');
}

const char *show_async_type(const Event *event)
{
    return event->target ? "notice" : event_types[event->result & 7];
}

const char *show_async_info(const Event *event)
{
    /* a target's event holds the information only, of any type */
    guint info = event->target ? 0x200 | (event->result & 0xff) :
                 (event->result & 7) << 8 | (event->result >> 8 & 0xff);

    return fields_value_name(event_infos, info);
}

void show_async_text(GString *out, const Event *event, gint64 ns)
{
    const char *info = show_async_info(event);

    add_time(out, ns);
    add_ctrl(out, event);
    g_string_append_printf(out, " asynchronous event %s",
                           show_async_type(event));
    g_string_append_printf(out, info ? " %s" : "%s", info ? info : "");
    g_string_append_printf(out, " (0x%08x", (guint)event->result);
    if (!event->target) {
        const char *log = fields_value_name(field_lid_values,
                                            event->result >> 16 & 0xff);

        g_string_append_printf(out, ", log page %s", log ? log : "unknown");
    }
    g_string_append(out, ")\n");
}
