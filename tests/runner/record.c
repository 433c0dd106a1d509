/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building records; see record.h.
 */
#include "record.h"

#include "json-util.h"

#include <string.h>

static void set_text(JsonObject *record, const char *name, const char *text)
{
    if (text) {
        json_object_set_string_member(record, name, text);
    } else {
        json_object_set_null_member(record, name);
    }
}

static void set_head(JsonObject *record, const RecordContext *context,
                     const char *name)
{
    set_text(record, "case", name);
    set_text(record, "suite", context->suite);
    set_text(record, "kernel", context->kernel);
    set_text(record, "qemu", context->qemu);
}

static void set_repro(JsonObject *record, const RecordContext *context,
                      const char *name)
{
    g_autofree char *command = g_strdup_printf("%s --filter '%s'",
                                               context->repro, name);

    set_text(record, "repro", command);
}

static void copy_members(JsonObject *record, JsonObject *message,
                         const char *const *names, guint count)
{
    for (guint i = 0; i < count; i++) {
        if (message && json_object_has_member(message, names[i])) {
            json_util_set_copy(record, names[i],
                               json_object_get_member(message, names[i]));
        }
    }
}

static void set_evidence(JsonObject *record, Evidence *evidence)
{
    json_object_set_object_member(record, "device",
                                  json_object_ref(evidence->device));
    json_object_set_object_member(record, "driver",
                                  json_object_ref(evidence->driver));
    json_object_set_object_member(record, "block",
                                  json_object_ref(evidence->block));
    json_object_set_array_member(record, "log",
                                 json_array_ref(evidence->log));
}

static void set_verdict(JsonObject *record, Verdict verdict,
                        const char *reason)
{
    set_text(record, "verdict", verdict_name(verdict));
    set_text(record, "reason", reason);
}

/* What a block request ended as: null when none did. */
static void set_block_status(Evidence *evidence,
                             const RecordContext *context)
{
    const char *name = json_util_string(evidence->block, "errno");

    set_text(evidence->block, "status",
             evidence->block_seen ?
             blk_table_status(context->blk, context->kernel, name) : NULL);
}

JsonObject *record_new(const RecordContext *context, Evidence *evidence,
                       Verdict *verdict)
{
    static const char *const asked[] = { "stimulus", "rules" };
    static const char *const answered[] = {
        "result", "expected", "from", "finding", "unused", "elapsed_ns",
    };
    JsonObject *message = evidence->message;
    const char *name = json_util_string(message, "case");
    const char *gap = json_util_string(message, "error");
    JsonObject *record = json_object_new();
    g_autofree char *reason = NULL;
    JudgeInput input = {
        .record = record,
        .skip = json_util_string(message, "skip"),
        .gap = gap ? gap : evidence->gap,
        .matches = evidence->matches,
        .observe = context->observe,
    };

    set_head(record, context, name);
    copy_members(record, message, asked, G_N_ELEMENTS(asked));
    set_block_status(evidence, context);
    set_evidence(record, evidence);
    copy_members(record, message, answered, G_N_ELEMENTS(answered));
    *verdict = judge_case(&input, &reason);
    set_verdict(record, *verdict, reason);
    set_repro(record, context, name);
    return record;
}

JsonObject *record_new_lost(const RecordContext *context, const char *name,
                            guint ordinal, DeviceEvidence *device,
                            Verdict verdict, const char *reason)
{
    JsonObject *record = json_object_new();
    Evidence evidence = { .ordinal = ordinal };

    set_head(record, context, name);
    join_device_only(&evidence, device);
    set_evidence(record, &evidence);
    evidence_clear(&evidence);
    if (device) {
        json_object_set_array_member(
            record, "last-commands",
            json_array_ref(device_evidence_last(device)));
    } else {
        json_object_set_null_member(record, "last-commands");
    }
    set_verdict(record, verdict, reason);
    set_repro(record, context, name);
    return record;
}
