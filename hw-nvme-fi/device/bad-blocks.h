/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which blocks of which namespace cannot be read, as ranges that do not
 * overlap.  Neighbours in the same state are one range.  Pure: no device.
 */
#ifndef HW_NVME_FI_BAD_BLOCKS_H
#define HW_NVME_FI_BAD_BLOCKS_H

#include "../engine/interval.h"
#include "hw/nvme/nvme.h"

/* Ranges of all namespaces together; qapi/nvme-fi.json says so, too. */
#define NVME_FI_MAX_BAD_RANGES 65536

typedef struct BadState {
    uint16_t status;            /* of commands that read it, 15 bits */
    bool heal;                  /* a write makes it good */
    bool tracked;               /* the controller knows of it */
    bool uncorrectable;         /* the host said so: Write Uncorrectable */
} BadState;

typedef struct BadRange {
    FiInterval node;
    BadState state;
} BadRange;

typedef struct BadBlocks {
    FiInterval *ns[NVME_MAX_NAMESPACES + 1];        /* by NSID */
    unsigned n;                 /* ranges of all of them */
} BadBlocks;

/* The first bad range that has a block of @slba to @last, or NULL; any NSID
 * is allowed.  The other: the first that begins after @range and has one. */
BadRange *bad_blocks_first(const BadBlocks *bad, uint32_t nsid, uint64_t slba,
                           uint64_t last);
BadRange *bad_blocks_next(const BadBlocks *bad, uint32_t nsid,
                          const BadRange *range, uint64_t last);

/* Whether one more range has room, whatever it overlaps. */
bool bad_blocks_room(const BadBlocks *bad);
/* The same of one that is known, blocks @slba to @last of @nsid. */
bool bad_blocks_fits(const BadBlocks *bad, uint32_t nsid, uint64_t slba,
                     uint64_t last);

/* Blocks @slba to @last of @nsid, 1 to NVME_MAX_NAMESPACES, get this state.
 * There must be room. */
void bad_blocks_mark(BadBlocks *bad, uint32_t nsid, uint64_t slba,
                     uint64_t last, const BadState *state);

/*
 * bad_blocks_heal:
 * Blocks @slba to @last are good, those that a write does not heal only with
 * @force.  Where a range would fall in two for which there is no room, the
 * shorter rest heals, too.  Returns whether anything changed.
 */
bool bad_blocks_heal(BadBlocks *bad, uint32_t nsid, uint64_t slba,
                     uint64_t last, bool force);

void bad_blocks_clear(BadBlocks *bad);      /* all are good */

#endif
