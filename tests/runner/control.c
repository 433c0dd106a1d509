/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forwarding of control requests; see control.h.
 */
#include "control-internal.h"

#include "json-util.h"

#include <string.h>

/* Requests that wait for the reply to another; further ones are dropped. */
#define MAX_HELD 16

static void take_line(ControlPort *port, const char *line);

/* Replies have the order of the requests: one is worked on at a time. */
void control_release(ControlPort *port)
{
    while (!port->busy && !g_queue_is_empty(&port->held)) {
        g_autofree char *line = g_queue_pop_head(&port->held);

        take_line(port, line);
    }
}

void control_reply_error(ControlPort *port, const char *class_name,
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

void control_reply(ControlPort *port, JsonNode *value)
{
    g_autofree char *text = json_util_node_text(value);
    g_autofree char *line = g_strdup_printf("{\"return\":%s}", text);

    lines_send(port->channel, line);
}

void control_refuse(ControlPort *port, const char *desc)
{
    port->refused++;
    control_reply_error(port, "GenericError", desc);
}

static void on_reply(void *opaque, JsonNode *value, JsonObject *error)
{
    ControlPort *port = opaque;

    if (port->stale > 0) {
        port->stale--;
        return;
    }
    port->busy = false;
    port->forwarded = false;
    if (error) {
        const char *name = json_util_string(error, "class");
        const char *desc = json_util_string(error, "desc");

        control_reply_error(port, name ? name : "GenericError",
                            desc ? desc : "");
    } else {
        control_reply(port, value);
    }
    control_release(port);
}

void control_forward(ControlPort *port, const char *command,
                     JsonObject *arguments)
{
    port->busy = true;
    port->forwarded = true;
    qmp_execute(port->config.qmp, command, arguments, on_reply, port);
}

/* Commands of the fault injector; each has the argument 'device'. */
static bool is_injection(const char *command)
{
    return g_str_has_prefix(command, "nvme-fi-") ||
           g_str_has_prefix(command, "query-nvme-fi");
}

/* A recording is a file of this machine, whose name the guest would say. */
static bool is_allowed(const ControlPort *port, const char *command,
                       JsonObject *arguments)
{
    return (is_injection(command) &&
            !g_str_equal(command, "nvme-fi-record")) ||
           machine_allows(port->config.machine, command, arguments);
}

/* The arguments of @request, with the drive filled in where it is missing. */
static JsonObject *complete_arguments(const char *command, JsonObject *given)
{
    JsonObject *arguments = json_object_new();
    g_autoptr(GList) names = given ? json_object_get_members(given) : NULL;

    for (GList *name = names; name; name = name->next) {
        json_util_set_copy(arguments, name->data,
                           json_object_get_member(given, name->data));
    }
    if (is_injection(command) &&
        !json_object_has_member(arguments, "device")) {
        json_object_set_string_member(arguments, "device",
                                      MACHINE_DEFAULT_CONTROLLER);
    }
    return arguments;
}

/* What a controller recorded goes with it: it is read while it is there. */
static void keep_evidence(ControlPort *port, const char *command,
                          JsonObject *arguments)
{
    const char *id = json_util_string(arguments, "id");

    if (g_str_equal(command, "device_del") && id) {
        collector_keep(port->config.collector, id);
    }
}

static void take_request(ControlPort *port, const char *command,
                         JsonObject *request)
{
    JsonObject *given = json_util_object(request, "arguments");
    g_autoptr(JsonObject) arguments = NULL;

    if (json_object_has_member(request, "arguments") && !given) {
        control_refuse(port, "'arguments' is not an object");
    } else if (control_run(port, command, given)) {
        return;
    } else if (port->config.request &&
               g_str_has_prefix(command, "session-")) {
        port->busy = true;
        port->config.request(port->config.opaque, command, given);
    } else if (is_allowed(port, command, given)) {
        arguments = complete_arguments(command, given);
        keep_evidence(port, command, arguments);
        control_forward(port, command, arguments);
    } else {
        g_autofree char *desc =
            g_strdup_printf("command '%.64s' is not allowed from the guest; "
                            "nvme-fi-* and query-nvme-fi* are, and what the "
                            "suite's machine names in 'allow'", command);

        control_refuse(port, desc);
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
        control_refuse(port, "the line is too long");
    } else if (!request) {
        g_autofree char *desc = g_strdup_printf("not a request: %s",
                                                error->message);

        control_refuse(port, desc);
    } else if (!command) {
        control_refuse(port, "a request needs the string 'execute'");
    } else {
        take_request(port, command, request);
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

/* An empty line ends what a guest did not end before it was reset. */
static void on_line(void *opaque, char *line, gsize len)
{
    if (len > 0) {
        hold_or_take(opaque, line);
    }
}

static void on_too_long(void *opaque)
{
    hold_or_take(opaque, NULL);
}

static GHashTable *absent_set(const Machine *machine)
{
    GHashTable *absent = g_hash_table_new_full(g_str_hash, g_str_equal,
                                               g_free, NULL);

    for (guint i = 0; machine->unplugged[i]; i++) {
        g_hash_table_add(absent, g_strdup(machine->unplugged[i]));
    }
    return absent;
}

ControlPort *control_new(int fd, const ControlConfig *config)
{
    static const LineHandlers handlers = {
        .line = on_line,
        .too_long = on_too_long,
    };
    ControlPort *port = g_new0(ControlPort, 1);

    port->config = *config;
    port->dir = g_strdup(config->dir);
    port->config.dir = port->dir;
    port->absent = absent_set(config->machine);
    g_queue_init(&port->held);
    port->channel = lines_new(fd, &handlers, port);
    return port;
}

void control_free(ControlPort *port)
{
    if (port) {
        control_run_reset(port);
        g_queue_clear_full(&port->held, g_free);
        lines_free(port->channel);
        g_hash_table_unref(port->absent);
        g_free(port->note);
        g_free(port->dir);
        g_free(port);
    }
}

void control_collected(ControlPort *port, const char *error)
{
    g_autoptr(JsonNode) nothing = NULL;

    if (!port->collecting) {
        return;
    }
    port->busy = false;
    port->collecting = false;
    if (error) {
        control_reply_error(port, "GenericError", error);
    } else {
        nothing = json_node_new(JSON_NODE_OBJECT);
        json_node_take_object(nothing, json_object_new());
        control_reply(port, nothing);
    }
    control_release(port);
}

void control_answer(ControlPort *port, JsonNode *value, const char *error)
{
    port->busy = false;
    if (error) {
        control_reply_error(port, "GenericError", error);
    } else {
        control_reply(port, value);
    }
    control_release(port);
}

void control_reset(ControlPort *port)
{
    control_run_reset(port);
    port->stale += port->forwarded;
    port->forwarded = false;
    port->collecting = false;
    port->busy = false;
    g_queue_clear_full(&port->held, g_free);
}

bool control_has_note(const ControlPort *port)
{
    return port->note;
}

guint control_refused(const ControlPort *port)
{
    return port->refused;
}

bool control_is_closed(const ControlPort *port)
{
    return lines_is_closed(port->channel);
}
