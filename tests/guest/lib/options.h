/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of a guest suite, and which cases it chooses.
 */
#ifndef GUEST_OPTIONS_H
#define GUEST_OPTIONS_H

#include "suite.h"

typedef struct Options {
    bool list;
    bool findings;              /* list the cases that show a defect */
    bool machine;               /* print the machine */
    const char *kernel;         /* a release, or NULL: the running one */
    const char *expect_dir;
    size_t nfilters;
    const char **filters;       /* globs; a case must match one of them */
    unsigned int shard;         /* this part of the matching cases, from 1 */
    unsigned int shards;        /* of so many, 0: all cases */
    unsigned long start;        /* the first ordinal to run */
    const char *omit;           /* ordinals, separated by commas, or NULL */
} Options;

/* Returns 0, or -1 after a message; options_done() is due in either case. */
int options_parse(Options *options, const char *name, int argc, char **argv);
void options_done(Options *options);

/*
 * options_kernel:
 * Sets release, version and known (table "kernels") of @suite.
 * Returns 0, or -1 after a message.
 */
int options_kernel(const Options *options, Suite *suite);

/*
 * options_apply:
 * Numbers the cases that match the filters and are in the shard from 0 and
 * keeps, of those, the ones from @start on that are not in @omit: an ordinal
 * is the same however often a run is started again. The shard has every
 * @shards-th case that matches, beginning with the @shard-th.
 */
void options_apply(const Options *options, Suite *suite);

/* Is @ordinal in @list ("3,17,20")?  NULL is the empty list. */
bool ordinal_listed(const char *list, unsigned long ordinal);

/* Does @name match one of the @n shell globs?  No glob: any name. */
bool filter_matches(const char *const *globs, size_t n, const char *name);

#endif
