/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "completion": one row a case, and what drivers/nvme/host makes of it.
 */
#include <string.h>

#include "suite_completion.h"

#define S 1000000000LL

/* The block, and another (completion.c); blocks of 512 bytes. */
#define BLOCK "\"slba\":2048,\"nlb\":8"
#define OTHER "\"slba\":4096,\"nlb\":8"
#define ONCE(action) \
    "\"opcode\":\"read\"," BLOCK ",\"times\":1,\"action\":" action
#define LATER(block, ns) \
    "\"opcode\":\"read\"," block ",\"action\":\"none\",\"delay-ns\":" ns
#define ADMIN(action) \
    "\"opcode\":\"get-features\",\"fid\":7,\"times\":1,\"action\":" action

/* nvme_find_rq(): a generation in the CID that is not that of the tag. */
#define STRANGER(queue) "[\"genctr mismatch\"],[\"invalid id\"," \
    "\"completed on queue " queue "\"]"

const CompletionCase completion_cases[] = {
    /* Nothing but the CID says to the driver whose an entry is. */
    { "completion/wrong-sqid", ACT_READ,
      { ONCE("\"cqe\",\"sqid\":77") }, FATE_DONE, 1,
      .from = "pci.c: nvme_handle_cqe" },
    { "completion/wrong-sqhd", ACT_READ,
      { ONCE("\"cqe\",\"sqhd\":65535") }, FATE_DONE, 1,
      .from = "pci.c: nvme_handle_cqe" },
    { "completion/wrong-dw0-dw1", ACT_READ,
      { ONCE("\"cqe\",\"dw0\":4294967295,\"dw1\":4294967295") }, FATE_DONE, 1,
      .from = "nvme.h: nvme_try_complete_req" },

    /* ... and whoever asks for the result gets it as it is. */
    { "completion/wrong-dw0-dw1-ioctl", ACT_IOCTL,
      { ONCE("\"cqe\",\"dw0\":16,\"dw1\":1") }, FATE_DONE, 1,
      .result = 0x100000010, .from = "ioctl.c: nvme_submit_user_cmd" },
    { "completion/wrong-zone-append", ACT_APPEND,
      { "\"opcode\":\"zone-append\",\"times\":1,\"action\":\"cqe\","
        "\"dw0\":32,\"dw1\":2" }, FATE_DONE, 1,
      .result = 0x200000020, .from = "ioctl.c: nvme_submit_user_cmd" },
    { "completion/wrong-dw0-admin", ACT_ADMIN,
      { ADMIN("\"cqe\",\"dw0\":7") }, FATE_DONE, 1,
      .result = 7, .from = "ioctl.c: nvme_submit_user_cmd" },

    /* A tag that the queue (depth 1024) cannot have. */
    { "completion/unknown-cid", ACT_READ,
      { ONCE("\"cqe\",\"cid\":4095") }, FATE_RESET, 1,
      "[\"could not locate request for tag 0xfff\"],"
      "[\"invalid id 4095 completed on queue 1\"]",
      .from = "nvme.h: nvme_find_rq; pci.c: nvme_timeout" },
    { "completion/reused-cid", ACT_AFTER_ANOTHER,
      { ONCE("\"cqe\",\"reuse-cid\":true") }, FATE_RESET, 1, STRANGER("1"),
      .from = "nvme.h: nvme_find_rq, nvme_try_complete_req" },
    { "completion/duplicate", ACT_READ,
      { ONCE("\"cqe\",\"duplicates\":1") }, FATE_DONE, 1, STRANGER("1"),
      .from = "nvme.h: nvme_find_rq, nvme_try_complete_req" },
    { "completion/duplicates-wrong-sqid", ACT_READ,
      { ONCE("\"cqe\",\"duplicates\":3,\"sqid\":77") }, FATE_DONE, 1,
      STRANGER("77") "," STRANGER("77") "," STRANGER("77"),
      .from = "nvme.h: nvme_find_rq; pci.c: nvme_handle_cqe" },
    { "completion/phase-kept", ACT_READ,
      { ONCE("\"cqe\",\"keep-phase\":true") }, FATE_RESET, 1,
      .from = "pci.c: nvme_cqe_pending, nvme_timeout" },
    { "completion/phase-kept-admin", ACT_ADMIN,
      { ADMIN("\"cqe\",\"keep-phase\":true") }, FATE_ADMIN_RESET, 1,
      .from = "pci.c: nvme_timeout; core.c: nvme_execute_rq" },

    /*
     * The reset cancels the read (nvme_cancel_request) and it is sent again
     * with its tag and its generation, which only a completion changes: the
     * stale entry counts as its completion, and the real one is a stranger.
     * That comes before another read is complete.
     */
    { "completion/stale-after-reset", ACT_AND_ANOTHER,
      { LATER(OTHER, "400000000"), LATER(BLOCK, "200000000"),
        ONCE("\"cqe\",\"after-reset\":true") }, FATE_RESET, 3,
      .log_after = STRANGER("1"),
      .from = "core.c: nvme_cancel_request; nvme.h: nvme_try_complete_req" },

    { "completion/interrupt-lost", ACT_READ,
      { ONCE("\"interrupt\",\"interrupt\":\"lost\"") }, FATE_POLLED, 1,
      .from = "pci.c: nvme_poll_irqdisable" },
    { "completion/interrupt-lost-admin", ACT_ADMIN,
      { ADMIN("\"interrupt\",\"interrupt\":\"lost\"") }, FATE_POLLED, 1,
      .from = "pci.c: nvme_poll_irqdisable" },
    { "completion/interrupt-twice", ACT_READ,
      { ONCE("\"interrupt\",\"interrupt\":\"spurious\"") }, FATE_DONE, 1,
      .from = "pci.c: nvme_irq" },
    /* the admin queue's, which looks at that queue only */
    { "completion/interrupt-wrong-vector", ACT_READ,
      { ONCE("\"interrupt\",\"interrupt\":\"wrong-vector\",\"vector\":0") },
      FATE_POLLED, 1, .from = "pci.c: nvme_irq, nvme_poll_irqdisable" },
    { "completion/interrupt-spurious", ACT_TRIGGER,
      { "\"trigger\":\"interrupt\",\"interrupt\":\"spurious\"" }, FATE_DONE,
      0, .from = "pci.c: nvme_irq" },
    { "completion/interrupt-next-lost", ACT_TRIGGER,
      { "\"trigger\":\"interrupt\",\"interrupt\":\"lost\",\"qid\":1" },
      FATE_POLLED, 0, .from = "pci.c: nvme_poll_irqdisable" },

    { "completion/doorbell-ignored", ACT_AND_ANOTHER,
      { ONCE("\"doorbell\",\"doorbell\":\"ignored\"") }, FATE_RESET, 1,
      .from = "pci.c: nvme_write_sq_db, nvme_timeout" },
    { "completion/doorbell-ignored-once", ACT_TWO_AT_ONCE,
      { ONCE("\"doorbell\",\"doorbell\":\"ignored\",\"count\":1") },
      FATE_DONE, 1, .from = "pci.c: nvme_write_sq_db" },
    { "completion/queue-stuck", ACT_AND_ANOTHER,
      { ONCE("\"doorbell\",\"doorbell\":\"stuck\"") }, FATE_RESET, 1,
      .from = "pci.c: nvme_timeout" },
    { "completion/queue-stuck-for-a-while", ACT_AND_ANOTHER,
      { ONCE("\"doorbell\",\"doorbell\":\"stuck\",\"for-ns\":500000000") },
      FATE_LATE, 1, .from = "pci.c: nvme_timeout: not yet" },

    { "completion/forbid-kept", ACT_READ,
      { "\"opcode\":\"write\",\"action\":\"forbid\"" }, FATE_DONE, 0,
      .from = "core.c: nvme_setup_rw" },
    { "completion/forbid-broken", ACT_READ,
      { "\"opcode\":\"read\"," BLOCK ",\"action\":\"forbid\"" }, FATE_DONE,
      1, .violated = true, .from = "core.c: nvme_setup_rw" },
    { "completion/expect-kept", ACT_FSYNC,
      { "\"opcode\":\"flush\",\"action\":\"expect\",\"within-ns\":"
        "60000000000" }, FATE_DONE, 1, .from = "core.c: nvme_setup_flush" },
    { "completion/expect-broken", ACT_READ,
      { "\"opcode\":\"flush\",\"action\":\"expect\",\"within-ns\":100000000",
        LATER(BLOCK, "500000000") }, FATE_LATE, 1, .violated = true,
      .from = "core.c: nvme_setup_flush" },
};

