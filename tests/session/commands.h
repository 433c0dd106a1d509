/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The subcommands of nvme-fi-session. Each returns the exit status.
 */
#ifndef NVME_FI_SESSION_COMMANDS_H
#define NVME_FI_SESSION_COMMANDS_H

#include <glib.h>
#include <stdbool.h>

/* exec and shell, by argv[0]. */
int session_main(int argc, char **argv);

/* What the image of exec or shell needs, as options of build-initramfs, one
 * word a line; argv[1] is the command. */
int contents_main(int argc, char **argv);

int presets_main(int argc, char **argv);
int rules_main(int argc, char **argv);

/* Prints the presets @names, or one line for each of all. */
int presets_show(const char *dir, char **names, bool json, GError **error);

#endif
