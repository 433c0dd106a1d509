/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cases of suite "removal" in which the controller or its link fails.
 */
#ifndef GUEST_REMOVAL_FAULT_H
#define GUEST_REMOVAL_FAULT_H

#include "lib/suite.h"

/* What the case does while the fault is there. */
typedef enum FaultAct {
    ACT_READ,                   /* a read; the rule that it hits fires it */
    ACT_RESET,                  /* armed, then reset_controller */
    ACT_UNPLUG,                 /* armed, then device_del */
    ACT_LOSE,                   /* fired while a read is on the drive */
} FaultAct;

typedef enum FaultEnd {
    END_LIVE,                   /* the controller lives on */
    END_DEAD,                   /* its driver gave it up */
    END_REMOVED,                /* there is none any more */
} FaultEnd;

/* In 6.2 a controller that is given up began to stay (pci.c before that:
 * nvme_remove_dead_ctrl_work); the kernels between are not known here. */
typedef enum Kernels { ALL, BEFORE_6_2, SINCE_6_2 } Kernels;

typedef struct FaultCase {
    const char *name;
    FaultAct act;
    const char *trigger;        /* members after "fault" */
    int error;                  /* of the read or the reset; 0: none */
    FaultEnd end;
    bool restarts;              /* the controller is set up again */
    int min_s, max_s;           /* how long it takes */
    const char *log;            /* lines, as in "expected"; NULL: not judged */
    const char *log_61;         /* of kernel 6.1, where they differ */
    const char *from;
    Kernels kernels;
    const char *counter;        /* of the port above, one more; or NULL */
} FaultCase;

/* The case number @i from 0, or NULL; and its name, "removal/...". */
const FaultCase *fault_case(size_t i);
const char *fault_name(const FaultCase *fc);
/* Whether it is one of the kernel that the suite runs on. */
bool fault_holds(const Suite *suite, const FaultCase *fc);

void fault_rules(const FaultCase *fc, const Case *c, Buf *rules);
void fault_run(Suite *suite, const FaultCase *fc, const Case *c, Outcome *out);
void fault_describe(const Suite *suite, const FaultCase *fc, Buf *record);
/* Takes away what is left of the drive @id, so that a new one has its slot. */
const char *fault_clear(Suite *suite, const FaultCase *fc, const char *id);

#endif
