/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test runs rows of equal reads against schedules: which of them fail is
 * what skip, every, times, probability, state and order say.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define DENIED  "'action':'status','status':'access-denied'"
#define LBA     8
#define TRIALS  1000u

/* Reads once for each character of @pattern: 'x' must fail, '.' must not. */
static void assert_pattern(FiRig *rig, const char *pattern)
{
    g_autofree char *seen = g_strdup(pattern);

    for (unsigned i = 0; seen[i]; i++) {
        uint16_t status = fi_read(rig, LBA);

        seen[i] = status == 0 ? '.' : status == FI_ACCESS_DENIED ? 'x' : '?';
    }
    g_assert_cmpstr(seen, ==, pattern);
}

static void test_pattern(gconstpointer data)
{
    const char *const *row = data;          /* name, schedule, pattern */
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'id':'r','opcode':'read',%s,%s}", row[1], DENIED);
    assert_pattern(rig, row[2]);
    g_assert_cmpint(fi_matches(rig, "r"), ==, strlen(row[2]));
    fi_rig_free(rig);
}

/* Where the rule r fails TRIALS reads, as a string of 'x' and '.'. */
static char *trials(FiRig *rig)
{
    char *seen = g_malloc0(TRIALS + 1);

    for (unsigned i = 0; i < TRIALS; i++) {
        seen[i] = fi_read(rig, LBA) ? 'x' : '.';
    }
    return seen;
}

static unsigned count(const char *text, char c)
{
    unsigned n = 0;

    for (; *text; text++) {
        n += *text == c;
    }
    return n;
}

static void test_probability(void)
{
    FiRig *rig = fi_rig_start();
    static const uint64_t seeds[] = { 7, 7, 8 };
    char *seen[3];

    for (int i = 0; i < 3; i++) {
        fi_add(rig, "{'id':'r','opcode':'read','probability':0.25,"
               "'seed':%" PRIu64 ",%s}", seeds[i], DENIED);
        seen[i] = trials(rig);
        fi_remove(rig, "r");
    }
    /* a seed is all there is to chance */
    g_assert_cmpstr(seen[0], ==, seen[1]);
    g_assert_cmpstr(seen[0], !=, seen[2]);
    for (int i = 0; i < 3; i++) {
        /* 250 expected; the standard deviation is 13.7, five of them allowed */
        g_assert_cmpint(count(seen[i], 'x'), >, 180);
        g_assert_cmpint(count(seen[i], 'x'), <, 320);
        g_free(seen[i]);
    }
    fi_rig_free(rig);
}

/* The seed that the device drew is reported, and repeats the run. */
static void test_drawn_seed(void)
{
    FiRig *rig = fi_rig_start();
    g_autofree char *first = NULL, *second = NULL;
    QDict *info, *rule;
    uint64_t seed;

    fi_add(rig, "{'id':'r','opcode':'read','probability':0.5,%s}", DENIED);
    info = fi_query(rig);
    rule = qobject_to(QDict, qlist_peek(qdict_get_qlist(info, "rules")));
    rule = qdict_get_qdict(rule, "rule");
    g_assert_true(qdict_haskey(rule, "seed"));
    seed = qdict_get_int(rule, "seed");
    qobject_unref(info);
    first = trials(rig);
    fi_remove(rig, "r");
    fi_add(rig, "{'id':'r','opcode':'read','probability':0.5,"
           "'seed':%" PRIu64 ",%s}", seed, DENIED);
    second = trials(rig);
    g_assert_cmpstr(first, ==, second);
    fi_rig_free(rig);
}

