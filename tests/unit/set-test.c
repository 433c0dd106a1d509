/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test shows how rules live together in a set: which one acts, states,
 * and resets.
 */
#include "unit.h"

static const char *acts(FiSet *set, guint8 opcode, guint64 slba)
{
    FiVerdict verdict;
    UnitCommand io;

    unit_io(&io, opcode, slba, 1);
    verdict = fi_set_decide(set, &io.command);
    return verdict.hit ? fi_entry_id(verdict.matched) : NULL;
}

static void test_empty(void)
{
    FiSet *set = fi_set_new();
    FiVerdict verdict;
    UnitCommand io;

    unit_io(&io, READ, 0, 1);
    verdict = fi_set_decide(set, &io.command);
    g_assert_null(verdict.matched);
    g_assert_false(verdict.hit);
    g_assert_cmpuint(fi_set_size(set), ==, 0);
    g_assert_cmpstr(fi_set_state(set), ==, "");
    g_assert_true(fi_set_add(set, NULL, 0, NULL, NULL));
    g_assert_true(fi_set_remove(set, NULL, 0, NULL));
    g_assert_null(fi_set_find(set, "r"));
    fi_set_clear(set);
    fi_set_reset(set);
    fi_set_free(set);
    fi_set_free(NULL);
}

static void test_newest_acts(void)
{
    FiSet *set = fi_set_new();
    const FiRule rules[] = {
        unit_lba_rule("wide", READ, 0, 1000),
        unit_lba_rule("narrow", READ, 8, 1),
        unit_rule("any"),
    };
    const char *any = "any";

    g_assert_true(fi_set_add(set, rules, 2, NULL, NULL));
    g_assert_cmpstr(acts(set, READ, 7), ==, "wide");
    g_assert_cmpstr(acts(set, READ, 8), ==, "narrow");
    g_assert_cmpuint(unit_stats(set, "wide").matches, ==, 2);
    g_assert_cmpuint(unit_stats(set, "wide").hits, ==, 1);
    g_assert_true(fi_set_add(set, &rules[2], 1, NULL, NULL));
    g_assert_cmpstr(acts(set, READ, 8), ==, "any");
    g_assert_true(fi_set_remove(set, &any, 1, NULL));
    g_assert_cmpstr(acts(set, READ, 8), ==, "narrow");
    fi_set_free(set);
}

/* A newer rule that is not due leaves the command to an older one; if none
 * is due, the newest that matched is named. */
static void test_newest_due_acts(void)
{
    FiSet *set = fi_set_new();
    FiRule rules[] = { unit_rule("old"), unit_rule("new") };
    FiVerdict verdict;
    UnitCommand io;

    rules[0].schedule.times = 1;
    rules[1].schedule.skip = 2;
    rules[1].schedule.times = 1;
    g_assert_true(fi_set_add(set, rules, 2, NULL, NULL));
    unit_io(&io, READ, 0, 1);
    g_assert_cmpstr(acts(set, READ, 0), ==, "old");
    verdict = fi_set_decide(set, &io.command);
    g_assert_false(verdict.hit);
    g_assert_cmpstr(fi_entry_id(verdict.matched), ==, "new");
    g_assert_cmpstr(acts(set, READ, 0), ==, "new");
    g_assert_true(unit_stats(set, "old").spent);
    g_assert_true(unit_stats(set, "new").spent);
    verdict = fi_set_decide(set, &io.command);
    g_assert_false(verdict.hit);
    g_assert_cmpuint(unit_stats(set, "old").matches, ==, 4);
    g_assert_cmpuint(unit_stats(set, "old").hits, ==, 1);
    fi_set_free(set);
}

/* A due rule that is overridden uses up none of its times. */
static void test_overridden_is_not_spent(void)
{
    FiSet *set = fi_set_new();
    FiRule rules[] = { unit_rule("old"), unit_rule("new") };

    rules[0].schedule.times = 1;
    rules[1].schedule.times = 2;
    g_assert_true(fi_set_add(set, rules, 2, NULL, NULL));
    g_assert_cmpstr(acts(set, READ, 0), ==, "new");
    g_assert_cmpstr(acts(set, READ, 0), ==, "new");
    g_assert_cmpstr(acts(set, READ, 0), ==, "old");
    g_assert_cmpstr(acts(set, READ, 0), ==, NULL);
    fi_set_free(set);
}

static void test_action(void)
{
    FiSet *set = fi_set_new();
    FiRule rule = unit_rule("r");
    FiVerdict verdict;
    UnitCommand io;

    rule.action = (FiAction) { .kind = FI_ACTION_STATUS, .execute = TRUE,
                              .delay_ns = 12345, .status = 0x4281 };
    unit_add(set, &rule);
    unit_io(&io, READ, 0, 1);
    verdict = fi_set_decide(set, &io.command);
    g_assert_true(verdict.hit);
    g_assert_cmpint(verdict.action.kind, ==, FI_ACTION_STATUS);
    g_assert_true(verdict.action.execute);
    g_assert_cmpuint(verdict.action.delay_ns, ==, 12345);
    g_assert_cmphex(verdict.action.status, ==, 0x4281);
    fi_set_free(set);
}

