/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test shows, for every member of a match and for some together, which
 * commands a rule matches: a near miss on each side of each bound.
 */
#include "unit.h"

static const FiSqeMask nlb_is_7[] = { { 12, 0xffff, 7 } };
static const FiSqeMask fua_and_cid[] = {
    { 12, 1u << 30, 1u << 30 }, { 0, 0xffff0000, 0x00050000 },
};
static const FiRange two_ranges[] = { { 10, 5 }, { 100, 10 } };
static const FiRange same_twice[] = { { 100, 5 }, { 102, 5 } };
static const FiRange empty_range[] = { { 100, 0 } };
static const FiRange wrapping[] = { { G_MAXINT64 - 1, G_MAXUINT64 } };

#define IO(q, op, ns) .qid = q, .sqe = { [0] = op, [1] = ns }
#define ADMIN(op, dw10) .admin = TRUE, .sqe = { [0] = op, [10] = dw10 }
#define RANGES(r) .ranges = r, .n_ranges = G_N_ELEMENTS(r)
#define ONE(first, n) .ranges = (const FiRange[]) { { first, n } }, \
                      .n_ranges = 1
#define LBA(first, n) .has_range = TRUE, .slba = first, .nlb = n
#define QID(q) .has_qid = TRUE, .qid = q
#define OPCODE(op) .has_opcode = TRUE, .opcode = op

