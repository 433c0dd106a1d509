/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The soak: round for round, random rules under random I/O on a controller
 * that is reset, unplugged and taken its queues meanwhile; after each round
 * everything must work as if nothing had been.
 *
 * usage: soak MINUTES ROUNDS SEED [--rss]     ROUNDS 0: as many as there is
 * time for; MINUTES 0: until then.  The binary is in NVME_FI_QEMU.
 */
#include "qemu/osdep.h"
#include "soak-acts.h"
#include "soak-io.h"
#include "soak-monitor.h"
#include "qobject/qlist.h"

#define ROUNDS_OF_MACHINE   100     /* then a new one; leaks show at the end */
#define WARM_ROUNDS         30
#define RSS_GROWTH_KIB      (8 * 1024)
#define ROUND_SECONDS       120     /* what takes longer hangs */
#define MAX_RULES           20
#define REPLAYED            20      /* percent of all rounds */
#define REPLAY_STEPS        20
#define PLACES              "{'id':'places','action':'none','queue':'io'," \
                            "'opcode':'read','delay-ns':1000000000}"

static struct {
    uint64_t seed, first;           /* of this round, of its machine */
    long growth;                    /* of QEMU, in KiB: the worst */
    Soak *soak;                     /* NULL: told already */
} now;

/* Also where QEMU died, by libqtest's handler of SIGABRT. */
static void tell(void *opaque)
{
    if (now.soak) {
        fprintf(stderr, "soak: failed in the round with seed %" PRIu64 "\n"
                "rules: [%s]\nwhat was done:\n%s"
                "again: ./nvme-fi bench soak --seed %" PRIu64 " --rounds 1\n"
                "with all rounds of this QEMU: --seed %" PRIu64 " --rounds %"
                PRIu64 "\n", now.seed, now.soak->script->str,
                now.soak->history->str, now.seed, now.first,
                now.seed - now.first + 1);
        now.soak = NULL;
    }
}

static void tell_refused(gpointer error, gpointer rule, gpointer opaque)
{
    fprintf(stderr, "soak: refused, as for %s: %s\n", (char *)rule,
            (char *)error);
}

static void hang(int signal)
{
    fprintf(stderr, "soak: the round does not end\n");
    tell(NULL);
    abort();
}

/* All entries of I/O queue @index, which is idle, can be in flight at once:
 * no place in it is kept by a command of the past. */
static void prove_places(Soak *s, unsigned index)
{
    SoakRing *r = &s->io[index];
    NvmeCmd cmd = nvme_cmd_rw(s->host, NVME_CMD_READ, SOAK_PLAIN, 0, 1,
                              s->data);
    unsigned n = r->ring->size;
    const QListEntry *entry;
    int64_t matches = 0;
    QDict *answer;

    soak_execute(s, "nvme-fi-add", ",'rules':[" PLACES "]");
    r->room = n;                /* those that were fetched make room for one */
    for (unsigned i = 0; i < n; i++) {
        soak_submit(s, r, &cmd);
        nvme_vm_settle(s->vm);
    }
    answer = soak_qmp(s, "query-nvme-fi", "");
    entry = qlist_first(qdict_get_qlist(qdict_get_qdict(answer, "return"),
                                        "rules"));
    matches = qdict_get_int(qobject_to(QDict, qlist_entry_obj(entry)),
                            "matches");
    soak_check(s, matches == n, "queue %u has room for %" PRId64
               " commands, not for %u", index + 1, matches, n);
    qobject_unref(answer);
    soak_check(s, soak_quiesce(s), "queue %u is stuck", index + 1);
    r->room = n - 1;
    soak_execute(s, "nvme-fi-clear", "");
}

/* Rules off; what is in flight ends; the controllers work as new ones.
 * False where the machine is used up. */
static bool end_round(Soak *s)
{
    NvmeCmd cmd = nvme_cmd_identify(s->host, 1, 0, s->data);
    bool zones = true;

    soak_note(s, "the end");
    soak_release(s, "");
    soak_clear(s);
    soak_check(s, soak_quiesce(s) || s->effects,
               "with no rule left, a command does not complete");
    if (s->effects & SOAK_FAILS) {
        soak_replug(s);
    } else if (s->effects & SOAK_RESETS) {
        soak_check(s, soak_recover(s), "the controller does not recover");
    }
    s->effects = 0;
    soak_check(s, soak_disable(s), "the controller stays enabled");
    if (s->all_effects & SOAK_FAILS) {
        soak_heal(s);
    }
    soak_check(s, soak_enable(s), "the controller is not ready");
    soak_check(s, soak_exec(s, &s->admin, &cmd) == 0, "Identify fails");
    soak_check(s, soak_create_queues(s), "a queue cannot be created");
    for (unsigned i = 0; i < SOAK_RINGS; i++) {
        zones &= soak_prove_io(s, &s->io[i]);
        prove_places(s, i);
    }
    soak_check(s, s->peer_io.ring || (soak_peer_enable(s) &&
               s->peer_io.ring), "the other controller has no queue");
    zones &= soak_prove_io(s, &s->peer_io);
    soak_check(s, soak_quiesce(s), "something is left in flight");
    return zones;
}

