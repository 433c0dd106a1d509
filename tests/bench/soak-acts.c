/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the soak does while commands are in flight.
 */
#include "qemu/osdep.h"
#include "soak-acts.h"
#include "soak-io.h"
#include "qobject/qlist.h"

static QDict *try_qmp(Soak *s, const char *command, const char *arguments,
                      const char **error)
{
    QDict *answer;

    qtest_qmp_send_raw(s->vm->qts,
                       "{'execute':'%s','arguments':{'device':'nvme0'%s}}\n",
                       command, arguments);
    answer = qtest_qmp_receive(s->vm->qts);
    *error = NULL;
    if (qdict_haskey(answer, "error")) {
        *error = qdict_get_str(qdict_get_qdict(answer, "error"), "desc");
    }
    return answer;
}

/* A command of the monitor; may fail where the controller may be gone. */
QDict *soak_qmp(Soak *s, const char *command, const char *arguments)
{
    const char *error;
    QDict *answer = try_qmp(s, command, arguments, &error);

    soak_check(s, !error || (s->effects & SOAK_FAILS), "%s %s: %s", command,
               arguments, error);
    return answer;
}

void soak_execute(Soak *s, const char *command, const char *arguments)
{
    qobject_unref(soak_qmp(s, command, arguments));
}

/* Keeps @error, if there is one, with an example of what it is about. */
static void refused(Soak *s, const char *error, const char *json)
{
    /* what the device says of the parts of the schema that are to come */
    if (error && strstr(error, "not built yet")) {
        return;
    }
    if (error && !(s->effects & SOAK_FAILS)) {
        g_hash_table_replace(s->refused, g_strdup(error), g_strdup(json));
    }
}

/* What is drawn has to be valid: a refusal is a defect, but not the end. */
void soak_add_rules(Soak *s, unsigned n, unsigned allowed)
{
    while (n--) {
        g_autoptr(GString) rule = g_string_new("");
        g_autofree char *arguments = NULL;
        unsigned effects = 0;
        const char *error;
        QDict *answer;

        soak_rule(&s->random, allowed, rule, &effects);
        arguments = g_strdup_printf(",'rules':[%s]", rule->str);
        answer = try_qmp(s, "nvme-fi-add", arguments, &error);
        if (!error) {
            g_string_append_printf(s->script, "%s%s",
                                   s->script->len ? ",\n " : "", rule->str);
            s->effects |= effects;
        }
        refused(s, error, rule->str);
        qobject_unref(answer);
    }
}

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
    soak_add_rules(s, 1 + soak_below(&s->random, 3), allowed);
}

static void act_clear(Soak *s, unsigned allowed)
{
    soak_execute(s, "nvme-fi-clear", "");
}

void soak_release(Soak *s, const char *arguments)
{
    const char *error;
    QDict *answer = try_qmp(s, "nvme-fi-release", arguments, &error);

    refused(s, error, "nvme-fi-release");
    qobject_unref(answer);
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
        s->effects |= effects;
        answer = try_qmp(s, "nvme-fi-trigger", arguments, &error);
        refused(s, error, trigger->str);
        qobject_unref(answer);
    }
}

static void act_query(Soak *s, unsigned allowed)
{
    soak_execute(s, "query-nvme-fi", "");
    soak_execute(s, "query-nvme-fi-log", "");
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

static void act_reset(Soak *s, unsigned allowed)
{
    bool ok = soak_disable(s) & soak_enable(s);

    soak_check(s, ok || (s->effects & SOAK_FAILS),
               "the controller was reset and is not ready");
    soak_create_queues(s);
}

static void act_flr(Soak *s, unsigned allowed)
{
    soak_flr(s);
    soak_check(s, soak_enable(s) || (s->effects & SOAK_FAILS),
               "the function was reset and is not ready");
    soak_create_queues(s);
}

static void act_replug(Soak *s, unsigned allowed)
{
    soak_replug(s);
    soak_check(s, soak_enable(s), "a new controller is not ready");
    soak_create_queues(s);
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
    { "replug", 1, act_replug },
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

