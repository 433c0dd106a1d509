/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "timeout": what nvme_timeout() of drivers/nvme/host/pci.c makes of a
 * command that is late.  At the first timeout of an I/O command it looks for
 * a completion without an interrupt and, where there is none, sends an Abort
 * and waits once more; at the second, or for an admin command at the first,
 * it resets the controller.
 */
#include "timeout.h"

#define SECOND 1000000000LL

/* Never before io_timeout, 1 s, and up to a second later
 * (block/blk-timeout.c, blk_round_jiffies()); the rest of the upper bounds is
 * for machines that emulate and are busy. */
#define ONE_TIMEOUT     .min_ns = 1 * SECOND, .max_ns = 20 * SECOND
#define TWO_TIMEOUTS    .min_ns = 2 * SECOND, .max_ns = 40 * SECOND
#define AFTER(n)        .min_ns = (n) * SECOND, .max_ns = 40 * SECOND

/* Status of a completion, and of one that was retried after it.  7: Command
 * Abort Requested, 8: Command Aborted due to SQ Deletion, 881: 371h, Host
 * Aborted Command, with which the driver ends one by itself. */
#define FIRST(status)   "{\"status\":" #status ",\"retries\":0}"
#define RETRIED(status) FIRST(status) ",{\"status\":0,\"retries\":1}"

/* Lines of the log. */
#define ABORTING        "[\"QID 1 timeout, aborting\"]"
#define ABORT_STATUS(n) ",[\"Abort status: " n "\"]"
#define RESETTING       "[\"QID 1 timeout, reset controller\"]"
#define QUEUES          ",[\"1/0/0 default/read/poll queues\"]," \
                        "[\"bogus Namespace Identifiers\"]"

/* The Abort is counted by a rule that does nothing to it.  (What the trace has
 * of admin commands is not judged: a scan for namespaces goes on for a while
 * after a reset.) */
#define WATCH_ABORT     "\"opcode\":\"abort\",\"action\":\"none\""

#define DROP            "@,\"action\":\"drop\",\"times\":1"
#define DROP_ABORTED    DROP ",\"abort\":\"aborted\""
#define DROP_DEFIANT    DROP ",\"abort\":\"not-aborted\""

#define FROM_ABORT      "nvme_timeout,abort_endio,nvme_decide_disposition"
#define FROM_RESET      "nvme_timeout,nvme_dev_disable," \
                        "nvme_decide_disposition,nvme_setup_io_queues"

const char *const timeout_op_names[] = {
    [OP_PREAD] = "pread", [OP_PWRITE] = "pwrite", [OP_FSYNC] = "fsync",
    [OP_HELD] = "aio-read", [OP_IOCTL] = "ioctl-read",
    [OP_URING] = "uring-cmd-read", [OP_ADMIN] = "ioctl-get-features",
};

