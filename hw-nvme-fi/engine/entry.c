/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One rule of a set: copied in, given out again, and asked whether it
 * matches and is due.
 */
#include "entry.h"

#include <string.h>

#include "delay.h"
#include "opcode.h"
#include "random.h"

static FiRare *rare_new(const FiRule *rule, FiState *state, FiState *set_state)
{
    const FiMatch *match = &rule->match;
    const FiSchedule *schedule = &rule->schedule;
    const FiAction *action = &rule->action;
    FiRare *rare;

    if (!state && !set_state && !match->n_sqe && !match->has_ordinal &&
        schedule->seed == 0 && schedule->probability >= 1.0 &&
        action->delay == FI_DELAY_FIXED && !action->detail) {
        return NULL;
    }
    rare = g_malloc0(sizeof(*rare) + match->n_sqe * sizeof(rare->sqe[0]));
    rare->probability = schedule->probability;
    rare->seed = schedule->seed;
    rare->state = state;
    rare->set_state = set_state;
    rare->detail = action->detail ? fi_detail_ref(action->detail) : NULL;
    rare->ordinal = match->has_ordinal ? match->ordinal : 0;
    rare->delay = action->delay;
    rare->delay_max_ns = action->delay_max_ns;
    rare->n_sqe = match->n_sqe;
    if (match->n_sqe) {
        memcpy(rare->sqe, match->sqe, match->n_sqe * sizeof(rare->sqe[0]));
    }
    return rare;
}

static void copy_match(FiEntry *entry, const FiMatch *match)
{
    entry->queue = match->queue;
    entry->has_qid = match->has_qid;
    entry->qid = match->has_qid ? match->qid : 0;
    entry->has_opcode = match->has_opcode;
    entry->opcode = match->has_opcode ? match->opcode : 0;
    entry->has_nsid = match->has_nsid;
    entry->nsid = match->has_nsid ? match->nsid : 0;
    entry->has_cns = match->has_cns;
    entry->has_lid = match->has_lid;
    entry->has_fid = match->has_fid;
    entry->cdw10 = match->has_cns ? match->cns :
                   match->has_lid ? match->lid :
                   match->has_fid ? match->fid : 0;
    entry->has_range = match->has_range;
    if (match->has_range) {
        entry->node.first = match->slba;
        entry->node.last = match->slba + (match->nlb - 1);
    }
}

static gsize size_with_id(const char *id)
{
    return sizeof(FiEntry) + strlen(id) + 1;
}

FiEntry *fi_entry_new(FiSlab *slab, const FiRule *rule, const char *id,
                      FiState *state, FiState *set_state)
{
    FiEntry *entry = fi_slab_alloc0(slab, size_with_id(id));

    strcpy(entry->id, id);
    copy_match(entry, &rule->match);
    entry->skip = rule->schedule.skip;
    entry->every = rule->schedule.every;
    entry->times = rule->schedule.times;
    entry->kind = rule->action.kind;
    entry->execute = rule->action.execute;
    entry->delay_ns = rule->action.delay_ns;
    entry->status = rule->action.status;
    entry->lifetime = rule->lifetime;
    entry->rare = rare_new(rule, state, set_state);
    return entry;
}

void fi_entry_free(FiSlab *slab, FiEntry *entry)
{
    if (entry->rare) {
        fi_detail_unref(entry->rare->detail);
        g_free(entry->rare);
    }
    fi_slab_free(slab, entry, size_with_id(entry->id));
}

