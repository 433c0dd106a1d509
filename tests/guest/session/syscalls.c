/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Failed system calls of a process tree.
 */
#include "syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INSTANCE "/sys/kernel/tracing/instances/nvme-fi-session"

/* A line of the trace is shorter. */
#define MAX_LINE 512

static const char *const names[] = {
#include "syscall-names.inc"
};

static int put(const char *file, const char *text)
{
    char path[200];
    int fd, ret = 0;

    snprintf(path, sizeof(path), INSTANCE "/%s", file);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    if (write(fd, text, strlen(text)) < 0) {
        ret = -errno;
    }
    close(fd);
    return ret;
}

/* Errors are the last 4095 values (include/linux/err.h); those above 512 are
 * the kernel's own and restart the call. A kernel without io_uring has no such
 * event. */
static int set_up(pid_t pid)
{
    char text[32];
    int ret;

    if (mkdir(INSTANCE, 0755) && errno != EEXIST) {
        return -errno;
    }
    snprintf(text, sizeof(text), "%d", (int)pid);
    ret = put("buffer_size_kb", "2048");
    ret = ret ? ret : put("options/event-fork", "1");
    ret = ret ? ret : put("set_event_pid", text);
    ret = ret ? ret : put("events/raw_syscalls/sys_exit/filter",
                          "ret < 0 && ret > -512");
    ret = ret ? ret : put("events/raw_syscalls/sys_exit/enable", "1");
    if (!ret && !put("events/io_uring/io_uring_complete/filter",
                     "res < 0 && res > -512")) {
        put("events/io_uring/io_uring_complete/enable", "1");
    }
    return ret;
}

int syscalls_follow(Syscalls *calls, pid_t pid)
{
    int ret;

    *calls = (Syscalls){ .pipe = -1 };
    ret = set_up(pid);
    if (!ret) {
        calls->pipe = open(INSTANCE "/trace_pipe",
                           O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        ret = calls->pipe < 0 ? -errno : 0;
    }
    return ret;
}

static void count(Syscalls *calls, long number, int error)
{
    size_t i;

    for (i = 0; i < calls->count; i++) {
        SyscallFailure *failure = &calls->failures[i];

        if (failure->number == number && failure->error == error) {
            failure->times++;
            return;
        }
    }
    if (calls->count == SYSCALLS_MAX) {
        calls->lost = true;
        return;
    }
    calls->failures[calls->count++] =
        (SyscallFailure){ .number = number, .error = error, .times = 1 };
}

/* "dd-87 [000] ..... 4.5: sys_exit: NR 0 = -61", and "... io_uring_complete:
 * ring 00000000c0ffee, req ..., user_data 0x0, result -61, ..." */
static void take_line(Syscalls *calls, const char *line)
{
    const char *at = strstr(line, "sys_exit: NR ");
    long number, result;

    if (at) {
        if (sscanf(at, "sys_exit: NR %ld = %ld", &number, &result) == 2) {
            count(calls, number, -result);
        }
        return;
    }
    at = strstr(line, "io_uring_complete: ");
    at = at ? strstr(at, "result ") : NULL;
    if (at && sscanf(at, "result %ld", &result) == 1) {
        count(calls, -1, -result);
    } else if (strstr(line, "[LOST ")) {
        calls->lost = true;
    }
}

static void take_lines(Syscalls *calls)
{
    char line[MAX_LINE];
    char *at = calls->text.data, *end = at + calls->text.len, *eol;

    while (at && at < end && (eol = memchr(at, '\n', end - at))) {
        snprintf(line, sizeof(line), "%.*s", (int)(eol - at), at);
        take_line(calls, line);
        at = eol + 1;
    }
    if (at && at > calls->text.data) {
        Buf rest = { 0 };

        buf_add(&rest, at, end - at);
        buf_free(&calls->text);
        calls->text = rest;
    }
}

void syscalls_drain(Syscalls *calls)
{
    char block[8192];
    ssize_t n;

    while (calls->pipe >= 0 &&
           ((n = read(calls->pipe, block, sizeof(block))) > 0 ||
            (n < 0 && errno == EINTR))) {
        if (n > 0) {
            buf_add(&calls->text, block, n);
            take_lines(calls);
        }
    }
}

static void write_failure(const SyscallFailure *failure, Buf *object)
{
    long number = failure->number;
    char other[32];
    const char *name = number < 0 ? "io_uring" :
        number < (long)(sizeof(names) / sizeof(names[0])) ?
        names[number] : NULL;
    const char *error = strerrorname_np(failure->error);

    snprintf(other, sizeof(other), "%ld", number);
    buf_json_sep(object);
    buf_puts(object, "{");
    buf_json_str(object, "name", name ? name : other);
    snprintf(other, sizeof(other), "%d", failure->error);
    buf_json_str(object, "errno", error ? error : other);
    buf_json_int(object, "times", failure->times);
    buf_puts(object, "}");
}

void syscalls_write(const Syscalls *calls, Buf *object)
{
    size_t i;

    buf_json_key(object, "syscalls");
    buf_puts(object, "[");
    for (i = 0; i < calls->count; i++) {
        write_failure(&calls->failures[i], object);
    }
    buf_puts(object, "]");
    buf_json_bool(object, "syscalls_lost", calls->lost || calls->pipe < 0);
}
