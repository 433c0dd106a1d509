/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting the program of a session.
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Both ends of what the child has as its standard descriptors. */
typedef struct Ends {
    int in[2], out[2], err[2];
    int gate[2];
    char tty[64];
} Ends;

static void make_folders(const char *path)
{
    char part[4096];
    size_t i;

    for (i = 1; path[i] && i < sizeof(part) - 1; i++) {
        if (path[i] == '/') {
            snprintf(part, sizeof(part), "%.*s", (int)i, path);
            mkdir(part, 0755);
        }
    }
    mkdir(path, 0755);
}

/* In the child: the terminal, of a session of its own. */
static void open_tty(const Ends *ends)
{
    int fd;

    setsid();
    fd = open(ends->tty, O_RDWR);
    ioctl(fd, TIOCSCTTY, 0);
    dup2(fd, 0);
    dup2(fd, 1);
    dup2(fd, 2);
    if (fd > 2) {
        close(fd);
    }
}

static void open_pipes(const Ends *ends)
{
    setpgid(0, 0);
    dup2(ends->in[0], 0);
    dup2(ends->out[1], 1);
    dup2(ends->err[1], 2);
}

__attribute__((noreturn))
static void become(const ChildConfig *config, const Ends *ends)
{
    sigset_t none;
    char go;

    if (config->tty) {
        open_tty(ends);
    } else {
        open_pipes(ends);
    }
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    make_folders(config->cwd);
    if (chdir(config->cwd)) {
        dprintf(2, "nvme-fi: cannot enter %s in the guest: %s\n",
                config->cwd, strerror(errno));
    }
    if (read(ends->gate[0], &go, 1) != 1) {
        _exit(125);
    }
    execve(config->path, config->argv, config->envp);
    dprintf(2, "nvme-fi: cannot run %s in the guest: %s\n", config->path,
            strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}

static int make_tty(const ChildConfig *config, Ends *ends)
{
    struct winsize size = { .ws_row = config->rows, .ws_col = config->cols };
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (master < 0 || grantpt(master) || unlockpt(master) ||
        ptsname_r(master, ends->tty, sizeof(ends->tty))) {
        return -errno;
    }
    ioctl(master, TIOCSWINSZ, &size);
    ends->in[1] = ends->out[0] = master;
    return 0;
}

static int make_pipes(const ChildConfig *config, Ends *ends)
{
    if (pipe2(ends->out, O_CLOEXEC) || pipe2(ends->err, O_CLOEXEC)) {
        return -errno;
    }
    if (config->input) {
        return pipe2(ends->in, O_CLOEXEC) ? -errno : 0;
    }
    ends->in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return ends->in[0] < 0 ? -errno : 0;
}

static void close_if(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

int child_start(Child *child, const ChildConfig *config)
{
    Ends ends = { { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 }, "" };
    int ret = config->tty ? make_tty(config, &ends) :
              make_pipes(config, &ends);

    if (!ret && pipe2(ends.gate, O_CLOEXEC)) {
        ret = -errno;
    }
    if (ret) {
        return ret;
    }
    child->pid = fork();
    if (child->pid == 0) {
        close(ends.gate[1]);
        become(config, &ends);
    }
    ret = child->pid < 0 ? -errno : 0;
    close_if(ends.in[0]);
    close_if(ends.out[1]);
    close_if(ends.err[1]);
    close(ends.gate[0]);
    child->gate = ends.gate[1];
    child->in = ends.in[1];
    child->out = ends.out[0];
    child->err = ends.err[0];
    fcntl(child->in, F_SETFL, O_NONBLOCK);
    fcntl(child->out, F_SETFL, O_NONBLOCK);
    fcntl(child->err, F_SETFL, O_NONBLOCK);
    child->pidfd = ret ? -1 : (int)syscall(SYS_pidfd_open, child->pid, 0);
    return ret ? ret : child->pidfd < 0 ? -errno : 0;
}

void child_go(Child *child)
{
    if (write(child->gate, "", 1) != 1) {
        perror("the program's gate");
    }
    close(child->gate);
    child->gate = -1;
}

void child_resize(const Child *child, int rows, int cols)
{
    struct winsize size = { .ws_row = rows, .ws_col = cols };

    /* the kernel tells the foreground group by SIGWINCH */
    ioctl(child->out, TIOCSWINSZ, &size);
}

int child_reap(Child *child, int *sig)
{
    int status = 0;

    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
    }
    *sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return *sig ? 128 + *sig : WEXITSTATUS(status);
}
