/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields of the commands of I/O queues: NVMe Base 2.2 section 7, NVM Command
 * Set 1.1 section 3.3, Zoned Namespace Command Set 1.2 section 3.
 */
#include "fields.h"

/* NVM Command Set 1.1, figures of Read: what ends most commands. */
#define PROTECTED \
    { "cetype", FIELD_BITS(12, 19, 16) }, \
    { "stc", FIELD_BITS(12, 24, 24) }, \
    { "prinfo", FIELD_BITS(12, 29, 26), FIELD_HEX }, \
    { "fua", FIELD_BITS(12, 30, 30) }, \
    { "lr", FIELD_BITS(12, 31, 31) }

#define SLBA { "slba", FIELD_BITS(10, 63, 0), .always = true }
#define NLB { "nlb", FIELD_BITS(12, 15, 0), FIELD_COUNT, true }

/* Tags that are written, and tags that are expected. */
#define TAGS_OUT \
    { "ilbrt", FIELD_BITS(14, 31, 0) }, \
    { "lbat", FIELD_BITS(15, 15, 0) }, \
    { "lbatm", FIELD_BITS(15, 31, 16), FIELD_HEX }
#define TAGS_IN \
    { "eilbrt", FIELD_BITS(14, 31, 0) }, \
    { "elbat", FIELD_BITS(15, 15, 0) }, \
    { "elbatm", FIELD_BITS(15, 31, 16), FIELD_HEX }

static const Field flush[] = { { NULL } };

static const Field write_fields[] = {
    SLBA, NLB, { "dtype", FIELD_BITS(12, 23, 20) }, PROTECTED,
    { "dsm", FIELD_BITS(13, 7, 0), FIELD_HEX },
    { "dspec", FIELD_BITS(13, 31, 16) }, TAGS_OUT, { NULL },
};

static const Field read_fields[] = {
    SLBA, NLB, PROTECTED, { "dsm", FIELD_BITS(13, 7, 0), FIELD_HEX },
    TAGS_IN, { NULL },
};

static const Field write_uncorrectable[] = {
    SLBA, NLB, { "dtype", FIELD_BITS(12, 23, 20) },
    { "dspec", FIELD_BITS(13, 31, 16) }, { NULL },
};

static const Field compare[] = { SLBA, NLB, PROTECTED, TAGS_IN, { NULL } };

static const Field write_zeroes[] = {
    SLBA, NLB, { "dtype", FIELD_BITS(12, 22, 20) },
    { "nsz", FIELD_BITS(12, 23, 23) }, { "deac", FIELD_BITS(12, 25, 25) },
    PROTECTED, { "dspec", FIELD_BITS(13, 31, 16) }, TAGS_OUT, { NULL },
};

static const Field dataset_management[] = {
    { "nr", FIELD_BITS(10, 7, 0), FIELD_COUNT, true },
    { "idr", FIELD_BITS(11, 0, 0) },
    { "idw", FIELD_BITS(11, 1, 1) },
    { "ad", FIELD_BITS(11, 2, 2), .always = true },
    { NULL },
};

static const Field verify[] = { SLBA, NLB, PROTECTED, TAGS_IN, { NULL } };

/* NVM Command Set 1.1, section 3.3.2 "Copy command" */
static const Field copy[] = {
    { "sdlba", FIELD_BITS(10, 63, 0), .always = true },
    { "nr", FIELD_BITS(12, 7, 0), FIELD_COUNT, true },
    { "desfmt", FIELD_BITS(12, 11, 8) },
    { "prinfor", FIELD_BITS(12, 15, 12), FIELD_HEX },
    { "cetype", FIELD_BITS(12, 19, 16) },
    { "dtype", FIELD_BITS(12, 23, 20) },
    { "stcw", FIELD_BITS(12, 24, 24) },
    { "stcr", FIELD_BITS(12, 25, 25) },
    { "prinfow", FIELD_BITS(12, 29, 26), FIELD_HEX },
    { "fua", FIELD_BITS(12, 30, 30) },
    { "lr", FIELD_BITS(12, 31, 31) },
    { "dspec", FIELD_BITS(13, 31, 16) }, TAGS_OUT, { NULL },
};

/* NVMe Base 2.2, sections 7.5 to 7.8 (reservations) */
static const FieldValue rrega_values[] = {
    { 0, "register" }, { 1, "unregister" }, { 2, "replace" }, { 0, NULL },
};

static const FieldValue cptpl_values[] = {
    { 0, "no-change" }, { 2, "clear" }, { 3, "keep" }, { 0, NULL },
};

static const FieldValue racqa_values[] = {
    { 0, "acquire" }, { 1, "preempt" }, { 2, "preempt-and-abort" },
    { 0, NULL },
};

static const FieldValue rrela_values[] = {
    { 0, "release" }, { 1, "clear" }, { 0, NULL },
};

static const FieldValue rtype_values[] = {
    { 1, "write-exclusive" }, { 2, "exclusive-access" },
    { 3, "write-exclusive-registrants-only" },
    { 4, "exclusive-access-registrants-only" },
    { 5, "write-exclusive-all-registrants" },
    { 6, "exclusive-access-all-registrants" }, { 0, NULL },
};

