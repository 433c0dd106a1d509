/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linux AIO and io_uring by their system calls, one request at a time.
 */
#include "async.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RING_ENTRIES 4
#define SQE_BYTES    128

static aio_context_t context;

bool aio_submit(struct iocb *iocb)
{
    struct iocb *list[1] = { iocb };

    if (!context && syscall(SYS_io_setup, RING_ENTRIES, &context)) {
        return false;
    }
    return syscall(SYS_io_submit, context, 1L, list) == 1;
}

bool aio_wait(const struct timespec *wait, long long *res)
{
    struct io_event event;

    if (syscall(SYS_io_getevents, context, 1L, 1L, &event, wait) != 1) {
        return false;
    }
    *res = event.res;
    return true;
}

long long aio_run(struct iocb *iocb)
{
    long long res;

    return aio_submit(iocb) && aio_wait(NULL, &res) ? res : -errno;
}

static struct {
    int fd;                             /* 0: not tried, -1: there is none */
    unsigned int *sq_tail, *sq_mask, *sq_array;
    unsigned int *cq_head, *cq_tail, *cq_mask;
    char *sqes, *cqes;
    char *next;                         /* the SQE handed out */
} ring;

static bool uring_map(const struct io_uring_params *p)
{
    size_t sq_bytes = p->sq_off.array + p->sq_entries * sizeof(unsigned int);
    size_t cq_bytes = p->cq_off.cqes + p->cq_entries * 2 *
                      sizeof(struct io_uring_cqe);
    char *sq, *cq;

    sq = mmap(NULL, sq_bytes, PROT_READ | PROT_WRITE,
              MAP_SHARED | MAP_POPULATE, ring.fd, IORING_OFF_SQ_RING);
    cq = mmap(NULL, cq_bytes, PROT_READ | PROT_WRITE,
              MAP_SHARED | MAP_POPULATE, ring.fd, IORING_OFF_CQ_RING);
    ring.sqes = mmap(NULL, p->sq_entries * SQE_BYTES, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_POPULATE, ring.fd, IORING_OFF_SQES);
    if (sq == MAP_FAILED || cq == MAP_FAILED || ring.sqes == MAP_FAILED) {
        return false;
    }
    ring.sq_tail = (unsigned int *)(sq + p->sq_off.tail);
    ring.sq_mask = (unsigned int *)(sq + p->sq_off.ring_mask);
    ring.sq_array = (unsigned int *)(sq + p->sq_off.array);
    ring.cq_head = (unsigned int *)(cq + p->cq_off.head);
    ring.cq_tail = (unsigned int *)(cq + p->cq_off.tail);
    ring.cq_mask = (unsigned int *)(cq + p->cq_off.ring_mask);
    ring.cqes = cq + p->cq_off.cqes;
    return true;
}

bool uring_ready(void)
{
    struct io_uring_params params = {
        .flags = IORING_SETUP_SQE128 | IORING_SETUP_CQE32,
    };

    if (!ring.fd) {
        ring.fd = syscall(SYS_io_uring_setup, RING_ENTRIES, &params);
        if (ring.fd < 0 || !uring_map(&params)) {
            ring.fd = -1;
        }
    }
    return ring.fd > 0;
}

struct io_uring_sqe *uring_sqe(void)
{
    unsigned int index = *ring.sq_tail & *ring.sq_mask;

    ring.sq_array[index] = index;
    ring.next = ring.sqes + index * SQE_BYTES;
    memset(ring.next, 0, SQE_BYTES);
    return (struct io_uring_sqe *)ring.next;
}

long long uring_run(void)
{
    struct io_uring_cqe *cqe;
    unsigned int head;
    long long res;
    long n;

    __atomic_store_n(ring.sq_tail, *ring.sq_tail + 1, __ATOMIC_RELEASE);
    do {
        n = syscall(SYS_io_uring_enter, ring.fd, 1, 1,
                    IORING_ENTER_GETEVENTS, NULL, 0L);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return -errno;
    }
    head = *ring.cq_head;
    if (head == __atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE)) {
        return -ETIME;
    }
    cqe = (struct io_uring_cqe *)(ring.cqes + (head & *ring.cq_mask) * 2 *
                                  sizeof(*cqe));
    res = cqe->res;
    __atomic_store_n(ring.cq_head, head + 1, __ATOMIC_RELEASE);
    return res;
}
