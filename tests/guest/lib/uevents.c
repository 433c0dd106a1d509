/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Uevents of the kernel as evidence of a case.
 */
#include "uevents.h"

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int uevents_open(void)
{
    struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = 1 };
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    NETLINK_KOBJECT_UEVENT);

    if (fd >= 0 && bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* Makes one line of the strings of a message, each of which ends with NUL. */
static bool is_of(char *event, ssize_t len, const char *subsystem)
{
    char wanted[80];
    bool found = false;
    ssize_t i, start = 0;

    snprintf(wanted, sizeof(wanted), "SUBSYSTEM=%s", subsystem);
    event[len] = '\0';
    for (i = 0; i < len; i++) {
        if (event[i] == '\0') {
            found |= !strcmp(event + start, wanted);
            start = i + 1;
            event[i] = i + 1 < len ? ' ' : '\0';
        }
    }
    return found;
}

void uevents_read(int fd, const char *subsystem, Buf *array)
{
    char event[8192];
    ssize_t n;

    while ((n = recv(fd, event, sizeof(event) - 1, 0)) > 0) {
        if (is_of(event, n, subsystem)) {
            buf_json_sep(array);
            buf_json_string(array, event, strlen(event));
        }
    }
}
