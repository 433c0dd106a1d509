/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the guest reports in the life of a boot; see boot-internal.h.
 */
#include "boot-internal.h"

static void on_hello(void *opaque, const char *kernel, gint64 cases,
                     bool expectations)
{
    Boot *boot = opaque;
    char *unusable;

    boot_settle_reset(boot);
    if (boot->phase != PHASE_BOOT) {
        return;
    }
    boot->phase = PHASE_RUN;
    boot_progress(boot);
    /* after a reset it is the same suite on the same kernel */
    unusable = boot->again ? NULL :
               boot->handlers->hello(boot->opaque, kernel, cases,
                                     expectations);
    if (unusable) {
        boot_settle(boot, BOOT_UNUSABLE, unusable);
    }
}

static void on_begin(void *opaque, guint ordinal, const char *name)
{
    Boot *boot = opaque;

    if (boot->phase == PHASE_RUN) {
        boot->running = ordinal;
        boot_progress(boot);
        boot->handlers->begin(boot->opaque, ordinal, name);
    }
}

static void on_finished(void *opaque, guint ordinal, JsonObject *message)
{
    Boot *boot = opaque;

    if (boot->running == ordinal) {
        boot->running = BOOT_NO_CASE;
    }
    boot->resets = 0;
    boot_progress(boot);
    join_add_case(boot->join, ordinal, message);
}

static void on_trace(void *opaque, JsonArray *lines)
{
    Boot *boot = opaque;

    boot_progress(boot);
    join_add_trace(boot->join, lines);
}

static void on_kmsg(void *opaque, JsonArray *lines)
{
    Boot *boot = opaque;

    boot_progress(boot);
    join_add_log(boot->join, lines);
}

static void on_batch_end(void *opaque, gint64 batch)
{
    Boot *boot = opaque;

    boot_progress(boot);
    join_end_batch(boot->join, batch);
}

static void on_bye(void *opaque)
{
    boot_settle(opaque, BOOT_COMPLETE, g_strdup("the suite is complete"));
}

static void on_error(void *opaque, const char *reason)
{
    Boot *boot = opaque;

    boot_settle(boot, boot->again ? BOOT_LOST :
                boot->phase == PHASE_BOOT ? BOOT_NO_HELLO : BOOT_UNUSABLE,
           g_strdup_printf("the guest cannot run the suite: %s", reason));
}

const ResultsHandlers boot_results_handlers = {
    .hello = on_hello,
    .begin = on_begin,
    .finished = on_finished,
    .trace = on_trace,
    .log = on_kmsg,
    .batch_end = on_batch_end,
    .bye = on_bye,
    .error = on_error,
    .closed = boot_finish_if_over,
};
