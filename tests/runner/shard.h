/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One of several runs that share the cases: every case is in exactly one.
 */
#ifndef NVME_FI_RUNNER_SHARD_H
#define NVME_FI_RUNNER_SHARD_H

#include <glib.h>
#include <stdbool.h>

#define SHARD_MAX 1000

/* All zeros: no shard, every case. */
typedef struct Shard {
    guint index;        /* 1 to count */
    guint count;
} Shard;

/*
 * Reads "INDEX/COUNT", 1 <= INDEX <= COUNT <= SHARD_MAX. False and @error,
 * which names the option, for anything else.
 */
bool shard_parse(const char *text, Shard *shard, GError **error);

/* Is the case in @shard that is the @place-th of all, from 0? */
bool shard_has(Shard shard, guint place);

/*
 * The same shard as seen by a suite of which @before cases of other suites
 * come first: the suite counts its own cases from 0.
 */
Shard shard_behind(Shard shard, guint before);

#endif
