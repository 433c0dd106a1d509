/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cases of suite "removal" in which the controller or its link fails.
 */
#ifndef GUEST_REMOVAL_FAULT_H
#define GUEST_REMOVAL_FAULT_H

#include "lib/suite.h"

typedef struct FaultCase FaultCase;

/* The case number @i from 0, or NULL; and its name, "removal/...". */
const FaultCase *fault_case(size_t i);
const char *fault_name(const FaultCase *fc);
/* Whether it is one of the kernel that the suite runs on. */
bool fault_holds(const Suite *suite, const FaultCase *fc);

void fault_rules(Suite *suite, const FaultCase *fc, const Case *c, Buf *rules);
void fault_run(Suite *suite, const FaultCase *fc, const Case *c, Outcome *out);
void fault_describe(const Suite *suite, const FaultCase *fc, Buf *record);
/* Takes away what is left of the drive @id, so that a new one has its slot. */
const char *fault_clear(Suite *suite, const FaultCase *fc, const char *id);

#endif
