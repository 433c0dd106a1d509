/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "errno": calls on a range without data: discard and zeroing.
 */
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <linux/ioctl.h>
#include <sys/ioctl.h>

#include "suite_errno.h"
#include "lib/async.h"

/* linux/blkdev.h of 6.12; the build machine's headers may be older. */
#ifndef BLOCK_URING_CMD_DISCARD
#define BLOCK_URING_CMD_DISCARD _IO(0x12, 0)
#endif

void run_blkdiscard(const Job *job, Outcome *out)
{
    uint64_t range[2] = { job->offset, IO_BYTES };

    outcome_libc(out, ioctl(job->disk->fd, BLKDISCARD, range));
}

void run_uring_discard(const Job *job, Outcome *out)
{
    struct io_uring_sqe *sqe = uring_sqe();

    sqe->opcode = IORING_OP_URING_CMD;
    sqe->fd = job->disk->fd;
    sqe->cmd_op = BLOCK_URING_CMD_DISCARD;
    sqe->addr = job->offset;
    sqe->addr3 = IO_BYTES;
    outcome_kernel(out, uring_run());
}

void run_blkzeroout(const Job *job, Outcome *out)
{
    uint64_t range[2] = { job->offset, IO_BYTES };

    outcome_libc(out, ioctl(job->disk->fd, BLKZEROOUT, range));
}

void run_zero_range(const Job *job, Outcome *out)
{
    outcome_libc(out, fallocate(job->disk->fd, FALLOC_FL_ZERO_RANGE,
                                job->offset, IO_BYTES));
}

void run_punch_hole(const Job *job, Outcome *out)
{
    outcome_libc(out, fallocate(job->disk->fd,
                                FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                job->offset, IO_BYTES));
}
