/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "fabric": keep-alive. Both sides are traffic based (TBKAS): any
 * completion within a quarter of the timeout counts for the host
 * (nvme_keep_alive_work()), any command within the timeout for the target
 * (nvmet_keep_alive_timer()).
 */
#include <linux/nvme_ioctl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "fabric.h"
#include "lib/async.h"

#define KEEP_ALIVE "nvme_admin_keep_alive"
#define WAIT_MS 60000

/* The host looks once in a second. */
#define KATO_4 ",keep_alive_tmo=4"

/* ... and in fifteen. */
#define KATO_60 ",keep_alive_tmo=60"

#define WINDOW_MS 2500
#define WINDOWS 5

#define NO_FAULT "\"action\":\"none\""
#define SAW_READ .front_saw = "{\"status\":0,\"retries\":0}"
#define READ_WELL "\"device\":{\"hits\":1},"
#define ITS_VALUE "\"result\":{\"value\":4096,\"errno\":null,\"observed\":"

/* Set Features, Keep Alive Timer (Base, 5.1.25.1.8), in milliseconds. */
#define SET_KATO(ms) .opcode = 0x09, .cdw10 = 0x0f, .cdw11 = (ms)

/*
 * By io_uring: of what goes that way the driver takes no notice (no
 * nvme_passthru_end()), so that the host and its target think differently.
 */
static bool set_target_kato(unsigned ms)
{
    struct nvme_uring_cmd cmd = { SET_KATO(ms) };
    struct io_uring_sqe *sqe;

    if (!uring_ready()) {
        return false;
    }
    sqe = uring_sqe();
    sqe->opcode = IORING_OP_URING_CMD;
    sqe->fd = front_ctrl();
    sqe->cmd_op = NVME_URING_CMD_ADMIN;
    memcpy(sqe->cmd, &cmd, sizeof(cmd));
    return uring_run() == 0;
}

static void idle(const SpecialCase *sc, Outcome *out)
{
    (void)sc;
    buf_json_int(&out->observed, "keep-alives",
                 special_wire(KEEP_ALIVE, 1, WAIT_MS));
    special_read(out);
}

static void read_on(Outcome *out, int ms)
{
    long long end = suite_now_ns() + ms * 1000000LL;
    struct timespec pause = { .tv_nsec = 20000000 };

    do {
        special_read(out);
        nanosleep(&pause, NULL);
    } while (out->error == 0 && suite_now_ns() < end);
}

/* A machine that stands still for a second between two reads sends one: one
 * window without it is enough. */
static void busy(const SpecialCase *sc, Outcome *out)
{
    unsigned before, after = special_wire(KEEP_ALIVE, 0, 0), n = 0;

    (void)sc;
    do {
        before = after;
        read_on(out, WINDOW_MS);
        after = special_wire(KEEP_ALIVE, 0, 0);
    } while (after != before && ++n < WINDOWS);
    buf_json_bool(&out->observed, "quiet", after == before);
}

static void expired(const SpecialCase *sc, Outcome *out)
{
    bool back = sc->front.transport == TCP;

    buf_json_bool(&out->observed, "set", set_target_kato(1000));
    buf_json_bool(&out->observed, "expired",
                  special_log("keep-alive timer (1 seconds) expired",
                              WAIT_MS));
    buf_json_bool(&out->observed, "fatal",
                  special_log("fatal error occurred", WAIT_MS));
    if (back) {
        buf_json_bool(&out->observed, "reconnected",
                      special_log("Successfully reconnected", WAIT_MS));
        special_read(out);
    } else {
        buf_json_bool(&out->observed, "gone",
                      ctrl_wait_state(FRONT, NULL, WAIT_MS));
    }
}

/* By ioctl the driver takes notice, and asks as often as it is due. */
static void by_ioctl(const SpecialCase *sc, Outcome *out)
{
    struct nvme_admin_cmd cmd = { SET_KATO(4000) };

    (void)sc;
    buf_json_int(&out->observed, "set",
                 ioctl(front_ctrl(), NVME_IOCTL_ADMIN_CMD, &cmd));
    buf_json_bool(&out->observed, "updated",
                  special_log("keep alive interval updated", 0));
    buf_json_int(&out->observed, "keep-alives",
                 special_wire(KEEP_ALIVE, 1, WAIT_MS));
    special_read(out);
}

/* The target has no timer any more and refuses; the host says so and sends no
 * further one, until the target has one again, and expires. */
static void failing(const SpecialCase *sc, Outcome *out)
{
    unsigned sent;

    (void)sc;
    buf_json_bool(&out->observed, "set", set_target_kato(0));
    buf_json_bool(&out->observed, "failed",
                  special_log("failed nvme_keep_alive_end_io", WAIT_MS));
    sent = special_wire(KEEP_ALIVE, 0, 0);
    buf_json_bool(&out->observed, "live", ctrl_wait_state(FRONT, "live", 0));
    /* three more quarters of the timeout */
    buf_json_int(&out->observed, "after",
                 special_wire(KEEP_ALIVE, sent + 1, 3000) - sent);
    set_target_kato(1000);
    buf_json_bool(&out->observed, "expired",
                  special_log("keep-alive timer (1 seconds) expired",
                              WAIT_MS));
    buf_json_bool(&out->observed, "reconnected",
                  special_log("Successfully reconnected", WAIT_MS));
    special_read(out);
}

