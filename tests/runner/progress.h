/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a run says on stderr while it goes on.
 */
#ifndef NVME_FI_RUNNER_PROGRESS_H
#define NVME_FI_RUNNER_PROGRESS_H

#include <glib.h>

typedef struct Progress Progress;

/* A line that is rewritten on a terminal, else a line now and then. */
Progress *progress_new(guint total);
void progress_free(Progress *progress);

/* A line of its own. */
void progress_note(Progress *progress, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

void progress_case(Progress *progress, guint done, guint bad,
                   const char *name);

/* Removes the live line. */
void progress_end(Progress *progress);

#endif
