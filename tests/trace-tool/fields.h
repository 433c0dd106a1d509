/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fields of each command, as the NVMe specifications define them: where
 * in command dwords 10 to 15 a field is, and how it is shown.
 */
#ifndef TRACE_FIELDS_H
#define TRACE_FIELDS_H

#include <glib.h>
#include <stdbool.h>

/* Command dwords 10 to 15: all that the trace events hold. */
#define FIELDS_BYTES 24

/* A name of one value of a field. Tables end with a NULL name. */
typedef struct FieldValue {
    guint32 value;
    const char *name;
} FieldValue;

typedef enum FieldStyle {
    FIELD_DECIMAL,
    FIELD_HEX,
    FIELD_COUNT,                /* zeroes based in the command: shown + 1 */
} FieldStyle;

typedef struct Field {
    const char *name;           /* the specification's, lower case */
    guint8 first;               /* bit, from bit 0 of dword 10 */
    guint8 width;               /* bits, 1 to 64; 0 ends a table */
    FieldStyle style;
    bool always;                /* shown in text even where it is 0 */
    const FieldValue *values;   /* or NULL */
} Field;

/* Bits @high to @low of command dword @dword, as in the specification. */
#define FIELD_BITS(dword, high, low) \
    ((dword) - 10) * 32 + (low), (high) - (low) + 1

typedef enum FieldsSet {
    FIELDS_ADMIN,
    FIELDS_IO,
    FIELDS_FABRICS,             /* "opcode" is the fabrics command type */
} FieldsSet;

/*
 * fields_of:
 * The fields of command @opcode, never NULL: of one that no table has, the
 * six dwords.  The pointer stays valid.
 */
const Field *fields_of(FieldsSet set, guint8 opcode);

/* Name of the Fabrics command type (NVMe Base 2.2, section 6), or NULL. */
const char *fields_fabrics_name(guint8 fctype);

/* Name of @value, or NULL. */
const char *fields_value_name(const FieldValue *values, guint64 value);

/*
 * fields_read:
 * The value of @field in @bytes, which holds dwords 10 to 15 as in memory
 * (little endian).
 */
guint64 fields_read(const guint8 *bytes, const Field *field);

/* Writes the low @width bits of @value from bit @first on. */
void fields_write(guint8 *bytes, guint first, guint width, guint64 value);

/* One row of the tables in fields-admin.c and its neighbours. */
typedef struct FieldsRow {
    guint8 opcode;
    const Field *fields;
} FieldsRow;

/* Of fields-values.c: identifiers of log pages, Identify, features. */
extern const FieldValue field_lid_values[];
extern const FieldValue field_cns_values[];
extern const FieldValue field_fid_values[];

extern const FieldsRow fields_admin[];
extern const gsize fields_admin_count;
extern const FieldsRow fields_io[];
extern const gsize fields_io_count;

#endif