const TimeoutCase timeout_cases[] = {
    { "timeout/late-but-in-time", OP_PREAD,
      .rules = { "@,\"action\":\"none\",\"delay-ns\":300000000", WATCH_ABORT },
      .hits = 1, .completions = FIRST(0), .log = "",
      .min_ns = 300000000, .max_ns = 10 * SECOND, .value = IO_BYTES,
      .from = "nvme_complete_rq" },
    { "timeout/held-and-released-in-time", OP_HELD,
      .rules = { "@,\"action\":\"hold\",\"execute\":true", WATCH_ABORT },
      .hits = 1, .completions = FIRST(0), .log = "",
      .min_ns = 500000000, .max_ns = 10 * SECOND, .value = IO_BYTES,
      .from = "nvme_complete_rq" },

    { "timeout/read-aborted", OP_PREAD,
      .rules = { DROP_ABORTED, WATCH_ABORT },
      .hits = 2, .completions = RETRIED(7),
      .log = ABORTING ABORT_STATUS("0x0"), ONE_TIMEOUT, .value = IO_BYTES,
      .from = FROM_ABORT },
    { "timeout/write-aborted", OP_PWRITE,
      .rules = { DROP_ABORTED ",\"execute\":true", WATCH_ABORT },
      .hits = 2, .completions = RETRIED(7),
      .log = ABORTING ABORT_STATUS("0x0"), ONE_TIMEOUT, .value = IO_BYTES,
      .from = FROM_ABORT },
    { "timeout/flush-aborted", OP_FSYNC,
      .rules = { DROP_ABORTED, WATCH_ABORT },
      .hits = 2, .completions = RETRIED(7),
      .log = ABORTING ABORT_STATUS("0x0"), ONE_TIMEOUT, .value = 0,
      .from = FROM_ABORT },
    { "timeout/delayed-past-and-aborted", OP_PREAD,
      .rules = { "@,\"action\":\"none\",\"delay-ns\":60000000000,\"times\":1",
                 WATCH_ABORT },
      .hits = 2, .completions = RETRIED(7),
      .log = ABORTING ABORT_STATUS("0x0"), ONE_TIMEOUT, .value = IO_BYTES,
      .from = FROM_ABORT },
    { "timeout/held-past-and-aborted", OP_PREAD,
      .rules = { "@,\"action\":\"hold\",\"times\":1", WATCH_ABORT },
      .hits = 2, .completions = RETRIED(7),
      .log = ABORTING ABORT_STATUS("0x0"), ONE_TIMEOUT, .value = IO_BYTES,
      .from = FROM_ABORT },
    /* The answer comes while the retried read is on the drive. */
    { "timeout/abort-answered-late", OP_PREAD,
      .rules = { "@,\"action\":\"none\",\"delay-ns\":600000000",
                 DROP_ABORTED, WATCH_ABORT ",\"delay-ns\":300000000" },
      .hits = 3, .completions = RETRIED(7),
      .log = ABORTING ABORT_STATUS("0x0"), .min_ns = 1600000000,
      .max_ns = 20 * SECOND, .value = IO_BYTES, .from = FROM_ABORT },

    /* Delete I/O SQ ends what the device knows with a status of its own ... */
    { "timeout/not-aborted-then-reset", OP_PREAD,
      .rules = { DROP_DEFIANT, WATCH_ABORT },
      .hits = 2, .completions = RETRIED(8),
      .log = ABORTING ABORT_STATUS("0x0") "," RESETTING QUEUES,
      TWO_TIMEOUTS, .resets = true, .value = IO_BYTES, .from = FROM_RESET },
    { "timeout/write-not-aborted-then-reset", OP_PWRITE,
      .rules = { DROP_DEFIANT ",\"execute\":true", WATCH_ABORT },
      .hits = 2, .completions = RETRIED(8),
      .log = ABORTING ABORT_STATUS("0x0") "," RESETTING QUEUES,
      TWO_TIMEOUTS, .resets = true, .value = IO_BYTES, .from = FROM_RESET },
    /* ... what it does not know the driver cancels. */
    { "timeout/forgotten-then-reset", OP_PREAD,
      .rules = { DROP, WATCH_ABORT },
      .hits = 2, .completions = RETRIED(881),
      .log = ABORTING ABORT_STATUS("0x0") "," RESETTING QUEUES,
      TWO_TIMEOUTS, .resets = true, .value = IO_BYTES, .from = FROM_RESET },
    { "timeout/flush-forgotten-then-reset", OP_FSYNC,
      .rules = { DROP, WATCH_ABORT },
      .hits = 2, .completions = RETRIED(881),
      .log = ABORTING ABORT_STATUS("0x0") "," RESETTING QUEUES,
      TWO_TIMEOUTS, .resets = true, .value = 0, .from = FROM_RESET },
    { "timeout/abort-refused-then-reset", OP_PREAD,
      .rules = { DROP, "\"opcode\":\"abort\",\"action\":\"status\","
                 "\"status\":\"abort-command-limit-exceeded\"" },
      .hits = 2, .completions = RETRIED(881),
      .log = ABORTING ABORT_STATUS("0x103") "," RESETTING QUEUES,
      TWO_TIMEOUTS, .resets = true, .value = IO_BYTES, .from = FROM_RESET },
    { "timeout/abort-dropped-then-reset", OP_PREAD,
      .rules = { DROP, "\"opcode\":\"abort\",\"action\":\"drop\"" },
      .hits = 2, .completions = RETRIED(881),
      .log = ABORTING "," RESETTING ABORT_STATUS("0x371") QUEUES,
      TWO_TIMEOUTS, .resets = true, .value = IO_BYTES, .from = FROM_RESET },
    /* The Abort is late itself, and ends nothing before the reset does. */
    { "timeout/abort-late-then-reset", OP_PREAD,
      .rules = { DROP_ABORTED, "\"opcode\":\"abort\",\"action\":\"status\","
                 "\"status\":\"success\",\"delay-ns\":60000000000" },
      .hits = 2, .completions = RETRIED(8),
      .log = ABORTING "," RESETTING ABORT_STATUS("0x371") QUEUES,
      TWO_TIMEOUTS, .resets = true, .value = IO_BYTES, .from = FROM_RESET },

    { "timeout/interrupt-lost-then-polled", OP_PREAD,
      .rules = { "@,\"action\":\"interrupt\",\"interrupt\":\"lost\","
                 "\"times\":1", WATCH_ABORT },
      .hits = 1, .completions = FIRST(0),
      .log = "[\"QID 1 timeout, completion polled\"]", ONE_TIMEOUT,
      .value = IO_BYTES, .from = "nvme_timeout,nvme_poll_irqdisable" },
    { "timeout/admin-interrupt-lost-then-polled", OP_ADMIN, 1000,
      .rules = { "@,\"action\":\"interrupt\",\"interrupt\":\"lost\","
                 "\"times\":1" },
      .hits = 1, .completions = "",
      .log = "[\"QID 0 timeout, completion polled\"]", ONE_TIMEOUT,
      .value = 0, .from = "nvme_timeout,nvme_poll_irqdisable" },

    /* Commands handed to the driver are not retried, and have a timeout of
     * their own. */
    { "timeout/ioctl-aborted", OP_IOCTL,
      .rules = { DROP_ABORTED, WATCH_ABORT },
      .hits = 2, .completions = FIRST(7),
      .log = ABORTING ABORT_STATUS("0x0"), ONE_TIMEOUT, .value = 7,
      .from = "nvme_timeout,abort_endio,nvme_execute_rq" },
    { "timeout/ioctl-aborted-after-3s", OP_IOCTL, 3000,
      .rules = { DROP_ABORTED, WATCH_ABORT },
      .hits = 2, .completions = FIRST(7),
      .log = ABORTING ABORT_STATUS("0x0"), AFTER(3), .value = 7,
      .from = "nvme_timeout,abort_endio,nvme_execute_rq" },
    { "timeout/ioctl-waits-past-io-timeout", OP_IOCTL, 30000,
      .rules = { "@,\"action\":\"none\",\"delay-ns\":3000000000",
                 WATCH_ABORT },
      .hits = 1, .completions = FIRST(0), .log = "",
      AFTER(3), .value = 0, .from = "nvme_submit_user_cmd" },
    { "timeout/ioctl-cancelled-by-reset", OP_IOCTL,
      .rules = { DROP, WATCH_ABORT },
      .hits = 2, .completions = FIRST(881), .recovers = true,
      .log = ABORTING ABORT_STATUS("0x0") "," RESETTING QUEUES,
      TWO_TIMEOUTS, .resets = true, .value = -1,
      .from = "nvme_timeout,nvme_execute_rq" },
    { "timeout/uring-cmd-aborted-after-3s", OP_URING, 3000,
      .rules = { DROP_ABORTED, WATCH_ABORT },
      .hits = 2, .completions = FIRST(7),
      .log = ABORTING ABORT_STATUS("0x0"), AFTER(3), .value = 7,
      .from = "nvme_timeout,abort_endio,nvme_uring_cmd_end_io" },
    { "timeout/uring-cmd-waits-past-io-timeout", OP_URING, 30000,
      .rules = { "@,\"action\":\"none\",\"delay-ns\":3000000000",
                 WATCH_ABORT },
      .hits = 1, .completions = FIRST(0), .log = "",
      AFTER(3), .value = 0, .from = "nvme_uring_cmd_io" },
    { "timeout/uring-cmd-cancelled-by-reset", OP_URING,
      .rules = { DROP, WATCH_ABORT },
      .hits = 2, .completions = FIRST(881), .recovers = true,
      .log = ABORTING ABORT_STATUS("0x0") "," RESETTING QUEUES,
      TWO_TIMEOUTS, .resets = true, .value = -1,
      .from = "nvme_timeout,nvme_uring_cmd_end_io" },

    /* An admin command is not aborted. */
    { "timeout/admin-lost-then-reset", OP_ADMIN, 1000,
      .rules = { DROP, WATCH_ABORT },
      .hits = 1, .completions = "", .resets = true, .recovers = true,
      .log = "[\"QID 0 timeout, reset controller\"]" QUEUES, ONE_TIMEOUT,
      .value = -1, .from = "nvme_timeout,nvme_execute_rq" },
    { 0 },
};
