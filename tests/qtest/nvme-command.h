/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SQEs for qtests, and the few commands that every test needs at once.
 * Data is one run of guest memory described by PRPs (NVMe Base 2.1, 4.3.1).
 */
#ifndef NVME_COMMAND_H
#define NVME_COMMAND_H

#include "nvme-queue.h"

/* @opcode for @nsid, everything else 0. */
NvmeCmd nvme_cmd(uint8_t opcode, uint32_t nsid);

/* Points @cmd to @bytes at the page aligned @addr; builds a PRP list in new
 * guest memory where more than two pages are needed. */
void nvme_cmd_data(NvmeHost *host, NvmeCmd *cmd, uint64_t addr, size_t bytes);

/* A command with a range of @nlb blocks (1-based) from @slba: read, write,
 * compare, verify, write zeroes, zone append; @addr 0: without data. */
NvmeCmd nvme_cmd_rw(NvmeHost *host, uint8_t opcode, uint32_t nsid,
                    uint64_t slba, uint32_t nlb, uint64_t addr);

/* Zone Management Send with action @zsa on the zone at @slba. */
NvmeCmd nvme_cmd_zone_send(uint32_t nsid, uint64_t slba, uint8_t zsa,
                           bool all);
/* Zone Management Receive, report of all zones from @slba (ZNS 1.2, 3.4.2). */
NvmeCmd nvme_cmd_zone_report(NvmeHost *host, uint32_t nsid, uint64_t slba,
                             uint64_t addr, size_t bytes);

NvmeCmd nvme_cmd_identify(NvmeHost *host, uint8_t cns, uint32_t nsid,
                          uint64_t addr);
NvmeCmd nvme_cmd_get_log(NvmeHost *host, uint8_t lid, uint32_t nsid,
                         uint64_t offset, uint64_t addr, size_t bytes);
NvmeCmd nvme_cmd_get_feature(uint8_t fid);
NvmeCmd nvme_cmd_set_feature(uint8_t fid, uint32_t value);
NvmeCmd nvme_cmd_abort(uint16_t sqid, uint16_t cid);
NvmeCmd nvme_cmd_create_cq(uint16_t id, uint16_t size, uint64_t addr,
                           uint16_t vector);
NvmeCmd nvme_cmd_create_sq(uint16_t id, uint16_t size, uint64_t addr,
                           uint16_t cqid);
/* @opcode: NVME_ADM_CMD_DELETE_SQ or NVME_ADM_CMD_DELETE_CQ. */
NvmeCmd nvme_cmd_delete(uint8_t opcode, uint16_t id);

/* DSM deallocate of one range; the range list is in new guest memory. */
NvmeCmd nvme_cmd_deallocate(NvmeHost *host, uint32_t nsid,
                            const NvmeDsmRange *ranges, unsigned n);
/* Copy, format 0, of @n source ranges to @sdlba. */
NvmeCmd nvme_cmd_copy(NvmeHost *host, uint32_t nsid, uint64_t sdlba,
                      const NvmeCopySourceRangeFormat0_2 *ranges, unsigned n);

/* Writes @nlb blocks full of @pattern / checks that they are; the commands
 * must succeed.  They go through @ring like any other. */
void nvme_fill(NvmeRing *ring, uint32_t nsid, uint64_t slba, uint32_t nlb,
               uint8_t pattern);
bool nvme_holds(NvmeRing *ring, uint32_t nsid, uint64_t slba, uint32_t nlb,
                uint8_t pattern);

/* Whether all of @bytes at guest address @addr are @pattern. */
bool nvme_memory_holds(NvmeHost *host, uint64_t addr, size_t bytes,
                       uint8_t pattern);

/* State and write pointer of the zone at @slba, from a zone report. */
NvmeZoneDescr nvme_zone(NvmeRing *ring, uint32_t nsid, uint64_t slba);

#endif
