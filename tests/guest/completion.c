/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "completion": what the kernel makes of completion queue entries that
 * are malformed, interrupts that go wrong, queues that are not served, and of
 * rules that only watch.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "suite_completion.h"
#include "lib/json.h"

#define LBA_BYTES 512           /* both namespaces */
#define BLOCK 2048              /* logical blocks, as in the rules */
#define OTHER 4096
#define ANOTHER 6144
#define ZONED_NSID 2
#define NAMESPACES 2
#define SCAN_NS 25000000000LL   /* time for a scan after a reset */
#define TIMEOUT_MS 1000         /* of an admin command, as io_timeout */

#define NVME_ZONE_APPEND 0x7d   /* ZNS 1.2, 3.4.1 */
#define NVME_READ 0x02
#define NVME_GET_FEATURES 0x0a
#define NUMBER_OF_QUEUES 7      /* Feature Identifier */

static char data[3][IO_BYTES] __attribute__((aligned(IO_BYTES)));
static int disk = -1, zoned = -1, controller = -1;
static int kmsg = -1;           /* of a case that resets the controller */
static char disk_name[20];

/* Of the disk, in ms: where a timeout is wanted, and where a machine that is
 * stopped for a second must not get one. */
#define SHORT_TIMEOUT 1000
#define LONG_TIMEOUT 30000

static int load(Suite *suite)
{
    size_t i;

    for (i = 0; i < completion_ncases; i++) {
        suite_add(suite, strdup(completion_cases[i].name),
                  (void *)&completion_cases[i])->alone = true;
    }
    return 0;
}

static void rules(Suite *suite, const Case *c, Buf *buf)
{
    const CompletionCase *cc = c->data;
    size_t i;

    (void)suite;
    for (i = 0; i < 3 && cc->rules[i] && cc->act != ACT_TRIGGER; i++) {
        buf_json_sep(buf);
        buf_printf(buf, "{\"id\":\"c%u.%zu\",%s}", c->ordinal, i,
                   cc->rules[i]);
    }
}

static bool all_there(void *opaque)
{
    (void)opaque;
    return !access("/dev/nvme0n1", R_OK) && !access("/dev/nvme0n2", R_OK);
}

/* As for other suites: the tags are the driver's then. */
static void no_scheduler(unsigned int n)
{
    char path[80];
    FILE *f;

    snprintf(path, sizeof(path), "/sys/block/nvme0n%u/queue/scheduler", n);
    f = fopen(path, "we");
    if (f) {
        fputs("none", f);
        fclose(f);
    }
}

/* Opens what the kernel has found, once. From 6.12 on namespaces are scanned
 * at the same time, and get their names in any order (core.c,
 * nvme_scan_ns_list). */
static const char *open_all(void)
{
    unsigned int n;

    if (disk >= 0) {
        return NULL;
    }
    if (!wait_for(all_there, NULL, 15000)) {
        return "the kernel does not show both namespaces";
    }
    controller = open("/dev/nvme0", O_RDWR | O_CLOEXEC);
    for (n = 1; n <= NAMESPACES; n++) {
        char path[40];
        int fd;

        snprintf(path, sizeof(path), "/dev/nvme0n%u", n);
        fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
        if (ioctl(fd, NVME_IOCTL_ID) == ZONED_NSID) {
            zoned = fd;
        } else {
            no_scheduler(n);
            snprintf(disk_name, sizeof(disk_name), "nvme0n%u", n);
            disk = fd;
        }
    }
    return controller < 0 || zoned < 0 || disk < 0 ?
           "a device cannot be opened" : NULL;
}

static bool resets(const Case *c)
{
    const CompletionCase *cc = c->data;

    return cc->fate == FATE_RESET || cc->fate == FATE_ADMIN_RESET;
}

/*
 * After a reset the driver scans the namespaces, when it pleases: it sends
 * commands and writes log lines. The case is without them: the command that
 * a scan begins with is held until it is over.
 */
static void hold_scan(Suite *suite, Outcome *out)
{
    if (!suite_request(suite, "nvme-fi-add",
                       "{\"device\":\"nvme0\",\"rules\":["
                       "{\"id\":\"scan\",\"opcode\":\"identify\","
                       "\"cns\":2,\"action\":\"hold\","
                       "\"execute\":true},"
                       "{\"id\":\"report\",\"action\":\"none\",\"opcode\":"
                       "\"zone-management-receive\"}]}", NULL)) {
        out->skip = "the scan cannot be held";
    }
    kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    lseek(kmsg, 0, SEEK_END);
}

