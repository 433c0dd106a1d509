/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a trace: lines of any length and any bytes, from a file, a pipe or
 * a trace that is still being written; and results of nvme-fi as JSON lines.
 */
#ifndef TRACE_INPUT_H
#define TRACE_INPUT_H

#include <signal.h>

#include "join.h"

/* A longer line is skipped, and counted. */
#define INPUT_MAX_LINE 65536

typedef struct InputCounts {
    guint64 bytes, lines;
    guint64 comments;           /* "# ..." and empty lines */
    guint64 other;              /* no event that could be read */
    guint64 too_long, binary;   /* skipped; mended and read */
    guint64 json;               /* lines that are a JSON object */
    guint64 json_bad;           /* begin like one, and are none */
    guint64 lost_reports;       /* "[LOST n EVENTS]" */
    guint64 lost;               /* sum of n */
    guint64 overwritten;        /* says the head of a saved trace */
} InputCounts;

typedef struct Input {
    Join *join;
    const JoinHandler *handler; /* for commands that need no joining */
    InputCounts counts;
    volatile sig_atomic_t *stop;    /* ends input_read(); may be NULL */
    bool progress;              /* a line on stderr now and then */
    guint64 size;               /* of what is read, or 0: not known */
    gint64 deadline_us;         /* monotonic, or 0: none */
    /* Called when nothing is there to read for now; may be NULL. */
    void (*idle)(void *opaque);
    void *idle_opaque;
    /* Gets each line that is no event of ours; may be NULL. */
    void (*other)(void *opaque, const char *text);
    void *other_opaque;

    GByteArray *line;           /* of input.c: what there is of the next */
    bool skipping;              /* the rest of a line that is too long */
    gint64 next_draw_us;
    bool drawn;
} Input;

/*
 * input_read:
 * Reads @fd to its end, to @stop or to the deadline.  With O_NONBLOCK and
 * @drain set, until nothing is there for now.  False and @error if reading
 * fails.
 */
bool input_read(Input *input, int fd, bool drain, GError **error);

/* Takes what input_read() has left of a line without an end; frees. */
void input_done(Input *input);

/* Of input-json.c: takes a line that is a JSON object. */
void input_json(Input *input, const char *text);

/* One line of text: of input.c, for lines within JSON. */
void input_line(Input *input, const char *text);

#endif
