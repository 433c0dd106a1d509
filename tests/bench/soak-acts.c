/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the soak does while commands are in flight.
 */
#include "qemu/osdep.h"
#include "soak-acts.h"
#include "soak-io.h"
#include "soak-monitor.h"
#include "qobject/qlist.h"

#define AWAY_NS         4000000000      /* longer than any rule says */
#define PEER_RULES      3

static void act_io(Soak *s, unsigned allowed)
{
    SoakRing *r = &s->io[soak_below(&s->random, SOAK_RINGS)];
    unsigned n = 1 + soak_below(&s->random, 12);

    while (n--) {
        /* drawn in any case, so that the seed tells all that follows */
        NvmeCmd cmd = soak_io_cmd(s);

        if (r->ring) {
            soak_submit(s, r, &cmd);
        }
    }
}

static void act_admin(Soak *s, unsigned allowed)
{
    NvmeCmd cmd = soak_admin_cmd(s);

    soak_submit(s, &s->admin, &cmd);
}

static void act_take(Soak *s, unsigned allowed)
{
    nvme_vm_settle(s->vm);
    soak_take(s);
}

static void act_step(Soak *s, unsigned allowed)
{
    nvme_vm_step(s->vm, 1 + soak_below(&s->random, 1000000000));
    soak_take(s);
}

static void act_rules(Soak *s, unsigned allowed)
{
    soak_add_rules(s, "nvme0", 1 + soak_below(&s->random, 3), allowed);
}

static void act_clear(Soak *s, unsigned allowed)
{
    soak_execute(s, "nvme-fi-clear", "");
}

static void act_release(Soak *s, unsigned allowed)
{
    soak_release(s, soak_chance(&s->random, 50) ? "" :
                 ",'count':1,'status':'internal-error'");
}

static void act_trigger(Soak *s, unsigned allowed)
{
    g_autoptr(GString) trigger = g_string_new("");
    g_autofree char *arguments = NULL;
    unsigned effects = 0;
    const char *error;
    QDict *answer;

    if (soak_trigger(&s->random, allowed, trigger, &effects)) {
        arguments = g_strdup_printf(",'triggers':[%s]", trigger->str);
        soak_note(s, "  %s", trigger->str);
        soak_add_effects(s, effects);
        answer = soak_try(s, "nvme-fi-trigger", arguments, &error);
        soak_refused(s, error, trigger->str);
        qobject_unref(answer);
    }
}

static void act_query(Soak *s, unsigned allowed)
{
    soak_execute(s, "query-nvme-fi", "");
    soak_execute(s, "query-nvme-fi-log", "");
    soak_execute(s, "nvme-fi-record", "");
    g_free(qtest_hmp(s->vm->qts, "info nvme_fi nvme0"));
}

/* Takes away one of the rules that there are. */
static void act_remove(Soak *s, unsigned allowed)
{
    uint64_t choice = soak_random(&s->random);
    QDict *answer = soak_qmp(s, "query-nvme-fi", "");
    QDict *info = qdict_get_qdict(answer, "return");
    QList *rules = info ? qdict_get_qlist(info, "rules") : NULL;
    const QListEntry *entry;
    g_autofree char *arguments = NULL;

    if (rules && !qlist_empty(rules)) {
        choice %= qlist_size(rules);
        QLIST_FOREACH_ENTRY(rules, entry) {
            if (!choice--) {
                QDict *rule = qobject_to(QDict, qlist_entry_obj(entry));

                rule = qdict_get_qdict(rule, "rule");
                arguments = g_strdup_printf(",'ids':['%s']",
                                            qdict_get_str(rule, "id"));
            }
        }
        soak_execute(s, "nvme-fi-remove", arguments);
    }
    qobject_unref(answer);
}

/* The queues anew, with sizes so small that they wrap. */
bool soak_create_queues(Soak *s)
{
    bool ok = true;

    for (unsigned i = 0; i < SOAK_RINGS; i++) {
        uint16_t entries = 2 + soak_below(&s->random, 31);

        if (!s->io[i].ring) {
            ok &= soak_create(s, i, entries);
        }
    }
    return ok;
}

/* The controller @ok again, as it must be unless a rule fails it. */
static void again(Soak *s, bool ok, const char *what)
{
    soak_check(s, ok || (s->effects & SOAK_DEAD),
               "the controller was %s and is not ready", what);
    soak_create_queues(s);
}

static void act_reset(Soak *s, unsigned allowed)
{
    bool ok = soak_disable(s) & soak_enable(s);

    again(s, ok, "reset");
}