/* Of the rules that are due the newest acts; the other has matched, too. */
static void test_newest_due_wins(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'id':'wide','opcode':'read',%s},"
           "{'id':'narrow','opcode':'read','slba':%d,'nlb':1,'skip':1,"
           "'times':1,'action':'status','status':'internal-error'}",
           DENIED, LBA);
    g_assert_cmphex(fi_read(rig, LBA), ==, FI_ACCESS_DENIED);
    g_assert_cmphex(fi_read(rig, LBA), ==, FI_INTERNAL_ERROR);
    g_assert_cmphex(fi_read(rig, LBA), ==, FI_ACCESS_DENIED);
    g_assert_cmphex(fi_read(rig, LBA + 1), ==, FI_ACCESS_DENIED);
    g_assert_cmpint(fi_matches(rig, "wide"), ==, 4);
    g_assert_cmpint(fi_hits(rig, "wide"), ==, 3);
    g_assert_cmpint(fi_matches(rig, "narrow"), ==, 3);
    g_assert_cmpint(fi_hits(rig, "narrow"), ==, 1);
    fi_add(rig, "{'id':'newest','action':'none'}");
    g_assert_cmphex(fi_read(rig, LBA), ==, 0);
    fi_remove(rig, "newest");
    g_assert_cmphex(fi_read(rig, LBA), ==, FI_ACCESS_DENIED);
    fi_rig_free(rig);
}

static void assert_state(FiRig *rig, const char *state)
{
    QDict *info = fi_query(rig);

    g_assert_cmpstr(qdict_get_str(info, "state"), ==, state);
    qobject_unref(info);
}

/* A write of one block makes reads of another fail, once. */
static void test_state(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'action':'none','opcode':'write','slba':1,'nlb':1,"
           "'set-state':'written'},"
           "{'opcode':'read','state':'written','set-state':'told',%s}",
           DENIED);
    assert_state(rig, "");
    assert_pattern(rig, "..");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE, 1, 1), ==, 0);
    assert_state(rig, "written");
    assert_pattern(rig, "x..");
    assert_state(rig, "told");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE, 1, 1), ==, 0);
    assert_pattern(rig, "x.");
    fi_clear(rig);
    assert_state(rig, "");
    fi_rig_free(rig);
}

/* A controller reset takes the rules that last until then, no others, and
 * leaves the counters of those that stay. */
static void test_lifetime(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'id':'stays','opcode':'read','times':3,%s},"
           "{'id':'explicit','opcode':'flush','lifetime':'permanent',%s},"
           "{'id':'goes','opcode':'write','lifetime':'until-reset',%s}",
           DENIED, DENIED, DENIED);
    assert_pattern(rig, "xx");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE, 1, 1), ==, FI_ACCESS_DENIED);
    fi_rig_reset(rig);
    g_assert_true(fi_exists(rig, "stays"));
    g_assert_true(fi_exists(rig, "explicit"));
    g_assert_false(fi_exists(rig, "goes"));
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE, 1, 1), ==, 0);
    assert_pattern(rig, "x..");
    g_assert_cmpint(fi_matches(rig, "stays"), ==, 5);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    static const char *const rows[][3] = {
        { "always", "'skip':0", "xxxxx" },
        { "skip", "'skip':2", "..xxx" },
        { "every", "'every':3", "x..x..x..x" },
        { "times", "'times':2", "xx..." },
        { "skip-every", "'skip':2,'every':3", "..x..x..x" },
        { "skip-every-times", "'skip':2,'every':3,'times':2", "..x..x......" },
        { "never", "'probability':0.0,'seed':1", ".........." },
        { "surely", "'probability':1.0,'seed':1,'times':3", "xxx..." },
    };

    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *path = g_strdup_printf("/nvme-fi/schedule/%s",
                                                rows[i][0]);

        g_test_add_data_func(path, rows[i], test_pattern);
    }
    g_test_add_func("/nvme-fi/schedule/probability", test_probability);
    g_test_add_func("/nvme-fi/schedule/drawn-seed", test_drawn_seed);
    g_test_add_func("/nvme-fi/schedule/newest-due-wins", test_newest_due_wins);
    g_test_add_func("/nvme-fi/schedule/state", test_state);
    g_test_add_func("/nvme-fi/schedule/lifetime", test_lifetime);
    return g_test_run();
}
