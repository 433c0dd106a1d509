/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule set: the rules of one controller, indexed, and the decision what
 * happens to a command.  Pure: time and chance are arguments, no lock, no I/O.
 */
#ifndef FI_SET_H
#define FI_SET_H

#include "rule.h"

typedef struct FiSet FiSet;

/* A run of logical blocks; nlb is 1-based. */
typedef struct FiRange {
    guint64 slba;
    guint64 nlb;
} FiRange;

/* A command as it was fetched. */
typedef struct FiCommand {
    gboolean admin;
    guint16 qid;
    guint32 sqe[16];            /* in host byte order */
    const FiRange *ranges;      /* the blocks that it touches; n_ranges 0 for
                                   a command that touches none */
    gsize n_ranges;
    guint64 ordinal;            /* of the commands that were fetched from
                                   queue qid, from 1; 0: not known, and no
                                   rule that asks for one matches */
} FiCommand;

/* What a rule did so far. */
typedef struct FiStats {
    guint64 order;              /* of addition; a newer rule has a larger */
    guint64 matches;            /* commands that matched, spent or not */
    guint64 hits;               /* commands that the rule acted on */
    gboolean spent;             /* hits reached times */
} FiStats;

typedef struct FiEntry FiEntry; /* a rule in a set; valid until removed */

/* The decision about one command. */
typedef struct FiVerdict {
    FiEntry *matched;           /* the rule that acts or, where none is due,
                                   the newest that matched; NULL: none */
    guint64 match;              /* which match of matched this is, from 1;
                                   0: none matched */
    gboolean hit;               /* matched acts: apply action */
    FiAction action;            /* with hit only.  The delay is drawn: fixed,
                                   delay_ns.  The detail is the rule's own
                                   reference, gone with the rule */
} FiVerdict;

FiSet *fi_set_new(void);
void fi_set_free(FiSet *set);   /* accepts NULL */

/*
 * fi_set_add:
 * Add copies of all @rules, in order (the last is the newest), or none.
 * Ids must be unique in the set and the list; a rule with a NULL id is given
 * "ruleN" with the next N, from 0, that no rule has.  An N that was given is
 * not given again until the set is cleared, so that an id in a log stays the
 * name of one rule.  On success and with @entries not NULL, entries[i] is the
 * entry of rules[i].
 * Errors: FI_RULE_ERROR.
 */
gboolean fi_set_add(FiSet *set, const FiRule *rules, gsize n_rules,
                    FiEntry **entries, GError **error);

/* Remove the rules that have these ids: all or, with an error, none.  An id
 * that @ids holds twice counts once. */
gboolean fi_set_remove(FiSet *set, const char *const *ids, gsize n_ids,
                       GError **error);
void fi_set_clear(FiSet *set);  /* rules, and back to the initial state */

/* A controller reset: removes the rules with FI_LIFETIME_UNTIL_RESET. */
void fi_set_reset(FiSet *set);

gsize fi_set_size(const FiSet *set);
const char *fi_set_state(const FiSet *set);   /* "" at first */

/*
 * fi_set_decide:
 * Count @command against every rule that matches it and say which acts: of
 * those that are due, the newest.  A due rule that a newer one overrides has
 * matched but not hit.  A spent rule goes on counting matches.
 * The cost is that of the rules that match, plus the logarithm of the number
 * that do not; rules that differ in their SQE masks alone are looked at one by
 * one.
 */
FiVerdict fi_set_decide(FiSet *set, const FiCommand *command);

/*
 * Whether a rule with an LBA range could match @opcode: only then is it worth
 * reading the ranges of a Dataset Management or Copy command from the host.
 */
gboolean fi_set_wants_ranges(const FiSet *set, guint8 opcode);

/*
 * How many groups, tree nodes and rules all decisions so far have looked at:
 * what they cost, without a clock.
 */
guint64 fi_set_looked_at(const FiSet *set);

FiEntry *fi_set_find(const FiSet *set, const char *id);   /* or NULL */
/* Calls @func for each rule, oldest first; it may remove the one it gets. */
typedef void (*FiEntryFunc)(FiEntry *entry, gpointer opaque);
void fi_set_foreach(FiSet *set, FiEntryFunc func, gpointer opaque);

const char *fi_entry_id(const FiEntry *entry);
/* The rule as it was added; its pointers belong to the entry. */
FiRule fi_entry_rule(const FiEntry *entry);
FiStats fi_entry_stats(const FiEntry *entry);
/* The detail of its action, without a reference; or NULL. */
FiDetail *fi_entry_detail(const FiEntry *entry);
/* One pointer for the caller, who frees it; NULL at first. */
gpointer fi_entry_data(const FiEntry *entry);
void fi_entry_set_data(FiEntry *entry, gpointer data);
/* From now on @func is called for each entry that is about to go, whatever
 * removes it; it must not change @set. */
void fi_set_set_removed(FiSet *set, FiEntryFunc func, gpointer opaque);

#endif
