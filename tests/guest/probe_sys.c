/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "probe": the controller in sysfs, and when its driver is idle.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe.h"

#define DRIVER "/sys/bus/pci/drivers/nvme/"
#define DEVICES "/sys/bus/pci/devices/"
#define INSTANCE "/sys/kernel/tracing/instances/nvme-fi-probe/"
#define CLASS_NVME "0x010802"
#define IO_BYTES 4096
#define MAX_WORKS 32
#define SETTLE_MS 20000
#define LOOK_MS 10

/* A function of the driver that a workqueue runs. */
typedef struct Work {
    char function[64];
    bool queued, runs;
} Work;

static char address[32];        /* "0000:00:03.0" */
static int pipe_fd = -1;
static Buf text;                /* of the pipe, its last line incomplete */
static Work works[MAX_WORKS];
static int resets;              /* runs of nvme_reset_work() that ended */

static int write_text(const char *path, const char *what)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int ret = 0;

    if (fd < 0) {
        return -errno;
    }
    if (write(fd, what, strlen(what)) < 0) {
        ret = -errno;
    }
    close(fd);
    return ret;
}

static void read_text(const char *path, char *what, size_t size)
{
    FILE *f = fopen(path, "re");

    what[0] = '\0';
    if (f && fgets(what, size, f)) {
        what[strcspn(what, "\n")] = '\0';
    }
    if (f) {
        fclose(f);
    }
}

/* The first entry of @path that begins with @prefix; how many there are. */
static int entries(const char *path, const char *prefix, char *name,
                   size_t size)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    int n = 0;

    name[0] = '\0';
    while (dir && (entry = readdir(dir))) {
        if (entry->d_name[0] != '.' &&
            !strncmp(entry->d_name, prefix, strlen(prefix)) && !n++) {
            snprintf(name, size, "%.*s", (int)size - 1, entry->d_name);
        }
    }
    if (dir) {
        closedir(dir);
    }
    return n;
}

static bool find_device(void)
{
    DIR *dir = opendir(DEVICES);
    struct dirent *entry;
    char path[400], class[32];

    while (dir && (entry = readdir(dir))) {
        snprintf(path, sizeof(path), DEVICES "%s/class", entry->d_name);
        read_text(path, class, sizeof(class));
        if (!strcmp(class, CLASS_NVME)) {
            snprintf(address, sizeof(address), "%.31s", entry->d_name);
        }
    }
    if (dir) {
        closedir(dir);
    }
    return address[0] != '\0';
}

