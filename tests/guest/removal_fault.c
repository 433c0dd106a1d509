/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel makes of a controller that fails: the cases are rows of
 * removal_fault_cases.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/json.h"
#include "removal_fault.h"

#define IO_BYTES 4096
#define FIRST_BYTE (2 * 1024 * 1024)
#define FIRST_LBA (FIRST_BYTE / 512)    /* the blocks of all drives here */
#define RESET "/sys/class/nvme/nvme0/reset_controller"
#define PORT "/sys/class/nvme/nvme0/device/../"
#define SECONDS 1000000000LL

/* How often, and how long apart, the state of something is looked at. */
#define LOOKS 1500
#define LOOK_MS 20

/*
 * What a busy host may add to the time of a case.  Its upper bound is there to
 * tell a hang; state, errno, hits and log say which way was taken.
 */
#define BUSY_S 15

/* Identify Namespace after a reset: nvme_ns_info_from_identify() and then
 * nvme_update_ns_info_block(). */
#define IDENTIFIES 2

static char data[IO_BYTES] __attribute__((aligned(IO_BYTES)));

/* Before 6.2, see Kernels. */
static bool removes_dead(const Suite *suite)
{
    Version kept = { 6, 2 };

    return version_compare(suite->kernel, kept) < 0;
}

bool fault_holds(const Suite *suite, const FaultCase *fc)
{
    return fc->kernels == ALL ||
           removes_dead(suite) == (fc->kernels == BEFORE_6_2);
}

const char *fault_name(const FaultCase *fc)
{
    return fc->name;
}

static void add_trigger(const FaultCase *fc, Buf *buf)
{
    buf_printf(buf, "[{\"trigger\":\"controller\",\"fault\":%s}]",
               fc->trigger);
}

void fault_rules(const FaultCase *fc, const Case *c, Buf *rules)
{
    if (fc->act == ACT_READ || fc->act == ACT_LOSE) {
        buf_json_sep(rules);
        buf_printf(rules, "{\"id\":\"c%u\",\"action\":\"none\",\"opcode\":"
                   "\"read\",\"slba\":%u,\"times\":1", c->ordinal,
                   FIRST_LBA);
        if (fc->act == ACT_READ) {
            buf_puts(rules, ",\"trigger\":");
            add_trigger(fc, rules);
        } else {
            buf_printf(rules, ",\"delay-ns\":%lld", 60 * SECONDS);
        }
        buf_puts(rules, "}");
    }
    if (fc->restarts) {
        buf_json_sep(rules);
        buf_printf(rules, "{\"id\":\"c%u.1\",\"action\":\"none\",\"opcode\":"
                   "\"identify\",\"cns\":0,\"times\":%d}", c->ordinal,
                   IDENTIFIES);
    }
}

static void arm(Suite *suite, const FaultCase *fc)
{
    Buf arguments = { 0 };

    buf_puts(&arguments, "{\"device\":\"nvme0\",\"triggers\":");
    add_trigger(fc, &arguments);
    buf_puts(&arguments, "}");
    suite_request(suite, "nvme-fi-trigger", arguments.data, NULL);
    buf_free(&arguments);
}

static long long reset_controller(void)
{
    int fd = open(RESET, O_WRONLY | O_CLOEXEC);
    long long n = fd < 0 ? -errno : write(fd, "1", 1) < 0 ? -errno : 1;

    if (fd >= 0) {
        close(fd);
    }
    return n;
}

/* The runner reads what the rules did before the drive is no more. */
static long long read_and_lose(Suite *suite, const FaultCase *fc)
{
    struct iocb io = {
        .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = suite->disk.fd,
        .aio_buf = (unsigned long)data, .aio_nbytes = IO_BYTES,
        .aio_offset = FIRST_BYTE,
    }, *list = &io;
    struct io_event event = { 0 };
    aio_context_t context = 0;
    long n;

    if (syscall(SYS_io_setup, 1, &context) ||
        syscall(SYS_io_submit, context, 1, &list) != 1 ||
        !suite_request(suite, "run-keep", NULL, NULL)) {
        return -EPROTO;
    }
    arm(suite, fc);
    do {
        n = syscall(SYS_io_getevents, context, 1, 1, &event, NULL);
    } while (n < 0 && errno == EINTR);
    syscall(SYS_io_destroy, context);
    return n == 1 ? (long long)event.res : -EPROTO;
}

static long long act(Suite *suite, const FaultCase *fc)
{
    const char *reason;
    ssize_t n;

    switch (fc->act) {
    case ACT_READ:
        n = pread(suite->disk.fd, data, IO_BYTES, FIRST_BYTE);
        return n < 0 ? -errno : n;
    case ACT_RESET:
        arm(suite, fc);
        return reset_controller();
    case ACT_UNPLUG:
        arm(suite, fc);
        reason = suite_unplug(suite, "nvme0");
        return reason ? -EPROTO : 0;
    case ACT_LOSE:
        return read_and_lose(suite, fc);
    }
    return -EINVAL;
}

static FaultEnd end_of(const Suite *suite, const FaultCase *fc)
{
    return fc->end == END_DEAD && removes_dead(suite) ? END_REMOVED : fc->end;
}

