/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Candidates for bash in the guest; see fi-complete.h.
 */
#include "fi-complete.h"

#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Behind the last '=' or ':' of what is typed, with a blank where the word is
 * whole. */
static void add_candidate(GString *text, const char *candidate, gsize cut)
{
    gsize length = strlen(candidate);

    if (length < cut) {
        return;
    }
    g_string_append(text, candidate + cut);
    if (!strchr(candidate, '=')) {
        g_string_append_c(text, ' ');
    }
    g_string_append_c(text, '\n');
}

/* What @words were offered, as bash wants it. */
static char *for_bash(const char *typed, const char *offered)
{
    g_auto(GStrv) lines = g_strsplit(offered, "\n", -1);
    GString *text = g_string_new(NULL);
    gsize cut = 0;

    for (gsize i = 0; typed[i]; i++) {
        cut = strchr("=:", typed[i]) ? i + 1 : cut;
    }
    for (guint i = 0; lines[i]; i++) {
        if (*lines[i]) {
            add_candidate(text, lines[i], cut);
        }
    }
    return g_string_free(text, FALSE);
}

char *fi_complete(const char *line, const char *listed)
{
    g_auto(GStrv) split = g_strsplit_set(line, " \t", -1);
    g_autoptr(GPtrArray) before = g_ptr_array_new();
    guint count = g_strv_length(split);
    Words words = { count ? split[count - 1] : "", "", NULL };
    char *offered = NULL;
    WordsMore more;
    size_t size;
    char *text;

    /* the first one is the command itself */
    for (guint i = 1; i + 1 < count; i++) {
        if (*split[i]) {
            g_ptr_array_add(before, split[i]);
        }
    }
    words.out = open_memstream(&offered, &size);
    if (!words.out) {
        return g_strdup("");
    }
    more = words_offer_rules(&words, before->len ?
                             g_ptr_array_index(before, 0) : NULL,
                             before->len);
    if (more == WORDS_IDS && listed) {
        words_offer_ids(&words, listed);
    }
    fclose(words.out);
    text = more == WORDS_IDS && !listed ? NULL :
           for_bash(words.typed, offered);
    free(offered);
    return text;
}
