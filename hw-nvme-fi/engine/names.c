/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of NVMe status codes and opcodes: the tables, and the way from a
 * number to its name and back.
 */
#include "names.h"

#include <string.h>

#include "nearest.h"

typedef struct StatusName {
    guint16 status;
    gboolean alias;             /* parsed, but not shown */
    const char *name;
} StatusName;

typedef struct OpcodeName {
    gboolean admin;
    guint8 opcode;
    const char *name;
} OpcodeName;

static const StatusName status_names[] = {
#define FI_STATUS(sct, sc, name) { (sct) << 8 | (sc), FALSE, name },
#define FI_STATUS_ALIAS(sct, sc, name) { (sct) << 8 | (sc), TRUE, name },
#include "status-names.inc"
#undef FI_STATUS
#undef FI_STATUS_ALIAS
};

static const OpcodeName opcode_names[] = {
#define FI_OPCODE(admin, opcode, name) { admin, opcode, name },
#include "opcode-names.inc"
#undef FI_OPCODE
};

/* Reports that @text is no @what, and frees what @nearest holds. */
static gboolean nearest_fail(FiNearest *nearest, const char *what,
                             const char *text, guint max, GError **error)
{
    if (nearest->name) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "%s '%s': unknown; did you mean '%s'?", what, text,
                    nearest->name);
    } else {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "%s '%s': unknown; must be a name from the NVMe "
                    "specifications or a number 0 to 0x%x", what, text, max);
    }
    fi_nearest_done(nearest);
    return FALSE;
}

static gboolean looks_like_number(const char *text)
{
    return g_ascii_isdigit(text[0]) || text[0] == '-' || text[0] == '+';
}

/* Decimal, or hexadecimal after 0x: no octal, no sign, nothing behind it. */
static gboolean parse_number(const char *what, const char *text, guint max,
                             guint *value, GError **error)
{
    gboolean hex = g_ascii_strncasecmp(text, "0x", 2) == 0;
    guint64 number;

    if (!g_ascii_string_to_unsigned(text + (hex ? 2 : 0), hex ? 16 : 10, 0,
                                    max, &number, NULL)) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "%s '%s': must be a number 0 to %u (0x%x)", what, text,
                    max, max);
        return FALSE;
    }
    *value = number;
    return TRUE;
}

const char *fi_status_name(guint16 status)
{
    gsize low = 0, high = G_N_ELEMENTS(status_names);

    /* The first row of a value is the one that is no alias. */
    status &= FI_STATUS_CODE_MASK;
    while (low < high) {
        gsize middle = (low + high) / 2;

        if (status_names[middle].status < status) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == G_N_ELEMENTS(status_names) ||
        status_names[low].status != status) {
        return NULL;
    }
    return status_names[low].name;
}

gboolean fi_status_parse(const char *text, guint16 *status, GError **error)
{
    FiNearest nearest;
    guint number;

    if (looks_like_number(text)) {
        if (!parse_number("status", text, FI_STATUS_MASK, &number, error)) {
            return FALSE;
        }
        *status = number;
        return TRUE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(status_names); i++) {
        if (strcmp(status_names[i].name, text) == 0) {
            *status = status_names[i].status;
            return TRUE;
        }
    }
    fi_nearest_init(&nearest, text);
    for (gsize i = 0; i < G_N_ELEMENTS(status_names); i++) {
        fi_nearest_offer(&nearest, status_names[i].name);
    }
    return nearest_fail(&nearest, "status", text, FI_STATUS_MASK, error);
}

const char *fi_opcode_name(gboolean admin, guint8 opcode)
{
    for (gsize i = 0; i < G_N_ELEMENTS(opcode_names); i++) {
        if (!opcode_names[i].admin == !admin &&
            opcode_names[i].opcode == opcode) {
            return opcode_names[i].name;
        }
    }
    return NULL;
}

static FiQueue queue_of(const OpcodeName *row)
{
    return row->admin ? FI_QUEUE_ADMIN : FI_QUEUE_IO;
}

/* Finds @name, and whether it is one of both kinds of queue. */
static const OpcodeName *find_opcode(const char *name, FiQueue queue,
                                     gboolean *both)
{
    const OpcodeName *found = NULL;

    *both = FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(opcode_names); i++) {
        const OpcodeName *row = &opcode_names[i];

        if (strcmp(row->name, name) != 0 ||
            (queue != FI_QUEUE_ANY && queue != queue_of(row))) {
            continue;
        }
        *both = found != NULL;
        found = row;
    }
    return found;
}

static gboolean unknown_opcode(const char *text, FiQueue queue, GError **error)
{
    const char *other = queue == FI_QUEUE_ADMIN ? "io" : "admin";
    FiNearest nearest;
    gboolean both;

    if (find_opcode(text, FI_QUEUE_ANY, &both)) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "opcode '%s': is a command of the %s queue; must be one "
                    "of the %s queue", text, other,
                    queue == FI_QUEUE_ADMIN ? "admin" : "io");
        return FALSE;
    }
    fi_nearest_init(&nearest, text);
    for (gsize i = 0; i < G_N_ELEMENTS(opcode_names); i++) {
        if (queue == FI_QUEUE_ANY || queue == queue_of(&opcode_names[i])) {
            fi_nearest_offer(&nearest, opcode_names[i].name);
        }
    }
    return nearest_fail(&nearest, "opcode", text, G_MAXUINT8, error);
}

gboolean fi_opcode_parse(const char *text, FiQueue *queue, guint8 *opcode,
                         GError **error)
{
    const OpcodeName *found;
    gboolean both;
    guint number;

    if (looks_like_number(text)) {
        if (!parse_number("opcode", text, G_MAXUINT8, &number, error)) {
            return FALSE;
        }
        *opcode = number;
        return TRUE;
    }
    found = find_opcode(text, *queue, &both);
    if (!found) {
        return unknown_opcode(text, *queue, error);
    }
    *opcode = found->opcode;
    if (!both) {
        *queue = queue_of(found);
    }
    return TRUE;
}

void fi_status_names_foreach(FiStatusNameFunc func, gpointer opaque)
{
    for (gsize i = 0; i < G_N_ELEMENTS(status_names); i++) {
        if (!status_names[i].alias) {
            func(status_names[i].status, status_names[i].name, opaque);
        }
    }
}

void fi_opcode_names_foreach(FiOpcodeNameFunc func, gpointer opaque)
{
    for (gsize i = 0; i < G_N_ELEMENTS(opcode_names); i++) {
        func(opcode_names[i].admin, opcode_names[i].opcode,
             opcode_names[i].name, opaque);
    }
}
