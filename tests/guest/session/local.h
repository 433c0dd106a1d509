/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The socket by which the command rules asks the runner: the control port has
 * one user only, which is the agent.
 */
#ifndef GUEST_SESSION_LOCAL_H
#define GUEST_SESSION_LOCAL_H

#include "lib/ports.h"

#define LOCAL_SOCKET "/run/nvme-fi.sock"

/* A socket that listens, or a negative errno. */
int local_listen(void);

/*
 * Takes one connection of @listener: a line with the arguments of the request
 * session-fi, a JSON object, is answered with the line of the control port.
 */
void local_serve(int listener, Ports *ports);

/* In the client: sends @arguments and stores the answer. 0 or an errno. */
int local_ask(const char *arguments, Buf *answer);

#endif
