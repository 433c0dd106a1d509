/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop of a session.
 */
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "local.h"

/* How often the evidence is taken; the drive's own, every so many times. */
#define TICK_MS 250
#define KEEP_TICKS 4

/* Input that waits for the program. */
#define MAX_PENDING (64 * 1024)

/* Blocks that are passed on in one go. */
#define MAX_BLOCKS 16

/* Of the trace; a storm of errors says nothing new after that. */
#define MAX_TRACE (8 * 1024 * 1024)

/* How long a program may take that was told to end, and one that was killed. */
#define TERM_MS 2000
#define KILL_MS 3000

enum { OUT, ERR, IN, INPUT, CHILD, LISTENER, COUNT };

static long long now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Input */

static void take_frame(Relay *relay, char type, const char *data, size_t len)
{
    char text[40] = "";
    int rows, cols;

    if (type == FRAME_DATA) {
        buf_add(&relay->pending, data, len);
        return;
    }
    if (type == FRAME_END) {
        relay->ended = true;
        return;
    }
    memcpy(text, data, len < sizeof(text) ? len : sizeof(text) - 1);
    if (type == FRAME_SIZE && sscanf(text, "%d %d", &rows, &cols) == 2) {
        child_resize(relay->child, rows, cols);
    } else if (type == FRAME_SIGNAL) {
        kill(-relay->child->pid, atoi(text));
    }
}

static void take_frames(Relay *relay)
{
    Buf *frames = &relay->frames;
    size_t at = 0;

    while (frames->len - at >= 5) {
        const unsigned char *head = (unsigned char *)frames->data + at;
        size_t len = head[1] | head[2] << 8 | head[3] << 16 |
                     (size_t)head[4] << 24;

        if (frames->len - at - 5 < len) {
            break;
        }
        take_frame(relay, head[0], frames->data + at + 5, len);
        at += 5 + len;
    }
    if (at) {
        Buf rest = { 0 };

        buf_add(&rest, frames->data + at, frames->len - at);
        buf_free(frames);
        *frames = rest;
    }
}

static void read_input(Relay *relay)
{
    char block[8192];
    ssize_t n = read(relay->input, block, sizeof(block));

    if (n > 0) {
        buf_add(&relay->frames, block, n);
        take_frames(relay);
    } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
        close(relay->input);    /* nobody sends any more */
        relay->input = -1;
        relay->ended = true;
    }
}

/* Gives the program what it takes; then, at the end, closes its stdin, or
 * types the end of a file. */
static void feed(Relay *relay)
{
    Child *child = relay->child;
    Buf *pending = &relay->pending;
    const char end_of_file = 'D' & 0x1f;    /* VEOF of a terminal */
    ssize_t n = 0;

    if (child->in < 0) {
        buf_clear(pending);
        return;
    }
    if (pending->len) {
        n = write(child->in, pending->data, pending->len);
    }
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        n = pending->len;       /* it closed its stdin */
        relay->ended = true;
    }
    if (n > 0) {
        memmove(pending->data, pending->data + n, pending->len - n);
        pending->len -= n;
    }
    if (!pending->len && relay->ended && child->in == child->out) {
        buf_add(pending, &end_of_file, 1);
        relay->ended = false;
    } else if (!pending->len && relay->ended) {
        close(child->in);
        child->in = -1;
    }
}

/* Output */

/* What is there, up to more than a pipe holds; closes it at its end. */
static void pass_on(int *from, int to)
{
    char block[16 * 1024];
    ssize_t n = 1;
    int i;

    for (i = 0; i < MAX_BLOCKS && *from >= 0 && n > 0; i++) {
        n = read(*from, block, sizeof(block));
        if (n > 0) {
            port_write(to, block, n);
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            close(*from);
            *from = -1;
        }
    }
}

static void pass_all(Relay *relay)
{
    Child *child = relay->child;
    bool tty = child->in >= 0 && child->in == child->out;

    pass_on(&child->out, relay->output);
    pass_on(&child->err, relay->errors);
    if (tty && child->out < 0) {
        child->in = -1;
    }
}

/* Evidence */

static void cut_trace(Relay *relay)
{
    int fd = open("/sys/kernel/tracing/events/enable", O_WRONLY | O_CLOEXEC);

    relay->trace_cut = true;
    if (fd >= 0) {
        if (write(fd, "0", 1) != 1) {
            perror("trace events");
        }
        close(fd);
    }
}

static void take_evidence(Relay *relay, bool keep)
{
    syscalls_drain(relay->syscalls);
    relay->trace_bytes += evidence_drain(relay->evidence, relay->ports);
    ports_flush(relay->ports);
    if (relay->trace_bytes > MAX_TRACE && !relay->trace_cut) {
        cut_trace(relay);
    }
    if (keep) {
        ports_request(relay->ports, "{\"execute\":\"run-keep\"}", NULL);
    }
}

/* One turn, of at most @ms. True when the program has ended. */
static bool turn(Relay *relay, int ms)
{
    Child *child = relay->child;
    bool hungry = relay->pending.len < MAX_PENDING;
    struct pollfd fds[COUNT] = {
        [OUT] = { .fd = child->out, .events = POLLIN },
        [ERR] = { .fd = child->err, .events = POLLIN },
        [IN] = { .fd = relay->pending.len ? child->in : -1,
                 .events = POLLOUT },
        [INPUT] = { .fd = hungry ? relay->input : -1, .events = POLLIN },
        [CHILD] = { .fd = child->pidfd, .events = POLLIN },
        [LISTENER] = { .fd = relay->listener, .events = POLLIN },
    };

    if (poll(fds, COUNT, ms) < 0) {
        return false;
    }
    if (fds[INPUT].revents) {
        read_input(relay);
    }
    if (fds[INPUT].revents || fds[IN].revents) {
        feed(relay);
    }
    if (fds[LISTENER].revents) {
        local_serve(relay->listener, relay->ports);
    }
    pass_all(relay);
    return fds[CHILD].revents;
}

/* Until the program has ended; false where @deadline was first, if any. */
static bool run_until(Relay *relay, long long deadline)
{
    long long next = now_ms() + TICK_MS;
    unsigned int ticks = 0;

    for (;;) {
        long long now = now_ms();
        long long until = deadline && deadline < next ? deadline : next;

        if (turn(relay, until > now ? until - now : 0)) {
            return true;
        }
        now = now_ms();
        if (now >= next) {
            take_evidence(relay, ++ticks % KEEP_TICKS == 0);
            next = now_ms() + TICK_MS;
        }
        if (deadline && now >= deadline) {
            return false;
        }
    }
}

void relay_run(Relay *relay)
{
    long long deadline = relay->timeout_ms ? now_ms() + relay->timeout_ms : 0;

    if (!run_until(relay, deadline)) {
        relay->late = true;
        kill(-relay->child->pid, SIGTERM);
        if (!run_until(relay, now_ms() + TERM_MS)) {
            kill(-relay->child->pid, SIGKILL);
            relay->stuck = !run_until(relay, now_ms() + KILL_MS);
        }
    }
    pass_all(relay);
}
