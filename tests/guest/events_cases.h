/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cases of suite "events".
 */
#ifndef GUEST_EVENTS_CASES_H
#define GUEST_EVENTS_CASES_H

#include <stddef.h>
#include <stdint.h>

typedef struct EventCase {
    const char *name;
    const char *event;          /* members after "event" */
    /* What shows that the kernel has seen it, each NULL or 0: */
    const char *aen;            /* NVME_AEN of the uevent */
    int lid;                    /* it reads this log page */
    const char *ana;            /* ana_state in sysfs */
    const char *log;            /* lines of its log, as in "expected" */
    const char *log_61;         /* of kernel 6.1, where they differ */
    /* A log page that the case reads, and what it holds there: */
    int page, offset, size;
    uint64_t value;
    uint32_t nsid;              /* 0: all */
    const char *undo;           /* another event, or NULL */
    const char *from;
} EventCase;

/* The case number @i from 0, or NULL. */
const EventCase *event_case(size_t i);

#endif
