/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel makes of a controller that fails: one row a case, with the
 * functions of drivers/nvme/host that say so.
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
#define RESET "/sys/class/nvme/nvme0/reset_controller"
#define SECONDS 1000000000LL

/* How often, and how long apart, the state of something is looked at. */
#define LOOKS 500
#define LOOK_MS 20

/* Identify Namespace after a reset: nvme_ns_info_from_identify() and then
 * nvme_update_ns_info_block(). */
#define IDENTIFIES 2

/* What the case does while the fault is there. */
typedef enum FaultAct {
    ACT_READ,                   /* a read; the rule that it hits fires it */
    ACT_RESET,                  /* armed, then reset_controller */
    ACT_UNPLUG,                 /* armed, then device_del */
    ACT_LOSE,                   /* fired while a read is on the drive */
} FaultAct;

typedef enum FaultEnd {
    END_LIVE,                   /* the controller lives on */
    END_DEAD,                   /* its driver gave it up */
    END_REMOVED,                /* there is none any more */
} FaultEnd;

/* In 6.2 a controller that is given up began to stay (pci.c before that:
 * nvme_remove_dead_ctrl_work); the kernels between are not known here. */
typedef enum Kernels { ALL, BEFORE_6_2, SINCE_6_2 } Kernels;

struct FaultCase {
    const char *name;
    FaultAct act;
    const char *trigger;        /* members after "fault" */
    int error;                  /* of the read or the reset; 0: none */
    FaultEnd end;
    bool restarts;              /* the controller is set up again */
    int min_s, max_s;           /* how long it takes */
    const char *log;            /* lines, as in "expected"; NULL: not judged */
    const char *log_61;         /* of kernel 6.1, where they differ */
    const char *from;
    Kernels kernels;
};

/* A reset that worked: nvme_setup_io_queues(), and the scan that follows it
 * (nvme_process_ns_desc() or its successor, for the identifiers of QEMU). */
#define RESTARTED \
    "[\"default/read/poll queues\"],[\"bogus Namespace Identifiers\"]"
#define DOWN_ALL_ONES \
    "[\"controller is down; will reset: CSTS=0xffffffff\"]," \
    "[\"faulty power saving mode\"],[\"report a bug\"]," \
    "[\"Unable to change power state from D3cold to D0\"]"
#define GIVEN_UP "[\"Disabling device after reset failure: -19\"]"
#define GIVEN_UP_61 "[\"Removing after probe failure status: -19\"]," \
    CAPACITY_61
#define CAPACITY_61 "[\"detected capacity change\",\"to 0\"]"
#define NOT_READY(what, csts) \
    "[\"Device not ready; aborting " what ", CSTS=" csts "\"]"

/*
 * Where a read fails, a newer kernel may report that or not: the queues run
 * again (nvme_dev_disable) before the disk is marked (nvme_mark_namespaces_dead
 * and GD_DEAD in blk_update_request), so that its log is not judged. Before
 * 6.2 it is the other way round (nvme_set_queue_dying).
 *
 * io_timeout is 4 s; CAP.TO says 7.5 s, which is 8 s for the driver; the
 * shutdown gets 5 s (shutdown_timeout in core.c).
 */
