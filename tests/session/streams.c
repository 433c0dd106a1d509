/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Passing bytes on without losing, changing or piling up any; see streams.h.
 */
#include "streams.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* A pipe that can be written to takes so much without blocking (PIPE_BUF). */
#define CHUNK 4096

/* Frames of the input, as tests/guest/session/relay.h has them. */
#define FRAME_DATA 'd'
#define FRAME_END 'e'
#define FRAME_SIZE 's'
#define FRAME_SIGNAL 'k'
#define FRAME_HEAD 5

/* One direction: what was read is written before more is read. */
typedef struct Pump {
    Streams *streams;
    int from;
    int to;
    FILE *copy;             /* or NULL */
    GByteArray *pending;
    guint source;
    bool framed;            /* what is read becomes frames */
    bool deaf;              /* nobody takes it any more: it is dropped */
    bool over;              /* nothing comes any more */
} Pump;

struct Streams {
    Pump out, err, in;
    int ports[3];
    bool raw;               /* the terminal is not as we found it */
    struct termios found;
    guint resized;          /* source */
};

static void add_frame(GByteArray *bytes, char type, const void *data,
                      gsize len)
{
    guint8 head[FRAME_HEAD] = { type, len, len >> 8, len >> 16, len >> 24 };

    g_byte_array_append(bytes, head, sizeof(head));
    g_byte_array_append(bytes, data, len);
}

static void wait_for_source(Pump *pump);

/* Writes once; true when nothing is left. */
static bool write_some(Pump *pump)
{
    ssize_t n = write(pump->to, pump->pending->data,
                      MIN(pump->pending->len, CHUNK));

    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        pump->deaf = true;
        g_byte_array_set_size(pump->pending, 0);
        if (!pump->framed) {
            streams_signal(pump->streams, SIGPIPE);
        }
    } else if (n > 0) {
        g_byte_array_remove_range(pump->pending, 0, n);
    }
    return pump->pending->len == 0;
}

static void keep(Pump *pump, const char *data, gsize len)
{
    if (pump->copy) {
        fwrite(data, 1, len, pump->copy);
    }
    if (pump->deaf) {
        return;
    }
    if (pump->framed) {
        add_frame(pump->pending, FRAME_DATA, data, len);
    } else {
        g_byte_array_append(pump->pending, (const guint8 *)data, len);
    }
}

/* Reads once. */
static void read_some(Pump *pump)
{
    char data[CHUNK];
    ssize_t n = read(pump->from, data, sizeof(data));

    if (n > 0) {
        keep(pump, data, n);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        pump->over = true;
        if (pump->framed && !pump->deaf) {
            add_frame(pump->pending, FRAME_END, "", 0);
        }
    }
}

static gboolean on_ready(G_GNUC_UNUSED int fd,
                         G_GNUC_UNUSED GIOCondition condition,
                         gpointer opaque)
{
    Pump *pump = opaque;

    pump->source = 0;
    if (pump->pending->len) {
        write_some(pump);
    } else {
        read_some(pump);
    }
    wait_for_source(pump);
    return G_SOURCE_REMOVE;
}

static void wait_for_source(Pump *pump)
{
    if (pump->source) {
        return;
    }
    if (pump->pending->len) {
        pump->source = g_unix_fd_add(pump->to, G_IO_OUT | G_IO_ERR, on_ready,
                                     pump);
    } else if (!pump->over) {
        pump->source = g_unix_fd_add(pump->from, G_IO_IN | G_IO_HUP |
                                     G_IO_ERR, on_ready, pump);
    }
}

/* A frame of ours, behind what is on its way. */
static void send_frame(Streams *streams, char type, const char *text)
{
    Pump *in = &streams->in;

    if (!in->deaf) {
        add_frame(in->pending, type, text, strlen(text));
        g_clear_handle_id(&in->source, g_source_remove);
        wait_for_source(in);
    }
}

void streams_signal(Streams *streams, int number)
{
    g_autofree char *text = g_strdup_printf("%d", number);

    send_frame(streams, FRAME_SIGNAL, text);
}

void streams_tty_size(int *rows, int *cols)
{
    struct winsize size = { .ws_row = 0 };

    ioctl(STDIN_FILENO, TIOCGWINSZ, &size);
    *rows = size.ws_row ? size.ws_row : 24;
    *cols = size.ws_col ? size.ws_col : 80;
}

