/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the soak says to the monitor, and what it takes for an answer.
 */
#include "qemu/osdep.h"
#include "soak-monitor.h"
#include "qobject/qjson.h"
#include "qobject/qlist.h"

#define HEALED_BLOCKS   16384

static QDict *try_device(Soak *s, const char *device, const char *command,
                         const char *arguments, const char **error)
{
    QDict *answer;

    qtest_qmp_send_raw(s->vm->qts,
                       "{'execute':'%s','arguments':{'device':'%s'%s}}\n",
                       command, device, arguments);
    answer = qtest_qmp_receive(s->vm->qts);
    *error = NULL;
    if (qdict_haskey(answer, "error")) {
        *error = qdict_get_str(qdict_get_qdict(answer, "error"), "desc");
    }
    return answer;
}

QDict *soak_try(Soak *s, const char *command, const char *arguments,
                const char **error)
{
    return try_device(s, "nvme0", command, arguments, error);
}

/* A command of the monitor; may fail where the controller may be gone. */
QDict *soak_qmp(Soak *s, const char *command, const char *arguments)
{
    const char *error;
    QDict *answer = soak_try(s, command, arguments, &error);

    soak_check(s, !error || (s->effects & SOAK_FAILS), "%s %s: %s", command,
               arguments, error);
    return answer;
}

void soak_execute(Soak *s, const char *command, const char *arguments)
{
    qobject_unref(soak_qmp(s, command, arguments));
}

/* What depends on the state of the controller, and not on what is drawn. */
static const char *const fair_refusals[] = {
    "no such Submission Queue", "no such Completion Queue",
};

/* Keeps @error, if there is one, with an example of what it is about. */
void soak_refused(Soak *s, const char *error, const char *json)
{
    for (unsigned i = 0; error && i < ARRAY_SIZE(fair_refusals); i++) {
        if (strstr(error, fair_refusals[i])) {
            return;
        }
    }
    if (error && !(s->effects & SOAK_FAILS)) {
        g_hash_table_replace(s->refused, g_strdup(error), g_strdup(json));
    }
}

void soak_add_effects(Soak *s, unsigned effects)
{
    s->effects |= effects;
    s->all_effects |= effects;
}

/* What is drawn has to be valid: a refusal is a defect, but not the end. */
void soak_add_rules(Soak *s, const char *device, unsigned n,
                    unsigned allowed)
{
    while (n--) {
        g_autoptr(GString) rule = g_string_new("");
        g_autofree char *arguments = NULL;
        unsigned effects = 0;
        const char *error;
        QDict *answer;

        soak_rule(&s->random, allowed, rule, &effects);
        arguments = g_strdup_printf(",'rules':[%s]", rule->str);
        answer = try_device(s, device, "nvme-fi-add", arguments, &error);
        if (!error) {
            g_string_append_printf(s->script, "%s%s",
                                   s->script->len ? ",\n " : "", rule->str);
            soak_add_effects(s, effects);
        }
        soak_refused(s, error, rule->str);
        qobject_unref(answer);
    }
}

void soak_release(Soak *s, const char *arguments)
{
    const char *error;
    QDict *answer = soak_try(s, "nvme-fi-release", arguments, &error);

    soak_refused(s, error, "nvme-fi-release");
    qobject_unref(answer);
}

void soak_clear(Soak *s)
{
    const char *error;

    soak_execute(s, "nvme-fi-clear", "");
    qobject_unref(try_device(s, "nvme1", "nvme-fi-clear", "", &error));
    soak_check(s, !error, "nvme-fi-clear of the other controller: %s", error);
}

/* Blocks that went bad are good again. */
void soak_heal(Soak *s)
{
    for (unsigned nsid = 1; nsid <= 3; nsid++) {
        g_autofree char *arguments = g_strdup_printf(
            ",'triggers':[{'trigger':'media','nsid':%u,'slba':0,'nlb':%d,"
            "'good':true}]", nsid, HEALED_BLOCKS);

        soak_execute(s, "nvme-fi-trigger", arguments);
    }
}

/* What happened, as rules: JSON that the caller frees, or NULL where the
 * controller is gone. */
char *soak_record(Soak *s)
{
    QDict *answer = soak_qmp(s, "nvme-fi-record", "");
    char *rules = NULL;

    if (qdict_haskey(answer, "return")) {
        QList *list = qdict_get_qlist(qdict_get_qdict(answer, "return"),
                                      "rules");
        GString *json = qobject_to_json(QOBJECT(list));

        rules = g_string_free(json, false);
    }
    qobject_unref(answer);
    return rules;
}

/* All of @rules must be accepted as they are. */
void soak_replay(Soak *s, const char *rules)
{
    g_autofree char *arguments = g_strdup_printf(",'rules':%s", rules);

    g_string_append_printf(s->script, "\nrecorded: %s", rules);
    soak_execute(s, "nvme-fi-add", arguments);
    soak_add_effects(s, s->all_effects);
}