static const struct Row {
    const char *name;
    FiMatch match;
    FiCommand command;
    gboolean expected;
} rows[] = {
    { "any-io", { 0 }, { IO(1, READ, 1) }, TRUE },
    { "any-admin", { 0 }, { ADMIN(6, 1) }, TRUE },
    { "queue-io", { .queue = FI_QUEUE_IO }, { IO(1, READ, 1) }, TRUE },
    { "queue-io-admin", { .queue = FI_QUEUE_IO }, { ADMIN(2, 0) }, FALSE },
    { "queue-admin", { .queue = FI_QUEUE_ADMIN }, { ADMIN(2, 0) }, TRUE },
    { "queue-admin-io", { .queue = FI_QUEUE_ADMIN }, { IO(1, READ, 1) },
      FALSE },
    { "qid", { .has_qid = TRUE, .qid = 3 }, { IO(3, READ, 1) }, TRUE },
    { "qid-other", { .has_qid = TRUE, .qid = 3 }, { IO(2, READ, 1) }, FALSE },
    { "qid-0", { .has_qid = TRUE }, { ADMIN(2, 0) }, TRUE },
    { "qid-0-io", { .has_qid = TRUE }, { IO(1, READ, 1) }, FALSE },
    { "qid-1-admin", { .has_qid = TRUE, .qid = 1 }, { ADMIN(2, 0) }, FALSE },
    { "ordinal", { QID(1), .has_ordinal = TRUE, .ordinal = 7 },
      { IO(1, READ, 1), .ordinal = 7 }, TRUE },
    { "ordinal-before", { QID(1), .has_ordinal = TRUE, .ordinal = 7 },
      { IO(1, READ, 1), .ordinal = 6 }, FALSE },
    { "ordinal-behind", { QID(1), .has_ordinal = TRUE, .ordinal = 7 },
      { IO(1, READ, 1), .ordinal = 8 }, FALSE },
    { "ordinal-unknown", { QID(1), .has_ordinal = TRUE, .ordinal = 7 },
      { IO(1, READ, 1) }, FALSE },
    { "ordinal-other-qid", { QID(1), .has_ordinal = TRUE, .ordinal = 7 },
      { IO(2, READ, 1), .ordinal = 7 }, FALSE },
    { "ordinal-not-asked", { QID(1), .ordinal = 7 },
      { IO(1, READ, 1), .ordinal = 6 }, TRUE },
    { "ordinal-2^32", { QID(1), .has_ordinal = TRUE, .ordinal = 7 },
      { IO(1, READ, 1), .ordinal = G_GUINT64_CONSTANT(0x100000007) }, FALSE },
    { "ordinal-admin", { QID(0), .has_ordinal = TRUE, .ordinal = 7 },
      { ADMIN(6, 1), .ordinal = 7 }, TRUE },
    { "ordinal-opcode", { QID(1), .has_ordinal = TRUE, .ordinal = 7,
                          OPCODE(READ) },
      { IO(1, WRITE, 1), .ordinal = 7 }, FALSE },
    { "ordinal-lba", { QID(1), .has_ordinal = TRUE, .ordinal = 7,
                       LBA(100, 10) },
      { IO(1, READ, 1), ONE(110, 1), .ordinal = 7 }, FALSE },
    { "qid-and-queue", { .queue = FI_QUEUE_IO, .has_qid = TRUE, .qid = 3 },
      { IO(3, READ, 1) }, TRUE },
    { "opcode", { OPCODE(READ) }, { IO(1, READ, 1) }, TRUE },
    { "opcode-other", { OPCODE(READ) }, { IO(1, WRITE, 1) }, FALSE },
    { "opcode-bits-above", { OPCODE(READ) },
      { .qid = 1, .sqe = { [0] = 0xabcd4002 } }, TRUE },
    { "opcode-0", { OPCODE(0) }, { IO(1, 0, 1) }, TRUE },
    { "opcode-0-other", { OPCODE(0) }, { IO(1, WRITE, 1) }, FALSE },
    { "opcode-any-queue", { OPCODE(2) }, { ADMIN(2, 0) }, TRUE },
    { "opcode-io-queue", { .queue = FI_QUEUE_IO, OPCODE(2) },
      { ADMIN(2, 0) }, FALSE },
    { "nsid", { .has_nsid = TRUE, .nsid = 2 }, { IO(1, READ, 2) }, TRUE },
    { "nsid-other", { .has_nsid = TRUE, .nsid = 2 }, { IO(1, READ, 1) },
      FALSE },
    { "nsid-0", { .has_nsid = TRUE }, { ADMIN(6, 1) }, TRUE },
    { "nsid-0-other", { .has_nsid = TRUE }, { IO(1, READ, 1) }, FALSE },
    { "nsid-all", { .has_nsid = TRUE, .nsid = 2 }, { IO(1, 0, 0xffffffff) },
      FALSE },
    { "lba-first", { LBA(100, 10) }, { IO(1, READ, 1), ONE(95, 6) }, TRUE },
    { "lba-before", { LBA(100, 10) }, { IO(1, READ, 1), ONE(95, 5) }, FALSE },
    { "lba-last", { LBA(100, 10) }, { IO(1, READ, 1), ONE(109, 1) }, TRUE },
    { "lba-behind", { LBA(100, 10) }, { IO(1, READ, 1), ONE(110, 1) },
      FALSE },
    { "lba-inside", { LBA(100, 10) }, { IO(1, READ, 1), ONE(104, 1) }, TRUE },
    { "lba-around", { LBA(100, 10) }, { IO(1, READ, 1), ONE(0, 9999) },
      TRUE },
    { "lba-none", { LBA(0, G_MAXINT64) }, { IO(1, 0, 1) }, FALSE },
    { "lba-empty", { LBA(0, G_MAXINT64) },
      { IO(1, 9, 1), RANGES(empty_range) }, FALSE },
    { "lba-second", { LBA(109, 10) }, { IO(1, 9, 1), RANGES(two_ranges) },
      TRUE },
    { "lba-between", { LBA(15, 85) }, { IO(1, 9, 1), RANGES(two_ranges) },
      FALSE },
    { "lba-same-twice", { LBA(103, 1) }, { IO(1, 9, 1), RANGES(same_twice) },
      TRUE },
    { "lba-beyond-2^63", { LBA(G_MAXINT64, 1) },
      { IO(1, READ, 1), ONE(G_GUINT64_CONSTANT(1) << 63, 8) }, FALSE },
    { "lba-wrapping-ends-at-the-end", { LBA(G_MAXINT64, 1) },
      { IO(1, READ, 1), RANGES(wrapping) }, TRUE },
    { "lba-wrapping-does-not-begin-again", { LBA(0, 16) },
      { IO(1, READ, 1), RANGES(wrapping) }, FALSE },
    { "cns", { .has_cns = TRUE, .cns = 1 }, { ADMIN(6, 1) }, TRUE },
    { "cns-other", { .has_cns = TRUE, .cns = 1 }, { ADMIN(6, 2) }, FALSE },
    { "cns-bits-above", { .has_cns = TRUE, .cns = 1 }, { ADMIN(6, 0x50001) },
      TRUE },
    { "cns-other-opcode", { .has_cns = TRUE, .cns = 1 }, { ADMIN(2, 1) },
      FALSE },
    { "cns-io", { .has_cns = TRUE, .cns = 1 },
      { .qid = 1, .sqe = { [0] = 6, [10] = 1 } }, FALSE },
    { "cns-opcode", { OPCODE(6), .has_cns = TRUE, .cns = 1 }, { ADMIN(6, 1) },
      TRUE },
    { "lid", { .has_lid = TRUE, .lid = 2 }, { ADMIN(2, 2) }, TRUE },
    { "lid-other", { .has_lid = TRUE, .lid = 2 }, { ADMIN(2, 1) }, FALSE },
    { "lid-other-opcode", { .has_lid = TRUE, .lid = 2 }, { ADMIN(6, 2) },
      FALSE },
    { "fid-set", { .has_fid = TRUE, .fid = 7 }, { ADMIN(9, 7) }, TRUE },
    { "fid-get", { .has_fid = TRUE, .fid = 7 }, { ADMIN(10, 7) }, TRUE },
    { "fid-other", { .has_fid = TRUE, .fid = 7 }, { ADMIN(9, 6) }, FALSE },
    { "fid-other-opcode", { .has_fid = TRUE, .fid = 7 }, { ADMIN(6, 7) },
      FALSE },
    { "fid-one-opcode", { OPCODE(9), .has_fid = TRUE, .fid = 7 },
      { ADMIN(10, 7) }, FALSE },
    { "fid-qid-0", { .has_qid = TRUE, .has_fid = TRUE, .fid = 7 },
      { ADMIN(10, 7) }, TRUE },
    { "sqe", { .sqe = nlb_is_7, .n_sqe = 1 },
      { .qid = 1, .sqe = { [12] = 0xffff0007 } }, TRUE },
    { "sqe-other", { .sqe = nlb_is_7, .n_sqe = 1 },
      { .qid = 1, .sqe = { [12] = 0xffff0006 } }, FALSE },
    { "sqe-both", { .sqe = fua_and_cid, .n_sqe = 2 },
      { .qid = 1, .sqe = { [0] = 0x50001, [12] = 0x40000007 } }, TRUE },
    { "sqe-one-of-two", { .sqe = fua_and_cid, .n_sqe = 2 },
      { .qid = 1, .sqe = { [0] = 0x60001, [12] = 0x40000007 } }, FALSE },
    { "state-initial", { .state = "" }, { IO(1, READ, 1) }, TRUE },
    { "state-other", { .state = "worn" }, { IO(1, READ, 1) }, FALSE },
    { "all", { .queue = FI_QUEUE_IO, .has_qid = TRUE, .qid = 2, OPCODE(READ),
               .has_nsid = TRUE, .nsid = 3, LBA(8, 8), .state = "",
               .sqe = nlb_is_7, .n_sqe = 1, .has_ordinal = TRUE,
               .ordinal = G_MAXINT64 },
      { .qid = 2, .sqe = { [0] = READ, [1] = 3, [12] = 7 }, ONE(0, 9),
        .ordinal = G_MAXINT64 },
      TRUE },
};

