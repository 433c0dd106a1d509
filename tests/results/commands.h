/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The subcommands of nvme-fi-results.  Each gets its own name as argv[0] and
 * returns the exit status: 0, 1 where the answer is "no" or something cannot
 * be done, 2 for a wrong command line.
 */
#ifndef NVME_FI_RESULTS_COMMANDS_H
#define NVME_FI_RESULTS_COMMANDS_H

int command_compare(int argc, char **argv);
int command_merge(int argc, char **argv);
int command_report(int argc, char **argv);

#endif