static void lost_link(const SpecialCase *sc, Outcome *out)
{
    (void)sc;
    link_set(false);
    buf_json_bool(&out->observed, "expired",
                  special_log("keep-alive timer (6 seconds) expired",
                              WAIT_MS));
    buf_json_bool(&out->observed, "recovers",
                  special_log("starting error recovery", WAIT_MS));
    link_set(true);
    buf_json_bool(&out->observed, "reconnected",
                  special_log("Successfully reconnected", WAIT_MS));
    special_read(out);
}

#define HOST_FROM "nvme_complete_rq(): comp_seen, nvme_keep_alive_work()"
#define TARGET_FROM "nvmet_keep_alive_timer(), nvmet_fatal_error_handler()"

#define IDLE_EXPECTED READ_WELL ITS_VALUE "{\"keep-alives\":{\"min\":1}}}"
#define IDLE_CALLS "nvme_keep_alive_work>=1 nvmet_execute_keep_alive>=1"
#define EXPIRED_CALLS "nvmet_keep_alive_timer>=1 nvmet_fatal_error_handler=1"
#define BUSY_EXPECTED "\"device\":{\"hits\":{\"min\":3}}," \
    ITS_VALUE "{\"quiet\":true}}"

static SpecialCase cases[] = {
    { .name = "fabric/tcp/keep-alive/idle-sends",
      .front = { TCP, BDEV, KATO_4 }, .rule = NO_FAULT, .run = idle,
      SAW_READ, .calls = IDLE_CALLS, .expected = IDLE_EXPECTED,
      .from = HOST_FROM },
    { .name = "fabric/loop/keep-alive/idle-sends",
      .front = { LOOP, BDEV, KATO_4 }, .rule = NO_FAULT, .run = idle,
      SAW_READ, .calls = IDLE_CALLS, .expected = IDLE_EXPECTED,
      .from = HOST_FROM },
    { .name = "fabric/tcp/keep-alive/completions-count",
      .front = { TCP, BDEV, KATO_4 }, .rule = NO_FAULT, .run = busy,
      .calls = "nvme_keep_alive_work>=2", .expected = BUSY_EXPECTED,
      .from = HOST_FROM },
    { .name = "fabric/loop/keep-alive/completions-count",
      .front = { LOOP, BDEV, KATO_4 }, .rule = NO_FAULT, .run = busy,
      .calls = "nvme_keep_alive_work>=2", .expected = BUSY_EXPECTED,
      .from = HOST_FROM },
    { .name = "fabric/tcp/keep-alive/expired",
      .front = { TCP, BDEV, KATO_60 }, .rule = NO_FAULT, .run = expired,
      SAW_READ, .calls = EXPIRED_CALLS,
      .expected = READ_WELL ITS_VALUE "{\"set\":true,\"expired\":true,"
                  "\"fatal\":true,\"reconnected\":true}}",
      .from = TARGET_FROM ", nvmet_tcp_delete_ctrl()",
      .finding = "uring-keep-alive-timer" },
    { .name = "fabric/tcp/keep-alive/timer-set-by-ioctl",
      .front = { TCP, BDEV, KATO_60 }, .rule = NO_FAULT, .run = by_ioctl,
      SAW_READ, .calls = IDLE_CALLS " nvme_update_keep_alive=1",
      .expected = READ_WELL ITS_VALUE "{\"set\":0,\"updated\":true,"
                  "\"keep-alives\":{\"min\":1}}}",
      .from = "nvme_passthru_end(), nvme_update_keep_alive()" },
    /* Nobody reconnects a loop. */
    { .name = "fabric/loop/keep-alive/expired",
      .front = { LOOP, BDEV, KATO_60 }, .rule = NO_FAULT, .run = expired,
      .calls = EXPIRED_CALLS,
      .expected = "\"device\":{\"hits\":0},\"result\":{\"observed\":{"
                  "\"set\":true,\"expired\":true,\"fatal\":true,"
                  "\"gone\":true}}",
      .from = TARGET_FROM ", nvme_loop_delete_ctrl()" },
    { .name = "fabric/tcp/keep-alive/failing",
      .front = { TCP, BDEV, KATO_4 }, .rule = NO_FAULT, .run = failing,
      SAW_READ, .calls = IDLE_CALLS " " EXPIRED_CALLS,
      .expected = READ_WELL ITS_VALUE "{\"set\":true,\"failed\":true,"
                  "\"live\":true,\"after\":0,\"expired\":true,"
                  "\"reconnected\":true}}",
      .from = "nvmet_execute_keep_alive(), nvme_keep_alive_end_io(), "
              TARGET_FROM },
    { .name = "fabric/tcp/keep-alive/link-lost",
      .front = { TCP, BDEV, ",keep_alive_tmo=6" }, .rule = NO_FAULT,
      .run = lost_link, SAW_READ, .calls = "nvmet_keep_alive_timer>=1",
      .expected = READ_WELL ITS_VALUE "{\"expired\":true,\"recovers\":true,"
                  "\"reconnected\":true}}",
      .from = "nvme_tcp_timeout(), nvme_tcp_error_recovery_work(), "
              TARGET_FROM },
};

void alive_load(Suite *suite)
{
    special_add(suite, cases, sizeof(cases) / sizeof(cases[0]));
}
