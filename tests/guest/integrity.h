/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "integrity": its cases, and who is to notice what is wrong.
 */
#ifndef GUEST_INTEGRITY_H
#define GUEST_INTEGRITY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/table.h"

/* The namespaces of the machine; the number is the NSID. */
typedef enum Kind {
    PLAIN = 1,                  /* no metadata */
    CHECKED,                    /* protection information that the block layer
                                   generates and verifies */
    CONTROLLER,                 /* the same, left to the controller (PRACT) */
} Kind;

typedef struct IntegrityCase {
    char *name;
    Kind kind;
    bool write;                 /* the command that goes wrong */
    bool victim;                /* what is read then lies elsewhere */
    bool once;                  /* only the first attempt goes wrong */
    const char *action;         /* "corrupt", "lose", ... */
    const char *target;         /* of corrupt, or NULL */
    const char *where;          /* of corrupt, or NULL */
} IntegrityCase;

typedef enum Noticed {
    NOBODY, BY_CONTROLLER, BY_HOST, NOTHING_WRONG
} Noticed;

/* What is to be seen. */
typedef struct Foreseen {
    Noticed by;
    uint16_t write_status;      /* of each attempt */
    uint16_t read_status;
    uint16_t retried;           /* of the first attempt of a read; it is
                                   followed by one that succeeds */
    const char *log;            /* words of the host's complaint */
    const char *data;           /* that a read gets, or NULL: it fails */
    const char *checksum;       /* the program's own, of that data */
    const char *from;           /* the functions that say so */
} Foreseen;

/* What the case @c is to show; Linux 6.1 to 7.2. */
Foreseen integrity_foresee(const IntegrityCase *c, Version kernel);

#endif
