/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "trace": a subsystem of nvmet with one namespace and a loop port, by
 * configfs (Linux: drivers/nvme/target/configfs.c).
 */
#include "trace_target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG "/sys/kernel/config"
#define SUBSYSTEM CONFIG "/nvmet/subsystems/traced"
#define PORT CONFIG "/nvmet/ports/1"
#define CONTROLLER "/sys/class/nvme/nvme1"

bool trace_put(const char *path, const char *text)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) >= 0;

    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

const char *target_set_up(const char *disk)
{
    if (mount("configfs", CONFIG, "configfs", 0, NULL) && errno != EBUSY) {
        return "configfs cannot be mounted";
    }
    if (mkdir(SUBSYSTEM, 0700) || mkdir(SUBSYSTEM "/namespaces/1", 0700) ||
        mkdir(PORT, 0700)) {
        return "the folders of the target cannot be made";
    }
    if (!trace_put(SUBSYSTEM "/attr_allow_any_host", "1") ||
        !trace_put(SUBSYSTEM "/namespaces/1/device_path", disk) ||
        !trace_put(SUBSYSTEM "/namespaces/1/enable", "1") ||
        !trace_put(PORT "/addr_trtype", "loop") ||
        symlink(SUBSYSTEM, PORT "/subsystems/traced")) {
        return "the target cannot be set up";
    }
    return NULL;
}

const char *target_connect(void)
{
    return trace_put("/dev/nvme-fabrics", "transport=loop,nqn=traced") ? NULL :
           "the target does not accept the connection";
}

void target_tear_down(void)
{
    trace_put(CONTROLLER "/delete_controller", "1");
    unlink(PORT "/subsystems/traced");
    rmdir(PORT);
    trace_put(SUBSYSTEM "/namespaces/1/enable", "0");
    rmdir(SUBSYSTEM "/namespaces/1");
    rmdir(SUBSYSTEM);
}
