/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of nvme-fi-runner.
 */
#ifndef NVME_FI_RUNNER_OPTIONS_H
#define NVME_FI_RUNNER_OPTIONS_H

#include "shard.h"

#include <glib.h>
#include <stdbool.h>

typedef enum Command {
    COMMAND_RUN,
    COMMAND_LIST,
} Command;

typedef struct Options {
    Command command;
    char *qemu;
    char *firmware;
    char *kernel_image;
    char *initrd;
    char *guest_dir;
    char *expect_dir;
    char *kernel_name;      /* as the user named it, for repro lines */
    char *out;              /* NULL: a new folder below results/ */
    char *accel;            /* "tcg", "kvm" or "auto" */
    char *accel_cache;      /* file with the proof of KVM, or NULL */
    char **suites;          /* NULL: all, or the default */
    char *default_suite;    /* of run without a filter, or NULL: all */
    char **filters;         /* NULL: all cases */
    Shard shard;            /* of the cases that the filters match */
    bool observe;
    bool tap;
    bool ktap;
    bool json;
    bool check;             /* run nothing */
    int timeout;            /* seconds for a case */
    int boot_timeout;       /* seconds for a boot */
    int jobs;
} Options;

/* Reads and checks the command line. NULL and @error where it is wrong. */
Options *options_parse(int argc, char **argv, GError **error);
void options_free(Options *options);

/* "run" or "list". */
const char *options_command_name(const Options *options);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Options, options_free)

#endif
