/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forwarding of control requests; see control.h.
 */
#include "control.h"

#include "json-util.h"
#include "lines.h"
#include "qemu.h"

#include <string.h>

/* Requests that wait for the reply to another; further ones are dropped. */
#define MAX_HELD 16

struct ControlPort {
    LineChannel *channel;
    Qmp *qmp;
    const char *const *allowed;
    void (*collect)(void *opaque, gint64 batch);
    void *opaque;
    guint refused;
    bool busy;              /* a request has no reply yet */
    GQueue held;            /* lines that came meanwhile; NULL: too long */
};

static void take_line(ControlPort *port, const char *line);

/* Replies have the order of the requests: one is worked on at a time. */
static void release(ControlPort *port)
{
    port->busy = false;
    while (!port->busy && !g_queue_is_empty(&port->held)) {
        g_autofree char *line = g_queue_pop_head(&port->held);

        take_line(port, line);
    }
}

static void reply_error(ControlPort *port, const char *class_name,
                        const char *desc)
{
    g_autoptr(JsonObject) error = json_object_new();
    g_autofree char *text = NULL;
    g_autofree char *line = NULL;

    json_object_set_string_member(error, "class", class_name);
    json_object_set_string_member(error, "desc", desc);
    text = json_util_object_text(error);
    line = g_strdup_printf("{\"error\":%s}", text);
    lines_send(port->channel, line);
}

static void refuse(ControlPort *port, const char *desc)
{
    port->refused++;
    reply_error(port, "GenericError", desc);
}

static void on_reply(void *opaque, JsonNode *value, JsonObject *error)
{
    ControlPort *port = opaque;
    g_autofree char *text = NULL;
    g_autofree char *line = NULL;

    if (error) {
        const char *name = json_util_string(error, "class");
        const char *desc = json_util_string(error, "desc");

        reply_error(port, name ? name : "GenericError", desc ? desc : "");
    } else {
        text = json_util_node_text(value);
        line = g_strdup_printf("{\"return\":%s}", text);
        lines_send(port->channel, line);
    }
    release(port);
}

/* Commands of the fault injector; each has the argument 'device'. */
static bool is_injection(const char *command)
{
    return g_str_has_prefix(command, "nvme-fi-") ||
           g_str_has_prefix(command, "query-nvme-fi");
}

static bool is_allowed(const ControlPort *port, const char *command)
{
    return is_injection(command) ||
           (port->allowed && g_strv_contains(port->allowed, command));
}

/* The arguments of @request, with the drive filled in where it is missing. */
static JsonObject *complete_arguments(const char *command,
                                      JsonObject *request)
{
    JsonObject *given = json_util_object(request, "arguments");
    JsonObject *arguments = json_object_new();
    g_autoptr(GList) names = given ? json_object_get_members(given) : NULL;

    for (GList *name = names; name; name = name->next) {
        json_util_set_copy(arguments, name->data,
                           json_object_get_member(given, name->data));
    }
    if (is_injection(command) &&
        !json_object_has_member(arguments, "device")) {
        json_object_set_string_member(arguments, "device", QEMU_DRIVE_ID);
    }
    return arguments;
}

static void forward(ControlPort *port, const char *command,
                    JsonObject *request)
{
    g_autoptr(JsonObject) arguments = NULL;

    if (json_object_has_member(request, "arguments") &&
        !json_util_object(request, "arguments")) {
        refuse(port, "'arguments' is not an object");
        return;
    }
    arguments = complete_arguments(command, request);
    port->busy = true;
    qmp_execute(port->qmp, command, arguments, on_reply, port);
}

static void take_collect(ControlPort *port, JsonObject *request)
{
    gint64 batch;

    if (json_util_int(json_util_object(request, "arguments"), "batch",
                      &batch)) {
        port->busy = true;
        port->collect(port->opaque, batch);
    } else {
        refuse(port, "run-collect needs the integer 'batch'");
    }
}

/* @line is NULL when it was too long to be kept. */
static void take_line(ControlPort *port, const char *line)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonObject) request =
        line ? json_util_parse_object(line, strlen(line), &error) : NULL;
    const char *command = json_util_string(request, "execute");

    if (!line) {
        refuse(port, "the line is too long");
    } else if (!request) {
        g_autofree char *desc = g_strdup_printf("not a request: %s",
                                                error->message);

        refuse(port, desc);
    } else if (!command) {
        refuse(port, "a request needs the string 'execute'");
    } else if (g_str_equal(command, "run-collect")) {
        take_collect(port, request);
    } else if (is_allowed(port, command)) {
        forward(port, command, request);
    } else {
        g_autofree char *desc =
            g_strdup_printf("command '%.64s' is not allowed from the guest; "
                            "nvme-fi-* and query-nvme-fi* are", command);

        refuse(port, desc);
    }
}

static void hold_or_take(ControlPort *port, const char *line)
{
    if (port->busy && g_queue_get_length(&port->held) < MAX_HELD) {
        g_queue_push_tail(&port->held, g_strdup(line));
    } else if (port->busy) {
        port->refused++;
    } else {
        take_line(port, line);
    }
}

static void on_line(void *opaque, char *line, G_GNUC_UNUSED gsize len)
{
    hold_or_take(opaque, line);
}

static void on_too_long(void *opaque)
{
    hold_or_take(opaque, NULL);
}

ControlPort *control_new(int fd, Qmp *qmp, const char *const *allowed,
                         void (*collect)(void *opaque, gint64 batch),
                         void *opaque)
{
    static const LineHandlers handlers = {
        .line = on_line,
        .too_long = on_too_long,
    };
    ControlPort *port = g_new0(ControlPort, 1);

    port->qmp = qmp;
    port->allowed = allowed;
    port->collect = collect;
    port->opaque = opaque;
    g_queue_init(&port->held);
    port->channel = lines_new(fd, &handlers, port);
    return port;
}

void control_free(ControlPort *port)
{
    if (port) {
        g_queue_clear_full(&port->held, g_free);
        lines_free(port->channel);
        g_free(port);
    }
}

void control_collected(ControlPort *port, const char *error)
{
    if (error) {
        reply_error(port, "GenericError", error);
    } else {
        lines_send(port->channel, "{\"return\":{}}");
    }
    release(port);
}

guint control_refused(const ControlPort *port)
{
    return port->refused;
}

bool control_is_closed(const ControlPort *port)
{
    return lines_is_closed(port->channel);
}
