/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Process 1 of the guest: mounts, loads modules, runs /bin/<argument 1> with
 * the other arguments and powers off.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* File names below /modules, in the order of loading. */
#define MODULES "/modules.list"

static void complain(const char *what, const char *path)
{
    fprintf(stderr, "init: cannot %s %s: %s\n", what, path, strerror(errno));
}

static void mount_at(const char *type, const char *path)
{
    mkdir(path, 0755);
    if (mount(type, path, type, 0, NULL) && errno != EBUSY) {
        complain("mount", path);
    }
}

static void load_module(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        complain("open", path);
        return;
    }
    if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST) {
        complain("load", path);
    }
    close(fd);
}

/* A kernel that needs no modules has no list. */
static void load_modules(void)
{
    FILE *list = fopen(MODULES, "re");
    char name[256], path[300];

    if (!list) {
        return;
    }
    while (fgets(name, sizeof(name), list)) {
        name[strcspn(name, "\n")] = '\0';
        if (name[0]) {
            snprintf(path, sizeof(path), "/modules/%s", name);
            load_module(path);
        }
    }
    fclose(list);
}

/* The console may not have been there when the kernel started us. */
static void open_console(void)
{
    int fd = open("/dev/console", O_RDWR);

    if (fd >= 0) {
        dup2(fd, 0);
        dup2(fd, 1);
        dup2(fd, 2);
        if (fd > 2) {
            close(fd);
        }
    }
}

static void run(char **argv)
{
    int status = 0;
    char path[256];
    pid_t pid;

    snprintf(path, sizeof(path), "/bin/%s", argv[0]);
    pid = fork();
    if (pid == 0) {
        execv(path, argv);
        complain("run", path);
        _exit(127);
    }
    if (pid < 0) {
        complain("fork for", path);
        return;
    }
    /* Orphans end here, too. */
    while (wait(&status) != pid || WIFSTOPPED(status)) {
    }
    if (WIFSIGNALED(status)) {
        fprintf(stderr, "init: %s was killed by signal %d (%s)\n", path,
                WTERMSIG(status), strsignal(WTERMSIG(status)));
    } else if (WEXITSTATUS(status)) {
        fprintf(stderr, "init: %s ended with exit status %d\n", path,
                WEXITSTATUS(status));
    }
}

int main(int argc, char **argv)
{
    if (getpid() != 1) {
        fprintf(stderr, "init: this is process 1 of a guest\n");
        return 2;
    }
    mount_at("proc", "/proc");
    mount_at("sysfs", "/sys");
    mount_at("devtmpfs", "/dev");
    open_console();
    mount_at("debugfs", "/sys/kernel/debug");
    mount_at("tracefs", "/sys/kernel/tracing");
    load_modules();
    if (argc > 1) {
        run(argv + 1);
    } else {
        fprintf(stderr, "init: no program; append '-- PROGRAM ARGUMENTS' to "
                "the kernel's command line\n");
    }
    sync();
    reboot(RB_POWER_OFF);
    return 0;
}
