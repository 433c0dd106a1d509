/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading lines; see input.h.
 */
#include "input.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536
#define REDRAW_US (200 * 1000)
#define POLL_MS 200

static void erase_progress(Input *input)
{
    if (input->drawn) {
        fputs("\r\033[K", stderr);
        input->drawn = false;
    }
}

static void draw_progress(Input *input)
{
    gint64 now;

    if (!input->progress || (now = g_get_monotonic_time()) <
        input->next_draw_us) {
        return;
    }
    input->next_draw_us = now + REDRAW_US;
    input->drawn = true;
    fprintf(stderr, "\r\033[K%.1f MiB", input->counts.bytes / 1048576.0);
    if (input->size) {
        fprintf(stderr, " (%d%%)", (int)MIN(100, input->counts.bytes * 100 /
                                            input->size));
    }
    fprintf(stderr, ", %" G_GUINT64_FORMAT " lines, %" G_GUINT64_FORMAT
            " commands", input->counts.lines,
            join_counts(input->join)->commands);
    fflush(stderr);
}

/* Valid UTF-8 and no control characters: what comes of it is shown. */
static char *mend(Input *input, const char *bytes, gsize len)
{
    char *text;
    bool mended = false;

    if (len > 0 && bytes[len - 1] == '\r') {
        len--;
    }
    text = g_utf8_make_valid(bytes, len);
    mended = strlen(text) != len || memcmp(text, bytes, len) != 0;
    for (char *at = text; *at; at++) {
        if ((guchar)*at < ' ' && *at != '\t') {
            *at = '?';
            mended = true;
        } else if ((guchar)*at == 0x7f) {
            *at = '?';
            mended = true;
        }
    }
    input->counts.binary += mended;
    return text;
}

/* "# entries-in-buffer/entries-written: 205/1000   #P:1" heads a saved
 * trace; what is not in the buffer any more was overwritten. */
static void take_comment(Input *input, const char *text)
{
    const char *at = strstr(text, "entries-in-buffer/entries-written: ");
    guint64 kept, written;
    char *end;

    input->counts.comments++;
    if (!at || !(at = strchr(at, ':'))) {
        return;
    }
    kept = g_ascii_strtoull(at + 1, &end, 10);
    written = *end == '/' ? g_ascii_strtoull(end + 1, NULL, 10) : 0;
    input->counts.overwritten += written > kept ? written - kept : 0;
}

/* True where it is an event of ours, which is shown as such. */
static bool take_event(Input *input, const char *text)
{
    InputCounts *counts = &input->counts;
    TraceLine line;
    guint64 lost;

    if (text[strspn(text, " \t")] == '\0' || text[0] == '#') {
        take_comment(input, text);
    } else if (line_parse(text, &line)) {
        return join_line(input->join, &line);
    } else if (line_lost(text, &lost)) {
        counts->lost_reports++;
        counts->lost += lost;
        join_lost(input->join);
    } else {
        counts->other++;
    }
    return false;
}

static void take_text(Input *input, const char *text)
{
    if (!take_event(input, text) && input->other) {
        input->other(input->other_opaque, text);
    }
}

void input_line(Input *input, const char *text)
{
    g_autofree char *mended = mend(input, text, strlen(text));

    take_text(input, mended);
}

static void take_line(Input *input)
{
    GByteArray *line = input->line;
    g_autofree char *text = NULL;

    input->counts.lines++;
    if (input->skipping) {
        input->skipping = false;
        input->counts.too_long++;
        return;
    }
    text = mend(input, line->len ? (const char *)line->data : "", line->len);
    g_byte_array_set_size(line, 0);
    if (text[0] == '{') {
        input_json(input, text);
    } else {
        take_text(input, text);
    }
}

static void add_part(Input *input, const guint8 *bytes, gsize len)
{
    if (input->skipping) {
        return;
    }
    if (input->line->len + len > INPUT_MAX_LINE) {
        input->skipping = true;
        g_byte_array_set_size(input->line, 0);
        return;
    }
    g_byte_array_append(input->line, bytes, len);
}

static void take_bytes(Input *input, const guint8 *bytes, gsize len)
{
    const guint8 *end = bytes + len;

    input->counts.bytes += len;
    while (bytes < end) {
        const guint8 *newline = memchr(bytes, '\n', end - bytes);

        add_part(input, bytes, (newline ? newline : end) - bytes);
        if (!newline) {
            break;
        }
        take_line(input);
        bytes = newline + 1;
    }
    draw_progress(input);
}

static bool is_over(const Input *input)
{
    return (input->stop && *input->stop) ||
           (input->deadline_us &&
            g_get_monotonic_time() >= input->deadline_us);
}

/* Until there is something to read; a file always has. */
static void wait_for(Input *input, int fd)
{
    struct pollfd item = { .fd = fd, .events = POLLIN };
    int ready = poll(&item, 1, 0);

    if (ready == 0) {
        if (input->idle) {
            input->idle(input->idle_opaque);
        }
        poll(&item, 1, POLL_MS);
    }
}

bool input_read(Input *input, int fd, bool drain, GError **error)
{
    g_autofree guint8 *chunk = g_malloc(CHUNK);
    bool ok = true;

    if (!input->line) {
        input->line = g_byte_array_new();
    }
    while (drain || !is_over(input)) {
        gssize n;

        if (!drain) {
            wait_for(input, fd);
            if (is_over(input)) {
                break;
            }
        }
        n = read(fd, chunk, CHUNK);
        if (n > 0) {
            take_bytes(input, chunk, n);
        } else if (n == 0 || (drain && errno == EAGAIN)) {
            break;
        } else if (errno != EINTR && errno != EAGAIN) {
            g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                        "cannot read: %s", g_strerror(errno));
            ok = false;
            break;
        }
    }
    erase_progress(input);
    return ok;
}

void input_done(Input *input)
{
    if (input->line && (input->line->len > 0 || input->skipping)) {
        take_line(input);
    }
    g_clear_pointer(&input->line, g_byte_array_unref);
}
