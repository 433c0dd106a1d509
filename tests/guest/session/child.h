/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program of a session: on pipes, or on a terminal of its own.
 */
#ifndef GUEST_SESSION_CHILD_H
#define GUEST_SESSION_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct ChildConfig {
    const char *path;           /* absolute */
    char *const *argv;
    char *const *envp;
    const char *cwd;            /* made where it is not there */
    bool tty;                   /* on a terminal */
    bool input;                 /* its stdin comes from us; else /dev/null */
    int rows, cols;             /* of the terminal */
} ChildConfig;

typedef struct Child {
    pid_t pid;
    int pidfd;
    int gate;                   /* child_go() */
    int in, out, err;           /* our ends, non-blocking; -1: none */
} Child;

/*
 * child_start:
 * Makes a process in a group of its own that waits for child_go().  With a
 * terminal in and out are the same descriptor.  Returns 0 or a negative errno.
 * A program that cannot be executed ends with status 127 or, where it is there,
 * 126, after a message.
 */
int child_start(Child *child, const ChildConfig *config);
void child_go(Child *child);

/* The terminal has another size. */
void child_resize(const Child *child, int rows, int cols);

/* The status that a shell would have: 128 + n for a signal, which is stored in
 * @sig, else 0. Waits for the child, which has ended. */
int child_reap(Child *child, int *sig);

#endif