static const char *state_of(FaultEnd end)
{
    switch (end) {
    case END_LIVE:
        return "live";
    case END_DEAD:
        return "dead";
    case END_REMOVED:
        return NULL;
    }
    return NULL;
}

/* The scan that follows a reset has come to the namespace. */
static bool scanned(Suite *suite, const void *opaque)
{
    const Case *c = opaque;
    Buf arguments = { 0 }, answer = { 0 };
    long long hits = 0;

    buf_printf(&arguments, "{\"device\":\"nvme0\",\"ids\":[\"c%u.1\"]}",
               c->ordinal);
    suite_request(suite, "query-nvme-fi", arguments.data, &answer);
    if (answer.data) {
        json_get_int(answer.data, "hits", &hits);
    }
    buf_free(&arguments);
    buf_free(&answer);
    return hits == IDENTIFIES;
}

/* No uevent tells that a controller is dead. */
static bool is_dead(Suite *suite, const void *opaque)
{
    (void)suite, (void)opaque;
    return ctrl_wait_state("nvme0", "dead", 0);
}

/* How many errors of that kind were reported to the root port; -1: no file. */
static int port_errors(const FaultCase *fc)
{
    char path[128];
    FILE *f;
    int n = -1;

    snprintf(path, sizeof(path), PORT "%s", fc->counter);
    f = fopen(path, "re");
    if (f) {
        if (fscanf(f, "%d", &n) != 1) {
            n = -1;
        }
        fclose(f);
    }
    return n;
}

static bool look_for(Suite *suite, const void *opaque,
                     bool (*there)(Suite *suite, const void *opaque))
{
    for (int i = 0; i < LOOKS; i++) {
        if (there(suite, opaque)) {
            return true;
        }
        poll(NULL, 0, LOOK_MS);
    }
    return false;
}

void fault_run(Suite *suite, const FaultCase *fc, const Case *c, Outcome *out)
{
    const char *state = state_of(end_of(suite, fc));
    int errors = fc->counter ? port_errors(fc) : 0;
    long long n = act(suite, fc);

    out->value = n < 0 ? -1 : n;
    out->error = n < 0 ? -n : 0;
    buf_json_bool(&out->observed, state ? state : "removed",
                  end_of(suite, fc) == END_DEAD ?
                  look_for(suite, NULL, is_dead) :
                  ctrl_wait_state("nvme0", state, LOOKS * LOOK_MS));
    if (fc->restarts) {
        buf_json_bool(&out->observed, "scanned",
                      look_for(suite, c, scanned));
    }
    if (fc->counter) {
        buf_json_int(&out->observed, fc->counter, port_errors(fc) - errors);
    }
    if (fc->end == END_LIVE) {
        buf_json_int(&out->observed, "read-after",
                     pread(suite->disk.fd, data, IO_BYTES, 0));
    }
}

void fault_describe(const Suite *suite, const FaultCase *fc, Buf *record)
{
    static const struct {
        const char *op;
        long long value;
        int hits;
    } acts[] = {
        [ACT_READ] = { "read", IO_BYTES, 1 }, [ACT_RESET] = { "reset", 1, 0 },
        [ACT_UNPLUG] = { "unplug", 0, 0 }, [ACT_LOSE] = { "read", 0, 1 },
    };
    const char *state = state_of(end_of(suite, fc));
    const char *log = removes_dead(suite) && fc->log_61 ? fc->log_61 :
                      fc->log;

    buf_json_key(record, "stimulus");
    buf_printf(record, "{\"op\":\"%s\",\"controller\":{\"fault\":%s}}",
               acts[fc->act].op, fc->trigger);
    buf_json_str(record, "from", fc->from);
    buf_json_key(record, "expected");
    buf_printf(record, "{\"device\":{\"hits\":%d},\"result\":{\"value\":%lld,"
               "\"errno\":",
               acts[fc->act].hits + (fc->restarts ? IDENTIFIES : 0),
               fc->error ? -1 : acts[fc->act].value);
    buf_puts(record, fc->error == EIO ? "\"EIO\"" :
             fc->error == ENETRESET ? "\"ENETRESET\"" : "null");
    buf_printf(record, ",\"observed\":{\"%s\":true",
               state ? state : "removed");
    if (fc->restarts) {
        buf_puts(record, ",\"scanned\":true");
    }
    if (fc->counter) {
        buf_printf(record, ",\"%s\":1", fc->counter);
    }
    if (fc->end == END_LIVE) {
        buf_printf(record, ",\"read-after\":%d", IO_BYTES);
    }
    buf_puts(record, "}}");
    if (log) {
        buf_printf(record, ",\"log\":[%s]", log);
    }
    if (fc->max_s) {
        buf_printf(record, ",\"elapsed_ns\":{\"min\":%lld,\"max\":%lld}",
                   fc->min_s * SECONDS, (fc->max_s + BUSY_S) * SECONDS);
    }
    buf_puts(record, "}");
}

const char *fault_clear(Suite *suite, const FaultCase *fc, const char *id)
{
    if (fc->act == ACT_UNPLUG || strstr(fc->trigger, "unplug")) {
        return suite_gone(suite, id);
    }
    return suite_unplug(suite, id);
}
