/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "disposition": the drives, and I/O on them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "disposition.h"
#include "lib/async.h"

#define LBA_BYTES 512
#define WAIT_MS 20000
/* An I/O that has not come back by then waits for a path. */
#define WAITS_MS 300
/* How far apart reads are that must not become one command. */
#define STRIDE 65536
/* The rest of a case's place on the drive. */
#define PLACE (2 * MANY * STRIDE)

#define OPCODE_READ 0x02

static const char *const ids[] = {
    [DRIVE_FLAT] = "nvme0", [DRIVE_PAIR] = "nvme1", [DRIVE_LONE] = "nvme3",
};

static int fds[DRIVES] = { -1, -1, -1 };
static char data[MANY][IO_BYTES] __attribute__((aligned(IO_BYTES)));
static struct iocb iocbs[MANY];
static aio_context_t context;

long long case_offset(const Case *c)
{
    return (1 + c->ordinal) * (long long)PLACE;
}

static bool drive_there(void *opaque)
{
    char path[40], disk[40], node[60];
    const Drive *drive = opaque;

    if (!controller_disk(ids[*drive], path, disk)) {
        return false;
    }
    snprintf(node, sizeof(node), "/dev/%s", disk);
    return !access(node, R_OK | W_OK);
}

/* With one, failed passthrough requests end another way. */
static void no_scheduler(const char *id, const char *path)
{
    char file[120];

    snprintf(file, sizeof(file), "/sys/class/nvme/%s/%s/queue/scheduler",
             controller(id), path);
    write_line(file, "none");
}

static int open_node(Drive drive, const char *prefix, int flags)
{
    char path[40], disk[40], node[60];

    if (!wait_for(drive_there, &drive, WAIT_MS) ||
        !controller_disk(ids[drive], path, disk)) {
        return -1;
    }
    no_scheduler(ids[drive], path);
    snprintf(node, sizeof(node), "/dev/%s%s", prefix,
             disk + (*prefix ? strlen("nvme") : 0));
    return open(node, flags | O_CLOEXEC);
}

int drive_fd(Drive drive)
{
    if (fds[drive] < 0) {
        fds[drive] = open_node(drive, "", O_RDWR | O_DIRECT);
    }
    return fds[drive];
}

void drive_close(Drive drive)
{
    if (fds[drive] >= 0) {
        close(fds[drive]);
    }
    fds[drive] = -1;
}

static struct nvme_passthru_cmd64 read_command(long long offset)
{
    return (struct nvme_passthru_cmd64) {
        .opcode = OPCODE_READ, .nsid = 1, .cdw10 = offset / LBA_BYTES,
        .cdw12 = IO_BYTES / LBA_BYTES - 1,      /* 0's based */
        .addr = (unsigned long)data, .data_len = IO_BYTES,
    };
}

static long long do_ioctl(Drive drive, long long offset)
{
    struct nvme_passthru_cmd64 cmd = read_command(offset);
    int ret = ioctl(drive_fd(drive), NVME_IOCTL_IO64_CMD, &cmd);

    return ret < 0 ? -errno : ret;
}

static long long do_uring(Drive drive, long long offset)
{
    struct nvme_passthru_cmd64 from = read_command(offset);
    int fd = open_node(drive, "ng", O_RDWR);
    struct io_uring_sqe *sqe;
    struct nvme_uring_cmd cmd = {
        .opcode = from.opcode, .nsid = from.nsid, .cdw10 = from.cdw10,
        .cdw12 = from.cdw12, .addr = from.addr, .data_len = from.data_len,
    };
    long long ret;

    if (fd < 0 || !uring_ready()) {
        return -ENOSYS;
    }
    sqe = uring_sqe();
    sqe->opcode = IORING_OP_URING_CMD;
    sqe->fd = fd;
    sqe->cmd_op = NVME_URING_CMD_IO;
    memcpy(sqe->cmd, &cmd, sizeof(cmd));
    ret = uring_run();
    close(fd);
    return ret;
}

/* mpage_readahead() asks with REQ_RAHEAD, blkdev_read_folio() without. */
static long long do_readahead(Drive drive, long long offset)
{
    int fd = open_node(drive, "", O_RDONLY);
    long long ret = -1;

    if (fd >= 0) {
        posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
        posix_fadvise(fd, offset, IO_BYTES, POSIX_FADV_WILLNEED);
        ret = pread(fd, data, IO_BYTES, offset);
    }
    ret = ret < 0 ? -errno : ret;
    close(fd);
    return ret;
}

