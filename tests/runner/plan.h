/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be run: the cases of a suite, and which have a record.
 */
#ifndef NVME_FI_RUNNER_PLAN_H
#define NVME_FI_RUNNER_PLAN_H

#include "machine.h"
#include "shard.h"

#include <glib.h>
#include <stdbool.h>

typedef struct PlanSource {
    const char *guest_dir;
    const char *expect_dir;
    const char *kernel;             /* release, or NULL for the host's */
    const char *const *filters;     /* globs, NULL-terminated, or NULL */
} PlanSource;

typedef struct Plan {
    char *suite;
    GPtrArray *names;       /* index = ordinal; of strings */
    GArray *done;           /* bool for each ordinal */
    Machine *machine;       /* that the suite needs */
    Shard shard;            /* as the suite counts, or all zeros */
} Plan;

/*
 * Names of the suites in @guest_dir: programs without a dot in their name,
 * except init. NULL and @error when there is none.
 */
GStrv plan_suites(const char *guest_dir, GError **error);

/*
 * Asks the guest program, run on this machine, for its cases and for the
 * machine that it needs. A plan may be empty. Returns NULL and sets @error
 * when the program fails.
 */
Plan *plan_new(const PlanSource *source, const char *suite, GError **error);
void plan_free(Plan *plan);

/* Keeps the names in @shard, which counts from this suite's first case. */
void plan_set_shard(Plan *plan, Shard shard);

bool plan_is_done(const Plan *plan, guint ordinal);
void plan_set_done(Plan *plan, guint ordinal);

/*
 * The initramfs for the suite: @initrd, or, where the suite needs programs or
 * modules, the one beside it that has them, FILE-SUITE.cpio. NULL and @error
 * when it is not there.
 */
char *plan_image(const Plan *plan, const char *initrd, GError **error);

/* The first ordinal without a record, or the number of cases. */
guint plan_first_undone(const Plan *plan);

/* Up to three names most like @filter, from plans without a filter. */
char *plan_near(GPtrArray *plans, const char *filter);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Plan, plan_free)

#endif
