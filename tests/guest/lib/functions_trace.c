/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trace instance in which the function tracer counts
 * (Documentation/trace/ftrace.rst).
 */
#include "functions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INSTANCE "/sys/kernel/tracing/instances/nvme-fi-functions"

/* All functions that can be traced, one a line. */
#define AVAILABLE "/sys/kernel/tracing/available_filter_functions"

/* Of each CPU; a call takes 28 bytes. */
#define BUFFER_KIB "2048"

/*
 * An empty filter means every function, so that one is always in it that is
 * called when all is over.
 */
#define KEEPER "kernel_power_off"

static bool write_word(int fd, const char *word)
{
    return fd >= 0 && write(fd, word, strlen(word)) == (ssize_t)strlen(word);
}

static bool put(const char *file, const char *word, int flags)
{
    char path[200];
    bool ok;
    int fd;

    snprintf(path, sizeof(path), INSTANCE "/%s", file);
    fd = open(path, O_WRONLY | O_CLOEXEC | flags);
    ok = write_word(fd, word);
    if (fd >= 0 && close(fd)) {
        ok = false;
    }
    return ok;
}

/* Adds the text of @path; false where it cannot be read. */
static bool get(const char *path, Buf *text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char block[16384];
    ssize_t n = fd;

    buf_puts(text, "");
    while (fd >= 0 && ((n = read(fd, block, sizeof(block))) > 0 ||
                       (n < 0 && errno == EINTR))) {
        if (n > 0) {
            buf_add(text, block, n);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return n == 0;
}

void functions_close(Functions *functions)
{
    if (functions->on) {
        put("current_tracer", "nop", 0);
        rmdir(INSTANCE);
        functions->on = false;
    }
}

/* Which functions are in the filter: a name a line, with "[module]". Returns
 * true where the keeper is. */
static bool read_filter(Functions *functions)
{
    bool kept = false;
    Buf text = { 0 };
    char *line;

    memset(functions->traced, 0, sizeof(functions->traced));
    get(INSTANCE "/set_ftrace_filter", &text);
    for (line = text.data; *line; line += strcspn(line, "\n"),
         line += *line == '\n') {
        int i = functions_match(functions, line, strcspn(line, " \n"));

        if (i >= 0) {
            functions->traced[i] = true;
        }
        kept |= !strncmp(line, KEEPER "\n", strlen(KEEPER "\n"));
    }
    buf_free(&text);
    return kept;
}

/*
 * By its place in the list, counted from 1: for a name the kernel would look
 * up each of its functions' names once more, a second for each.
 */
static void add_place(int fd, unsigned long place)
{
    char word[32];

    snprintf(word, sizeof(word), "%lu\n", place);
    write_word(fd, word);
}

static void add_missing(Functions *functions)
{
    FILE *list = fopen(AVAILABLE, "re");
    int fd = open(INSTANCE "/set_ftrace_filter",
                  O_WRONLY | O_APPEND | O_CLOEXEC);
    unsigned long place = 0;
    char line[1024];
    int i;

    while (list && fd >= 0 && fgets(line, sizeof(line), list)) {
        place++;
        i = functions_match(functions, line, strcspn(line, " \n"));
        if ((i >= 0 && !functions->traced[i]) ||
            !strcmp(line, KEEPER "\n")) {
            add_place(fd, place);
        }
    }
    if (list) {
        fclose(list);
    }
    if (fd >= 0) {
        close(fd);
    }
}

/* Names and addresses of the modules; use counts would change all the time. */
static void read_modules(Buf *modules)
{
    Buf text = { 0 };
    char *line;

    buf_puts(modules, "");
    get("/proc/modules", &text);
    for (line = text.data; *line; line += strcspn(line, "\n"),
         line += *line == '\n') {
        char *address = strstr(line, " 0x");
        size_t name = strcspn(line, " \n");

        buf_add(modules, line, name);
        if (address && address < strchrnul(line, '\n')) {
            buf_add(modules, address, strcspn(address, "\n"));
        }
        buf_puts(modules, "\n");
    }
    buf_free(&text);
}

/* The filter, before anything is traced. True where the keeper is in it. */
static bool start_filter(Functions *functions)
{
    read_modules(&functions->modules);
    add_missing(functions);
    return read_filter(functions);
}

void functions_open(Functions *functions)
{
    if (!functions->count) {
        return;
    }
    rmdir(INSTANCE);
    functions->on = !mkdir(INSTANCE, 0755) && put("tracing_on", "0", 0) &&
        put("buffer_size_kb", BUFFER_KIB, 0) && start_filter(functions) &&
        put("current_tracer", "function", 0);
    if (!functions->on) {
        rmdir(INSTANCE);
        memset(functions->traced, 0, sizeof(functions->traced));
        fprintf(stderr, "this kernel does not trace functions\n");
    }
}

/* What was there and went away with its module may be back with it. */
static bool has_lost_one(const Functions *functions, const bool *traced)
{
    size_t i;

    for (i = 0; i < functions->count; i++) {
        if (traced[i] && !functions->traced[i]) {
            return true;
        }
    }
    return false;
}

void functions_look(Functions *functions)
{
    bool traced[FUNCTIONS_MAX];
    Buf modules = { 0 };

    if (!functions->on) {
        return;
    }
    memcpy(traced, functions->traced, sizeof(traced));
    read_filter(functions);
    read_modules(&modules);
    if (strcmp(modules.data, functions->modules.data) ||
        has_lost_one(functions, traced)) {
        add_missing(functions);
        read_filter(functions);
        buf_free(&functions->modules);
        functions->modules = modules;
    } else {
        buf_free(&modules);
    }
}

void functions_begin(Functions *functions)
{
    if (functions->on) {
        functions_look(functions);
        put("trace", "\n", O_TRUNC);
        put("tracing_on", "1", 0);
    }
}

static bool nothing_lost(void)
{
    Buf text = { 0 };
    char path[200];
    bool none = true;
    int cpu;

    for (cpu = 0; none; cpu++) {
        snprintf(path, sizeof(path), INSTANCE "/per_cpu/cpu%d/stats", cpu);
        buf_clear(&text);
        if (!get(path, &text)) {
            break;
        }
        none = functions_lost(text.data) == 0;
    }
    buf_free(&text);
    return none && cpu > 0;
}

bool functions_so_far(const Functions *functions, FunctionCounts *counts)
{
    Buf text = { 0 };
    bool whole = true;
    size_t i;

    for (i = 0; i < functions->count; i++) {
        counts->n[i] = functions->traced[i] ? functions->before.n[i] :
                       FUNCTIONS_UNTRACED;
    }
    if (functions->on) {
        whole = get(INSTANCE "/trace", &text);
        functions_count(functions, text.data, counts);
    }
    buf_free(&text);
    return whole;
}

bool functions_end(Functions *functions, FunctionCounts *counts)
{
    bool stopped = !functions->on ||
                   (put("tracing_on", "0", 0) && nothing_lost());
    bool whole = functions_so_far(functions, counts) && stopped;

    if (functions->on) {
        put("trace", "\n", O_TRUNC);
    }
    memset(&functions->before, 0, sizeof(functions->before));
    return whole;
}
