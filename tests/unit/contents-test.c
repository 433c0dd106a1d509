/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test shows what a set holds: a list of rules is taken whole or not at
 * all, ids are unique, and what was put in can be had again.
 */
#include <string.h>

#include "unit.h"

static const char *acts(FiSet *set, guint8 opcode, guint64 slba)
{
    FiVerdict verdict;
    UnitCommand io;

    unit_io(&io, opcode, slba, 1);
    verdict = fi_set_decide(set, &io.command);
    return verdict.hit ? fi_entry_id(verdict.matched) : NULL;
}

static void expect_refused(FiSet *set, const FiRule *rules, gsize n_rules,
                           FiRuleError code, const char *message)
{
    FiEntry *entries[4] = { NULL };
    GError *error = NULL;
    gsize size = fi_set_size(set);

    g_assert_false(fi_set_add(set, rules, n_rules, entries, &error));
    g_assert_error(error, FI_RULE_ERROR, (gint)code);
    g_assert_cmpstr(error->message, ==, message);
    g_clear_error(&error);
    g_assert_cmpuint(fi_set_size(set), ==, size);
    g_assert_null(entries[0]);
}

static void test_add_all_or_nothing(void)
{
    FiSet *set = fi_set_new();
    FiRule rules[] = { unit_rule("a"), unit_rule(NULL), unit_rule("b"),
                       unit_rule("bad") };

    rules[0].match.state = "only-here";
    rules[3].schedule.every = 0;
    expect_refused(set, rules, 4, FI_RULE_ERROR_INVALID,
                   "rule 'bad': every 0: must be 1 to 9223372036854775807");
    rules[3] = unit_rule("a");
    expect_refused(set, rules, 4, FI_RULE_ERROR_DUPLICATE,
                   "rule 'a': id 'a': is taken; must be unique");
    rules[3] = unit_rule("c");
    unit_add(set, &rules[3]);
    expect_refused(set, rules, 4, FI_RULE_ERROR_DUPLICATE,
                   "rule 'c': id 'c': is taken; must be unique");
    rules[1].schedule.every = 0;
    expect_refused(set, rules, 2, FI_RULE_ERROR_INVALID,
                   "rules[1]: rule without id: every 0: must be 1 to "
                   "9223372036854775807");
    g_assert_null(fi_set_find(set, "a"));
    g_assert_null(fi_set_find(set, "b"));
    g_assert_null(fi_set_find(set, "rule0"));
    g_assert_cmpstr(acts(set, READ, 0), ==, "c");
    rules[1].schedule.every = 1;
    g_assert_true(fi_set_add(set, rules, 3, NULL, NULL));
    g_assert_nonnull(fi_set_find(set, "rule0"));
    g_assert_cmpuint(fi_set_size(set), ==, 4);
    fi_set_free(set);
}

static void test_remove_all_or_nothing(void)
{
    FiSet *set = fi_set_new();
    const FiRule rules[] = { unit_rule("a"), unit_rule("b"), unit_rule("c") };
    const char *ids[] = { "c", "x" }, *twice[] = { "c", "a", "c" };
    GError *error = NULL;

    g_assert_true(fi_set_add(set, rules, 3, NULL, NULL));
    g_assert_false(fi_set_remove(set, ids, 2, &error));
    g_assert_error(error, FI_RULE_ERROR, FI_RULE_ERROR_NOT_FOUND);
    g_assert_cmpstr(error->message, ==, "rule 'x': not found; must be the id "
                    "of a rule that was added");
    g_clear_error(&error);
    g_assert_cmpuint(fi_set_size(set), ==, 3);
    g_assert_cmpstr(acts(set, READ, 0), ==, "c");
    g_assert_true(fi_set_remove(set, twice, 3, NULL));
    g_assert_cmpuint(fi_set_size(set), ==, 1);
    g_assert_cmpstr(acts(set, READ, 0), ==, "b");
    unit_add(set, &rules[2]);
    g_assert_cmpstr(acts(set, READ, 0), ==, "c");
    fi_set_free(set);
}

static void test_given_ids(void)
{
    FiSet *set = fi_set_new();
    const FiRule rules[] = { unit_rule(NULL), unit_rule("rule0"),
                             unit_rule(NULL) };
    const char *first = "rule1";
    FiEntry *entries[3];

    g_assert_true(fi_set_add(set, rules, 3, entries, NULL));
    g_assert_cmpstr(fi_entry_id(entries[0]), ==, "rule1");
    g_assert_cmpstr(fi_entry_id(entries[1]), ==, "rule0");
    g_assert_cmpstr(fi_entry_id(entries[2]), ==, "rule2");
    g_assert_true(fi_set_find(set, "rule2") == entries[2]);
    /* an id that a log may still name is not given to another rule */
    g_assert_true(fi_set_remove(set, &first, 1, NULL));
    g_assert_true(fi_set_add(set, rules, 1, entries, NULL));
    g_assert_cmpstr(fi_entry_id(entries[0]), ==, "rule3");
    fi_set_clear(set);
    g_assert_true(fi_set_add(set, rules, 1, entries, NULL));
    g_assert_cmpstr(fi_entry_id(entries[0]), ==, "rule0");
    fi_set_free(set);
}