/* Among rules that never match, so that the index has more than one thing. */
static void add_others(FiSet *set)
{
    static const FiSqeMask never[] = { { 15, 0xffffffff, 0xdeadbeef } };
    FiRule rule = unit_rule("other-sqe");

    rule.match.sqe = never;
    rule.match.n_sqe = 1;
    unit_add(set, &rule);
    rule = unit_lba_rule("other-lba", READ, 1 << 20, 8);
    unit_add(set, &rule);
    rule = unit_rule("other-nsid");
    rule.match.has_nsid = TRUE;
    rule.match.nsid = 77;
    unit_add(set, &rule);
}

static void test_row(gconstpointer data)
{
    const struct Row *row = data;
    FiSet *set = fi_set_new();
    FiRule rule = unit_rule("r");
    FiVerdict verdict;

    rule.match = row->match;
    add_others(set);
    unit_add(set, &rule);
    verdict = fi_set_decide(set, &row->command);
    g_assert_cmpint(verdict.hit, ==, row->expected);
    g_assert_true(verdict.matched ==
                  (row->expected ? fi_set_find(set, "r") : NULL));
    g_assert_cmpuint(unit_stats(set, "r").matches, ==, row->expected);
    fi_set_free(set);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/match/%s", rows[i].name);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    return g_test_run();
}
