/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Uevents of the kernel as evidence of a case.
 */
#include "uevents.h"

#include <linux/netlink.h>
#include <stdbool.h>
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

/* Is @text "SUBSYSTEM=" and one of the words of @subsystems? */
static bool names_one(const char *text, const char *subsystems)
{
    static const char key[] = "SUBSYSTEM=";
    size_t len = sizeof(key) - 1, word = strlen(text) - len;
    const char *at = subsystems;

    if (strncmp(text, key, len)) {
        return false;
    }
    for (; at; at = strchr(at, ' '), at += at ? 1 : 0) {
        if (!strncmp(at, text + len, word) && strchr(" ", at[word])) {
            return true;
        }
    }
    return false;
}

/* Makes one line of the strings of a message, each of which ends with NUL. */
static bool is_of(char *event, ssize_t len, const char *subsystems)
{
    bool found = false;
    ssize_t i, start = 0;

    event[len] = '\0';
    for (i = 0; i < len; i++) {
        if (event[i] == '\0') {
            found |= names_one(event + start, subsystems);
            start = i + 1;
            event[i] = i + 1 < len ? ' ' : '\0';
        }
    }
    return found;
}

void uevents_read(int fd, const char *subsystems, Buf *array)
{
    char event[8192];
    ssize_t n;

    while ((n = recv(fd, event, sizeof(event) - 1, 0)) > 0) {
        if (is_of(event, n, subsystems)) {
            buf_json_sep(array);
            buf_json_string(array, event, strlen(event));
        }
    }
}
