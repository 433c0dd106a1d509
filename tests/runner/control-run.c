/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to the runner itself: evidence, notes, and devices that come and
 * go; see control.h.
 */
#include "control-internal.h"

#include "json-util.h"

#include <string.h>

/* Seconds until a device must be gone; the kernel takes five to let go. */
#define GONE_TIMEOUT 20

/* Bytes of a note. */
#define MAX_NOTE 65536

static void reply_nothing(ControlPort *port)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);

    json_node_take_object(node, json_object_new());
    control_reply(port, node);
}

static void run_collect(ControlPort *port, JsonObject *arguments)
{
    gint64 batch;

    if (json_util_int(arguments, "batch", &batch)) {
        port->busy = true;
        port->collecting = true;
        port->config.collect(port->config.opaque, batch);
    } else {
        control_refuse(port, "run-collect needs the integer 'batch'");
    }
}

static void run_keep(ControlPort *port, JsonObject *arguments)
{
    collector_keep(port->config.collector,
                   json_util_string(arguments, "id"));
    reply_nothing(port);
}

/* Without a text the note is taken back. */
static void run_note(ControlPort *port, JsonObject *arguments)
{
    const char *text = json_util_string(arguments, "text");

    if (text && strlen(text) > MAX_NOTE) {
        control_refuse(port, "run-note: the text is too long");
        return;
    }
    g_free(port->note);
    port->note = g_strdup(text);
    reply_nothing(port);
}

/* The token tells the guest that this is the answer to its own request. */
static void run_recall(ControlPort *port, JsonObject *arguments)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *answer = json_object_new();

    if (port->note) {
        json_object_set_string_member(answer, "text", port->note);
    } else {
        json_object_set_null_member(answer, "text");
    }
    if (arguments && json_object_has_member(arguments, "token")) {
        json_util_set_copy(answer, "token",
                           json_object_get_member(arguments, "token"));
    }
    json_node_take_object(node, answer);
    control_reply(port, node);
}

static void plug(ControlPort *port, const char *id)
{
    g_autoptr(JsonObject) device = machine_find_device(port->config.machine,
                                                       id, port->dir);

    g_hash_table_remove(port->absent, id);
    collector_back(port->config.collector, id);
    control_forward(port, "device_add", device);
}

static gboolean on_still_there(gpointer opaque)
{
    ControlPort *port = opaque;
    g_autofree char *id = g_steal_pointer(&port->awaited);
    g_autofree char *desc = g_strdup_printf(
        "device '%s' is still plugged in after %d s", id, GONE_TIMEOUT);

    port->timer = 0;
    port->busy = false;
    control_reply_error(port, "GenericError", desc);
    control_release(port);
    return G_SOURCE_REMOVE;
}

static void finish_wait(ControlPort *port)
{
    g_autofree char *id = g_steal_pointer(&port->awaited);

    g_clear_handle_id(&port->timer, g_source_remove);
    port->busy = false;
    if (port->plug) {
        plug(port, id);
    } else {
        reply_nothing(port);
    }
    control_release(port);
}

/* Waits until the device is gone. */
static void await_gone(ControlPort *port, JsonObject *arguments, bool plug_it)
{
    const char *id = json_util_string(arguments, "id");
    g_autoptr(JsonObject) device = id ?
        machine_find_device(port->config.machine, id, port->dir) : NULL;

    if (!device) {
        control_refuse(port, "'id' must name a device of the suite's machine");
        return;
    }
    port->busy = true;
    port->plug = plug_it;
    port->awaited = g_strdup(id);
    if (g_hash_table_contains(port->absent, id)) {
        finish_wait(port);
    } else {
        port->timer = g_timeout_add_seconds(GONE_TIMEOUT, on_still_there,
                                            port);
    }
}

static void run_gone(ControlPort *port, JsonObject *arguments)
{
    await_gone(port, arguments, false);
}

static void run_plug(ControlPort *port, JsonObject *arguments)
{
    await_gone(port, arguments, true);
}

bool control_run(ControlPort *port, const char *command,
                 JsonObject *arguments)
{
    static const struct {
        const char *name;
        void (*run)(ControlPort *port, JsonObject *arguments);
    } requests[] = {
        { "run-collect", run_collect }, { "run-keep", run_keep },
        { "run-note", run_note }, { "run-recall", run_recall },
        { "run-gone", run_gone }, { "run-plug", run_plug },
    };

    for (guint i = 0; i < G_N_ELEMENTS(requests); i++) {
        if (g_str_equal(command, requests[i].name)) {
            requests[i].run(port, arguments);
            return true;
        }
    }
    return false;
}

void control_run_reset(ControlPort *port)
{
    g_clear_handle_id(&port->timer, g_source_remove);
    g_clear_pointer(&port->awaited, g_free);
}

void control_deleted(ControlPort *port, const char *id)
{
    g_hash_table_add(port->absent, g_strdup(id));
    collector_gone(port->config.collector, id);
    if (port->awaited && g_str_equal(port->awaited, id)) {
        finish_wait(port);
    }
}
