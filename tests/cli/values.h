/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the value of an option can be, from the folders that have it.
 */
#ifndef NVME_FI_CLI_VALUES_H
#define NVME_FI_CLI_VALUES_H

#include "words.h"

/* What the launcher names. */
typedef struct Given {
    char *runner;           /* the programs */
    char *session;
    char *results;
    char *trace;
    char *guest;            /* folder of the suites */
    char *presets;
    char *kernels;          /* build/kernels */
    char *expect;
    char **words;
} Given;

typedef struct Option {
    char *name;             /* "--kernel"; "*": an operand */
    char *kind;             /* as in usage.h, or "tests", "kernel", "number" */
    char *argument;         /* what the help calls its value */
    char *about;
} Option;

void values_offer(const Given *given, const Words *words,
                  const Option *option);

/* Those that are here, that were added, and that are judged. */
void values_offer_kernels(const Given *given, const Words *words);

/* Of the rules of the machine that runs. */
void values_offer_ids(const Given *given, const Words *words);

#endif
