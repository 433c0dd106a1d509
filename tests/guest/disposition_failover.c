/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "disposition": commands that take another path, or the same again.
 * nvme_is_path_error() is true for SCT 3h; nvme_failover_req() gives the I/O
 * back to the multipath disk, which looks for a path in the order in which
 * they were found.  nvme1 comes first.
 */
#include "disposition.h"

#define WATCH_3         "3 @,\"action\":\"none\""
#define FAIL(status, more) \
    " @,\"action\":\"status\",\"status\":\"" status "\"" more
#define ONCE            ",\"times\":1"
#define DNR             ",\"dnr\":true"
/* Its end waits for that of the operation. */
#define ANA_LOG         " \"opcode\":\"get-log-page\",\"lid\":12," \
                        "\"action\":\"hold\",\"execute\":true,\"times\":1"

#define DECIDE          "nvme_complete_rq,nvme_decide_disposition," \
                        "nvme_is_path_error"
#define FAILOVER        DECIDE ",nvme_failover_req,nvme_requeue_work," \
                        "nvme_ns_head_submit_bio,nvme_find_path"
#define ANA             FAILOVER ",nvme_is_ana_error,nvme_ana_work"
#define FLUSH           FAILOVER ",blk_kick_flush,blk_steal_bios," \
                        "flush_end_io"
#define FLUSH_LOST      "nvme_retry_req=0 nvme_failover_req=1 " \
                        "nvme_ns_head_submit_bio=1"
#define NOT_AGAIN       "nvme_retry_req=0 nvme_failover_req=0 "
#define ONE_FAILOVER    "nvme_retry_req=0 nvme_failover_req=1 " \
                        "nvme_requeue_work>=1 nvme_ns_head_submit_bio=2 "

#define SAME_PATH(n)    "nvme_retry_req=0 nvme_failover_req=" #n \
                        " nvme_requeue_work>=1 nvme_ns_head_submit_bio>=1 "

