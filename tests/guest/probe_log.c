/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "probe": the commands that the device says it got.
 */
#include <stdio.h>
#include <string.h>

#include "lib/json.h"
#include "probe.h"

#define MAX_COMMANDS 64         /* of probe_commands[] */
#define SQE_DIGITS 128
#define CDW10_DIGIT 80          /* byte 40 */

/* One entry of the device's log. */
typedef struct Entry {
    char sqe[SQE_DIGITS + 1];
    long long opcode, status;   /* -1: no completion was posted */
    unsigned int select;        /* CNS, FID or LID */
    bool executed, hit;
} Entry;

static void ask(Suite *suite, long long since, Buf *answer)
{
    char arguments[80];

    snprintf(arguments, sizeof(arguments), "{\"device\":\"nvme0\","
             "\"since\":%lld}", since);
    suite_request(suite, "query-nvme-fi-log", arguments, answer);
}

long long probe_log_next(Suite *suite)
{
    long long next = 1;
    Buf answer = { 0 };

    ask(suite, 1, &answer);
    if (answer.data) {
        json_get_int(answer.data, "next", &next);
    }
    buf_free(&answer);
    return next;
}

static bool read_entry(const char *object, const Case *c, Entry *entry)
{
    Buf id = { 0 }, sqe = { 0 };
    char expected[32];
    bool ok;

    *entry = (Entry){ .opcode = -1, .status = -1 };
    snprintf(expected, sizeof(expected), "c%u", c->ordinal);
    ok = json_get_string(object, "id", &id) && !strcmp(id.data, expected) &&
         json_get_string(object, "sqe", &sqe) && sqe.len == SQE_DIGITS;
    if (ok) {
        long long hit;

        memcpy(entry->sqe, sqe.data, SQE_DIGITS);
        sscanf(sqe.data + CDW10_DIGIT, "%2x", &entry->select);
        json_get_int(object, "opcode", &entry->opcode);
        json_get_int(object, "status", &entry->status);
        json_get_bool(object, "executed", &entry->executed);
        entry->hit = json_get_int(object, "hit", &hit);
    }
    buf_free(&id);
    buf_free(&sqe);
    return ok;
}

/* The next entry of case @c in the list at *@at; false at its end. */
static bool next_entry(const char **at, const Case *c, Entry *entry)
{
    bool ok = false;

    while (!ok && *at && (*at = strchr(*at, '{'))) {
        const char *end = strchr(*at, '}');
        Buf object = { 0 };

        if (!end) {
            break;
        }
        buf_add(&object, *at, end + 1 - *at);
        ok = read_entry(object.data, c, entry);
        buf_free(&object);
        *at = end;
    }
    return ok;
}

static const char *list_of(const Buf *answer)
{
    return answer->data ? strstr(answer->data, "\"commands\":[") : NULL;
}

/* The first command of the table that this can be and that was not there yet,
 * or its bytes. */
static const char *name_of(const Suite *suite, Start start,
                           const Entry *entry, bool seen[MAX_COMMANDS])
{
    const Command *command;

    for (command = probe_commands; command->name; command++) {
        size_t place = command - probe_commands;

        if (command->opcode == entry->opcode && place < MAX_COMMANDS &&
            !seen[place] && probe_sends(suite, command, start) &&
            (command->select < 0 ||
             (unsigned int)command->select == entry->select)) {
            seen[place] = true;
            return command->name;
        }
    }
    return entry->sqe;
}

void probe_log_sequence(Suite *suite, const Case *c, long long since,
                        Outcome *out)
{
    const ProbeCase *pc = c->data;
    bool seen[MAX_COMMANDS] = { false };
    Buf answer = { 0 };
    const char *at, *name;
    Entry entry;

    ask(suite, since, &answer);
    buf_json_key(&out->observed, "sequence");
    buf_puts(&out->observed, "[");
    for (at = list_of(&answer); next_entry(&at, c, &entry);) {
        name = name_of(suite, pc->start, &entry, seen);
        buf_json_sep(&out->observed);
        buf_json_string(&out->observed, name, strlen(name));
    }
    buf_puts(&out->observed, "]");
    buf_free(&answer);
}

void probe_log_hit(Suite *suite, const Case *c, long long since,
                   Outcome *out)
{
    Buf answer = { 0 };
    const char *at;
    Entry entry;

    ask(suite, since, &answer);
    for (at = list_of(&answer); next_entry(&at, c, &entry);) {
        if (!entry.hit) {
            continue;
        }
        buf_json_key(&out->observed, "hit");
        buf_puts(&out->observed, "{");
        buf_json_int(&out->observed, "opcode", entry.opcode);
        buf_json_int(&out->observed, "select", entry.select);
        buf_json_int(&out->observed, "status", entry.status);
        buf_json_bool(&out->observed, "executed", entry.executed);
        buf_puts(&out->observed, "}");
        break;
    }
    buf_free(&answer);
}

long long probe_matches(Suite *suite, const Case *c)
{
    char arguments[80];
    long long matches = -1;
    Buf answer = { 0 };

    snprintf(arguments, sizeof(arguments), "{\"device\":\"nvme0\","
             "\"ids\":[\"c%u\"]}", c->ordinal);
    suite_request(suite, "query-nvme-fi", arguments, &answer);
    if (answer.data) {
        json_get_int(answer.data, "matches", &matches);
    }
    buf_free(&answer);
    return matches;
}
