/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of JSON; see show.h.
 */
#include "show-internal.h"

#include <string.h>

static void add_name(GString *out, const char *name)
{
    if (out->len && out->str[out->len - 1] != '{') {
        g_string_append_c(out, ',');
    }
    g_string_append_printf(out, "\"%s\":", name);
}

/* The input was made valid UTF-8 without control characters. */
static void add_string(GString *out, const char *name, const char *value)
{
    add_name(out, name);
    g_string_append_c(out, '"');
    for (; *value; value++) {
        if (*value == '"' || *value == '\\') {
            g_string_append_c(out, '\\');
        }
        g_string_append_c(out, *value == '\t' ? ' ' : *value);
    }
    g_string_append_c(out, '"');
}

static void add_int(GString *out, const char *name, gint64 value)
{
    add_name(out, name);
    g_string_append_printf(out, "%" G_GINT64_FORMAT, value);
}

static void add_u64(GString *out, const char *name, guint64 value)
{
    add_name(out, name);
    g_string_append_printf(out, "%" G_GUINT64_FORMAT, value);
}

static void add_bool(GString *out, const char *name, bool value)
{
    add_name(out, name);
    g_string_append(out, value ? "true" : "false");
}

static void add_time(GString *out, const char *name, gint64 ns)
{
    if (ns != LINE_NO_TIME) {
        add_int(out, name, ns);
    }
}

static void add_ctrl(GString *out, const Event *event)
{
    add_string(out, "side", event->target ? "target" : "host");
    if (event->ctrl != EVENT_NO_CTRL) {
        add_int(out, "ctrl", event->ctrl);
    }
}

static void add_names(GString *out, const EventCommand *command)
{
    const Field *field = show_fields(command);
    guint64 value;

    add_name(out, "names");
    g_string_append_c(out, '{');
    for (; field->name; field++) {
        const char *name = show_field_value(command, field, &value) ?
                           fields_value_name(field->values, value) : NULL;

        if (name) {
            add_string(out, field->name, name);
        }
    }
    g_string_append_c(out, '}');
}

static void add_fields(GString *out, const EventCommand *command)
{
    const Field *field = show_fields(command);
    guint64 value;

    add_name(out, "fields");
    g_string_append_c(out, '{');
    for (; field->name; field++) {
        if (show_field_value(command, field, &value)) {
            add_u64(out, field->name, value);
        }
    }
    g_string_append_c(out, '}');
    add_names(out, command);
    if (command->rest) {
        add_string(out, "kernel", command->rest);
    }
}

static void add_command(GString *out, const Event *event)
{
    const EventCommand *command = &event->command;

    if (!command->named) {
        return;
    }
    if (command->set != FIELDS_FABRICS && !event->no_nsid) {
        add_int(out, "nsid", event->nsid);
    }
    add_int(out, "opcode", command->opcode);
    if (command->set == FIELDS_FABRICS) {
        add_int(out, "fctype", command->fctype);
    }
    add_string(out, "name", show_opcode(command));
    add_int(out, "flags", event->flags);
    add_fields(out, command);
}

static void add_completion(GString *out, const Command *command)
{
    const char *name = show_status_name(&command->event.command,
                                        command->status);

    add_int(out, "status", command->status);
    if (name) {
        add_string(out, "status-name", name);
    }
    add_int(out, "crd", command->status >> 11 & 3);
    add_bool(out, "more", command->status & 0x2000);
    add_bool(out, "dnr", command->status & 0x4000);
    add_u64(out, "result", command->result);
    add_bool(out, "cancelled", command->flags & COMMAND_CANCELLED);
    add_bool(out, "user", command->flags & COMMAND_USER);
    add_int(out, "attempt", command->retries + 1);
    if (command->has_sq) {
        add_int(out, "sq-head", command->sq_head);
        add_int(out, "sq-tail", command->sq_tail);
    }
}

static void add_block(GString *out, const Command *command)
{
    const EventBlock *block = &command->block;
    const char *name;

    add_name(out, "block");
    g_string_append_printf(out, "{\"dev\":\"%u:%u\"", block->major,
                           block->minor);
    add_string(out, "op", block->op);
    add_u64(out, "sector", block->sector);
    add_u64(out, "sectors", block->sectors);
    add_int(out, "error", block->error);
    name = block->error ? strerrorname_np(ABS(block->error)) : NULL;
    if (name) {
        add_string(out, "errno", name);
    }
    add_bool(out, "ended", command->block_ended);
    add_bool(out, "requeued", command->requeued);
    g_string_append_c(out, '}');
}

void show_json(GString *out, const Command *command)
{
    static const char *const states[] = { "complete", "open", "no-setup" };
    const Event *event = &command->event;

    g_string_append_c(out, '{');
    add_string(out, "type", "command");
    add_string(out, "state", states[command->state]);
    add_time(out, "setup-ns", command->setup_ns);
    add_time(out, "complete-ns", command->done_ns);
    add_time(out, "duration-ns", show_nanoseconds(command));
    add_ctrl(out, event);
    if (event->disk[0]) {
        add_string(out, "disk", event->disk);
    }
    add_int(out, "qid", event->qid);
    add_int(out, "cid", event->cid);
    add_command(out, event);
    if (command->state != COMMAND_OPEN) {
        add_completion(out, command);
    } else if (command->replaced) {
        add_bool(out, "identifier-used-again", true);
    }
    if (command->has_block) {
        add_block(out, command);
    }
    g_string_append(out, "}\n");
}

void show_async_json(GString *out, const Event *event, gint64 ns)
{
    const char *info = show_async_info(event);

    g_string_append_c(out, '{');
    add_string(out, "type", "async-event");
    add_time(out, "time-ns", ns);
    add_ctrl(out, event);
    add_u64(out, "result", event->result);
    add_string(out, "event", show_async_type(event));
    if (info) {
        add_string(out, "information", info);
    }
    g_string_append(out, "}\n");
}

void show_other_json(GString *out, const char *text)
{
    g_string_append_c(out, '{');
    add_string(out, "type", "line");
    add_string(out, "text", text);
    g_string_append(out, "}\n");
}
