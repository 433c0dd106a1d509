/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of hits and triggers, and the rules that make the same happen
 * again: one for each command, by its queue and its number there.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/guest-random.h"
#include "qapi/error.h"
#include "qapi/clone-visitor.h"
#include "qapi/qapi-commands-nvme-fi.h"
#include "qapi/qapi-visit-nvme-fi.h"
#include "qapi/qobject-output-visitor.h"
#include "qobject/qjson.h"
#include "qobject/qobject.h"
#include "../engine/random.h"
#include "action.h"
#include "record.h"

#define ENTRIES 16384           /* qapi/nvme-fi.json says so, too */
#define MAX_TRIGGERS 16         /* of one rule: qapi/nvme-fi.json, too */

/* A hit, or a trigger without a command; its command is then the one fetched
 * last before it. */
typedef struct Entry {
    uint16_t qid;
    uint64_t ordinal;           /* from 1; 0: there was no command before */
    char id[FI_MAX_ID_LEN + 1]; /* of the rule */
    FiAction action;            /* with its delay drawn; holds its detail */
    uint64_t seed;              /* as the first match of a rule needs it */
    char *set_state;            /* or NULL */
    NvmeFiTrigger *trigger;     /* NULL: a hit */
} Entry;

struct NvmeFiRecorder {
    Entry ring[ENTRIES];        /* number c, from 0, is at c % ENTRIES */
    uint64_t count;
};

static void entry_clear(Entry *entry)
{
    fi_detail_unref(entry->action.detail);
    g_free(entry->set_state);
    qapi_free_NvmeFiTrigger(entry->trigger);
    memset(entry, 0, sizeof(*entry));
}

static Entry *next_entry(NvmeFi *fi)
{
    struct NvmeFiRecorder *recorder = fi->recorder;
    Entry *entry;

    if (!recorder) {
        /* untouched pages of it cost no memory */
        recorder = fi->recorder = g_new0(struct NvmeFiRecorder, 1);
    }
    entry = &recorder->ring[recorder->count++ % ENTRIES];
    entry_clear(entry);
    return entry;
}

void nvme_fi_recording_free(NvmeFi *fi)
{
    struct NvmeFiRecorder *recorder = fi->recorder;

    if (!recorder) {
        return;
    }
    for (uint64_t i = 0; i < MIN(recorder->count, ENTRIES); i++) {
        entry_clear(&recorder->ring[i]);
    }
    g_clear_pointer(&fi->recorder, g_free);
}

/*
 * All choices of a rule are computed from seed and number of the match, by a
 * generator that goes on by the same amount with each number (random.h).  The
 * rule of a recording has one match only.
 */
static uint64_t seed_of_first_match(const NvmeFiRequest *f)
{
    return f->seed + (f->match - 1) * FI_RANDOM_STEP;
}

void nvme_fi_record_hit(NvmeFi *fi, const NvmeRequest *req)
{
    const NvmeFiRequest *f = req->fi;
    FiRule rule = fi_entry_rule(fi_set_find(fi->set, f->id));
    Entry *entry = next_entry(fi);

    entry->qid = req->sq->sqid;
    entry->ordinal = f->ordinal;
    pstrcpy(entry->id, sizeof(entry->id), f->id);
    entry->action = f->action;
    if (entry->action.detail) {
        fi_detail_ref(entry->action.detail);
    }
    entry->seed = seed_of_first_match(f);
    entry->set_state = g_strdup(rule.schedule.set_state);
}

/* In a rule, members that are left out mean something else: what the command
 * says, or what is chosen for it. */
static void spell_out(NvmeFiTrigger *trigger)
{
    NvmeFiTriggerMedia *media = &trigger->u.media;
    NvmeFiTriggerPowerCut *cut = &trigger->u.power_cut;

    if (trigger->trigger == NVME_FI_TRIGGER_TYPE_ZONE &&
        !trigger->u.zone.has_nsid) {
        trigger->u.zone.nsid = 1;
        trigger->u.zone.has_nsid = true;
    } else if (trigger->trigger == NVME_FI_TRIGGER_TYPE_MEDIA) {
        media->nsid = media->has_nsid ? media->nsid : 1;
        media->nlb = media->has_nlb ? media->nlb : 1;
        media->has_nsid = media->has_nlb = true;
    } else if (trigger->trigger == NVME_FI_TRIGGER_TYPE_POWER_CUT &&
               !cut->has_seed) {
        qemu_guest_getrandom_nofail(&cut->seed, sizeof(cut->seed));
        cut->seed &= INT64_MAX;
        cut->has_seed = true;
    }
}

void nvme_fi_record_triggers(NvmeFi *fi, NvmeFiTriggerList *triggers)
{
    for (; triggers; triggers = triggers->next) {
        Entry *entry = next_entry(fi);

        spell_out(triggers->value);
        entry->qid = fi->last_qid;
        entry->ordinal = fi->ordinals[fi->last_qid];
        entry->trigger = QAPI_CLONE(NvmeFiTrigger, triggers->value);
    }
}

/* The id tells where it comes from; @suffix, unlike id, is never cut off. */
static char *entry_id(const Entry *entry)
{
    g_autofree char *suffix = g_strdup_printf(
        "@%u:%" PRIu64, entry->qid, MAX(entry->ordinal, 1));
    const char *id = entry->trigger ? "trigger" : entry->id;

    return g_strdup_printf("%.*s%s", (int)(FI_MAX_ID_LEN - strlen(suffix)), id,
                           suffix);
}

/* A trigger before any command can be repeated with the first one only, which
 * comes to the admin queue. */
