/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "batch": many commands at once by Linux AIO and io_uring, and single
 * ones by the system calls that wait.
 */
#include "batch.h"

#include <errno.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <linux/nvme_ioctl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define SQE_BYTES  128
#define CQE_BYTES  32
#define LBA_BYTES  512
#define WAIT_S     20           /* far longer than any of it takes */

/* NVM Command Set 1.0, ZNS 1.1: opcodes. */
#define OP_WRITE   0x01
#define OP_READ    0x02
#define OP_APPEND  0x7d

static aio_context_t context;

static struct {
    int fd;
    unsigned int *sq_tail, *sq_mask, *sq_array;
    unsigned int *cq_head, *cq_tail, *cq_mask;
    char *maps[3], *cqes;
    size_t sizes[3];
} ring;

static bool by_aio(const BatchCase *bc)
{
    return bc->path == INTERRUPT || bc->path == SCHEDULED ||
           bc->path == SOFTIRQ;
}

static bool aio_send(const BatchCase *bc, const Target *target,
                     const Transfer *t, unsigned i)
{
    struct iocb io = {
        .aio_data = i, .aio_fildes = target->fd,
        .aio_lio_opcode = bc->write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
        .aio_buf = (unsigned long)t->buffer, .aio_nbytes = BATCH_BYTES,
        .aio_offset = (long long)t->slba * LBA_BYTES,
    };
    struct iocb *list = &io;

    return syscall(SYS_io_submit, context, 1L, &list) == 1;
}

static const char *aio_reap(const BatchCase *bc, Transfer *t, unsigned *order)
{
    struct timespec wait = { .tv_sec = WAIT_S };
    struct io_event events[BATCH_MAX];
    long n = syscall(SYS_io_getevents, context, (long)bc->n, (long)bc->n,
                     events, &wait);

    if (n == (long)bc->n) {
        syscall(SYS_io_destroy, context);
    }
    for (long i = 0; i < n; i++) {
        order[i] = events[i].data;
        t[events[i].data].res = events[i].res;
    }
    return n == (long)bc->n ? NULL : "not all of them were completed";
}

static char *map(int i, size_t size, off_t what)
{
    ring.sizes[i] = size;
    ring.maps[i] = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_POPULATE, ring.fd, what);
    return ring.maps[i];
}

static bool ring_open(bool polls)
{
    struct io_uring_params p = {
        .flags = IORING_SETUP_SQE128 | IORING_SETUP_CQE32 |
                 (polls ? IORING_SETUP_IOPOLL : 0),
    };
    char *sq, *cq, *sqes;

    ring.fd = syscall(SYS_io_uring_setup, 64, &p);
    if (ring.fd < 0) {
        return false;
    }
    sq = map(0, p.sq_off.array + p.sq_entries * sizeof(unsigned int),
             IORING_OFF_SQ_RING);
    cq = map(1, p.cq_off.cqes + p.cq_entries * CQE_BYTES, IORING_OFF_CQ_RING);
    sqes = map(2, p.sq_entries * SQE_BYTES, IORING_OFF_SQES);
    if (sq == MAP_FAILED || cq == MAP_FAILED || sqes == MAP_FAILED) {
        return false;
    }
    ring.sq_tail = (unsigned int *)(sq + p.sq_off.tail);
    ring.sq_mask = (unsigned int *)(sq + p.sq_off.ring_mask);
    ring.sq_array = (unsigned int *)(sq + p.sq_off.array);
    ring.cq_head = (unsigned int *)(cq + p.cq_off.head);
    ring.cq_tail = (unsigned int *)(cq + p.cq_off.tail);
    ring.cq_mask = (unsigned int *)(cq + p.cq_off.ring_mask);
    ring.cqes = cq + p.cq_off.cqes;
    return true;
}

static void ring_close(void)
{
    for (int i = 0; i < 3; i++) {
        munmap(ring.maps[i], ring.sizes[i]);
    }
    close(ring.fd);
}

static void fill_command(const BatchCase *bc, const Target *target,
                         const Transfer *t, struct nvme_uring_cmd *cmd)
{
    cmd->opcode = bc->path == APPEND ? OP_APPEND :
                  bc->write ? OP_WRITE : OP_READ;
    cmd->nsid = target->nsid;
    cmd->addr = (unsigned long)t->buffer;
    cmd->data_len = BATCH_BYTES;
    cmd->cdw10 = (uint32_t)t->slba;
    cmd->cdw11 = (uint32_t)(t->slba >> 32);
    cmd->cdw12 = BATCH_BYTES / LBA_BYTES - 1;
}

