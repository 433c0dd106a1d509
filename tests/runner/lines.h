/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A channel of text lines over one end of a socket pair, served by the
 * default main context. What the peer can make us hold is bounded.
 */
#ifndef NVME_FI_RUNNER_LINES_H
#define NVME_FI_RUNNER_LINES_H

#include <glib.h>
#include <stdbool.h>

/* Bytes: a longer line is dropped as a whole and reported once. */
#define LINES_MAX_LINE (4 * 1024 * 1024)
/* Bytes: a peer that lets more replies than this pile up is cut off. */
#define LINES_MAX_UNREAD (64 * 1024 * 1024)

typedef struct LineChannel LineChannel;

/* Every member may be NULL. A handler must not free its channel. */
typedef struct LineHandlers {
    /* Bytes as they came, before they are cut into lines. */
    void (*data)(void *opaque, const char *data, gsize len);
    /* One line without its line end ("\n" or "\r\n"); ends in NUL. */
    void (*line)(void *opaque, char *line, gsize len);
    void (*too_long)(void *opaque);
    /* No more lines come; @partial bytes had no line end and are lost. */
    void (*closed)(void *opaque, gsize partial);
} LineHandlers;

/* Takes @fd, a connected stream socket. @handlers must outlive it. */
LineChannel *lines_new(int fd, const LineHandlers *handlers, void *opaque);
void lines_free(LineChannel *channel);

/*
 * Sends @line and a line end. Never blocks; a closed peer is reported by
 * the closed handler, not here.
 */
void lines_send(LineChannel *channel, const char *line);

/* True once the closed handler was called. */
bool lines_is_closed(const LineChannel *channel);

#endif
