/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random fault rules and triggers over the whole schema, from a seed: tables
 * of what there is, one row a kind.
 */
#ifndef SOAK_RULES_H
#define SOAK_RULES_H

#include "qemu/osdep.h"

/* The one source of choices; the same state gives the same ones. */
typedef struct SoakRandom {
    uint64_t state;
} SoakRandom;

uint64_t soak_random(SoakRandom *random);
/* 0 to @n - 1; @n is 1 or more. */
uint64_t soak_below(SoakRandom *random, uint64_t n);
bool soak_chance(SoakRandom *random, unsigned percent);

/* What a host has to expect of a rule or a trigger. */
enum {
    SOAK_LOSES = 1 << 0,    /* a command may stay without completion */
    SOAK_LIES = 1 << 1,     /* a completion may tell what is not so */
    SOAK_FAILS = 1 << 2,    /* the controller or its media may fail for good */
    SOAK_RESETS = 1 << 3,   /* the controller may be reset, or be away for a
                               while, but works again if it is enabled */
    SOAK_CUTS = 1 << 4,     /* the power is cut: needs a write cache */
};
#define SOAK_KINDS  (1 << 4)    /* of effects that any controller can show */
#define SOAK_DEAD   (SOAK_FAILS | SOAK_RESETS)

/* Appends one rule as JSON, with effects within @allowed; adds those that it
 * may have to @effects. */
void soak_rule(SoakRandom *random, unsigned allowed, GString *json,
               unsigned *effects);
/* The same for one trigger.  False where no kind of trigger is @allowed. */
bool soak_trigger(SoakRandom *random, unsigned allowed, GString *json,
                  unsigned *effects);

#endif
