/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the 64 bytes of an SQE to the command that a rule set decides on:
 * which blocks it touches, as far as the SQE alone can tell.
 */
#ifndef FI_COMMAND_H
#define FI_COMMAND_H

#include "set.h"

/*
 * fi_command_init:
 * @sqe: the 16 dwords in host byte order; may be @command's own.
 * @zone_blocks: blocks in a zone of a zoned namespace, 0 for a conventional
 * one: a zone command touches its whole zone.
 * @ns_blocks: blocks in the namespace (Zone Management Send with Select All).
 * @storage: room for the one range that the SQE names (NVM Command Set 1.1,
 * section 3.2; ZNS 1.2, section 3.4); must live as long as @command is used.
 * The ranges of Dataset Management and Copy are in host memory: the caller
 * adds them (for Copy, the destination is the range that the SQE names), as
 * it sets the ordinal, which is 0 after this.
 */
void fi_command_init(FiCommand *command, gboolean admin, guint16 qid,
                     const guint32 sqe[16], guint64 zone_blocks,
                     guint64 ns_blocks, FiRange *storage);

#endif
