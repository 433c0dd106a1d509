/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run.json of a results folder: what was asked for. It is there before the
 * first case is run.
 */
#ifndef NVME_FI_RUNNER_RUN_INFO_H
#define NVME_FI_RUNNER_RUN_INFO_H

#include "options.h"

/*
 * Writes DIR/run.json, one object:
 *   "kernel-name"  as the user named it
 *   "suites"       those that have a case that the filters match, in the
 *                  order of the run; the same for all shards of a run
 *   "filters"      may be empty
 *   "shard"        {"index", "count"}, of a sharded run only
 *   "cases"        of this run; of this shard where it is one
 *   "accel"        "tcg" or "kvm"
 * @plans are the Plans of the run.
 */
bool run_info_write(const char *dir, const Options *options,
                    GPtrArray *plans, guint cases, const char *accel,
                    GError **error);

#endif
