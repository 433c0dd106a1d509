/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Candidates for a word of a command line: collected, and printed one a line
 * if they begin with what is there already.
 */
#ifndef NVME_FI_CLI_WORDS_H
#define NVME_FI_CLI_WORDS_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct Words {
    const char *typed;      /* the word as it is, without what is before */
    const char *before;     /* begins all candidates: "--kernel=", "a=b," */
    FILE *out;              /* NULL: stdout */
} Words;

/* Prints @before, @text and @end where @text begins as the word does; with
 * @about, if any, behind a tab. */
void words_offer(const Words *words, const char *text, const char *end,
                 const char *about);
void words_offer_all(const Words *words, const char *const *texts);

/* Of "a|b|c". */
void words_offer_list(const Words *words, const char *list);

/* Files and folders, the latter with '/'; names of what is in @folder. */
void words_offer_files(const Words *words);
void words_offer_names(const Words *words, const char *folder,
                       const char *prefix, const char *suffix);

/* Programs of PATH; errnos; names of the specification. */
void words_offer_programs(const Words *words);
void words_offer_errnos(const Words *words);
void words_offer_statuses(const Words *words);
void words_offer_opcodes(const Words *words);

/*
 * The members, and behind '=' the values, of the last piece of a rule (or
 * @trigger) as 'nvme-fi rules add' takes it.
 */
void words_offer_rule(const Words *words, bool trigger);

/* Of the rules in @listed, what 'nvme-fi rules list' prints. */
void words_offer_ids(const Words *words, const char *listed);

/* What the caller has to offer besides. */
typedef enum WordsMore { WORDS_ALL, WORDS_IDS, WORDS_FILES } WordsMore;

/* A word of 'nvme-fi rules' behind @count others, of which @first is one. */
WordsMore words_offer_rules(const Words *words, const char *first,
                            guint count);

#endif