const char *sys_open(void)
{
    if (!find_device()) {
        return "there is no NVMe device on the PCI bus";
    }
    if (mkdir(INSTANCE, 0755) && errno != EEXIST) {
        return "this kernel's tracing has no instances";
    }
    write_text(INSTANCE "buffer_size_kb", "512");
    if (write_text(INSTANCE "events/workqueue/enable", "1")) {
        return "this kernel does not trace its workqueues";
    }
    pipe_fd = open(INSTANCE "trace_pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    return pipe_fd < 0 ? "the trace cannot be read" : NULL;
}

static Work *find_work(const char *function)
{
    size_t len = strcspn(function, " \n");
    Work *work;

    for (work = works; work < works + MAX_WORKS; work++) {
        if (!work->function[0]) {
            snprintf(work->function, sizeof(work->function), "%.*s",
                     (int)len, function);
        }
        if (!strncmp(work->function, function, len) &&
            !work->function[len]) {
            return work;
        }
    }
    return works;
}

/*
 * "workqueue_queue_work: work struct=... function=nvme_scan_work ..." and
 * "workqueue_execute_end: work struct ...: function nvme_scan_work".
 */
static void take_line(const char *line)
{
    const char *at = strstr(line, "function");
    Work *work;

    if (!at || strncmp(at + 9, "nvme_", 5)) {
        return;
    }
    work = find_work(at + 9);
    if (strstr(line, "workqueue_queue_work:")) {
        work->queued = true;
    } else if (strstr(line, "workqueue_execute_start:")) {
        work->queued = false;
        work->runs = true;
    } else if (strstr(line, "workqueue_execute_end:")) {
        work->runs = false;
        resets += !strcmp(work->function, "nvme_reset_work");
    }
}

static void read_works(void)
{
    char block[8192], *line, *eol;
    ssize_t n;

    while ((n = read(pipe_fd, block, sizeof(block))) > 0) {
        buf_add(&text, block, n);
    }
    if (!text.len) {
        return;
    }
    for (line = text.data; (eol = strchr(line, '\n')); line = eol + 1) {
        *eol = '\0';
        take_line(line);
    }
    n = strlen(line);
    memmove(text.data, line, n + 1);
    text.len = n;
}

/* What was queued before is no longer of interest: some was cancelled. */
static void forget_works(void)
{
    read_works();
    memset(works, 0, sizeof(works));
    resets = 0;
}

static bool is_bound(void)
{
    char path[100];

    snprintf(path, sizeof(path), DRIVER "%s", address);
    return !access(path, F_OK);
}

/* A controller that is gone takes what is queued with it. */
static bool is_settled(void)
{
    bool queued = false, runs = false;
    Seen seen;

    sys_look(&seen);
    read_works();
    for (size_t i = 0; i < MAX_WORKS; i++) {
        queued |= works[i].queued;
        runs |= works[i].runs;
    }
    if (!strcmp(seen.state, "none")) {
        return !is_bound() && !runs;
    }
    return (!strcmp(seen.state, "live") || !strcmp(seen.state, "dead")) &&
           !queued && !runs;
}

bool sys_settle(int min_resets)
{
    for (int ms = 0; ms < SETTLE_MS; ms += LOOK_MS) {
        if (is_settled() && resets >= min_resets) {
            return true;
        }
        poll(NULL, 0, LOOK_MS);
    }
    return false;
}

int sys_bind(void)
{
    forget_works();
    return write_text(DRIVER "bind", address);
}

int sys_unbind(void)
{
    return is_bound() ? write_text(DRIVER "unbind", address) : 0;
}

/* Writes to an attribute of the controller. */
static int write_attribute(const char *attribute)
{
    char path[100];
    Seen seen;

    sys_look(&seen);
    if (!seen.name[0]) {
        return -ENODEV;
    }
    forget_works();
    snprintf(path, sizeof(path), "/sys/class/nvme/%s/%s", seen.name,
             attribute);
    return write_text(path, "1");
}

int sys_reset(void)
{
    return write_attribute("reset_controller");
}

int sys_rescan(void)
{
    return write_attribute("rescan_controller");
}

int sys_pci_again(void)
{
    char path[100];
    int ret;

    snprintf(path, sizeof(path), DEVICES "%s/remove", address);
    ret = write_text(path, "1");
    if (ret) {
        return ret;
    }
    forget_works();
    ret = write_text("/sys/bus/pci/rescan", "1");
    /* Its driver may be bound in the background. */
    return ret ? ret : ctrl_wait_state("nvme0", "live", 20000) ? 0 : -ETIME;
}

void sys_look(Seen *seen)
{
    char path[200], name[64];

    *seen = (Seen){ .state = "none" };
    snprintf(path, sizeof(path), DEVICES "%s/nvme", address);
    if (!entries(path, "nvme", seen->name, sizeof(seen->name))) {
        return;
    }
    snprintf(path, sizeof(path), "/sys/class/nvme/%s/state", seen->name);
    read_text(path, seen->state, sizeof(seen->state));
    if (!seen->state[0]) {      /* it went meanwhile */
        *seen = (Seen){ .state = "none" };
        return;
    }
    snprintf(name, sizeof(name), "%sn", seen->name);
    if (!entries("/sys/block", name, seen->disk, sizeof(seen->disk))) {
        return;
    }
    snprintf(path, sizeof(path), "/sys/block/%s/size", seen->disk);
    read_text(path, name, sizeof(name));
    seen->sectors = strtoll(name, NULL, 10);
    snprintf(path, sizeof(path), "/sys/block/%s/mq", seen->disk);
    seen->queues = entries(path, "", name, sizeof(name));
}

long long sys_read(const Seen *seen)
{
    static char data[IO_BYTES] __attribute__((aligned(IO_BYTES)));
    char path[64];
    long long n;
    int fd;

    snprintf(path, sizeof(path), "/dev/%s", seen->disk);
    fd = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    n = pread(fd, data, IO_BYTES, 0);
    n = n < 0 ? -errno : n;
    close(fd);
    return n;
}

/* Adds the functions of a stack, "[<0>] name+0x1a/0x2b", as one string. */
static void add_stack(char *stack, Buf *buf)
{
    char *line, *rest = stack, *end;
    Buf names = { 0 };

    while ((line = strsep(&rest, "\n"))) {
        line = strstr(line, "] ");
        if (line) {
            end = line + strcspn(line, "+");
            buf_printf(&names, "%s%.*s", names.len ? " " : "",
                       (int)(end - line - 2), line + 2);
        }
    }
    buf_json_sep(buf);
    buf_json_string(buf, names.data ? names.data : "", names.len);
    buf_free(&names);
}

bool sys_stacks(Buf *observed)
{
    DIR *dir = opendir("/proc");
    struct dirent *entry;
    char path[300], stack[4096];
    bool waits = false;
    ssize_t n;
    int fd;

    buf_json_key(observed, "stacks");
    buf_puts(observed, "[");
    while (dir && (entry = readdir(dir))) {
        snprintf(path, sizeof(path), "/proc/%s/stack", entry->d_name);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        n = fd < 0 ? 0 : read(fd, stack, sizeof(stack) - 1);
        stack[n > 0 ? n : 0] = '\0';
        if (strstr(stack, " nvme_")) {
            waits |= strstr(stack, " nvme_wait_freeze") &&
                     strstr(stack, " nvme_reset_work");
            add_stack(stack, observed);
        }
        if (fd >= 0) {
            close(fd);
        }
    }
    if (dir) {
        closedir(dir);
    }
    buf_puts(observed, "]");
    return waits;
}
