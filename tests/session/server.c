/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Serving 'nvme-fi rules'; see server.h.
 */
#include "server.h"

#include "fi-command.h"
#include "json-util.h"
#include "lines.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_CLIENTS 16

typedef struct Client {
    Server *server;
    LineChannel *channel;
    guint asked;            /* questions without an answer */
    bool gone;
} Client;

struct Server {
    Qmp *qmp;
    int fd;
    guint source;
    guint idle;
    char *path;
    GPtrArray *clients;
};

static bool fail(GError **error, const char *what, const char *path)
{
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "%s %s: %s",
                what, path, g_strerror(errno));
    return false;
}

char *server_folder(GError **error)
{
    const char *runtime = g_getenv("XDG_RUNTIME_DIR");
    g_autofree char *user = g_strdup_printf("/run/user/%u",
                                            (unsigned)getuid());
    g_autofree char *path = NULL;
    struct stat info;

    if (runtime && g_path_is_absolute(runtime) &&
        g_file_test(runtime, G_FILE_TEST_IS_DIR)) {
        path = g_build_filename(runtime, "nvme-fi", NULL);
    } else if (access(user, W_OK) == 0) {
        path = g_build_filename(user, "nvme-fi", NULL);
    } else {
        path = g_strdup_printf("/tmp/nvme-fi-%u", (unsigned)getuid());
    }
    if (g_mkdir(path, 0700) != 0 && errno != EEXIST) {
        fail(error, "cannot make the folder", path);
        return NULL;
    }
    if (lstat(path, &info) != 0 || !S_ISDIR(info.st_mode) ||
        info.st_uid != getuid() || (info.st_mode & 077)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                    "%s must be a folder of yours with mode 0700", path);
        return NULL;
    }
    return g_steal_pointer(&path);
}

static void client_free(gpointer data)
{
    Client *client = data;

    lines_free(client->channel);
    g_free(client);
}

static gboolean on_sweep(gpointer opaque)
{
    Server *server = opaque;

    server->idle = 0;
    for (guint i = server->clients->len; i-- > 0;) {
        Client *client = g_ptr_array_index(server->clients, i);

        if (client->gone && !client->asked) {
            g_ptr_array_remove_index(server->clients, i);
        }
    }
    return G_SOURCE_REMOVE;
}

/* A channel must not be freed by its own handler. */
static void sweep(Server *server)
{
    if (!server->idle) {
        server->idle = g_idle_add(on_sweep, server);
    }
}

static void on_answer(void *opaque, JsonNode *answer)
{
    Client *client = opaque;
    g_autofree char *text = json_util_node_text(answer);

    client->asked--;
    lines_send(client->channel, text);
    sweep(client->server);
}

static void on_line(void *opaque, char *line, gsize len)
{
    Client *client = opaque;
    g_autoptr(JsonObject) arguments = json_util_parse_object(line, len, NULL);

    client->asked++;
    fi_command(client->server->qmp, arguments, on_answer, client);
}

static void on_closed(void *opaque, G_GNUC_UNUSED gsize partial)
{
    Client *client = opaque;

    client->gone = true;
    sweep(client->server);
}

static const LineHandlers client_handlers = {
    .line = on_line,
    .closed = on_closed,
};

static gboolean on_connection(int fd, G_GNUC_UNUSED GIOCondition condition,
                              gpointer opaque)
{
    Server *server = opaque;
    int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    Client *client;

    if (connection < 0) {
        return G_SOURCE_CONTINUE;
    }
    if (server->clients->len >= MAX_CLIENTS) {
        close(connection);
        return G_SOURCE_CONTINUE;
    }
    client = g_new0(Client, 1);
    client->server = server;
    client->channel = lines_new(connection, &client_handlers, client);
    g_ptr_array_add(server->clients, client);
    return G_SOURCE_CONTINUE;
}

static bool listen_at(Server *server, GError **error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    if (strlen(server->path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return fail(error, "the socket", server->path);
    }
    strcpy(address.sun_path, server->path);
    g_unlink(server->path);
    server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->fd < 0 ||
        bind(server->fd, (struct sockaddr *)&address, sizeof(address)) ||
        listen(server->fd, MAX_CLIENTS)) {
        return fail(error, "cannot listen at", server->path);
    }
    return true;
}

Server *server_new(const char *kind, Qmp *qmp, GError **error)
{
    g_autofree char *folder = server_folder(error);
    Server *server;

    if (!folder) {
        return NULL;
    }
    server = g_new0(Server, 1);
    server->qmp = qmp;
    server->fd = -1;
    server->clients = g_ptr_array_new_with_free_func(client_free);
    server->path = g_strdup_printf("%s/%s-%d", folder, kind, (int)getpid());
    if (!listen_at(server, error)) {
        server_free(server);
        return NULL;
    }
    server->source = g_unix_fd_add(server->fd, G_IO_IN, on_connection,
                                   server);
    return server;
}

void server_free(Server *server)
{
    if (!server) {
        return;
    }
    g_clear_handle_id(&server->source, g_source_remove);
    g_clear_handle_id(&server->idle, g_source_remove);
    if (server->fd >= 0) {
        close(server->fd);
        g_unlink(server->path);
    }
    g_ptr_array_unref(server->clients);
    g_free(server->path);
    g_free(server);
}
