/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line of a trace as the kernel's tracefs, trace-cmd or perf print it.
 */
#ifndef TRACE_LINE_H
#define TRACE_LINE_H

#include <glib.h>
#include <stdbool.h>

#define LINE_NO_TIME (-1)
#define LINE_NO_CPU (-1)

typedef struct TraceLine {
    gint64 time_ns;             /* of the trace's clock, or LINE_NO_TIME */
    int cpu;                    /* or LINE_NO_CPU */
    char event[40];             /* "nvme_setup_cmd" */
    const char *text;           /* what follows "event: "; in the line */
} TraceLine;

/*
 * line_parse:
 * @text: one line, with NUL for its end.  False where it is no event.
 */
bool line_parse(const char *text, TraceLine *line);

/*
 * line_lost:
 * True for "CPU:2 [LOST 123 EVENTS]" and for "[LOST EVENTS]", for which
 * @count is 0.
 */
bool line_lost(const char *text, guint64 *count);

#endif
