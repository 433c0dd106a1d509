/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One suite, boot after boot, until each case of the plan has a record.
 */
#ifndef NVME_FI_RUNNER_LANE_H
#define NVME_FI_RUNNER_LANE_H

#include "blk-table.h"
#include "options.h"
#include "plan.h"
#include "report.h"

/* Boots of one suite, the first not counted, before the run gives up. */
#define LANE_MAX_REBOOTS 20

/* What all lanes of a run share; borrowed. */
typedef struct LaneConfig {
    const Options *options;
    const char *accel;      /* "tcg" or "kvm" */
    const char *dir;        /* the results folder */
    const BlkTable *blk;
    Report *report;
    guint *boots;           /* boots of the run so far, for file names */
} LaneConfig;

typedef struct Lane Lane;

/*
 * Starts to run @plan, which is borrowed. @done is called from the main
 * context when nothing is left to do; the report then has a record for each
 * case, or is aborted. Only @done may free the lane.
 */
Lane *lane_start(const LaneConfig *config, Plan *plan,
                 void (*done)(void *opaque), void *opaque);
void lane_free(Lane *lane);

/* Ends the boot that runs; @done follows. */
void lane_stop(Lane *lane, const char *reason);

#endif