const size_t completion_ncases =
    sizeof(completion_cases) / sizeof(completion_cases[0]);

/*
 * Time. nvme_core.io_timeout is 1 s, as that of Get Features; the block layer
 * looks at a deadline up to a good second after it (block/blk-timeout.c,
 * blk_rq_timeout and blk_round_jiffies). A read that stays away is aborted
 * after the first time and the controller reset after the second. The upper
 * bounds tell a hang and leave room for a busy machine; what took a timeout
 * has left a line in the log.
 */
static void expect_time(const CompletionCase *cc, Buf *record)
{
    static const struct {
        long long min, max;
    } bounds[] = {
        [FATE_DONE] = { 0, 20 * S }, [FATE_LATE] = { LATE_NS, 20 * S },
        [FATE_POLLED] = { S, 25 * S }, [FATE_RESET] = { 2 * S, 30 * S },
        [FATE_ADMIN_RESET] = { S, 30 * S },
    };

    buf_json_key(record, "elapsed_ns");
    buf_puts(record, "{");
    buf_json_int(record, "min", bounds[cc->fate].min);
    buf_json_int(record, "max", bounds[cc->fate].max);
    buf_puts(record, "}");
}

/* The lines of @fate; nvme_timeout(), abort_endio(), nvme_setup_io_queues().
 * The command that an Abort does not find is no error (status 0). */
