/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control port: requests of the guest, QMP-shaped, one object a line.
 * Only commands on a short list reach QMP; the guest never has the monitor.
 */
#ifndef NVME_FI_RUNNER_CONTROL_H
#define NVME_FI_RUNNER_CONTROL_H

#include "qmp.h"

#include <glib.h>

typedef struct ControlPort ControlPort;

/*
 * Takes @fd, borrows @qmp. @collect is called when the guest has ended a
 * batch; the request is answered by control_collected(). @allowed: further
 * commands, NULL-terminated, or NULL for none; borrowed.
 */
ControlPort *control_new(int fd, Qmp *qmp, const char *const *allowed,
                         void (*collect)(void *opaque, gint64 batch),
                         void *opaque);
void control_free(ControlPort *port);

/* Answers run-collect; @error is NULL or why the evidence is missing. */
void control_collected(ControlPort *port, const char *error);

/* Lines that were refused: not requests, or not allowed. */
guint control_refused(const ControlPort *port);

bool control_is_closed(const ControlPort *port);

#endif
