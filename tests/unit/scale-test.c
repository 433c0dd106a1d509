/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test shows that a million rules are possible, take at most 256 bytes
 * each, and cost a command that they do not match next to nothing.  Cost is
 * counted in what is looked at, not in time.
 */
#include <malloc.h>

#include "unit.h"

#define MANY 1000000
#define LIST 10000              /* rules in one call */
#define MAX_BYTES 256           /* for one rule, all in */
/* Looked at by one command at most: for each of the few shapes a group, and
 * one way down a tree of a million (height 29) with a look to either side. */
#define MAX_LOOKED_AT 70

typedef void (*Vary)(FiRule *rule, guint n);

static void by_lba(FiRule *rule, guint n)
{
    *rule = unit_lba_rule(rule->id, READ, 1000 + 8 * (guint64)n, 8);
    rule->schedule.times = 1;
}

/* 25 and 505 blocks, at the place where a filter would have most work. */
static void by_longer_lba(FiRule *rule, guint n)
{
    *rule = unit_lba_rule(rule->id, READ, 1007 + 1024 * (guint64)n, 25);
}

static void by_long_lba(FiRule *rule, guint n)
{
    *rule = unit_lba_rule(rule->id, READ, 1007 + 1024 * (guint64)n, 505);
}

/* Each reaches over all that begin behind it. */
static void by_nested_lba(FiRule *rule, guint n)
{
    *rule = unit_lba_rule(rule->id, READ, 1000 + n, 2 * (MANY - n));
}

static void by_opcode(FiRule *rule, guint n)
{
    rule->match.queue = FI_QUEUE_IO;
    rule->match.has_opcode = TRUE;
    rule->match.opcode = 3 + n % 253;
}

static void by_qid(FiRule *rule, guint n)
{
    rule->match.has_qid = TRUE;
    rule->match.qid = 2 + n % 65534;
}

static void by_nsid(FiRule *rule, guint n)
{
    rule->match.has_nsid = TRUE;
    rule->match.nsid = 2 + n;
}

static void by_cns(FiRule *rule, guint n)
{
    rule->match.has_cns = TRUE;
    rule->match.cns = n;
}

static void by_state(FiRule *rule, guint n)
{
    static const char *const names[] = { "one", "two", "three" };

    rule->match.state = names[n % 3];
}

/* Places of the queue whose commands are looked at, every other one. */
static void by_ordinal(FiRule *rule, guint n)
{
    rule->match.has_qid = TRUE;
    rule->match.qid = 1;
    rule->match.has_ordinal = TRUE;
    rule->match.ordinal = 2 * ((guint64)n + 1);
}

static void by_all(FiRule *rule, guint n)
{
    static const Vary ways[] = {
        by_lba, by_opcode, by_qid, by_nsid, by_cns, by_state, by_ordinal,
    };

    ways[n % G_N_ELEMENTS(ways)](rule, n);
}

typedef char Id[16];

static void add_list(FiSet *set, Vary vary, guint first, guint n, Id *ids)
{
    g_autofree FiRule *rules = g_new(FiRule, n);
    GError *error = NULL;

    for (guint i = 0; i < n; i++) {
        g_snprintf(ids[i], sizeof(Id), "r%u", first + i);
        rules[i] = unit_rule(ids[i]);
        vary(&rules[i], first + i);
    }
    fi_set_add(set, rules, n, NULL, &error);
    g_assert_no_error(error);
}

static FiSet *million(Vary vary)
{
    g_autofree Id *ids = g_new(Id, LIST);
    FiSet *set = fi_set_new();

    for (guint i = 0; i < MANY; i += LIST) {
        add_list(set, vary, i, LIST, ids);
    }
    g_assert_cmpuint(fi_set_size(set), ==, MANY);
    return set;
}

static void test_looked_at(gconstpointer data)
{
    const Vary *vary = data;
    FiSet *set = million(*vary);
    guint64 before, most = 0;
    UnitCommand read;

    for (guint i = 0; i < 1000; i++) {
        FiVerdict verdict;

        unit_io(&read, READ, i, 1);
        read.command.ordinal = 2 * i + 1;
        before = fi_set_looked_at(set);
        verdict = fi_set_decide(set, &read.command);
        g_assert_null(verdict.matched);
        most = MAX(most, fi_set_looked_at(set) - before);
    }
    g_test_message("looked at: at most %" G_GUINT64_FORMAT, most);
    g_assert_cmpuint(most, <=, MAX_LOOKED_AT);
    fi_set_free(set);
}

/* One rule of the million matches; the rest costs as little as before. */
static void test_one_matches(void)
{
    FiSet *set = million(by_lba);
    UnitCommand io;

    for (guint i = 0; i < 1000; i++) {
        guint64 before = fi_set_looked_at(set);
        guint64 slba = 1000 + 8 * (guint64)(i * (MANY / 1000) + i);
        FiVerdict verdict;

        unit_io(&io, READ, slba + 2, 4);
        verdict = fi_set_decide(set, &io.command);
        g_assert_true(verdict.hit);
        g_assert_cmpuint(fi_entry_rule(verdict.matched).match.slba, ==, slba);
        g_assert_cmpuint(fi_set_looked_at(set) - before, <=, MAX_LOOKED_AT);
        unit_io(&io, WRITE, slba, 8);
        g_assert_null(fi_set_decide(set, &io.command).matched);
    }
    fi_set_free(set);
}

