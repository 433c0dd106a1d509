/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QMP client; see qmp.h.
 */
#include "qmp.h"

#include "json-util.h"
#include "lines.h"

typedef struct Pending {
    char *command;
    QmpReply reply;
    void *opaque;
} Pending;

struct Qmp {
    LineChannel *channel;
    const QmpHandlers *handlers;
    void *opaque;
    GQueue pending;         /* of Pending; QMP answers in order */
    GQueue held;            /* command lines from before the greeting */
    bool ready;
    char *version;
};

static void pending_free(gpointer data)
{
    Pending *pending = data;

    g_free(pending->command);
    g_free(pending);
}

static void pending_add(Qmp *qmp, bool first, const char *command,
                        QmpReply reply, void *opaque)
{
    Pending *pending = g_new0(Pending, 1);

    pending->command = g_strdup(command);
    pending->reply = reply;
    pending->opaque = opaque;
    if (first) {
        g_queue_push_head(&qmp->pending, pending);
    } else {
        g_queue_push_tail(&qmp->pending, pending);
    }
}

static void release_held(Qmp *qmp)
{
    char *text;

    while ((text = g_queue_pop_head(&qmp->held))) {
        lines_send(qmp->channel, text);
        g_free(text);
    }
}

static void on_capabilities(void *opaque, JsonNode *value,
                            G_GNUC_UNUSED JsonObject *error)
{
    Qmp *qmp = opaque;

    if (value) {
        qmp->ready = true;
        release_held(qmp);
        qmp->handlers->ready(qmp->opaque);
    } else {
        qmp->handlers->broken(qmp->opaque,
                              "QMP refused qmp_capabilities");
    }
}

static void take_greeting(Qmp *qmp, JsonObject *greeting)
{
    JsonObject *version = json_util_object(greeting, "version");
    JsonObject *number = json_util_object(version, "qemu");
    gint64 major = 0;
    gint64 minor = 0;
    gint64 micro = 0;

    json_util_int(number, "major", &major);
    json_util_int(number, "minor", &minor);
    json_util_int(number, "micro", &micro);
    g_free(qmp->version);
    qmp->version = g_strdup_printf("%d.%d.%d", (int)major, (int)minor,
                                   (int)micro);
    pending_add(qmp, true, "qmp_capabilities", on_capabilities, qmp);
    lines_send(qmp->channel, "{\"execute\":\"qmp_capabilities\"}");
}

static void take_reply(Qmp *qmp, JsonObject *message)
{
    Pending *pending = g_queue_pop_head(&qmp->pending);
    JsonObject *error = json_util_object(message, "error");

    if (!pending) {
        qmp->handlers->broken(qmp->opaque,
                              "a QMP reply came that nobody asked for");
        return;
    }
    pending->reply(pending->opaque,
                   error ? NULL :
                   json_object_get_member(message, "return"), error);
    pending_free(pending);
}

static void on_line(void *opaque, char *line, gsize len)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonObject) message = json_util_parse_object(line, len,
                                                           &error);
    Qmp *qmp = opaque;

    if (!message) {
        g_autofree char *what = g_strdup_printf("bad line on QMP: %s",
                                                error->message);

        qmp->handlers->broken(qmp->opaque, what);
    } else if (json_util_object(message, "QMP")) {
        take_greeting(qmp, json_util_object(message, "QMP"));
    } else if (json_util_string(message, "event")) {
        qmp->handlers->event(qmp->opaque,
                             json_util_string(message, "event"),
                             json_util_object(message, "data"));
    } else if (json_util_object(message, "error") ||
               json_object_has_member(message, "return")) {
        take_reply(qmp, message);
    } else {
        qmp->handlers->broken(qmp->opaque, "unknown message on QMP");
    }
}

static void on_too_long(void *opaque)
{
    Qmp *qmp = opaque;

    qmp->handlers->broken(qmp->opaque, "a line on QMP is too long");
}

static void on_closed(void *opaque, G_GNUC_UNUSED gsize partial)
{
    Qmp *qmp = opaque;

    qmp->handlers->closed(qmp->opaque);
}

Qmp *qmp_new(int fd, const QmpHandlers *handlers, void *opaque)
{
    static const LineHandlers line_handlers = {
        .line = on_line,
        .too_long = on_too_long,
        .closed = on_closed,
    };
    Qmp *qmp = g_new0(Qmp, 1);

    qmp->handlers = handlers;
    qmp->opaque = opaque;
    g_queue_init(&qmp->pending);
    g_queue_init(&qmp->held);
    qmp->channel = lines_new(fd, &line_handlers, qmp);
    return qmp;
}

void qmp_free(Qmp *qmp)
{
    if (!qmp) {
        return;
    }
    lines_free(qmp->channel);
    g_queue_clear_full(&qmp->pending, pending_free);
    g_queue_clear_full(&qmp->held, g_free);
    g_free(qmp->version);
    g_free(qmp);
}

void qmp_execute(Qmp *qmp, const char *command, JsonObject *arguments,
                 QmpReply reply, void *opaque)
{
    g_autoptr(JsonObject) message = json_object_new();
    g_autofree char *text = NULL;

    json_object_set_string_member(message, "execute", command);
    if (arguments) {
        json_object_set_object_member(message, "arguments",
                                      json_object_ref(arguments));
    }
    pending_add(qmp, false, command, reply, opaque);
    text = json_util_object_text(message);
    if (qmp->ready) {
        lines_send(qmp->channel, text);
    } else {
        g_queue_push_tail(&qmp->held, g_steal_pointer(&text));
    }
}

const char *qmp_version(const Qmp *qmp)
{
    return qmp->version;
}

const char *qmp_waiting_for(const Qmp *qmp)
{
    Pending *pending = g_queue_peek_head((GQueue *)&qmp->pending);

    return pending ? pending->command : NULL;
}

bool qmp_is_closed(const Qmp *qmp)
{
    return lines_is_closed(qmp->channel);
}
