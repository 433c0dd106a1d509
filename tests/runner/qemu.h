/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One QEMU process: its command line, its inherited sockets, its death.
 */
#ifndef NVME_FI_RUNNER_QEMU_H
#define NVME_FI_RUNNER_QEMU_H

#include "machine.h"

#include <glib.h>
#include <stdbool.h>

typedef struct QemuConfig {
    const char *binary;
    const char *firmware;       /* directory given as -L */
    const char *kernel;
    const char *initrd;
    const char *accel;          /* "tcg" or "kvm" */
    const char *append;         /* the kernel's command line */
    const Machine *machine;
    const char *dir;            /* of the images of its drives */
    const char *stderr_file;    /* created; QEMU's messages */
    bool session;               /* with the ports of a session */
} QemuConfig;

/* Our ends of the socket pairs; -1 once somebody took one. */
typedef enum QemuPort {
    QEMU_PORT_QMP,
    QEMU_PORT_CONSOLE,
    QEMU_PORT_CONTROL,
    QEMU_PORT_RESULTS,
    /* of a session only: what its program reads and writes */
    QEMU_PORT_INPUT,
    QEMU_PORT_OUTPUT,
    QEMU_PORT_ERRORS,
    QEMU_PORT_COUNT,
} QemuPort;

typedef struct Qemu Qemu;

/*
 * Starts QEMU; it is killed when this process dies. @exited is called once,
 * from the main context, with one sentence on how the process ended.
 * Returns NULL and sets @error when it cannot be started.
 */
Qemu *qemu_start(const QemuConfig *config,
                 void (*exited)(void *opaque, const char *how),
                 void *opaque, GError **error);

/* Kills the process if it still runs; @exited is not called any more. */
void qemu_free(Qemu *qemu);

/* Hands over our end of @port; the caller closes it. */
int qemu_take_port(Qemu *qemu, QemuPort port);

/* Kills the process at once; @exited follows. */
void qemu_kill(Qemu *qemu);

/* The last line that it wrote to stderr, or NULL; the caller frees it. */
char *qemu_last_words(const Qemu *qemu);

#endif
