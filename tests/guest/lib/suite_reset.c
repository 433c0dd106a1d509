/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cases that go on after a reset of the machine, and devices that come and go.
 */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"

/* After a device is there, for its disk. */
#define DISK_MS 15000

bool suite_request(Suite *suite, const char *execute, const char *arguments,
                   Buf *answer)
{
    Buf request = { 0 };
    bool ok;

    buf_puts(&request, "{");
    buf_json_str(&request, "execute", execute);
    if (arguments) {
        buf_json_key(&request, "arguments");
        buf_puts(&request, arguments);
    }
    buf_puts(&request, "}");
    ok = ports_request(&suite->ports, request.data, answer);
    buf_free(&request);
    return ok;
}

/* Adds what a case has seen of calls so far to @word. False: not all. It may
 * be the end of the case, too, which then has these. */
static bool end_functions(Suite *suite, Buf *word)
{
    FunctionCounts counts;
    bool whole = functions_end(&suite->functions, &counts);

    functions_save(&suite->functions, &counts, word);
    functions_restore(&suite->functions, word->data);
    return whole;
}

/* A note is "ORDINAL PHASE BATCH ELAPSED LOST CALLS" and a line with the
 * text. */
static void leave_note(Suite *suite, const Case *c, int phase,
                       const char *text)
{
    Buf note = { 0 }, arguments = { 0 }, calls = { 0 };
    bool lost = !end_functions(suite, &calls) || suite->evidence.lost;

    buf_printf(&note, "%u %d %u %lld %d %s\n%s", c->ordinal, phase,
               suite->batch,
               suite->elapsed_ns + suite_now_ns() - suite->started_ns,
               lost, calls.data, text ? text : "");
    buf_puts(&arguments, "{");
    buf_json_str(&arguments, "text", note.data);
    buf_puts(&arguments, "}");
    if (!suite_request(suite, "run-note", arguments.data, NULL)) {
        suite_send_error(suite, "the runner took no note");
        exit(1);
    }
    buf_free(&note);
    buf_free(&arguments);
    buf_free(&calls);
    suite->noted = true;
}

void suite_expect_reset(Suite *suite, const Case *c, int phase,
                        const char *text)
{
    evidence_mark(&suite->evidence, "end", c->ordinal);
    evidence_drain(&suite->evidence, &suite->ports);
    ports_flush(&suite->ports);
    leave_note(suite, c, phase, text);
}

void suite_reset(Suite *suite)
{
    Buf answer = { 0 };

    if (!suite_request(suite, "system_reset", NULL, &answer)) {
        suite_send_error(suite, answer.data);
        exit(1);
    }
    for (;;) {
        pause();
    }
}

void suite_forget(Suite *suite)
{
    if (suite->noted && !suite_request(suite, "run-note", NULL, NULL)) {
        suite_send_error(suite, "the runner did not forget a note");
        exit(1);
    }
    suite->noted = false;
    suite->phase = 0;
    suite->elapsed_ns = 0;
    buf_clear(&suite->note);
}

size_t suite_recall(Suite *suite)
{
    unsigned int ordinal;
    int lost, calls, length = 0;
    size_t i;

    if (!suite->note.len) {
        return 0;
    }
    if (sscanf(suite->note.data, "%u %d %u %lld %d %n%*s\n%n", &ordinal,
               &suite->phase, &suite->batch, &suite->elapsed_ns, &lost,
               &calls, &length) != 5 || !length) {
        suite_send_error(suite, "the note of the time before the reset is "
                         "unreadable");
        exit(1);
    }
    suite->noted = true;
    suite->evidence.lost |= lost;
    functions_restore(&suite->functions, suite->note.data + calls);
    length = strchr(suite->note.data, '\n') + 1 - suite->note.data;
    memmove(suite->note.data, suite->note.data + length,
            suite->note.len - length + 1);
    suite->note.len -= length;
    for (i = 0; i < suite->ncases; i++) {
        if (suite->cases[i]->ordinal == ordinal) {
            return i;
        }
    }
    suite_send_error(suite, "the case of the time before the reset is gone");
    exit(1);
}

/* The reason in @answer, kept until the next call. */
static const char *refusal(const Buf *answer)
{
    static char text[200];
    Buf desc = { 0 };

    json_get_string(answer->data, "desc", &desc);
    snprintf(text, sizeof(text), "%s", desc.len ? desc.data : "refused");
    buf_free(&desc);
    return text;
}

static const char *about_device(Suite *suite, const char *execute,
                                const char *id)
{
    Buf arguments = { 0 }, answer = { 0 };
    const char *reason = NULL;

    buf_puts(&arguments, "{");
    buf_json_str(&arguments, "id", id);
    buf_puts(&arguments, "}");
    if (!suite_request(suite, execute, arguments.data, &answer)) {
        reason = refusal(&answer);
    }
    buf_free(&arguments);
    buf_free(&answer);
    return reason;
}

const char *suite_unplug(Suite *suite, const char *id)
{
    const char *reason = about_device(suite, "device_del", id);

    return reason ? reason : suite_gone(suite, id);
}

const char *suite_gone(Suite *suite, const char *id)
{
    return about_device(suite, "run-gone", id);
}

const char *suite_plug(Suite *suite, const char *id)
{
    return about_device(suite, "run-plug", id);
}

const char *suite_disk_again(Suite *suite)
{
    disk_close(&suite->disk);
    return disk_open(&suite->disk, DISK_MS);
}