static gboolean on_resized(gpointer opaque)
{
    g_autofree char *text = NULL;
    int rows, cols;

    streams_tty_size(&rows, &cols);
    text = g_strdup_printf("%d %d", rows, cols);
    send_frame(opaque, FRAME_SIZE, text);
    return G_SOURCE_CONTINUE;
}

/* GLib has no source for this signal: a pipe to the main loop. */
static int winch_pipe[2] = { -1, -1 };

static void on_winch(G_GNUC_UNUSED int number)
{
    int saved = errno;

    if (write(winch_pipe[1], "", 1) < 0) {
        /* full: a look is due anyway */
    }
    errno = saved;
}

static gboolean on_winch_pipe(int fd, G_GNUC_UNUSED GIOCondition condition,
                              gpointer opaque)
{
    char block[64];

    while (read(fd, block, sizeof(block)) > 0) {
    }
    return on_resized(opaque);
}

static void take_terminal(Streams *streams)
{
    struct termios raw;

    if (tcgetattr(STDIN_FILENO, &streams->found) == 0) {
        raw = streams->found;
        cfmakeraw(&raw);
        streams->raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
    }
    if (g_unix_open_pipe(winch_pipe, FD_CLOEXEC, NULL)) {
        g_unix_set_fd_nonblocking(winch_pipe[0], TRUE, NULL);
        g_unix_set_fd_nonblocking(winch_pipe[1], TRUE, NULL);
        streams->resized = g_unix_fd_add(winch_pipe[0], G_IO_IN,
                                         on_winch_pipe, streams);
        signal(SIGWINCH, on_winch);
    }
}

static bool open_copy(Pump *pump, const char *dir, const char *name,
                      GError **error)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);

    pump->copy = fopen(path, "we");
    if (!pump->copy) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                    "cannot create %s: %s", path, g_strerror(errno));
    }
    return pump->copy;
}

static void pump_init(Streams *streams, Pump *pump, int from, int to)
{
    pump->streams = streams;
    pump->from = from;
    pump->to = to;
    pump->pending = g_byte_array_new();
}

Streams *streams_new(Qemu *qemu, const StreamsConfig *config, GError **error)
{
    Streams *streams = g_new0(Streams, 1);

    for (int i = 0; i < 3; i++) {
        streams->ports[i] = qemu_take_port(qemu, QEMU_PORT_INPUT + i);
    }
    g_unix_set_fd_nonblocking(streams->ports[0], TRUE, NULL);
    pump_init(streams, &streams->in, STDIN_FILENO, streams->ports[0]);
    pump_init(streams, &streams->out, streams->ports[1], STDOUT_FILENO);
    pump_init(streams, &streams->err, streams->ports[2], STDERR_FILENO);
    streams->in.framed = true;
    streams->in.over = !config->input && !config->tty;
    if (config->dir &&
        (!open_copy(&streams->out, config->dir, "stdout", error) ||
         !open_copy(&streams->err, config->dir, "stderr", error))) {
        streams_free(streams);
        return NULL;
    }
    if (config->tty) {
        take_terminal(streams);
    }
    wait_for_source(&streams->in);
    wait_for_source(&streams->out);
    wait_for_source(&streams->err);
    return streams;
}

static void drain(Pump *pump)
{
    g_clear_handle_id(&pump->source, g_source_remove);
    while (pump->pending->len || !pump->over) {
        if (pump->pending->len) {
            struct pollfd out = { .fd = pump->to, .events = POLLOUT };

            poll(&out, 1, -1);
            write_some(pump);
        } else {
            read_some(pump);
        }
    }
}

void streams_finish(Streams *streams)
{
    streams->in.deaf = true;
    drain(&streams->out);
    drain(&streams->err);
    if (streams->raw) {
        tcsetattr(STDIN_FILENO, TCSADRAIN, &streams->found);
        streams->raw = false;
    }
}

static void pump_done(Pump *pump)
{
    g_clear_handle_id(&pump->source, g_source_remove);
    g_clear_pointer(&pump->pending, g_byte_array_unref);
    g_clear_pointer(&pump->copy, fclose);
}

void streams_free(Streams *streams)
{
    if (!streams) {
        return;
    }
    if (streams->raw) {
        tcsetattr(STDIN_FILENO, TCSADRAIN, &streams->found);
    }
    if (streams->resized) {
        signal(SIGWINCH, SIG_DFL);
        g_source_remove(streams->resized);
    }
    pump_done(&streams->in);
    pump_done(&streams->out);
    pump_done(&streams->err);
    for (int i = 0; i < 3; i++) {
        close(streams->ports[i]);
    }
    g_free(streams);
}
