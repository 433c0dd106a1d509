/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Kernel Test Anything Protocol, version 1, as the cases come
 * (Documentation/dev-tools/ktap.rst): each suite is a test, its cases are the
 * test's subtests.
 */
#ifndef NVME_FI_RUNNER_RENDER_KTAP_H
#define NVME_FI_RUNNER_RENDER_KTAP_H

#include "judge.h"

#include <stdio.h>

typedef struct Ktap Ktap;

/*
 * Prints version and plan. @plans are the Plans of the run, in their order;
 * those without a case are left out. Borrows both.
 */
Ktap *ktap_new(FILE *out, GPtrArray *plans);
void ktap_free(Ktap *ktap);

/* @name is the next case of @suite; suites follow each other in order. */
void ktap_case(Ktap *ktap, const char *suite, const char *name,
               Verdict verdict, const char *reason);

/* A diagnostic line, or more. */
void ktap_note(Ktap *ktap, const char *text);

/*
 * Prints the result of every suite that has none yet: "not ok", for @aborted
 * or because a part of it was not run.
 */
void ktap_finish(Ktap *ktap, const char *aborted);

#endif
