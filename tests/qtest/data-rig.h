/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of actions on the content of blocks start from: namespaces of
 * all kinds, two controllers on one subsystem, and the events that must not
 * disturb a command whose blocks are being put right or wrong.
 */
#ifndef DATA_RIG_H
#define DATA_RIG_H

#include "fi-rig.h"

/* Besides NS_PLAIN and NS_ZONED; all of FI_NS_BYTES. */
#define NS_META     3           /* 8 bytes of metadata, a buffer of its own */
#define NS_PI       4           /* protection information type 1, PRACT */
#define NS_EXT      5           /* 8 bytes of metadata behind each block */
#define NS_ZRWA     6           /* zoned, with a random write area */
#define NS_LAST     6

#define DATA_ZRWA_BLOCKS    64
#define DATA_OTHER_DEVFN    0x28        /* controller "nvme1", NS_PLAIN */

/* @options for "nvme0", beginning with a comma, or "". */
FiRig *data_rig_new(const char *options);

/* The command with data, metadata and protection information as its namespace
 * wants them: rig->data, and the page before its end for the metadata. */
NvmeCmd data_cmd(FiRig *rig, uint8_t opcode, uint32_t nsid, uint64_t slba,
                 uint32_t nlb);
/* Carries it out with @pattern in all bytes of the buffers. */
uint16_t data_exec(FiRig *rig, uint8_t opcode, uint32_t nsid, uint64_t slba,
                   uint32_t nlb, uint8_t pattern, NvmeCqe *cqe);
/* Writes; must succeed. */
void data_put(FiRig *rig, uint32_t nsid, uint64_t slba, uint32_t nlb,
              uint8_t pattern);
/* Whether the blocks (and metadata) are full of @pattern; the read must have
 * status 0. */
bool data_holds(FiRig *rig, uint32_t nsid, uint64_t slba, uint32_t nlb,
                uint8_t pattern);
/* Deallocates @n ranges of NS_PLAIN, or appends to the zone at @slba. */
uint16_t data_deallocate(FiRig *rig, const NvmeDsmRange *ranges, unsigned n);
uint64_t data_append(FiRig *rig, uint64_t zslba, uint32_t nlb,
                     uint8_t pattern);

/* The volatile write cache of "nvme0": flushes it; a member of its query. */
void data_flush(FiRig *rig, uint32_t nsid);
int64_t data_cached(FiRig *rig, const char *member);
/* Cuts its power, with @members of the trigger (",'lose':1"), and enables it
 * again, without a reset of the machine. */
void data_cut(FiRig *rig, const char *members);

/* Adds tests below /nvme-fi/@area: with a write cache, and with @rule, called
 * "r", which acts on writes of NS_PLAIN, commands are in flight when something
 * drastic happens. */
void data_add_interplay(const char *area, const char *rule);

#endif
