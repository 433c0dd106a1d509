/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine that a suite needs, as the suite describes it: one JSON object,
 * each member optional (docs/extending.md).
 */
#ifndef NVME_FI_RUNNER_MACHINE_H
#define NVME_FI_RUNNER_MACHINE_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

/* The controller that requests without 'device' mean. */
#define MACHINE_DEFAULT_CONTROLLER "nvme0"

typedef struct MachineDrive {
    char *id;               /* the node's name; the image is <id>.img */
    guint64 size;           /* bytes; the image is sparse */
    char *path;             /* of an image that is the user's, or NULL */
} MachineDrive;

typedef struct Machine {
    char *kernel;           /* of the kernel's command line, or "" */
    guint cpus;
    guint memory;           /* MiB */
    guint timeout;          /* seconds that a case may be silent, 0: default */
    bool reset;             /* a reset of the machine ends nothing */
    GPtrArray *drives;      /* of MachineDrive */
    GPtrArray *devices;     /* of JsonObject, in the order of -device */
    GStrv controllers;      /* ids; their rules and logs are evidence */
    GStrv unplugged;        /* ids of devices that come by run-plug */
    GStrv allow;            /* QMP commands, "NAME" or "NAME:HMP-PREFIX" */
    GStrv programs;         /* of the host, in the guest's image */
    GStrv modules;          /* of the kernel, likewise */
} Machine;

/*
 * Reads what a suite printed. NULL and @error, which names the member, when
 * it is no such description.
 */
Machine *machine_parse(const char *text, GError **error);
void machine_free(Machine *machine);

/* The path of a drive's image, which is in @dir; the caller frees it. */
char *machine_image(const MachineDrive *drive, const char *dir);

/* Creates the images anew, empty; removes them. Not those of the user's. */
bool machine_create_images(const Machine *machine, const char *dir,
                           GError **error);
void machine_remove_images(const Machine *machine, const char *dir);

/*
 * The device of that index or id as the argument of -device or device_add:
 * "%DIR%" in a string became @dir. New reference; NULL for an unknown id.
 */
JsonObject *machine_device(const Machine *machine, guint index,
                           const char *dir);
JsonObject *machine_find_device(const Machine *machine, const char *id,
                                const char *dir);

/* Is the device of that index there from the start? */
bool machine_starts_with(const Machine *machine, guint index);

/* May the suite send this QMP command? @arguments may be NULL. */
bool machine_allows(const Machine *machine, const char *command,
                    JsonObject *arguments);

/* Does the guest's image hold more than the suites? */
bool machine_has_own_image(const Machine *machine);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Machine, machine_free)

#endif
