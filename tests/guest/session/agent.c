/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent of a session: runs one program of the user's in the guest, with
 * its input and output on ports of their own, and reports what the kernel said
 * meanwhile, as a suite with one case does.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "lib/json.h"
#include "lib/uevents.h"
#include "local.h"
#include "relay.h"

/* For ports and disk, each. */
#define WAIT_MS 15000

/* Of the kernel; what it shows of a task that hangs is shorter. */
#define MAX_STACK 8192

typedef struct Agent {
    Ports ports;
    Evidence evidence;
    Syscalls syscalls;
    Child child;
    Relay relay;
    Buf job;                    /* the answer that says what to do */
    Buf name;                   /* of the case */
    char disk[64];              /* path of the disk, or "" */
} Agent;

__attribute__((noreturn))
static void give_up(Agent *agent, const char *reason)
{
    Buf line = { 0 };

    buf_puts(&line, "{\"type\":\"error\"");
    buf_json_str(&line, "reason", reason);
    buf_puts(&line, "}");
    ports_send(&agent->ports, line.data);
    ports_flush(&agent->ports);
    fprintf(stderr, "session: %s\n", reason);
    exit(1);
}

/* The guest */

static void mount_at(const char *type, const char *path)
{
    mkdir(path, 0755);
    if (mount(type, path, type, 0, NULL) && errno != EBUSY) {
        perror(path);
    }
}

static void loopback_up(void)
{
    struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd >= 0) {
        ioctl(fd, SIOCSIFFLAGS, &lo);
        close(fd);
    }
}

/* By which the kernel loads a file system's module; its usual path goes
 * through a link that the image has not. */
static void set_modprobe(void)
{
    const char path[] = "/usr/sbin/modprobe";
    int fd = open("/proc/sys/kernel/modprobe", O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, path, strlen(path)) < 0) {
        perror("modprobe");
    }
    if (fd >= 0) {
        close(fd);
    }
}

static void set_up_guest(void)
{
    static const char *const links[][2] = {
        { "/proc/self/fd", "/dev/fd" }, { "/proc/self/fd/0", "/dev/stdin" },
        { "/proc/self/fd/1", "/dev/stdout" },
        { "/proc/self/fd/2", "/dev/stderr" },
    };
    size_t i;

    for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        if (symlink(links[i][0], links[i][1]) && errno != EEXIST) {
            perror(links[i][1]);
        }
    }
    mount_at("devpts", "/dev/pts");
    mount_at("tmpfs", "/dev/shm");
    mount_at("tmpfs", "/run");
    mkdir("/root", 0700);
    mkdir("/mnt", 0755);
    mkdir("/var", 0755);
    chmod("/tmp", 01777);
    loopback_up();
    set_modprobe();
    signal(SIGPIPE, SIG_IGN);
}

static bool ports_there(void *opaque)
{
    Relay *relay = opaque;

    relay->input = relay->input < 0 ? port_open("org.nvme-fi.input") :
                   relay->input;
    relay->output = relay->output < 0 ? port_open("org.nvme-fi.output") :
                    relay->output;
    relay->errors = relay->errors < 0 ? port_open("org.nvme-fi.errors") :
                    relay->errors;
    return relay->input >= 0 && relay->output >= 0 && relay->errors >= 0;
}

static bool disk_there(void *opaque)
{
    return access(opaque, F_OK) == 0;
}

/* What the runner wants */

static void say_hello(Agent *agent)
{
    struct utsname uts;
    Buf line = { 0 };

    uname(&uts);
    buf_puts(&line, "{\"type\":\"hello\"");
    buf_json_str(&line, "kernel", uts.release);
    buf_json_int(&line, "cases", 1);
    buf_puts(&line, "}");
    ports_send(&agent->ports, line.data);
    ports_flush(&agent->ports);
    buf_free(&line);
}

/* The strings NAME0, NAME1, ... of the answer, ended with NULL. */
static char **get_strings(const Buf *job, const char *name)
{
    char **strings = NULL;
    size_t count = 0;
    bool more = true;

    while (more) {
        Buf text = { 0 };
        char key[40];

        snprintf(key, sizeof(key), "%s%zu", name, count);
        more = json_get_string(job->data, key, &text);
        strings = realloc(strings, (count + 1) * sizeof(*strings));
        strings[count++] = more ? strdup(text.len ? text.data : "") : NULL;
        buf_free(&text);
    }
    return strings;
}

static int get_int(const Buf *job, const char *name)
{
    long long value = 0;

    json_get_int(job->data, name, &value);
    return value;
}

static bool get_bool(const Buf *job, const char *name)
{
    bool value = false;

    json_get_bool(job->data, name, &value);
    return value;
}

static void get_job(Agent *agent)
{
    Buf disk = { 0 };

    if (!ports_request(&agent->ports, "{\"execute\":\"session-job\"}",
                       &agent->job) ||
        !json_get_string(agent->job.data, "case", &agent->name)) {
        give_up(agent, "the runner has nothing to do");
    }
    json_get_string(agent->job.data, "disk", &disk);
    snprintf(agent->disk, sizeof(agent->disk), "%s", disk.data ? disk.data :
             "");
    buf_free(&disk);
    /* a drive that never comes up may be what the rules are for */
    if (agent->disk[0] && !wait_for(disk_there, agent->disk, WAIT_MS)) {
        fprintf(stderr, "session: there is no %s\n", agent->disk);
    }
}

