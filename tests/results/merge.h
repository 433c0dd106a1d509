/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shards of a run, put together: 'nvme-fi run --shard I/N' deals the
 * cases of all suites out one by one, in the order of the run, and says in
 * run.json of the results folder which part it had.
 */
#ifndef NVME_FI_RESULTS_MERGE_H
#define NVME_FI_RESULTS_MERGE_H

#include "load.h"

typedef struct Part {
    char *dir;
    JsonObject *run;        /* run.json */
    Results *results;       /* NULL: it had no case */
    gint64 index;           /* of the shard, from 1; 0: no shard */
    gint64 count;
} Part;

/*
 * Reads DIR/run.json and DIR/results.jsonl. NULL and @error, which says the
 * file, where one cannot be read or says no shard as it has to.
 */
Part *part_load(const char *dir, GError **error);
void part_free(Part *part);

/*
 * Sorts @parts (of Part *) by shard and checks that they are one run: the
 * same kernel, suites, filters and number of shards, no shard and no case
 * twice, and none missing unless @partial. False and @error, which names the
 * folders, otherwise.
 */
bool merge_check(GPtrArray *parts, bool partial, GError **error);

/* The records of sorted @parts (borrowed) in the order of the whole run. */
GPtrArray *merge_records(GPtrArray *parts);

/* Cases that the parts were to run. */
guint merge_total(GPtrArray *parts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Part, part_free)

#endif