/* Is the command on time, or late without a timeout? */
static bool is_in_time(const CompletionCase *cc)
{
    return cc->fate == FATE_DONE || cc->fate == FATE_LATE;
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    out->skip = open_all();
    if (!out->skip &&
        !disk_set_timeout(disk_name, is_in_time(c->data) ? LONG_TIMEOUT :
                          SHORT_TIMEOUT)) {
        out->skip = "the disk's io_timeout cannot be set";
    }
    if (!out->skip && resets(c)) {
        hold_scan(suite, out);
    }
}

/* The integer member @key of the answer to a request, or -1. */
static long long ask(Suite *suite, const char *execute, const char *arguments,
                     const char *key)
{
    Buf answer = { 0 };
    long long value = -1;

    if (suite_request(suite, execute, arguments, &answer)) {
        json_get_int(answer.data, key, &value);
    }
    buf_free(&answer);
    return value;
}

/* How many new lines of the kernel log have @text. */
static int log_lines(const char *text)
{
    char record[2048];
    int count = 0;
    ssize_t n;

    while ((n = read(kmsg, record, sizeof(record) - 1)) > 0) {
        record[n] = '\0';
        count += strstr(record, text) != NULL;
    }
    return count;
}

/* Lets the scan go on, and waits until it is over: each namespace has its
 * line (nvme_ns_info_from_identify), zones are reported last. */
static void finish_scan(Suite *suite)
{
    static char block[IO_BYTES] __attribute__((aligned(IO_BYTES)));
    long long until = suite_now_ns() + SCAN_NS;
    int lines = 0;

    while (suite_now_ns() < until &&
           ask(suite, "nvme-fi-release", "{\"device\":\"nvme0\"}",
               "released") < 1) {
        continue;
    }
    while (suite_now_ns() < until &&
           ((lines += log_lines("Ignoring bogus Namespace")) < NAMESPACES ||
            ask(suite, "query-nvme-fi", "{\"device\":\"nvme0\",\"ids\":"
                "[\"report\"]}", "hits") < 1)) {
        continue;
    }
    /* its queue is frozen while the scan changes it */
    if (pread(zoned, block, IO_BYTES, 0) != IO_BYTES) {
        suite_send_error(suite, "the zones cannot be read after a scan");
    }
    close(kmsg);
}

static long long read_block(off_t slba)
{
    ssize_t n = pread(disk, data[0], IO_BYTES, slba * LBA_BYTES);

    return n < 0 ? -errno : n;
}

/* Two reads, each with a doorbell of its own; the smaller result. */
static long long read_two(void)
{
    struct iocb io[2];
    struct io_event events[2] = { 0 };
    aio_context_t context = 0;
    long n = 0;
    int i;

    if (syscall(SYS_io_setup, 2, &context)) {
        return -errno;
    }
    for (i = 0; i < 2; i++) {
        struct iocb *list = &io[i];

        io[i] = (struct iocb){
            .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = disk,
            .aio_buf = (unsigned long)data[i + 1], .aio_nbytes = IO_BYTES,
            .aio_offset = (i ? OTHER : ANOTHER) * LBA_BYTES,
        };
        n += syscall(SYS_io_submit, context, 1, &list);
    }
    if (n == 2) {
        n = syscall(SYS_io_getevents, context, 2, 2, events, NULL);
    }
    syscall(SYS_io_destroy, context);
    if (n != 2) {
        return -EIO;
    }
    return events[0].res < events[1].res ? events[0].res : events[1].res;
}

/* An I/O command as it is; stores DW1:DW0. */
static long long pass(unsigned char opcode, Outcome *out)
{
    bool append = opcode == NVME_ZONE_APPEND;
    struct nvme_passthru_cmd64 cmd = {
        .opcode = opcode, .nsid = append ? ZONED_NSID : 1,
        .addr = (unsigned long)data[0], .data_len = IO_BYTES,
        .cdw10 = append ? 0 : BLOCK, .cdw12 = IO_BYTES / LBA_BYTES - 1,
    };
    int ret = ioctl(append ? zoned : disk, NVME_IOCTL_IO64_CMD, &cmd);

    buf_json_int(&out->observed, "result", cmd.result);
    return ret < 0 ? -errno : ret;
}

