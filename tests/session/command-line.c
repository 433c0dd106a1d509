/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands for people to read; see command-line.h.
 */
#include "command-line.h"

#include "engine/names.h"
#include "json-util.h"

#include <string.h>

/* Bits of the status as the drive's log has it (qapi/nvme-fi.json). */
#define DNR 0x4000
#define CODE_MASK 0x7ff

/* I/O commands of the NVM command set with SLBA in CDW10 and 11 and NLB, 0's
 * based, in CDW12 (NVM Command Set 1.1, 3.2 and 3.3). */
static bool has_blocks(gint64 qid, guint opcode)
{
    static const guint8 opcodes[] = {
        0x01, 0x02, 0x04, 0x05, 0x08, 0x0c, 0x7d,
    };

    return qid != 0 && memchr(opcodes, opcode, sizeof(opcodes));
}

/* Dword @index of @sqe, hexadecimal digits in the order of memory. */
static guint32 dword(const char *sqe, guint index)
{
    guint32 value = 0;

    for (guint i = 0; i < 4; i++) {
        const char *at = sqe + index * 8 + i * 2;

        value |= (guint32)(g_ascii_xdigit_value(at[0]) << 4 |
                           g_ascii_xdigit_value(at[1])) << (8 * i);
    }
    return value;
}

static void add_blocks(GString *text, const char *sqe)
{
    guint64 slba = dword(sqe, 10) | (guint64)dword(sqe, 11) << 32;

    g_string_append_printf(text, " slba=%" G_GUINT64_FORMAT " nlb=%u", slba,
                           (dword(sqe, 12) & 0xffff) + 1);
}

static void add_status(GString *text, JsonObject *command)
{
    gint64 status;
    const char *name;

    if (!json_util_int(command, "status", &status)) {
        g_string_append(text, " -> no completion");
        return;
    }
    name = fi_status_name(status & CODE_MASK);
    g_string_append_printf(text, " -> %s (%u/%02xh%s)",
                           name ? name : "unnamed",
                           (guint)(status >> 8) & 7, (guint)status & 0xff,
                           status & DNR ? ", DNR" : "");
}

void command_line_add(GString *text, JsonObject *command)
{
    const char *sqe = json_util_string(command, "sqe");
    gint64 seq = 0, qid = 0, cid = 0, opcode = 0, nsid = 0;
    const char *name;

    json_util_int(command, "seq", &seq);
    json_util_int(command, "qid", &qid);
    json_util_int(command, "cid", &cid);
    json_util_int(command, "opcode", &opcode);
    json_util_int(command, "nsid", &nsid);
    name = fi_opcode_name(qid == 0, opcode);
    g_string_append_printf(text, "%" G_GINT64_FORMAT " qid=%u cid=%u nsid=%u ",
                           seq, (guint)qid, (guint)cid, (guint)nsid);
    if (name) {
        g_string_append(text, name);
    } else {
        g_string_append_printf(text, "opcode %02xh", (guint)opcode);
    }
    if (sqe && strlen(sqe) == 128 && has_blocks(qid, opcode)) {
        add_blocks(text, sqe);
    }
    add_status(text, command);
    if (json_object_has_member(command, "hit")) {
        g_string_append_printf(text, ", hit of '%s'%s",
                               json_util_string(command, "id"),
                               json_util_bool(command, "executed", true) ?
                               "" : ", not carried out");
    }
    g_string_append_c(text, '\n');
}