static void new_controller(Soak *s)
{
    soak_replug(s);
    soak_check(s, soak_enable(s), "a new controller is not ready");
    soak_check(s, soak_create_queues(s), "a queue cannot be created");
}

/* What a host has to expect in the next round: half of all rounds are such
 * that every command must complete. */
static unsigned draw_round(Soak *s)
{
    static const unsigned caches[] = { 0, 0, 4096, 65536, 1 << 20 };
    unsigned allowed = soak_below(&s->random, SOAK_KINDS);

    s->cache = caches[soak_below(&s->random, ARRAY_SIZE(caches))];
    if (s->cache && (allowed & SOAK_RESETS)) {
        allowed |= SOAK_CUTS;
    }
    return soak_chance(&s->random, 50) ? 0 : allowed;
}

static void act(Soak *s, unsigned steps, unsigned allowed)
{
    while (steps--) {
        soak_act(s, allowed);
    }
}

static bool run_round(Soak *s, uint64_t seed)
{
    g_autofree char *recording = NULL;
    unsigned allowed;

    now.seed = seed;
    g_string_truncate(s->script, 0);
    g_string_truncate(s->history, 0);
    s->random.state = seed;
    s->all_effects = 0;
    alarm(ROUND_SECONDS);
    allowed = draw_round(s);
    new_controller(s);
    soak_check(s, soak_peer_enable(s), "the other controller is not ready");
    soak_add_rules(s, "nvme0", 1 + soak_below(&s->random, MAX_RULES),
                   allowed);
    act(s, 10 + soak_below(&s->random, 60), allowed);
    if (soak_chance(&s->random, REPLAYED)) {
        recording = soak_record(s);
    }
    if (recording) {
        soak_note(s, "recorded");
        soak_release(s, "");
        new_controller(s);
        soak_replay(s, recording);
        act(s, REPLAY_STEPS, allowed);
    }
    return end_round(s);
}

/* Resident memory of QEMU. */
static long rss_kib(Soak *s)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/statm",
                                            (int)qtest_pid(s->vm->qts));
    g_autofree char *text = NULL;
    long pages = 0;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpint(sscanf(text, "%*d %ld", &pages), ==, 1);
    return pages * (getpagesize() / 1024);
}

/* Rounds on one machine, until it is used up, @rounds are done or @deadline
 * is over (0: none); returns their number. */
static uint64_t run_machine(Soak *s, uint64_t seed, uint64_t rounds,
                            int64_t deadline, bool rss)
{
    uint64_t n = 0;
    long warm = 0;
    bool fit;

    now.first = seed;
    soak_start(s, "NVME_FI_QEMU");
    do {
        fit = run_round(s, seed + n++);
        warm = n == WARM_ROUNDS ? rss_kib(s) : warm;
    } while (fit && n < rounds && n < ROUNDS_OF_MACHINE &&
             (!deadline || g_get_monotonic_time() < deadline));
    if (rss && warm) {
        long growth = rss_kib(s) - warm;

        now.growth = MAX(now.growth, growth);
        soak_check(s, growth < RSS_GROWTH_KIB, "QEMU grew by %ld KiB in %d "
                   "rounds", growth, (int)n - WARM_ROUNDS);
    }
    soak_stop(s);
    return n;
}

int main(int argc, char **argv)
{
    int64_t begin = g_get_monotonic_time(), deadline = 0;
    Soak s = {
        .history = g_string_new(""), .script = g_string_new(""),
        .refused = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                         g_free),
    };
    uint64_t rounds, seed, n = 0;
    double seconds;

    if (argc < 4) {
        fprintf(stderr, "usage: soak MINUTES ROUNDS SEED [--rss]\n");
        return 2;
    }
    if (atof(argv[1]) > 0) {
        deadline = begin + atof(argv[1]) * 60 * G_USEC_PER_SEC;
    }
    rounds = strtoull(argv[2], NULL, 10) ?: UINT64_MAX;
    seed = strtoull(argv[3], NULL, 10);
    now.soak = &s;
    qtest_add_abrt_handler(tell, NULL);
    signal(SIGALRM, hang);
    while (n < rounds && (!deadline || g_get_monotonic_time() < deadline)) {
        n += run_machine(&s, seed + n, rounds - n, deadline, argc > 4);
    }
    g_hash_table_foreach(s.refused, tell_refused, NULL);
    seconds = (g_get_monotonic_time() - begin) / 1e6;
    printf("{\"scripts\": %" PRIu64 ", \"commands\": %" PRIu64 ", "
           "\"seconds\": %.1f, \"scripts-per-minute\": %.0f, "
           "\"growth-kib\": %ld}\n",
           n, s.commands, seconds, n * 60 / seconds, now.growth);
    return g_hash_table_size(s.refused) ? 1 : 0;
}
