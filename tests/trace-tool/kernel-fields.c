/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel has decoded goes back into the bits that it came from, so
 * that the fields of all commands are shown by one table.  Each row is what
 * nvme_trace_parse_admin_cmd() and its neighbours read (Linux:
 * drivers/nvme/host/trace.c, 6.1 to 7.2; target/trace.c is alike).
 */
#include "event.h"

#include <string.h>

typedef struct KernelField {
    FieldsSet set;
    guint8 opcode;              /* of Fabrics: the type */
    const char *key;
    guint8 first, width;        /* in the dwords */
    guint8 from;                /* bit of the printed value */
    bool hex;                   /* printed without 0x */
} KernelField;

#define RW(opcode) \
    { FIELDS_IO, opcode, "slba", 0, 64 }, \
    { FIELDS_IO, opcode, "len", 64, 16 }, \
    { FIELDS_IO, opcode, "ctrl", 80, 16 }, \
    { FIELDS_IO, opcode, "dsmgmt", 96, 32 }, \
    { FIELDS_IO, opcode, "reftag", 128, 32 }

static const KernelField kernel_fields[] = {
    { FIELDS_ADMIN, 0x00, "sqid", 0, 16 },
    { FIELDS_ADMIN, 0x01, "sqid", 0, 16 },
    { FIELDS_ADMIN, 0x01, "qsize", 16, 16 },
    { FIELDS_ADMIN, 0x01, "sq_flags", 32, 16 },
    { FIELDS_ADMIN, 0x01, "cqid", 48, 16 },
    { FIELDS_ADMIN, 0x04, "cqid", 0, 16 },
    { FIELDS_ADMIN, 0x05, "cqid", 0, 16 },
    { FIELDS_ADMIN, 0x05, "qsize", 16, 16 },
    { FIELDS_ADMIN, 0x05, "cq_flags", 32, 16 },
    { FIELDS_ADMIN, 0x05, "irq_vector", 48, 16 },
    { FIELDS_ADMIN, 0x06, "cns", 0, 8 },
    { FIELDS_ADMIN, 0x06, "ctrlid", 16, 16 },
    { FIELDS_ADMIN, 0x08, "sqid", 0, 16 },      /* until 4.19 */
    { FIELDS_ADMIN, 0x08, "cid", 16, 16 },
    { FIELDS_ADMIN, 0x09, "fid", 0, 8 },
    /* The kernel tests bit 27, and SV is bit 31: the 8 of 0x8. */
    { FIELDS_ADMIN, 0x09, "sv", 27, 1, 3 },
    { FIELDS_ADMIN, 0x09, "cdw11", 32, 32 },
    { FIELDS_ADMIN, 0x0a, "fid", 0, 8 },
    { FIELDS_ADMIN, 0x0a, "sel", 8, 3 },
    { FIELDS_ADMIN, 0x0a, "cdw11", 32, 32 },
    /* 6.1 prints the lower four bits only. */
    { FIELDS_ADMIN, 0x80, "lbaf", 0, 4 },
    { FIELDS_ADMIN, 0x80, "lbaf", 12, 2, 4 },
    { FIELDS_ADMIN, 0x80, "mset", 4, 1 },
    { FIELDS_ADMIN, 0x80, "pi", 5, 3 },
    { FIELDS_ADMIN, 0x80, "pil", 8, 1 },
    { FIELDS_ADMIN, 0x80, "ses", 9, 3 },
    { FIELDS_ADMIN, 0x86, "slba", 0, 64 },
    { FIELDS_ADMIN, 0x86, "mndw", 64, 32 },
    { FIELDS_ADMIN, 0x86, "rl", 96, 16 },
    { FIELDS_ADMIN, 0x86, "atype", 120, 8 },
    RW(0x01), RW(0x02), RW(0x08), RW(0x7d),
    { FIELDS_IO, 0x09, "nr", 0, 32 },
    { FIELDS_IO, 0x09, "attributes", 32, 32 },
    { FIELDS_IO, 0x0d, "rrega", 0, 3 },
    { FIELDS_IO, 0x0d, "iekey", 3, 1 },
    { FIELDS_IO, 0x0d, "ptpl", 30, 2 },
    { FIELDS_IO, 0x0e, "numd", 0, 32 },
    { FIELDS_IO, 0x0e, "eds", 32, 1 },
    { FIELDS_IO, 0x11, "racqa", 0, 3 },
    { FIELDS_IO, 0x11, "iekey", 3, 1 },
    { FIELDS_IO, 0x11, "rtype", 8, 8 },
    { FIELDS_IO, 0x15, "rrela", 0, 3 },
    { FIELDS_IO, 0x15, "iekey", 3, 1 },
    { FIELDS_IO, 0x15, "rtype", 8, 8 },
    { FIELDS_IO, 0x79, "slba", 0, 64 },
    { FIELDS_IO, 0x79, "zsa", 96, 8 },
    { FIELDS_IO, 0x79, "all", 104, 8 },
    { FIELDS_IO, 0x7a, "slba", 0, 64 },
    { FIELDS_IO, 0x7a, "numd", 64, 32 },
    { FIELDS_IO, 0x7a, "zra", 96, 8 },
    { FIELDS_IO, 0x7a, "zrasf", 104, 8 },
    { FIELDS_IO, 0x7a, "pr", 112, 8 },
    { FIELDS_FABRICS, 0x00, "attrib", 0, 8 },
    { FIELDS_FABRICS, 0x00, "ofst", 32, 32 },
    { FIELDS_FABRICS, 0x00, "value", 64, 64 },
    { FIELDS_FABRICS, 0x01, "recfmt", 0, 16 },
    { FIELDS_FABRICS, 0x01, "qid", 16, 16 },
    { FIELDS_FABRICS, 0x01, "sqsize", 32, 16 },
    { FIELDS_FABRICS, 0x01, "cattr", 48, 8 },
    { FIELDS_FABRICS, 0x01, "kato", 64, 32 },
    { FIELDS_FABRICS, 0x04, "attrib", 0, 8 },
    { FIELDS_FABRICS, 0x04, "ofst", 32, 32 },
    { FIELDS_FABRICS, 0x05, "spsp0", 8, 8, 0, true },
    { FIELDS_FABRICS, 0x05, "spsp1", 16, 8, 0, true },
    { FIELDS_FABRICS, 0x05, "secp", 24, 8, 0, true },
    { FIELDS_FABRICS, 0x05, "tl", 32, 32 },
    { FIELDS_FABRICS, 0x06, "spsp0", 8, 8, 0, true },
    { FIELDS_FABRICS, 0x06, "spsp1", 16, 8, 0, true },
    { FIELDS_FABRICS, 0x06, "secp", 24, 8, 0, true },
    { FIELDS_FABRICS, 0x06, "al", 32, 32 },
};