/* Get Features; and a read, which waits for a reset that it caused. */
static long long get_features(Outcome *out)
{
    struct nvme_passthru_cmd64 cmd = {
        .opcode = NVME_GET_FEATURES, .cdw10 = NUMBER_OF_QUEUES,
        .timeout_ms = TIMEOUT_MS,
    };
    int ret = ioctl(controller, NVME_IOCTL_ADMIN64_CMD, &cmd);
    int error = errno;

    buf_json_int(&out->observed, "result", cmd.result);
    buf_json_int(&out->observed, "read-after", read_block(OTHER));
    return ret < 0 ? -error : ret;
}

static long long fire(Suite *suite, const CompletionCase *cc)
{
    Buf arguments = { 0 };
    bool ok;

    buf_printf(&arguments, "{\"device\":\"nvme0\",\"triggers\":[{%s}]}",
               cc->rules[0]);
    ok = suite_request(suite, "nvme-fi-trigger", arguments.data, NULL);
    buf_free(&arguments);
    return ok ? read_block(BLOCK) : -EPROTO;
}

static long long both(long long first, long long second)
{
    return first < 0 ? first : second;
}

static long long act(Suite *suite, const CompletionCase *cc, Outcome *out)
{
    long long first;

    switch (cc->act) {
    case ACT_READ:
        return read_block(BLOCK);
    case ACT_AFTER_ANOTHER:
        first = read_block(OTHER);
        return both(first, read_block(BLOCK));
    case ACT_AND_ANOTHER:
        first = read_block(BLOCK);
        return both(first, read_block(OTHER));
    case ACT_TWO_AT_ONCE:
        first = read_block(BLOCK);
        return both(first, read_two());
    case ACT_FSYNC:
        return fsync(disk) ? -errno : 0;
    case ACT_IOCTL:
        return pass(NVME_READ, out);
    case ACT_APPEND:
        return pass(NVME_ZONE_APPEND, out);
    case ACT_ADMIN:
        return get_features(out);
    case ACT_TRIGGER:
        return fire(suite, cc);
    }
    return -EINVAL;
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    long long n = act(suite, c->data, out);

    out->value = n < 0 ? -1 : n;
    out->error = n < 0 ? -n : 0;
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    if (!out->skip && resets(c)) {
        finish_scan(suite);
    }
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    static const char *const acts[] = {
        [ACT_READ] = "read", [ACT_AFTER_ANOTHER] = "read, read of the block",
        [ACT_AND_ANOTHER] = "read of the block, read",
        [ACT_TWO_AT_ONCE] = "read of the block, two reads", [ACT_FSYNC] =
        "fsync", [ACT_IOCTL] = "read by ioctl", [ACT_APPEND] =
        "zone append by ioctl", [ACT_ADMIN] = "get-features by ioctl",
        [ACT_TRIGGER] = "trigger, read",
    };
    const CompletionCase *cc = c->data;

    (void)out;
    buf_json_key(record, "stimulus");
    buf_puts(record, "{");
    buf_json_str(record, "op", acts[cc->act]);
    buf_json_str(record, "fault", cc->rules[0]);
    buf_puts(record, "}");
    completion_expect(suite, c, record);
    buf_json_str(record, "from", cc->from);
}

/* The time of admin commands is for those of a reset and a held scan. */
static const SuiteClass completion_class = {
    .name = "completion",
    .machine = "{\"kernel\":\"nvme_core.multipath=N nvme_core.io_timeout=1 "
               "nvme_core.admin_timeout=8\",\"timeout\":90,\"drives\":["
               "{\"id\":\"disk\",\"size\":67108864},"
               "{\"id\":\"zones\",\"size\":67108864}],\"devices\":["
               "{\"driver\":\"nvme\",\"id\":\"nvme0\",\"serial\":"
               "\"nvme-fi\"},"
               "{\"driver\":\"nvme-ns\",\"drive\":\"disk\",\"nsid\":1},"
               "{\"driver\":\"nvme-ns\",\"drive\":\"zones\",\"nsid\":2,"
               "\"zoned\":true,\"zoned.zone_size\":1048576}]}",
    .no_disk = true,
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
    return suite_main(&completion_class, argc, argv);
}
