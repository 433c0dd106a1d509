/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Joining the events of a trace to commands, from set-up to completion.
 */
#ifndef TRACE_JOIN_H
#define TRACE_JOIN_H

#include "event.h"
#include "line.h"

typedef enum CommandState {
    COMMAND_COMPLETE,
    COMMAND_OPEN,               /* set up, and no completion was seen */
    COMMAND_NO_SETUP,           /* completed, and no set-up was seen */
} CommandState;

/* Linux: NVME_REQ_CANCELLED, NVME_REQ_USERCMD (drivers/nvme/host/nvme.h) */
#define COMMAND_CANCELLED 1     /* the driver gave it up */
#define COMMAND_USER 2          /* passed through for a program */

typedef struct Command {
    CommandState state;
    Event event;                /* of the set-up; without one the address */
    gint64 setup_ns, done_ns;   /* LINE_NO_TIME where it was not seen */
    int cpu;                    /* of the set-up, else of the completion */
    bool replaced;              /* open, and its identifier was used again */
    guint status, retries;      /* of the completion */
    guint flags;                /* of the request, COMMAND_* */
    guint64 result;
    bool has_sq;                /* an nvme_sq event came with the end */
    guint sq_head, sq_tail;
    bool has_block;             /* a block event belongs to it */
    EventBlock block;           /* error: of the last end that was seen */
    bool block_ended, requeued;
} Command;

typedef struct JoinCounts {
    guint64 events[EVENT_KINDS];    /* EVENT_OTHER: of no kind we know */
    guint64 malformed;          /* ours by name, and not as printed */
    guint64 commands;           /* given to the handler */
    guint64 open, replaced, no_setup;
    guint64 loose_block, loose_sq;  /* ends that belong to no command */
    guint64 rest;               /* set-ups with text that is not known */
} JoinCounts;

typedef struct JoinHandler {
    /* A command, once nothing more is expected to come for it. */
    void (*command)(void *opaque, const Command *command);
    /* An asynchronous event; @ns as in Command. */
    void (*async)(void *opaque, const Event *event, gint64 ns);
    void *opaque;
} JoinHandler;

typedef struct Join Join;

Join *join_new(const JoinHandler *handler);
void join_free(Join *join);

/* Takes a line that line_parse() has understood.  False where it is no event
 * of ours, or none that can be read. */
bool join_line(Join *join, const TraceLine *line);

/* Events were lost here: what is open may have been completed. */
void join_lost(Join *join);

/* The trace is over: the handler gets what is open. */
void join_end(Join *join);

/* Valid as long as @join. */
const JoinCounts *join_counts(const Join *join);

#endif
