/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two files of the control port share: its state and its answers.
 */
#ifndef NVME_FI_RUNNER_CONTROL_INTERNAL_H
#define NVME_FI_RUNNER_CONTROL_INTERNAL_H

#include "control.h"
#include "lines.h"

struct ControlPort {
    ControlConfig config;
    char *dir;
    LineChannel *channel;
    guint refused;
    bool busy;              /* a request has no reply yet */
    bool collecting;        /* it is run-collect */
    bool forwarded;         /* it was forwarded to QMP */
    guint stale;            /* replies of QMP that nobody waits for */
    GQueue held;            /* lines that came meanwhile; NULL: too long */
    char *note;             /* of run-note, or NULL */
    GHashTable *absent;     /* ids of described devices that are unplugged */
    char *awaited;          /* id that must be gone for the request, or NULL */
    bool plug;              /* ... to be plugged in then */
    guint timer;            /* source */
};

/* Each answers the request that is worked on. */
void control_reply(ControlPort *port, JsonNode *value);
void control_reply_error(ControlPort *port, const char *class_name,
                         const char *desc);
void control_refuse(ControlPort *port, const char *desc);

/* The request was answered; the next one may come. */
void control_release(ControlPort *port);

/* Sends a command to QMP; its answer is the answer to the request. */
void control_forward(ControlPort *port, const char *command,
                     JsonObject *arguments);

/* False when @command is no request for the runner itself. */
bool control_run(ControlPort *port, const char *command,
                 JsonObject *arguments);

/* Drops what a request waits for. */
void control_run_reset(ControlPort *port);

#endif
