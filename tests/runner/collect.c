/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking the drive for its evidence; see collect.h.
 */
#include "collect.h"

#include "json-util.h"
#include "qemu.h"

struct Collector {
    Qmp *qmp;
    gint64 next;            /* where the drive's log was read to */
    JsonObject *log;
    JsonObject *info;
    char *error;            /* what QEMU said of the first query that failed */
    guint underway;         /* queries without their last answer */
    CollectorDone done;
    void *opaque;
};

static void keep(JsonObject **where, JsonNode *value)
{
    g_clear_pointer(where, json_object_unref);
    if (value && JSON_NODE_HOLDS_OBJECT(value)) {
        *where = json_node_dup_object(value);
    }
}

static void note_error(Collector *collector, JsonObject *error)
{
    if (error && !collector->error) {
        collector->error = g_strdup(json_object_get_string_member_with_default(
            error, "desc", "it gave no reason"));
    }
}

static void on_log(void *opaque, JsonNode *value, JsonObject *error)
{
    Collector *collector = opaque;

    note_error(collector, error);
    keep(&collector->log, value);
    json_util_int(collector->log, "next", &collector->next);
}

static void on_info(void *opaque, JsonNode *value, JsonObject *error)
{
    Collector *collector = opaque;

    note_error(collector, error);
    keep(&collector->info, value);
}

static void on_cleared(void *opaque, G_GNUC_UNUSED JsonNode *value,
                       JsonObject *error)
{
    Collector *collector = opaque;
    bool good = !error && collector->log && collector->info;

    note_error(collector, error);
    if (--collector->underway == 0) {
        collector->done(collector->opaque, good ? collector->log : NULL,
                        good ? collector->info : NULL);
    }
}

Collector *collector_new(Qmp *qmp)
{
    Collector *collector = g_new0(Collector, 1);

    collector->qmp = qmp;
    collector->next = 1;    /* commands are numbered from 1 */
    return collector;
}

void collector_free(Collector *collector)
{
    if (collector) {
        g_clear_pointer(&collector->log, json_object_unref);
        g_clear_pointer(&collector->info, json_object_unref);
        g_free(collector->error);
        g_free(collector);
    }
}

const char *collector_error(const Collector *collector)
{
    return collector->error ? collector->error : "its answer has no object";
}

/* QMP answers in order, so the three are sent together. */
void collector_query(Collector *collector, CollectorDone done, void *opaque)
{
    g_autoptr(JsonObject) device = json_object_new();
    g_autoptr(JsonObject) since = json_object_new();

    collector->done = done;
    collector->opaque = opaque;
    collector->underway++;
    json_object_set_string_member(device, "device", QEMU_DRIVE_ID);
    json_object_set_string_member(since, "device", QEMU_DRIVE_ID);
    json_object_set_int_member(since, "since", collector->next);
    qmp_execute(collector->qmp, "query-nvme-fi-log", since, on_log,
                collector);
    qmp_execute(collector->qmp, "query-nvme-fi", device, on_info, collector);
    qmp_execute(collector->qmp, "nvme-fi-clear", device, on_cleared,
                collector);
}