/* Ids are told apart by what they are, not by their hash. */
static void test_ids_of_one_hash(void)
{
    FiSet *set = fi_set_new();
    const FiRule rules[] = { unit_rule("ab"), unit_rule("bA") };
    const char *id = "ab";

    g_assert_cmphex(g_str_hash("ab"), ==, g_str_hash("bA"));
    g_assert_true(fi_set_add(set, rules, 2, NULL, NULL));
    g_assert_true(fi_set_remove(set, &id, 1, NULL));
    g_assert_null(fi_set_find(set, "ab"));
    g_assert_cmpstr(acts(set, READ, 0), ==, "bA");
    fi_set_free(set);
}

static void collect(FiEntry *entry, gpointer opaque)
{
    FiStats stats = fi_entry_stats(entry);
    GString *ids = opaque;

    g_string_append_printf(ids, "%s ", fi_entry_id(entry));
    g_assert_cmpuint(stats.hits, ==, 0);
}

static void test_foreach_oldest_first(void)
{
    g_autoptr(GString) ids = g_string_new(NULL);
    FiSet *set = fi_set_new();
    const FiRule rules[] = { unit_rule("c"), unit_lba_rule("a", 1, 9, 1),
                             unit_rule("d"), unit_rule("b") };
    const char *middle = "a", *last = "b";

    g_assert_true(fi_set_add(set, rules, 4, NULL, NULL));
    fi_set_foreach(set, collect, ids);
    g_assert_cmpstr(ids->str, ==, "c a d b ");
    g_assert_cmpuint(unit_stats(set, "c").order, <,
                     unit_stats(set, "a").order);
    g_assert_true(fi_set_remove(set, &middle, 1, NULL));
    g_assert_true(fi_set_remove(set, &last, 1, NULL));
    g_assert_true(fi_set_add(set, &rules[1], 1, NULL, NULL));
    g_string_truncate(ids, 0);
    fi_set_foreach(set, collect, ids);
    g_assert_cmpstr(ids->str, ==, "c d a ");
    fi_set_free(set);
}

static void assert_same(const FiRule *a, const FiRule *b)
{
    const FiMatch *m = &a->match, *n = &b->match;

    g_assert_cmpstr(a->id, ==, b->id);
    g_assert_true(m->queue == n->queue && m->has_qid == n->has_qid &&
                  m->has_opcode == n->has_opcode &&
                  m->has_nsid == n->has_nsid &&
                  m->has_range == n->has_range && m->has_cns == n->has_cns &&
                  m->has_lid == n->has_lid && m->has_fid == n->has_fid &&
                  m->has_ordinal == n->has_ordinal);
    g_assert_true(m->qid == n->qid && m->opcode == n->opcode &&
                  m->nsid == n->nsid && m->slba == n->slba &&
                  m->nlb == n->nlb && m->cns == n->cns && m->lid == n->lid &&
                  m->fid == n->fid && m->ordinal == n->ordinal);
    g_assert_cmpuint(m->n_sqe, ==, n->n_sqe);
    for (gsize i = 0; i < m->n_sqe; i++) {
        g_assert_cmpuint(m->sqe[i].dword, ==, n->sqe[i].dword);
        g_assert_cmphex(m->sqe[i].mask, ==, n->sqe[i].mask);
        g_assert_cmphex(m->sqe[i].value, ==, n->sqe[i].value);
    }
    g_assert_cmpstr(m->state, ==, n->state);
    g_assert_true(a->schedule.skip == b->schedule.skip &&
                  a->schedule.every == b->schedule.every &&
                  a->schedule.times == b->schedule.times &&
                  a->schedule.seed == b->schedule.seed);
    g_assert_cmpfloat(a->schedule.probability, ==, b->schedule.probability);
    g_assert_cmpstr(a->schedule.set_state, ==, b->schedule.set_state);
    g_assert_true(a->action.kind == b->action.kind &&
                  a->action.execute == b->action.execute &&
                  a->action.delay == b->action.delay &&
                  a->action.delay_ns == b->action.delay_ns &&
                  a->action.delay_max_ns == b->action.delay_max_ns &&
                  a->action.status == b->action.status &&
                  a->action.detail == b->action.detail);
    g_assert_cmpint(a->lifetime, ==, b->lifetime);
}

static void keep(FiDetail *detail)
{
    /* the test has a reference until the end */
    g_assert_cmpuint(detail->refs, >, 0);
}

