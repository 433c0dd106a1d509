/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's trace events: setting them up and reading them as they come
 * (Linux: Documentation/trace/events.rst).
 */
#ifndef TRACE_LIVE_H
#define TRACE_LIVE_H

#include <glib.h>
#include <stdbool.h>

typedef struct LiveSetup {
    const char *tracefs;        /* folder, or NULL: where it is mounted */
    const char *filter;         /* of the nvme events, or NULL: all */
    bool block;                 /* the events of requests as well */
    guint buffer_kb;            /* for each CPU; 0: as it is */
} LiveSetup;

typedef struct Live Live;

/*
 * live_start:
 * Makes a trace of its own, which disturbs no other, and sets it up.  NULL
 * and @error (what to do about it) if that cannot be done.
 */
Live *live_start(const LiveSetup *setup, GError **error);

/* The trace's trace_pipe, O_NONBLOCK; stays open until live_stop(). */
int live_fd(const Live *live);

/* No more events come; what is there can still be read. */
void live_pause(Live *live);

/* Takes it all away. */
void live_stop(Live *live);

/*
 * live_enable, live_disable:
 * The same for the kernel's common trace, whose lines are in TRACEFS/trace:
 * on, and off with the filter taken away.
 */
bool live_enable(const LiveSetup *setup, GError **error);
bool live_disable(const LiveSetup *setup, GError **error);

#endif
