/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one source of all choices.  A choice has no state: it is a function of
 * a seed, of what is chosen for, and of which choice it is.
 */
#ifndef FI_RANDOM_H
#define FI_RANDOM_H

#include <glib.h>

/* Streams: the different choices that are made about one match of a rule. */
enum {
    FI_RANDOM_CHANCE,           /* whether a match that is due is a hit */
    FI_RANDOM_DELAY,            /* for how long */
    FI_RANDOM_ACTION,           /* this and all above are the adapter's */
};

/* By which the generator below goes on with each number. */
#define FI_RANDOM_STEP G_GUINT64_CONSTANT(0x9e3779b97f4a7c15)

static inline guint64 fi_random_finalize(guint64 z)
{
    z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/*
 * fi_random:
 * The @index-th number, from 1 (for a rule: the number of the match), of the
 * generator splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom
 * number generators", OOPSLA 2014) started at @seed plus the generator's
 * finalizer of @stream, which is 0 for stream 0.  The same on every host.
 * The generator's state goes up by the same amount with each number, so that
 * none need be kept: @seed + n * FI_RANDOM_STEP has at @index what @seed has
 * at @index + n, in every stream.
 */
static inline guint64 fi_random(guint64 seed, guint64 index, guint64 stream)
{
    return fi_random_finalize(seed + fi_random_finalize(stream) + index *
                              FI_RANDOM_STEP);
}

/* The upper 53 bits of that as a fraction: 0 to 1, 1 not included. */
static inline gdouble fi_random_unit(guint64 seed, guint64 index,
                                     guint64 stream)
{
    /* 53 bits: what a double in [0, 1) holds without rounding */
    return (fi_random(seed, index, stream) >> 11) * 0x1p-53;
}

#endif
