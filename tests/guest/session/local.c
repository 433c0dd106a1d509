/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent's socket, both ends.
 */
#include "local.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* A client that sends no line for so long is dropped. */
#define PATIENCE_S 2

/* The runner refuses longer lines. */
#define MAX_LINE (4 * 1024 * 1024)

static const struct sockaddr_un address = {
    .sun_family = AF_UNIX, .sun_path = LOCAL_SOCKET,
};

int local_listen(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    unlink(LOCAL_SOCKET);
    if (fd < 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) ||
        listen(fd, 8)) {
        return -errno;
    }
    return fd;
}

/* Reads until a line end, which is taken off; false where none comes. */
static bool read_line(int fd, Buf *line)
{
    char block[4096];

    for (;;) {
        ssize_t n = read(fd, block, sizeof(block));

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0 || line->len + n > MAX_LINE) {
            return false;
        }
        buf_add(line, block, n);
        if (line->data[line->len - 1] == '\n') {
            line->data[--line->len] = '\0';
            return true;
        }
    }
}

static bool send_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        data += n;
        len -= n;
    }
    return true;
}

void local_serve(int listener, Ports *ports)
{
    struct timeval patience = { .tv_sec = PATIENCE_S };
    Buf line = { 0 }, request = { 0 }, answer = { 0 };
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0) {
        return;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (read_line(fd, &line)) {
        buf_printf(&request, "{\"execute\":\"session-fi\",\"arguments\":");
        buf_add(&request, line.data, line.len);
        buf_puts(&request, "}");
        ports_request(ports, request.data, &answer);
        buf_puts(&answer, "\n");
        send_all(fd, answer.data, answer.len);
    }
    close(fd);
    buf_free(&line);
    buf_free(&request);
    buf_free(&answer);
}

int local_ask(const char *arguments, Buf *answer)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int error = 0;

    buf_clear(answer);
    if (fd < 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
        error = errno;
    } else if (!send_all(fd, arguments, strlen(arguments)) ||
               !send_all(fd, "\n", 1) || !read_line(fd, answer)) {
        error = EPIPE;
    }
    if (fd >= 0) {
        close(fd);
    }
    return error;
}
