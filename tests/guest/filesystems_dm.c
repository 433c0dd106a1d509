/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "filesystems": dm-multipath over two controllers with one namespace:
 * which errors fail a path, and how it comes back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filesystems.h"

#define NAME   "paths"
#define DEVICE "/dev/dm-0"      /* the only one */
#define WAIT_MS 10000
#define ASKS   200              /* each is a program: some ms */

static char data[BLOCK] __attribute__((aligned(BLOCK)));
static char numbers[2][32];     /* "259:3" */
static int device = -1;

static const char *const controllers[] = { "nvme1", "nvme2" };

enum { FAILS, QUEUES };         /* where there is no path; FsCase.arg */

static bool find_numbers(void)
{
    for (unsigned i = 0; i < 2; i++) {
        struct stat st;

        if (!path_disk(i) || stat(path_disk(i), &st)) {
            return false;
        }
        snprintf(numbers[i], sizeof(numbers[i]), "%u:%u",
                 major(st.st_rdev), minor(st.st_rdev));
    }
    return true;
}

/* Two groups of one path each; the first is used while it can be. */
static int make_device(bool queue)
{
    char table[200];
    const char *argv[] = { "dmsetup", "--noudevsync", "create", NAME,
                           "--table", table, NULL };

    snprintf(table, sizeof(table), "0 65536 multipath %s 0 2 1 "
             "round-robin 0 1 1 %s 1 round-robin 0 1 1 %s 1",
             queue ? "1 queue_if_no_path" : "0", numbers[0], numbers[1]);
    return run_tool(NULL, argv);
}

static bool device_there(void *opaque)
{
    (void)opaque;
    return !access(DEVICE, R_OK | W_OK);
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;

    (void)suite;
    setenv("DM_DISABLE_UDEV", "1", 1);
    if (!find_numbers() || make_device(fc->arg == QUEUES) ||
        !wait_for(device_there, NULL, WAIT_MS)) {
        out->skip = "the multipath device cannot be made";
        return;
    }
    device = open(DEVICE, O_RDWR | O_DIRECT | O_CLOEXEC);
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    const char *argv[] = { "dmsetup", "--noudevsync", "remove", "--force",
                           NAME, NULL };

    (void)suite, (void)c, (void)out;
    if (device >= 0) {
        close(device);
        device = -1;
    }
    run_tool(NULL, argv);
}

/* "A 0": active, never failed; "F 1": failed. */
static void path_state(unsigned i, char *state)
{
    const char *argv[] = { "dmsetup", "status", NAME, NULL };
    Buf text = { 0 };
    char *at;
    int fails;

    strcpy(state, "?");
    if (!run_tool(&text, argv) && text.data &&
        (at = strstr(text.data, numbers[i])) &&
        sscanf(at + strlen(numbers[i]), " %c %d", state, &fails) == 2) {
        snprintf(state, 16, "%c %d", *state, fails);
    }
    buf_free(&text);
}

static void observe(Outcome *out)
{
    static const char *const said[] = { "Failing path", NULL };
    static const char *const keys[] = { "path-a", "path-b" };

    for (unsigned i = 0; i < 2; i++) {
        char state[16];

        path_state(i, state);
        buf_json_str(&out->observed, keys[i], state);
    }
    log_observe(out, said);
}

static int reinstate(unsigned i)
{
    char message[64];
    const char *argv[] = { "dmsetup", "message", NAME, "0", message, NULL };

    snprintf(message, sizeof(message), "reinstate_path %s", numbers[i]);
    return run_tool(NULL, argv);
}

static int device_read(void)
{
    return pread(device, data, BLOCK, 0) == BLOCK ? 0 : -errno;
}

/* Without DNR: the driver would try again, but for REQ_FAILFAST_TRANSPORT. */
static bool break_path(Suite *suite, const Case *c, unsigned i,
                       const char *opcode)
{
    const FsCase *fc = c->data;

    return arm(suite, c, controllers[i], "\"action\":\"status\",\"status\":"
               "\"%s\",\"opcode\":\"%s\",\"times\":1", fc->status, opcode);
}

static bool count(Suite *suite, const Case *c, unsigned i, const char *opcode)
{
    return arm(suite, c, controllers[i], "\"action\":\"none\",\"opcode\":"
               "\"%s\",\"times\":1", opcode);
}

/* The second path has what the first one refused, or nothing. */
static void one_read(Suite *suite, const Case *c, Outcome *out)
{
    if (!break_path(suite, c, 0, "read") || !count(suite, c, 1, "read")) {
        out->value = -2;
        return;
    }
    observe_errno(out, "read", device_read());
    observe(out);
    reinstate(0);
}

