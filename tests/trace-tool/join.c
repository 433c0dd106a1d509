/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Joining events; see join.h.  A command is known by side, controller, queue
 * and identifier from its set-up to its completion; block_rq_issue follows
 * the set-up on its CPU, and the ends of the request come behind
 * nvme_complete_rq (Linux: nvme_queue_rq(), nvme_end_req()).
 */
#include "join.h"

#include <string.h>

/* More commands than any trace has at a time: beyond that the oldest is
 * given up, so that no input takes all memory. */
#define MAX_OPEN 200000
/* A command with a block event waits so long, in events, for its end. */
#define MAX_WAIT 4096

typedef struct Open {
    Command command;
    GList link;                 /* in join->open or join->waiting */
    guint64 done_at;            /* number of the completing event */
} Open;


struct Join {
    JoinHandler handler;
    JoinCounts counts;
    GHashTable *commands;       /* address -> Open, set up */
    GQueue open;                /* the same, oldest first */
    GQueue waiting;             /* Open, complete, for their block events */
    GHashTable *last_setup;     /* CPU -> Open: no issue was seen for it */
    GHashTable *sq;             /* queue -> Event of nvme_sq */
    guint64 number;             /* of the event */
    EventBlock failed;          /* the last request that ended so */
};

static guint64 address_of(const Event *event)
{
    return (guint64)event->target << 63 |
           ((guint64)((gint64)event->ctrl + 1) & G_MAXINT32) << 32 |
           (guint64)(event->qid & 0xffff) << 16 | (event->cid & 0xffff);
}

static void open_free(Open *open)
{
    event_clear(&open->command.event);
    g_free(open);
}

Join *join_new(const JoinHandler *handler)
{
    Join *join = g_new0(Join, 1);

    join->handler = *handler;
    join->commands = g_hash_table_new_full(g_int64_hash, g_int64_equal,
                                           g_free, NULL);
    join->last_setup = g_hash_table_new(NULL, NULL);
    join->sq = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                     g_free);
    return join;
}

static void free_queue(GQueue *queue)
{
    GList *link;

    while ((link = g_queue_pop_head_link(queue))) {
        open_free(link->data);
    }
}

void join_free(Join *join)
{
    if (!join) {
        return;
    }
    free_queue(&join->open);
    free_queue(&join->waiting);
    g_hash_table_unref(join->commands);
    g_hash_table_unref(join->last_setup);
    g_hash_table_unref(join->sq);
    g_free(join);
}

const JoinCounts *join_counts(const Join *join)
{
    return &join->counts;
}

static void forget_setup(Join *join, const Open *open)
{
    gpointer cpu = GINT_TO_POINTER(open->command.cpu);

    if (g_hash_table_lookup(join->last_setup, cpu) == open) {
        g_hash_table_remove(join->last_setup, cpu);
    }
}

/* Gives it to the handler and forgets it; it is in no queue any more. */
static void give(Join *join, Open *open)
{
    Command *command = &open->command;

    forget_setup(join, open);
    join->counts.commands++;
    join->counts.open += command->state == COMMAND_OPEN;
    join->counts.replaced += command->replaced;
    join->counts.no_setup += command->state == COMMAND_NO_SETUP;
    join->handler.command(join->handler.opaque, command);
    open_free(open);
}

/* Takes it out of what is open. */
static void unlink_open(Join *join, Open *open)
{
    guint64 address = address_of(&open->command.event);

    g_queue_unlink(&join->open, &open->link);
    g_hash_table_remove(join->commands, &address);
}

static void give_waiting(Join *join, Open *open)
{
    g_queue_unlink(&join->waiting, &open->link);
    give(join, open);
}

static void take_setup(Join *join, Event *event, const TraceLine *line)
{
    guint64 address = address_of(event);
    Open *open = g_hash_table_lookup(join->commands, &address);

    if (open) {
        open->command.replaced = true;
        unlink_open(join, open);
        give(join, open);
    } else if (join->open.length >= MAX_OPEN) {
        open = join->open.head->data;
        unlink_open(join, open);
        give(join, open);
    }
    open = g_new0(Open, 1);
    open->link.data = open;
    open->command = (Command) {
        .state = COMMAND_OPEN, .event = *event, .setup_ns = line->time_ns,
        .done_ns = LINE_NO_TIME, .cpu = line->cpu,
    };
    event->command.rest = NULL;     /* it went with the copy */
    join->counts.rest += open->command.event.command.rest != NULL;
    g_queue_push_tail_link(&join->open, &open->link);
    g_hash_table_insert(join->commands,
                        g_memdup2(&address, sizeof(address)), open);
    if (!event->target) {
        g_hash_table_insert(join->last_setup, GINT_TO_POINTER(line->cpu),
                            open);
    }
}

static Open *lookup(Join *join, const Event *event)
{
    guint64 address = address_of(event);

    return g_hash_table_lookup(join->commands, &address);
}

/* The set-up of this completion; a target knows neither controller nor queue
 * before Connect is done (nvmet_install_queue()). */
static Open *find_open(Join *join, const Event *event)
{
    Open *open = lookup(join, event);
    Event before = *event;

    if (!open && event->target) {
        before.ctrl = EVENT_NO_CTRL;
        open = lookup(join, &before);
        before.qid = 0;
        open = open ? open : lookup(join, &before);
    }
    return open;
}

static guint64 queue_of(const Event *event)
{
    Event queue = *event;

    queue.cid = 0;
    return address_of(&queue);
}

