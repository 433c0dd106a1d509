/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test shows that every status and opcode is known by name and number,
 * that numbers without a name stay numbers, and what is said of a typing
 * error.
 */
#include <string.h>

#include "engine/names.h"

/* From the figures of the specifications, by hand: not all, some of each. */
static const struct {
    guint16 status;
    const char *name;
} known[] = {
    { 0x000, "success" },
    { 0x001, "invalid-command-opcode" },
    { 0x007, "command-abort-requested" },
    { 0x020, "namespace-is-write-protected" },
    { 0x021, "command-interrupted" },
    { 0x02a, "invalid-placement-handle-list" },
    { 0x080, "lba-out-of-range" },
    { 0x081, "capacity-exceeded" },
    { 0x082, "namespace-not-ready" },
    { 0x083, "reservation-conflict" },
    { 0x100, "completion-queue-invalid" },
    { 0x11f, "invalid-controller-identifier" },
    { 0x12c, "invalid-io-command-set" },
    { 0x180, "conflicting-attributes" },
    { 0x182, "attempted-write-to-read-only-range" },
    { 0x191, "authentication-required" },
    { 0x1b8, "zoned-boundary-error" },
    { 0x1bd, "too-many-active-zones" },
    { 0x280, "write-fault" },
    { 0x281, "unrecovered-read-error" },
    { 0x282, "end-to-end-guard-check-error" },
    { 0x285, "compare-failure" },
    { 0x286, "access-denied" },
    { 0x287, "deallocated-or-unwritten-logical-block" },
    { 0x301, "asymmetric-access-persistent-loss" },
    { 0x370, "host-pathing-error" },
};

static const struct {
    FiQueue queue;
    guint8 opcode;
    const char *name;
} known_opcodes[] = {
    { FI_QUEUE_ADMIN, 0x02, "get-log-page" },
    { FI_QUEUE_ADMIN, 0x06, "identify" },
    { FI_QUEUE_ADMIN, 0x0c, "asynchronous-event-request" },
    { FI_QUEUE_ADMIN, 0x7c, "doorbell-buffer-config" },
    { FI_QUEUE_ADMIN, 0x84, "sanitize" },
    { FI_QUEUE_IO, 0x00, "flush" },
    { FI_QUEUE_IO, 0x01, "write" },
    { FI_QUEUE_IO, 0x02, "read" },
    { FI_QUEUE_IO, 0x08, "write-zeroes" },
    { FI_QUEUE_IO, 0x09, "dataset-management" },
    { FI_QUEUE_IO, 0x0c, "verify" },
    { FI_QUEUE_IO, 0x15, "reservation-release" },
    { FI_QUEUE_IO, 0x19, "copy" },
    { FI_QUEUE_IO, 0x79, "zone-management-send" },
    { FI_QUEUE_IO, 0x7d, "zone-append" },
};

typedef struct Row {
    guint number;
    gboolean alias;
    const char *name;
} Row;

static const Row statuses[] = {
#define FI_STATUS(sct, sc, name) { (sct) << 8 | (sc), FALSE, name },
#define FI_STATUS_ALIAS(sct, sc, name) { (sct) << 8 | (sc), TRUE, name },
#include "engine/status-names.inc"
};

static const Row opcodes[] = {
#define FI_OPCODE(admin, opcode, name) { (admin) << 8 | (opcode), FALSE, name },
#include "engine/opcode-names.inc"
};

static guint16 parse_status(const char *text)
{
    GError *error = NULL;
    guint16 status = 0xdead;

    fi_status_parse(text, &status, &error);
    g_assert_no_error(error);
    return status;
}

static void test_status_known(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        g_assert_cmpstr(fi_status_name(known[i].status), ==, known[i].name);
        g_assert_cmphex(parse_status(known[i].name), ==, known[i].status);
    }
}

/* Every row both ways: an alias leads to its number, and that to the name
 * which is shown. */
static void test_status_round_trip(void)
{
    const Row *shown = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(statuses); i++) {
        const Row *row = &statuses[i];

        if (!row->alias) {
            shown = row;
        }
        g_assert_nonnull(shown);
        g_assert_cmphex(parse_status(row->name), ==, row->number);
        g_assert_cmpstr(fi_status_name(row->number), ==, shown->name);
        /* CRD, More and DNR have no part in the name */
        g_assert_cmpstr(fi_status_name(row->number | 0x7800), ==,
                        shown->name);
    }
}

static void check_text(const char *name)
{
    g_assert_cmpuint(strlen(name), >, 0);
    g_assert_cmpuint(strlen(name), <=, 80);
    g_assert_cmpuint(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
                     ==, strlen(name));
    g_assert_false(g_ascii_isdigit(name[0]));
}

static void test_status_table(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(statuses); i++) {
        check_text(statuses[i].name);
        for (gsize j = 0; j < i; j++) {
            g_assert_cmpstr(statuses[i].name, !=, statuses[j].name);
        }
        if (i == 0) {
            continue;
        }
        if (statuses[i].alias) {
            g_assert_cmphex(statuses[i].number, ==, statuses[i - 1].number);
        } else {
            g_assert_cmphex(statuses[i].number, >, statuses[i - 1].number);
        }
    }
}

