/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The NVMe disk under test: waiting for it, and its geometry.
 */
#ifndef GUEST_DISK_H
#define GUEST_DISK_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Disk {
    char name[32];              /* "nvme0n1" */
    char path[40];              /* block device */
    char ng_path[40];           /* character device of the namespace */
    int fd;                     /* block device, read and write, O_DIRECT */
    int ng_fd;                  /* character device, or -1 */
    uint32_t nsid;
    uint32_t lba_bytes;
    uint64_t nlbas;
} Disk;

/*
 * disk_open:
 * Waits at most @timeout_ms for an NVMe namespace and opens it, without an I/O
 * scheduler.  Returns NULL, or why not, as a sentence.  The disk stays open
 * until the end: closing the last descriptor would write back and flush.
 */
const char *disk_open(Disk *disk, int timeout_ms);

/*
 * disk_set_timeout:
 * Sets how long a request of the block device @name ("nvme0n1") may take,
 * until it is changed again: its queue's io_timeout, in ms.  False where the
 * kernel refuses.
 */
bool disk_set_timeout(const char *name, unsigned int ms);

/* Closes what disk_open() opened; descriptors become -1. */
void disk_close(Disk *disk);

/* Waits until the block device @name ("nvme0n1") is no more. */
bool disk_wait_gone(const char *name, int timeout_ms);

/*
 * ctrl_wait_state:
 * Waits until controller @name ("nvme0") is in @state ("live"; see
 * drivers/nvme/host/sysfs.c), or, where @state is NULL, is no more. The
 * kernel announces live and removal; other states may pass unseen.
 */
bool ctrl_wait_state(const char *name, const char *state, int timeout_ms);

/* The number that a file of sysfs begins with, or 0. */
int sysfs_int(const char *path);

#endif
