/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * splitmix64 without its state: the n-th number is computed at once, because
 * the state goes up by the same amount with each number.
 */
#include "random.h"

static guint64 finalize(guint64 z)
{
    z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

guint64 fi_random(guint64 seed, guint64 index, guint64 stream)
{
    return finalize(seed + finalize(stream) +
                    index * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15));
}

gdouble fi_random_unit(guint64 seed, guint64 index, guint64 stream)
{
    /* 53 bits: what a double in [0, 1) holds without rounding */
    return (fi_random(seed, index, stream) >> 11) * 0x1p-53;
}
