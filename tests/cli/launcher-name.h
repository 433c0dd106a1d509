/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a user starts: the programs that the launcher hands over to name it.
 */
#ifndef NVME_FI_CLI_LAUNCHER_NAME_H
#define NVME_FI_CLI_LAUNCHER_NAME_H

/*
 * The launcher as a word of a command line: "./nvme-fi" in the tree,
 * "nvme-fi" where it is installed. Static, never NULL.
 */
const char *launcher_name(void);

#endif
