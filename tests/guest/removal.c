/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "removal": what the kernel makes of a drive that is unplugged in
 * order, and of the next one in its slot.
 */
#include <errno.h>
#include <linux/aio_abi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/suite.h"
#include "lib/uevents.h"
#include "removal_fault.h"

#define DRIVE "nvme0"           /* in the machine */
#define IO_BYTES 4096
#define FIRST_BYTE (1024 * 1024)
#define FIRST_LBA (FIRST_BYTE / 512)    /* the blocks of all drives here */

/* How long the drive keeps a read; the kernel lets go of it earlier. */
#define HOLD_NS 3000000000LL

/* Between two looks whether the read has ended. */
#define LOOK_NS 50000000

/* How long disk and controller may take to go, in ms. */
#define GONE_MS 30000

/* A controller that is being removed; from drivers/nvme/host/sysfs.c. */
#define STATE_NO_IO "deleting (no IO)"

typedef struct RemovalCase {
    const char *name;
    bool read;                  /* one is on the drive meanwhile */
    const FaultCase *fault;     /* instead */
} RemovalCase;

static RemovalCase cases[] = {
    { "removal/unplug-idle", false, NULL },
    { "removal/unplug-under-read", true, NULL },
};

static char data[IO_BYTES] __attribute__((aligned(IO_BYTES)));
static int uevents = -1;
static const char *trouble;     /* bringing the drive back failed */

static int load(Suite *suite)
{
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        suite_add(suite, strdup(cases[i].name), &cases[i])->alone = true;
    }
    for (i = 0; fault_case(i); i++) {
        RemovalCase *rc;

        if (!fault_holds(suite, fault_case(i))) {
            continue;
        }
        rc = calloc(1, sizeof(*rc));
        rc->name = fault_name(fault_case(i));
        rc->fault = fault_case(i);
        suite_add(suite, strdup(rc->name), rc)->alone = true;
    }
    return 0;
}

static void rules(Suite *suite, const Case *c, Buf *buf)
{
    const RemovalCase *rc = c->data;

    (void)suite;
    if (rc->fault) {
        fault_rules(rc->fault, c, buf);
    } else if (rc->read) {
        buf_json_sep(buf);
        buf_printf(buf, "{\"id\":\"c%u\",\"action\":\"none\",\"opcode\":"
                   "\"read\",\"slba\":%u,\"delay-ns\":%lld}", c->ordinal,
                   FIRST_LBA, HOLD_NS);
    }
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)c;
    out->skip = trouble;
    uevents = uevents_open();
}

/* The state of the controller, or "" when there is none. */
static void read_state(char *state, size_t size)
{
    FILE *f = fopen("/sys/class/nvme/nvme0/state", "re");

    state[0] = '\0';
    if (f && fgets(state, size, f)) {
        state[strcspn(state, "\n")] = '\0';
    }
    if (f) {
        fclose(f);
    }
}

/*
 * Submits a read, asks for the removal, and waits for the read. Stores the
 * controller's last state that was seen while the read was not complete.
 */
static long long read_under_removal(Suite *suite, char *state, size_t size)
{
    struct timespec look = { .tv_nsec = LOOK_NS };
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
        !suite_request(suite, "device_del", "{\"id\":\"" DRIVE "\"}", NULL)) {
        return -EIO;
    }
    do {
        read_state(state, size);
        n = syscall(SYS_io_getevents, context, 1, 1, &event, &look);
    } while (n == 0 || (n < 0 && errno == EINTR));
    syscall(SYS_io_destroy, context);
    return n == 1 ? (long long)event.res : -EIO;
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const RemovalCase *rc = c->data;
    char state[40] = "", name[32];
    const char *reason;
    long long n = 0;

    if (rc->fault) {
        fault_run(suite, rc->fault, c, out);
        return;
    }
    snprintf(name, sizeof(name), "%s", suite->disk.name);
    if (rc->read) {
        n = read_under_removal(suite, state, sizeof(state));
        buf_json_str(&out->observed, "state-under-read", state);
        reason = suite_gone(suite, DRIVE);
    } else {
        reason = suite_unplug(suite, DRIVE);
    }
    out->value = n < 0 ? -1 : n;
    out->error = n < 0 ? -n : 0;
    buf_json_str(&out->observed, "unplug", reason ? reason : "done");
    buf_json_bool(&out->observed, "disk-gone", disk_wait_gone(name, GONE_MS));
    buf_json_bool(&out->observed, "controller-gone",
                  ctrl_wait_state("nvme0", NULL, GONE_MS));
    /* The descriptor outlives its disk, which has no block any more. */
    buf_json_int(&out->observed, "read-after",
                 pread(suite->disk.fd, data, IO_BYTES, FIRST_BYTE));
    buf_json_key(&out->observed, "uevents");
    buf_puts(&out->observed, "[");
    uevents_read(uevents, "block nvme", &out->observed);
    buf_puts(&out->observed, "]");
}

