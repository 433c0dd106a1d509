/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nvme-fi-results: what is made of the results of runs that are over. Each
 * subcommand is a function in a file of its own.
 */
#include "commands.h"

#include <glib.h>
#include <stdio.h>

#define EXIT_USAGE 2

static const struct {
    const char *name;
    int (*main)(int argc, char **argv);
} commands[] = {
    { "compare", command_compare },
    { "merge", command_merge },
    { "report", command_report },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    /* what the user started is the launcher */
    g_set_prgname("nvme-fi");
    for (guint i = 0; commands[i].name; i++) {
        if (g_str_equal(name, commands[i].name)) {
            return commands[i].main(argc - 1, argv + 1);
        }
    }
    fprintf(stderr, "nvme-fi: unknown command '%s'\n", name);
    return EXIT_USAGE;
}
