/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "fabric": what the target makes of a status of the drive, and the
 * program of the target's, by the tables of tests/expect.
 */
#include <stdio.h>
#include <string.h>

#include "fabric.h"

#define CODE 0x7ff              /* SCT and SC */

/* Every row of tests/expect/nvme_error_status, and two of its '*'. */
const FabricStatus fabric_statuses[] = {
    { 0x081, "capacity-exceeded" },
    { 0x080, "lba-out-of-range" },
    { 0x021, "command-interrupted" },
    { 0x082, "namespace-not-ready" },
    { 0x180, "conflicting-attributes" },
    { 0x183, "0x183" },
    { 0x001, "invalid-command-opcode" },
    { 0x002, "invalid-field-in-command" },
    { 0x00b, "invalid-namespace-or-format" },
    { 0x280, "write-fault" },
    { 0x281, "unrecovered-read-error" },
    { 0x287, "deallocated-or-unwritten-logical-block" },
    { 0x286, "access-denied" },
    { 0x182, "attempted-write-to-read-only-range" },
    { 0x285, "compare-failure" },
    { 0x282, "guard-check-error" },
    { 0x283, "application-tag-check-error" },
    { 0x284, "reference-tag-check-error" },
    { 0x181, "invalid-protection-information" },
    { 0x083, "reservation-conflict" },
    { 0x370, "host-path-error" },
    { 0x1bd, "too-many-active-zones" },
    { 0x1be, "too-many-open-zones" },
    { 0x006, "internal-error" },
    { 0x022, "transient-transport-error" },
    { 0, NULL },
};

/*
 * The five that come through, from blk_to_nvme_status() (io-cmd-bdev.c) and
 * errno_to_nvme_status() (core.c), which agree, in 6.1 to 7.2; all others are
 * an internal error. The location is the offset of the member that is blamed
 * in struct nvme_rw_command.
 */
static const struct {
    const char *blk_status;
    unsigned status, location;
} survivors[] = {
    { "NOSPC", 0x081 | DNR, 48 },
    { "TARGET", 0x080 | DNR, 40 },
    { "NOTSUPP", 0x001 | DNR, 0 },
    { "MEDIUM", 0x286, 4 },
};

static Table status_table, error_table;

static const char *lookup(const Table *table, Version kernel, const char *key)
{
    const char *any = NULL;

    for (size_t i = 0; i < table->nrows; i++) {
        const Row *row = &table->rows[i];

        if (!row_holds(row, kernel)) {
            continue;
        }
        if (!strcmp(row->column[0], key)) {
            return row->column[1];
        }
        any = strcmp(row->column[0], "*") ? any : row->column[1];
    }
    return any;
}

static const char *blk_status_of(const Suite *suite, unsigned status)
{
    char key[16];

    snprintf(key, sizeof(key), "0x%03x", status & CODE);
    return lookup(&status_table, suite->kernel, key);
}

const char *map_errno(const Suite *suite, unsigned status)
{
    return lookup(&error_table, suite->kernel, blk_status_of(suite, status));
}

unsigned map_second(const Suite *suite, Backend backend, unsigned status,
                    unsigned *location)
{
    const char *blk_status = blk_status_of(suite, status);

    *location = 0;
    if (backend == PASSTHRU) {
        return status;
    }
    for (size_t i = 0; i < sizeof(survivors) / sizeof(survivors[0]); i++) {
        if (!strcmp(survivors[i].blk_status, blk_status)) {
            *location = survivors[i].location;
            return survivors[i].status | MORE;
        }
    }
    return 0x006 | DNR | MORE;
}

int map_load(const Suite *suite)
{
    const char *dir = suite->expect_dir;

    return table_load(&status_table, dir, "nvme_error_status", 5, 2) ||
           table_load(&error_table, dir, "blk_errors", 7, 2) ? -1 : 0;
}
