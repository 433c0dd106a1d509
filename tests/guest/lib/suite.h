/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame of a guest suite: its cases, the command line, batches, and the
 * records that a case becomes.
 */
#ifndef GUEST_SUITE_H
#define GUEST_SUITE_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "disk.h"
#include "evidence.h"
#include "ports.h"
#include "table.h"

typedef struct Case {
    char *name;                 /* "suite/behaviour" */
    bool alone;                 /* no other case's rules while it runs */
    unsigned int ordinal;       /* in the filtered list */
    void *data;                 /* of the suite */
} Case;

typedef struct Outcome {
    long long value;            /* what the API returned; -1 on an error */
    int error;                  /* positive errno, or 0 */
    const char *signal;         /* "SIGBUS", or NULL */
    const char *skip;           /* why the case could not run, or NULL */
    const char *data;           /* what was read back: "new", "old", or NULL */
    long long elapsed_ns;       /* set by the frame */
} Outcome;

typedef struct Suite Suite;

typedef struct SuiteClass {
    const char *name;
    /* Loads the tables and adds the cases.  0, or -1 after a message. */
    int (*load)(Suite *suite);
    /* Adds the rules of @c, as JSON objects with a comma between them. */
    void (*rules)(Suite *suite, const Case *c, Buf *rules);
    /* May set up what is not part of the case; may set @out->skip. */
    void (*prepare)(Suite *suite, const Case *c, Outcome *out);
    void (*run)(Suite *suite, const Case *c, Outcome *out);
    /* Undoes prepare(); may look at what the case left on the disk. */
    void (*cleanup)(Suite *suite, const Case *c, Outcome *out);
    /* Adds members of its own to the object "result"; may be NULL. */
    void (*result)(Suite *suite, const Case *c, Buf *result);
    /* Adds the members "stimulus", "expected" and "from" to @record. */
    void (*describe)(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record);
} SuiteClass;

struct Suite {
    const SuiteClass *class;
    const char *expect_dir;
    char release[128];          /* of the running kernel, or --kernel */
    Version kernel;
    bool known;                 /* the tables know this kernel */
    bool filtered;              /* some cases were left out */
    size_t nfiltered;           /* cases that match the filters */
    size_t ncases;              /* cases to run, all of them before */
    Case **cases;
    Ports ports;
    Disk disk;
    Evidence evidence;
    void *data;                 /* of the suite */
};

/* Adds a case; takes over @name, which must be allocated, and @data. */
Case *suite_add(Suite *suite, char *name, void *data);

/*
 * suite_main:
 * The main() of a suite: --list, --kernel=RELEASE, --filter=GLOB, --start=N,
 * --omit=N,N, --expect-dir=DIR.  Returns the exit status.
 */
int suite_main(const SuiteClass *class, int argc, char **argv);

#endif