static void one_flush(Suite *suite, const Case *c, Outcome *out)
{
    if (!break_path(suite, c, 0, "flush") || !count(suite, c, 1, "flush")) {
        out->value = -2;
        return;
    }
    observe_errno(out, "fsync", fsync(device) ? -errno : 0);
    observe(out);
}

static void no_path(Suite *suite, const Case *c, Outcome *out)
{
    if (!break_path(suite, c, 0, "read") || !break_path(suite, c, 1, "read")) {
        out->value = -2;
        return;
    }
    observe_errno(out, "read", device_read());
    observe(out);
    observe_errno(out, "read-again", device_read());
    reinstate(0);
    observe_errno(out, "read-reinstated", device_read());
}

static bool both_failed(void)
{
    for (int asks = 0; asks < ASKS; asks++) {
        char a[16], b[16];

        path_state(0, a);
        path_state(1, b);
        if (*a == 'F' && *b == 'F') {
            return true;
        }
    }
    return false;
}

/* The read waits for a path. */
static void queue(Suite *suite, const Case *c, Outcome *out)
{
    int status = -1;
    pid_t pid;

    if (!break_path(suite, c, 0, "read") || !break_path(suite, c, 1, "read")) {
        out->value = -2;
        return;
    }
    pid = fork();
    if (pid == 0) {
        _exit(-device_read());
    }
    buf_json_bool(&out->observed, "failed", both_failed());
    buf_json_bool(&out->observed, "waits", waitpid(pid, &status, WNOHANG) ==
                  0);
    buf_json_bool(&out->observed, "reinstated", reinstate(1) == 0);
    waitpid(pid, &status, 0);
    observe_errno(out, "read", WIFEXITED(status) ? -WEXITSTATUS(status) :
                  -EINTR);
    observe(out);
}

#define SEEN(hits, members) "{\"device\":{\"hits\":" hits "},\"result\":{" \
    "\"value\":0,\"observed\":{" members "}}}"
#define PATHS(a, b, said) "\"path-a\":\"" a "\",\"path-b\":\"" b "\"," \
    "\"said\":[" said "]"
#define FAILING "\"Failing path\""
#define ROW(title, what, function, ...) \
    { .name = "dm-multipath/" title, .needs = "CONFIG_DM_MULTIPATH", \
      .prepare = prepare, .run = function, .cleanup = cleanup, .fs = NFS, \
      .status = what, __VA_ARGS__ }
#define SWITCH(what) ROW("read/" what, what, one_read, .expect = { { NULL, \
    SEEN("2", "\"read\":null," PATHS("F 1", "A 0", FAILING)) } }, \
    .calls = "multipath_end_io=2 fail_path=1 nvme_retry_req=0", \
    .from = "blk_path_error(): true; multipath_end_io(), fail_path()")
#define STAY(what, error) ROW("read/" what, what, one_read, .expect = { \
    { NULL, SEEN("1", "\"read\":\"" error "\"," PATHS("A 0", "A 0", "")) } }, \
    .calls = "multipath_end_io=1 fail_path=0 nvme_retry_req=0", \
    .from = "blk_path_error(): false; multipath_end_io()")

static const FsCase cases[] = {
    SWITCH("internal-error"),
    SWITCH("host-pathing-error"),
    STAY("capacity-exceeded", "ENOSPC"),
    STAY("access-denied", "ENODATA"),
    STAY("unrecovered-read-error", "ENODATA"),
    STAY("lba-out-of-range", "EREMOTEIO"),
    STAY("reservation-conflict", "EBADE"),
    STAY("end-to-end-guard-check-error", "EILSEQ"),
    STAY("invalid-command-opcode", "EOPNOTSUPP"),
    ROW("flush", "internal-error", one_flush, .expect = { { NULL, SEEN("2",
        "\"fsync\":null," PATHS("F 1", "A 0", FAILING)) } },
        .calls = "fail_path=1", .from = "multipath_end_io()"),
    ROW("no-path", "internal-error", no_path, .expect = { { NULL, SEEN("2",
        "\"read\":\"EIO\"," PATHS("F 1", "F 1", FAILING)
        ",\"read-again\":\"EIO\",\"read-reinstated\":null") } },
        .calls = "fail_path=2 reinstate_path=1",
        .from = "multipath_end_io(), reinstate_path()"),
    ROW("queue-if-no-path", "internal-error", queue, .arg = QUEUES,
        .expect = { { NULL, SEEN("2", "\"failed\":true,\"waits\":true,"
        "\"reinstated\":true,\"read\":null," PATHS("F 1", "A 1", FAILING)) } },
        .calls = "fail_path=2 reinstate_path=1",
        .from = "must_push_back_rq(), reinstate_path()"),
};

void dm_cases(Suite *suite)
{
    add_cases(suite, cases, sizeof(cases) / sizeof(*cases));
}
