/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking fields up, the Fabrics commands, and reading bits; see fields.h.
 */
#include "fields.h"

#include <string.h>

/* NVMe Base 2.2, figures "Property Set Command" to "Disconnect Command"; the
 * trace events hold bytes 40 to 63 of a Fabrics command in their dwords. */
static const FieldValue attrib_values[] = {
    { 0, "4-bytes" }, { 1, "8-bytes" }, { 0, NULL },
};

/* NVMe Base 2.2, section 3.1.4: properties that Fabrics controllers have. */
static const FieldValue property_values[] = {
    { 0x00, "CAP" }, { 0x08, "VS" }, { 0x14, "CC" }, { 0x1c, "CSTS" },
    { 0x20, "NSSR" }, { 0x64, "NSSD" }, { 0x68, "CRTO" }, { 0, NULL },
};

static const Field property_set[] = {
    { "attrib", FIELD_BITS(10, 2, 0), .values = attrib_values },
    { "ofst", FIELD_BITS(11, 31, 0), FIELD_HEX, true, property_values },
    { "value", FIELD_BITS(12, 63, 0), FIELD_HEX, true },
    { NULL },
};

static const Field property_get[] = {
    { "attrib", FIELD_BITS(10, 2, 0), .values = attrib_values },
    { "ofst", FIELD_BITS(11, 31, 0), FIELD_HEX, true, property_values },
    { NULL },
};

static const Field fabrics_connect[] = {
    { "recfmt", FIELD_BITS(10, 15, 0) },
    { "qid", FIELD_BITS(10, 31, 16), .always = true },
    { "sqsize", FIELD_BITS(11, 15, 0), FIELD_COUNT, true },
    { "cattr", FIELD_BITS(11, 23, 16), FIELD_HEX },
    { "kato", FIELD_BITS(12, 31, 0), .always = true },
    { NULL },
};

static const Field auth_send[] = {
    { "spsp0", FIELD_BITS(10, 15, 8), FIELD_HEX },
    { "spsp1", FIELD_BITS(10, 23, 16), FIELD_HEX },
    { "secp", FIELD_BITS(10, 31, 24), FIELD_HEX, true },
    { "tl", FIELD_BITS(11, 31, 0), .always = true },
    { NULL },
};

static const Field auth_receive[] = {
    { "spsp0", FIELD_BITS(10, 15, 8), FIELD_HEX },
    { "spsp1", FIELD_BITS(10, 23, 16), FIELD_HEX },
    { "secp", FIELD_BITS(10, 31, 24), FIELD_HEX, true },
    { "al", FIELD_BITS(11, 31, 0), .always = true },
    { NULL },
};

static const Field disconnect[] = {
    { "recfmt", FIELD_BITS(10, 15, 0) },
    { NULL },
};

/* What a specification does not define, or no table here. */
static const Field dwords[] = {
    { "cdw10", FIELD_BITS(10, 31, 0), FIELD_HEX },
    { "cdw11", FIELD_BITS(11, 31, 0), FIELD_HEX },
    { "cdw12", FIELD_BITS(12, 31, 0), FIELD_HEX },
    { "cdw13", FIELD_BITS(13, 31, 0), FIELD_HEX },
    { "cdw14", FIELD_BITS(14, 31, 0), FIELD_HEX },
    { "cdw15", FIELD_BITS(15, 31, 0), FIELD_HEX },
    { NULL },
};

/* NVMe Base 2.2, figure "Fabrics Command Type" */
static const FieldsRow fields_fabrics[] = {
    { 0x00, property_set },
    { 0x01, fabrics_connect },
    { 0x04, property_get },
    { 0x05, auth_send },
    { 0x06, auth_receive },
    { 0x08, disconnect },
};

static const FieldValue fabrics_names[] = {
    { 0x00, "property-set" }, { 0x01, "connect" }, { 0x04, "property-get" },
    { 0x05, "authentication-send" }, { 0x06, "authentication-receive" },
    { 0x08, "disconnect" }, { 0, NULL },
};

const char *fields_fabrics_name(guint8 fctype)
{
    return fields_value_name(fabrics_names, fctype);
}

const char *fields_value_name(const FieldValue *values, guint64 value)
{
    for (; values && values->name; values++) {
        if (values->value == value) {
            return values->name;
        }
    }
    return NULL;
}

static const Field *find(const FieldsRow *rows, gsize count, guint8 opcode)
{
    for (gsize i = 0; i < count; i++) {
        if (rows[i].opcode == opcode) {
            return rows[i].fields;
        }
    }
    return dwords;
}

const Field *fields_of(FieldsSet set, guint8 opcode)
{
    switch (set) {
    case FIELDS_ADMIN:
        return find(fields_admin, fields_admin_count, opcode);
    case FIELDS_IO:
        return find(fields_io, fields_io_count, opcode);
    case FIELDS_FABRICS:
    default:
        return find(fields_fabrics, G_N_ELEMENTS(fields_fabrics), opcode);
    }
}

guint64 fields_read(const guint8 *bytes, const Field *field)
{
    guint64 value = 0;

    for (guint i = 0; i < field->width; i++) {
        guint bit = field->first + i;

        value |= (guint64)(bytes[bit / 8] >> bit % 8 & 1) << i;
    }
    return value;
}

void fields_write(guint8 *bytes, guint first, guint width, guint64 value)
{
    for (guint i = 0; i < width; i++) {
        guint bit = first + i;
        guint8 mask = 1 << bit % 8;

        bytes[bit / 8] &= ~mask;
        bytes[bit / 8] |= (value >> i & 1) ? mask : 0;
    }
}
