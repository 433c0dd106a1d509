/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "fabric": in-band authentication (DH-HMAC-CHAP), and what 191h,
 * Authentication Required, does to a command. nvmet itself answers 191h with
 * DNR only (nvmet_parse_io_cmd(), nvmet_check_ctrl_status()), for which
 * nvme_decide_disposition() never comes to AUTHENTICATE; a drive behind its
 * passthrough answers what it wants.
 */
#include <linux/nvme_ioctl.h>
#include <sys/ioctl.h>

#include "fabric.h"

#define SENDS "nvme_fabrics_type_auth_send"
#define RECEIVES "nvme_fabrics_type_auth_receive"
#define WAIT_MS 60000

#define WITH(secret) ",keep_alive_tmo=0,ctrl_loss_tmo=1,dhchap_secret=" secret

/* A loop is never reconnected, and knows no ctrl_loss_tmo. */
#define LOOP_WITH(secret) ",keep_alive_tmo=0,dhchap_secret=" secret

#define NO_FAULT "\"action\":\"none\""
#define REQUIRED "\"action\":\"status\",\"status\":\"0x191\""

/* Negotiate and Reply, and Challenge and Success1, of one queue. */
#define MESSAGES 2

/* What was sent is on its way. An Identify that is answered tells that the
 * target has dealt with all that came before it on the Admin Queue. */
static void wait_for_target(void)
{
    static char page[4096] __attribute__((aligned(4096)));
    struct nvme_admin_cmd identify = {
        .opcode = 0x06, .cdw10 = 1, .addr = (unsigned long)page,
        .data_len = sizeof(page),
    };
    int fd = front_ctrl();

    if (fd >= 0) {
        ioctl(fd, NVME_IOCTL_ADMIN_CMD, &identify);
    }
}

static void add_messages(Outcome *out, unsigned n, int timeout_ms)
{
    buf_json_int(&out->observed, "sent", special_wire(SENDS, n, timeout_ms));
    buf_json_int(&out->observed, "received",
                 special_wire(RECEIVES, n, timeout_ms));
    wait_for_target();
}

static void accepted(const SpecialCase *sc, Outcome *out)
{
    const char *reason = front_connect(&sc->front);

    buf_json_bool(&out->observed, "connected", !reason);
    buf_json_bool(&out->observed, "authenticated",
                  special_log("qid 0: authenticated", 0));
    add_messages(out, MESSAGES, 0);
    special_read(out);
}

static void refused(const SpecialCase *sc, Outcome *out)
{
    out->error = front_try(&sc->front);
    out->value = out->error ? -1 : 0;
    buf_json_bool(&out->observed, "no-key", special_log("qid 0: no key", 0));
    buf_json_bool(&out->observed, "failed",
                  special_log("qid 0: authentication failed", 0));
    buf_json_bool(&out->observed, "refused", out->error != 0);
}

/* The read is repeated at once; that the host proves who it is, meanwhile. */
static void required(const SpecialCase *sc, Outcome *out)
{
    (void)sc;
    special_read(out);
    add_messages(out, MESSAGES, WAIT_MS);
    buf_json_bool(&out->observed, "failed",
                  special_log("authentication failed", 0));
    buf_json_bool(&out->observed, "live", ctrl_wait_state(FRONT, "live", 0));
}

/* Nothing of it is expected: the wait is there to see it if it came. */
static void not_required(const SpecialCase *sc, Outcome *out)
{
    (void)sc;
    special_read(out);
    add_messages(out, 1, 200);
}

static void without_secret(const SpecialCase *sc, Outcome *out)
{
    (void)sc;
    special_read(out);
    buf_json_bool(&out->observed, "no-key",
                  special_log("qid 0: no key", WAIT_MS));
    add_messages(out, 1, 0);
    buf_json_bool(&out->observed, "live", ctrl_wait_state(FRONT, "live", 0));
}

#define DONE(status, tries) "{\"status\":" #status ",\"retries\":" #tries "}"
#define TWICE .front_saw = DONE(401, 0) "," DONE(0, 1)
#define HIT_ONCE "\"device\":{\"hits\":1},"
#define HIT_TWICE "\"device\":{\"hits\":1,\"commands\":[{\"status\":401}," \
    "{\"status\":0}]},"
#define MESSAGE_CALLS "nvmet_execute_auth_send>=2 " \
    "nvmet_execute_auth_receive>=2"
#define AUTH_CALLS "nvme_ctrl_auth_work>=1 nvme_retry_req=1 " MESSAGE_CALLS
#define READ_WELL "\"result\":{\"value\":4096,\"errno\":null,\"observed\":"
#define FROM "nvme_decide_disposition(), nvme_complete_rq(): " \
    "dhchap_auth_work, nvme_retry_req()"

