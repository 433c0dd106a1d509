/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "batch": its cases, how commands are sent, and what is foreseen.
 */
#ifndef GUEST_BATCH_H
#define GUEST_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/table.h"

#define BATCH_MAX   40          /* above TAG_COMP_BATCH (block/blk-mq.c) */
#define BATCH_BYTES 4096        /* of each command */

/* How the commands get to the drive and back. */
typedef enum Path {
    INTERRUPT,                  /* Linux AIO, no I/O scheduler */
    SCHEDULED,                  /* the same with mq-deadline */
    SOFTIRQ,                    /* the same on one queue for two CPUs */
    POLLED,                     /* io_uring that polls */
    PASS,                       /* passthrough by io_uring */
    PASS_SCHEDULED,
    PASS_POLLED,
    APPEND,                     /* zone appends as PASS */
    SYNC,                       /* one pread() or pwrite() */
    HIPRI,                      /* one preadv2() with RWF_HIPRI */
    IOCTL,                      /* one passthrough ioctl */
    FLUSH,                      /* one fsync() */
    NO_POLL,                    /* POLLED where there is no polled queue */
} Path;

/* Which of the commands fail. */
typedef enum Pattern {
    GOOD, FIRST, MIDDLE, LAST, ENDS, ALL,
    RETRIED,                    /* the middle one, once, without DNR */
} Pattern;

typedef struct BatchCase {
    Path path;
    bool write;
    Pattern pattern;
    unsigned n;                 /* commands */
} BatchCase;

/* What is to be seen of the commands, in the order in which it comes. */
typedef struct Foreseen {
    unsigned completions;       /* events nvme_complete_rq */
    unsigned status[BATCH_MAX + 1], retries[BATCH_MAX + 1];
    unsigned order[BATCH_MAX];  /* in which the program gets its results */
    unsigned direct;            /* calls of nvme_complete_rq() */
    unsigned batched;           /* calls of nvme_complete_batch_req() */
    unsigned batches;           /* calls of blk_mq_end_request_batch() */
    unsigned ended;             /* calls of blk_mq_end_request() */
    unsigned interrupts;        /* calls of nvme_irq() */
} Foreseen;

bool batch_fails(const BatchCase *bc, unsigned i);
bool batch_is_pass(const BatchCase *bc);
bool batch_is_polled(const BatchCase *bc);
/* One command, which no rule holds. */
bool batch_is_single(const BatchCase *bc);
/* The status that the release of command @i is told; 0: its own. */
unsigned batch_status(const BatchCase *bc, unsigned i);
/* Is the kernel lost? */
bool batch_oopses(const BatchCase *bc, Version kernel);
Foreseen batch_foresee(const BatchCase *bc, Version kernel);

/* One command, and what became of it. */
typedef struct Transfer {
    uint8_t *buffer;            /* of BATCH_BYTES */
    uint64_t slba;              /* of 512 bytes */
    long long res;              /* bytes, NVMe status, or negative errno */
    uint64_t result;            /* of passthrough: DW1:DW0 */
} Transfer;

/* Where to. */
typedef struct Target {
    int fd;                     /* block device, or ng device of PASS */
    uint32_t nsid;
} Target;

/*
 * batch_begin:
 * Sets up the API of @bc; batch_send() sends command @i of it, @t; and
 * batch_reap() waits for all @bc->n, stores what became of them in @t, and the
 * order in which that was told in @order.  The first and the last return
 * NULL, or why not.
 */
const char *batch_begin(const BatchCase *bc);
bool batch_send(const BatchCase *bc, const Target *target, const Transfer *t,
                unsigned i);
const char *batch_reap(const BatchCase *bc, Transfer *t, unsigned *order);

/* The single ones, at once. */
void batch_single(const BatchCase *bc, const Target *target, Transfer *t);

#endif
