/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "errno": what goes through the page cache of the block device.
 *
 * Each of them has a descriptor of its own, opened just before, so that it
 * sees no earlier write error (errseq), and without readahead (POSIX_FADV_
 * RANDOM), so that it reads its own page and no other.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "suite_errno.h"

static sigjmp_buf bus_jump;

static void on_bus(int sig)
{
    siglongjmp(bus_jump, sig);
}

void run_buffered(const Job *job, Outcome *out)
{
    ssize_t n;

    if (job->op == OP_READ) {
        outcome_libc(out, pread(job->fd, job->data, IO_BYTES, job->offset));
        return;
    }
    n = pwrite(job->fd, job->data, IO_BYTES, job->offset);
    outcome_libc(out, n == IO_BYTES ? fsync(job->fd) : n);
}

void run_buffered_again(const Job *job, Outcome *out)
{
    run_buffered(job, out);
    /* A first fsync that succeeds must not look like the second one. */
    if (out->error) {
        outcome_libc(out, fsync(job->fd));
    } else {
        out->value = -1;
    }
}

void run_readahead(const Job *job, Outcome *out)
{
    if (readahead(job->fd, job->offset, IO_BYTES)) {
        outcome_libc(out, -1);
        return;
    }
    outcome_libc(out, pread(job->fd, job->data, IO_BYTES, job->offset));
}

void run_mmap(const Job *job, Outcome *out)
{
    struct sigaction action = { .sa_handler = on_bus }, before;
    volatile char *byte = job->map;

    sigaction(SIGBUS, &action, &before);
    if (sigsetjmp(bus_jump, 1)) {
        out->value = -1;
        out->signal = "SIGBUS";
    } else if (job->op == OP_READ) {
        job->data[0] = *byte;
        out->value = 0;
    } else {
        *byte = job->data[0];
        outcome_libc(out, msync(job->map, IO_BYTES, MS_SYNC));
    }
    sigaction(SIGBUS, &before, NULL);
}

void run_blkflsbuf(const Job *job, Outcome *out)
{
    ssize_t n = pwrite(job->fd, job->data, IO_BYTES, job->offset);

    outcome_libc(out, n == IO_BYTES ? ioctl(job->fd, BLKFLSBUF) : n);
}
