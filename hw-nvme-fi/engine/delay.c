/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Delays that are drawn: uniform by scaling, exponential by a logarithm, both
 * in fixed point.  The C library's logarithm may differ in the last bit from
 * host to host, and a compiler may fuse floating point operations.
 */
#include "delay.h"

#define MAX_DELAY ((guint64)G_MAXINT64)
#define MEANS 20                /* bound of an exponential delay without one */
#define LOG_BITS 32             /* of a binary logarithm, behind the point */
#define NAT_BITS 56             /* of a natural one, which is at most 44.4 */
/* ln(2) * 2^64 */
#define LN_2 G_GUINT64_CONSTANT(0xb17217f7d1cf79ab)

/* The upper 64 bits of the product; not every host has a type for it. */
static guint64 multiply_high(guint64 a, guint64 b)
{
    guint64 a0 = a & G_MAXUINT32, a1 = a >> 32;
    guint64 b0 = b & G_MAXUINT32, b1 = b >> 32;
    guint64 middle = a1 * b0 + (a0 * b0 >> 32);
    guint64 carry = a0 * b1 + (middle & G_MAXUINT32);

    return a1 * b1 + (middle >> 32) + (carry >> 32);
}

static guint64 uniform(guint64 first, guint64 last, guint64 random)
{
    return first + multiply_high(random, last - first + 1);
}

/*
 * -log2(@random / 2^64), @random not 0, with LOG_BITS behind the point: above
 * 0, at most 64.  Squaring doubles a logarithm, and so yields bit after bit.
 */
static guint64 minus_log2(guint64 random)
{
    guint64 whole = 1, fraction = 0;
    guint64 x = random;         /* with 63 bits behind the point: in 1..2 */

    for (; !(x >> 63); x <<= 1) {
        whole++;
    }
    for (int i = 0; i < LOG_BITS; i++) {
        x = multiply_high(x, x);            /* 62 bits: 1..4 */
        fraction = fraction << 1 | x >> 63;
        if (!(x >> 63)) {
            x <<= 1;
        }
    }
    return (whole << LOG_BITS) - fraction;
}

static guint64 exponential(guint64 mean, guint64 bound, guint64 random)
{
    guint64 log2 = minus_log2(random | 1);
    guint64 factor = multiply_high(log2 << (NAT_BITS - LOG_BITS), LN_2);
    guint64 high = multiply_high(mean, factor), low = mean * factor;

    if (!bound) {
        bound = mean <= MAX_DELAY / MEANS ? mean * MEANS : MAX_DELAY;
    }
    if (high >> NAT_BITS) {     /* 2^64 or more */
        return bound;
    }
    return MIN(high << (64 - NAT_BITS) | low >> NAT_BITS, bound);
}

guint64 fi_delay_draw(const FiAction *action, guint64 random)
{
    switch (action->delay) {
    case FI_DELAY_FIXED:
        return action->delay_ns;
    case FI_DELAY_UNIFORM:
        return uniform(action->delay_ns, action->delay_max_ns, random);
    case FI_DELAY_EXPONENTIAL:
        return exponential(action->delay_ns, action->delay_max_ns, random);
    }
    return action->delay_ns;
}
