/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test shows which blocks each command is taken to be about (NVM Command
 * Set 1.1, section 3.3; Zoned Namespace Command Set 1.2, section 3.4).
 */
#include "unit.h"

#define ZONE 0x1000
#define NS 0x100000
#define LAST G_MAXUINT64

static const struct Row {
    const char *name;
    gboolean admin;
    guint8 opcode;
    guint64 slba;               /* CDW11:10 */
    guint32 cdw12, cdw13;
    guint64 zone_blocks;
    FiRange expected;           /* nlb 0: none */
} rows[] = {
    { "read-1", FALSE, 0x02, 8, 0, 0, 0, { 8, 1 } },
    { "read-flags", FALSE, 0x02, 8, 0xc0000007, 0x100, 0, { 8, 8 } },
    { "read-max", FALSE, 0x02, 0, 0xffff, 0, 0, { 0, 65536 } },
    { "read-high", FALSE, 0x02, 0x123456789a, 1, 0, 0, { 0x123456789a, 2 } },
    { "read-at-the-end", FALSE, 0x02, LAST, 0, 0, 0, { LAST, 1 } },
    { "read-beyond", FALSE, 0x02, LAST - 3, 7, 0, 0, { LAST - 3, 4 } },
    { "read-of-zoned", FALSE, 0x02, ZONE + 5, 1, 0, ZONE, { ZONE + 5, 2 } },
    { "write", FALSE, 0x01, 16, 3, 0, 0, { 16, 4 } },
    { "write-uncorrectable", FALSE, 0x04, 16, 3, 0, 0, { 16, 4 } },
    { "compare", FALSE, 0x05, 16, 3, 0, 0, { 16, 4 } },
    { "write-zeroes", FALSE, 0x08, 16, 3, 0, 0, { 16, 4 } },
    { "verify", FALSE, 0x0c, 16, 3, 0, 0, { 16, 4 } },
    { "dataset-management", FALSE, 0x09, 16, 3, 0, 0, { 0, 0 } },
    { "copy-destination", FALSE, 0x19, 16, 3, 0, 0, { 16, 1 } },
    { "flush", FALSE, 0x00, 16, 3, 0, 0, { 0, 0 } },
    { "reservation-register", FALSE, 0x0d, 16, 3, 0, 0, { 0, 0 } },
    { "vendor", FALSE, 0x99, 16, 3, 0, 0, { 0, 0 } },
    { "append", FALSE, 0x7d, 2 * ZONE, 3, 0, ZONE, { 2 * ZONE, ZONE } },
    { "append-inside", FALSE, 0x7d, 2 * ZONE + 9, 3, 0, ZONE,
      { 2 * ZONE, ZONE } },
    { "append-odd-zone", FALSE, 0x7d, 250, 3, 0, 100, { 200, 100 } },
    { "append-no-zones", FALSE, 0x7d, 16, 3, 0, 0, { 16, 4 } },
    { "append-last-zone", FALSE, 0x7d, LAST, 0, 0, ZONE,
      { LAST - ZONE + 1, ZONE } },
    { "append-short-zone", FALSE, 0x7d, LAST, 0, 0, 100,
      { LAST / 100 * 100, LAST % 100 + 1 } },
    { "zone-send", FALSE, 0x79, ZONE, 0, 4, ZONE, { ZONE, ZONE } },
    { "zone-send-all", FALSE, 0x79, ZONE, 0, 0x104, ZONE, { 0, NS } },
    { "zone-send-no-zones", FALSE, 0x79, 16, 0, 4, 0, { 16, 1 } },
    { "zone-receive", FALSE, 0x7a, ZONE + 1, 0, 0x100, ZONE, { ZONE, ZONE } },
    { "admin-get-log-page", TRUE, 0x02, 8, 0, 0, 0, { 0, 0 } },
    { "admin-set-features", TRUE, 0x09, 8, 0, 0, 0, { 0, 0 } },
    { "get-lba-status", TRUE, 0x86, 8, 100, 4, 0, { 8, 4 } },
    { "get-lba-status-to-end", TRUE, 0x86, 8, 100, 0, 0, { 8, NS - 8 } },
    { "get-lba-status-beyond", TRUE, 0x86, NS, 100, 0, 0, { NS, 1 } },
};

static void test_row(gconstpointer data)
{
    const struct Row *row = data;
    const guint32 sqe[16] = {
        [0] = row->opcode | 0xabcd0000, [1] = 7, [10] = row->slba,
        [11] = row->slba >> 32, [12] = row->cdw12, [13] = row->cdw13,
    };
    FiRange storage = { 99, 99 };
    FiCommand command = { .ordinal = 5 };

    fi_command_init(&command, row->admin, row->admin ? 0 : 3, sqe,
                    row->zone_blocks, NS, &storage);
    g_assert_cmpint(command.admin, ==, row->admin);
    g_assert_cmpuint(command.qid, ==, row->admin ? 0 : 3);
    g_assert_cmpuint(command.ordinal, ==, 0);
    g_assert_cmpmem(command.sqe, sizeof(command.sqe), sqe, sizeof(sqe));
    if (!row->expected.nlb) {
        g_assert_cmpuint(command.n_ranges, ==, 0);
        return;
    }
    g_assert_cmpuint(command.n_ranges, ==, 1);
    g_assert_true(command.ranges == &storage);
    g_assert_cmphex(storage.slba, ==, row->expected.slba);
    g_assert_cmphex(storage.nlb, ==, row->expected.nlb);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/command/%s", rows[i].name);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    return g_test_run();
}
