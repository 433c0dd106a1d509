/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What nearly every qtest of the fault injector starts from: one controller
 * with a conventional and a zoned namespace, one I/O queue pair, and the QMP
 * commands of qapi/nvme-fi.json as C functions.
 */
#ifndef FI_RIG_H
#define FI_RIG_H

#include "nvme-queue.h"
#include "nvme-command.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"

#define NS_PLAIN        1           /* conventional, FI_NS_BYTES */
#define NS_ZONED        2           /* zoned, FI_ZONES of FI_ZONE_BLOCKS */
#define FI_NS_BYTES     (32 * 1024 * 1024)
#define FI_ZONE_BLOCKS  2048
#define FI_IO_ENTRIES   2048        /* CAP.MQES + 1 */
#define FI_DEVFN        0x20
#define FI_DATA_BYTES   (64 * 1024)

/* Some statuses by their numbers (NVMe Base 2.1, 4.2.3; NVM 1.1; ZNS 1.2). */
#define FI_ACCESS_DENIED    0x286
#define FI_INTERNAL_ERROR   0x006

typedef struct FiRig {
    NvmeVm *vm;
    NvmeHost *host;
    NvmeRing *io;           /* queue pair 1 */
    uint64_t data;          /* guest buffer of FI_DATA_BYTES */
    char *device;           /* for QMP, NULL: "nvme0" */
} FiRig;

/* The machine with its controller "nvme0", not enabled yet; @binary as for
 * nvme_vm_new, @options for the nvme device, beginning with a comma, or
 * further ones of QEMU, beginning with a space, or "". */
FiRig *fi_rig_new_disabled(const char *binary, const char *options);
/* The same, enabled and with queue pair 1. */
FiRig *fi_rig_new(const char *binary, const char *options);
FiRig *fi_rig_start(void);  /* the patched binary, no options */
/* The patched binary with NS_PLAIN alone, the controller in a slot that it can
 * be taken out of. */
FiRig *fi_rig_new_pluggable(void);
/* device_del, and what the guest has its part in; rig->host is dead then. */
void fi_rig_unplug(FiRig *rig);
void fi_rig_free(FiRig *rig);

/* Resets the controller / enables it after a reset, with a new pair 1. */
void fi_rig_enable(FiRig *rig);
void fi_rig_reset(FiRig *rig);

/* Proves that the drive works: writes a block, reads it back, both with a
 * CQE of status 0; touches the last block of NS_PLAIN. */
void fi_rig_assert_works(FiRig *rig);

/* Carries out @opcode on @nlb blocks from @slba of NS_PLAIN with rig->data as
 * buffer, on queue pair 1; returns the status. */
uint16_t fi_rw(FiRig *rig, uint8_t opcode, uint64_t slba, uint32_t nlb);
uint16_t fi_read(FiRig *rig, uint64_t slba);    /* one block */

/*
 * fi_add:
 * nvme-fi-add; @rules is the text of one rule or, with commas, of several,
 * as JSON (QEMU takes single quotes too).  Must succeed.
 */
void fi_add(FiRig *rig, const char *rules, ...) G_GNUC_PRINTF(2, 3);
/* The same where it must fail; returns the error's description. */
char *fi_add_error(FiRig *rig, const char *rules, ...) G_GNUC_PRINTF(2, 3);
void fi_remove(FiRig *rig, const char *id);
void fi_clear(FiRig *rig);
/* nvme-fi-release; @arguments beside the device, beginning with a comma, or
 * "".  Returns how many were released. */
uint64_t fi_release(FiRig *rig, const char *arguments);

/* nvme-fi-trigger; @triggers as the rules of fi_add().  Must succeed. */
void fi_trigger(FiRig *rig, const char *triggers, ...) G_GNUC_PRINTF(2, 3);
/* The same where it must fail, with @words in the error's description. */
void fi_trigger_refused(FiRig *rig, const char *words, const char *triggers,
                        ...) G_GNUC_PRINTF(3, 4);

/* The answer of query-nvme-fi / query-nvme-fi-log; the caller unrefs. */
QDict *fi_query(FiRig *rig);
QDict *fi_log(FiRig *rig, uint64_t since);

/* What the rule @id counted so far; the rule must exist. */
uint64_t fi_hits(FiRig *rig, const char *id);
uint64_t fi_matches(FiRig *rig, const char *id);
bool fi_exists(FiRig *rig, const char *id);
size_t fi_rules(FiRig *rig);
size_t fi_held(FiRig *rig);     /* commands that rules keep */

/* How often @member of query-blockstats, such as "wr_operations", of drive
 * @index was counted: evidence that a command was carried out. */
uint64_t fi_block_stat(FiRig *rig, unsigned index, const char *member);
/* Waits until it was counted @n times on drive 0; time does not move. */
void fi_wait_stat(FiRig *rig, const char *member, uint64_t n);

/* @bytes in hexadecimal, as query-nvme-fi-log writes them. */
char *fi_hex(const void *bytes, size_t n);

#endif
