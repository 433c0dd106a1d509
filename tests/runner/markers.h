/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The marks that guest programs put around each case, in the trace and in
 * the kernel log: "nvme-fi begin <ordinal>" and "nvme-fi end <ordinal>".
 */
#ifndef NVME_FI_RUNNER_MARKERS_H
#define NVME_FI_RUNNER_MARKERS_H

#include <glib.h>
#include <stdbool.h>

/* The ordinal of a line that lies in no case. */
#define MARKER_NO_CASE G_MAXUINT

typedef struct MarkerState {
    guint current;      /* the case that lines belong to now */
} MarkerState;

typedef enum MarkerKind {
    MARKER_NONE,
    MARKER_BEGIN,
    MARKER_END,
} MarkerKind;

#define MARKER_STATE_INIT { .current = MARKER_NO_CASE }

/*
 * Looks at the text of a line. For a mark, updates @state, stores the
 * ordinal of its case in @ordinal and says which mark it was.
 */
MarkerKind marker_take(MarkerState *state, const char *text, guint *ordinal);

#endif
