/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 'nvme-fi trace': shows the NVMe commands of a kernel's trace, one a line.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "args.h"
#include "live.h"
#include "show.h"
#include "summary.h"
#include "usage.h"

/* What is shown at once; less where somebody waits for it. */
#define FLUSH_BYTES 32768

#define EXIT_CANNOT 1
#define EXIT_USAGE 2
#define EXIT_LOST 3

typedef struct Program {
    const Args *args;
    Summary *summary;
    GString *out;
    guint64 filtered;
    bool broken;                /* nobody reads what we write */
} Program;

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

static void flush_out(void *opaque)
{
    Program *program = opaque;
    GString *out = program->out;

    if (out->len && !program->broken &&
        (fwrite(out->str, 1, out->len, stdout) != out->len ||
         fflush(stdout) != 0)) {
        program->broken = true;
        stopped = 1;
    }
    g_string_truncate(out, 0);
}

static void shown(Program *program)
{
    if (program->out->len >= FLUSH_BYTES) {
        flush_out(program);
    }
}

static void on_command(void *opaque, const Command *command)
{
    Program *program = opaque;

    if (!filter_passes(program->args->filter, command)) {
        program->filtered++;
        return;
    }
    summary_add(program->summary, command);
    if (program->args->quiet) {
        return;
    }
    if (program->args->json) {
        show_json(program->out, command);
    } else {
        show_text(program->out, command, program->args->all_fields);
    }
    shown(program);
}

static void on_async(void *opaque, const Event *event, gint64 ns)
{
    Program *program = opaque;

    if (!filter_passes_async(program->args->filter, event, ns)) {
        program->filtered++;
        return;
    }
    if (program->args->quiet) {
        return;
    }
    if (program->args->json) {
        show_async_json(program->out, event, ns);
    } else {
        show_async_text(program->out, event, ns);
    }
    shown(program);
}

static void on_other(void *opaque, const char *text)
{
    Program *program = opaque;

    if (program->args->json) {
        show_other_json(program->out, text);
    } else {
        g_string_append_printf(program->out, "%s\n", text);
    }
    shown(program);
}

static bool read_file(Input *input, const char *name, GError **error)
{
    bool is_stdin = !strcmp(name, "-");
    int fd = is_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    struct stat st;
    bool ok;

    if (fd < 0) {
        int number = errno;
        g_autofree char *near = number == ENOENT ? usage_near_file(name) :
                                NULL;

        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(number),
                    "%s: %s%s", name, g_strerror(number), near ? near : "");
        return false;
    }
    input->size = !fstat(fd, &st) && S_ISREG(st.st_mode) ?
                  input->counts.bytes + st.st_size : 0;
    ok = input_read(input, fd, false, error);
    input_done(input);
    if (!ok) {
        g_prefix_error(error, "%s: ", is_stdin ? "standard input" : name);
    }
    if (!is_stdin) {
        close(fd);
    }
    return ok;
}

static bool read_files(const Args *args, Input *input, GError **error)
{
    if (!args->files || !args->files[0]) {
        return read_file(input, "-", error);
    }
    for (char **file = args->files; *file && !stopped; file++) {
        if (!read_file(input, *file, error)) {
            return false;
        }
    }
    return true;
}

static bool read_live(const Args *args, Input *input, GError **error)
{
    bool only_admin;
    g_autofree char *filter = filter_kernel(args->filter, &only_admin);
    const LiveSetup setup = {
        .tracefs = args->tracefs, .filter = filter,
        .block = !args->no_block && !only_admin,
        .buffer_kb = args->buffer_kb,
    };
    Live *live = live_start(&setup, error);
    bool ok;

    if (!live) {
        return false;
    }
    fputs("nvme-fi: tracing; Ctrl-C ends it\n", stderr);
    input->deadline_us = args->seconds == 0 ? 0 : g_get_monotonic_time() +
                         (gint64)(args->seconds * G_USEC_PER_SEC);
    input->stop = &stopped;
    ok = input_read(input, live_fd(live), false, error);
    live_pause(live);
    ok = ok && input_read(input, live_fd(live), true, error);
    input_done(input);
    live_stop(live);
    return ok;
}

static bool set_common(const Args *args, GError **error)
{
    bool only_admin;
    g_autofree char *filter = filter_kernel(args->filter, &only_admin);
    const LiveSetup setup = {
        .tracefs = args->tracefs, .filter = filter,
        .block = !args->no_block && !only_admin,
        .buffer_kb = args->buffer_kb,
    };

    return args->mode == ARGS_ENABLE ? live_enable(&setup, error) :
           live_disable(&setup, error);
}

/* The end of all: tables and counters.  Returns the exit status. */
static int finish(Program *program, const Input *input)
{
    const JoinCounts *counts = join_counts(input->join);
    g_autoptr(GString) text = g_string_new(NULL);
    bool lost = summary_skipped(&input->counts, counts, program->filtered,
                                "nvme-fi: ", text);

    if (program->args->summary || program->args->json) {
        if (program->args->summary) {
            summary_show(program->summary, program->args->json,
                         program->out);
        }
        if (program->args->json) {
            summary_counts_json(&input->counts, counts, program->filtered,
                                program->out);
        }
    }
    flush_out(program);
    fputs(text->str, stderr);
    if (program->broken) {
        fputs("nvme-fi: cannot write the output\n", stderr);
        return EXIT_CANNOT;
    }
    return lost ? EXIT_LOST : 0;
}

static int show_trace(const Args *args)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Summary) summary = summary_new();
    g_autoptr(GString) out = g_string_new(NULL);
    Program program = { .args = args, .summary = summary, .out = out };
    const JoinHandler handler = { on_command, on_async, &program };
    Input input = {
        .join = join_new(&handler), .handler = &handler, .stop = &stopped,
        .idle = flush_out, .idle_opaque = &program,
        .other = args->other_lines ? on_other : NULL,
        .other_opaque = &program,
        .progress = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO),
    };
    bool ok = args->mode == ARGS_LIVE ? read_live(args, &input, &error) :
              read_files(args, &input, &error);
    int status;

    join_end(input.join);
    status = finish(&program, &input);
    if (!ok) {
        fprintf(stderr, "nvme-fi: trace: %s\n", error->message);
        status = EXIT_CANNOT;
    }
    join_free(input.join);
    return status;
}

int main(int argc, char **argv)
{
    const struct sigaction action = { .sa_handler = on_signal };
    g_autoptr(GError) error = NULL;
    g_autoptr(Args) args = NULL;

    setlocale(LC_ALL, "");
    args = args_parse(argc, argv, &error);
    if (!args) {
        usage_complain("trace", error);
        return EXIT_USAGE;
    }
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    if (args->mode == ARGS_ENABLE || args->mode == ARGS_DISABLE) {
        if (!set_common(args, &error)) {
            fprintf(stderr, "nvme-fi: trace: %s\n", error->message);
            return EXIT_CANNOT;
        }
        return 0;
    }
    return show_trace(args);
}