gboolean fi_entry_matches_rest(const FiEntry *entry, const FiCommand *command)
{
    const FiRare *rare = entry->rare;

    /* CNS and LID put their opcode into the key; FID has two. */
    if (entry->has_fid && !fi_opcode_has_fid(command->sqe[0] & 0xff)) {
        return FALSE;
    }
    for (gsize i = 0; rare && i < rare->n_sqe; i++) {
        const FiSqeMask *sqe = &rare->sqe[i];

        if ((command->sqe[sqe->dword] & sqe->mask) != sqe->value) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean chance_says_yes(const FiRare *rare, guint64 match)
{
    return fi_random_unit(rare->seed, match, FI_RANDOM_CHANCE) <
           rare->probability;
}

static gboolean is_spent(const FiEntry *entry)
{
    return entry->times && entry->hits >= entry->times;
}

gboolean fi_entry_is_due(const FiEntry *entry)
{
    return entry->matches > entry->skip && !is_spent(entry) &&
           (entry->matches - entry->skip - 1) % entry->every == 0 &&
           (!entry->rare || chance_says_yes(entry->rare, entry->matches));
}

const char *fi_entry_id(const FiEntry *entry)
{
    return entry->id;
}

static void give_match(const FiEntry *entry, FiMatch *match)
{
    const FiRare *rare = entry->rare;

    match->queue = entry->queue;
    match->has_qid = entry->has_qid;
    match->qid = entry->qid;
    match->has_opcode = entry->has_opcode;
    match->opcode = entry->opcode;
    match->has_nsid = entry->has_nsid;
    match->nsid = entry->nsid;
    match->has_range = entry->has_range;
    if (entry->has_range) {
        match->slba = entry->node.first;
        match->nlb = entry->node.last - entry->node.first + 1;
    }
    match->has_cns = entry->has_cns;
    match->cns = entry->has_cns ? entry->cdw10 : 0;
    match->has_lid = entry->has_lid;
    match->lid = entry->has_lid ? entry->cdw10 : 0;
    match->has_fid = entry->has_fid;
    match->fid = entry->has_fid ? entry->cdw10 : 0;
    if (rare) {
        match->sqe = rare->n_sqe ? rare->sqe : NULL;
        match->n_sqe = rare->n_sqe;
        match->state = rare->state ? rare->state->name : NULL;
        match->has_ordinal = rare->ordinal != 0;
        match->ordinal = rare->ordinal;
    }
}

static FiAction give_action(const FiEntry *entry)
{
    const FiRare *rare = entry->rare;

    return (FiAction) {
        .kind = entry->kind,
        .execute = entry->execute,
        .delay = rare ? rare->delay : FI_DELAY_FIXED,
        .delay_ns = entry->delay_ns,
        .delay_max_ns = rare ? rare->delay_max_ns : 0,
        .status = entry->status,
        .detail = rare ? rare->detail : NULL,
    };
}

FiAction fi_entry_action(const FiEntry *entry)
{
    FiAction action = give_action(entry);

    if (action.delay != FI_DELAY_FIXED) {
        action.delay_ns = fi_delay_draw(&action,
                                        fi_random(entry->rare->seed,
                                                  entry->matches,
                                                  FI_RANDOM_DELAY));
        action.delay = FI_DELAY_FIXED;
        action.delay_max_ns = 0;
    }
    return action;
}

FiRule fi_entry_rule(const FiEntry *entry)
{
    FiRule rule = FI_RULE_INIT;
    const FiRare *rare = entry->rare;

    rule.id = entry->id;
    give_match(entry, &rule.match);
    rule.schedule.skip = entry->skip;
    rule.schedule.every = entry->every;
    rule.schedule.times = entry->times;
    if (rare) {
        rule.schedule.probability = rare->probability;
        rule.schedule.seed = rare->seed;
        rule.schedule.set_state =
            rare->set_state ? rare->set_state->name : NULL;
    }
    rule.action = give_action(entry);
    rule.lifetime = entry->lifetime;
    return rule;
}

FiStats fi_entry_stats(const FiEntry *entry)
{
    return (FiStats) {
        .order = entry->node.order,
        .matches = entry->matches,
        .hits = entry->hits,
        .spent = is_spent(entry),
    };
}

FiDetail *fi_entry_detail(const FiEntry *entry)
{
    return entry->rare ? entry->rare->detail : NULL;
}

gpointer fi_entry_data(const FiEntry *entry)
{
    return entry->data;
}

void fi_entry_set_data(FiEntry *entry, gpointer data)
{
    entry->data = data;
}
