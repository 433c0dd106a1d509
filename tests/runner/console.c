/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watching the serial console; see console.h.
 */
#include "console.h"

#include "lines.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

#define TAIL_LINES 30
#define TAIL_LINE_MAX 300   /* bytes */

struct Console {
    LineChannel *channel;
    FILE *file;
    char *path;
    char *write_error;
    GQueue tail;            /* of strings */
    bool panicked;
    void (*panic)(void *opaque, const char *line);
    void (*closed)(void *opaque);
    void *opaque;
};

static void on_data(void *opaque, const char *data, gsize len)
{
    Console *console = opaque;

    if ((fwrite(data, 1, len, console->file) != len ||
         fflush(console->file) != 0) && !console->write_error) {
        console->write_error = g_strdup_printf("cannot write %s: %s",
                                               console->path,
                                               g_strerror(errno));
    }
}

static void on_line(void *opaque, char *line, gsize len)
{
    g_autofree char *text = g_utf8_make_valid(line, MIN(len, TAIL_LINE_MAX));
    Console *console = opaque;

    if (!console->panicked && strstr(text, "Kernel panic")) {
        console->panicked = true;
        console->panic(console->opaque, text);
    }
    if (text[0]) {
        g_queue_push_tail(&console->tail, g_steal_pointer(&text));
    }
    if (g_queue_get_length(&console->tail) > TAIL_LINES) {
        g_free(g_queue_pop_head(&console->tail));
    }
}

static void on_closed(void *opaque, G_GNUC_UNUSED gsize partial)
{
    Console *console = opaque;

    console->closed(console->opaque);
}

Console *console_new(int fd, const char *path,
                     void (*panic)(void *opaque, const char *line),
                     void (*closed)(void *opaque), void *opaque,
                     GError **error)
{
    static const LineHandlers handlers = {
        .data = on_data,
        .line = on_line,
        .closed = on_closed,
    };
    FILE *file = fopen(path, "we");
    Console *console;

    if (!file) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                    "cannot create %s: %s", path, g_strerror(errno));
        return NULL;
    }
    console = g_new0(Console, 1);
    console->file = file;
    console->path = g_strdup(path);
    console->panic = panic;
    console->closed = closed;
    console->opaque = opaque;
    g_queue_init(&console->tail);
    console->channel = lines_new(fd, &handlers, console);
    return console;
}

void console_free(Console *console)
{
    if (!console) {
        return;
    }
    lines_free(console->channel);
    fclose(console->file);
    g_queue_clear_full(&console->tail, g_free);
    g_free(console->path);
    g_free(console->write_error);
    g_free(console);
}

char *console_tail(const Console *console)
{
    GString *text = g_string_new(NULL);

    for (GList *line = console->tail.head; line; line = line->next) {
        g_string_append_printf(text, "%s\n", (char *)line->data);
    }
    return g_string_free(text, FALSE);
}

const char *console_write_error(const Console *console)
{
    return console->write_error;
}

bool console_is_closed(const Console *console)
{
    return lines_is_closed(console->channel);
}