/* The same, with shadow doorbells from then on, unless a rule denies them. */
static void act_shadow(Soak *s, unsigned allowed)
{
    bool ok = soak_disable(s) & soak_enable(s);

    if (ok && !soak_shadow_doorbells(s)) {
        /* whether they are in use is not known */
        ok = soak_disable(s) & soak_enable(s);
    }
    again(s, ok, "reset for shadow doorbells");
}

static void act_flr(Soak *s, unsigned allowed)
{
    soak_flr(s);
    again(s, soak_enable(s), "reset by its function");
}

static void act_shutdown(Soak *s, unsigned allowed)
{
    bool abrupt = soak_chance(&s->random, 50);
    bool ok;

    soak_shut_down(s, abrupt);
    ok = soak_disable(s) & soak_enable(s);
    again(s, ok, "shut down");
}

static void act_replug(Soak *s, unsigned allowed)
{
    soak_replug(s);
    again(s, soak_enable(s), "plugged");
}

/* A fatal error that came while the controller was disabled fails the next
 * time that it is enabled, and ends with the reset after that. */
static bool reset(Soak *s)
{
    return (soak_disable(s) && soak_enable(s)) ||
        (soak_disable(s) && soak_enable(s));
}

/* Whatever happened is over, and the host begins anew.  False where the
 * controller is gone. */
bool soak_recover(Soak *s)
{
    bool ok;

    nvme_vm_step(s->vm, AWAY_NS);
    nvme_vm_settle(s->vm);
    ok = soak_set_up(s) && reset(s);
    soak_check(s, soak_peer_enable(s) || (s->effects & SOAK_DEAD),
               "the other controller is not ready");
    return ok;
}

static void act_recover(Soak *s, unsigned allowed)
{
    again(s, soak_recover(s), "set up");
}

static void act_system_reset(Soak *s, unsigned allowed)
{
    qtest_system_reset(s->vm->qts);
    act_recover(s, allowed);
}

/* The other controller, where rules never lie */

static void act_peer_io(Soak *s, unsigned allowed)
{
    unsigned n = 1 + soak_below(&s->random, 12);

    while (n--) {
        NvmeCmd cmd = soak_io_cmd(s);

        if (s->peer_io.ring) {
            soak_submit(s, &s->peer_io, &cmd);
        }
    }
}

static void act_peer_admin(Soak *s, unsigned allowed)
{
    NvmeCmd cmd = soak_admin_cmd(s);

    soak_submit(s, &s->peer_admin, &cmd);
}

static void act_peer_rules(Soak *s, unsigned allowed)
{
    soak_add_rules(s, "nvme1", 1 + soak_below(&s->random, PEER_RULES), 0);
}

static void act_peer_reset(Soak *s, unsigned allowed)
{
    soak_check(s, soak_peer_enable(s) || (s->effects & SOAK_DEAD),
               "the other controller was reset and is not ready");
}

static void act_queue(Soak *s, unsigned allowed)
{
    unsigned index = soak_below(&s->random, SOAK_RINGS);

    if (s->io[index].ring) {
        soak_delete(s, index);
    }
    soak_create_queues(s);
}

static const struct {
    const char *name;
    unsigned weight;
    void (*act)(Soak *s, unsigned allowed);
} acts[] = {
    { "I/O", 40, act_io },
    { "admin", 15, act_admin },
    { "take", 15, act_take },
    { "step", 15, act_step },
    { "rules", 3, act_rules },
    { "remove", 3, act_remove },
    { "clear", 1, act_clear },
    { "query", 2, act_query },
    { "release", 4, act_release },
    { "trigger", 3, act_trigger },
    { "queue", 3, act_queue },
    { "reset", 2, act_reset },
    { "FLR", 1, act_flr },
    { "shadow doorbells", 1, act_shadow },
    { "replug", 1, act_replug },
    { "shutdown", 1, act_shutdown },
    { "system reset", 1, act_system_reset },
    { "recover", 1, act_recover },
    { "peer I/O", 8, act_peer_io },
    { "peer admin", 3, act_peer_admin },
    { "peer rules", 2, act_peer_rules },
    { "peer reset", 1, act_peer_reset },
};

void soak_act(Soak *s, unsigned allowed)
{
    unsigned sum = 0, choice;

    for (unsigned i = 0; i < ARRAY_SIZE(acts); i++) {
        sum += acts[i].weight;
    }
    choice = soak_below(&s->random, sum);
    for (unsigned i = 0; i < ARRAY_SIZE(acts); i++) {
        if (choice < acts[i].weight) {
            soak_note(s, "  %s", acts[i].name);
            acts[i].act(s, allowed);
            return;
        }
        choice -= acts[i].weight;
    }
}

