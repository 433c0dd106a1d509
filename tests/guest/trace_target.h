/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "trace": the kernel as the target of its own commands.
 */
#ifndef GUEST_TRACE_TARGET_H
#define GUEST_TRACE_TARGET_H

#include <stdbool.h>

/* Writes @text to the file @path, which must be there. */
bool trace_put(const char *path, const char *text);

/*
 * target_set_up:
 * Exports @disk (a path) by the loop transport.  Returns NULL, or what could
 * not be done.
 */
const char *target_set_up(const char *disk);

/* Connects to it: a second controller.  Returns as above. */
const char *target_connect(void);

/* Takes both away. */
void target_tear_down(void);

#endif
