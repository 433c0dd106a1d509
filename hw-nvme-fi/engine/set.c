/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rule set: adding and removing all or nothing, and the decision about
 * a command.
 */
#include "set.h"

#include <string.h>

#include "ids.h"
#include "index.h"

struct FiSet {
    FiSlab slab;                /* of the entries */
    FiIds ids;
    FiIndex index;
    FiEntry *oldest, *newest;
    GHashTable *states;         /* name -> FiState that some rule names */
    FiState *state;             /* the present one, a reference */
    guint64 next_order;
    guint64 next_auto_id;
    guint64 decisions;
    guint64 looked_at;
    gsize n_until_reset;
    FiEntryFunc removed;        /* NULL: nobody wants to know */
    gpointer removed_opaque;
};

static FiState *state_ref(FiSet *set, const char *name)
{
    FiState *state = g_hash_table_lookup(set->states, name);
    gsize size = strlen(name) + 1;

    if (!state) {
        state = g_malloc(sizeof(*state) + size);
        state->refs = 0;
        memcpy(state->name, name, size);
        g_hash_table_insert(set->states, state->name, state);
    }
    state->refs++;
    return state;
}

static FiState *state_ref_or_null(FiSet *set, const char *name)
{
    return name ? state_ref(set, name) : NULL;
}

static void state_unref(FiSet *set, FiState *state)
{
    if (state && --state->refs == 0) {
        g_hash_table_remove(set->states, state->name);
        g_free(state);
    }
}

static void enter_state(FiSet *set, FiState *state)
{
    state->refs++;
    state_unref(set, set->state);
    set->state = state;
}

FiSet *fi_set_new(void)
{
    FiSet *set = g_new0(FiSet, 1);

    set->states = g_hash_table_new(g_str_hash, g_str_equal);
    set->state = state_ref(set, "");
    return set;
}

void fi_set_free(FiSet *set)
{
    if (set) {
        fi_set_clear(set);
        state_unref(set, set->state);
        g_hash_table_destroy(set->states);
        g_free(set);
    }
}

/* Frees an entry that is in no structure of the set but, maybe, ids. */
static void discard(FiSet *set, FiEntry *entry)
{
    state_unref(set, fi_entry_match_state(entry));
    state_unref(set, fi_entry_set_state(entry));
    fi_entry_free(&set->slab, entry);
}

static FiEntry *create(FiSet *set, const FiRule *rule, const char *id)
{
    return fi_entry_new(&set->slab, rule, id,
                        state_ref_or_null(set, rule->match.state),
                        state_ref_or_null(set, rule->schedule.set_state));
}

/* Makes the entry of a rule that brings its id, and reserves that. */
static FiEntry *create_named(FiSet *set, const FiRule *rule, GError **error)
{
    FiEntry *entry = create(set, rule, rule->id);

    if (!fi_ids_insert(&set->ids, entry)) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_DUPLICATE,
                    "rule '%s': id '%s': is taken; must be unique",
                    rule->id, rule->id);
        discard(set, entry);
        return NULL;
    }
    return entry;
}

/* Makes the entry of a rule without an id under the next that is free. */
static FiEntry *create_unnamed(FiSet *set, const FiRule *rule, guint64 *next)
{
    for (;;) {
        g_autofree char *id = g_strdup_printf("rule%" G_GUINT64_FORMAT,
                                              (*next)++);

        if (!fi_ids_find(&set->ids, id)) {
            FiEntry *entry = create(set, rule, id);

            fi_ids_insert(&set->ids, entry);
            return entry;
        }
    }
}

static gboolean check_all(const FiSet *set, const FiRule *rules, gsize n_rules,
                          GError **error)
{
    gsize room = FI_MAX_RULES - fi_set_size(set);

    if (n_rules > room) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_LIMIT,
                    "%" G_GSIZE_FORMAT " rules: too many; there is room for "
                    "%" G_GSIZE_FORMAT " more (at most %u in all)",
                    n_rules, room, FI_MAX_RULES);
        return FALSE;
    }
    for (gsize i = 0; i < n_rules; i++) {
        if (!fi_rule_validate(&rules[i], error)) {
            if (!rules[i].id && n_rules > 1) {
                g_prefix_error(error, "rules[%" G_GSIZE_FORMAT "]: ", i);
            }
            return FALSE;
        }
    }
    return TRUE;
}

/* Fills @made with an entry for each rule, ids reserved; on FALSE, none. */
static gboolean create_all(FiSet *set, const FiRule *rules, gsize n_rules,
                           FiEntry **made, GError **error)
{
    /* first the ids that are given: "rule7" may be one of them */
    for (gsize i = 0; i < n_rules; i++) {
        if (!rules[i].id) {
            continue;
        }
        made[i] = create_named(set, &rules[i], error);
        if (!made[i]) {
            while (i-- > 0) {
                if (made[i]) {
                    fi_ids_remove(&set->ids, made[i]);
                    discard(set, made[i]);
                }
            }
            return FALSE;
        }
    }
    for (gsize i = 0; i < n_rules; i++) {
        if (!rules[i].id) {
            made[i] = create_unnamed(set, &rules[i], &set->next_auto_id);
        }
    }
    return TRUE;
}

