/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linux AIO and io_uring by their system calls, one request at a time.
 */
#ifndef GUEST_ASYNC_H
#define GUEST_ASYNC_H

#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <stdbool.h>
#include <time.h>

/*
 * aio_run:
 * Submits @iocb and waits for it.  Returns its result, a byte count or a
 * negative errno.
 */
long long aio_run(struct iocb *iocb);

/* The same in two steps: false, if it was not submitted; false, if the one that
 * was is not complete within @wait.  The result goes to *@res. */
bool aio_submit(struct iocb *iocb);
bool aio_wait(const struct timespec *wait, long long *res);

/*
 * uring_ready:
 * Is there an io_uring with 128-byte SQEs and 32-byte CQEs (from 5.19)?  The
 * ring is set up by the first call.
 */
bool uring_ready(void);

/*
 * uring_sqe:
 * A zeroed SQE of 128 bytes to be filled in; uring_run() submits it, waits
 * and returns the res of its CQE, or a negative errno.
 */
struct io_uring_sqe *uring_sqe(void);
long long uring_run(void);

#endif
