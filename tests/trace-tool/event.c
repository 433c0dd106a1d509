/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the text of events; see event.h.
 */
#include "event.h"

#include <stdlib.h>
#include <string.h>

typedef struct KindName {
    const char *name;
    EventKind kind;
    bool target;
} KindName;

static const KindName kind_names[] = {
    { "nvme_setup_cmd", EVENT_SETUP },
    { "nvme_complete_rq", EVENT_COMPLETE },
    { "nvme_sq", EVENT_SQ },
    { "nvme_async_event", EVENT_ASYNC },
    { "nvmet_req_init", EVENT_SETUP, true },
    { "nvmet_req_complete", EVENT_COMPLETE, true },
    { "nvmet_async_event", EVENT_ASYNC, true },
    { "block_rq_issue", EVENT_BLOCK_ISSUE },
    { "block_rq_complete", EVENT_BLOCK_COMPLETE },
    { "block_rq_error", EVENT_BLOCK_ERROR },
    { "block_rq_requeue", EVENT_BLOCK_REQUEUE },
};

EventKind event_kind(const char *name, bool *target)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kind_names); i++) {
        if (!strcmp(kind_names[i].name, name)) {
            *target = kind_names[i].target;
            return kind_names[i].kind;
        }
    }
    return EVENT_OTHER;
}

/* Behind "key=" where it begins a word before @end; NULL without it. */
static const char *find_key(const char *text, const char *end,
                            const char *key)
{
    gsize len = strlen(key);

    for (const char *at = text; (at = strstr(at, key)) && at < end; at++) {
        if (at[len] == '=' && (at == text || at[-1] == ' ')) {
            return at + len + 1;
        }
    }
    return NULL;
}

/* "12", "0x12", and "'c'(12)" or "(12)" as option "fields" prints bytes. */
static bool parse_number(const char *at, guint64 *value)
{
    char *end;
    bool hex;

    if (*at == '\'' || *at == '(') {
        at = strchr(at, '(');
        at = at ? at + 1 : "";
    }
    hex = at[0] == '0' && (at[1] | 0x20) == 'x';
    at += hex ? 2 : 0;
    if (!g_ascii_isxdigit(*at)) {
        return false;
    }
    *value = g_ascii_strtoull(at, &end, hex ? 16 : 10);
    return end > at;
}

static bool key_u64(const char *text, const char *end, const char *key,
                    guint64 *value)
{
    const char *at = find_key(text, end, key);

    return at && parse_number(at, value);
}

static bool key_uint(const char *text, const char *end, const char *key,
                     guint64 max, guint *value)
{
    guint64 number;

    if (!key_u64(text, end, key, &number) || number > max) {
        return false;
    }
    *value = number;
    return true;
}

static void take_disk(const char *text, const char *end, Event *event)
{
    const char *at = find_key(text, end, "disk");

    if (at) {
        gsize len = MIN(strcspn(at, ", \t"), sizeof(event->disk) - 1);

        memcpy(event->disk, at, len);
        event->disk[len] = '\0';
    }
}

/* "nvme0: " or "nvmet_: ": returns what follows, or NULL. */
static const char *parse_ctrl(const char *text, Event *event)
{
    const char *prefix = event->target ? "nvmet" : "nvme";
    char *end;

    if (!g_str_has_prefix(text, prefix)) {
        return NULL;
    }
    text += strlen(prefix);
    if (g_str_has_prefix(text, "_: ")) {
        event->ctrl = EVENT_NO_CTRL;
        return text + 3;
    }
    if (!g_ascii_isdigit(*text)) {
        return NULL;
    }
    event->ctrl = MIN(g_ascii_strtoull(text, &end, 10), G_MAXINT);
    return g_str_has_prefix(end, ": ") ? end + 2 : NULL;
}

/* Up to 24 bytes "0a 00 ..." or "0a, 00 ..." (an ARRAY of libtraceevent). */
static bool take_bytes(EventCommand *command, const char *at, const char *end)
{
    gsize n = 0;

    while (at + 1 < end && n < FIELDS_BYTES && g_ascii_isxdigit(at[0]) &&
           g_ascii_isxdigit(at[1])) {
        command->bytes[n] = g_ascii_xdigit_value(at[0]) << 4 |
                            g_ascii_xdigit_value(at[1]);
        command->known[n++] = 0xff;
        at += 2;
        while (at < end && (*at == ' ' || *at == ',')) {
            at++;
        }
    }
    return n > 0;
}

