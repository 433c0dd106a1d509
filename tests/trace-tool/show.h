/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command as a line of text or of JSON.
 */
#ifndef TRACE_SHOW_H
#define TRACE_SHOW_H

#include "join.h"

/* "read", "property-set"; of what no specification names, its number. The
 * text is static or lives until the next call. */
const char *show_opcode(const EventCommand *command);

/* Name of the status of @command, or NULL: 180h to 19Fh mean something else
 * for Fabrics commands. */
const char *show_status_name(const EventCommand *command, guint status);

/* True where all bits of @field are known; @value gets them. */
bool show_field_value(const EventCommand *command, const Field *field,
                      guint64 *value);

/* First logical block and number of them; false where it has none. */
bool show_range(const EventCommand *command, guint64 *slba, guint64 *count);

/* Nanoseconds from set-up to completion, or LINE_NO_TIME. */
gint64 show_nanoseconds(const Command *command);

/* "12 ns", "3.4 us", "5.6 ms", "7.8 s"; the caller frees it. */
char *show_duration(gint64 ns);

/*
 * show_text, show_json:
 * Add one line, with its end, to @out.  @all: fields that are 0 as well.
 */
void show_text(GString *out, const Command *command, bool all);
void show_json(GString *out, const Command *command);
void show_async_text(GString *out, const Event *event, gint64 ns);
void show_other_json(GString *out, const char *text);
void show_async_json(GString *out, const Event *event, gint64 ns);

#endif
