/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "timeout": its cases, one row each.
 */
#ifndef GUEST_TIMEOUT_H
#define GUEST_TIMEOUT_H

#include <stdbool.h>

#include "lib/suite.h"

#define IO_BYTES 4096
#define FIRST_BYTE (1024 * 1024)
#define MAX_RULES 4

typedef enum TimeoutOp {
    OP_PREAD, OP_PWRITE, OP_FSYNC,
    OP_HELD,                    /* a read, released after half a second */
    OP_IOCTL, OP_URING,         /* a read handed to the driver as it is */
    OP_ADMIN,                   /* Get Features, by ioctl */
} TimeoutOp;

typedef struct TimeoutCase {
    const char *name;           /* NULL: the end of the table */
    TimeoutOp op;
    unsigned int timeout_ms;    /* of the ioctl; 0: the driver's */
    /* Members of a rule; '@' first stands for a match of the command. */
    const char *rules[MAX_RULES];
    /* What is expected, the lists as elements of JSON arrays. */
    int hits;
    const char *completions;
    const char *log;
    long long min_ns, max_ns;
    long long value;            /* -1: EINTR */
    bool resets;                /* the controller is reset */
    bool recovers;              /* the command is lost; the next is not */
    const char *from;           /* functions of the driver */
} TimeoutCase;

extern const TimeoutCase timeout_cases[];
extern const char *const timeout_op_names[];

#endif