/* Two ranges of one command on one rule are one match. */
static void test_one_match_a_command(void)
{
    const FiRange ranges[] = { { 0, 4 }, { 2, 4 }, { 7, 1 } };
    const FiCommand dsm = { .qid = 1, .sqe = { [0] = 9, [1] = 1 },
                            .ranges = ranges, .n_ranges = 3 };
    FiSet *set = fi_set_new();
    FiRule rule = unit_lba_rule("r", 9, 0, 8);

    rule.schedule.skip = 1;
    unit_add(set, &rule);
    g_assert_false(fi_set_decide(set, &dsm).hit);
    g_assert_cmpuint(unit_stats(set, "r").matches, ==, 1);
    g_assert_true(fi_set_decide(set, &dsm).hit);
    g_assert_cmpuint(unit_stats(set, "r").matches, ==, 2);
    fi_set_free(set);
}

static void test_states(void)
{
    FiSet *set = fi_set_new();
    FiRule rules[] = {
        unit_rule("break"), unit_rule("broken"), unit_rule("mend"),
    };

    rules[0].match.state = "";
    rules[0].match.has_opcode = TRUE;
    rules[0].match.opcode = WRITE;
    rules[0].schedule.set_state = "worn";
    rules[1].match.state = "worn";
    rules[1].schedule.skip = 1;
    rules[2].match.state = "worn";
    rules[2].match.has_opcode = TRUE;
    rules[2].match.opcode = 0;
    rules[2].schedule.set_state = "";
    g_assert_true(fi_set_add(set, rules, 3, NULL, NULL));
    g_assert_cmpstr(acts(set, READ, 0), ==, NULL);
    g_assert_cmpstr(acts(set, WRITE, 0), ==, "break");
    g_assert_cmpstr(fi_set_state(set), ==, "worn");
    /* the command that enters a state is not yet in it */
    g_assert_cmpuint(unit_stats(set, "broken").matches, ==, 0);
    g_assert_cmpstr(acts(set, READ, 0), ==, NULL);
    g_assert_cmpstr(acts(set, WRITE, 0), ==, "broken");
    g_assert_cmpstr(acts(set, 0, 0), ==, "mend");
    g_assert_cmpstr(fi_set_state(set), ==, "");
    g_assert_cmpstr(acts(set, READ, 0), ==, NULL);
    fi_set_free(set);
}

/* The present state outlives the rule that entered it, and clear ends it. */
static void test_state_outlives_its_rule(void)
{
    FiSet *set = fi_set_new();
    FiRule rule = unit_rule("enter");
    const char *id = "enter";

    rule.schedule.set_state = "worn";
    unit_add(set, &rule);
    g_assert_cmpstr(acts(set, READ, 0), ==, "enter");
    g_assert_true(fi_set_remove(set, &id, 1, NULL));
    g_assert_cmpstr(fi_set_state(set), ==, "worn");
    rule = unit_rule("worn");
    rule.match.state = "worn";
    unit_add(set, &rule);
    g_assert_cmpstr(acts(set, READ, 0), ==, "worn");
    fi_set_clear(set);
    g_assert_cmpstr(fi_set_state(set), ==, "");
    fi_set_free(set);
}

static void test_reset(void)
{
    FiSet *set = fi_set_new();
    FiRule rules[] = { unit_rule("a"), unit_rule("b"), unit_rule("c") };

    rules[0].lifetime = FI_LIFETIME_UNTIL_RESET;
    rules[1].schedule.set_state = "s";
    rules[2].lifetime = FI_LIFETIME_UNTIL_RESET;
    g_assert_true(fi_set_add(set, rules, 3, NULL, NULL));
    g_assert_cmpstr(acts(set, READ, 0), ==, "c");
    fi_set_reset(set);
    g_assert_cmpuint(fi_set_size(set), ==, 1);
    g_assert_null(fi_set_find(set, "a"));
    g_assert_null(fi_set_find(set, "c"));
    g_assert_cmpstr(acts(set, READ, 0), ==, "b");
    fi_set_reset(set);
    g_assert_cmpuint(unit_stats(set, "b").matches, ==, 2);
    g_assert_cmpstr(fi_set_state(set), ==, "s");
    fi_set_free(set);
}

static void test_wants_ranges(void)
{
    FiSet *set = fi_set_new();
    FiRule dsm = unit_lba_rule("dsm", 9, 0, 1), any = unit_rule("any");
    FiRule admin = unit_lba_rule("admin", 0x86, 0, 1);
    FiRule without = unit_rule("without");
    const char *ids[] = { "dsm", "any" };

    unit_add(set, &without);
    g_assert_false(fi_set_wants_ranges(set, 9));
    admin.match.queue = FI_QUEUE_ADMIN;
    unit_add(set, &admin);
    g_assert_false(fi_set_wants_ranges(set, 0x86));
    unit_add(set, &dsm);
    g_assert_true(fi_set_wants_ranges(set, 9));
    g_assert_false(fi_set_wants_ranges(set, 0x19));
    any.match.has_range = TRUE;
    any.match.nlb = 1;
    unit_add(set, &any);
    g_assert_true(fi_set_wants_ranges(set, 0x19));
    g_assert_true(fi_set_remove(set, ids, 2, NULL));
    g_assert_false(fi_set_wants_ranges(set, 9));
    g_assert_false(fi_set_wants_ranges(set, 0x19));
    fi_set_free(set);
}

#define TEST(name) { "/set/" #name, test_##name }

static const struct {
    const char *path;
    GTestFunc func;
} tests[] = {
    TEST(empty), TEST(newest_acts), TEST(newest_due_acts),
    TEST(overridden_is_not_spent), TEST(action), TEST(one_match_a_command),
    TEST(states), TEST(state_outlives_its_rule), TEST(reset),
    TEST(wants_ranges),
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_test_add_func(tests[i].path, tests[i].func);
    }
    return g_test_run();
}