static const Field reservation_register[] = {
    { "rrega", FIELD_BITS(10, 2, 0), .always = true, .values = rrega_values },
    { "iekey", FIELD_BITS(10, 3, 3) },
    { "disnsrs", FIELD_BITS(10, 4, 4) },
    { "cptpl", FIELD_BITS(10, 31, 30), .values = cptpl_values },
    { NULL },
};

static const Field reservation_report[] = {
    { "numd", FIELD_BITS(10, 31, 0), FIELD_COUNT, true },
    { "eds", FIELD_BITS(11, 0, 0) },
    { "disnsrs", FIELD_BITS(11, 1, 1) },
    { NULL },
};

static const Field reservation_acquire[] = {
    { "racqa", FIELD_BITS(10, 2, 0), .always = true, .values = racqa_values },
    { "iekey", FIELD_BITS(10, 3, 3) },
    { "disnsrs", FIELD_BITS(10, 4, 4) },
    { "rtype", FIELD_BITS(10, 15, 8), .always = true, .values = rtype_values },
    { NULL },
};

static const Field reservation_release[] = {
    { "rrela", FIELD_BITS(10, 2, 0), .always = true, .values = rrela_values },
    { "iekey", FIELD_BITS(10, 3, 3) },
    { "disnsrs", FIELD_BITS(10, 4, 4) },
    { "rtype", FIELD_BITS(10, 15, 8), .always = true, .values = rtype_values },
    { NULL },
};

/* NVMe Base 2.2, sections 7.3 and 7.4 */
static const FieldValue mor_values[] = {
    { 1, "reclaim-unit-handle-status" }, { 0, NULL },
};

static const FieldValue mos_values[] = {
    { 1, "reclaim-unit-handle-update" }, { 0, NULL },
};

static const Field io_management_receive[] = {
    { "mo", FIELD_BITS(10, 7, 0), .always = true, .values = mor_values },
    { "mos", FIELD_BITS(10, 31, 16) },
    { "numd", FIELD_BITS(11, 31, 0), FIELD_COUNT, true },
    { NULL },
};

static const Field io_management_send[] = {
    { "mo", FIELD_BITS(10, 7, 0), .always = true, .values = mos_values },
    { "mos", FIELD_BITS(10, 31, 16) },
    { NULL },
};

/* NVMe Base 2.2, section 7.1 */
static const FieldValue cancel_values[] = {
    { 0, "single" }, { 1, "multiple" }, { 0, NULL },
};

static const Field cancel[] = {
    { "sqid", FIELD_BITS(10, 15, 0), .always = true },
    { "cid", FIELD_BITS(10, 31, 16), .always = true },
    { "action", FIELD_BITS(11, 1, 0), .always = true,
      .values = cancel_values },
    { NULL },
};

/* Zoned Namespace Command Set 1.2, section 3.4 */
static const FieldValue zsa_values[] = {
    { 0x01, "close" }, { 0x02, "finish" }, { 0x03, "open" },
    { 0x04, "reset" }, { 0x05, "offline" },
    { 0x10, "set-zone-descriptor-extension" }, { 0x11, "flush-zrwa" },
    { 0, NULL },
};

static const FieldValue zra_values[] = {
    { 0, "report" }, { 1, "extended-report" }, { 0, NULL },
};

static const FieldValue zrasf_values[] = {
    { 0, "all" }, { 1, "empty" }, { 2, "implicitly-opened" },
    { 3, "explicitly-opened" }, { 4, "closed" }, { 5, "full" },
    { 6, "read-only" }, { 7, "offline" }, { 0, NULL },
};

static const Field zone_management_send[] = {
    SLBA,
    { "zsa", FIELD_BITS(13, 7, 0), .always = true, .values = zsa_values },
    { "select-all", FIELD_BITS(13, 8, 8) },
    { "zsaso", FIELD_BITS(13, 9, 9) },
    { NULL },
};

static const Field zone_management_receive[] = {
    SLBA, { "numd", FIELD_BITS(12, 31, 0), FIELD_COUNT, true },
    { "zra", FIELD_BITS(13, 7, 0), .always = true, .values = zra_values },
    { "zrasf", FIELD_BITS(13, 15, 8), .always = true, .values = zrasf_values },
    { "partial", FIELD_BITS(13, 16, 16) },
    { NULL },
};

static const Field zone_append[] = {
    { "zslba", FIELD_BITS(10, 63, 0), .always = true },
    NLB, { "dtype", FIELD_BITS(12, 23, 20) },
    { "piremap", FIELD_BITS(12, 25, 25) }, PROTECTED,
    { "dspec", FIELD_BITS(13, 31, 16) }, TAGS_OUT, { NULL },
};

const FieldsRow fields_io[] = {
    { 0x00, flush },
    { 0x01, write_fields },
    { 0x02, read_fields },
    { 0x04, write_uncorrectable },
    { 0x05, compare },
    { 0x08, write_zeroes },
    { 0x09, dataset_management },
    { 0x0c, verify },
    { 0x0d, reservation_register },
    { 0x0e, reservation_report },
    { 0x11, reservation_acquire },
    { 0x12, io_management_receive },
    { 0x15, reservation_release },
    { 0x18, cancel },
    { 0x19, copy },
    { 0x1d, io_management_send },
    { 0x79, zone_management_send },
    { 0x7a, zone_management_receive },
    { 0x7d, zone_append },
};
const gsize fields_io_count = G_N_ELEMENTS(fields_io);
