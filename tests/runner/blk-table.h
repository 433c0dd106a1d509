/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * errno -> BLK_STS_*, from the table tests/expect/blk_errors.
 */
#ifndef NVME_FI_RUNNER_BLK_TABLE_H
#define NVME_FI_RUNNER_BLK_TABLE_H

#include <glib.h>

typedef struct BlkTable BlkTable;

/*
 * Reads @dir/blk_errors: name, errno, since, until (exclusive, "-" open).
 * Returns NULL and sets @error, with the line, when it cannot be read.
 */
BlkTable *blk_table_load(const char *dir, GError **error);
void blk_table_free(BlkTable *table);

/*
 * The name, without "BLK_STS_", that kernel @release turns into
 * @errno_name ("OK" for NULL); NULL when the table does not know; borrowed.
 */
const char *blk_table_status(const BlkTable *table, const char *release,
                             const char *errno_name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BlkTable, blk_table_free)

#endif