#define REAUTHENTICATED "{\"sent\":{\"min\":2},\"received\":{\"min\":2}," \
    "\"failed\":false,\"live\":true}}"

static SpecialCase cases[] = {
    { .name = "fabric/tcp/authentication/accepted", .alone = true,
      .front = { TCP, BDEV, WITH(SECRET) }, .authenticate = true,
      .rule = NO_FAULT, .run = accepted,
      .calls = MESSAGE_CALLS,
      .expected = HIT_ONCE READ_WELL "{\"connected\":true,"
                  "\"authenticated\":true,\"sent\":{\"min\":2},"
                  "\"received\":{\"min\":2}}}",
      .from = "nvmf_connect_admin_queue(), nvmet_execute_auth_send()" },
    { .name = "fabric/tcp/authentication/other-secret", .alone = true,
      .front = { TCP, BDEV, WITH(OTHER_SECRET) }, .authenticate = true,
      .rule = NO_FAULT, .run = refused,
      .calls = MESSAGE_CALLS " nvmet_fatal_error_handler=1",
      .expected = "\"device\":{\"hits\":0},\"result\":{\"value\":-1,"
                  "\"observed\":{\"no-key\":false,\"failed\":true,"
                  "\"refused\":true}}",
      .from = "nvmet_auth_reply(), nvmf_connect_admin_queue()" },
    { .name = "fabric/tcp/authentication/no-secret", .alone = true,
      .front = { TCP, BDEV, ",keep_alive_tmo=0" }, .authenticate = true,
      .rule = NO_FAULT, .run = refused,
      .calls = "nvmet_execute_auth_send=0 nvmet_execute_auth_receive=0",
      .expected = "\"device\":{\"hits\":0},\"result\":{\"value\":-1,"
                  "\"errno\":\"ENOKEY\",\"observed\":{\"no-key\":true,"
                  "\"failed\":false,\"refused\":true}}",
      .from = "nvmf_connect_admin_queue(), nvme_auth_negotiate()" },
    { .name = "fabric/tcp/authentication/required-once",
      .front = { TCP, PASSTHRU, WITH(SECRET) }, .authenticate = true,
      .rule = REQUIRED ",\"times\":1", .run = required,
      TWICE, .calls = AUTH_CALLS, .expected = HIT_TWICE READ_WELL
      REAUTHENTICATED, .from = FROM },
    { .name = "fabric/loop/authentication/required-once",
      .front = { LOOP, PASSTHRU, LOOP_WITH(SECRET) }, .authenticate = true,
      .rule = REQUIRED ",\"times\":1", .run = required,
      TWICE, .calls = AUTH_CALLS, .expected = HIT_TWICE READ_WELL
      REAUTHENTICATED, .from = FROM },
    { .name = "fabric/tcp/authentication/required-always",
      .front = { TCP, PASSTHRU, WITH(SECRET) }, .authenticate = true,
      .rule = REQUIRED, .run = required,
      .front_saw = DONE(401, 0) "," DONE(401, 1) "," DONE(401, 2) ","
                   DONE(401, 3) "," DONE(401, 4) "," DONE(401, 5),
      .calls = "nvme_ctrl_auth_work>=1 nvme_retry_req=5 " MESSAGE_CALLS,
      .expected = "\"device\":{\"hits\":6},\"result\":{\"value\":-1,"
                  "\"errno\":\"EIO\",\"observed\":" REAUTHENTICATED,
      .from = FROM ", nvme_error_status()" },
    { .name = "fabric/tcp/authentication/required-and-dnr",
      .front = { TCP, PASSTHRU, WITH(SECRET) }, .authenticate = true,
      .rule = REQUIRED ",\"dnr\":true", .run = not_required,
      .front_saw = DONE(16785, 0),
      .calls = "nvme_ctrl_auth_work=0 nvme_retry_req=0 "
               "nvmet_execute_auth_send=0",
      .expected = "\"device\":{\"hits\":1},\"result\":{\"value\":-1,"
                  "\"errno\":\"EIO\",\"observed\":{\"sent\":0,"
                  "\"received\":0}}",
      .from = "nvme_decide_disposition(): DNR comes first" },
    { .name = "fabric/tcp/authentication/required-without-secret",
      .front = { TCP, PASSTHRU, ",keep_alive_tmo=0" }, .host = true,
      .rule = REQUIRED ",\"times\":1", .run = without_secret, TWICE,
      .calls = "nvme_ctrl_auth_work=1 nvme_retry_req=1 "
               "nvmet_execute_auth_send=0",
      .expected = HIT_TWICE READ_WELL "{\"no-key\":true,\"sent\":0,"
                  "\"received\":0,\"live\":true}}",
      .from = FROM ", nvme_ctrl_auth_work()" },
};

void auth_load(Suite *suite)
{
    special_add(suite, cases, sizeof(cases) / sizeof(cases[0]));
}
