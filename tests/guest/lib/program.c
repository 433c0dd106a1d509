/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running a program with a deadline.
 */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATH "/usr/sbin:/usr/bin:/sbin:/bin"

/* How long a killed program may take to be gone. */
#define KILL_MS 2000

static long long now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void become(const char *const *argv, int out)
{
    int null = open("/dev/null", O_RDONLY);

    setpgid(0, 0);
    dup2(null, 0);
    dup2(out, 1);
    dup2(out, 2);
    setenv("PATH", PATH, 1);
    setenv("LC_ALL", "C", 1);
    execvp(argv[0], (char *const *)argv);
    dprintf(2, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

int program_start(Program *program, const char *const *argv)
{
    int ends[2];

    *program = (Program){ .pid = -1, .pidfd = -1, .pipe = -1, .status = -1 };
    if (pipe2(ends, O_CLOEXEC)) {
        return -errno;
    }
    program->pid = fork();
    if (program->pid == 0) {
        become(argv, ends[1]);
    }
    close(ends[1]);
    program->pipe = ends[0];
    if (program->pid < 0) {
        return -errno;
    }
    setpgid(program->pid, program->pid);
    fcntl(program->pipe, F_SETFL, O_NONBLOCK);
    program->pidfd = syscall(SYS_pidfd_open, program->pid, 0);
    return program->pidfd < 0 ? -errno : 0;
}

static void read_output(Program *program)
{
    char block[4096];
    ssize_t n;

    while ((n = read(program->pipe, block, sizeof(block))) > 0) {
        buf_add(&program->output, block, n);
    }
    if (n == 0) {
        close(program->pipe);
        program->pipe = -1;
    }
}

/* True once it has ended and was waited for. */
static bool reap(Program *program)
{
    int status;

    if (waitpid(program->pid, &status, WNOHANG) != program->pid) {
        return false;
    }
    if (WIFEXITED(status)) {
        program->status = WEXITSTATUS(status);
    } else if (WIFSIGNALED(status)) {
        program->signal = WTERMSIG(status);
    }
    program->pid = -1;
    return true;
}

static bool wait_until(Program *program, long long deadline)
{
    long long left;

    while ((left = deadline - now_ms()) > 0) {
        struct pollfd fds[] = {
            { .fd = program->pidfd, .events = POLLIN },
            { .fd = program->pipe, .events = POLLIN },
        };

        if (poll(fds, 2, left) > 0 && program->pipe >= 0) {
            read_output(program);
        }
        if ((fds[0].revents & POLLIN) && reap(program)) {
            if (program->pipe >= 0) {
                read_output(program);
            }
            return true;
        }
    }
    return false;
}

void program_wait(Program *program, int timeout_ms)
{
    if (program->pid < 0 ||
        wait_until(program, now_ms() + timeout_ms)) {
        return;
    }
    program->late = true;
    kill(-program->pid, SIGKILL);
    program->stuck = !wait_until(program, now_ms() + KILL_MS);
}

int program_run(Program *program, int timeout_ms, const char *const *argv)
{
    if (program_start(program, argv) == 0) {
        program_wait(program, timeout_ms);
    }
    return program->status;
}

void program_done(Program *program)
{
    if (program->pidfd >= 0) {
        close(program->pidfd);
    }
    if (program->pipe >= 0) {
        close(program->pipe);
    }
    buf_free(&program->output);
}
