/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Non-blocking line channel; see lines.h.
 */
#include "lines.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct LineChannel {
    int fd;
    const LineHandlers *handlers;
    void *opaque;
    GByteArray *in;
    gsize scanned;          /* bytes of @in known to hold no line end */
    bool dropping;          /* inside a line that was too long */
    GByteArray *out;
    guint in_source;
    guint out_source;
    bool closed;
};

static void channel_close(LineChannel *channel)
{
    gsize partial = channel->in->len;

    if (channel->closed) {
        return;
    }
    channel->closed = true;
    g_clear_handle_id(&channel->in_source, g_source_remove);
    g_clear_handle_id(&channel->out_source, g_source_remove);
    if (channel->handlers->closed) {
        channel->handlers->closed(channel->opaque, partial);
    }
}

static void deliver(LineChannel *channel, char *line, gsize len)
{
    if (len > 0 && line[len - 1] == '\r') {
        len--;
    }
    line[len] = '\0';
    if (channel->dropping) {
        channel->dropping = false;
    } else if (channel->handlers->line) {
        channel->handlers->line(channel->opaque, line, len);
    }
}

static void drop_too_long(LineChannel *channel)
{
    if (!channel->dropping && channel->handlers->too_long) {
        channel->handlers->too_long(channel->opaque);
    }
    channel->dropping = true;
    g_byte_array_set_size(channel->in, 0);
}

static void cut_lines(LineChannel *channel)
{
    gsize start = 0;
    gsize from = channel->scanned;

    for (;;) {
        char *data = (char *)channel->in->data;
        char *end = from < channel->in->len ?
                    memchr(data + from, '\n', channel->in->len - from) :
                    NULL;

        if (!end) {
            break;
        }
        deliver(channel, data + start, end - data - start);
        start = from = end - data + 1;
    }
    if (start > 0) {
        g_byte_array_remove_range(channel->in, 0, start);
    }
    if (channel->in->len > LINES_MAX_LINE) {
        drop_too_long(channel);
    }
    channel->scanned = channel->in->len;
}

static gboolean on_readable(int fd, G_GNUC_UNUSED GIOCondition condition,
                            gpointer opaque)
{
    LineChannel *channel = opaque;
    char chunk[64 * 1024];
    ssize_t n = read(fd, chunk, sizeof(chunk));

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return G_SOURCE_CONTINUE;
    }
    if (n <= 0) {
        channel->in_source = 0;
        channel_close(channel);
        return G_SOURCE_REMOVE;
    }
    if (channel->handlers->data) {
        channel->handlers->data(channel->opaque, chunk, n);
    }
    g_byte_array_append(channel->in, (guint8 *)chunk, n);
    cut_lines(channel);
    return channel->closed ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

/* True when everything is sent, or nothing ever will be. */
static bool flush_out(LineChannel *channel)
{
    while (channel->out->len > 0) {
        ssize_t n = send(channel->fd, channel->out->data, channel->out->len,
                         MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && errno == EAGAIN) {
            return false;
        }
        if (n < 0) {
            /* The read side sees the end too, after what is still queued. */
            g_byte_array_set_size(channel->out, 0);
            return true;
        }
        g_byte_array_remove_range(channel->out, 0, n);
    }
    return true;
}

static gboolean on_writable(G_GNUC_UNUSED int fd,
                            G_GNUC_UNUSED GIOCondition condition,
                            gpointer opaque)
{
    LineChannel *channel = opaque;

    if (!flush_out(channel)) {
        return G_SOURCE_CONTINUE;
    }
    channel->out_source = 0;
    return G_SOURCE_REMOVE;
}

LineChannel *lines_new(int fd, const LineHandlers *handlers, void *opaque)
{
    LineChannel *channel = g_new0(LineChannel, 1);

    g_unix_set_fd_nonblocking(fd, true, NULL);
    channel->fd = fd;
    channel->handlers = handlers;
    channel->opaque = opaque;
    channel->in = g_byte_array_new();
    channel->out = g_byte_array_new();
    channel->in_source = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR,
                                       on_readable, channel);
    return channel;
}

void lines_free(LineChannel *channel)
{
    if (!channel) {
        return;
    }
    g_clear_handle_id(&channel->in_source, g_source_remove);
    g_clear_handle_id(&channel->out_source, g_source_remove);
    g_byte_array_unref(channel->in);
    g_byte_array_unref(channel->out);
    close(channel->fd);
    g_free(channel);
}

void lines_send(LineChannel *channel, const char *line)
{
    gsize len = strlen(line);

    if (channel->closed) {
        return;
    }
    if (channel->out->len + len > LINES_MAX_UNREAD) {
        shutdown(channel->fd, SHUT_RDWR);
        return;
    }
    g_byte_array_append(channel->out, (const guint8 *)line, len);
    g_byte_array_append(channel->out, (const guint8 *)"\n", 1);
    if (!channel->out_source && !flush_out(channel)) {
        channel->out_source = g_unix_fd_add(channel->fd, G_IO_OUT,
                                            on_writable, channel);
    }
}

bool lines_is_closed(const LineChannel *channel)
{
    return channel->closed;
}
