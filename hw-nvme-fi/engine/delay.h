/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a command is delayed, from a random number.
 */
#ifndef FI_DELAY_H
#define FI_DELAY_H

#include "rule.h"

/*
 * fi_delay_draw:
 * @action: of a valid rule.
 * @random: any 64 bits, all equally likely.
 * Nanoseconds, as @action->delay describes them.  Computed from integers
 * alone, so that every host, compiler and C library draws the same.
 * A uniform delay that could take n values takes none of them more than
 * n / 2^64 too often or too seldom; an exponential one is at most
 * 64 * ln(2) = 44.4 times the mean even before it is bounded, and a multiple of
 * about a 2^32-th of the mean.
 */
guint64 fi_delay_draw(const FiAction *action, guint64 random);

#endif
