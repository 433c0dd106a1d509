/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table of commands by opcode, and what was skipped.
 */
#ifndef TRACE_SUMMARY_H
#define TRACE_SUMMARY_H

#include "input.h"

typedef struct Summary Summary;

Summary *summary_new(void);
void summary_free(Summary *summary);

void summary_add(Summary *summary, const Command *command);

/* The table; @json: one line {"type":"summary",...} instead. */
void summary_show(Summary *summary, bool json, GString *out);

/*
 * summary_skipped:
 * Adds a sentence for each kind of what was not shown or not understood, each
 * on a line of its own with @prefix; true where something was lost: events
 * that the trace had no room for, and events of ours that cannot be read.
 */
bool summary_skipped(const InputCounts *input, const JoinCounts *join,
                     guint64 filtered, const char *prefix, GString *out);

/* The same as {"type":"counts",...}. */
void summary_counts_json(const InputCounts *input, const JoinCounts *join,
                         guint64 filtered, GString *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Summary, summary_free)

#endif