static const char *fate_log(Fate fate, bool admin)
{
    switch (fate) {
    case FATE_DONE:
    case FATE_LATE:
        break;
    case FATE_POLLED:
        return admin ? "[\"QID 0 timeout, completion polled\"]" :
               "[\"QID 1 timeout, completion polled\"]";
    case FATE_RESET:
        return "[\"QID 1 timeout, aborting\"],[\"Abort status: 0x0\"],"
               "[\"QID 1 timeout, reset controller\"],"
               "[\"default/read/poll queues\"]";
    case FATE_ADMIN_RESET:
        return "[\"QID 0 timeout, reset controller\"],"
               "[\"default/read/poll queues\"]";
    }
    return NULL;
}

static void expect_log(const CompletionCase *cc, Buf *record)
{
    const char *lines[] = {
        cc->log, fate_log(cc->fate, cc->act == ACT_ADMIN), cc->log_after,
    };
    size_t i;

    buf_json_key(record, "log");
    buf_puts(record, "[");
    for (i = 0; i < 3; i++) {
        if (lines[i]) {
            buf_json_sep(record);
            buf_puts(record, lines[i]);
        }
    }
    buf_puts(record, "]");
}

/*
 * I/O commands in the order of their completion: those of other blocks and
 * that of the block, which is cancelled with Host Aborted Command (371h,
 * nvme_cancel_request) where there is a reset, and sent again
 * (nvme_decide_disposition).
 */
static void expect_completions(const CompletionCase *cc, Buf *record)
{
    const char *done = "{\"status\":0,\"retries\":0}";
    const char *again = "{\"status\":881,\"retries\":0},"
                        "{\"status\":0,\"retries\":1}";
    bool other_suffers = strstr(cc->rules[0], "doorbell") != NULL;
    const char *block = cc->fate == FATE_RESET && !other_suffers ? again :
                        done;
    const char *other = cc->fate == FATE_RESET && other_suffers ? again :
                        done;

    buf_json_key(record, "driver");
    buf_puts(record, "{\"completions\":[");
    switch (cc->act) {
    case ACT_READ:
    case ACT_FSYNC:
    case ACT_IOCTL:
    case ACT_APPEND:
    case ACT_TRIGGER:
        buf_puts(record, block);
        break;
    case ACT_AFTER_ANOTHER:
        buf_printf(record, "%s,%s", other, block);
        break;
    case ACT_AND_ANOTHER:
        buf_printf(record, "%s,%s", block, other);
        break;
    case ACT_TWO_AT_ONCE:
        buf_printf(record, "%s,%s,%s", done, done, done);
        break;
    case ACT_ADMIN:
        /* that of the read that follows */
        buf_puts(record, done);
        break;
    }
    buf_puts(record, "]}");
}

static void expect_result(const CompletionCase *cc, Buf *record)
{
    bool fails = cc->fate == FATE_ADMIN_RESET;
    bool bytes = cc->act != ACT_FSYNC && cc->act != ACT_IOCTL &&
        cc->act != ACT_APPEND && cc->act != ACT_ADMIN;

    buf_json_key(record, "result");
    buf_puts(record, "{");
    buf_json_int(record, "value", fails ? -1 : bytes ? IO_BYTES : 0);
    buf_json_key(record, "errno");
    buf_puts(record, fails ? "\"EINTR\"" : "null");
    if (cc->result) {
        buf_json_key(record, "observed");
        buf_puts(record, "{");
        buf_json_int(record, "result", cc->result);
        buf_puts(record, "}");
    }
    buf_puts(record, "}");
}

void completion_expect(const Suite *suite, const Case *c, Buf *record)
{
    const CompletionCase *cc = c->data;

    (void)suite;
    buf_json_key(record, "expected");
    buf_puts(record, "{");
    buf_json_key(record, "device");
    buf_puts(record, "{");
    buf_json_int(record, "hits", cc->hits);
    if (cc->violated) {
        buf_json_key(record, "violations");
        buf_printf(record, "[\"c%u.0\"]", c->ordinal);
    }
    buf_puts(record, "}");
    expect_completions(cc, record);
    expect_log(cc, record);
    expect_time(cc, record);
    expect_result(cc, record);
    buf_puts(record, "}");
}