static NvmeFiRule *entry_rule(const Entry *entry)
{
    g_autofree char *id = entry_id(entry);
    FiRule rule = FI_RULE_INIT;
    NvmeFiRule *out;

    rule.id = id;
    rule.match.has_qid = rule.match.has_ordinal = true;
    rule.match.qid = entry->qid;
    rule.match.ordinal = MAX(entry->ordinal, 1);
    rule.schedule.times = 1;
    rule.schedule.set_state = entry->set_state;
    if (!entry->trigger) {
        rule.action = entry->action;
    }
    out = nvme_fi_rule_to_qapi(&rule);
    out->has_seed = nvme_fi_action_chooses(out);
    out->seed = out->has_seed ? entry->seed : 0;
    return out;
}

/* A recording in the making. */
typedef struct Builder {
    GHashTable *rules;          /* command to its element of the list */
    NvmeFiRuleList **tail;
    uint64_t lost;
} Builder;

/* One number for queue and ordinal: 48 bits of commands are 2000 years. */
static uint64_t *command_key(const Entry *entry)
{
    uint64_t key = (uint64_t)entry->qid << 48 | MAX(entry->ordinal, 1);

    return g_memdup2(&key, sizeof(key));
}

static void append_trigger(Builder *builder, NvmeFiRule *rule,
                           const NvmeFiTrigger *trigger)
{
    NvmeFiTriggerList **tail = &rule->trigger;
    unsigned n = 0;

    for (; *tail; tail = &(*tail)->next) {
        n++;
    }
    if (n == MAX_TRIGGERS) {
        builder->lost++;
        return;
    }
    rule->has_trigger = true;
    QAPI_LIST_APPEND(tail, QAPI_CLONE(NvmeFiTrigger, trigger));
}

/* The hit of the very first command comes after the triggers before it. */
static void merge(Builder *builder, NvmeFiRule **rule, const Entry *entry)
{
    g_autoptr(NvmeFiTriggerList) own = NULL;
    NvmeFiTriggerList *before;

    if (entry->trigger) {
        append_trigger(builder, *rule, entry->trigger);
        return;
    }
    before = g_steal_pointer(&(*rule)->trigger);
    qapi_free_NvmeFiRule(*rule);
    *rule = entry_rule(entry);
    own = g_steal_pointer(&(*rule)->trigger);
    (*rule)->has_trigger = true;
    (*rule)->trigger = before;
    for (NvmeFiTriggerList *it = own; it; it = it->next) {
        append_trigger(builder, *rule, it->value);
    }
}

static void build(Builder *builder, const Entry *entry)
{
    g_autofree uint64_t *key = command_key(entry);
    NvmeFiRuleList *element = g_hash_table_lookup(builder->rules, key);

    if (!element) {
        element = g_new0(NvmeFiRuleList, 1);
        element->value = entry_rule(entry);
        *builder->tail = element;
        builder->tail = &element->next;
        g_hash_table_insert(builder->rules, g_steal_pointer(&key), element);
        if (!entry->trigger) {
            return;
        }
    }
    merge(builder, &element->value, entry);
}

static NvmeFiRecording *recording(const NvmeFi *fi)
{
    const struct NvmeFiRecorder *recorder = fi ? fi->recorder : NULL;
    NvmeFiRecording *out = g_new0(NvmeFiRecording, 1);
    Builder builder = { .tail = &out->rules };
    uint64_t first;

    if (!recorder) {
        return out;
    }
    first = recorder->count - MIN(recorder->count, ENTRIES);
    builder.rules = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                          NULL);
    for (uint64_t c = first; c < recorder->count; c++) {
        build(&builder, &recorder->ring[c % ENTRIES]);
    }
    out->lost = first + builder.lost;
    g_hash_table_unref(builder.rules);
    return out;
}

/* As fi-file takes it. */
static GString *recording_text(NvmeFiRecording *out)
{
    QObject *object = NULL;
    Visitor *v = qobject_output_visitor_new(&object);
    GString *text;

    visit_type_NvmeFiRuleList(v, NULL, &out->rules, &error_abort);
    visit_complete(v, &object);
    visit_free(v);
    text = qobject_to_json_pretty(object, true);
    qobject_unref(object);
    return g_string_append_c(text, '\n');
}

/* All of it, or there is no file. */
static bool write_file(const char *file, const GString *text, Error **errp)
{
    int fd = qemu_create(file, O_WRONLY | O_EXCL, 0666, errp);
    ssize_t written;
    int failed;

    if (fd < 0) {
        return false;
    }
    written = qemu_write_full(fd, text->str, text->len);
    failed = written == text->len ? 0 : errno;
    if (qemu_close(fd) < 0 && !failed) {
        failed = errno;
    }
    if (failed) {
        error_setg_errno(errp, failed, "file '%s': cannot be written", file);
        unlink(file);
        return false;
    }
    return true;
}

static bool save(const char *file, NvmeFiRecording *out, Error **errp)
{
    ERRP_GUARD();
    g_autoptr(GString) text = recording_text(out);

    if (text->len > NVME_FI_MAX_FILE_SIZE) {
        error_setg(errp, "nvme-fi: file '%s': the recording has %zu bytes; "
                   "fi-file takes at most %" PRIu64, file, (size_t)text->len,
                   (uint64_t)NVME_FI_MAX_FILE_SIZE);
        return false;
    }
    if (!write_file(file, text, errp)) {
        error_prepend(errp, "nvme-fi: ");
        return false;
    }
    return true;
}

NvmeFiRecording *qmp_nvme_fi_record(const char *device, const char *file,
                                    Error **errp)
{
    NvmeCtrl *n = nvme_fi_find_device(device, errp);
    g_autoptr(NvmeFiRecording) out = NULL;

    if (!n) {
        return NULL;
    }
    out = recording(n->fi);
    if (file && !save(file, out, errp)) {
        return NULL;
    }
    return g_steal_pointer(&out);
}
