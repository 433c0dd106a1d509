/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 'nvme-fi rules': the rules of a machine that runs, from outside.
 */
#include "commands.h"

#include "fi-words.h"
#include "json-util.h"
#include "launcher-name.h"
#include "server.h"
#include "usage.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Between two looks of 'watch'. */
#define WATCH_US 200000

/* Connects; removes the socket of a machine that is gone. */
static FILE *connect_to(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || strlen(path) >= sizeof(address.sun_path)) {
        return NULL;
    }
    strcpy(address.sun_path, path);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
        return fdopen(fd, "r+");
    }
    if (errno == ECONNREFUSED) {
        g_unlink(path);
    }
    close(fd);
    return NULL;
}

/* The machine @wanted, or the only one. NULL and @error. */
static FILE *find_machine(const char *wanted, GError **error)
{
    g_autofree char *folder = server_folder(error);
    g_autoptr(GString) names = g_string_new(NULL);
    FILE *found = NULL;
    guint count = 0;
    const char *name;
    GDir *dir;

    if (!folder || !(dir = g_dir_open(folder, 0, error))) {
        return NULL;
    }
    while ((name = g_dir_read_name(dir))) {
        FILE *machine = connect_to(folder, name);

        if (!machine) {
            continue;
        }
        g_string_append_printf(names, "%s%s", count++ ? ", " : "", name);
        if (found || (wanted && !g_str_equal(wanted, name))) {
            fclose(machine);
        } else {
            found = machine;
        }
    }
    g_dir_close(dir);
    if (found && (wanted || count == 1)) {
        return found;
    }
    g_clear_pointer(&found, fclose);
    if (wanted && count) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                    "--machine %s: not running; there is %s", wanted,
                    names->str);
    } else if (count) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
                    "%u machines run: choose by --machine one of %s", count,
                    names->str);
    } else {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                    "no machine runs; '%s shell' or '%s exec' starts one",
                    launcher_name(), launcher_name());
    }
    return NULL;
}

static char *make_request(char **words, gint64 since, GError **error)
{
    g_autoptr(JsonObject) request = json_object_new();
    JsonArray *argv = json_array_new();
    g_autofree char *file = NULL;

    for (guint i = 0; words[i]; i++) {
        json_array_add_string_element(argv, words[i]);
    }
    json_object_set_array_member(request, "argv", argv);
    json_object_set_int_member(request, "since", since);
    if (g_strcmp0(words[0], "add") == 0 && words[1] && !words[2] &&
        !strchr(words[1], '=')) {
        if (!usage_check_file(NULL, words[1], error) ||
            !g_file_get_contents(words[1], &file, NULL, error)) {
            return NULL;
        }
        if (!g_utf8_validate(file, -1, NULL)) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                        "%s: not UTF-8 text", words[1]);
            return NULL;
        }
        json_object_set_string_member(request, "file", file);
    }
    return json_util_object_text(request);
}

/* One question; returns the exit status. @since is as for fi_command(). */
static int ask(FILE *machine, char **words, gint64 *since, GError **error)
{
    g_autofree char *request = make_request(words, *since, error);
    g_autoptr(JsonObject) answer = NULL;
    char *line = NULL;
    size_t size = 0;
    gint64 status = 1;

    if (!request) {
        return 1;
    }
    if (fprintf(machine, "%s\n", request) < 0 || fflush(machine) ||
        getline(&line, &size, machine) < 0) {
        free(line);
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                    "the machine has ended");
        return 1;
    }
    answer = json_util_parse_object(line, strlen(line), error);
    free(line);
    *since = -1;
    json_util_int(answer, "status", &status);
    json_util_int(answer, "next", since);
    if (answer) {
        const char *text = json_util_string(answer, "text");

        fputs(text ? text : "", status ? stderr : stdout);
        fflush(stdout);
    }
    return status;
}

static int talk(const char *name, char **words, GError **error)
{
    FILE *machine = find_machine(name, error);
    bool watching = g_strcmp0(words[0], "watch") == 0;
    gint64 since = -1;
    int status = 1;

    while (machine && (status = ask(machine, words, &since, error)) == 0 &&
           since >= 0 && !ferror(stdout)) {
        g_usleep(WATCH_US);
    }
    if (watching && machine &&
        error && g_error_matches(*error, G_IO_ERROR, G_IO_ERROR_CLOSED)) {
        g_clear_error(error);   /* as long as there was something to see */
        status = 0;
    }
    g_clear_pointer(&machine, fclose);
    return status;
}

int rules_main(int argc, char **argv)
{
    g_autofree char *name = NULL;
    g_autoptr(GError) error = NULL;
    const GOptionEntry entries[] = {
        { "machine", 0, 0, G_OPTION_ARG_STRING, &name,
          "Which one, where several run", "NAME" },
        G_OPTION_ENTRY_NULL
    };
    const UsageSpec spec = {
        .command = "rules", .entries = entries, .posix = true,
        .arguments = "COMMAND [WORD]... - rules of a machine that runs",
        .about = FI_WORDS_USAGE,
    };
    const char *const *words = (const char *const *)argv + 1;
    int status;

    /* a machine that has ended is an answer that does not come */
    signal(SIGPIPE, SIG_IGN);
    if (!usage_parse(&spec, &argc, &argv, &error) ||
        (!fi_words_help(words) && !fi_words_check(words, &error))) {
        usage_complain("rules", error);
        return 2;
    }
    if (fi_words_help(words)) {
        fputs(FI_WORDS_USAGE, stdout);
        return 0;
    }
    status = talk(name, argv + 1, &error);
    if (error) {
        fprintf(stderr, "nvme-fi: rules: %s\n", error->message);
    }
    return status;
}
