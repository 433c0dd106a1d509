/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ranges of bad blocks in an interval tree for each namespace: marked, cut
 * where a part heals, and merged with neighbours of the same state.
 */
#include "qemu/osdep.h"
#include "bad-blocks.h"

BadRange *bad_blocks_first(const BadBlocks *bad, uint32_t nsid, uint64_t slba,
                           uint64_t last)
{
    FiInterval *node = NULL;

    if (nsid <= NVME_MAX_NAMESPACES && slba <= last) {
        node = fi_interval_first(bad->ns[nsid], slba, last);
    }
    return node ? container_of(node, BadRange, node) : NULL;
}

BadRange *bad_blocks_next(const BadBlocks *bad, uint32_t nsid,
                          const BadRange *range, uint64_t last)
{
    if (range->node.last >= last) {
        return NULL;
    }
    return bad_blocks_first(bad, nsid, range->node.last + 1, last);
}

/* A range in the middle of another makes three of one. */
bool bad_blocks_room(const BadBlocks *bad)
{
    return bad->n + 2 <= NVME_FI_MAX_BAD_RANGES;
}

bool bad_blocks_fits(const BadBlocks *bad, uint32_t nsid, uint64_t slba,
                     uint64_t last)
{
    return bad_blocks_room(bad) ||
        (bad->n < NVME_FI_MAX_BAD_RANGES &&
         !bad_blocks_first(bad, nsid, slba, last));
}

static void insert(BadBlocks *bad, uint32_t nsid, uint64_t slba, uint64_t last,
                   const BadState *state)
{
    BadRange *range = g_new0(BadRange, 1);

    range->node.first = slba;
    range->node.last = last;
    range->state = *state;
    fi_interval_insert(&bad->ns[nsid], &range->node);
    bad->n++;
}

static void take_out(BadBlocks *bad, uint32_t nsid, BadRange *range)
{
    fi_interval_remove(&bad->ns[nsid], &range->node);
    g_free(range);
    bad->n--;
}

/* What is left of @range without blocks @slba to @last. */
static void cut(BadBlocks *bad, uint32_t nsid, BadRange *range, uint64_t slba,
                uint64_t last)
{
    BadState state = range->state;
    uint64_t start = range->node.first, end = range->node.last;
    bool left = start < slba, right = end > last;

    take_out(bad, nsid, range);
    if (left && right && bad->n + 2 > NVME_FI_MAX_BAD_RANGES) {
        left = slba - start >= end - last;
        right = !left;
    }
    if (left) {
        insert(bad, nsid, start, slba - 1, &state);
    }
    if (right) {
        insert(bad, nsid, last + 1, end, &state);
    }
}

bool bad_blocks_heal(BadBlocks *bad, uint32_t nsid, uint64_t slba,
                     uint64_t last, bool force)
{
    BadRange *range = bad_blocks_first(bad, nsid, slba, last);
    bool changed = false;

    while (range) {
        uint64_t end = range->node.last;

        if (force || range->state.heal) {
            cut(bad, nsid, range, slba, last);
            changed = true;
        }
        range = end < last ? bad_blocks_first(bad, nsid, end + 1, last) : NULL;
    }
    return changed;
}

static bool same_state(const BadState *a, const BadState *b)
{
    return a->status == b->status && a->heal == b->heal &&
        a->tracked == b->tracked && a->uncorrectable == b->uncorrectable;
}

/* The range with block @lba if it is in this state. */
static BadRange *neighbour(const BadBlocks *bad, uint32_t nsid, uint64_t lba,
                           const BadState *state)
{
    BadRange *range = bad_blocks_first(bad, nsid, lba, lba);

    return range && same_state(&range->state, state) ? range : NULL;
}

void bad_blocks_mark(BadBlocks *bad, uint32_t nsid, uint64_t slba,
                     uint64_t last, const BadState *state)
{
    BadRange *before, *after;

    bad_blocks_heal(bad, nsid, slba, last, true);
    before = slba ? neighbour(bad, nsid, slba - 1, state) : NULL;
    if (before) {
        slba = before->node.first;
        take_out(bad, nsid, before);
    }
    after = last < UINT64_MAX ? neighbour(bad, nsid, last + 1, state) : NULL;
    if (after) {
        last = after->node.last;
        take_out(bad, nsid, after);
    }
    insert(bad, nsid, slba, last, state);
}

void bad_blocks_clear(BadBlocks *bad)
{
    for (uint32_t nsid = 0; nsid <= NVME_MAX_NAMESPACES; nsid++) {
        bad_blocks_heal(bad, nsid, 0, UINT64_MAX, true);
    }
}
