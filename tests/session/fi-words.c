/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands that change rules, as words; see fi-words.h.
 */
#include "fi-words.h"

#include "fail.h"
#include "usage.h"

#include <string.h>

#define ANY G_MAXUINT

static const struct {
    const char *name;
    guint least;            /* words behind it */
    guint most;
    const char *hint;       /* what is right */
    bool members;           /* the first one can be NAME=VALUE,... */
} commands[] = {
    { "add", 1, 1, "one rule or one file is needed, as in 'add opcode=read,"
      "slba=8,action=status,status=access-denied'", true },
    { "list", 0, 1, "there is --json" },
    { "rm", 1, ANY, "the ids of rules are needed; 'list' shows them" },
    { "clear", 0, 0, "one rule is removed by 'rm ID'" },
    { "trigger", 1, 1, "one is needed, as in 'trigger trigger=media,slba=8'",
      true },
    { "release", 0, 1, "at most one id of a rule is possible" },
    { "watch", 0, 0, "it takes no word" },
};

static bool check_count(guint index, const char *const *words,
                        GError **error)
{
    guint count = g_strv_length((GStrv)words);
    const char *name = commands[index].name;

    if (count < commands[index].least) {
        return fail(error, "%s: %s", name, commands[index].hint);
    }
    if (count > commands[index].most) {
        return fail(error, "%s: unexpected '%s'; %s", name,
                    words[commands[index].most], commands[index].hint);
    }
    if (g_str_equal(name, "list") && count &&
        !g_str_equal(words[0], "--json")) {
        return fail(error, "list: unexpected '%s'; there is --json",
                    words[0]);
    }
    return true;
}

/*
 * A rule or a trigger as members, if it is no file. What has a comma in a
 * value, which is written twice, is left to QEMU.
 */
static bool check_members(const char *name, const char *text, GError **error)
{
    g_auto(GStrv) members = g_strsplit(text, ",", -1);

    if (!strchr(text, '=') || strstr(text, ",,")) {
        return true;
    }
    for (guint i = 0; members[i]; i++) {
        if (members[i][0] && !strchr(members[i], '=')) {
            return fail(error, "%s: '%s' has no value; members are "
                        "NAME=VALUE, such as 'dnr=on'", name, members[i]);
        }
    }
    return true;
}

bool fi_words_check(const char *const *words, GError **error)
{
    const char *names[G_N_ELEMENTS(commands) + 1] = { NULL };
    g_autofree char *near = NULL;

    if (!words[0]) {
        return fail(error, "a command is needed: add, list, rm, clear, "
                    "trigger, release or watch");
    }
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        names[i] = commands[i].name;
        if (g_str_equal(words[0], names[i])) {
            return check_count(i, words + 1, error) &&
                   (!commands[i].members ||
                    check_members(names[i], words[1], error));
        }
    }
    near = usage_near(words[0], names);
    return fail(error, "unknown command '%s'%s%s", words[0], near, *near ?
                "" : "; there are add, list, rm, clear, trigger, release and "
                "watch");
}

bool fi_words_help(const char *const *words)
{
    return (words[0] && g_str_equal(words[0], "help")) ||
           g_strv_contains(words, "--help");
}