/* The next drive in the slot. */
static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    const RemovalCase *rc = c->data;

    (void)out;
    close(uevents);
    disk_close(&suite->disk);
    trouble = rc->fault ? fault_clear(suite, rc->fault, DRIVE) : NULL;
    if (!trouble) {
        trouble = suite_plug(suite, DRIVE);
    }
    if (!trouble) {
        trouble = suite_disk_again(suite);
    }
}

/*
 * nvme_remove() of a controller that answers (drivers/nvme/host/pci.c) waits
 * in del_gendisk() for what is in flight, deletes the I/O queues and shuts the
 * controller down: nothing fails and nothing is logged. A disk that is gone
 * has no blocks: blkdev_read_iter() returns 0 (block/fops.c).
 */
static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    const RemovalCase *rc = c->data;

    (void)out;
    if (rc->fault) {
        fault_describe(suite, rc->fault, record);
        return;
    }
    buf_json_key(record, "stimulus");
    buf_printf(record, "{\"op\":\"unplug\",\"under\":\"%s\"}",
               rc->read ? "read" : "nothing");
    buf_json_key(record, "expected");
    buf_printf(record, "{\"device\":{\"hits\":%d},\"driver\":{"
               "\"completions\":[%s],\"admin\":["
               "{\"cmd\":\"nvme_admin_delete_sq\",\"status\":0},"
               "{\"cmd\":\"nvme_admin_delete_cq\",\"status\":0}]},"
               "\"log\":[],\"result\":{\"value\":%d,\"errno\":null,"
               "\"observed\":{\"unplug\":\"done\",\"disk-gone\":true,"
               "\"controller-gone\":true,\"read-after\":0%s}}%s}",
               rc->read, rc->read ? "{\"status\":0,\"retries\":0}" : "",
               rc->read ? IO_BYTES : 0,
               rc->read ? ",\"state-under-read\":\"" STATE_NO_IO "\"" : "",
               rc->read ? ",\"elapsed_ns\":{\"min\":3000000000}" : "");
}

/*
 * The port has 5 GT/s at most: with ACPI hot-plug QEMU's port promises Data
 * Link Layer Link Active and never shows it, for which Linux waits in vain
 * after a reset of a faster link (pci_bridge_wait_for_secondary_bus), and then
 * leaves the drive frozen for ever.
 */
static const SuiteClass removal_class = {
    .name = "removal",
    .machine = "{\"kernel\":\"nvme_core.multipath=N nvme_core.io_timeout=4 "
               "nvme_core.admin_timeout=4\",\"timeout\":60,\"devices\":["
               "{\"driver\":\"pcie-root-port\",\"id\":\"slot0\","
               "\"chassis\":1,\"slot\":1,\"x-speed\":\"5\"},"
               "{\"driver\":\"nvme\",\"id\":\"" DRIVE "\",\"serial\":"
               "\"nvme-fi\",\"drive\":\"disk\",\"bus\":\"slot0\"}],"
               "\"allow\":[\"device_del\"]}",
    .admin = true,
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

int main(int argc, char **argv)
{
    return suite_main(&removal_class, argc, argv);
}
