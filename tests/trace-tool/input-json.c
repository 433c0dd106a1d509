/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of JSON: messages with raw trace lines, records of results.jsonl, and
 * answers of query-nvme-fi-log with the commands as the drive saw them.
 */
#include "input.h"

#include <string.h>

#include "json-util.h"

#define SQE_DIGITS 128
#define CQE_DIGITS 32
#define SQE_CDW10 40            /* byte; NVMe Base 2.2, figure "Common
                                   Command Format" */

static bool parse_hex(const char *text, guint8 *bytes, gsize digits)
{
    if (!text || strlen(text) != digits) {
        return false;
    }
    for (gsize i = 0; i < digits; i += 2) {
        if (!g_ascii_isxdigit(text[i]) || !g_ascii_isxdigit(text[i + 1])) {
            return false;
        }
        bytes[i / 2] = g_ascii_xdigit_value(text[i]) << 4 |
                       g_ascii_xdigit_value(text[i + 1]);
    }
    return true;
}

static guint64 le(const guint8 *bytes, guint count)
{
    guint64 value = 0;

    while (count-- > 0) {
        value = value << 8 | bytes[count];
    }
    return value;
}

static void take_entries(Command *command, JsonObject *object)
{
    Event *event = &command->event;
    guint8 sqe[SQE_DIGITS / 2], cqe[CQE_DIGITS / 2];

    if (parse_hex(json_util_string(object, "sqe"), sqe, SQE_DIGITS)) {
        event->flags = sqe[1];
        event->no_nsid = false;
        event->nsid = le(sqe + 4, 4);
        event->command.fctype = event->command.opcode == 0x7f ? sqe[4] : 0;
        memcpy(event->command.bytes, sqe + SQE_CDW10, FIELDS_BYTES);
        memset(event->command.known, 0xff, FIELDS_BYTES);
    }
    if (parse_hex(json_util_string(object, "cqe"), cqe, CQE_DIGITS)) {
        command->result = le(cqe, 8);
    }
}

/* An element of "commands": NvmeFiCommand of qapi/nvme-fi.json, or what a
 * record keeps of it. */
static bool take_command(Input *input, JsonObject *object)
{
    Command command = {
        .state = COMMAND_OPEN, .setup_ns = LINE_NO_TIME,
        .done_ns = LINE_NO_TIME, .cpu = LINE_NO_CPU,
    };
    Event *event = &command.event;
    gint64 qid, cid, opcode, status;

    if (!json_util_int(object, "qid", &qid) || qid < 0 || qid > G_MAXUINT16 ||
        !json_util_int(object, "cid", &cid) || cid < 0 || cid > G_MAXUINT16 ||
        !json_util_int(object, "opcode", &opcode) || opcode < 0 ||
        opcode > G_MAXUINT8) {
        return false;
    }
    event->ctrl = EVENT_NO_CTRL;
    event->no_nsid = true;
    event->qid = qid;
    event->cid = cid;
    event->command.named = true;
    event->command.opcode = opcode;
    event->command.set = opcode == 0x7f ? FIELDS_FABRICS :
                         qid ? FIELDS_IO : FIELDS_ADMIN;
    take_entries(&command, object);
    if (json_util_int(object, "status", &status) && status >= 0 &&
        status <= G_MAXUINT16) {
        command.state = COMMAND_COMPLETE;
        command.status = status;
    }
    input->handler->command(input->handler->opaque, &command);
    return true;
}

static bool take_commands(Input *input, JsonArray *commands)
{
    bool ok = true;

    for (guint i = 0; i < json_array_get_length(commands); i++) {
        JsonObject *object = json_util_element_object(commands, i);

        ok = object && take_command(input, object) && ok;
    }
    return ok;
}

static bool take_lines(Input *input, JsonArray *lines)
{
    bool ok = true;

    for (guint i = 0; i < json_array_get_length(lines); i++) {
        const char *text = json_util_element_string(lines, i);

        ok = text && ok;
        if (text) {
            input_line(input, text);
        }
    }
    return ok;
}

void input_json(Input *input, const char *text)
{
    g_autoptr(GError) error = NULL;
    JsonObject *object = json_util_parse_object(text, strlen(text), &error);
    JsonArray *lines, *commands;
    bool ok = object != NULL;

    input->counts.json++;
    if (object) {
        lines = json_util_array(object, "lines");
        commands = json_util_array(object, "return");
        if (!commands) {
            commands = json_util_array(json_util_object(object, "device"),
                                       "commands");
        }
        if (lines) {
            ok = take_lines(input, lines);
        }
        if (commands) {
            ok = take_commands(input, commands) && ok;
        } else if (json_object_has_member(object, "sqe")) {
            ok = take_command(input, object);
        }
        json_object_unref(object);
    }
    input->counts.json_bad += !ok;
}
