/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A QMP client over an inherited socket: asynchronous, replies in order.
 */
#ifndef NVME_FI_RUNNER_QMP_H
#define NVME_FI_RUNNER_QMP_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

typedef struct Qmp Qmp;

/*
 * Exactly one of @value and @error is not NULL; both are borrowed. @error
 * is QMP's {"class", "desc"} object.
 */
typedef void (*QmpReply)(void *opaque, JsonNode *value, JsonObject *error);

typedef struct QmpHandlers {
    /* The greeting was answered; commands can be sent. */
    void (*ready)(void *opaque);
    void (*event)(void *opaque, const char *name, JsonObject *data);
    /* What came was not QMP; @what is one sentence. */
    void (*broken)(void *opaque, const char *what);
    void (*closed)(void *opaque);
} QmpHandlers;

/* Takes @fd. @handlers must outlive it. */
Qmp *qmp_new(int fd, const QmpHandlers *handlers, void *opaque);

/* Drops replies that are still due; their callbacks are not called. */
void qmp_free(Qmp *qmp);

/*
 * Sends @command, at once or as soon as QMP is ready; @arguments may be NULL
 * and is borrowed.
 */
void qmp_execute(Qmp *qmp, const char *command, JsonObject *arguments,
                 QmpReply reply, void *opaque);

/* "10.0.13", from the greeting; NULL before it. */
const char *qmp_version(const Qmp *qmp);

/* The oldest command that has no reply yet, or NULL. */
const char *qmp_waiting_for(const Qmp *qmp);

bool qmp_is_closed(const Qmp *qmp);

#endif
