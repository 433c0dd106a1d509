/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test shows that a set holds one reference to the detail of each of its
 * rules, from the moment that the rule is in to the moment that it goes.
 */
#include "unit.h"

static guint freed;

static void count_freed(FiDetail *detail)
{
    g_assert_cmpuint(detail->refs, ==, 0);
    freed++;
}

/* A detail with one reference, the test's own. */
static FiDetail new_detail(void)
{
    freed = 0;
    return (FiDetail) { 1, count_freed };
}

static FiRule rule_with(const char *id, FiDetail *detail)
{
    FiRule rule = unit_rule(id);

    rule.action.kind = FI_ACTION_OTHER;
    rule.action.detail = detail;
    return rule;
}

static void test_references(void)
{
    FiDetail detail = new_detail();

    g_assert_true(fi_detail_ref(&detail) == &detail);
    g_assert_cmpuint(detail.refs, ==, 2);
    fi_detail_unref(&detail);
    g_assert_cmpuint(detail.refs, ==, 1);
    g_assert_cmpuint(freed, ==, 0);
    fi_detail_unref(&detail);
    g_assert_cmpuint(freed, ==, 1);
    fi_detail_unref(NULL);
}

static void test_remove(void)
{
    FiDetail detail = new_detail();
    FiSet *set = fi_set_new();
    const FiRule rules[] = { rule_with("a", &detail), rule_with("b", &detail),
                             unit_rule("c") };
    const char *a[] = { "a" }, *others[] = { "c", "b" };

    g_assert_true(fi_set_add(set, rules, 3, NULL, NULL));
    g_assert_cmpuint(detail.refs, ==, 3);
    g_assert_true(fi_set_remove(set, a, 1, NULL));
    g_assert_cmpuint(detail.refs, ==, 2);
    fi_detail_unref(&detail);
    g_assert_cmpuint(freed, ==, 0);
    g_assert_true(fi_set_remove(set, others, 2, NULL));
    g_assert_cmpuint(freed, ==, 1);
    fi_set_free(set);
    g_assert_cmpuint(freed, ==, 1);
}

static void test_clear_and_free(void)
{
    FiDetail detail = new_detail();
    FiSet *set = fi_set_new();
    const FiRule rules[] = { rule_with("a", &detail),
                             rule_with("b", &detail) };

    g_assert_true(fi_set_add(set, rules, 2, NULL, NULL));
    fi_set_clear(set);
    g_assert_cmpuint(detail.refs, ==, 1);
    g_assert_true(fi_set_add(set, rules, 2, NULL, NULL));
    g_assert_cmpuint(detail.refs, ==, 3);
    fi_set_free(set);
    g_assert_cmpuint(detail.refs, ==, 1);
    g_assert_cmpuint(freed, ==, 0);
}

static void test_reset(void)
{
    FiDetail detail = new_detail();
    FiSet *set = fi_set_new();
    FiRule rules[] = { rule_with("a", &detail), rule_with("b", &detail) };

    rules[1].lifetime = FI_LIFETIME_UNTIL_RESET;
    g_assert_true(fi_set_add(set, rules, 2, NULL, NULL));
    fi_set_reset(set);
    g_assert_cmpuint(detail.refs, ==, 2);
    fi_set_reset(set);
    g_assert_cmpuint(detail.refs, ==, 2);
    fi_set_free(set);
}

/* A list that is refused, early or late, leaves no reference behind. */
static void test_refused(void)
{
    FiDetail detail = new_detail();
    FiSet *set = fi_set_new();
    FiRule rules[] = { rule_with("a", &detail), rule_with("b", &detail),
                       rule_with("b", &detail) };

    g_assert_false(fi_set_add(set, rules, 3, NULL, NULL));
    g_assert_cmpuint(detail.refs, ==, 1);
    rules[2].schedule.every = 0;
    g_assert_false(fi_set_add(set, rules, 3, NULL, NULL));
    g_assert_cmpuint(detail.refs, ==, 1);
    g_assert_cmpuint(freed, ==, 0);
    fi_set_free(set);
}

/* What shows a detail takes no reference to it, hit or not. */
static void test_shown(gconstpointer data)
{
    FiDetail detail = new_detail();
    FiSet *set = fi_set_new();
    FiRule rule = rule_with("r", &detail);
    FiVerdict verdict;
    UnitCommand read;

    rule.action.kind = GPOINTER_TO_INT(data);
    rule.action.execute = TRUE;
    rule.schedule.times = 1;
    unit_add(set, &rule);
    g_assert_true(fi_entry_rule(fi_set_find(set, "r")).action.detail ==
                  &detail);
    unit_io(&read, READ, 0, 1);
    verdict = fi_set_decide(set, &read.command);
    g_assert_true(verdict.hit);
    g_assert_cmpint(verdict.action.kind, ==, rule.action.kind);
    g_assert_true(verdict.action.detail == &detail);
    verdict = fi_set_decide(set, &read.command);
    g_assert_false(verdict.hit);
    g_assert_null(verdict.action.detail);
    g_assert_cmpuint(detail.refs, ==, 2);
    fi_set_free(set);
}

/* Two rules of one set with details of their own keep them apart. */
static void test_apart(void)
{
    FiDetail one = new_detail(), two = new_detail();
    FiSet *set = fi_set_new();
    const FiRule rules[] = { rule_with("one", &one), rule_with("two", &two) };
    const char *ids[] = { "two" };
    UnitCommand read;

    g_assert_true(fi_set_add(set, rules, 2, NULL, NULL));
    unit_io(&read, READ, 0, 1);
    g_assert_true(fi_set_decide(set, &read.command).action.detail == &two);
    g_assert_true(fi_set_remove(set, ids, 1, NULL));
    g_assert_true(fi_set_decide(set, &read.command).action.detail == &one);
    g_assert_cmpuint(one.refs, ==, 2);
    g_assert_cmpuint(two.refs, ==, 1);
    fi_set_free(set);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/detail/references", test_references);
    g_test_add_func("/detail/remove", test_remove);
    g_test_add_func("/detail/clear-and-free", test_clear_and_free);
    g_test_add_func("/detail/reset", test_reset);
    g_test_add_func("/detail/refused", test_refused);
    g_test_add_data_func("/detail/shown/none",
                         GINT_TO_POINTER(FI_ACTION_NONE), test_shown);
    g_test_add_data_func("/detail/shown/status",
                         GINT_TO_POINTER(FI_ACTION_STATUS), test_shown);
    g_test_add_data_func("/detail/shown/other",
                         GINT_TO_POINTER(FI_ACTION_OTHER), test_shown);
    g_test_add_func("/detail/apart", test_apart);
    return g_test_run();
}
