/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nvme-fi-runner: boots guests on a faulty drive, runs suites in them, and
 * joins what each layer saw.
 */
#include "run.h"
#include "usage.h"

#include <signal.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Options) options = NULL;

    /* what the user started is the launcher */
    g_set_prgname("nvme-fi");
    options = options_parse(argc, argv, &error);
    /* A limit on the size of files is an error of write(), not a death. */
    signal(SIGXFSZ, SIG_IGN);
    if (!options) {
        usage_complain(argc > 1 && g_str_equal(argv[1], "list") ? "list" :
                       "run", error);
        return 2;
    }
    return options->command == COMMAND_LIST || options->check ?
           run_list(options) : run_all(options);
}
