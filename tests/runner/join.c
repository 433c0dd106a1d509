/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Joining the layers by case; see join.h.
 */
#include "join.h"

#include "json-util.h"
#include "kmsg.h"
#include "trace.h"

#include <string.h>

typedef struct BatchCase {
    guint ordinal;
    JsonObject *message;
} BatchCase;

typedef struct Batch {
    GPtrArray *cases;       /* of BatchCase */
    GPtrArray *trace;       /* lines */
    GPtrArray *log;         /* lines */
} Batch;

struct Join {
    void (*ready)(void *opaque, Evidence *evidence);
    void *opaque;
    Batch *open;            /* the batch that runs */
    GHashTable *ended;      /* number -> Batch without the drive's part */
    GHashTable *devices;    /* number -> DeviceEvidence without a batch */
};

static void batch_case_free(gpointer data)
{
    BatchCase *entry = data;

    json_object_unref(entry->message);
    g_free(entry);
}

static Batch *batch_new(void)
{
    Batch *batch = g_new0(Batch, 1);

    batch->cases = g_ptr_array_new_with_free_func(batch_case_free);
    batch->trace = g_ptr_array_new_with_free_func(g_free);
    batch->log = g_ptr_array_new_with_free_func(g_free);
    return batch;
}

static void batch_free(Batch *batch)
{
    g_ptr_array_unref(batch->cases);
    g_ptr_array_unref(batch->trace);
    g_ptr_array_unref(batch->log);
    g_free(batch);
}

Join *join_new(void (*ready)(void *opaque, Evidence *evidence),
               void *opaque)
{
    Join *join = g_new0(Join, 1);

    join->ready = ready;
    join->opaque = opaque;
    join->open = batch_new();
    join->ended = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                        (GDestroyNotify)batch_free);
    join->devices = g_hash_table_new_full(
        g_int64_hash, g_int64_equal, g_free,
        (GDestroyNotify)device_evidence_free);
    return join;
}

void join_free(Join *join)
{
    if (join) {
        batch_free(join->open);
        g_hash_table_unref(join->ended);
        g_hash_table_unref(join->devices);
        g_free(join);
    }
}

void join_add_case(Join *join, guint ordinal, JsonObject *message)
{
    BatchCase *entry = g_new0(BatchCase, 1);

    entry->ordinal = ordinal;
    entry->message = json_object_ref(message);
    g_ptr_array_add(join->open->cases, entry);
}

static void add_lines(GPtrArray *lines, JsonArray *more)
{
    for (guint i = 0; i < json_array_get_length(more); i++) {
        const char *line = json_util_element_string(more, i);

        if (line) {
            g_ptr_array_add(lines, g_strdup(line));
        }
    }
}

void join_add_trace(Join *join, JsonArray *lines)
{
    add_lines(join->open->trace, lines);
}

void join_add_log(Join *join, JsonArray *lines)
{
    add_lines(join->open->log, lines);
}

static void fill_device(Evidence *evidence, const CaseDevice *device)
{
    evidence->device = json_object_new();
    evidence->matches = device ? device->matches : 0;
    json_object_set_int_member(evidence->device, "hits",
                               device ? device->hits : 0);
    json_object_set_array_member(evidence->device, "commands",
                                 device ? json_array_ref(device->commands) :
                                 json_array_new());
    if (device && device->rules) {
        json_object_set_array_member(evidence->device, "rules",
                                     json_array_ref(device->rules));
        json_object_set_int_member(evidence->device, "more", device->more);
    }
    if (device && json_array_get_length(device->violations) > 0) {
        json_object_set_array_member(evidence->device, "violations",
                                     json_array_ref(device->violations));
    }
}

/* A case that exports the drive says who its front is: what the two wires and
 * the target between them saw is kept apart. */
static void fill_wires(Evidence *evidence, const CaseTrace *trace)
{
    const char *front = json_util_string(evidence->message, "front");

    if (!trace || !front) {
        json_object_set_array_member(evidence->driver, "completions",
                                     trace ?
                                     json_array_ref(trace->completions) :
                                     json_array_new());
        return;
    }
    json_object_set_array_member(evidence->driver, "completions",
                                 trace_completions(trace, front, true));
    json_object_set_array_member(evidence->driver, "target",
                                 json_array_ref(trace->target));
    json_object_set_array_member(evidence->driver, "front",
                                 trace_completions(trace, front, false));
}

