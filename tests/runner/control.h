/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control port: requests of the guest, QMP-shaped, one object a line.
 * Only commands on a short list reach QMP; the guest never has the monitor.
 * Requests run-* are for the runner itself (docs/extending.md).
 */
#ifndef NVME_FI_RUNNER_CONTROL_H
#define NVME_FI_RUNNER_CONTROL_H

#include "collect.h"
#include "machine.h"
#include "qmp.h"

#include <glib.h>

typedef struct ControlPort ControlPort;

/* Borrowed. */
typedef struct ControlConfig {
    Qmp *qmp;
    Collector *collector;       /* told when controllers come and go */
    const Machine *machine;
    const char *dir;            /* of the machine's images */
    /* The guest has ended a batch; answered by control_collected(). */
    void (*collect)(void *opaque, gint64 batch);
    /* A request "session-*", answered by control_answer(); NULL: there are
     * none. @arguments may be NULL. */
    void (*request)(void *opaque, const char *command, JsonObject *arguments);
    void *opaque;
} ControlConfig;

/* Takes @fd; reads @config during the call only. */
ControlPort *control_new(int fd, const ControlConfig *config);
void control_free(ControlPort *port);

/* Answers run-collect; @error is NULL or why the evidence is missing. */
void control_collected(ControlPort *port, const char *error);

/* Answers a request "session-*": @error or, where that is NULL, @value. */
void control_answer(ControlPort *port, JsonNode *value, const char *error);

/* The machine was reset: nobody waits for answers any more. */
void control_reset(ControlPort *port);

/* QEMU has removed device @id. */
void control_deleted(ControlPort *port, const char *id);

/* Did the guest leave a note, to go on with after a reset? */
bool control_has_note(const ControlPort *port);

/* Lines that were refused: not requests, or not allowed. */
guint control_refused(const ControlPort *port);

bool control_is_closed(const ControlPort *port);

#endif
