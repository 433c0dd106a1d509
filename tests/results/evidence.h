/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a run leaves beside its records.
 */
#ifndef NVME_FI_RESULTS_EVIDENCE_H
#define NVME_FI_RESULTS_EVIDENCE_H

#include "merge.h"

/*
 * Copies the consoles and the messages of QEMU of all @parts into the folder
 * @out: console-1.log of shard 2 becomes shard-2-console-1.log; of the second
 * of runs that are no shards, run-2-console-1.log. False and @error where one
 * cannot be read or written.
 */
bool evidence_copy(GPtrArray *parts, const char *out, GError **error);

#endif
