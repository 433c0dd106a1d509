/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The results port: what the guest reports, one JSON object a line.
 */
#ifndef NVME_FI_RUNNER_RESULTS_H
#define NVME_FI_RUNNER_RESULTS_H

#include "lines.h"

#include <json-glib/json-glib.h>

typedef struct ResultsPort ResultsPort;

/* Every member is set. Arguments are borrowed. */
typedef struct ResultsHandlers {
    void (*hello)(void *opaque, const char *kernel, gint64 cases,
                  bool expectations);
    /* About to run this case. */
    void (*begin)(void *opaque, guint ordinal, const char *name);
    /* Has run it, or skipped it. */
    void (*finished)(void *opaque, guint ordinal, JsonObject *message);
    void (*trace)(void *opaque, JsonArray *lines);
    void (*log)(void *opaque, JsonArray *lines);
    void (*batch_end)(void *opaque, gint64 batch);
    void (*bye)(void *opaque);
    /* The suite cannot run, or not go on. */
    void (*error)(void *opaque, const char *reason);
    void (*closed)(void *opaque);
} ResultsHandlers;

/* Takes @fd. @handlers must outlive it. */
ResultsPort *results_new(int fd, const ResultsHandlers *handlers,
                         void *opaque);
void results_free(ResultsPort *port);

/* Lines that were no message, and bytes of a last line that was cut off. */
guint results_garbage(const ResultsPort *port);
gsize results_cut_off(const ResultsPort *port);

bool results_is_closed(const ResultsPort *port);

#endif
