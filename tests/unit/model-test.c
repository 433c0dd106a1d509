/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test shows that a set decides as a list of rules does that is gone
 * through one by one: random rules, commands, removals and resets.
 */
#include <string.h>

#include "unit.h"

#define MAX_RULES 60
#define STEPS 3000
#define RUNS 20

typedef struct ModelRule {
    FiRule rule;
    FiSqeMask sqe;
    char id[16];
    guint64 order, matches, hits;
} ModelRule;

typedef struct Model {
    ModelRule rules[MAX_RULES];     /* in no order */
    gsize n;
    guint64 next_order;
    const char *state;
} Model;

static const char *const states[] = { "", "a", "b" };

static gboolean chance(int percent)
{
    return g_test_rand_int_range(0, 100) < percent;
}

static const char *random_state(void)
{
    return states[g_test_rand_int_range(0, G_N_ELEMENTS(states))];
}

/* Small numbers, so that rules and commands meet often. */
static void random_match(ModelRule *model)
{
    FiMatch *match = &model->rule.match;

    match->queue = g_test_rand_int_range(0, 3);
    match->has_qid = chance(20);
    match->qid = match->queue == FI_QUEUE_ADMIN ? 0 :
                 g_test_rand_int_range(1, 3);
    match->has_opcode = chance(70);
    match->opcode = g_test_rand_int_range(0, 12);
    match->has_nsid = chance(30);
    match->nsid = g_test_rand_int_range(0, 3);
    match->has_range = chance(50);
    match->slba = g_test_rand_int_range(0, 50);
    match->nlb = g_test_rand_int_range(1, 12);
    match->has_cns = chance(10);
    match->has_lid = chance(10);
    match->has_fid = chance(10);
    match->cns = match->lid = match->fid = g_test_rand_int_range(0, 3);
    if (chance(20)) {
        model->sqe.dword = 12;
        model->sqe.mask = 3;
        model->sqe.value = g_test_rand_int_range(0, 4);
        match->sqe = &model->sqe;
        match->n_sqe = 1;
    }
    match->state = chance(25) ? random_state() : NULL;
    match->has_ordinal = chance(20);
    match->ordinal = g_test_rand_int_range(1, 6);
}

/* A valid rule: what fi_rule_validate() refuses is drawn again. */
static void random_rule(ModelRule *model)
{
    FiSchedule *schedule = &model->rule.schedule;

    do {
        memset(model, 0, sizeof(*model));
        g_snprintf(model->id, sizeof(model->id), "r%d",
                   g_test_rand_int_range(0, 100));
        model->rule = unit_rule(model->id);
        random_match(model);
    } while (!fi_rule_validate(&model->rule, NULL));
    schedule->skip = chance(30) ? g_test_rand_int_range(0, 4) : 0;
    schedule->every = chance(30) ? g_test_rand_int_range(1, 4) : 1;
    schedule->times = chance(60) ? g_test_rand_int_range(0, 4) : 0;
    schedule->probability = chance(20) ? g_test_rand_double() : 1;
    schedule->seed = (guint32)g_test_rand_int();
    schedule->set_state = chance(25) ? random_state() : NULL;
    model->rule.action.status = g_test_rand_int_range(0, 0x8000);
    model->rule.lifetime = chance(20);
}

static ModelRule *model_find(Model *model, const char *id)
{
    for (gsize i = 0; i < model->n; i++) {
        if (strcmp(model->rules[i].id, id) == 0) {
            return &model->rules[i];
        }
    }
    return NULL;
}

static void model_put(ModelRule *at, const ModelRule *rule)
{
    *at = *rule;
    at->rule.id = at->id;
    if (at->rule.match.n_sqe) {
        at->rule.match.sqe = &at->sqe;
    }
}

static void model_remove(Model *model, ModelRule *rule)
{
    const ModelRule last = model->rules[--model->n];

    if (rule != &model->rules[model->n]) {
        model_put(rule, &last);
    }
}

static gboolean any_overlap(const FiMatch *match, const FiCommand *command)
{
    for (gsize i = 0; i < command->n_ranges; i++) {
        for (guint64 n = 0; n < command->ranges[i].nlb; n++) {
            guint64 lba = command->ranges[i].slba + n;

            if (lba >= match->slba && lba - match->slba < match->nlb) {
                return TRUE;
            }
        }
    }
    return FALSE;
}

static gboolean admin_members_match(const FiMatch *match,
                                    const FiCommand *command)
{
    guint8 opcode = command->sqe[0], low = command->sqe[10];

    if (match->has_cns) {
        return command->admin && opcode == 6 && low == match->cns;
    }
    if (match->has_lid) {
        return command->admin && opcode == 2 && low == match->lid;
    }
    if (match->has_fid) {
        return command->admin && (opcode == 9 || opcode == 10) &&
               low == match->fid;
    }
    return TRUE;
}

static gboolean model_matches(const Model *model, const FiMatch *match,
                              const FiCommand *command)
{
    return (match->queue == FI_QUEUE_ANY ||
            (match->queue == FI_QUEUE_ADMIN) == command->admin) &&
           (!match->has_qid || match->qid == command->qid) &&
           (!match->has_ordinal || match->ordinal == command->ordinal) &&
           (!match->has_opcode ||
            match->opcode == (command->sqe[0] & 0xff)) &&
           (!match->has_nsid || match->nsid == command->sqe[1]) &&
           (!match->has_range || any_overlap(match, command)) &&
           admin_members_match(match, command) &&
           (!match->n_sqe || (command->sqe[12] & match->sqe->mask) ==
            match->sqe->value) &&
           (!match->state || strcmp(match->state, model->state) == 0);
}

