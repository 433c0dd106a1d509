/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "batch": finds the namespaces of the machine, and opens them.
 */
#include "batch_suite.h"

#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The only polled queue, behind those of two CPUs. */
#define POLLED_QID 3

static struct {
    char name[16];              /* "nvme0n1" */
    int fd, ng;                 /* block and character device */
    uint32_t nsid;
} disks[DISKS];
static bool are_open;

bool batch_set_scheduler(Where where, const char *scheduler)
{
    char path[80];
    FILE *f;

    snprintf(path, sizeof(path), "/sys/block/%s/queue/scheduler",
             disks[where].name);
    f = fopen(path, "we");
    if (!f) {
        return false;
    }
    fputs(scheduler, f);
    return !fclose(f);
}

static bool is_there(void *opaque)
{
    return !access(opaque, R_OK | W_OK);
}

/* Controllers and namespaces are numbered as they are found. */
static const char *open_disk(int controller, int n)
{
    char path[80], serial[32] = "";
    Where where;
    FILE *f;
    int fd;

    snprintf(path, sizeof(path), "/sys/class/nvme/nvme%d/serial", controller);
    f = fopen(path, "re");
    if (!f || !fgets(serial, sizeof(serial), f)) {
        return "a controller has no serial number";
    }
    fclose(f);
    snprintf(path, sizeof(path), "/dev/nvme%dn%d", controller, n);
    if (!strncmp(serial, "single", 6) && n > 1) {
        return NULL;
    }
    if (!wait_for(is_there, path, 15000)) {
        return "a namespace is missing";
    }
    fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
    where = !strncmp(serial, "single", 6) ? ONE_QUEUE :
            ioctl(fd, NVME_IOCTL_ID) == 2 ? ZONED : PLAIN;
    snprintf(disks[where].name, sizeof(disks[where].name), "%.*s",
             (int)sizeof(disks[where].name) - 1, path + 5);
    disks[where].fd = fd;
    disks[where].nsid = ioctl(fd, NVME_IOCTL_ID);
    snprintf(path, sizeof(path), "/dev/ng%dn%d", controller, n);
    disks[where].ng = wait_for(is_there, path, 15000) ?
                      open(path, O_RDWR | O_CLOEXEC) : -1;
    batch_set_scheduler(where, "none");
    return fd < 0 || disks[where].ng < 0 ? "a namespace cannot be opened" :
           NULL;
}

/* On one CPU, whose queue is the one of the completions, too. */
const char *batch_open(void)
{
    static char second[] = "/dev/nvme1n1";
    const char *reason = NULL;
    cpu_set_t cpus;

    if (are_open) {
        return NULL;
    }
    CPU_ZERO(&cpus);
    CPU_SET(0, &cpus);
    if (sched_setaffinity(0, sizeof(cpus), &cpus)) {
        return "there is no CPU 0";
    }
    if (!wait_for(is_there, second, 15000)) {
        return "a controller is missing";
    }
    for (int i = 0; i < 4 && !reason; i++) {
        reason = open_disk(i / 2, i % 2 + 1);
    }
    are_open = !reason;
    return reason;
}

Target batch_target(const BatchCase *bc)
{
    Where where = batch_where(bc);

    return (Target){
        .fd = batch_is_pass(bc) ? disks[where].ng : disks[where].fd,
        .nsid = disks[where].nsid,
    };
}

int batch_disk(const BatchCase *bc)
{
    return disks[batch_where(bc)].fd;
}

/* The hardware queues are in the order of their QIDs; the polled ones, which
 * serve each CPU, too, come last. */
unsigned batch_qid(const BatchCase *bc)
{
    unsigned qid = 0;
    char path[80], cpus[40] = "";
    FILE *f;

    if (batch_is_polled(bc)) {
        return POLLED_QID;
    }
    do {
        snprintf(path, sizeof(path), "/sys/block/%s/mq/%u/cpu_list",
                 disks[batch_where(bc)].name, qid++);
        f = fopen(path, "re");
        if (f) {
            *cpus = fgets(cpus, sizeof(cpus), f) ? *cpus : '\0';
            fclose(f);
        }
    } while (f && *cpus != '0');
    return qid;
}
