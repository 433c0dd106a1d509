/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the program of a session reads and writes, between our standard
 * descriptors and the ports of the guest.
 */
#ifndef NVME_FI_SESSION_STREAMS_H
#define NVME_FI_SESSION_STREAMS_H

#include "qemu.h"

typedef struct Streams Streams;

typedef struct StreamsConfig {
    const char *dir;    /* gets files stdout and stderr, or NULL */
    bool tty;           /* our terminal is the program's */
    bool input;         /* our stdin is the program's */
} StreamsConfig;

/* Takes the ports of @qemu. NULL and @error when a file cannot be made. */
Streams *streams_new(Qemu *qemu, const StreamsConfig *config, GError **error);

/* Passes on what is left, waits for the end of the ports if QEMU is gone, and
 * gives the terminal back. */
void streams_finish(Streams *streams);
void streams_free(Streams *streams);

/* The program gets signal @number. */
void streams_signal(Streams *streams, int number);

/* The size of our terminal; 24 by 80 where there is none. */
void streams_tty_size(int *rows, int *cols);

#endif