static bool ring_send(const BatchCase *bc, const Target *target,
                      const Transfer *t, unsigned i)
{
    unsigned int index = *ring.sq_tail & *ring.sq_mask;
    struct io_uring_sqe *sqe = (void *)(ring.maps[2] + index * SQE_BYTES);

    memset(sqe, 0, SQE_BYTES);
    sqe->fd = target->fd;
    sqe->user_data = i;
    if (batch_is_pass(bc)) {
        sqe->opcode = IORING_OP_URING_CMD;
        sqe->cmd_op = NVME_URING_CMD_IO;
        fill_command(bc, target, t, (void *)sqe->cmd);
    } else {
        sqe->opcode = bc->write ? IORING_OP_WRITE : IORING_OP_READ;
        sqe->addr = (unsigned long)t->buffer;
        sqe->len = BATCH_BYTES;
        sqe->off = t->slba * LBA_BYTES;
    }
    ring.sq_array[index] = index;
    __atomic_store_n(ring.sq_tail, *ring.sq_tail + 1, __ATOMIC_RELEASE);
    /* without IORING_ENTER_GETEVENTS it does not look for completions */
    return syscall(SYS_io_uring_enter, ring.fd, 1, 0, 0, NULL, 0L) == 1;
}

static const char *ring_reap(const BatchCase *bc, Transfer *t,
                             unsigned *order)
{
    time_t until = time(NULL) + WAIT_S;

    for (unsigned n = 0; n < bc->n; n++) {
        unsigned int head = *ring.cq_head;
        struct io_uring_cqe *cqe = (void *)(ring.cqes +
                                            (head & *ring.cq_mask) *
                                            CQE_BYTES);

        while (head == __atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE)) {
            if (syscall(SYS_io_uring_enter, ring.fd, 0, 1,
                        IORING_ENTER_GETEVENTS, NULL, 0L) < 0 &&
                errno != EINTR) {
                return "io_uring_enter failed";
            }
            if (time(NULL) > until) {
                return "not all of them were completed";
            }
        }
        order[n] = cqe->user_data;
        t[order[n]].res = cqe->res;
        t[order[n]].result = cqe->big_cqe[0];
        __atomic_store_n(ring.cq_head, head + 1, __ATOMIC_RELEASE);
    }
    ring_close();
    return NULL;
}

const char *batch_begin(const BatchCase *bc)
{
    context = 0;
    if (by_aio(bc)) {
        return syscall(SYS_io_setup, BATCH_MAX, &context) ?
               "there is no Linux AIO" : NULL;
    }
    return ring_open(batch_is_polled(bc) || bc->path == NO_POLL) ? NULL :
           "there is no io_uring";
}

bool batch_send(const BatchCase *bc, const Target *target, const Transfer *t,
                unsigned i)
{
    return by_aio(bc) ? aio_send(bc, target, t, i) :
                        ring_send(bc, target, t, i);
}

const char *batch_reap(const BatchCase *bc, Transfer *t, unsigned *order)
{
    return by_aio(bc) ? aio_reap(bc, t, order) : ring_reap(bc, t, order);
}

static long long pass(const BatchCase *bc, const Target *target, Transfer *t)
{
    struct nvme_passthru_cmd cmd = {
        .opcode = bc->write ? OP_WRITE : OP_READ, .nsid = target->nsid,
        .addr = (unsigned long)t->buffer, .data_len = BATCH_BYTES,
        .cdw10 = (uint32_t)t->slba, .cdw12 = BATCH_BYTES / LBA_BYTES - 1,
    };

    return ioctl(target->fd, NVME_IOCTL_IO_CMD, &cmd);
}

void batch_single(const BatchCase *bc, const Target *target, Transfer *t)
{
    struct iovec iov = { .iov_base = t->buffer, .iov_len = BATCH_BYTES };
    off_t at = (off_t)t->slba * LBA_BYTES;
    long long n;

    if (bc->path == FLUSH) {
        n = fsync(target->fd);
    } else if (bc->path == IOCTL) {
        n = pass(bc, target, t);
    } else {
        int flags = bc->path == HIPRI ? RWF_HIPRI : 0;

        n = bc->write ? pwritev2(target->fd, &iov, 1, at, flags) :
                        preadv2(target->fd, &iov, 1, at, flags);
    }
    t->res = n < 0 ? -errno : n;
}
