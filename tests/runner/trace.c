/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading trace lines; see trace.h.
 */
#include "trace.h"

#include "markers.h"

#include <stdlib.h>
#include <string.h>

static void case_trace_free(gpointer data)
{
    CaseTrace *trace = data;

    json_array_unref(trace->completions);
    g_ptr_array_unref(trace->ctrls);
    json_array_unref(trace->target);
    json_array_unref(trace->admin);
    g_hash_table_unref(trace->sent);
    g_free(trace);
}

static CaseTrace *case_of(GHashTable *cases, guint ordinal)
{
    CaseTrace *trace = g_hash_table_lookup(cases, GUINT_TO_POINTER(ordinal));

    if (!trace) {
        trace = g_new0(CaseTrace, 1);
        trace->completions = json_array_new();
        trace->ctrls = g_ptr_array_new_with_free_func(g_free);
        trace->target = json_array_new();
        trace->admin = json_array_new();
        trace->sent = g_hash_table_new(NULL, NULL);
        g_hash_table_insert(cases, GUINT_TO_POINTER(ordinal), trace);
    }
    return trace;
}

/* The text behind "@event: ", or NULL when the line is another event. */
static const char *event_text(const char *line, const char *event)
{
    const char *at = strstr(line, event);

    if (!at || at == line || at[-1] != ' ') {
        return NULL;
    }
    at += strlen(event);
    return g_str_has_prefix(at, ": ") ? at + 2 : NULL;
}

static bool field(const char *text, const char *name, gint64 *value)
{
    const char *at = strstr(text, name);

    if (!at) {
        return false;
    }
    *value = g_ascii_strtoll(at + strlen(name), NULL, 0);
    return true;
}

/* "nvme0: qid=0, cmdid=16, ..., cmd=(nvme_admin_abort_cmd sqid=1, cid=5)" */
static void take_admin_setup(CaseTrace *trace, const char *text)
{
    const char *name = strstr(text, "cmd=(");
    JsonObject *command;
    gint64 qid = 0;
    gint64 cid = 0;
    g_autofree char *word = NULL;

    if (!name || !field(text, "qid=", &qid) || qid != 0 ||
        !field(text, "cmdid=", &cid)) {
        return;
    }
    name += strlen("cmd=(");
    word = g_strndup(name, strcspn(name, " )"));
    command = json_object_new();
    json_object_set_string_member(command, "cmd", word);
    json_array_add_object_element(trace->admin, command);
    g_hash_table_insert(trace->sent, GINT_TO_POINTER((int)cid), command);
}

static void take_admin_completion(CaseTrace *trace, const char *text)
{
    JsonObject *command;
    gint64 cid = 0;
    gint64 status = 0;

    if (field(text, "cmdid=", &cid) && field(text, "status=", &status) &&
        (command = g_hash_table_lookup(trace->sent,
                                       GINT_TO_POINTER((int)cid)))) {
        json_object_set_int_member(command, "status", status);
    }
}

static void take_completion(CaseTrace *trace, const char *text)
{
    gint64 qid = 0;
    gint64 status = 0;
    gint64 retries = 0;
    JsonObject *completion;

    if (field(text, "qid=", &qid) && qid == 0) {
        take_admin_completion(trace, text);
        return;
    }
    /* Connect and authentication go over the queue, too, but to no disk. */
    if (qid == 0 || !strstr(text, "disk=") ||
        !field(text, "status=", &status) ||
        !field(text, "retries=", &retries)) {
        return;
    }
    completion = json_object_new();
    json_object_set_int_member(completion, "status", status);
    json_object_set_int_member(completion, "retries", retries);
    json_array_add_object_element(trace->completions, completion);
    g_ptr_array_add(trace->ctrls, g_strndup(text, strcspn(text, ":")));
}

/* "nvmet1: disk=/dev/nvme0n1, qid=1, cmdid=3, res=0x0, status=0x2286"; where
 * commands are passed through there is no disk. */
static void take_target(CaseTrace *trace, const char *text)
{
    JsonObject *completion;
    gint64 qid = 0;
    gint64 status = 0;

    if (!field(text, "qid=", &qid) || qid == 0 ||
        !field(text, "status=", &status)) {
        return;
    }
    completion = json_object_new();
    json_object_set_int_member(completion, "status", status);
    json_array_add_object_element(trace->target, completion);
}

/* The error is the number in brackets that ends the line. */
static void take_block_end(CaseTrace *trace, const char *text)
{
    const char *bracket = strrchr(text, '[');

    if (bracket) {
        trace->block_seen = true;
        trace->block_error = abs(atoi(bracket + 1));
    }
}

static void take_event(CaseTrace *trace, const char *line)
{
    const char *text;

    if ((text = event_text(line, "nvme_setup_cmd"))) {
        take_admin_setup(trace, text);
    } else if ((text = event_text(line, "nvme_complete_rq"))) {
        take_completion(trace, text);
    } else if ((text = event_text(line, "nvmet_req_complete"))) {
        take_target(trace, text);
    } else if ((text = event_text(line, "block_rq_complete")) ||
               (text = event_text(line, "block_rq_error"))) {
        take_block_end(trace, text);
    } else if (event_text(line, "block_rq_requeue")) {
        trace->requeues++;
    } else if (event_text(line, "block_bio_complete")) {
        trace->bios++;
    }
}

GHashTable *trace_split(GPtrArray *lines)
{
    GHashTable *cases = g_hash_table_new_full(NULL, NULL, NULL,
                                              case_trace_free);
    MarkerState state = MARKER_STATE_INIT;
    guint began = MARKER_NO_CASE;

    for (guint i = 0; i < lines->len; i++) {
        const char *line = g_ptr_array_index(lines, i);
        const char *mark = event_text(line, "tracing_mark_write");
        guint ordinal;
        MarkerKind kind = mark ? marker_take(&state, mark, &ordinal) :
                          MARKER_NONE;

        if (kind == MARKER_BEGIN) {
            case_of(cases, ordinal);
            began = ordinal;
        } else if (kind == MARKER_END) {
            case_of(cases, ordinal)->whole = began == ordinal;
        } else if (strstr(line, " EVENTS]") && strstr(line, "[LOST ")) {
            began = MARKER_NO_CASE;
        } else if (state.current != MARKER_NO_CASE) {
            take_event(case_of(cases, state.current), line);
        }
    }
    return cases;
}

JsonArray *trace_completions(const CaseTrace *trace, const char *ctrl,
                             bool without)
{
    JsonArray *some = json_array_new();

    for (guint i = 0; i < trace->ctrls->len; i++) {
        bool its = g_str_equal(g_ptr_array_index(trace->ctrls, i), ctrl);

        if (its != without) {
            json_array_add_object_element(
                some, json_object_ref(json_array_get_object_element(
                          trace->completions, i)));
        }
    }
    return some;
}