static void test_opcode_table(void)
{
    /* admin rows come first, io rows after: 1xx falls to 0xx once */
    guint falls = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(opcodes); i++) {
        check_text(opcodes[i].name);
        if (i > 0 && opcodes[i].number <= opcodes[i - 1].number) {
            g_assert_true(opcodes[i - 1].number >> 8);
            g_assert_false(opcodes[i].number >> 8);
            falls++;
        }
        for (gsize j = 0; j < i; j++) {
            g_assert_true(opcodes[i].number >> 8 != opcodes[j].number >> 8 ||
                          strcmp(opcodes[i].name, opcodes[j].name) != 0);
        }
    }
    g_assert_cmpuint(falls, ==, 1);
}

static void test_status_without_name(void)
{
    const guint16 nameless[] = { 0x017, 0x07f, 0x0ff, 0x104, 0x1ff, 0x289,
                                 0x400, 0x7ff };

    for (gsize i = 0; i < G_N_ELEMENTS(nameless); i++) {
        g_assert_null(fi_status_name(nameless[i]));
    }
}

static void test_status_number(void)
{
    g_assert_cmphex(parse_status("0x286"), ==, 0x286);
    g_assert_cmphex(parse_status("0X4286"), ==, 0x4286);
    g_assert_cmphex(parse_status("0x7fff"), ==, 0x7fff);
    g_assert_cmphex(parse_status("646"), ==, 0x286);
    g_assert_cmphex(parse_status("010"), ==, 10);
    g_assert_cmphex(parse_status("0"), ==, 0);
    g_assert_cmphex(parse_status("0x104"), ==, 0x104);
}

static void test_opcode_known(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(known_opcodes); i++) {
        gboolean admin = known_opcodes[i].queue == FI_QUEUE_ADMIN;
        FiQueue queue = FI_QUEUE_ANY;
        GError *error = NULL;
        guint8 opcode;

        fi_opcode_parse(known_opcodes[i].name, &queue, &opcode, &error);
        g_assert_no_error(error);
        g_assert_cmphex(opcode, ==, known_opcodes[i].opcode);
        g_assert_cmpint(queue, ==, known_opcodes[i].queue);
        g_assert_cmpstr(fi_opcode_name(admin, opcode), ==,
                        known_opcodes[i].name);
    }
}

static void test_opcode_round_trip(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(opcodes); i++) {
        gboolean admin = opcodes[i].number >> 8;
        FiQueue queue = admin ? FI_QUEUE_ADMIN : FI_QUEUE_IO;
        guint8 opcode = ~opcodes[i].number;

        g_assert_true(fi_opcode_parse(opcodes[i].name, &queue, &opcode, NULL));
        g_assert_cmphex(opcode, ==, opcodes[i].number & 0xff);
        g_assert_cmpstr(fi_opcode_name(admin, opcode), ==, opcodes[i].name);
    }
    g_assert_null(fi_opcode_name(FALSE, 0x03));
    g_assert_null(fi_opcode_name(TRUE, 0xc0));
}

/* 7Fh is Fabrics on every queue: the name leaves the queue open. */
static void test_opcode_of_both_queues(void)
{
    FiQueue queue = FI_QUEUE_ANY;
    guint8 opcode = 0;

    g_assert_true(fi_opcode_parse("fabrics", &queue, &opcode, NULL));
    g_assert_cmphex(opcode, ==, 0x7f);
    g_assert_cmpint(queue, ==, FI_QUEUE_ANY);
    queue = FI_QUEUE_IO;
    g_assert_true(fi_opcode_parse("fabrics", &queue, &opcode, NULL));
    g_assert_cmpint(queue, ==, FI_QUEUE_IO);
}

static void test_opcode_number(void)
{
    FiQueue queue = FI_QUEUE_ANY;
    guint8 opcode = 0;

    g_assert_true(fi_opcode_parse("0xc1", &queue, &opcode, NULL));
    g_assert_cmphex(opcode, ==, 0xc1);
    g_assert_cmpint(queue, ==, FI_QUEUE_ANY);
    g_assert_true(fi_opcode_parse("255", &queue, &opcode, NULL));
    g_assert_cmphex(opcode, ==, 255);
}

static const struct {
    const char *text, *error;
} status_errors[] = {
    { "acces-denied",
      "status 'acces-denied': unknown; did you mean 'access-denied'?" },
    { "Access_Denied",
      "status 'Access_Denied': unknown; did you mean 'access-denied'?" },
    { "wirte-fault",
      "status 'wirte-fault': unknown; did you mean 'write-fault'?" },
    { "no-such-thing-at-all",
      "status 'no-such-thing-at-all': unknown; must be a name from the NVMe "
      "specifications or a number 0 to 0x7fff" },
    { "", "status '': unknown; must be a name from the NVMe specifications "
      "or a number 0 to 0x7fff" },
    { "0x8000", "status '0x8000': must be a number 0 to 32767 (0x7fff)" },
    { "32768", "status '32768': must be a number 0 to 32767 (0x7fff)" },
    { "-1", "status '-1': must be a number 0 to 32767 (0x7fff)" },
    { "0x", "status '0x': must be a number 0 to 32767 (0x7fff)" },
    { "0x28g", "status '0x28g': must be a number 0 to 32767 (0x7fff)" },
    { "12 ", "status '12 ': must be a number 0 to 32767 (0x7fff)" },
    { "99999999999999999999",
      "status '99999999999999999999': must be a number 0 to 32767 (0x7fff)" },
};

