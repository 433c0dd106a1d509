/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking the controllers for their evidence; see collect.h.
 */
#include "collect.h"

#include "json-util.h"

/* What one controller said since the last query that was answered. */
typedef struct Source {
    Collector *collector;
    char *id;
    bool gone;
    gint64 next;            /* where its log was read to */
    GPtrArray *logs;        /* JsonObjects, one after the other */
    GPtrArray *infos;       /* of controllers of that id that are gone */
    JsonObject *info;       /* the newest of this one, or NULL */
} Source;

struct Collector {
    Qmp *qmp;
    GPtrArray *sources;
    char *error;            /* what QEMU said of the first that failed */
    DeviceEvidence *gathered;   /* of a session, or NULL */
    bool failed;
    guint underway;         /* queries without their last answer */
    CollectorDone done;
    void *opaque;
};

static void source_free(gpointer data)
{
    Source *source = data;

    g_ptr_array_unref(source->logs);
    g_ptr_array_unref(source->infos);
    g_clear_pointer(&source->info, json_object_unref);
    g_free(source->id);
    g_free(source);
}

static void add_source(Collector *collector, const char *id)
{
    Source *source = g_new0(Source, 1);

    source->collector = collector;
    source->id = g_strdup(id);
    source->next = 1;       /* commands are numbered from 1 */
    source->logs = g_ptr_array_new_with_free_func(
        (GDestroyNotify)json_object_unref);
    source->infos = g_ptr_array_new_with_free_func(
        (GDestroyNotify)json_object_unref);
    g_ptr_array_add(collector->sources, source);
}

static Source *find_source(Collector *collector, const char *id)
{
    for (guint i = 0; id && i < collector->sources->len; i++) {
        Source *source = g_ptr_array_index(collector->sources, i);

        if (g_str_equal(source->id, id)) {
            return source;
        }
    }
    return NULL;
}

Collector *collector_new(Qmp *qmp, const char *const *controllers)
{
    Collector *collector = g_new0(Collector, 1);

    collector->qmp = qmp;
    collector->sources = g_ptr_array_new_with_free_func(source_free);
    for (guint i = 0; controllers[i]; i++) {
        add_source(collector, controllers[i]);
    }
    return collector;
}

void collector_free(Collector *collector)
{
    if (collector) {
        g_ptr_array_unref(collector->sources);
        device_evidence_free(collector->gathered);
        g_free(collector->error);
        g_free(collector);
    }
}

void collector_gather(Collector *collector)
{
    collector->gathered = device_evidence_new_for_all();
}

const char *collector_error(const Collector *collector)
{
    return collector->error ? collector->error : "its answer has no object";
}

/* The object of an answer, as a new reference; NULL, and noted, if none. */
static JsonObject *answer(Collector *collector, JsonNode *value,
                          JsonObject *error)
{
    if (value && JSON_NODE_HOLDS_OBJECT(value)) {
        return json_node_dup_object(value);
    }
    collector->failed = true;
    if (error && !collector->error) {
        collector->error = g_strdup(json_object_get_string_member_with_default(
            error, "desc", "it gave no reason"));
    }
    return NULL;
}

/* The name of a controller in the evidence, where there are several. */
static const char *source_name(const Source *source)
{
    return source->collector->sources->len > 1 ? source->id : NULL;
}

static void on_log(void *opaque, JsonNode *value, JsonObject *error)
{
    Source *source = opaque;
    JsonObject *log = answer(source->collector, value, error);

    if (log) {
        json_util_int(log, "next", &source->next);
    }
    if (log && source->collector->gathered) {
        device_evidence_add(source->collector->gathered, source_name(source),
                            log, NULL);
        json_object_unref(log);
    } else if (log) {
        g_ptr_array_add(source->logs, log);
    }
}

