/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says about a case: trace events and kernel log, with
 * markers around each case.
 */
#ifndef GUEST_EVIDENCE_H
#define GUEST_EVIDENCE_H

#include <stdbool.h>

#include "ports.h"

typedef struct Evidence {
    int trace, marker, log;     /* descriptors, or -1 */
    bool lost;                  /* set here, cleared by the user */
    Buf trace_text, log_text;   /* what was read and not sent yet */
} Evidence;

/*
 * evidence_open:
 * Turns the trace events of nvme and block on and starts to read the kernel
 * log at its present end.  Returns 0 or a negative errno.
 */
int evidence_open(Evidence *evidence);
void evidence_close(Evidence *evidence);

/*
 * evidence_narrow:
 * For a case that may be long: leaves only events of commands and requests
 * that failed or were sent again.  Returns 0 or a negative errno.
 */
int evidence_narrow(void);

/* Writes "nvme-fi <what> <ordinal>" into the trace and into the kernel log. */
void evidence_mark(Evidence *evidence, const char *what, unsigned int ordinal);

/*
 * evidence_drain:
 * Sends all that came since the last call as records "trace" and "log".
 * Sets @lost where the kernel dropped events or log records meanwhile. Returns
 * how many bytes of the trace that were.
 */
size_t evidence_drain(Evidence *evidence, Ports *ports);

#endif
