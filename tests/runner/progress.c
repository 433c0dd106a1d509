/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live progress; see progress.h.
 */
#include "progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/* A live line is rewritten at most so often. */
#define REDRAW_US (100 * 1000)
/* Without a terminal: so many lines for a run. */
#define PLAIN_LINES 10

struct Progress {
    guint total;
    bool live;
    bool drawn;
    gint64 next_draw;       /* monotonic, microseconds */
    guint next_plain;       /* cases done */
};

Progress *progress_new(guint total)
{
    Progress *progress = g_new0(Progress, 1);

    progress->total = total;
    progress->live = isatty(STDERR_FILENO);
    progress->next_plain = total / PLAIN_LINES;
    return progress;
}

void progress_free(Progress *progress)
{
    g_free(progress);
}

void progress_end(Progress *progress)
{
    if (progress->drawn) {
        fputs("\r\033[K", stderr);
        progress->drawn = false;
    }
}

void progress_note(Progress *progress, const char *format, ...)
{
    va_list args;

    progress_end(progress);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

static void draw(Progress *progress, guint done, guint bad,
                 const char *name)
{
    gint64 now = g_get_monotonic_time();

    if (now < progress->next_draw && done < progress->total) {
        return;
    }
    progress->next_draw = now + REDRAW_US;
    progress->drawn = true;
    fprintf(stderr, "\r\033[K[%u/%u] %s%.50s", done, progress->total,
            bad ? "FAILURES " : "", name);
}

void progress_case(Progress *progress, guint done, guint bad,
                   const char *name)
{
    if (progress->live) {
        draw(progress, done, bad, name);
    } else if (done >= progress->next_plain) {
        progress->next_plain = done + MAX(1, progress->total / PLAIN_LINES);
        fprintf(stderr, "%u of %u cases, %u not passed\n", done,
                progress->total, bad);
    }
}