static void take_rest(EventCommand *command, const char *text, gsize len)
{
    static const char *const raw[] = { "cdw10=", "specific=" };

    for (gsize i = 0; i < G_N_ELEMENTS(raw); i++) {
        gsize n = strlen(raw[i]);

        if (len > n && !memcmp(text, raw[i], n) &&
            take_bytes(command, text + n, text + len)) {
            return;
        }
    }
    event_take_fields(command, text, len);
}

/* An opcode that the kernel has no name for: "0x19 cdw10=...".  On the
 * fabrics opcode the kernel shows the type instead ("specific="). */
static bool opcode_by_number(const char *text, gsize len, guint qid,
                             bool fabrics, EventCommand *command)
{
    guint64 number;

    if (len < 3 || !parse_number(text, &number) || number > 0xff) {
        return false;
    }
    command->set = fabrics ? FIELDS_FABRICS : qid ? FIELDS_IO : FIELDS_ADMIN;
    command->opcode = fabrics ? 0x7f : number;
    command->fctype = fabrics ? number : 0;
    command->named = true;
    return true;
}

bool event_parse_command(const char *text, gsize len, guint qid,
                         EventCommand *command)
{
    gsize name = 0;
    gsize rest;

    while (name < len && text[name] != ' ' && text[name] != ',') {
        name++;
    }
    rest = name;
    while (rest < len && (text[rest] == ' ' || text[rest] == ',')) {
        rest++;
    }
    if (!event_command_by_name(text, name, command) &&
        !opcode_by_number(text, name, qid,
                          len - rest > 9 &&
                          !memcmp(text + rest, "specific=", 9), command)) {
        return false;
    }
    take_rest(command, text + rest, len - rest);
    return true;
}

/* The fields of the event one by one, as trace-cmd and perf show them where
 * they cannot print the event as the kernel does. */
static bool parse_raw_setup(const char *text, Event *event)
{
    const char *end = text + strlen(text);
    const char *at = find_key(text, end, "cdw10");
    EventCommand *command = &event->command;
    guint ctrl, opcode, fctype = 0;

    if (!key_uint(text, end, "ctrl_id", G_MAXINT, &ctrl) ||
        !key_uint(text, end, "qid", G_MAXUINT16, &event->qid) ||
        !key_uint(text, end, "cid", G_MAXUINT16, &event->cid) ||
        !key_uint(text, end, "opcode", G_MAXUINT8, &opcode)) {
        return false;
    }
    key_uint(text, end, "nsid", G_MAXUINT32, &event->nsid);
    key_uint(text, end, "flags", G_MAXUINT8, &event->flags);
    key_uint(text, end, "fctype", G_MAXUINT8, &fctype);
    take_disk(text, end, event);
    event->ctrl = ctrl;
    command->set = opcode == 0x7f ? FIELDS_FABRICS :
                   event->qid ? FIELDS_IO : FIELDS_ADMIN;
    command->opcode = opcode;
    command->fctype = fctype;
    command->named = true;
    if (at) {
        at += g_str_has_prefix(at, "ARRAY[") ? strlen("ARRAY[") : 0;
        take_bytes(command, at, end);
    }
    return true;
}

static bool parse_setup(const char *text, Event *event)
{
    const char *body = parse_ctrl(text, event);
    const char *cmd = body ? strstr(body, "cmd=(") : NULL;
    const char *end = cmd ? strrchr(cmd, ')') : NULL;

    if (!body) {
        return parse_raw_setup(text, event);
    }
    if (!end || !key_uint(body, cmd, "qid", G_MAXUINT16, &event->qid) ||
        !key_uint(body, cmd, "cmdid", G_MAXUINT16, &event->cid) ||
        !key_uint(body, cmd, "nsid", G_MAXUINT32, &event->nsid) ||
        !key_uint(body, cmd, "flags", G_MAXUINT8, &event->flags)) {
        return false;
    }
    take_disk(body, cmd, event);
    cmd += strlen("cmd=(");
    return event_parse_command(cmd, end - cmd, event->qid, &event->command);
}

