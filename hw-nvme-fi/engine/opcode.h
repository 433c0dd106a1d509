/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few opcodes whose fields the engine reads (NVMe Base 2.2, NVM Command
 * Set 1.1, Zoned Namespace Command Set 1.2), and what their SQEs hold.
 */
#ifndef FI_OPCODE_H
#define FI_OPCODE_H

#include "rule.h"

enum {
    FI_ADMIN_GET_LOG_PAGE = 0x02,
    FI_ADMIN_IDENTIFY = 0x06,
    FI_ADMIN_SET_FEATURES = 0x09,
    FI_ADMIN_GET_FEATURES = 0x0a,
    FI_ADMIN_GET_LBA_STATUS = 0x86,
};

enum {
    FI_IO_WRITE = 0x01,
    FI_IO_READ = 0x02,
    FI_IO_WRITE_UNCORRECTABLE = 0x04,
    FI_IO_COMPARE = 0x05,
    FI_IO_WRITE_ZEROES = 0x08,
    FI_IO_DATASET_MANAGEMENT = 0x09,
    FI_IO_VERIFY = 0x0c,
    FI_IO_COPY = 0x19,
    FI_IO_ZONE_MANAGEMENT_SEND = 0x79,
    FI_IO_ZONE_MANAGEMENT_RECEIVE = 0x7a,
    FI_IO_ZONE_APPEND = 0x7d,
};

/* Whether an admin command has a Feature Identifier in CDW10 7:0. */
static inline gboolean fi_opcode_has_fid(guint8 opcode)
{
    return opcode == FI_ADMIN_SET_FEATURES || opcode == FI_ADMIN_GET_FEATURES;
}

/* How an SQE says which logical blocks it is about. */
typedef enum FiBlocks {
    FI_BLOCKS_NONE,             /* it is about none, or no one knows */
    FI_BLOCKS_RUN,              /* SLBA in CDW11:10, NLB in CDW12 15:0 */
    FI_BLOCKS_LIST,             /* Dataset Management: in host memory */
    FI_BLOCKS_COPY,             /* SDLBA in CDW11:10, rest in host memory */
    FI_BLOCKS_ZONE_APPEND,      /* ZSLBA in CDW11:10, NLB in CDW12 15:0 */
    FI_BLOCKS_ZONE_SEND,        /* SLBA, or all zones: CDW13 8 */
    FI_BLOCKS_ZONE_RECEIVE,     /* SLBA in CDW11:10 */
    FI_BLOCKS_LBA_STATUS,       /* SLBA in CDW11:10, RL in CDW13 15:0 */
} FiBlocks;
FiBlocks fi_opcode_blocks(gboolean admin, guint8 opcode);

#endif
