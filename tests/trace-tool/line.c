/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taking a line apart; see line.h.  "comm-pid [cpu] flags time: event: text":
 * a comm may be anything, so that what is looked for is the CPU in brackets
 * with a time and an event behind it.
 */
#include "line.h"

#include <string.h>

#define NS_DIGITS 9

static const char *skip_blank(const char *at)
{
    return at + strspn(at, " \t");
}

/* "123.456789:" or, of a trace clock that counts, "123:". */
static const char *parse_time(const char *at, gint64 *ns)
{
    guint64 seconds;
    guint64 fraction = 0;
    guint digits = 0;
    char *end;

    if (!g_ascii_isdigit(*at)) {
        return NULL;
    }
    seconds = g_ascii_strtoull(at, &end, 10);
    if (*end == '.') {
        for (end++; g_ascii_isdigit(*end); end++) {
            if (digits < NS_DIGITS) {
                fraction = fraction * 10 + (*end - '0');
                digits++;
            }
        }
        for (; digits < NS_DIGITS; digits++) {
            fraction *= 10;
        }
    }
    if (*end != ':' || seconds > G_MAXINT64 / G_GINT64_CONSTANT(2000000000)) {
        return NULL;
    }
    *ns = seconds * G_GINT64_CONSTANT(1000000000) + fraction;
    return end + 1;
}

/* "event: text", or "nvme:event: text" as perf has it. */
static bool parse_event(const char *at, TraceLine *line)
{
    gsize len;

    at = skip_blank(at);
    for (;;) {
        len = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789_");
        if (len == 0 || at[len] != ':') {
            return false;
        }
        if (at[len + 1] == ' ' || at[len + 1] == '\t' || !at[len + 1]) {
            break;
        }
        at += len + 1;
    }
    if (len >= sizeof(line->event)) {
        return false;
    }
    memcpy(line->event, at, len);
    line->event[len] = '\0';
    line->text = skip_blank(at + len + 1);
    return true;
}

/* What follows "[cpu]": perhaps a word of flags, the time, the event. */
static bool parse_behind_cpu(const char *at, TraceLine *line)
{
    const char *after;

    at = skip_blank(at);
    after = parse_time(at, &line->time_ns);
    if (!after) {
        at = skip_blank(at + strcspn(at, " \t"));
        after = parse_time(at, &line->time_ns);
    }
    return after && parse_event(after, line);
}

static bool parse_cpu(const char *at, TraceLine *line)
{
    gsize digits = strspn(at, "0123456789");

    if (digits == 0 || digits > 6 || at[digits] != ']') {
        return false;
    }
    line->cpu = g_ascii_strtoull(at, NULL, 10);
    return parse_behind_cpu(at + digits + 1, line);
}

/* Events that are found without anything in front of them, as the public
 * nvme-trace.pl finds them. */
static bool parse_bare(const char *text, TraceLine *line)
{
    static const char *const events[] = {
        "nvme_setup_cmd: ", "nvme_complete_rq: ", "nvme_sq: ",
        "nvme_async_event: ", "nvmet_req_init: ", "nvmet_req_complete: ",
        "nvmet_async_event: ",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(events); i++) {
        const char *at = strstr(text, events[i]);

        if (at && (at == text || strchr(" :\t", at[-1])) &&
            parse_event(at, line)) {
            line->time_ns = LINE_NO_TIME;
            line->cpu = LINE_NO_CPU;
            return true;
        }
    }
    return false;
}

bool line_parse(const char *text, TraceLine *line)
{
    for (const char *at = strchr(text, '['); at; at = strchr(at + 1, '[')) {
        if (parse_cpu(at + 1, line)) {
            return true;
        }
    }
    return parse_bare(text, line);
}

bool line_lost(const char *text, guint64 *count)
{
    const char *at = strstr(text, "[LOST ");
    char *end;

    if (!at || !g_str_has_prefix(skip_blank(text), "CPU:")) {
        return false;
    }
    at += strlen("[LOST ");
    *count = g_ascii_strtoull(at, &end, 10);
    return g_str_has_prefix(skip_blank(end), "EVENTS]");
}