static void link_in(FiSet *set, FiEntry *entry)
{
    entry->node.order = set->next_order++;
    entry->older = set->newest;
    if (set->newest) {
        set->newest->newer = entry;
    } else {
        set->oldest = entry;
    }
    set->newest = entry;
    set->n_until_reset += entry->lifetime == FI_LIFETIME_UNTIL_RESET;
    fi_index_insert(&set->index, entry);
}

gboolean fi_set_add(FiSet *set, const FiRule *rules, gsize n_rules,
                    FiEntry **entries, GError **error)
{
    g_autofree FiEntry **made = g_new0(FiEntry *, n_rules);

    if (!check_all(set, rules, n_rules, error) ||
        !create_all(set, rules, n_rules, made, error)) {
        return FALSE;
    }
    for (gsize i = 0; i < n_rules; i++) {
        link_in(set, made[i]);
        if (entries) {
            entries[i] = made[i];
        }
    }
    return TRUE;
}

static void remove_entry(FiSet *set, FiEntry *entry)
{
    if (set->removed) {
        set->removed(entry, set->removed_opaque);
    }
    fi_index_remove(&set->index, entry);
    fi_ids_remove(&set->ids, entry);
    *(entry->older ? &entry->older->newer : &set->oldest) = entry->newer;
    *(entry->newer ? &entry->newer->older : &set->newest) = entry->older;
    set->n_until_reset -= entry->lifetime == FI_LIFETIME_UNTIL_RESET;
    discard(set, entry);
}

gboolean fi_set_remove(FiSet *set, const char *const *ids, gsize n_ids,
                       GError **error)
{
    for (gsize i = 0; i < n_ids; i++) {
        if (!fi_ids_find(&set->ids, ids[i])) {
            g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_NOT_FOUND,
                        "rule '%s': not found; must be the id of a rule that "
                        "was added", ids[i]);
            return FALSE;
        }
    }
    for (gsize i = 0; i < n_ids; i++) {
        FiEntry *entry = fi_ids_find(&set->ids, ids[i]);

        if (entry) {            /* not if @ids names it twice */
            remove_entry(set, entry);
        }
    }
    return TRUE;
}

void fi_set_clear(FiSet *set)
{
    FiState *initial = state_ref(set, "");

    while (set->newest) {
        remove_entry(set, set->newest);
    }
    fi_ids_done(&set->ids);
    fi_index_done(&set->index);
    enter_state(set, initial);
    state_unref(set, initial);
    set->next_auto_id = 0;
}

void fi_set_reset(FiSet *set)
{
    FiEntry *newer;

    for (FiEntry *entry = set->oldest; entry && set->n_until_reset;
         entry = newer) {
        newer = entry->newer;
        if (entry->lifetime == FI_LIFETIME_UNTIL_RESET) {
            remove_entry(set, entry);
        }
    }
}

gsize fi_set_size(const FiSet *set)
{
    return set->ids.n_entries;
}

const char *fi_set_state(const FiSet *set)
{
    return set->state->name;
}

typedef struct Decision {
    const FiCommand *command;
    guint64 number;
    FiEntry *newest_match, *newest_due;
} Decision;

static gboolean is_newer(const FiEntry *entry, const FiEntry *than)
{
    return !than || entry->node.order > than->node.order;
}

static void consider(FiEntry *entry, gpointer opaque)
{
    Decision *decision = opaque;

    if (entry->seen == decision->number ||
        !fi_entry_matches_rest(entry, decision->command)) {
        return;
    }
    entry->seen = decision->number;
    entry->matches++;
    if (is_newer(entry, decision->newest_match)) {
        decision->newest_match = entry;
    }
    if (is_newer(entry, decision->newest_due) && fi_entry_is_due(entry)) {
        decision->newest_due = entry;
    }
}

static FiVerdict hit(FiSet *set, FiEntry *entry)
{
    entry->hits++;
    if (fi_entry_set_state(entry)) {
        enter_state(set, fi_entry_set_state(entry));
    }
    return (FiVerdict) {
        .matched = entry,
        .match = entry->matches,
        .hit = TRUE,
        .action = fi_entry_action(entry),
    };
}

FiVerdict fi_set_decide(FiSet *set, const FiCommand *command)
{
    Decision decision = { .command = command, .number = ++set->decisions };

    set->looked_at += fi_index_lookup(&set->index, command, set->state,
                                      consider, &decision);
    if (decision.newest_due) {
        return hit(set, decision.newest_due);
    }
    return (FiVerdict) {
        .matched = decision.newest_match,
        .match = decision.newest_match ? decision.newest_match->matches : 0,
    };
}

gboolean fi_set_wants_ranges(const FiSet *set, guint8 opcode)
{
    return set->index.ranged_by_opcode[opcode] ||
           set->index.ranged_any_opcode;
}

guint64 fi_set_looked_at(const FiSet *set)
{
    return set->looked_at;
}

FiEntry *fi_set_find(const FiSet *set, const char *id)
{
    return fi_ids_find(&set->ids, id);
}

void fi_set_foreach(FiSet *set, FiEntryFunc func, gpointer opaque)
{
    FiEntry *newer;

    for (FiEntry *entry = set->oldest; entry; entry = newer) {
        newer = entry->newer;
        func(entry, opaque);
    }
}

void fi_set_set_removed(FiSet *set, FiEntryFunc func, gpointer opaque)
{
    set->removed = func;
    set->removed_opaque = opaque;
}
