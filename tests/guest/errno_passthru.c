/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "errno": NVMe commands handed to the driver as they are, by ioctl and
 * by io_uring.
 */
#include <linux/nvme_ioctl.h>
#include <string.h>
#include <sys/ioctl.h>

#include "suite_errno.h"
#include "lib/async.h"

/* One DSM range (NVM Command Set 1.0, figure 43). */
typedef struct DsmRange {
    uint32_t attributes, nlb;
    uint64_t slba;
} DsmRange;

/* linux/nvme_ioctl.h has the same layout under two names. */
static void command_fill(const Job *job, struct nvme_passthru_cmd64 *cmd)
{
    cmd->opcode = op_code(job->op);
    cmd->nsid = job->disk->nsid;
    if (job->op == OP_DISCARD) {
        DsmRange range = { .nlb = job->nlb, .slba = job->slba };

        memcpy(job->data, &range, sizeof(range));
        cmd->addr = (uintptr_t)job->data;
        cmd->data_len = sizeof(range);
        cmd->cdw11 = 1 << 2;            /* AD: deallocate; one range */
        return;
    }
    if (job->op == OP_FLUSH) {
        return;
    }
    cmd->cdw10 = job->slba;
    cmd->cdw11 = job->slba >> 32;
    cmd->cdw12 = job->nlb - 1;          /* 0's based */
    if (job->op == OP_READ || job->op == OP_WRITE || job->op == OP_COMPARE) {
        cmd->addr = (uintptr_t)job->data;
        cmd->data_len = IO_BYTES;
    }
}

void run_ioctl(const Job *job, Outcome *out)
{
    struct nvme_passthru_cmd64 cmd64 = { 0 };
    struct nvme_passthru_cmd cmd = { 0 };

    command_fill(job, &cmd64);
    cmd.opcode = cmd64.opcode;
    cmd.nsid = cmd64.nsid;
    cmd.addr = cmd64.addr;
    cmd.data_len = cmd64.data_len;
    cmd.cdw10 = cmd64.cdw10;
    cmd.cdw11 = cmd64.cdw11;
    cmd.cdw12 = cmd64.cdw12;
    outcome_libc(out, ioctl(job->disk->fd, NVME_IOCTL_IO_CMD, &cmd));
}

void run_uring_cmd(const Job *job, Outcome *out)
{
    struct nvme_passthru_cmd64 cmd64 = { 0 };
    struct nvme_uring_cmd cmd = { 0 };
    struct io_uring_sqe *sqe = uring_sqe();

    command_fill(job, &cmd64);
    cmd.opcode = cmd64.opcode;
    cmd.nsid = cmd64.nsid;
    cmd.addr = cmd64.addr;
    cmd.data_len = cmd64.data_len;
    cmd.cdw10 = cmd64.cdw10;
    cmd.cdw11 = cmd64.cdw11;
    cmd.cdw12 = cmd64.cdw12;
    sqe->opcode = IORING_OP_URING_CMD;
    sqe->fd = job->disk->ng_fd;
    sqe->cmd_op = NVME_URING_CMD_IO;
    memcpy(sqe->cmd, &cmd, sizeof(cmd));
    outcome_kernel(out, uring_run());
}
