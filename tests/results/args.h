/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the subcommands share to read a command line.
 */
#ifndef NVME_FI_RESULTS_ARGS_H
#define NVME_FI_RESULTS_ARGS_H

#include <glib.h>
#include <stdbool.h>

/*
 * Parses with @entries, which end with G_OPTION_ENTRY_NULL. @usage is what
 * follows the program's name, @about the text below the options. --help is
 * printed and ends the program. False and @error for an unknown option,
 * with the nearest one, or a wrong value.
 */
bool args_parse(int *argc, char ***argv, const GOptionEntry *entries,
                const char *usage, const char *about, GError **error);

/* The one of @names (NULL ends them) that is near @word, or NULL. */
const char *args_nearest(const char *word, const char *const *names);

#endif
