/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all subcommands share to read a command line: options, their help,
 * what is wrong with them, and what a shell can complete.
 */
#ifndef NVME_FI_CLI_USAGE_H
#define NVME_FI_CLI_USAGE_H

#include <glib.h>
#include <stdbool.h>

/* The first argument that asks for the options, for completion. */
#define USAGE_LIST_OPTIONS "--list-options"

typedef struct UsageSpec {
    const char *command;            /* "compare" of 'nvme-fi compare' */
    const char *arguments;          /* what follows the options in the help */
    const char *about;              /* below the options, or NULL */
    const GOptionEntry *entries;    /* G_OPTION_ENTRY_NULL ends each table */
    const GOptionEntry *filters;    /* shown by --help-filters, or NULL */
    bool set_up;        /* has --kernel etc., which the launcher takes out */
    bool posix;         /* the first operand ends the options */
} UsageSpec;

/*
 * Parses as @spec says. --help, --help-filters and USAGE_LIST_OPTIONS are
 * answered on stdout and end the program. False and @error, one sentence that
 * names the option, its value and what would be right, for an unknown option
 * or a value that is missing or of the wrong type; the arguments are
 * unchanged then.
 *
 * USAGE_LIST_OPTIONS prints "--NAME", "flag", "value" or "file", what the help
 * calls its value, and the help, with tabs between them; operands that are
 * files have the line "*", "file".
 */
bool usage_parse(const UsageSpec *spec, int *argc, char ***argv,
                 GError **error);

/* Prints "nvme-fi: COMMAND: sentence" and where the help is, to stderr. */
void usage_complain(const char *command, const GError *error);

/*
 * "; did you mean 'NAME'?" for the one of @names (NULL ends them, or NULL)
 * that is near @word; else "". The caller frees it.
 */
char *usage_near(const char *word, const char *const *names);

/* The same for a path that is not there: of the names in its folder. */
char *usage_near_file(const char *path);

/*
 * False and @error, with the nearest name, where --@option is given @path
 * (NULL: it is not given) and that is no regular file. @option NULL: it is an
 * operand.
 */
bool usage_check_file(const char *option, const char *path, GError **error);

#endif