bool reads_begin(Drive drive, long long offset, unsigned int count)
{
    struct iocb *list[MANY];
    unsigned int i;

    if (!context && syscall(SYS_io_setup, 2 * MANY, &context)) {
        return false;
    }
    for (i = 0; i < count; i++) {
        iocbs[i] = (struct iocb) {
            .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = drive_fd(drive),
            .aio_buf = (unsigned long)data[i], .aio_nbytes = IO_BYTES,
            .aio_offset = offset + (long long)i * STRIDE,
        };
        list[i] = &iocbs[i];
    }
    return syscall(SYS_io_submit, context, (long)count, list) == (long)count;
}

unsigned int reads_end(unsigned int count, int timeout_ms, int *error)
{
    struct timespec wait = { timeout_ms / 1000, timeout_ms % 1000 * 1000000 };
    struct io_event event;
    unsigned int n;

    *error = 0;
    for (n = 0; n < count; n++) {
        if (syscall(SYS_io_getevents, context, 1L, 1L, &event, &wait) != 1) {
            break;
        }
        if ((long long)event.res < 0) {
            *error = -(int)event.res;
        }
    }
    return n;
}

/* When the first and the last of them came back. */
static long long do_many(const DispositionCase *dc, long long offset,
                         Outcome *out)
{
    long long start = suite_now_ns();
    int first, rest;

    if (!reads_begin(dc->drive, offset, MANY) ||
        reads_end(1, WAIT_MS, &first) != 1) {
        return -ETIME;
    }
    buf_json_int(&out->observed, "first-ms",
                 (suite_now_ns() - start) / 1000000);
    if (reads_end(MANY - 1, WAIT_MS, &rest) != MANY - 1) {
        return -ETIME;
    }
    return first || rest ? -(first ? first : rest) : IO_BYTES;
}

/* Both are under way; which came back when. */
static long long do_mixed(const DispositionCase *dc, long long offset,
                          Outcome *out)
{
    long long start = suite_now_ns();
    int first, second;

    if (!reads_begin(dc->drive, offset, 2) ||
        reads_end(1, WAIT_MS, &first) != 1) {
        return -ETIME;
    }
    buf_json_int(&out->observed, "first-ms",
                 (suite_now_ns() - start) / 1000000);
    if (reads_end(1, WAIT_MS, &second) != 1) {
        return -ETIME;
    }
    buf_json_int(&out->observed, "last-ms",
                 (suite_now_ns() - start) / 1000000);
    return first || second ? -EIO : IO_BYTES;
}

static long long do_reads(Drive drive, long long offset, int count)
{
    long long ret = 0;

    while (count-- > 0 && ret >= 0) {
        ret = pread(drive_fd(drive), data, IO_BYTES, offset);
        ret = ret < 0 ? -errno : ret;
    }
    return ret;
}

void do_op(const Case *c, Outcome *out)
{
    const DispositionCase *dc = c->data;
    long long offset = case_offset(c), ret = -EINVAL;

    switch (dc->op) {
    case OP_READ:
        ret = do_reads(dc->drive, offset, 1);
        break;
    case OP_EIGHT_READS:
        ret = do_reads(dc->drive, offset, 8);
        break;
    case OP_WRITE:
        ret = pwrite(drive_fd(dc->drive), data, IO_BYTES, offset);
        ret = ret < 0 ? -errno : ret;
        break;
    case OP_FSYNC:
        ret = fsync(drive_fd(dc->drive)) ? -errno : 0;
        break;
    case OP_MANY:
        ret = do_many(dc, offset, out);
        break;
    case OP_MIXED:
        ret = do_mixed(dc, offset, out);
        break;
    case OP_READAHEAD:
        ret = do_readahead(dc->drive, offset);
        break;
    case OP_IOCTL:
        ret = do_ioctl(dc->drive, offset);
        break;
    case OP_URING:
        ret = do_uring(dc->drive, offset);
        break;
    case OP_OWN:
        break;
    }
    out->value = ret < 0 ? -1 : ret;
    out->error = ret < 0 ? -ret : 0;
}

void finish_reads(unsigned int count, Outcome *out)
{
    int error = 0;
    unsigned int n = reads_end(count, WAIT_MS, &error);

    out->error = n < count ? ETIME : error;
    out->value = out->error ? -1 : IO_BYTES;
}

/* Starts reads and finds that they wait. */
void start_waiting(const Case *c, unsigned int count, Outcome *out)
{
    const DispositionCase *dc = c->data;
    int error;

    buf_json_bool(&out->observed, "waits",
                  reads_begin(dc->drive, case_offset(c), count) &&
                  reads_end(1, WAITS_MS, &error) == 0);
}