static void fill_trace(Evidence *evidence, const CaseTrace *trace)
{
    const char *name = trace && trace->block_error ?
                       strerrorname_np(trace->block_error) : NULL;

    evidence->driver = json_object_new();
    evidence->block = json_object_new();
    evidence->block_seen = trace && trace->block_seen;
    fill_wires(evidence, trace);
    if (json_util_bool(evidence->message, "admin", false)) {
        json_object_set_array_member(evidence->driver, "admin",
                                     trace ? json_array_ref(trace->admin) :
                                     json_array_new());
    }
    if (json_util_object(evidence->message, "functions")) {
        json_util_set_copy(evidence->driver, "functions",
                           json_object_get_member(evidence->message,
                                                  "functions"));
    }
    if (name) {
        json_object_set_string_member(evidence->block, "errno", name);
    } else {
        json_object_set_null_member(evidence->block, "errno");
    }
    json_object_set_int_member(evidence->block, "requeues",
                               trace ? trace->requeues : 0);
    json_object_set_int_member(evidence->block, "bios",
                               trace ? trace->bios : 0);
}

static void fill_log(Evidence *evidence, const CaseLog *log)
{
    evidence->log = log ? json_array_ref(log->texts) : json_array_new();
}

static const char *find_gap(const CaseDevice *device, gint64 lost,
                            const CaseTrace *trace, const CaseLog *log)
{
    if (!trace || !trace->whole) {
        return "the trace of this case is not whole: a mark is missing or "
               "events were lost";
    }
    if (!log || !log->whole) {
        return "the kernel log of this case is not whole: a mark is missing";
    }
    if (device && lost > 0 && device->acted < device->hits) {
        return "the drive's command log overran: commands of this case are "
               "lost";
    }
    return NULL;
}

static void emit_case(Join *join, BatchCase *entry, DeviceEvidence *device,
                      GHashTable *traces, GHashTable *logs)
{
    gpointer key = GUINT_TO_POINTER(entry->ordinal);
    const CaseDevice *case_device = device_evidence_case(device,
                                                         entry->ordinal);
    const CaseTrace *trace = g_hash_table_lookup(traces, key);
    const CaseLog *log = g_hash_table_lookup(logs, key);
    Evidence evidence = {
        .ordinal = entry->ordinal,
        .message = entry->message,
        .gap = find_gap(case_device, device_evidence_lost(device), trace,
                        log),
    };

    fill_device(&evidence, case_device);
    fill_trace(&evidence, trace);
    fill_log(&evidence, log);
    join->ready(join->opaque, &evidence);
    evidence_clear(&evidence);
}

static void join_batch(Join *join, Batch *batch, DeviceEvidence *device)
{
    g_autoptr(GHashTable) traces = trace_split(batch->trace);
    g_autoptr(GHashTable) logs = kmsg_split(batch->log);

    for (guint i = 0; i < batch->cases->len; i++) {
        emit_case(join, g_ptr_array_index(batch->cases, i), device, traces,
                  logs);
    }
}

static void try_join(Join *join, gint64 number)
{
    Batch *batch = g_hash_table_lookup(join->ended, &number);
    DeviceEvidence *device = g_hash_table_lookup(join->devices, &number);

    if (batch && device) {
        join_batch(join, batch, device);
        g_hash_table_remove(join->ended, &number);
        g_hash_table_remove(join->devices, &number);
    }
}

void join_end_batch(Join *join, gint64 number)
{
    g_hash_table_replace(join->ended, g_memdup2(&number, sizeof(number)),
                         join->open);
    join->open = batch_new();
    try_join(join, number);
}

void join_add_device(Join *join, gint64 number, DeviceEvidence *device)
{
    g_hash_table_replace(join->devices, g_memdup2(&number, sizeof(number)),
                         device);
    try_join(join, number);
}

bool join_is_idle(const Join *join)
{
    return g_hash_table_size(join->ended) == 0;
}

void join_device_only(Evidence *evidence, DeviceEvidence *device)
{
    fill_device(evidence, device ? device_evidence_case(device,
                                                        evidence->ordinal) :
                NULL);
    fill_trace(evidence, NULL);
    fill_log(evidence, NULL);
}

void evidence_clear(Evidence *evidence)
{
    g_clear_pointer(&evidence->device, json_object_unref);
    g_clear_pointer(&evidence->driver, json_object_unref);
    g_clear_pointer(&evidence->block, json_object_unref);
    g_clear_pointer(&evidence->log, json_array_unref);
}