static void arm(Agent *agent)
{
    Buf answer = { 0 }, desc = { 0 };

    if (!ports_request(&agent->ports, "{\"execute\":\"session-arm\"}",
                       &answer)) {
        json_get_string(answer.data, "desc", &desc);
        give_up(agent, desc.len ? desc.data : "the rules were refused");
    }
    buf_free(&answer);
}

/* The one case */

static void start(Agent *agent)
{
    Buf path = { 0 }, cwd = { 0 }, line = { 0 };
    ChildConfig config = {
        .argv = get_strings(&agent->job, "arg"),
        .envp = get_strings(&agent->job, "env"),
        .tty = get_bool(&agent->job, "tty"),
        .input = get_bool(&agent->job, "input"),
        .rows = get_int(&agent->job, "rows"),
        .cols = get_int(&agent->job, "cols"),
    };
    int ret;

    json_get_string(agent->job.data, "path", &path);
    json_get_string(agent->job.data, "cwd", &cwd);
    config.path = path.data;
    config.cwd = cwd.data;
    ret = child_start(&agent->child, &config);
    if (ret) {
        give_up(agent, strerror(-ret));
    }
    ret = syscalls_follow(&agent->syscalls, agent->child.pid);
    if (ret) {
        fprintf(stderr, "session: system calls are not traced: %s\n",
                strerror(-ret));
    }
    buf_puts(&line, "{\"type\":\"begin\",\"ordinal\":0");
    buf_json_str(&line, "case", agent->name.data);
    buf_puts(&line, "}");
    ports_send(&agent->ports, line.data);
    ports_flush(&agent->ports);
    buf_free(&line);
}

/* Where in the kernel a program is that does not die. */
static void write_stack(const Child *child, Buf *object)
{
    char path[60], stack[MAX_STACK];
    ssize_t n;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/stack", (int)child->pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? -1 : read(fd, stack, sizeof(stack));
    if (fd >= 0) {
        close(fd);
    }
    buf_json_key(object, "stack");
    buf_json_string(object, stack, n > 0 ? n : 0);
}

static void write_result(Agent *agent, int status, int sig, Buf *record)
{
    Relay *relay = &agent->relay;

    buf_json_key(record, "result");
    buf_puts(record, "{");
    buf_json_int(record, "value", status);
    buf_json_str(record, "errno", NULL);
    if (sig && sigabbrev_np(sig)) {
        char name[32];

        snprintf(name, sizeof(name), "SIG%s", sigabbrev_np(sig));
        buf_json_str(record, "signal", name);
    }
    buf_json_key(record, "observed");
    buf_puts(record, "{");
    buf_json_bool(record, "timeout", relay->late);
    buf_json_bool(record, "trace_cut", relay->trace_cut);
    if (relay->stuck) {
        write_stack(&agent->child, record);
    }
    syscalls_write(&agent->syscalls, record);
    buf_puts(record, "}}");
}

static void report(Agent *agent, int status, int sig, long long elapsed_ns)
{
    Buf record = { 0 };

    buf_puts(&record, "{\"type\":\"case\",\"ordinal\":0");
    buf_json_str(&record, "case", agent->name.data);
    write_result(agent, status, sig, &record);
    buf_json_int(&record, "elapsed_ns", elapsed_ns);
    if (agent->evidence.lost) {
        buf_json_str(&record, "error", "the kernel dropped trace events or "
                     "log records of this program");
    }
    buf_puts(&record, "}");
    ports_send(&agent->ports, record.data);
    buf_puts(&agent->ports.out, "{\"type\":\"batch-end\",\"batch\":0}\n");
    ports_flush(&agent->ports);
    ports_request(&agent->ports, "{\"execute\":\"run-collect\","
                  "\"arguments\":{\"batch\":0}}", NULL);
    ports_send(&agent->ports, "{\"type\":\"bye\"}");
    ports_flush(&agent->ports);
}

static long long now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void run(Agent *agent)
{
    Relay *relay = &agent->relay;
    long long began, elapsed;
    int status = -1, sig = 0;

    relay->ports = &agent->ports;
    relay->evidence = &agent->evidence;
    relay->syscalls = &agent->syscalls;
    relay->child = &agent->child;
    relay->listener = local_listen();
    relay->timeout_ms = get_int(&agent->job, "timeout") * 1000;
    start(agent);
    arm(agent);
    evidence_mark(&agent->evidence, "begin", 0);
    began = now_ns();
    child_go(&agent->child);
    relay_run(relay);
    elapsed = now_ns() - began;
    evidence_mark(&agent->evidence, "end", 0);
    if (!relay->stuck) {
        status = child_reap(&agent->child, &sig);
    }
    syscalls_drain(&agent->syscalls);
    evidence_drain(&agent->evidence, &agent->ports);
    report(agent, status, sig, elapsed);
}

int main(void)
{
    static Agent agent = { .relay = { .input = -1, .output = -1,
                                      .errors = -1 } };
    int ret;

    set_up_guest();
    ret = ports_open(&agent.ports, WAIT_MS);
    if (ret) {
        fprintf(stderr, "session: no ports: %s\n", strerror(-ret));
        return 1;
    }
    if (!wait_for(ports_there, &agent.relay, WAIT_MS)) {
        give_up(&agent, "the ports of the program are not there");
    }
    say_hello(&agent);
    get_job(&agent);
    ret = evidence_open(&agent.evidence);
    ret = ret ? ret : evidence_narrow();
    if (ret) {
        give_up(&agent, "the kernel's trace cannot be read");
    }
    run(&agent);
    /* the runner ends the machine */
    for (;;) {
        pause();
    }
}
