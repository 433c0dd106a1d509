/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running a program that the machine's "programs" put into the image.
 */
#ifndef GUEST_PROGRAM_H
#define GUEST_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "buf.h"

typedef struct Program {
    pid_t pid;
    int pidfd;
    int pipe;                   /* its stdout and stderr, or -1 */
    Buf output;                 /* what was read of it so far */
    int status;                 /* exit status; -1: none (see below) */
    int signal;                 /* that killed it, or 0 */
    bool late;                  /* the deadline passed; it was killed */
    bool stuck;                 /* it did not die: asleep in the kernel */
} Program;

/*
 * program_start:
 * Starts argv[0], found in the usual folders, in a process group of its own,
 * with /dev/null as stdin. @argv ends with NULL. Returns 0 or a negative
 * errno; a program that cannot be executed ends with status 127.
 */
int program_start(Program *program, const char *const *argv);

/*
 * program_wait:
 * Reads until it has ended; kills its group after @timeout_ms and waits a
 * little longer. Then status, signal, late and stuck say how it ended.
 */
void program_wait(Program *program, int timeout_ms);

/* Both. Returns the exit status, or -1 where there is none. */
int program_run(Program *program, int timeout_ms, const char *const *argv);

/* Closes and frees; a program that still runs goes on. */
void program_done(Program *program);

#endif
