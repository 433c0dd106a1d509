/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "completion": the cases, and what a case does.
 */
#ifndef SUITE_COMPLETION_H
#define SUITE_COMPLETION_H

#include "lib/suite.h"

#define IO_BYTES 4096

/* What a case does.  "The block" is that of its rules; "another" is not. */
typedef enum Act {
    ACT_READ,                   /* a read of the block */
    ACT_AFTER_ANOTHER,          /* the same after a read of another */
    ACT_AND_ANOTHER,            /* the same before a read of another */
    ACT_TWO_AT_ONCE,            /* it, then two others at the same time */
    ACT_FSYNC,                  /* fsync of the block device */
    ACT_IOCTL,                  /* a read by NVME_IOCTL_IO64_CMD */
    ACT_APPEND,                 /* a zone append, by the same */
    ACT_ADMIN,                  /* Get Features by NVME_IOCTL_ADMIN64_CMD */
    ACT_TRIGGER,                /* its triggers at once, then a read */
} Act;

/* What becomes of the command that suffers. */
typedef enum Fate {
    FATE_DONE,                  /* completes as usual */
    FATE_LATE,                  /* completes late by itself: LATE_NS */
    FATE_POLLED,                /* found by the timeout handler */
    FATE_RESET,                 /* aborted in vain, reset, sent again */
    FATE_ADMIN_RESET,           /* reset at once, and fails with EINTR */
} Fate;

#define LATE_NS 500000000LL

typedef struct CompletionCase {
    const char *name;
    Act act;
    const char *rules[3];       /* members of each after id; the last newest */
    Fate fate;
    int hits;
    const char *log;            /* lines before those of the fate, as in
                                   "expected", and */
    const char *log_after;      /* those after; NULL: none */
    long long result;           /* DW1:DW0 that the ioctl gives, or 0 */
    bool violated;              /* the first rule is */
    const char *from;           /* in drivers/nvme/host */
} CompletionCase;

extern const CompletionCase completion_cases[];
extern const size_t completion_ncases;

/* Adds the member "expected" of @c to @record. */
void completion_expect(const Suite *suite, const Case *c, Buf *record);

#endif
