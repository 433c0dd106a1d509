/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "timeout": what the driver does when a completion does not come in
 * time, what became of the command, and when.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "lib/async.h"
#include "timeout.h"

/* How long a held command waits for its release: below io_timeout. */
#define HOLD_NS 500000000

/* How long the controller may take to come back, in ms. */
#define WAIT_MS 20000

/* Of the disk, in ms: where a timeout is wanted, and where a machine that is
 * stopped for a second must not get one. */
#define SHORT_TIMEOUT 1000
#define LONG_TIMEOUT 30000

#define ABORTED "Abort status: "
#define SCANNED "bogus Namespace Identifiers"

static int kmsg = -1;
static char data[IO_BYTES] __attribute__((aligned(IO_BYTES)));

static int load(Suite *suite)
{
    size_t i;

    for (i = 0; timeout_cases[i].name; i++) {
        suite_add(suite, strdup(timeout_cases[i].name),
                  (void *)&timeout_cases[i])->alone = true;
    }
    return 0;
}

/* What "@" in a rule stands for: the command of the case. */
static void add_match(const Suite *suite, const TimeoutCase *tc, Buf *buf)
{
    switch (tc->op) {
    case OP_ADMIN:
        buf_puts(buf, "\"opcode\":\"get-features\",\"fid\":4");
        break;
    case OP_FSYNC:
        buf_puts(buf, "\"opcode\":\"flush\"");
        break;
    case OP_PREAD:
    case OP_PWRITE:
    case OP_HELD:
    case OP_IOCTL:
    case OP_URING:
        buf_printf(buf, "\"opcode\":\"%s\",\"slba\":%u",
                   tc->op == OP_PWRITE ? "write" : "read",
                   FIRST_BYTE / suite->disk.lba_bytes);
        break;
    }
}

static void rules(Suite *suite, const Case *c, Buf *buf)
{
    const TimeoutCase *tc = c->data;
    unsigned int n;

    for (n = 0; n < MAX_RULES && tc->rules[n]; n++) {
        const char *rule = tc->rules[n];

        buf_json_sep(buf);
        buf_printf(buf, "{\"id\":\"c%u.%u\",", c->ordinal, n);
        if (rule[0] == '@') {
            add_match(suite, tc, buf);
            rule++;
        }
        buf_printf(buf, "%s}", rule);
    }
}

static void fill(const Suite *suite, const TimeoutCase *tc,
                 struct nvme_passthru_cmd64 *cmd)
{
    unsigned int slba = FIRST_BYTE / suite->disk.lba_bytes;

    *cmd = (struct nvme_passthru_cmd64) {
        .opcode = 0x02, .nsid = suite->disk.nsid, .cdw10 = slba,
        .cdw12 = IO_BYTES / suite->disk.lba_bytes - 1,      /* 0's based */
        .addr = (unsigned long)data, .data_len = IO_BYTES,
        .timeout_ms = tc->timeout_ms,
    };
}

static long long run_ioctl(const Suite *suite, const TimeoutCase *tc)
{
    struct nvme_passthru_cmd64 cmd;
    int ret;

    fill(suite, tc, &cmd);
    ret = ioctl(suite->disk.fd, NVME_IOCTL_IO64_CMD, &cmd);
    return ret < 0 ? -errno : ret;
}

/* Get Features, Temperature Threshold (04h). */
static long long run_admin(const Suite *suite, const TimeoutCase *tc)
{
    struct nvme_passthru_cmd cmd = {
        .opcode = 0x0a, .cdw10 = 4, .timeout_ms = tc->timeout_ms,
    };
    int ret = ioctl(suite->disk.fd, NVME_IOCTL_ADMIN_CMD, &cmd);

    return ret < 0 ? -errno : ret;
}

static long long run_uring(const Suite *suite, const TimeoutCase *tc)
{
    struct io_uring_sqe *sqe = uring_sqe();
    struct nvme_passthru_cmd64 cmd64;
    struct nvme_uring_cmd cmd;

    fill(suite, tc, &cmd64);
    cmd = (struct nvme_uring_cmd) {
        .opcode = cmd64.opcode, .nsid = cmd64.nsid, .cdw10 = cmd64.cdw10,
        .cdw12 = cmd64.cdw12, .addr = cmd64.addr,
        .data_len = cmd64.data_len, .timeout_ms = cmd64.timeout_ms,
    };
    sqe->opcode = IORING_OP_URING_CMD;
    sqe->fd = suite->disk.ng_fd;
    sqe->cmd_op = NVME_URING_CMD_IO;
    memcpy(sqe->cmd, &cmd, sizeof(cmd));
    return uring_run();
}

/* A read that the device holds until it is told to let go. */
static long long run_held(Suite *suite)
{
    struct timespec wait = { .tv_nsec = HOLD_NS };
    struct iocb io = {
        .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = suite->disk.fd,
        .aio_buf = (unsigned long)data, .aio_nbytes = IO_BYTES,
        .aio_offset = FIRST_BYTE,
    };
    long long res;

    if (!aio_submit(&io) || aio_wait(&wait, &res) ||
        !suite_request(suite, "nvme-fi-release", "{\"device\":\"nvme0\"}",
                       NULL)) {
        return -EPROTO;
    }
    wait.tv_sec = 30;
    return aio_wait(&wait, &res) ? res : -ETIME;
}

