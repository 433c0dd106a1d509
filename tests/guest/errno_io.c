/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "errno": system calls that reach the disk directly: read, write and
 * flush, in their plain, AIO and io_uring forms.
 */
#include <errno.h>
#include <unistd.h>

#include "suite_errno.h"
#include "lib/async.h"

void outcome_libc(Outcome *out, long long ret)
{
    out->value = ret;
    out->error = ret < 0 ? errno : 0;
}

void outcome_kernel(Outcome *out, long long ret)
{
    out->value = ret < 0 ? -1 : ret;
    out->error = ret < 0 ? -ret : 0;
}

static int job_fd(const Job *job)
{
    return job->fd >= 0 ? job->fd : job->disk->fd;
}

void run_direct(const Job *job, Outcome *out)
{
    if (job->op == OP_READ) {
        outcome_libc(out, pread(job_fd(job), job->data, IO_BYTES,
                                job->offset));
    } else {
        outcome_libc(out, pwrite(job_fd(job), job->data, IO_BYTES,
                                 job->offset));
    }
}

void run_aio(const Job *job, Outcome *out)
{
    struct iocb iocb = {
        .aio_lio_opcode = job->op == OP_READ ? IOCB_CMD_PREAD :
                          job->op == OP_WRITE ? IOCB_CMD_PWRITE :
                          IOCB_CMD_FSYNC,
        .aio_fildes = job_fd(job),
    };

    if (job->op != OP_FLUSH) {
        iocb.aio_buf = (uintptr_t)job->data;
        iocb.aio_nbytes = IO_BYTES;
        iocb.aio_offset = job->offset;
    }
    outcome_kernel(out, aio_run(&iocb));
}

void run_uring(const Job *job, Outcome *out)
{
    struct io_uring_sqe *sqe = uring_sqe();

    sqe->fd = job_fd(job);
    if (job->op == OP_FLUSH) {
        sqe->opcode = IORING_OP_FSYNC;
    } else {
        sqe->opcode = job->op == OP_READ ? IORING_OP_READ : IORING_OP_WRITE;
        sqe->addr = (uintptr_t)job->data;
        sqe->len = IO_BYTES;
        sqe->off = job->offset;
    }
    outcome_kernel(out, uring_run());
}

void run_flush(const Job *job, Outcome *out)
{
    outcome_libc(out, fsync(job_fd(job)));
}

void run_fdatasync(const Job *job, Outcome *out)
{
    outcome_libc(out, fdatasync(job_fd(job)));
}
