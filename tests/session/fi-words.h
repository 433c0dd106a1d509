/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be said to 'nvme-fi rules', and to rules in a guest.
 */
#ifndef NVME_FI_SESSION_FI_WORDS_H
#define NVME_FI_SESSION_FI_WORDS_H

#include <glib.h>
#include <stdbool.h>

#define FI_WORDS_USAGE \
    "add RULE       add a rule: opcode=read,slba=8,action=status," \
    "status=access-denied\n" \
    "add FILE       add the rules of a file ([ { ... }, ... ]), all or none\n" \
    "list [--json]  the rules, what they did, held commands, bad blocks\n" \
    "rm ID...       remove rules, all or none\n" \
    "clear          remove all rules\n" \
    "trigger WHAT   something that needs no command: trigger=media,slba=8\n" \
    "release [ID]   complete the commands that are held\n" \
    "watch          show commands and hits as they happen\n" \
    "docs/rules.md explains rules and triggers\n"

/*
 * Whether @words (NULL ends them) begin with a command and have as many words
 * behind it as it takes. False and @error, with the nearest command.
 */
bool fi_words_check(const char *const *words, GError **error);

/* Do they ask for FI_WORDS_USAGE? */
bool fi_words_help(const char *const *words);

#endif
