/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two files of a session share: its life, and what its guest asks
 * for.
 */
#ifndef NVME_FI_SESSION_INTERNAL_H
#define NVME_FI_SESSION_INTERNAL_H

#include "session.h"

#include "blk-table.h"
#include "boot.h"
#include "server.h"
#include "story.h"
#include "streams.h"

typedef struct Session {
    const SessionOptions *options;
    Story *story;
    BlkTable *blk;
    GMainLoop *loop;
    Boot *boot;
    Streams *streams;
    Server *server;
    char *dir;
    char *name;             /* of the case */
    char *kernel;           /* uname -r of the guest, from its hello */
    JsonObject *record;
    guint signals;          /* that came from outside */
    bool begun;
    int status;
} Session;

/*
 * Gives the drive the rules and takes them away again, before the guest has
 * booted, so that an error in them ends the session at once.
 */
void session_try_rules(Session *session);

/* Handlers of the boot; their opaque is the Session. */
char *session_on_hello(void *opaque, const char *kernel, gint64 cases,
                       bool expectations);
void session_on_begin(void *opaque, guint ordinal, const char *name);
void session_on_request(void *opaque, const char *command,
                        JsonObject *arguments);

#endif
