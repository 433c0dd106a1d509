/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which logical blocks an SQE is about: NVM Command Set 1.1, section 3.3;
 * Zoned Namespace Command Set 1.2, section 3.4.
 */
#include "command.h"

#include <string.h>

#include "opcode.h"

#define NLB_MASK 0xffff             /* CDW12 15:0, 0's based */
#define RL_MASK 0xffff              /* CDW13 15:0, 0: to the end */
#define SELECT_ALL (1u << 8)        /* CDW13, Zone Management Send */

FiBlocks fi_opcode_blocks(gboolean admin, guint8 opcode)
{
    if (admin) {
        return opcode == FI_ADMIN_GET_LBA_STATUS ? FI_BLOCKS_LBA_STATUS :
                                                   FI_BLOCKS_NONE;
    }
    switch (opcode) {
    case FI_IO_WRITE:
    case FI_IO_READ:
    case FI_IO_WRITE_UNCORRECTABLE:
    case FI_IO_COMPARE:
    case FI_IO_WRITE_ZEROES:
    case FI_IO_VERIFY:
        return FI_BLOCKS_RUN;
    case FI_IO_DATASET_MANAGEMENT:
        return FI_BLOCKS_LIST;
    case FI_IO_COPY:
        return FI_BLOCKS_COPY;
    case FI_IO_ZONE_APPEND:
        return FI_BLOCKS_ZONE_APPEND;
    case FI_IO_ZONE_MANAGEMENT_SEND:
        return FI_BLOCKS_ZONE_SEND;
    case FI_IO_ZONE_MANAGEMENT_RECEIVE:
        return FI_BLOCKS_ZONE_RECEIVE;
    default:
        return FI_BLOCKS_NONE;
    }
}

/* The zone of @blocks blocks that holds @slba; without zones, @nlb blocks. */
static FiRange zone_of(guint64 slba, guint64 blocks, guint64 nlb)
{
    if (blocks) {
        return (FiRange) { slba / blocks * blocks, blocks };
    }
    return (FiRange) { slba, nlb };
}

/* What the SQE says, nlb 0 where it names no block. */
static FiRange blocks_of(FiBlocks kind, const guint32 *sqe,
                         guint64 zone_blocks, guint64 ns_blocks)
{
    const FiRange none = { 0, 0 }, all = { 0, ns_blocks };
    guint64 slba = (guint64)sqe[11] << 32 | sqe[10];
    guint64 nlb = (guint64)(sqe[12] & NLB_MASK) + 1;
    guint64 rl = sqe[13] & RL_MASK;

    switch (kind) {
    case FI_BLOCKS_NONE:
    case FI_BLOCKS_LIST:
        return none;
    case FI_BLOCKS_RUN:
        return (FiRange) { slba, nlb };
    case FI_BLOCKS_COPY:
        return (FiRange) { slba, 1 };
    case FI_BLOCKS_ZONE_APPEND:
        return zone_of(slba, zone_blocks, nlb);
    case FI_BLOCKS_ZONE_SEND:
        return sqe[13] & SELECT_ALL ? all : zone_of(slba, zone_blocks, 1);
    case FI_BLOCKS_ZONE_RECEIVE:
        return zone_of(slba, zone_blocks, 1);
    case FI_BLOCKS_LBA_STATUS:
        if (!rl) {
            rl = ns_blocks > slba ? ns_blocks - slba : 1;
        }
        return (FiRange) { slba, rl };
    }
    return none;
}

void fi_command_init(FiCommand *command, gboolean admin, guint16 qid,
                     const guint32 sqe[16], guint64 zone_blocks,
                     guint64 ns_blocks, FiRange *storage)
{
    FiBlocks kind = fi_opcode_blocks(admin, sqe[0] & 0xff);
    FiRange range = blocks_of(kind, sqe, zone_blocks, ns_blocks);

    /* A run that goes beyond the last LBA there can be ends with it. */
    if (range.slba) {
        range.nlb = MIN(range.nlb, G_MAXUINT64 - range.slba + 1);
    }
    *storage = range;
    command->admin = admin;
    command->qid = qid;
    if (sqe != command->sqe) {
        memcpy(command->sqe, sqe, sizeof(command->sqe));
    }
    command->ranges = range.nlb ? storage : NULL;
    command->n_ranges = range.nlb ? 1 : 0;
    command->ordinal = 0;
}
