/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Candidates of all kinds; see words.h.
 */
#include "words.h"

#include "engine/names.h"

#include <stdio.h>
#include <string.h>

/* include/uapi/asm-generic/errno.h ends at 133. */
#define LAST_ERRNO 133

void words_offer(const Words *words, const char *text, const char *end,
                 const char *about)
{
    if (g_str_has_prefix(text, words->typed)) {
        fprintf(words->out ? words->out : stdout, "%s%s%s%s%s\n",
                words->before, text, end, about ? "\t" : "",
                about ? about : "");
    }
}

void words_offer_all(const Words *words, const char *const *texts)
{
    for (guint i = 0; texts && texts[i]; i++) {
        words_offer(words, texts[i], "", NULL);
    }
}

void words_offer_list(const Words *words, const char *list)
{
    g_auto(GStrv) texts = g_strsplit(list, "|", -1);

    words_offer_all(words, (const char *const *)texts);
}

void words_offer_names(const Words *words, const char *folder,
                       const char *prefix, const char *suffix)
{
    GDir *dir = folder ? g_dir_open(folder, 0, NULL) : NULL;
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        if (g_str_has_suffix(name, suffix)) {
            g_autofree char *text = g_strdup_printf(
                "%s%.*s", prefix, (int)(strlen(name) - strlen(suffix)), name);

            words_offer(words, text, "", NULL);
        }
    }
    g_clear_pointer(&dir, g_dir_close);
}

void words_offer_files(const Words *words)
{
    const char *slash = strrchr(words->typed, '/');
    g_autofree char *head = slash ? g_strndup(words->typed,
                                              slash + 1 - words->typed) :
                            g_strdup("");
    bool home = g_str_has_prefix(head, "~/");
    g_autofree char *folder = home ? g_build_filename(g_get_home_dir(),
                                                      head + 2, NULL) :
                              g_strdup(*head ? head : ".");
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *text = g_strconcat(head, name, NULL);
        g_autofree char *path = g_build_filename(folder, name, NULL);

        /* hidden ones when they are asked for */
        if (name[0] != '.' || g_str_has_suffix(words->typed, "/.") ||
            g_str_has_prefix(words->typed, ".")) {
            words_offer(words, text, g_file_test(path, G_FILE_TEST_IS_DIR) ?
                        "/" : "", NULL);
        }
    }
    g_clear_pointer(&dir, g_dir_close);
}

void words_offer_programs(const Words *words)
{
    const char *path = g_getenv("PATH");
    g_auto(GStrv) folders = g_strsplit(path ? path : "/usr/bin", ":", -1);

    if (strchr(words->typed, '/')) {
        words_offer_files(words);
        return;
    }
    for (guint i = 0; folders[i]; i++) {
        words_offer_names(words, folders[i], "", "");
    }
}

void words_offer_errnos(const Words *words)
{
    for (int i = 1; i <= LAST_ERRNO; i++) {
        if (strerrorname_np(i)) {
            words_offer(words, strerrorname_np(i), "", NULL);
        }
    }
}

static void offer_status(guint16 status, const char *name, gpointer words)
{
    (void)status;
    words_offer(words, name, "", NULL);
}

void words_offer_statuses(const Words *words)
{
    fi_status_names_foreach(offer_status, (gpointer)words);
}

static void offer_opcode(gboolean admin, guint8 opcode, const char *name,
                         gpointer words)
{
    (void)admin;
    (void)opcode;
    words_offer(words, name, "", NULL);
}

void words_offer_opcodes(const Words *words)
{
    fi_opcode_names_foreach(offer_opcode, (gpointer)words);
}

/* Rules */

static const struct {
    const char *scope;
    const char *member;
    const char *values;
} members[] = {
#include "rule-words.inc"
};

static void offer_values(const Words *words, const char *values)
{
    if (g_str_equal(values, "opcode")) {
        words_offer_opcodes(words);
    } else if (g_str_equal(values, "status")) {
        words_offer_statuses(words);
    } else {
        words_offer_list(words, values);
    }
}

/* The value of @member among @pieces, or NULL. */
static const char *value_of(char **pieces, const char *member)
{
    gsize length = strlen(member);

    for (guint i = 0; pieces[i]; i++) {
        if (g_str_has_prefix(pieces[i], member) &&
            pieces[i][length] == '=') {
            return pieces[i] + length + 1;
        }
    }
    return NULL;
}

/* Members of @kind ("rule", "trigger") that begin with @prefix, or values. */
static void offer_members(const Words *words, char **pieces, const char *kind,
                          const char *prefix)
{
    g_autofree char *chooser = g_strconcat(
        prefix, g_str_equal(kind, "rule") ? "action" : "trigger", NULL);
    const char *branch = value_of(pieces, chooser);
    g_autofree char *scope = g_strconcat(kind, ":", branch ? branch : "",
                                         NULL);
    const char *equals = strchr(words->typed, '=');

    for (guint i = 0; i < G_N_ELEMENTS(members); i++) {
        g_autofree char *name = g_strconcat(prefix, members[i].member, NULL);

        if (!g_str_equal(members[i].scope, kind) &&
            !g_str_equal(members[i].scope, scope)) {
            continue;
        }
        if (!equals && !value_of(pieces, name)) {
            words_offer(words, name, "=", NULL);
        } else if (equals && strlen(name) == (gsize)(equals - words->typed) &&
                   g_str_has_prefix(words->typed, name)) {
            g_autofree char *before = g_strconcat(words->before, name, "=",
                                                  NULL);
            const Words value = { equals + 1, before, words->out };

            offer_values(&value, members[i].values);
        }
    }
}

void words_offer_rule(const Words *whole, bool trigger)
{
    const char *typed = whole->typed;
    const char *comma = strrchr(typed, ',');
    g_autofree char *before = g_strndup(typed, comma ? comma + 1 - typed : 0);
    g_auto(GStrv) pieces = g_strsplit(before, ",", -1);
    const Words words = { comma ? comma + 1 : typed, before, whole->out };

    offer_members(&words, pieces, trigger ? "trigger" : "rule", "");
    if (!trigger) {
        offer_members(&words, pieces, "trigger", "trigger.0.");
    }
}

void words_offer_ids(const Words *words, const char *listed)
{
    g_auto(GStrv) lines = g_strsplit(listed, "\n", -1);

    for (guint i = 0; lines[i]; i++) {
        if (g_str_has_prefix(lines[i], "  id=")) {
            g_autofree char *id = g_strndup(lines[i] + 5,
                                            strcspn(lines[i] + 5, ",;\r"));

            words_offer(words, id, "", NULL);
        }
    }
}

WordsMore words_offer_rules(const Words *words, const char *first,
                            guint count)
{
    if (!count) {
        words_offer_list(words, "add|list|rm|clear|trigger|release|watch|"
                         "help");
    } else if (g_str_equal(first, "list")) {
        words_offer(words, "--json", "", NULL);
    } else if (g_str_equal(first, "rm") ||
               (g_str_equal(first, "release") && count == 1)) {
        return WORDS_IDS;
    } else if (count == 1 && (g_str_equal(first, "add") ||
                              g_str_equal(first, "trigger"))) {
        words_offer_rule(words, first[0] == 't');
        if (first[0] == 'a' && !strpbrk(words->typed, "=,")) {
            return WORDS_FILES;
        }
    }
    return WORDS_ALL;
}
