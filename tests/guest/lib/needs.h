/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the running kernel has an option of its configuration, told by what
 * the option adds: the configuration itself is often not there to be read.
 */
#ifndef GUEST_NEEDS_H
#define GUEST_NEEDS_H

#include <stdbool.h>

/*
 * needs_met:
 * @option: "CONFIG_NVME_MULTIPATH" and others of the table in needs.c.
 * Returns 1 where the kernel has it (of a module: loaded), 0 where it has not,
 * -1 where the table does not know @option. @reason gets a sentence that says
 * that the kernel has it not, which stays valid.
 */
int needs_met(const char *option, const char **reason);

/* Of which it is made; for tests. */

/* Is @symbol in @text, lines of /proc/kallsyms? */
bool needs_symbol_in(const char *text, const char *symbol);

/* Is @name in @text, lines of /proc/filesystems? */
bool needs_filesystem_in(const char *text, const char *name);

#endif
