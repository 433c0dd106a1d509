/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of 'nvme-fi trace'.
 */
#ifndef TRACE_ARGS_H
#define TRACE_ARGS_H

#include "filter.h"

typedef enum ArgsMode {
    ARGS_FILES,
    ARGS_LIVE,
    ARGS_ENABLE,
    ARGS_DISABLE,
} ArgsMode;

typedef struct Args {
    ArgsMode mode;
    char **files;               /* NULL-terminated; "-" is stdin */
    Filter *filter;
    bool json, all_fields;
    bool summary;               /* the table after the lines */
    bool quiet;                 /* no lines */
    bool other_lines;           /* those of the trace that are not ours */
    bool no_block;
    double seconds;             /* that a live trace takes; 0: until ^C */
    guint buffer_kb;
    char *tracefs;
} Args;

/* NULL and @error, one sentence, if the command line is wrong. */
Args *args_parse(int argc, char **argv, GError **error);
void args_free(Args *args);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Args, args_free)

#endif
