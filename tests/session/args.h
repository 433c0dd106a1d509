/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of 'nvme-fi exec' and 'nvme-fi shell'.
 */
#ifndef NVME_FI_SESSION_OPTIONS_H
#define NVME_FI_SESSION_OPTIONS_H

#include "options.h"

/* What exec exits with when it is to blame, as env(1) and timeout(1) do. */
#define SESSION_UNMET 1
#define SESSION_TIMEOUT 124
#define SESSION_TROUBLE 125
#define SESSION_NO_EXECUTE 126
#define SESSION_NO_PROGRAM 127

typedef struct HitsExpected {
    char *id;               /* of a rule, or NULL: all together */
    gint64 hits;
} HitsExpected;

typedef struct SessionOptions {
    bool shell;
    Options *runner;        /* what the launcher says */
    char *presets_dir;
    char *image;            /* initramfs with the agent and the program */
    char **rules;           /* files, or NULL */
    char *preset;           /* or NULL */
    char **with;            /* paths and commands for the guest, or NULL */
    char *drive;            /* image, or NULL: a new one */
    int write_cache;        /* MiB; 0: none */
    bool zoned;
    int pi;                 /* type of protection information, 0: none */
    int cpus;
    int memory;             /* MiB */
    int timeout;            /* seconds; 0: none */
    bool early;             /* the rules are there before the first command */
    bool summary;
    char *expect_errno;     /* or NULL */
    int expect_status;      /* -1: any */
    GArray *expect_hits;    /* of HitsExpected */
    char **program;         /* its words, as given */
    char *path;             /* the file of it */
    char **contents;        /* of the image: paths of this machine */
} SessionOptions;

/*
 * Reads and checks @argv, whose first is the command. On failure returns NULL,
 * @error, and in @status what to exit with; for --help, which is printed, NULL
 * and no error.
 */
SessionOptions *session_options_parse(int argc, char **argv, int *status,
                                      GError **error);
void session_options_free(SessionOptions *options);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SessionOptions, session_options_free)

#endif
