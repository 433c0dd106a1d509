/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes on while the program of a session runs: its input and output over
 * the ports, the evidence before a buffer is full, requests for rules, and its
 * time.
 */
#ifndef GUEST_SESSION_RELAY_H
#define GUEST_SESSION_RELAY_H

#include "child.h"
#include "lib/evidence.h"
#include "lib/ports.h"
#include "syscalls.h"

/*
 * The port of the input has frames: a byte that says what it is, the number of
 * bytes that follow as four bytes, the lowest first, and these bytes.
 */
enum {
    FRAME_DATA = 'd',           /* of the program's stdin */
    FRAME_END = 'e',            /* the end of it */
    FRAME_SIZE = 's',           /* "ROWS COLS" of the terminal */
    FRAME_SIGNAL = 'k',         /* the number of a signal for the program */
};

typedef struct Relay {
    Ports *ports;
    Evidence *evidence;
    Syscalls *syscalls;
    Child *child;
    int input, output, errors;  /* ports */
    int listener;               /* of local.h, or -1 */
    int timeout_ms;             /* 0: none */
    Buf frames;                 /* of the input, not whole yet */
    Buf pending;                /* input that the program did not take yet */
    bool ended;                 /* there is no more input */
    size_t trace_bytes;         /* that were sent */
    bool trace_cut;             /* the trace was too long to be kept */
    bool late;                  /* the time was over */
    bool stuck;                 /* and it did not even die */
} Relay;

/* Returns when the program has ended, or cannot be ended. */
void relay_run(Relay *relay);

#endif
