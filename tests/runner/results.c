/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of the results port; see results.h.
 */
#include "results.h"

#include "json-util.h"

struct ResultsPort {
    LineChannel *channel;
    const ResultsHandlers *handlers;
    void *opaque;
    guint garbage;
    gsize cut_off;
};

static bool get_ordinal(JsonObject *message, guint *ordinal)
{
    gint64 value;

    if (!json_util_int(message, "ordinal", &value) || value < 0 ||
        value > G_MAXINT) {
        return false;
    }
    *ordinal = value;
    return true;
}

/* Each returns false when members are missing. */
static bool take_hello(ResultsPort *port, JsonObject *message)
{
    const char *kernel = json_util_string(message, "kernel");
    gint64 cases;

    if (!kernel || !json_util_int(message, "cases", &cases)) {
        return false;
    }
    port->handlers->hello(port->opaque, kernel, cases,
                          json_util_bool(message, "expectations", true));
    return true;
}

static bool take_begin(ResultsPort *port, JsonObject *message)
{
    const char *name = json_util_string(message, "case");
    guint ordinal;

    if (!name || !get_ordinal(message, &ordinal)) {
        return false;
    }
    port->handlers->begin(port->opaque, ordinal, name);
    return true;
}

static bool take_case(ResultsPort *port, JsonObject *message)
{
    guint ordinal;

    if (!json_util_string(message, "case") ||
        !get_ordinal(message, &ordinal)) {
        return false;
    }
    port->handlers->finished(port->opaque, ordinal, message);
    return true;
}

static bool take_trace(ResultsPort *port, JsonObject *message)
{
    JsonArray *lines = json_util_array(message, "lines");

    if (lines) {
        port->handlers->trace(port->opaque, lines);
    }
    return lines;
}

static bool take_log(ResultsPort *port, JsonObject *message)
{
    JsonArray *lines = json_util_array(message, "lines");

    if (lines) {
        port->handlers->log(port->opaque, lines);
    }
    return lines;
}

static bool take_batch_end(ResultsPort *port, JsonObject *message)
{
    gint64 batch;

    if (!json_util_int(message, "batch", &batch)) {
        return false;
    }
    port->handlers->batch_end(port->opaque, batch);
    return true;
}

static bool take_bye(ResultsPort *port, G_GNUC_UNUSED JsonObject *message)
{
    port->handlers->bye(port->opaque);
    return true;
}

static bool take_error(ResultsPort *port, JsonObject *message)
{
    const char *reason = json_util_string(message, "reason");

    port->handlers->error(port->opaque, reason ? reason : "no reason given");
    return true;
}

static bool dispatch(ResultsPort *port, JsonObject *message)
{
    static const struct {
        const char *type;
        bool (*take)(ResultsPort *port, JsonObject *message);
    } types[] = {
        { "hello", take_hello }, { "begin", take_begin },
        { "case", take_case }, { "trace", take_trace },
        { "log", take_log }, { "batch-end", take_batch_end },
        { "bye", take_bye }, { "error", take_error },
    };
    const char *type = json_util_string(message, "type");

    for (guint i = 0; type && i < G_N_ELEMENTS(types); i++) {
        if (g_str_equal(type, types[i].type)) {
            return types[i].take(port, message);
        }
    }
    return false;
}

/* An empty line ends what a guest did not end before it was reset. */
static void on_line(void *opaque, char *line, gsize len)
{
    g_autoptr(JsonObject) message = json_util_parse_object(line, len, NULL);
    ResultsPort *port = opaque;

    if (len > 0 && (!message || !dispatch(port, message))) {
        port->garbage++;
    }
}

static void on_too_long(void *opaque)
{
    ResultsPort *port = opaque;

    port->garbage++;
}

static void on_closed(void *opaque, gsize partial)
{
    ResultsPort *port = opaque;

    port->cut_off = partial;
    port->handlers->closed(port->opaque);
}

ResultsPort *results_new(int fd, const ResultsHandlers *handlers,
                         void *opaque)
{
    static const LineHandlers line_handlers = {
        .line = on_line,
        .too_long = on_too_long,
        .closed = on_closed,
    };
    ResultsPort *port = g_new0(ResultsPort, 1);

    port->handlers = handlers;
    port->opaque = opaque;
    port->channel = lines_new(fd, &line_handlers, port);
    return port;
}

void results_free(ResultsPort *port)
{
    if (port) {
        lines_free(port->channel);
        g_free(port);
    }
}

guint results_garbage(const ResultsPort *port)
{
    return port->garbage;
}

gsize results_cut_off(const ResultsPort *port)
{
    return port->cut_off;
}

bool results_is_closed(const ResultsPort *port)
{
    return lines_is_closed(port->channel);
}