static long long carry_out(Suite *suite, const TimeoutCase *tc)
{
    long long ret;

    switch (tc->op) {
    case OP_PREAD:
        ret = pread(suite->disk.fd, data, IO_BYTES, FIRST_BYTE);
        break;
    case OP_PWRITE:
        ret = pwrite(suite->disk.fd, data, IO_BYTES, FIRST_BYTE);
        break;
    case OP_FSYNC:
        ret = fsync(suite->disk.fd);
        break;
    case OP_HELD:
        return run_held(suite);
    case OP_IOCTL:
        return run_ioctl(suite, tc);
    case OP_URING:
        return run_uring(suite, tc);
    case OP_ADMIN:
        return run_admin(suite, tc);
    default:
        return -EINVAL;
    }
    return ret < 0 ? -errno : ret;
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const TimeoutCase *tc = c->data;

    kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    lseek(kmsg, 0, SEEK_END);
    if (!disk_set_timeout(suite->disk.name, tc->log[0] ? SHORT_TIMEOUT :
                          LONG_TIMEOUT)) {
        out->skip = "the disk's io_timeout cannot be set";
    }
    if (tc->op == OP_URING && (!uring_ready() || suite->disk.ng_fd < 0)) {
        out->skip = "no io_uring with commands, or no /dev/ng0n1";
    }
}

/* Waits for a line with @text; what comes before it is gone then. */
static bool wait_logged(const char *text)
{
    struct pollfd pfd = { .fd = kmsg, .events = POLLIN };
    char line[1024];
    ssize_t n;

    while (poll(&pfd, 1, WAIT_MS) > 0) {
        n = read(kmsg, line, sizeof(line) - 1);
        line[n > 0 ? n : 0] = '\0';
        if (strstr(line, text)) {
            return true;
        }
    }
    return false;
}

/*
 * What goes on when the command has long been answered, in this order: the
 * completion of the Abort itself (abort_endio()), and the scan of the
 * namespaces that follows a reset (nvme_start_ctrl()). Neither tells a program
 * that it is over, but each logs a line, the scan for the quirk of QEMU's
 * drives (nvme_ns_info_from_identify()).
 */
static void settle(const TimeoutCase *tc, Outcome *out)
{
    if (strstr(tc->log, ABORTED)) {
        buf_json_bool(&out->observed, "abort-ended", wait_logged(ABORTED));
    }
    if (tc->resets) {
        buf_json_bool(&out->observed, "scanned", wait_logged(SCANNED));
    }
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const TimeoutCase *tc = c->data;
    long long ret = carry_out(suite, tc);

    out->value = ret < 0 ? -1 : ret;
    out->error = ret < 0 ? -ret : 0;
    /* queue recovery: the controller is back, and reads again */
    buf_json_bool(&out->observed, "live",
                  ctrl_wait_state("nvme0", "live", WAIT_MS));
    settle(tc, out);
    if (tc->recovers) {
        buf_json_int(&out->observed, "next",
                     pread(suite->disk.fd, data, IO_BYTES, 0));
    }
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)c, (void)out;
    close(kmsg);
}

/* The completion of the read that shows that the queue is back. */
#define NEXT "{\"status\":0,\"retries\":0}"

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    const TimeoutCase *tc = c->data;

    (void)suite, (void)out;
    buf_json_key(record, "stimulus");
    buf_printf(record, "{\"op\":\"%s\",\"timeout_ms\":%u}",
               timeout_op_names[tc->op], tc->timeout_ms);
    buf_json_key(record, "from");
    buf_printf(record, "\"%s\"", tc->from);
    buf_json_key(record, "expected");
    buf_printf(record, "{\"device\":{\"hits\":%d},\"driver\":{"
               "\"completions\":[%s%s]},\"log\":[%s],\"elapsed_ns\":{"
               "\"min\":%lld,\"max\":%lld},\"result\":{\"value\":%lld,"
               "\"errno\":", tc->hits, tc->completions,
               !tc->recovers ? "" : tc->completions[0] ? "," NEXT : NEXT,
               tc->log, tc->min_ns, tc->max_ns, tc->value);
    if (tc->value < 0) {
        buf_puts(record, "\"EINTR\"");
    } else {
        buf_puts(record, "null");
    }
    buf_puts(record, ",\"observed\":{\"live\":true");
    if (strstr(tc->log, ABORTED)) {
        buf_puts(record, ",\"abort-ended\":true");
    }
    if (tc->resets) {
        buf_puts(record, ",\"scanned\":true");
    }
    if (tc->recovers) {
        buf_printf(record, ",\"next\":%d", IO_BYTES);
    }
    buf_puts(record, "}}}");
}

static const SuiteClass timeout_class = {
    .name = "timeout",
    .machine = "{\"kernel\":\"nvme_core.multipath=N nvme_core.io_timeout=1\","
               "\"timeout\":90}",
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

int main(int argc, char **argv)
{
    return suite_main(&timeout_class, argc, argv);
}
