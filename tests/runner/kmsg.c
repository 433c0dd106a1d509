/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading kernel log records; see kmsg.h.
 */
#include "kmsg.h"

#include "markers.h"

#include <string.h>

static void case_log_free(gpointer data)
{
    CaseLog *log = data;

    json_array_unref(log->texts);
    g_free(log);
}

static CaseLog *case_of(GHashTable *cases, guint ordinal)
{
    CaseLog *log = g_hash_table_lookup(cases, GUINT_TO_POINTER(ordinal));

    if (!log) {
        log = g_new0(CaseLog, 1);
        log->texts = json_array_new();
        g_hash_table_insert(cases, GUINT_TO_POINTER(ordinal), log);
    }
    return log;
}

/*
 * The message of a record "prefix;message\n KEY=value\n": the line behind
 * the first semicolon. NULL for a line that only continues a record.
 */
static char *record_text(const char *record)
{
    const char *text = strchr(record, ';');

    if (!text || record[0] == ' ') {
        return NULL;
    }
    text++;
    return g_strndup(text, strcspn(text, "\n"));
}

/*
 * The kernel goes on calibrating clocks for seconds after the boot and says so
 * in the middle of whatever case runs (arch/x86/kernel/tsc.c,
 * kernel/time/clocksource.c, sched/clock.c); once, that a machine which was
 * stopped for a moment handled its timers late (hrtimer_interrupt()); and when
 * it has gathered enough randomness (drivers/char/random.c).
 */
static bool is_of_the_machine(const char *text)
{
    static const char *const starts[] = {
        "tsc: ", "clocksource: ", "sched_clock: Marking ",
        "TSC found unstable ", "hrtimer: interrupt took ",
        "random: crng init done",
    };

    for (guint i = 0; i < G_N_ELEMENTS(starts); i++) {
        if (g_str_has_prefix(text, starts[i])) {
            return true;
        }
    }
    return false;
}

GHashTable *kmsg_split(GPtrArray *lines)
{
    GHashTable *cases = g_hash_table_new_full(NULL, NULL, NULL,
                                              case_log_free);
    MarkerState state = MARKER_STATE_INIT;
    guint began = MARKER_NO_CASE;

    for (guint i = 0; i < lines->len; i++) {
        g_autofree char *text = record_text(g_ptr_array_index(lines, i));
        guint ordinal;
        MarkerKind kind = text ? marker_take(&state, text, &ordinal) :
                          MARKER_NONE;

        if (kind == MARKER_BEGIN) {
            case_of(cases, ordinal);
            began = ordinal;
        } else if (kind == MARKER_END) {
            case_of(cases, ordinal)->whole = began == ordinal;
        } else if (text && state.current != MARKER_NO_CASE &&
                   !is_of_the_machine(text)) {
            json_array_add_string_element(
                case_of(cases, state.current)->texts, text);
        }
    }
    return cases;
}
