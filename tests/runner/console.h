/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's serial console: kept in a file, watched for a kernel panic.
 */
#ifndef NVME_FI_RUNNER_CONSOLE_H
#define NVME_FI_RUNNER_CONSOLE_H

#include <glib.h>
#include <stdbool.h>

typedef struct Console Console;

/*
 * Takes @fd, writes all that comes to @path. @panic is called with the first
 * line that reports a kernel panic, @closed when no more comes.
 */
Console *console_new(int fd, const char *path,
                     void (*panic)(void *opaque, const char *line),
                     void (*closed)(void *opaque), void *opaque,
                     GError **error);
void console_free(Console *console);

/* The last lines, one string with line ends; the caller frees it. */
char *console_tail(const Console *console);

/* Why the file could not be written, or NULL. */
const char *console_write_error(const Console *console);

bool console_is_closed(const Console *console);

#endif