/* nvme_sq comes before the completion that it belongs to. */
static void take_position(Join *join, Command *command)
{
    guint64 queue = queue_of(&command->event);
    const Event *sq = g_hash_table_lookup(join->sq, &queue);

    if (sq) {
        command->has_sq = true;
        command->sq_head = sq->head;
        command->sq_tail = sq->tail;
        g_hash_table_remove(join->sq, &queue);
    }
}

static void take_sq(Join *join, const Event *event)
{
    guint64 queue = queue_of(event);

    join->counts.loose_sq += g_hash_table_contains(join->sq, &queue);
    g_hash_table_replace(join->sq, g_memdup2(&queue, sizeof(queue)),
                         g_memdup2(event, sizeof(*event)));
}

static void take_complete(Join *join, const Event *event,
                          const TraceLine *line)
{
    Open *open = find_open(join, event);
    Command *command;

    if (open) {
        unlink_open(join, open);
        command = &open->command;
        command->state = COMMAND_COMPLETE;
        command->event.ctrl = event->ctrl;
        command->event.qid = event->qid;
    } else {
        open = g_new0(Open, 1);
        open->link.data = open;
        command = &open->command;
        *command = (Command) {
            .state = COMMAND_NO_SETUP, .event = *event, .cpu = line->cpu,
            .setup_ns = LINE_NO_TIME,
        };
        command->event.flags = 0;   /* these were the request's */
    }
    if (event->disk[0]) {
        memcpy(command->event.disk, event->disk, sizeof(event->disk));
    }
    command->done_ns = line->time_ns;
    command->status = event->status;
    command->retries = event->retries;
    command->flags = event->flags;
    command->result = event->result;
    take_position(join, command);
    if (!command->has_block || command->block_ended) {
        give(join, open);
        return;
    }
    open->done_at = join->number;
    g_queue_push_tail_link(&join->waiting, &open->link);
}

static void take_issue(Join *join, const Event *event, const TraceLine *line)
{
    gpointer cpu = GINT_TO_POINTER(line->cpu);
    Open *open = g_hash_table_lookup(join->last_setup, cpu);

    if (!open || open->command.event.qid == 0) {
        join->counts.loose_block++;
        return;
    }
    open->command.has_block = true;
    open->command.block = event->block;
    g_hash_table_remove(join->last_setup, cpu);
}

static Open *find_request(GQueue *queue, const EventBlock *block)
{
    guint seen = 0;

    for (GList *link = queue->head; link && seen < MAX_WAIT;
         link = link->next, seen++) {
        Open *open = link->data;

        if (open->command.has_block &&
            event_same_request(&open->command.block, block)) {
            return open;
        }
    }
    return NULL;
}

/* An end of a request: of one that waits for it, or else of one that the
 * kernel has given up without a completion.  block_rq_error comes behind
 * block_rq_complete and repeats what that says (blk_update_request()). */
static void take_end(Join *join, const Event *event)
{
    Open *open = find_request(&join->waiting, &event->block);
    bool waits = open != NULL;
    EventBlock *block;

    open = waits ? open : find_request(&join->open, &event->block);
    if (!open) {
        join->counts.loose_block += event->kind != EVENT_BLOCK_ERROR ||
                                    !event_same_request(&join->failed,
                                                  &event->block);
        return;
    }
    block = &open->command.block;
    if (event->block.error) {
        block->error = event->block.error;
        join->failed = *block;
    }
    if (event->kind == EVENT_BLOCK_ERROR) {
        return;                     /* it is no end by itself */
    }
    open->command.requeued = event->kind == EVENT_BLOCK_REQUEUE;
    open->command.block_ended = true;
    if (waits) {
        give_waiting(join, open);
    }
}

static void give_late(Join *join)
{
    while (join->waiting.head) {
        Open *open = join->waiting.head->data;

        if (join->number - open->done_at < MAX_WAIT) {
            break;
        }
        give_waiting(join, open);
    }
}

static void take_event(Join *join, Event *event, const TraceLine *line)
{
    switch (event->kind) {
    case EVENT_SETUP:
        take_setup(join, event, line);
        break;
    case EVENT_COMPLETE:
        take_complete(join, event, line);
        break;
    case EVENT_SQ:
        take_sq(join, event);
        break;
    case EVENT_ASYNC:
        join->handler.async(join->handler.opaque, event, line->time_ns);
        break;
    case EVENT_BLOCK_ISSUE:
        take_issue(join, event, line);
        break;
    case EVENT_BLOCK_COMPLETE:
    case EVENT_BLOCK_ERROR:
    case EVENT_BLOCK_REQUEUE:
        take_end(join, event);
        break;
    case EVENT_OTHER:
    case EVENT_KINDS:
    default:
        break;
    }
}

bool join_line(Join *join, const TraceLine *line)
{
    bool target = false;
    EventKind kind = event_kind(line->event, &target);
    Event event;

    join->number++;
    join->counts.events[kind]++;
    if (kind == EVENT_OTHER) {
        return false;
    }
    if (!event_parse(line->event, line->text, &event)) {
        join->counts.malformed++;
        return false;
    }
    take_event(join, &event, line);
    event_clear(&event);
    give_late(join);
    return true;
}

void join_lost(Join *join)
{
    /* An issue or a position must not go to what it does not belong to. */
    g_hash_table_remove_all(join->last_setup);
    g_hash_table_remove_all(join->sq);
}

void join_end(Join *join)
{
    while (join->waiting.head) {
        give_waiting(join, join->waiting.head->data);
    }
    while (join->open.head) {
        Open *open = join->open.head->data;

        unlink_open(join, open);
        give(join, open);
    }
    join->counts.loose_sq += g_hash_table_size(join->sq);
    g_hash_table_remove_all(join->sq);
}