static bool parse_complete(const char *text, Event *event)
{
    const char *end = text + strlen(text);
    const char *body = parse_ctrl(text, event);
    guint ctrl;

    if (!body) {
        if (!key_uint(text, end, "ctrl_id", G_MAXINT, &ctrl)) {
            return false;
        }
        event->ctrl = ctrl;
        body = text;
    }
    if (!key_uint(body, end, "qid", G_MAXUINT16, &event->qid) ||
        !(key_uint(body, end, "cmdid", G_MAXUINT16, &event->cid) ||
          key_uint(body, end, "cid", G_MAXUINT16, &event->cid)) ||
        !key_uint(body, end, "status", G_MAXUINT16, &event->status) ||
        !(key_u64(body, end, "res", &event->result) ||
          key_u64(body, end, "result", &event->result))) {
        return false;
    }
    key_uint(body, end, "retries", G_MAXUINT8, &event->retries);
    key_uint(body, end, "flags", G_MAXUINT8, &event->flags);
    take_disk(body, end, event);
    return true;
}

static bool parse_sq(const char *text, Event *event)
{
    const char *body = parse_ctrl(text, event);
    const char *end = text + strlen(text);

    if (!body) {
        return false;
    }
    take_disk(body, end, event);
    return key_uint(body, end, "qid", G_MAXUINT16, &event->qid) &&
           key_uint(body, end, "head", G_MAXUINT16, &event->head) &&
           key_uint(body, end, "tail", G_MAXUINT16, &event->tail);
}

static bool parse_async(const char *text, Event *event)
{
    const char *body = parse_ctrl(text, event);

    return body && key_u64(body, text + strlen(text), "NVME_AEN",
                           &event->result) &&
           event->result <= G_MAXUINT32;
}

/* "259,0 RA 4096 () 2048 + 8 be,0,4 [comm]", the last for an issue; else
 * without the bytes, and with the error in the brackets. */
static bool parse_block(const char *text, Event *event)
{
    EventBlock *block = &event->block;
    const char *place = strstr(text, ") ");
    const char *bracket = strrchr(text, '[');
    char *end;
    gsize len;

    block->major = g_ascii_strtoull(text, &end, 10);
    if (end == text || *end != ',' || !g_ascii_isdigit(end[1])) {
        return false;
    }
    block->minor = g_ascii_strtoull(end + 1, &end, 10);
    if (*end != ' ' || !place || !bracket || !g_ascii_isdigit(place[2])) {
        return false;
    }
    len = strcspn(++end, " ");
    if (len >= sizeof(block->op)) {
        return false;
    }
    memcpy(block->op, end, len);
    block->op[len] = '\0';
    block->sector = g_ascii_strtoull(place + 2, &end, 10);
    if (!g_str_has_prefix(end, " + ") || !g_ascii_isdigit(end[3])) {
        return false;
    }
    block->sectors = g_ascii_strtoull(end + 3, NULL, 10);
    if (event->kind != EVENT_BLOCK_ISSUE) {
        block->error = CLAMP(g_ascii_strtoll(bracket + 1, NULL, 10),
                             -4095, 4095);
    }
    return true;
}

bool event_parse(const char *name, const char *text, Event *event)
{
    bool ok;

    *event = (Event) { .ctrl = EVENT_NO_CTRL };
    event->kind = event_kind(name, &event->target);
    switch (event->kind) {
    case EVENT_SETUP:
        ok = parse_setup(text, event);
        break;
    case EVENT_COMPLETE:
        ok = parse_complete(text, event);
        break;
    case EVENT_SQ:
        ok = parse_sq(text, event);
        break;
    case EVENT_ASYNC:
        ok = parse_async(text, event);
        break;
    case EVENT_BLOCK_ISSUE:
    case EVENT_BLOCK_COMPLETE:
    case EVENT_BLOCK_ERROR:
    case EVENT_BLOCK_REQUEUE:
        ok = parse_block(text, event);
        break;
    case EVENT_OTHER:
    case EVENT_KINDS:
    default:
        ok = false;
        break;
    }
    if (!ok) {
        event_clear(event);
    }
    return ok;
}

void event_clear(Event *event)
{
    g_clear_pointer(&event->command.rest, g_free);
}

bool event_same_request(const EventBlock *a, const EventBlock *b)
{
    /* the end of a zone append has the sector that the drive chose */
    return a->major == b->major && a->minor == b->minor &&
           !strcmp(a->op, b->op) &&
           (a->sector == b->sector || g_str_has_prefix(a->op, "ZA"));
}
