/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule as a set holds it: the members packed into one allocation, what the
 * rule did so far, and the links of the set's own structures.
 */
#ifndef FI_ENTRY_H
#define FI_ENTRY_H

#include "interval.h"
#include "set.h"
#include "slab.h"

/* The name of a state, shared by all the rules that use it. */
typedef struct FiState {
    gsize refs;
    char name[];
} FiState;

/* What few rules have; most entries do without. */
typedef struct FiRare {
    gdouble probability;
    guint64 seed;
    FiState *state, *set_state; /* NULL: none; references */
    FiDetail *detail;           /* the same */
    guint64 ordinal;            /* 0: any */
    guint64 delay_max_ns;
    FiDelay delay;
    gsize n_sqe;
    FiSqeMask sqe[];
} FiRare;

typedef struct FiGroup FiGroup; /* of rules with equal keys: index.h */

struct FiEntry {
    FiInterval node;            /* in the group's tree; without an LBA range
                                   left and right link the group's list */
    FiEntry *older, *newer;     /* all the rules of the set */
    FiEntry *next_id;           /* rules whose ids fall into one bucket */
    FiGroup *group;
    FiRare *rare;
    gpointer data;
    guint64 skip, every, times;
    guint64 delay_ns;
    guint64 matches, hits;
    guint64 seen;               /* the last decision that counted a match */
    guint32 id_hash;
    guint32 nsid;
    guint16 qid;
    guint16 status;
    guint8 opcode, cdw10;       /* cdw10: CNS, LID or FID, bits 7:0 */
    guint8 queue, kind, lifetime;
    guint8 has_qid:1, has_opcode:1, has_nsid:1, has_range:1, has_cns:1,
        has_lid:1, has_fid:1, execute:1;
    char id[];
};

/*
 * A copy of @rule, which is valid, under the name @id.  @state and @set_state
 * (NULL where the rule has none) are references that the entry takes over.
 */
FiEntry *fi_entry_new(FiSlab *slab, const FiRule *rule, const char *id,
                      FiState *state, FiState *set_state);
void fi_entry_free(FiSlab *slab, FiEntry *entry);   /* not the states */

static inline FiState *fi_entry_match_state(const FiEntry *entry)
{
    return entry->rare ? entry->rare->state : NULL;
}

static inline guint64 fi_entry_ordinal(const FiEntry *entry)
{
    return entry->rare ? entry->rare->ordinal : 0;
}

static inline FiState *fi_entry_set_state(const FiEntry *entry)
{
    return entry->rare ? entry->rare->set_state : NULL;
}

/* Whether what no index looks at lets @entry match: SQE masks, and that a
 * CNS, LID or FID is meant for the command that has one. */
gboolean fi_entry_matches_rest(const FiEntry *entry, const FiCommand *command);

/* Whether the match that was just counted (entry->matches) is due. */
gboolean fi_entry_is_due(const FiEntry *entry);

/* What @entry does to the command of that match: its delay is drawn. */
FiAction fi_entry_action(const FiEntry *entry);

#endif
