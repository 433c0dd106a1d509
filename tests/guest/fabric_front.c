/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "fabric": the host of the guest's own target, by /dev/nvme-fabrics
 * (drivers/nvme/host/fabrics.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fabric.h"
#include "lib/uevents.h"

#define WAIT_MS 30000

/* One queue, so that commands do not overtake each other. */
#define COMMON "nr_io_queues=1,hostnqn=" HOST_NQN ",hostid=" HOST_ID

static Front connected;
static bool is_connected;
static int disk = -1, ctrl = -1;

int front_disk(void)
{
    return disk;
}

int front_ctrl(void)
{
    return ctrl;
}

int front_try(const Front *front)
{
    int fd = open("/dev/nvme-fabrics", O_RDWR | O_CLOEXEC);
    char text[600];
    int error = 0;

    snprintf(text, sizeof(text), "transport=%s,nqn=%s,%s" COMMON "%s",
             transport_names[front->transport], backend_names[front->backend],
             front->transport == TCP ?
             "traddr=127.0.0.1,trsvcid=4420,reconnect_delay=1," : "",
             front->options);
    if (fd < 0 || write(fd, text, strlen(text)) < 0) {
        error = errno;
    }
    if (fd >= 0) {
        close(fd);
    }
    return error;
}

static Buf seen;                /* of uevents since the last connect */

/*
 * A disk is announced after its partitions were looked for: from then on the
 * reads are ours.
 */
static bool wait_added(int uevents, const char *name)
{
    struct pollfd pfd = { .fd = uevents, .events = POLLIN };
    char want[60];

    snprintf(want, sizeof(want), "/%s ACTION=add", name);
    for (;;) {
        if (seen.len && strstr(seen.data, want)) {
            return true;
        }
        if (poll(&pfd, 1, WAIT_MS) <= 0) {
            return false;
        }
        uevents_read(uevents, "block", &seen);
    }
}

static const char *wait_disks(int uevents, const Front *front)
{
    char name[32], path[80];

    if (!wait_added(uevents, FRONT "n1") ||
        (front->backend == PASSTHRU && !wait_added(uevents, FRONT "n2")) ||
        !namespace_disk(FRONT, 1, name)) {
        return "the exported namespace does not appear";
    }
    snprintf(path, sizeof(path), "/sys/block/%s/queue/scheduler", name);
    put(path, "none");
    snprintf(path, sizeof(path), "/dev/%s", name);
    disk = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
    ctrl = open("/dev/" FRONT, O_RDWR | O_CLOEXEC);
    return disk < 0 || ctrl < 0 ? "the exported namespace cannot be opened" :
           NULL;
}

void front_disconnect(void)
{
    if (disk >= 0) {
        close(disk);
    }
    if (ctrl >= 0) {
        close(ctrl);
    }
    disk = ctrl = -1;
    put("/sys/class/nvme/" FRONT "/delete_controller", "1");
    ctrl_wait_state(FRONT, NULL, WAIT_MS);
    is_connected = false;
}

static bool same(const Front *a, const Front *b)
{
    return a->transport == b->transport && a->backend == b->backend &&
           !strcmp(a->options, b->options);
}

const char *front_connect(const Front *front)
{
    const char *reason = NULL;
    int uevents;

    if (is_connected && same(front, &connected)) {
        return NULL;
    }
    front_disconnect();
    buf_clear(&seen);
    uevents = uevents_open();
    if (front_try(front)) {
        reason = "the guest cannot connect to its own target";
    } else {
        reason = wait_disks(uevents, front);
        connected = *front;
        is_connected = !reason;
    }
    close(uevents);
    return reason;
}