static gboolean draw(const FiSchedule *schedule, guint64 n)
{
    guint64 state = schedule->seed, z = 0;

    while (n--) {
        z = unit_splitmix64(&state);
    }
    return (z >> 11) / 9007199254740992.0 < schedule->probability;
}

static gboolean model_is_due(const ModelRule *rule)
{
    const FiSchedule *schedule = &rule->rule.schedule;
    guint64 n = rule->matches;

    return n > schedule->skip &&
           (n - schedule->skip - 1) % schedule->every == 0 &&
           (!schedule->times || rule->hits < schedule->times) &&
           draw(schedule, n);
}

/* The rule that acts or, with *@hit FALSE, the newest that matches. */
static ModelRule *model_decide(Model *model, const FiCommand *command,
                               gboolean *hit)
{
    ModelRule *matched = NULL, *due = NULL;

    for (gsize i = 0; i < model->n; i++) {
        ModelRule *rule = &model->rules[i];

        if (!model_matches(model, &rule->rule.match, command)) {
            continue;
        }
        rule->matches++;
        if (!matched || rule->order > matched->order) {
            matched = rule;
        }
        if (model_is_due(rule) && (!due || rule->order > due->order)) {
            due = rule;
        }
    }
    *hit = due != NULL;
    if (due) {
        due->hits++;
        if (due->rule.schedule.set_state) {
            model->state = due->rule.schedule.set_state;
        }
    }
    return due ? due : matched;
}

static void step_add(FiSet *set, Model *model)
{
    gsize n = g_test_rand_int_range(1, 5);
    ModelRule drawn[4];
    FiRule rules[4];
    gboolean good = TRUE;

    if (model->n + n > MAX_RULES) {
        return;
    }
    for (gsize i = 0; i < n; i++) {
        random_rule(&drawn[i]);
        rules[i] = drawn[i].rule;
        good = good && !model_find(model, drawn[i].id);
        for (gsize j = 0; j < i; j++) {
            good = good && strcmp(drawn[i].id, drawn[j].id) != 0;
        }
    }
    g_assert_cmpint(fi_set_add(set, rules, n, NULL, NULL), ==, good);
    for (gsize i = 0; good && i < n; i++) {
        drawn[i].order = model->next_order++;
        model_put(&model->rules[model->n++], &drawn[i]);
    }
}

static void step_remove(FiSet *set, Model *model)
{
    const char *id;
    ModelRule *rule;

    if (!model->n) {
        return;
    }
    rule = &model->rules[g_test_rand_int_range(0, model->n)];
    id = rule->id;
    g_assert_true(fi_set_remove(set, &id, 1, NULL));
    model_remove(model, rule);
}

static void step_reset(FiSet *set, Model *model)
{
    fi_set_reset(set);
    for (gsize i = model->n; i-- > 0;) {
        if (model->rules[i].rule.lifetime == FI_LIFETIME_UNTIL_RESET) {
            model_remove(model, &model->rules[i]);
        }
    }
}

static void step_decide(FiSet *set, Model *model)
{
    FiRange ranges[3];
    FiCommand command = { .admin = chance(40), .ranges = ranges };
    FiVerdict verdict;
    ModelRule *expected;
    gboolean hit;

    command.qid = command.admin ? 0 : g_test_rand_int_range(1, 3);
    command.ordinal = g_test_rand_int_range(0, 6);
    command.sqe[0] = g_test_rand_int_range(0, 12) | 0x12340000;
    command.sqe[1] = g_test_rand_int_range(0, 3);
    command.sqe[10] = g_test_rand_int_range(0, 3) | 0x100;
    command.sqe[12] = g_test_rand_int_range(0, 8);
    command.n_ranges = g_test_rand_int_range(0, 4);
    for (gsize i = 0; i < command.n_ranges; i++) {
        ranges[i].slba = g_test_rand_int_range(0, 60);
        ranges[i].nlb = g_test_rand_int_range(0, 8);
    }
    verdict = fi_set_decide(set, &command);
    expected = model_decide(model, &command, &hit);
    g_assert_true(!verdict.matched == !expected);
    g_assert_cmpint(verdict.hit, ==, hit);
    if (expected) {
        g_assert_cmpstr(fi_entry_id(verdict.matched), ==, expected->id);
    }
    g_assert_cmpuint(verdict.match, ==, expected ? expected->matches : 0);
    if (hit) {
        g_assert_cmphex(verdict.action.status, ==,
                        expected->rule.action.status);
    }
    g_assert_cmpstr(fi_set_state(set), ==, model->state);
}

static void compare(FiSet *set, Model *model)
{
    g_assert_cmpuint(fi_set_size(set), ==, model->n);
    for (gsize i = 0; i < model->n; i++) {
        FiStats stats = unit_stats(set, model->rules[i].id);

        g_assert_cmpuint(stats.matches, ==, model->rules[i].matches);
        g_assert_cmpuint(stats.hits, ==, model->rules[i].hits);
    }
}

static void test_random(void)
{
    FiSet *set = fi_set_new();
    g_autofree Model *model = g_new0(Model, 1);

    model->state = "";
    for (int step = 0; step < STEPS; step++) {
        int percent = g_test_rand_int_range(0, 1000);

        if (percent < 80) {
            step_add(set, model);
        } else if (percent < 180) {
            step_remove(set, model);
        } else if (percent < 190) {
            step_reset(set, model);
        } else if (percent < 192) {
            fi_set_clear(set);
            model->n = 0;
            model->state = "";
        } else {
            step_decide(set, model);
        }
        compare(set, model);
    }
    fi_set_free(set);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (int i = 0; i < RUNS; i++) {
        g_autofree char *path = g_strdup_printf("/model/random/%d", i);

        g_test_add_func(path, test_random);
    }
    return g_test_run();
}
