/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the tests: a trace in memory, and what is shown of it.
 */
#ifndef TRACE_TEST_LINES_H
#define TRACE_TEST_LINES_H

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "input.h"
#include "show.h"

typedef struct Shown {
    GString *text;
    guint64 commands, asyncs;
    InputCounts input;
    JoinCounts join;
} Shown;

static void shown_command(void *opaque, const Command *command)
{
    Shown *shown = opaque;

    shown->commands++;
    show_text(shown->text, command, false);
}

static void shown_async(void *opaque, const Event *event, gint64 ns)
{
    Shown *shown = opaque;

    shown->asyncs++;
    show_async_text(shown->text, event, ns);
}

/* Reads @len bytes of @trace as a file. */
static Shown shown_of(const void *trace, gsize len)
{
    Shown shown = { .text = g_string_new(NULL) };
    const JoinHandler handler = { shown_command, shown_async, &shown };
    Input input = { .join = join_new(&handler), .handler = &handler };
    int fd = memfd_create("trace", MFD_CLOEXEC);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, trace, len), ==, len);
    lseek(fd, 0, SEEK_SET);
    g_assert_true(input_read(&input, fd, false, NULL));
    input_done(&input);
    join_end(input.join);
    shown.input = input.counts;
    shown.join = *join_counts(input.join);
    join_free(input.join);
    close(fd);
    return shown;
}

#endif
