/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "disposition": commands that end, and commands that are sent again to
 * the same controller.  nvme_decide_disposition() ends one with DNR, one that
 * must not be retried (REQ_FAILFAST_*: blk_mq_bio_to_request() for readahead,
 * nvme_init_request() for passthrough), and one with nvme_max_retries.
 * nvme_retry_req() delays by ctrl->crdt[CRD - 1].
 */
#include "disposition.h"

#define WATCH           "0 @,\"action\":\"none\""
#define FAIL(status, more) \
    "0 @,\"action\":\"status\",\"status\":\"" status "\"" more
#define ONCE            ",\"times\":1"
#define DNR             ",\"dnr\":true"
#define CRD(n)          ",\"crd\":" #n
#define WITH_CRD(status, n) ((status) | (n) << 11)

#define DECIDE          "nvme_complete_rq,nvme_decide_disposition"
#define RETRY           DECIDE ",nvme_retry_req"
#define AUTHENTICATE    RETRY ",nvme_ctrl_auth_work,nvme_auth_negotiate"

#define NOT_AGAIN       "nvme_retry_req=0 nvme_failover_req=0"
#define AGAIN(n)        "nvme_retry_req=" #n " nvme_failover_req=0"

/* Without a delay a retry is a matter of milliseconds; the bound is for
 * machines that emulate and are busy, and below CRDT2. */
#define AT_ONCE_NS      (5 * SECOND)
#define AT_ONCE         .max_ns = AT_ONCE_NS
#define AFTER(ms)       .min_ns = (ms) * 1000000LL, \
                        .max_ns = (ms) * 10000000LL + 5 * SECOND

#define USED_UP(max, count) \
    { "retries-used-up-" #max, DRIVE_FLAT, OP_READ, \
      { FAIL("0x281", "") }, .max_retries = #max, .status = 0x281, \
      .fails = (count), .fatal = true, .error = "ENODATA", \
      .functions = "nvme_retry_req=" #max " nvme_failover_req=0", \
      .from = DECIDE }

