/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The NVMe disk under test: waiting for it, and its geometry.
 */
#include "disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ports.h"

static bool disk_find(void *opaque)
{
    Disk *disk = opaque;
    DIR *dir = opendir("/sys/block");
    unsigned int ctrl, ns;
    struct dirent *ent;
    bool found = false;
    char end;

    while (dir && !found && (ent = readdir(dir))) {
        if (sscanf(ent->d_name, "nvme%un%u%c", &ctrl, &ns, &end) != 2) {
            continue;
        }
        snprintf(disk->name, sizeof(disk->name), "nvme%un%u", ctrl, ns);
        snprintf(disk->path, sizeof(disk->path), "/dev/%s", disk->name);
        snprintf(disk->ng_path, sizeof(disk->ng_path), "/dev/ng%un%u",
                 ctrl, ns);
        /* the node is there before the disk behind it can be opened, and a
         * uevent comes after that, too (device_add_disk()) */
        disk->fd = open(disk->path, O_RDWR | O_DIRECT | O_CLOEXEC);
        found = disk->fd >= 0;
    }
    if (dir) {
        closedir(dir);
    }
    return found;
}

static bool ng_exists(void *opaque)
{
    Disk *disk = opaque;

    return !access(disk->ng_path, R_OK | W_OK);
}

/*
 * With a scheduler (mq-deadline is the default of a disk with one queue)
 * failed passthrough requests would be completed another way than without;
 * what the tables say holds without.
 */
static void disk_no_scheduler(const Disk *disk)
{
    char path[80];
    FILE *f;

    snprintf(path, sizeof(path), "/sys/block/%s/queue/scheduler", disk->name);
    f = fopen(path, "we");
    if (f) {
        fputs("none", f);
        fclose(f);
    }
}

bool disk_set_timeout(const char *name, unsigned int ms)
{
    char path[80];
    bool ok;
    FILE *f;

    snprintf(path, sizeof(path), "/sys/block/%s/queue/io_timeout", name);
    f = fopen(path, "we");
    ok = f && fprintf(f, "%u", ms) > 0;
    if (f && fclose(f)) {
        ok = false;
    }
    return ok;
}

const char *disk_open(Disk *disk, int timeout_ms)
{
    uint64_t bytes;
    int lba, nsid;

    *disk = (Disk){ .fd = -1, .ng_fd = -1 };
    if (access("/sys/bus/pci/drivers/nvme", F_OK)) {
        return "this kernel has no nvme driver (neither built in nor loaded "
               "as a module)";
    }
    if (!wait_for(disk_find, disk, timeout_ms)) {
        return "the nvme driver found no namespace that can be opened in "
               "time";
    }
    disk_no_scheduler(disk);
    nsid = ioctl(disk->fd, NVME_IOCTL_ID);
    if (nsid < 0 || ioctl(disk->fd, BLKSSZGET, &lba) ||
        ioctl(disk->fd, BLKGETSIZE64, &bytes)) {
        return "the disk does not tell its size";
    }
    disk->nsid = nsid;
    disk->lba_bytes = lba;
    disk->nlbas = bytes / lba;
    /* It is added after the disk and the scan of its partitions, which this
     * waits for, too; kernels before 5.13 have none. */
    if (!access("/sys/class/nvme-generic", F_OK) &&
        wait_for(ng_exists, disk, timeout_ms)) {
        disk->ng_fd = open(disk->ng_path, O_RDWR | O_CLOEXEC);
    }
    return NULL;
}

void disk_close(Disk *disk)
{
    if (disk->fd >= 0) {
        close(disk->fd);
    }
    if (disk->ng_fd >= 0) {
        close(disk->ng_fd);
    }
    disk->fd = disk->ng_fd = -1;
}

static bool disk_is_gone(void *opaque)
{
    char path[80];

    snprintf(path, sizeof(path), "/sys/block/%s", (const char *)opaque);
    return access(path, F_OK) != 0;
}

bool disk_wait_gone(const char *name, int timeout_ms)
{
    return wait_for(disk_is_gone, (void *)name, timeout_ms);
}

typedef struct CtrlState {
    const char *name, *state;
} CtrlState;

static bool ctrl_is(void *opaque)
{
    const CtrlState *want = opaque;
    char path[80], state[32] = "";
    FILE *f;

    snprintf(path, sizeof(path), "/sys/class/nvme/%s/state", want->name);
    f = fopen(path, "re");
    if (!f) {
        return !want->state;
    }
    if (!fgets(state, sizeof(state), f)) {
        state[0] = '\0';
    }
    fclose(f);
    state[strcspn(state, "\n")] = '\0';
    return want->state && !strcmp(state, want->state);
}

bool ctrl_wait_state(const char *name, const char *state, int timeout_ms)
{
    CtrlState want = { .name = name, .state = state };

    return wait_for(ctrl_is, &want, timeout_ms);
}

int sysfs_int(const char *path)
{
    FILE *f = fopen(path, "re");
    int n = 0;

    if (f) {
        n = fscanf(f, "%d", &n) == 1 ? n : 0;
        fclose(f);
    }
    return n;
}
