/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which commands are shown.
 */
#ifndef TRACE_FILTER_H
#define TRACE_FILTER_H

#include "join.h"

typedef struct Filter Filter;

Filter *filter_new(void);
void filter_free(Filter *filter);

/*
 * filter_add:
 * @what: "qid", "ctrl", "nsid", "opcode", "status", "slba", "min-duration",
 * "max-duration", "since", "until".  @text: the option's value; the first
 * five take several, with commas between them.  On false @error says what
 * would be right.
 */
bool filter_add(Filter *filter, const char *what, const char *text,
                GError **error);

/* Only what failed: a status, or an error of the block layer. */
void filter_errors(Filter *filter);

/* Whether @command is shown.  One with a time is in a window if its set-up
 * is; of one without, its completion. */
bool filter_passes(const Filter *filter, const Command *command);

/* Whether events without a command are shown: by controller and time. */
bool filter_passes_async(const Filter *filter, const Event *event,
                         gint64 ns);

/* "qid==0||qid==1" for the kernel's filter, or NULL without --qid; the caller
 * frees it.  @only_admin: whether queue 0 is all that is asked for. */
char *filter_kernel(const Filter *filter, bool *only_admin);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Filter, filter_free)

#endif