/* What went in comes out, from copies: the caller's strings may go. */
static void test_rule_round_trip(void)
{
    FiSqeMask sqe[] = { { 3, 0xff, 1 }, { 15, 0xf000, 0x1000 } };
    g_autofree char *state = g_strdup("worn"), *id = g_strdup("full");
    FiDetail detail = { 1, keep };
    FiRule full = {
        .id = id,
        .match = { .queue = FI_QUEUE_IO, .has_qid = TRUE, .qid = 4,
                   .has_opcode = TRUE, .opcode = READ, .has_nsid = TRUE,
                   .nsid = 9, .has_range = TRUE, .slba = 5,
                   .nlb = G_MAXINT64 - 4, .sqe = sqe, .n_sqe = 2,
                   .state = state, .has_ordinal = TRUE, .ordinal = 6 },
        .schedule = { 1, 2, 3, 0.25, 99, state },
        .action = { .kind = FI_ACTION_STATUS, .execute = TRUE,
                    .delay = FI_DELAY_UNIFORM, .delay_ns = 77,
                    .delay_max_ns = 78, .status = 0x7fff,
                    .detail = &detail },
        .lifetime = FI_LIFETIME_UNTIL_RESET,
    };
    FiRule rules[] = { full, unit_rule("plain"), unit_rule("cns"),
                       unit_rule("lid"), unit_rule("fid"),
                       unit_rule("seed"), unit_rule("ordinal"),
                       unit_rule("delay"), unit_rule("mean"),
                       unit_rule("detail") };
    FiSet *set = fi_set_new();

    rules[2].match.has_cns = rules[3].match.has_lid = TRUE;
    rules[4].match.has_fid = TRUE;
    rules[2].match.cns = rules[3].match.lid = rules[4].match.fid = 5;
    rules[5].schedule.seed = 12;
    rules[6].match.has_qid = rules[6].match.has_ordinal = TRUE;
    rules[6].match.ordinal = G_MAXINT64;
    rules[7].action.delay_ns = 7;
    rules[8].action.delay = FI_DELAY_EXPONENTIAL;
    rules[8].action.delay_ns = 8;
    rules[9].action.detail = &detail;
    g_assert_true(fi_set_add(set, rules, G_N_ELEMENTS(rules), NULL, NULL));
    memset(sqe, 0, sizeof(sqe));
    state[0] = id[0] = '!';
    for (gsize i = 1; i < G_N_ELEMENTS(rules); i++) {
        FiRule out = fi_entry_rule(fi_set_find(set, rules[i].id));

        assert_same(&out, &rules[i]);
    }
    sqe[0] = (FiSqeMask) { 3, 0xff, 1 };
    sqe[1] = (FiSqeMask) { 15, 0xf000, 0x1000 };
    state[0] = 'w';
    id[0] = 'f';
    full = fi_entry_rule(fi_set_find(set, "full"));
    assert_same(&full, &rules[0]);
    fi_set_free(set);
}

/* Collects the ids and the data of entries that go. */
static void note_removed(FiEntry *entry, gpointer opaque)
{
    GString *removed = opaque;

    g_string_append(removed, fi_entry_id(entry));
    g_assert_true(fi_entry_data(entry) == (strcmp(fi_entry_id(entry), "d") ?
                                           removed : NULL));
}

static void test_removed(void)
{
    FiSet *set = fi_set_new();
    FiRule rules[] = { unit_rule("a"), unit_rule("b"), unit_rule("c"),
                       unit_rule("d") };
    const char *id = "a";
    g_autoptr(GString) removed = g_string_new("");
    FiEntry *entries[4];

    rules[1].lifetime = FI_LIFETIME_UNTIL_RESET;
    fi_set_set_removed(set, note_removed, removed);
    g_assert_true(fi_set_add(set, rules, 4, entries, NULL));
    g_assert_null(fi_entry_data(entries[0]));
    for (int i = 0; i < 3; i++) {
        fi_entry_set_data(entries[i], removed);
    }
    g_assert_true(fi_entry_data(entries[0]) == removed);
    g_assert_true(fi_set_remove(set, &id, 1, NULL));
    g_assert_cmpstr(removed->str, ==, "a");
    fi_set_reset(set);
    g_assert_cmpstr(removed->str, ==, "ab");
    fi_set_clear(set);
    g_assert_cmpuint(removed->len, ==, 4);
    g_assert_true(fi_set_add(set, rules, 1, entries, NULL));
    fi_entry_set_data(entries[0], removed);
    fi_set_free(set);
    g_assert_cmpuint(removed->len, ==, 5);
}

#define TEST(name) { "/contents/" #name, test_##name }

static const struct {
    const char *path;
    GTestFunc func;
} tests[] = {
    TEST(add_all_or_nothing), TEST(remove_all_or_nothing), TEST(given_ids),
    TEST(ids_of_one_hash),
    TEST(foreach_oldest_first), TEST(rule_round_trip), TEST(removed),
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_test_add_func(tests[i].path, tests[i].func);
    }
    return g_test_run();
}
