/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command rules of a session's guest. What it says is what './nvme-fi
 * rules' says outside; the runner does the work of both.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/json.h"
#include "local.h"

/* Between two looks of 'rules watch'. */
#define WATCH_MS 200

/* Adds the content of a rules file. False after a message. */
static bool add_file(Buf *request, const char *path)
{
    char block[8192];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    Buf text = { 0 };
    ssize_t n;

    if (fd < 0) {
        fprintf(stderr, "rules: ");
        perror(path);
        return false;
    }
    while ((n = read(fd, block, sizeof(block))) > 0) {
        buf_add(&text, block, n);
    }
    close(fd);
    buf_json_key(request, "file");
    buf_json_string(request, text.data ? text.data : "", text.len);
    buf_free(&text);
    return true;
}

static bool is_file(int argc, char **argv)
{
    return argc == 2 && !strcmp(argv[0], "add") && !strchr(argv[1], '=');
}

/*
 * For 'complete -C' of bash, which says in COMP_LINE what was typed: adds it up
 * to the cursor.
 */
static bool add_line(Buf *request, const char *first)
{
    const char *line = getenv("COMP_LINE"), *point = getenv("COMP_POINT");
    size_t length;

    if (!line || !point || !first || strcmp(first, "complete")) {
        return false;
    }
    length = strtoul(point, NULL, 10);
    buf_json_key(request, "complete");
    buf_json_string(request, line,
                    length < strlen(line) ? length : strlen(line));
    return true;
}

/* One question and its answer, which is printed. Returns the exit status;
 * sets @since to the number of the command that is to be shown next. */
static int ask(int argc, char **argv, long long *since)
{
    Buf request = { 0 }, answer = { 0 }, text = { 0 };
    long long status = 1;
    int error, i;

    buf_puts(&request, "{\"argv\":[");
    for (i = 0; i < argc; i++) {
        buf_json_sep(&request);
        buf_json_string(&request, argv[i], strlen(argv[i]));
    }
    buf_puts(&request, "]");
    buf_json_int(&request, "since", *since);
    if (!add_line(&request, argv[0]) && is_file(argc, argv) &&
        !add_file(&request, argv[1])) {
        return 1;
    }
    buf_puts(&request, "}");
    error = local_ask(request.data, &answer);
    if (error) {
        fprintf(stderr, "rules: no answer from the agent: %s\n",
                strerror(error));
        return 1;
    }
    json_get_string(answer.data, "text", &text);
    json_get_string(answer.data, "desc", &text);
    json_get_int(answer.data, "status", &status);
    json_get_int(answer.data, "next", since);
    if (text.len) {
        fputs(text.data, status ? stderr : stdout);
    }
    fflush(stdout);
    buf_free(&request);
    buf_free(&answer);
    buf_free(&text);
    return status;
}

int main(int argc, char **argv)
{
    const struct timespec pause = { .tv_nsec = WATCH_MS * 1000000L };
    long long since = -1;       /* from now on */
    int status;

    do {
        status = ask(argc - 1, argv + 1, &since);
        if (status == 0 && since >= 0) {
            nanosleep(&pause, NULL);
        }
    } while (status == 0 && since >= 0 && !ferror(stdout));
    return status;
}