static const FaultCase cases[] = {
    { "removal/fatal", ACT_READ, "\"fatal\"", 0, END_LIVE, true, 4, 7,
      "[\"controller is down; will reset: CSTS=0x3\"]," RESTARTED, NULL,
      "nvme_timeout, nvme_warn_reset, nvme_reset_work, "
      "nvme_decide_disposition" },
    { "removal/fatal-sticky", ACT_READ, "\"fatal\",\"sticky\":true", EIO,
      END_DEAD, false, 12, 16,
      NULL,
      "[\"controller is down; will reset: CSTS=0x3\"],"
      NOT_READY("initialisation", "0x2") "," GIVEN_UP_61,
      "nvme_timeout, nvme_wait_ready, nvme_reset_work, nvme_queue_rq" },
    { "removal/fatal-twice", ACT_READ, "\"fatal\",\"times\":2", EIO,
      END_DEAD, false, 12, 16,
      NULL,
      "[\"controller is down; will reset: CSTS=0x3\"],"
      NOT_READY("initialisation", "0x2") "," GIVEN_UP_61,
      "nvme_reset_work: no second attempt" },
    { "removal/gone", ACT_READ, "\"gone\"", EIO, END_DEAD, false, 4, 9,
      NULL, DOWN_ALL_ONES "," GIVEN_UP_61,
      "nvme_timeout, nvme_warn_reset, nvme_pci_enable" },
    { "removal/gone-for-a-while", ACT_READ,
      "\"gone\",\"for-ns\":2000000000", 0, END_LIVE, false, 2, 7, NULL, NULL,
      "nvme_timeout: the completion was posted meanwhile" },
    { "removal/ready-late", ACT_RESET,
      "\"ready-late\",\"for-ns\":3000000000", 0, END_LIVE, true, 3, 6,
      RESTARTED, NULL, "nvme_wait_ready, nvme_reset_ctrl_sync" },
    { "removal/ready-never", ACT_RESET, "\"ready-never\"", ENETRESET,
      END_DEAD, false, 8, 12,
      NOT_READY("initialisation", "0x0") "," GIVEN_UP,
      NOT_READY("initialisation", "0x0") "," GIVEN_UP_61,
      "nvme_wait_ready, nvme_reset_work, nvme_reset_ctrl_sync" },
    { "removal/disable-late", ACT_RESET,
      "\"disable-late\",\"for-ns\":2000000000", 0, END_LIVE, true, 2, 5,
      RESTARTED, NULL, "nvme_disable_ctrl, nvme_wait_ready" },
    { "removal/disable-never", ACT_RESET, "\"disable-never\"", 0, END_LIVE,
      true, 16, 22,
      NOT_READY("reset", "0x1") "," NOT_READY("reset", "0x1") ","
      "[\"controller reset completed after pcie flr\"]," RESTARTED, NULL,
      "nvme_dev_disable and nvme_pci_configure_admin_queue wait, each; the "
      "second tries pcie_reset_flr", SINCE_6_2 },
    { "removal/disable-never", ACT_RESET, "\"disable-never\"", ENETRESET,
      END_DEAD, false, 24, 30, NULL,
      NOT_READY("reset", "0x1") "," NOT_READY("reset", "0x1") ","
      "[\"Removing after probe failure status: -19\"],"
      NOT_READY("reset", "0x1") "," CAPACITY_61,
      "nvme_dev_disable, nvme_pci_configure_admin_queue and again "
      "nvme_dev_disable, in nvme_remove_dead_ctrl, wait", BEFORE_6_2 },
    { "removal/shutdown-late", ACT_UNPLUG,
      "\"shutdown-late\",\"for-ns\":2000000000", 0, END_REMOVED, false, 2,
      5, "", NULL, "nvme_remove, nvme_dev_disable" },
    { "removal/shutdown-never", ACT_UNPLUG, "\"shutdown-never\"", 0,
      END_REMOVED, false, 5, 8, NOT_READY("shutdown", "0x5"),
      "[\"Device shutdown incomplete; abort shutdown\"]",
      "nvme_disable_ctrl; nvme_shutdown_ctrl before 6.2" },
    { "removal/surprise-unplug", ACT_LOSE, "\"surprise-unplug\"", EIO,
      END_REMOVED, false, 0, 4, NULL, NULL,
      "nvme_remove: not present, nvme_dev_disable, nvme_queue_rq" },
};

static char data[IO_BYTES] __attribute__((aligned(IO_BYTES)));

const FaultCase *fault_case(size_t i)
{
    return i < sizeof(cases) / sizeof(cases[0]) ? &cases[i] : NULL;
}

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

void fault_rules(Suite *suite, const FaultCase *fc, const Case *c, Buf *rules)
{
    if (fc->act == ACT_READ || fc->act == ACT_LOSE) {
        buf_json_sep(rules);
        buf_printf(rules, "{\"id\":\"c%u\",\"action\":\"none\",\"opcode\":"
                   "\"read\",\"slba\":%u,\"times\":1", c->ordinal,
                   FIRST_BYTE / suite->disk.lba_bytes);
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
    long long n = act(suite, fc);

    out->value = n < 0 ? -1 : n;
    out->error = n < 0 ? -n : 0;
    buf_json_bool(&out->observed, state ? state : "removed",
                  end_of(suite, fc) == END_DEAD ?
                  look_for(suite, NULL, is_dead) :
                  ctrl_wait_state("nvme0", state, 10000));
    if (fc->restarts) {
        buf_json_bool(&out->observed, "scanned",
                      look_for(suite, c, scanned));
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
    if (fc->end == END_LIVE) {
        buf_printf(record, ",\"read-after\":%d", IO_BYTES);
    }
    buf_puts(record, "}}");
    if (log) {
        buf_printf(record, ",\"log\":[%s]", log);
    }
    if (fc->max_s) {
        buf_printf(record, ",\"elapsed_ns\":{\"min\":%lld,\"max\":%lld}",
                   fc->min_s * SECONDS, fc->max_s * SECONDS);
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