static void on_info(void *opaque, JsonNode *value, JsonObject *error)
{
    Source *source = opaque;
    JsonObject *info = answer(source->collector, value, error);

    if (info && source->collector->gathered) {
        device_evidence_add(source->collector->gathered, source_name(source),
                            NULL, info);
        json_object_unref(info);
    } else if (info) {
        g_clear_pointer(&source->info, json_object_unref);
        source->info = info;
    }
}

static void on_cleared(void *opaque, JsonNode *value, JsonObject *error)
{
    Source *source = opaque;
    JsonObject *nothing = answer(source->collector, value, error);

    g_clear_pointer(&nothing, json_object_unref);
}

/* Hands all of a source over and forgets it. */
static void take_source(Source *source, DeviceEvidence *evidence)
{
    const char *name = source_name(source);

    for (guint i = 0; i < source->logs->len; i++) {
        device_evidence_add(evidence, name,
                            g_ptr_array_index(source->logs, i), NULL);
    }
    for (guint i = 0; i < source->infos->len; i++) {
        device_evidence_add(evidence, name, NULL,
                            g_ptr_array_index(source->infos, i));
    }
    device_evidence_add(evidence, name, NULL, source->info);
    g_ptr_array_set_size(source->logs, 0);
    g_ptr_array_set_size(source->infos, 0);
    g_clear_pointer(&source->info, json_object_unref);
}

/* The last answer of a query: QMP answers in order. */
static void on_last(void *opaque, G_GNUC_UNUSED JsonNode *value,
                    G_GNUC_UNUSED JsonObject *error)
{
    Collector *collector = opaque;
    DeviceEvidence *evidence;

    if (--collector->underway > 0) {
        return;
    }
    evidence = collector->gathered ? g_steal_pointer(&collector->gathered) :
               device_evidence_new();
    for (guint i = 0; i < collector->sources->len; i++) {
        take_source(g_ptr_array_index(collector->sources, i), evidence);
    }
    if (collector->failed) {
        g_clear_pointer(&evidence, device_evidence_free);
    }
    collector->done(collector->opaque, evidence);
}

static void ask(Source *source)
{
    Qmp *qmp = source->collector->qmp;
    g_autoptr(JsonObject) device = json_object_new();
    g_autoptr(JsonObject) since = json_object_new();

    json_object_set_string_member(device, "device", source->id);
    json_object_set_string_member(since, "device", source->id);
    json_object_set_int_member(since, "since", source->next);
    qmp_execute(qmp, "query-nvme-fi-log", since, on_log, source);
    qmp_execute(qmp, "query-nvme-fi", device, on_info, source);
}

static void clear(Source *source)
{
    g_autoptr(JsonObject) device = json_object_new();

    json_object_set_string_member(device, "device", source->id);
    qmp_execute(source->collector->qmp, "nvme-fi-clear", device, on_cleared,
                source);
}

void collector_query(Collector *collector, CollectorDone done, void *opaque)
{
    collector->done = done;
    collector->opaque = opaque;
    collector->failed = false;
    collector->underway++;
    for (guint i = 0; i < collector->sources->len; i++) {
        Source *source = g_ptr_array_index(collector->sources, i);

        if (!source->gone) {
            ask(source);
            clear(source);
        }
    }
    /* The cheapest command there is; its answer comes after all others. */
    qmp_execute(collector->qmp, "query-version", NULL, on_last, collector);
}

void collector_keep(Collector *collector, const char *id)
{
    for (guint i = 0; i < collector->sources->len; i++) {
        Source *source = g_ptr_array_index(collector->sources, i);

        if (!source->gone && (!id || g_str_equal(source->id, id))) {
            ask(source);
        }
    }
}

void collector_gone(Collector *collector, const char *id)
{
    Source *source = find_source(collector, id);

    if (source && !source->gone) {
        source->gone = true;
        source->next = 1;
        if (source->info) {
            g_ptr_array_add(source->infos,
                            g_steal_pointer(&source->info));
        }
    }
}

void collector_back(Collector *collector, const char *id)
{
    Source *source = find_source(collector, id);

    if (source) {
        source->gone = false;
    }
}
