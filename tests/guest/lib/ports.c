/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two virtio ports to the runner, and waiting for devices to appear.
 */
#include "ports.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "uevents.h"

#define CONTROL_NAME "org.nvme-fi.control"
#define RESULTS_NAME "org.nvme-fi.results"
#define PORT_CLASS   "/sys/class/virtio-ports"

/* The driver takes 32 KiB in one write. */
#define SEND_BYTES (24 * 1024)

static long long now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

bool wait_for(bool (*done)(void *opaque), void *opaque, int timeout_ms)
{
    long long deadline = now_ms() + timeout_ms, left;
    struct pollfd pfd = { .fd = uevents_open(), .events = POLLIN };
    char event[4096];
    bool ok;

    /* The socket comes first: what appears after the look is not missed. */
    while (!(ok = done(opaque)) && (left = deadline - now_ms()) > 0) {
        if (poll(&pfd, 1, left) < 0 && errno != EINTR) {
            break;
        }
        while (recv(pfd.fd, event, sizeof(event), 0) > 0) {
        }
    }
    if (pfd.fd >= 0) {
        close(pfd.fd);
    }
    return ok;
}

int port_open(const char *name)
{
    DIR *dir = opendir(PORT_CLASS);
    struct dirent *ent;
    char path[300], text[64];
    int fd = -1;

    while (dir && fd < 0 && (ent = readdir(dir))) {
        FILE *f;

        snprintf(path, sizeof(path), PORT_CLASS "/%s/name", ent->d_name);
        f = fopen(path, "re");
        if (!f) {
            continue;
        }
        if (fgets(text, sizeof(text), f)) {
            text[strcspn(text, "\n")] = '\0';
            if (!strcmp(text, name)) {
                snprintf(path, sizeof(path), "/dev/%s", ent->d_name);
                fd = open(path, O_RDWR | O_CLOEXEC);
            }
        }
        fclose(f);
    }
    if (dir) {
        closedir(dir);
    }
    return fd;
}

static bool ports_try(void *opaque)
{
    Ports *ports = opaque;

    if (ports->control < 0) {
        ports->control = port_open(CONTROL_NAME);
    }
    if (ports->results < 0) {
        ports->results = port_open(RESULTS_NAME);
    }
    return ports->control >= 0 && ports->results >= 0;
}

int ports_open(Ports *ports, int timeout_ms)
{
    *ports = (Ports){ .control = -1, .results = -1 };
    return wait_for(ports_try, ports, timeout_ms) ? 0 : -ENODEV;
}

void ports_close(Ports *ports)
{
    if (ports->control >= 0) {
        close(ports->control);
    }
    if (ports->results >= 0) {
        close(ports->results);
    }
    buf_free(&ports->out);
}

void port_write(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            perror("virtio port");
            exit(1);
        }
        data += n;
        len -= n;
    }
}

void ports_flush(Ports *ports)
{
    port_write(ports->results, ports->out.data, ports->out.len);
    buf_clear(&ports->out);
}

void ports_send(Ports *ports, const char *line)
{
    buf_puts(&ports->out, line);
    buf_puts(&ports->out, "\n");
    if (ports->out.len >= SEND_BYTES) {
        ports_flush(ports);
    }
}

/* Reads more of the answer that @line holds. */
static void read_answer(Ports *ports, Buf *line)
{
    char block[4096];
    ssize_t n = read(ports->control, block, sizeof(block));

    if (n <= 0) {
        perror("control port");
        exit(1);
    }
    buf_add(line, block, n);
}

/*
 * The empty line ends what a reset cut off; the runner ignores it. An answer
 * that is not for us has not our token.
 */
void ports_sync(Ports *ports, Buf *note)
{
    Buf line = { 0 };
    char request[120], end[60];
    struct timespec ts;
    int n;

    clock_gettime(CLOCK_REALTIME, &ts);
    n = snprintf(end, sizeof(end), "\"token\":%lld}}\n",
                 ts.tv_sec * 1000000000LL + ts.tv_nsec);
    snprintf(request, sizeof(request), "\n{\"execute\":\"run-recall\","
             "\"arguments\":{%.*s\n", n - 1, end);
    port_write(ports->results, "\n", 1);
    port_write(ports->control, request, strlen(request));
    do {
        read_answer(ports, &line);
    } while (line.len < (size_t)n || strcmp(line.data + line.len - n, end));
    line.data[line.len - 1] = '\0';
    buf_clear(note);
    json_get_string(strrchr(line.data, '\n') ? strrchr(line.data, '\n') :
                    line.data, "text", note);
    buf_free(&line);
}

bool ports_request(Ports *ports, const char *request, Buf *answer)
{
    Buf line = { 0 };
    bool ok;

    buf_puts(&line, request);
    buf_puts(&line, "\n");
    port_write(ports->control, line.data, line.len);
    buf_clear(&line);
    do {
        read_answer(ports, &line);
    } while (line.data[line.len - 1] != '\n');
    line.data[--line.len] = '\0';
    ok = !strncmp(line.data, "{\"return\"", 9);
    if (answer) {
        buf_clear(answer);
        buf_add(answer, line.data, line.len);
    }
    buf_free(&line);
    return ok;
}
