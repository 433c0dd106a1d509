/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which system calls of a program and of its children failed, and with what:
 * the tracepoint raw_syscalls:sys_exit, in a trace instance of its own.
 */
#ifndef GUEST_SESSION_SYSCALLS_H
#define GUEST_SESSION_SYSCALLS_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/buf.h"

#define SYSCALLS_MAX 256        /* kinds of failures that are told apart */

typedef struct SyscallFailure {
    long number;                /* of the call; -1: an io_uring completion */
    int error;                  /* positive errno */
    long long times;
} SyscallFailure;

typedef struct Syscalls {
    int pipe;                   /* -1: this kernel cannot trace them */
    bool lost;                  /* the kernel dropped some */
    Buf text;                   /* what was read and not counted yet */
    size_t count;
    SyscallFailure failures[SYSCALLS_MAX];
} Syscalls;

/*
 * syscalls_follow:
 * Counts the calls of process @pid, and of those that it will have started,
 * from now on.  Returns 0 or a negative errno: nothing will be counted.
 */
int syscalls_follow(Syscalls *calls, pid_t pid);

/* Takes what the kernel has; to be called before its buffer is full. */
void syscalls_drain(Syscalls *calls);

/* Adds the members "syscalls" and "syscalls_lost" to an object. */
void syscalls_write(const Syscalls *calls, Buf *object);

#endif
