/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of one trace event as values: the nvme and nvmet events, and those
 * of the block layer that belong to a command (Linux:
 * drivers/nvme/host/trace.h, drivers/nvme/target/trace.h,
 * include/trace/events/block.h; 4.17 to 7.2).
 */
#ifndef TRACE_EVENT_H
#define TRACE_EVENT_H

#include <glib.h>
#include <stdbool.h>

#include "fields.h"

typedef enum EventKind {
    EVENT_OTHER,                /* nothing that this program knows */
    EVENT_SETUP,                /* nvme_setup_cmd, nvmet_req_init */
    EVENT_COMPLETE,             /* nvme_complete_rq, nvmet_req_complete */
    EVENT_SQ,                   /* nvme_sq */
    EVENT_ASYNC,                /* nvme_async_event, nvmet_async_event */
    EVENT_BLOCK_ISSUE,
    EVENT_BLOCK_COMPLETE,
    EVENT_BLOCK_ERROR,
    EVENT_BLOCK_REQUEUE,
    EVENT_KINDS
} EventKind;

#define EVENT_NO_CTRL (-1)      /* a target that does not know it yet */
#define EVENT_NAME_LEN 64

/* What a command is. */
typedef struct EventCommand {
    FieldsSet set;
    guint8 opcode;              /* 7Fh for Fabrics */
    guint8 fctype;              /* of Fabrics */
    guint8 bytes[FIELDS_BYTES]; /* dwords 10 to 15 */
    guint8 known[FIELDS_BYTES]; /* ones where the trace told the bits */
    bool named;                 /* the opcode is known */
    char *rest;                 /* text that was not understood, or NULL */
} EventCommand;

/* Dev and place of a request, as blk-mq has them: 512-byte sectors. */
typedef struct EventBlock {
    guint major, minor;
    char op[12];                /* "WS" */
    guint64 sector;
    guint64 sectors;
    int error;                  /* 0 or a negative errno */
} EventBlock;

typedef struct Event {
    EventKind kind;
    bool target;                /* of nvmet */
    int ctrl;                   /* number, or EVENT_NO_CTRL */
    char disk[EVENT_NAME_LEN];  /* or "" */
    guint qid, cid;
    guint nsid, flags;
    bool no_nsid;               /* the source did not tell it */
    EventCommand command;       /* of a set-up */
    guint64 result;             /* of a completion, an async event */
    guint retries;
    guint status;               /* 15 bits, without phase */
    guint head, tail;           /* of nvme_sq */
    EventBlock block;
} Event;

/* What event is this by name? */
EventKind event_kind(const char *name, bool *target);

/*
 * event_parse:
 * @name, @text: of the line.  On true, event_clear() @event.  False where the
 * event is of no kind above or its text is not as any kernel prints it.
 */
bool event_parse(const char *name, const char *text, Event *event);
void event_clear(Event *event);

/* Do both speak of one request? */
bool event_same_request(const EventBlock *a, const EventBlock *b);

/*
 * event_parse_command:
 * @text: what is in the parentheses of "cmd=(...)": name or number, then the
 * bytes of the dwords or the fields as the kernel has decoded them.
 * False where there is no opcode.
 */
bool event_parse_command(const char *text, gsize len, guint qid,
                         EventCommand *command);

/* Of kernel-names.c: the command with the kernel's name, "nvme_cmd_read". */
bool event_command_by_name(const char *name, gsize len,
                           EventCommand *command);

/* Of kernel-fields.c: puts "key=value, ..." of the kernel into the bytes;
 * what is not known there goes to @command->rest. */
void event_take_fields(EventCommand *command, const char *text, gsize len);

#endif
