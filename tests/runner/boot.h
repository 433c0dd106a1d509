/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One boot of the guest, from the start of QEMU to its end. Every wait in it
 * has a deadline.
 */
#ifndef NVME_FI_RUNNER_BOOT_H
#define NVME_FI_RUNNER_BOOT_H

#include "join.h"
#include "qemu.h"
#include "qmp.h"

#include <glib.h>
#include <stdbool.h>

#define BOOT_NO_CASE G_MAXUINT

typedef struct BootConfig {
    QemuConfig qemu;
    const char *console_file;
    guint boot_timeout;         /* seconds until the guest says hello */
    guint case_timeout;         /* seconds between two reports, 0: any */
} BootConfig;

typedef enum BootEnd {
    BOOT_COMPLETE,      /* the suite said bye */
    BOOT_STOPPED,       /* boot_stop() was called */
    BOOT_UNUSABLE,      /* this QEMU or guest will never work */
    BOOT_NO_HELLO,      /* nothing came from the guest */
    BOOT_PANIC,
    BOOT_HANG,
    BOOT_LOST,          /* QEMU or the guest ended on its own */
} BootEnd;

typedef struct BootOutcome {
    BootEnd end;
    const char *reason;         /* one sentence */
    const char *console_tail;
    const char *qemu_words;     /* its last line on stderr, or NULL */
    const char *write_error;    /* an artefact could not be written */
    const char *qemu_version;   /* NULL when QMP never spoke */
    guint running;              /* the case that ran, or BOOT_NO_CASE */
    DeviceEvidence *device;     /* read after the end, or NULL */
    guint garbage;              /* lines that were no messages */
    guint refused;              /* control requests that were refused */
} BootOutcome;

/* Arguments are borrowed. Only @done may free the boot. */
typedef struct BootHandlers {
    /* Returns NULL, or why this guest cannot be used. */
    char *(*hello)(void *opaque, const char *kernel, gint64 cases,
                   bool expectations);
    void (*begin)(void *opaque, guint ordinal, const char *name);
    void (*joined)(void *opaque, Evidence *evidence);
    void (*done)(void *opaque, const BootOutcome *outcome);
    /* A request of a session's guest, answered by boot_answer(); or NULL. */
    void (*request)(void *opaque, const char *command, JsonObject *arguments);
} BootHandlers;

typedef struct Boot Boot;

/* @config is read during the call only; @handlers must outlive the boot. */
Boot *boot_start(const BootConfig *config, const BootHandlers *handlers,
                 void *opaque, GError **error);
void boot_free(Boot *boot);

/* Ends the boot early; @done follows. */
void boot_stop(Boot *boot, const char *reason);

/* This guest or QEMU cannot be used: as boot_stop(), with BOOT_UNUSABLE. */
void boot_refuse(Boot *boot, const char *reason);

/* For a session (QemuConfig.session). What is returned is borrowed. */
void boot_answer(Boot *boot, JsonNode *value, const char *error);
Qemu *boot_qemu(Boot *boot);
Qmp *boot_qmp(Boot *boot);

const char *boot_qemu_version(const Boot *boot);

#endif