static void test_status_errors(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(status_errors); i++) {
        GError *error = NULL;
        guint16 status = 0xbeef;

        g_assert_false(fi_status_parse(status_errors[i].text, &status,
                                       &error));
        g_assert_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID);
        g_assert_cmpstr(error->message, ==, status_errors[i].error);
        g_assert_cmphex(status, ==, 0xbeef);
        g_clear_error(&error);
    }
}

static const struct {
    FiQueue queue;
    const char *text, *error;
} opcode_errors[] = {
    { FI_QUEUE_ANY, "raed",
      "opcode 'raed': unknown; did you mean 'read'?" },
    { FI_QUEUE_ANY, "indentify",
      "opcode 'indentify': unknown; did you mean 'identify'?" },
    { FI_QUEUE_ADMIN, "read", "opcode 'read': is a command of the io queue; "
      "must be one of the admin queue" },
    { FI_QUEUE_IO, "identify", "opcode 'identify': is a command of the admin "
      "queue; must be one of the io queue" },
    { FI_QUEUE_ADMIN, "raed", "opcode 'raed': unknown; must be a name from "
      "the NVMe specifications or a number 0 to 0xff" },
    { FI_QUEUE_ANY, "0x100",
      "opcode '0x100': must be a number 0 to 255 (0xff)" },
};

static void test_opcode_errors(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(opcode_errors); i++) {
        FiQueue queue = opcode_errors[i].queue;
        GError *error = NULL;
        guint8 opcode = 0xee;

        g_assert_false(fi_opcode_parse(opcode_errors[i].text, &queue, &opcode,
                                       &error));
        g_assert_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID);
        g_assert_cmpstr(error->message, ==, opcode_errors[i].error);
        g_assert_cmphex(opcode, ==, 0xee);
        g_assert_cmpint(queue, ==, opcode_errors[i].queue);
        g_clear_error(&error);
    }
}

/* Text that is longer than any name is not compared, however near it is. */
static void test_long_text(void)
{
    GError *error = NULL;
    guint16 status;

    g_assert_false(fi_status_parse(
        "request-exceeds-maximum-namespace-sanitize-operations-in-progress"
        "-and-no-name-is-like-that", &status, &error));
    g_assert_nonnull(strstr(error->message, "that': unknown; must be a name"));
    g_clear_error(&error);
}

typedef struct Walk {
    gsize n;
    gint64 last;
} Walk;

static void walk_status(guint16 status, const char *name, gpointer opaque)
{
    Walk *walk = opaque;

    g_assert_cmpint(status, >, walk->last);
    g_assert_cmpstr(name, ==, fi_status_name(status));
    walk->last = status;
    walk->n++;
}

static void walk_opcode(gboolean admin, guint8 opcode, const char *name,
                        gpointer opaque)
{
    Walk *walk = opaque;
    gint64 place = (admin ? 0 : 0x100) + opcode;

    g_assert_cmpint(place, >, walk->last);
    g_assert_cmpstr(name, ==, fi_opcode_name(admin, opcode));
    walk->last = place;
    walk->n++;
}

static void test_foreach(void)
{
    Walk status = { 0, -1 }, opcode = { 0, -1 };
    gsize named = 0;

    for (guint i = 0; i <= FI_STATUS_CODE_MASK; i++) {
        named += fi_status_name(i) != NULL;
    }
    fi_status_names_foreach(walk_status, &status);
    g_assert_cmpuint(status.n, ==, named);
    fi_opcode_names_foreach(walk_opcode, &opcode);
    g_assert_cmpuint(opcode.n, ==, G_N_ELEMENTS(opcodes));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/names/status/known", test_status_known);
    g_test_add_func("/names/status/round-trip", test_status_round_trip);
    g_test_add_func("/names/status/table-is-sorted", test_status_table);
    g_test_add_func("/names/status/without-name", test_status_without_name);
    g_test_add_func("/names/status/number", test_status_number);
    g_test_add_func("/names/status/errors", test_status_errors);
    g_test_add_func("/names/status/long-text", test_long_text);
    g_test_add_func("/names/opcode/known", test_opcode_known);
    g_test_add_func("/names/opcode/round-trip", test_opcode_round_trip);
    g_test_add_func("/names/opcode/table-is-sorted", test_opcode_table);
    g_test_add_func("/names/opcode/both-queues", test_opcode_of_both_queues);
    g_test_add_func("/names/opcode/number", test_opcode_number);
    g_test_add_func("/names/opcode/errors", test_opcode_errors);
    g_test_add_func("/names/foreach", test_foreach);
    return g_test_run();
}
