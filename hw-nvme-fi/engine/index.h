/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the rules that a command may match without looking at the others.
 *
 * Rules are grouped by what they ask for exactly: queue or qid and ordinal,
 * opcode, nsid, CNS/LID/FID, state.  Which of these a rule names is its shape;
 * a command is looked up once for each shape in use (a handful), and
 * within a group by LBA range: first in a filter, then in a tree.  SQE masks
 * are not indexed: rules that differ in nothing else are looked at one by one.
 */
#ifndef FI_INDEX_H
#define FI_INDEX_H

#include "entry.h"
#include "filter.h"

#define FI_SHAPES 64            /* 4 ways to name a queue, 4 members or not */

typedef struct FiKey {
    const FiState *state;
    guint64 ordinal;
    guint32 nsid;
    guint16 queue;              /* an FiQueue, or the qid */
    guint8 opcode;
    guint8 cdw10;
    guint8 shape;               /* 0..FI_SHAPES - 1; members outside are 0 */
} FiKey;

struct FiGroup {
    FiKey key;
    FiGroup *next;              /* in the bucket */
    FiInterval *narrow, *wide;  /* trees of the rules with an LBA range, */
    FiFilter filter;            /* which takes the narrow ones only */
    FiInterval *rangeless;      /* list of the others, newest first */
};

typedef struct FiIndex {
    FiGroup **buckets;
    guint n_buckets;            /* 0 or a power of two */
    guint n_groups;
    guint shape_groups[FI_SHAPES];
    guint64 shapes;             /* bit n: shape_groups[n] is not 0 */
    guint ranged_by_opcode[256];    /* I/O rules with an LBA range */
    guint ranged_any_opcode;
} FiIndex;

void fi_index_done(FiIndex *index);     /* all rules must be out */
void fi_index_insert(FiIndex *index, FiEntry *entry);
void fi_index_remove(FiIndex *index, FiEntry *entry);

/*
 * Calls @func for each rule that agrees with @command in all but SQE masks,
 * in no order.  A rule that several ranges overlap comes up several times.
 * Returns how many groups, tree nodes and rules were looked at.
 */
typedef void (*FiIndexFunc)(FiEntry *entry, gpointer opaque);
gsize fi_index_lookup(FiIndex *index, const FiCommand *command,
                      const FiState *state, FiIndexFunc func, gpointer opaque);

#endif
