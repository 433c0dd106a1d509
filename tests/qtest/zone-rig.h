/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the trigger "zone" start from: NS_ZONED with few resources,
 * zone commands, and a proof that no resource was lost.
 */
#ifndef ZONE_RIG_H
#define ZONE_RIG_H

#include "fi-rig.h"

#define ZONE        FI_ZONE_BLOCKS  /* the one that changes */
#define NEXT        (2 * FI_ZONE_BLOCKS)
#define WRITTEN     4u
#define MAX_OPEN    3
#define MAX_ACTIVE  4

/* Statuses of zone commands (ZNS 1.2, 3.1.1). */
#define BOUNDARY    0x1b8
#define IS_FULL     0x1b9
#define READ_ONLY   0x1ba
#define OFFLINE     0x1bb
#define BAD_WRITE   0x1bc
#define TOO_ACTIVE  0x1bd
#define TOO_OPEN    0x1be
#define BAD_CHANGE  0x1bf

/* A state before, and how the zone gets there. */
typedef struct From {
    const char *name;
    uint8_t zsa;                /* sent to it with WRITTEN blocks; or */
    const char *forced;
    bool empty;                 /* nothing is written */
} From;

/* The rig of all other tests, with limits: NS_ZONED can have MAX_OPEN zones
 * open and MAX_ACTIVE active; @options for it, beginning with a comma. */
FiRig *zone_rig(const char *options);

/* Status, SCT and SC, of a command on one block / of a zone command. */
uint16_t zone_rw(FiRig *rig, uint8_t opcode, uint64_t slba);
uint16_t zone_send(FiRig *rig, uint64_t slba, uint8_t zsa);

/* Brings the zone ZONE into a state, by commands or by the trigger. */
void zone_prepare(FiRig *rig, const From *from);
/* The trigger with a state / with a shift, of ZONE. */
void zone_force(FiRig *rig, const char *state);
void zone_shift(FiRig *rig, int64_t blocks);
void zone_start_over(FiRig *rig);           /* ZONE is Empty again */

void zone_assert(FiRig *rig, uint64_t slba, uint8_t state, uint64_t wp);
/* Exactly MAX_OPEN zones can be open and MAX_ACTIVE active: each resource that
 * was not given back, or given back twice, shows here.  Resets all zones. */
void zone_assert_accounting(FiRig *rig);

#endif
