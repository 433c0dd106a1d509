/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two virtio ports to the runner: records go out on one, requests for
 * rules go out and are answered on the other.
 */
#ifndef GUEST_PORTS_H
#define GUEST_PORTS_H

#include <stdbool.h>

#include "buf.h"

typedef struct Ports {
    int control, results;       /* descriptors, or -1 */
    Buf out;                    /* results that were not sent yet */
} Ports;

/*
 * ports_open:
 * Waits at most @timeout_ms for both ports to appear and opens them.  Returns
 * 0 or a negative errno.
 */
int ports_open(Ports *ports, int timeout_ms);
void ports_close(Ports *ports);

/* The descriptor of the port with that name, if it is there, or -1. */
int port_open(const char *name);

/*
 * ports_send:
 * Queues @line (without its newline) for the results port.  Lines are sent
 * when enough have come together, or by ports_flush().
 */
void ports_send(Ports *ports, const char *line);

/* Writes all of @data; ends the program where that cannot be. */
void port_write(int fd, const char *data, size_t len);

/* A port that cannot be written ends the program: nothing can be reported. */
void ports_flush(Ports *ports);

/*
 * ports_request:
 * Sends the JSON object @request and waits for its answer.  Returns true where
 * the answer is a return; @answer (may be NULL) gets the line either way.
 */
bool ports_request(Ports *ports, const char *request, Buf *answer);

/*
 * ports_sync:
 * Drops what is left of the time before a reset of the machine, and sets
 * @note to what the suite left with the runner then, or empties it.
 */
void ports_sync(Ports *ports, Buf *note);

/*
 * wait_for:
 * Calls @done at once and after each kernel uevent, until it is true or
 * @timeout_ms have passed.  Returns what it returned last.
 */
bool wait_for(bool (*done)(void *opaque), void *opaque, int timeout_ms);

#endif