const DispositionCase retry_cases[] = {
    { "complete-success", DRIVE_FLAT, OP_READ, { WATCH },
      .functions = NOT_AGAIN, .from = DECIDE },
    /* 0x80000 is REQ_RAHEAD, 0x700 the three of REQ_FAILFAST_MASK */
    { "complete-readahead", DRIVE_FLAT, OP_READAHEAD,
      { WATCH, FAIL("0x281", ONCE) }, .hits = "2",
      .completions = "{\"status\":641,\"retries\":0},"
                     "{\"status\":0,\"retries\":0}",
      .log = "[],[\"flags 0x\",\"80700 \"]",
      .functions = NOT_AGAIN,
      .from = DECIDE ",blk_mq_bio_to_request" },
    { "complete-dnr", DRIVE_FLAT, OP_READ, { FAIL("0x281", DNR) },
      .status = 0x4281, .fails = 1, .fatal = true, .error = "ENODATA",
      .functions = NOT_AGAIN, .from = DECIDE },
    { "complete-dnr-write", DRIVE_FLAT, OP_WRITE, { FAIL("0x280", DNR) },
      .status = 0x4280, .fails = 1, .fatal = true, .error = "ENODATA",
      .functions = NOT_AGAIN, .from = DECIDE },
    { "complete-dnr-flush", DRIVE_FLAT, OP_FSYNC, { FAIL("0x006", DNR) },
      .status = 0x4006, .fails = 1, .fatal = true, .error = "EIO",
      .functions = NOT_AGAIN, .from = DECIDE },
    { "complete-ioctl", DRIVE_FLAT, OP_IOCTL, { FAIL("0x281", "") },
      .status = 0x281, .fails = 1, .fatal = true,
      .functions = NOT_AGAIN, .from = DECIDE ",nvme_init_request" },
    { "complete-uring-cmd", DRIVE_FLAT, OP_URING, { FAIL("0x281", "") },
      .status = 0x281, .fails = 1, .fatal = true,
      .functions = NOT_AGAIN, .from = DECIDE ",nvme_init_request" },
    /* without multipath a path error is an error like any other */
    { "retry-path-error", DRIVE_FLAT, OP_READ,
      { WATCH, FAIL("0x300", ONCE) }, .status = 0x300, .fails = 1,
      .functions = AGAIN(1), .from = RETRY },

    USED_UP(0, 1), USED_UP(1, 2), USED_UP(2, 3), USED_UP(5, 6),
    USED_UP(9, 10), USED_UP(255, 256),
    { "retry-once", DRIVE_FLAT, OP_READ, { WATCH, FAIL("0x281", ONCE) },
      .status = 0x281, .fails = 1, .functions = AGAIN(1), .from = RETRY },
    { "retry-last-one-succeeds", DRIVE_FLAT, OP_READ,
      { WATCH, FAIL("0x281", ",\"times\":5") }, .status = 0x281, .fails = 5,
      .functions = AGAIN(5), .from = RETRY },
    { "retry-write", DRIVE_FLAT, OP_WRITE,
      { WATCH, FAIL("0x280", ",\"times\":3") }, .status = 0x280, .fails = 3,
      .functions = AGAIN(3), .from = RETRY },
    { "retry-flush", DRIVE_FLAT, OP_FSYNC,
      { WATCH, FAIL("0x006", ",\"times\":3") }, .status = 6, .fails = 3,
      .functions = AGAIN(3), .from = RETRY },
    { "retry-many", DRIVE_FLAT, OP_MANY,
      { WATCH, FAIL("0x281", ",\"times\":8") }, .hits = "16",
      .functions = AGAIN(8), .from = RETRY },

    { "crd-1", DRIVE_FLAT, OP_READ, { WATCH, FAIL("0x006", CRD(1) ONCE) },
      .status = WITH_CRD(6, 1), .fails = 1, .functions = AGAIN(1),
      AFTER(CRDT1_MS), .from = RETRY },
    { "crd-2", DRIVE_FLAT, OP_READ, { WATCH, FAIL("0x006", CRD(2) ONCE) },
      .status = WITH_CRD(6, 2), .fails = 1, .functions = AGAIN(1),
      AFTER(CRDT2_MS), .from = RETRY },
    { "crd-2-write", DRIVE_FLAT, OP_WRITE,
      { WATCH, FAIL("0x006", CRD(2) ONCE) },
      .status = WITH_CRD(6, 2), .fails = 1, .functions = AGAIN(1),
      AFTER(CRDT2_MS), .from = RETRY },
    { "crd-1-each-time", DRIVE_FLAT, OP_READ, { FAIL("0x006", CRD(1)) },
      .status = WITH_CRD(6, 1), .fails = 6, .fatal = true, .error = "EIO",
      .functions = AGAIN(5), AFTER(5 * CRDT1_MS), .from = RETRY },
    { "crd-1-many", DRIVE_FLAT, OP_MANY,
      { WATCH, FAIL("0x006", CRD(1) ",\"times\":8") }, .hits = "16",
      .functions = AGAIN(8), AFTER(CRDT1_MS),
      .observed = "\"first-ms\":{\"min\":300}", .from = RETRY },
    { "crd-2-many", DRIVE_FLAT, OP_MANY,
      { WATCH, FAIL("0x006", CRD(2) ",\"times\":8") }, .hits = "16",
      .functions = AGAIN(8), AFTER(CRDT2_MS),
      .observed = "\"first-ms\":{\"min\":6000}", .from = RETRY },
    { "crd-3-on-a-path", DRIVE_LONE, OP_READ,
      { "3 @,\"action\":\"none\"", "3 @,\"action\":\"status\",\"status\":"
        "\"0x006\",\"crd\":3,\"times\":1" },
      .status = WITH_CRD(6, 3), .fails = 1, .functions = AGAIN(1),
      AFTER(LONE_CRDT3_MS), .from = RETRY },
    /* negative controls: no CRD, a time of 0, no retry */
    { "crd-none", DRIVE_FLAT, OP_READ, { WATCH, FAIL("0x006", ONCE) },
      .status = 6, .fails = 1, .functions = AGAIN(1), AT_ONCE,
      .from = RETRY },
    { "crd-3-of-no-time", DRIVE_FLAT, OP_READ,
      { WATCH, FAIL("0x006", CRD(3) ONCE) },
      .status = WITH_CRD(6, 3), .fails = 1, .functions = AGAIN(1), AT_ONCE,
      .from = RETRY },
    { "crd-3-of-no-time-many", DRIVE_FLAT, OP_MANY,
      { WATCH, FAIL("0x006", CRD(3) ",\"times\":8") }, .hits = "16",
      .functions = AGAIN(8), AT_ONCE, .from = RETRY },
    { "crd-2-with-dnr", DRIVE_FLAT, OP_READ,
      { FAIL("0x006", CRD(2) DNR) }, .status = WITH_CRD(6, 2) | 0x4000,
      .fails = 1, .fatal = true, .error = "EIO", .functions = NOT_AGAIN,
      AT_ONCE, .from = DECIDE },
    /*
     * The retries of a queue wait for one timer, which the last one sets
     * (kblockd_mod_delayed_work_on()): one without delay takes along one
     * that has to wait, and one that has to wait long delays all. The delay
     * of both commands lets them end at once, however busy the machine is.
     */
    { "crd-2-cut-short-by-another-retry", DRIVE_FLAT, OP_MIXED,
      { "0 @,\"action\":\"none\"",
        "0 @0,\"action\":\"status\",\"status\":\"0x006\",\"crd\":2,"
        "\"times\":1",
        "0 @1,\"action\":\"status\",\"status\":\"0x006\",\"times\":1,"
        "\"delay-ns\":200000000" },
      .hits = "4", .functions = AGAIN(2),
      .observed = "\"last-ms\":{\"max\":5000}", .finding = "crd-one-timer",
      .from = RETRY ",blk_mq_delay_kick_requeue_list" },
    { "crd-1-drawn-out-by-another-retry", DRIVE_FLAT, OP_MIXED,
      { "0 @,\"action\":\"none\"",
        "0 @0,\"action\":\"status\",\"status\":\"0x006\",\"crd\":1,"
        "\"times\":1,\"delay-ns\":200000000",
        "0 @1,\"action\":\"status\",\"status\":\"0x006\",\"crd\":2,"
        "\"times\":1,\"delay-ns\":200000000" },
      .hits = "4", .functions = AGAIN(2),
      .observed = "\"first-ms\":{\"min\":6200}", .finding = "crd-one-timer",
      .from = RETRY ",blk_mq_delay_kick_requeue_list" },

    /* From 6.12 on DNR and the number of retries come first. */
    { "authenticate", DRIVE_FLAT, OP_READ, { FAIL("0x191", "") },
      .status = 0x191, .fails = 6, .fatal = true, .error = "EIO",
      .functions = "nvme_retry_req=5 nvme_ctrl_auth_work>=1 "
                   "nvme_auth_negotiate>=1 nvme_failover_req=0",
      .option = "CONFIG_NVME_HOST_AUTH", .since = { 6, 12 },
      .from = AUTHENTICATE },
    { "authenticate-heals", DRIVE_FLAT, OP_READ,
      { WATCH, FAIL("0x191", ",\"times\":2") }, .status = 0x191, .fails = 2,
      .functions = "nvme_retry_req=2 nvme_ctrl_auth_work>=1 "
                   "nvme_auth_negotiate>=1 nvme_failover_req=0",
      .option = "CONFIG_NVME_HOST_AUTH", .since = { 6, 12 },
      .from = AUTHENTICATE },
    { "authenticate-dnr", DRIVE_FLAT, OP_READ, { FAIL("0x191", DNR) },
      .status = 0x4191, .fails = 1, .fatal = true, .error = "EIO",
      .functions = NOT_AGAIN " nvme_ctrl_auth_work=0",
      .option = "CONFIG_NVME_HOST_AUTH", .since = { 6, 12 }, .from = DECIDE },
    { "authenticate-ioctl", DRIVE_FLAT, OP_IOCTL, { FAIL("0x191", "") },
      .status = 0x191, .fails = 1, .fatal = true,
      .functions = NOT_AGAIN " nvme_ctrl_auth_work=0",
      .option = "CONFIG_NVME_HOST_AUTH", .since = { 6, 12 }, .from = DECIDE },
    /* Without support for it the command ends, whatever else it says. */
    { "authenticate-not-supported", DRIVE_FLAT, OP_READ,
      { FAIL("0x191", "") },
      .status = 0x191, .fails = 1, .fatal = true, .error = "EIO",
      .functions = NOT_AGAIN, .option = "CONFIG_NVME_HOST_AUTH",
      .without_option = true, .from = "nvme_complete_rq" },
    { "authenticate-not-supported-dnr", DRIVE_FLAT, OP_READ,
      { FAIL("0x191", DNR) },
      .status = 0x4191, .fails = 1, .fatal = true, .error = "EIO",
      .functions = NOT_AGAIN, .option = "CONFIG_NVME_HOST_AUTH",
      .without_option = true, .from = "nvme_complete_rq" },
    { 0 },
};
