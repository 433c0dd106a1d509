/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "zoned": cases that are a sequence of steps on one zone.
 */
#ifndef ZONED_STEPS_H
#define ZONED_STEPS_H

#include "zoned.h"

/*
 * Steps are words: an operation and the block of the zone that it begins at,
 * one block each.  w write, p read, n write to the conventional namespace,
 * a zone append by passthrough; qN*K: K writes at once by AIO; o open,
 * l close, f finish, e reset the zone; r what a zone report says, c what the
 * kernel remembers of it; t the device changes the zone (StepCase.change);
 * with a policy those of zoned_file_step().
 *
 * Each step has a word in the results: "ok" or an errno; of r and c what
 * zoned_report() adds; of a "@BLOCK" where it went, or the status in hex.
 */
typedef struct StepCase {
    const ZonedKind *kind;
    const char *name;
    const char *steps;
    int nsid;                   /* of the fault; 0: ZONED_ZNS */
    const char *policy;         /* of zonefs, or NULL */
    bool sync;                  /* writes to files are synchronous: always
                                 * so where zonefs does not append then */
    int lie;                    /* block of the zone for dw0, 0: no lie */
    const char *opcode;         /* that the fault meets, NULL: "write";
                                 * "": any */
    int block;                  /* the one block it meets; -1: any */
    const char *fault;          /* members of the rule, or NULL: no rule */
    const char *fault_too;      /* of another rule of the zone, or NULL */
    const char *change;         /* members of a trigger "zone", or NULL */
    /* Where [1] is NULL, zone write plugging makes no difference; so below. */
    const char *results[2];
    const char *wire[2];        /* see zoned_wire() */
    const char *calls;          /* see suite_expect_calls(), or NULL */
    const char *calls_plug;     /* the same where there are plugs */
    const char *sectors;        /* see zoned_watch_begin(), from the zone's
                                 * start, or NULL: not watched */
    /* Of the last request, "" for none; NULL: not judged. */
    const char *block_errno[2];
    const char *log;            /* arrays of pieces of its lines, or NULL */
    const char *scheduler;      /* other than the usual, or NULL */
    const char *finding;
    Version since, until;       /* until exclusive; 0.0: open */
    const char *from;
} StepCase;

extern const ZonedKind zoned_steps;

/* Adds @sc, which stays the caller's, unless this kernel has it not. */
void zoned_add_steps(Suite *suite, StepCase *sc, const char *name);

#endif