/* nvme2 has its turn, and fails. */
#define OTHER_PATH(number) \
    { "failover-" #number, DRIVE_PAIR, OP_READ, \
      { WATCH_1, WATCH_2, "2" FAIL("0x" #number, ONCE) }, \
      .policy = "round-robin", .status = 0x##number, .fails = 1, \
      .failover = true, .functions = ONE_FAILOVER "nvme_ana_work=0", \
      .observed = PATHS(0, 1, 1, 0), .from = FAILOVER }
/* The kernel reads the ANA log page again, as the path is alive. */
#define OTHER_PATH_ANA(number) \
    { "failover-" #number, DRIVE_PAIR, OP_READ, \
      { WATCH_1, WATCH_2, "2" FAIL("0x" #number, ONCE), "2" ANA_LOG }, \
      .policy = "round-robin", .status = 0x##number, .fails = 1, \
      .failover = true, .hits = "3", \
      .functions = ONE_FAILOVER "nvme_ana_work>=1", \
      .observed = PATHS(0, 1, 1, 0) ",\"log-read\":true", .from = ANA }
/* Until it was read, the first path is not used. */
#define FIRST_PATH_ANA(number) \
    { "failover-first-path-" #number, DRIVE_PAIR, OP_READ, \
      { WATCH_1, WATCH_2, "1" FAIL("0x" #number, ONCE), "1" ANA_LOG }, \
      .status = 0x##number, .fails = 1, .failover = true, .hits = "3", \
      .functions = ONE_FAILOVER "nvme_ana_work>=1", \
      .observed = PATHS(1, 0, 0, 1) ",\"log-read\":true", .from = ANA }
/* Another error than those of ANA does not end the use of the first path. */
#define FIRST_PATH(number) \
    { "failover-to-the-same-path-" #number, DRIVE_PAIR, OP_READ, \
      { WATCH_1, WATCH_2, "1" FAIL("0x" #number, ",\"times\":20") }, \
      .status = 0x##number, .fails = 20, .failover = true, \
      .functions = SAME_PATH(20) "nvme_ana_work=0", \
      .observed = PATHS(20, 1, 0, 0), .finding = "path-error-same-path", \
      .from = FAILOVER }
#define PATH_DNR(number, name) \
    { "failover-not-with-dnr-" #number, DRIVE_PAIR, OP_READ, \
      { WATCH_1, WATCH_2, "1" FAIL("0x" #number, DNR) }, \
      .status = 0x##number | 0x4000, .fails = 1, .fatal = true, \
      .error = name, .functions = NOT_AGAIN "nvme_ns_head_submit_bio=1", \
      .observed = PATHS(1, 0, 0, 0), .from = DECIDE }

const DispositionCase failover_cases[] = {
    OTHER_PATH(300), OTHER_PATH(304), OTHER_PATH(360), OTHER_PATH(370),
    OTHER_PATH(371), OTHER_PATH(37f), OTHER_PATH(3c0), OTHER_PATH(3ff),
    OTHER_PATH_ANA(301), OTHER_PATH_ANA(302), OTHER_PATH_ANA(303),
    FIRST_PATH_ANA(301), FIRST_PATH_ANA(302), FIRST_PATH_ANA(303),
    FIRST_PATH(300), FIRST_PATH(360), FIRST_PATH(370), FIRST_PATH(371),
    FIRST_PATH(3c0),
    PATH_DNR(300, "EIO"), PATH_DNR(301, "EIO"), PATH_DNR(302, "EIO"),
    PATH_DNR(303, "EIO"), PATH_DNR(360, "EIO"), PATH_DNR(370, "ENOLINK"),
    PATH_DNR(371, "EIO"), PATH_DNR(3c0, "EIO"),

    { "failover-write", DRIVE_PAIR, OP_WRITE,
      { WATCH_1, WATCH_2, "2" FAIL("0x300", ONCE) },
      .policy = "round-robin", .status = 0x300, .fails = 1,
      .failover = true, .functions = ONE_FAILOVER,
      .observed = PATHS(0, 1, 1, 0), .from = FAILOVER },
    { "failover-many", DRIVE_PAIR, OP_MANY,
      { WATCH_1, WATCH_2, "2" FAIL("0x300", ",\"times\":4") },
      .policy = "round-robin", .status = 0x300, .hits = "12",
      .functions = "nvme_retry_req=0 nvme_failover_req=4 "
                   "nvme_ns_head_submit_bio=12",
      .observed = "\"nvme1-failed\":0,\"nvme2-failed\":4",
      .from = FAILOVER },
    { "failover-many-ana", DRIVE_PAIR, OP_MANY,
      { WATCH_1, WATCH_2, "1" FAIL("0x302", ",\"times\":8"),
        "1" ANA_LOG },
      .status = 0x302, .hits = "17",
      .functions = "nvme_retry_req=0 nvme_failover_req=8 "
                   "nvme_ns_head_submit_bio=16 nvme_ana_work>=1",
      .observed = PATHS(8, 0, 0, 8) ",\"log-read\":true", .from = ANA },

    /*
     * A flush is a request of the block layer's own (blk_kick_flush()), which
     * has no bio: there is nothing to take another path, and it ends with
     * success although no path has done it.
     */
    { "failover-flush-lost", DRIVE_PAIR, OP_FSYNC,
      { WATCH_1, WATCH_2, "2" FAIL("0x300", ONCE) },
      .policy = "round-robin", .status = 0x300, .fails = 1, .hits = "1",
      .completions = "{\"status\":768,\"retries\":0}",
      .functions = FLUSH_LOST, .observed = PATHS(0, 0, 1, 0),
      .finding = "flush-lost-in-failover", .from = FLUSH },
    { "failover-flush-lost-ana", DRIVE_PAIR, OP_FSYNC,
      { WATCH_1, WATCH_2, "1" FAIL("0x302", ONCE), "1" ANA_LOG },
      .status = 0x302, .fails = 1, .hits = "2",
      .completions = "{\"status\":770,\"retries\":0}",
      .functions = FLUSH_LOST,
      .observed = PATHS(1, 0, 0, 0) ",\"log-read\":true",
      .finding = "flush-lost-in-failover", .from = FLUSH },
    { "one-path-flush-lost", DRIVE_LONE, OP_FSYNC,
      { WATCH_3, "3" FAIL("0x300", ONCE) },
      .status = 0x300, .fails = 1, .hits = "1",
      .completions = "{\"status\":768,\"retries\":0}",
      .functions = FLUSH_LOST, .finding = "flush-lost-in-failover",
      .from = FLUSH },
    /* with DNR, and after another error, it is told */
    { "one-path-flush-dnr", DRIVE_LONE, OP_FSYNC, { "3" FAIL("0x300", DNR) },
      .status = 0x4300, .fails = 1, .fatal = true, .error = "EIO",
      .functions = NOT_AGAIN "nvme_ns_head_submit_bio=1", .from = DECIDE },
    { "one-path-flush-retried", DRIVE_LONE, OP_FSYNC,
      { WATCH_3, "3" FAIL("0x006", ONCE) }, .status = 6, .fails = 1,
      .functions = "nvme_retry_req=1 nvme_failover_req=0 "
                   "nvme_ns_head_submit_bio=1",
      .from = DECIDE ",nvme_retry_req" },

    /* what is no path error stays on the path */
    { "failover-not-for-other-errors", DRIVE_PAIR, OP_READ,
      { WATCH_1, WATCH_2, "1" FAIL("0x281", ",\"times\":3") },
      .status = 0x281, .fails = 3,
      .functions = "nvme_retry_req=3 nvme_failover_req=0 "
                   "nvme_ns_head_submit_bio=1",
      .observed = PATHS(3, 1, 0, 0), .from = DECIDE ",nvme_retry_req" },
    { "failover-not-for-other-errors-at-the-end", DRIVE_PAIR, OP_READ,
      { WATCH_1, WATCH_2, "1" FAIL("0x281", "") },
      .status = 0x281, .fails = 6, .fatal = true, .error = "ENODATA",
      .functions = "nvme_retry_req=5 nvme_failover_req=0 "
                   "nvme_ns_head_submit_bio=1",
      .observed = PATHS(6, 0, 0, 0), .from = DECIDE ",nvme_retry_req" },
    { "failover-not-for-other-errors-with-dnr", DRIVE_PAIR, OP_READ,
      { WATCH_1, WATCH_2, "1" FAIL("0x281", DNR) },
      .status = 0x4281, .fails = 1, .fatal = true, .error = "ENODATA",
      .functions = NOT_AGAIN "nvme_ns_head_submit_bio=1",
      .observed = PATHS(1, 0, 0, 0), .from = DECIDE },
    /* the number of retries is looked at before the path */
    { "failover-not-without-retries", DRIVE_PAIR, OP_READ,
      { WATCH_1, WATCH_2, "1" FAIL("0x302", ONCE) }, .max_retries = "0",
      .status = 0x302, .fails = 1, .fatal = true, .error = "EIO",
      .functions = NOT_AGAIN "nvme_ns_head_submit_bio=1 nvme_ana_work=0",
      .observed = PATHS(1, 0, 0, 0), .from = DECIDE },
    { "failover-not-for-readahead", DRIVE_PAIR, OP_READAHEAD,
      { WATCH_1, WATCH_2, "1" FAIL("0x300", ONCE) }, .status = 0x300,
      .hits = "2", .completions = "{\"status\":768,\"retries\":0},"
                                  "{\"status\":0,\"retries\":0}",
      .functions = NOT_AGAIN "nvme_ns_head_submit_bio=2",
      .observed = PATHS(1, 1, 0, 0), .from = DECIDE },
    { "failover-not-for-ioctl", DRIVE_PAIR, OP_IOCTL,
      { WATCH_1, WATCH_2, "1" FAIL("0x302", "") },
      .status = 0x302, .fails = 1, .fatal = true,
      .functions = NOT_AGAIN "nvme_ns_head_submit_bio=0 nvme_ana_work=0",
      .observed = PATHS(1, 0, 0, 0), .from = DECIDE ",nvme_ns_head_ioctl" },
    { "failover-not-for-uring-cmd", DRIVE_PAIR, OP_URING,
      { WATCH_1, WATCH_2, "1" FAIL("0x302", "") },
      .status = 0x302, .fails = 1, .fatal = true,
      .functions = NOT_AGAIN "nvme_ns_head_submit_bio=0 nvme_ana_work=0",
      .observed = PATHS(1, 0, 0, 0),
      .from = DECIDE ",nvme_ns_head_chr_uring_cmd" },

    /* One path only: there is no end to it, and no delay. */
    { "one-path-tried-without-end", DRIVE_LONE, OP_READ,
      { WATCH_3, "3" FAIL("0x300", ",\"times\":200") },
      .status = 0x300, .fails = 200, .failover = true,
      .functions = SAME_PATH(200), .finding = "path-error-without-end",
      .from = FAILOVER },
    { "one-path-tried-without-delay", DRIVE_LONE, OP_READ,
      { WATCH_3, "3" FAIL("0x300", ",\"crd\":3,\"times\":40") },
      .status = 0x300 | 3 << 11, .fails = 40, .failover = true,
      .functions = SAME_PATH(40), .max_ns = 40 * LONE_CRDT3_MS * 900000LL,
      .finding = "path-error-without-end", .from = FAILOVER },
    { "one-path-dnr", DRIVE_LONE, OP_READ, { "3" FAIL("0x300", DNR) },
      .status = 0x4300, .fails = 1, .fatal = true, .error = "EIO",
      .functions = NOT_AGAIN "nvme_ns_head_submit_bio=1", .from = DECIDE },
    { "one-path-other-error", DRIVE_LONE, OP_READ, { "3" FAIL("0x281", "") },
      .status = 0x281, .fails = 6, .fatal = true, .error = "ENODATA",
      .functions = "nvme_retry_req=5 nvme_failover_req=0 "
                   "nvme_ns_head_submit_bio=1",
      .from = DECIDE ",nvme_retry_req" },
    /* Each time the ANA log page is read before the next attempt. */
    { "one-path-ana", DRIVE_LONE, OP_READ,
      { WATCH_3, "3" FAIL("0x302", ",\"times\":20"),
        "3 \"opcode\":\"get-log-page\",\"lid\":12,\"action\":\"none\"" },
      .status = 0x302, .fails = 20, .failover = true, .hits = "{\"min\":41}",
      .functions = "nvme_retry_req=0 nvme_failover_req=20 "
                   "nvme_ana_work>=20 nvme_requeue_work>=20 "
                   "nvme_ns_head_submit_bio>=21",
      .finding = "path-error-without-end", .from = ANA },
    { 0 },
};