/* "12", "0x12", and "4:reset zone", whose name says nothing new. */
static bool parse_value(const char *text, gsize len, bool hex, guint64 *value)
{
    bool prefixed = len > 2 && text[0] == '0' && (text[1] | 0x20) == 'x';
    const char *digits = prefixed ? text + 2 : text;
    char *end;

    if (len == 0 || !g_ascii_isxdigit(*digits)) {
        return false;
    }
    *value = g_ascii_strtoull(digits, &end, prefixed || hex ? 16 : 10);
    return end > digits && (end >= text + len || *end == ':');
}

/* Puts one "key=value" into its bits.  False where no row has the key. */
static bool take_field(EventCommand *command, const char *text, gsize len)
{
    const char *equals = memchr(text, '=', len);
    guint8 opcode = command->set == FIELDS_FABRICS ? command->fctype :
                    command->opcode;
    bool taken = false;

    if (!equals) {
        return false;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(kernel_fields); i++) {
        const KernelField *row = &kernel_fields[i];
        guint64 value;

        if (row->set != command->set || row->opcode != opcode ||
            strlen(row->key) != (gsize)(equals - text) ||
            memcmp(row->key, text, equals - text) != 0) {
            continue;
        }
        if (!parse_value(equals + 1, text + len - equals - 1, row->hex,
                         &value)) {
            return false;
        }
        fields_write(command->bytes, row->first, row->width,
                     value >> row->from);
        fields_write(command->known, row->first, row->width, G_MAXUINT64);
        taken = true;
    }
    return taken;
}

void event_take_fields(EventCommand *command, const char *text, gsize len)
{
    const char *end = text + len;
    GString *rest = NULL;

    while (text < end) {
        const char *comma = memchr(text, ',', end - text);
        gsize n = (comma ? comma : end) - text;

        if (n > 0 && !take_field(command, text, n)) {
            rest = rest ? g_string_append(rest, ", ") : g_string_new(NULL);
            g_string_append_len(rest, text, n);
        }
        text += n + 1;
        while (text < end && *text == ' ') {
            text++;
        }
    }
    if (rest) {
        command->rest = g_string_free(rest, FALSE);
    }
}