static void test_one_ordinal_matches(void)
{
    FiSet *set = million(by_ordinal);
    UnitCommand io;

    unit_io(&io, READ, 0, 1);
    for (guint i = 0; i < 1000; i++) {
        guint64 before = fi_set_looked_at(set);
        guint64 ordinal = 2 * (guint64)(i * (MANY / 1000) + i + 1);
        FiVerdict verdict;

        io.command.ordinal = ordinal;
        verdict = fi_set_decide(set, &io.command);
        g_assert_true(verdict.hit);
        g_assert_cmpuint(fi_entry_rule(verdict.matched).match.ordinal, ==,
                         ordinal);
        /* the one group, and the one rule in it */
        g_assert_cmpuint(fi_set_looked_at(set) - before, ==, 2);
    }
    fi_set_free(set);
}

static void test_memory(gconstpointer data)
{
#ifdef __SANITIZE_ADDRESS__
    (void)data;
    g_test_skip("the sanitizer's allocator has costs of its own");
#else
    const Vary *vary = data;
    struct mallinfo2 before, after;
    FiSet *set;
    gsize bytes;

    malloc_trim(0);
    before = mallinfo2();
    set = million(*vary);
    after = mallinfo2();
    bytes = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
    g_test_message("%.1f bytes a rule", (double)bytes / MANY);
    g_assert_cmpuint(bytes, <=, (gsize)MANY * MAX_BYTES);
    fi_set_free(set);
    after = mallinfo2();
    g_assert_cmpuint(after.uordblks + after.hblkhd, <=,
                     before.uordblks + before.hblkhd + 100000);
#endif
}

static void test_bound(void)
{
    FiSet *set = million(by_lba);
    g_autofree Id *ids = g_new(Id, LIST);
    FiRule more[2] = { unit_rule("more"), unit_rule("yet-more") };
    guint n = FI_MAX_RULES - MANY - 1;
    GError *error = NULL;

    for (guint i = 0; i < n; i += LIST) {
        add_list(set, by_lba, MANY + i, MIN(LIST, n - i), ids);
    }
    g_assert_false(fi_set_add(set, more, 2, NULL, &error));
    g_assert_error(error, FI_RULE_ERROR, FI_RULE_ERROR_LIMIT);
    g_assert_cmpstr(error->message, ==, "2 rules: too many; there is room for "
                    "1 more (at most 1048576 in all)");
    g_clear_error(&error);
    g_assert_cmpuint(fi_set_size(set), ==, FI_MAX_RULES - 1);
    unit_add(set, &more[0]);
    g_assert_cmpuint(fi_set_size(set), ==, FI_MAX_RULES);
    g_assert_false(fi_set_add(set, &more[1], 1, NULL, NULL));
    fi_set_free(set);
}

/* In an order that is not the one of adding. */
static void test_remove(void)
{
    FiSet *set = million(by_all);
    g_autofree Id *ids = g_new(Id, LIST);
    g_autofree const char **list = g_new(const char *, LIST);
    UnitCommand read;

    for (guint i = 0; i < MANY / LIST; i++) {
        GError *error = NULL;

        for (guint j = 0; j < LIST; j++) {
            g_snprintf(ids[j], sizeof(Id), "r%u", j * (MANY / LIST) + i);
            list[j] = ids[j];
        }
        fi_set_remove(set, list, LIST, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(fi_set_size(set), ==, MANY - (i + 1) * LIST);
    }
    unit_io(&read, READ, 0, 1);
    g_assert_cmpuint(fi_set_looked_at(set), ==, 0);
    g_assert_null(fi_set_decide(set, &read.command).matched);
    g_assert_cmpuint(fi_set_looked_at(set), ==, 0);
    fi_set_free(set);
}

static const struct {
    const char *path;
    Vary vary;
} ways[] = {
    { "/scale/other-lba", by_lba },
    { "/scale/other-lba-nested", by_nested_lba },
    { "/scale/other-opcode", by_opcode },
    { "/scale/other-qid", by_qid },
    { "/scale/other-nsid", by_nsid },
    { "/scale/other-cns", by_cns },
    { "/scale/other-state", by_state },
    { "/scale/other-ordinal", by_ordinal },
    { "/scale/other-all", by_all },
};

int main(int argc, char **argv)
{
    static const Vary lengths[] = { by_lba, by_longer_lba, by_long_lba };

    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_test_add_data_func(ways[i].path, &ways[i].vary, test_looked_at);
    }
    g_test_add_func("/scale/one-matches", test_one_matches);
    g_test_add_func("/scale/one-ordinal-matches", test_one_ordinal_matches);
    g_test_add_data_func("/scale/memory", &lengths[0], test_memory);
    g_test_add_data_func("/scale/memory-longer", &lengths[1], test_memory);
    g_test_add_data_func("/scale/memory-long", &lengths[2], test_memory);
    g_test_add_func("/scale/bound", test_bound);
    g_test_add_func("/scale/remove", test_remove);
    return g_test_run();
}
