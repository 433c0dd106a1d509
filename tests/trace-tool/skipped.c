/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was skipped, lost or not understood; see summary.h.
 */
#include "summary.h"

typedef struct Skip {
    const char *name;           /* of the member of JSON */
    guint64 count;
    const char *sentence;       /* behind the count */
    bool lost;                  /* it makes the result incomplete */
} Skip;

#define SKIPS 14

static void gather(const InputCounts *input, const JoinCounts *join,
                   Skip skips[SKIPS])
{
    const Skip all[SKIPS] = {
        { "lost-reports", input->lost_reports,
          "times the kernel had no room for events", true },
        { "lost", input->lost, "events were lost that way" },
        { "overwritten", input->overwritten,
          "events were overwritten before the trace was saved", true },
        { "malformed", join->malformed,
          "events are not as any known kernel prints them", true },
        { "too-long", input->too_long, "lines were too long", true },
        { "json-bad", input->json_bad,
          "lines begin like JSON and are not what is understood", true },
        { "no-setup", join->no_setup,
          "completions without a set-up: before the trace began, or lost" },
        { "open", join->open,
          "commands without a completion: still out, or lost" },
        { "replaced", join->replaced,
          "of these had their identifier used again: the end was lost" },
        { "unknown-text", join->rest, "commands with fields that are not "
          "known, shown as kernel=" },
        { "mended", input->binary,
          "lines with bytes that are no text, shown as ?" },
        { "other-lines", input->other, "lines are no event" },
        { "other-events", join->events[EVENT_OTHER],
          "events are not of NVMe or its requests" },
        { "loose", join->loose_block + join->loose_sq,
          "events of requests or queues that belong to no command seen" },
    };

    for (gsize i = 0; i < SKIPS; i++) {
        skips[i] = all[i];
    }
}

bool summary_skipped(const InputCounts *input, const JoinCounts *join,
                     guint64 filtered, const char *prefix, GString *out)
{
    Skip skips[SKIPS];
    bool lost = false;

    gather(input, join, skips);
    for (gsize i = 0; i < SKIPS; i++) {
        if (skips[i].count) {
            g_string_append_printf(out, "%s%" G_GUINT64_FORMAT " %s\n",
                                   prefix, skips[i].count,
                                   skips[i].sentence);
            lost = lost || skips[i].lost;
        }
    }
    if (filtered) {
        g_string_append_printf(out, "%s%" G_GUINT64_FORMAT
                               " commands and events were left out by the "
                               "filters\n", prefix, filtered);
    }
    return lost;
}

void summary_counts_json(const InputCounts *input, const JoinCounts *join,
                         guint64 filtered, GString *out)
{
    Skip skips[SKIPS];

    gather(input, join, skips);
    g_string_append_printf(out, "{\"type\":\"counts\",\"lines\":%"
                           G_GUINT64_FORMAT ",\"commands\":%"
                           G_GUINT64_FORMAT ",\"filtered\":%"
                           G_GUINT64_FORMAT, input->lines, join->commands,
                           filtered);
    for (gsize i = 0; i < SKIPS; i++) {
        g_string_append_printf(out, ",\"%s\":%" G_GUINT64_FORMAT,
                               skips[i].name, skips[i].count);
    }
    g_string_append(out, "}\n");
}
