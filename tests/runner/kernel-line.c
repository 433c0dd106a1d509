/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing the kernel's command line; see kernel-line.h.
 */
#include "kernel-line.h"

#include <gio/gio.h>

/* COMMAND_LINE_SIZE of x86, less the final NUL. */
#define MAX_LENGTH 2047

/* Ordinals from @start on that have a record already. */
static char *omit_list(const Plan *plan, guint start)
{
    GString *list = g_string_new(NULL);

    for (guint i = start; i < plan->names->len; i++) {
        if (plan_is_done(plan, i)) {
            g_string_append_printf(list, "%s%u", list->len ? "," : "", i);
        }
    }
    return g_string_free(list, FALSE);
}

char *kernel_line(const Plan *plan, const char *const *filters,
                  GError **error)
{
    guint start = plan_first_undone(plan);
    g_autofree char *omit = omit_list(plan, start);
    g_autoptr(GString) text = g_string_new(
        "console=ttyS0 loglevel=3 panic=-1 printk.devkmsg=on "
        /* the timers of a busy machine come too late for that check */
        "no_timer_check ");

    if (plan->machine->kernel[0]) {
        g_string_append_printf(text, "%s ", plan->machine->kernel);
    }
    g_string_append_printf(text, "-- %s", plan->suite);
    for (guint i = 0; filters && filters[i]; i++) {
        g_string_append_printf(text, " --filter=%s", filters[i]);
    }
    if (plan->shard.count) {
        g_string_append_printf(text, " --shard=%u/%u", plan->shard.index,
                               plan->shard.count);
    }
    if (start > 0) {
        g_string_append_printf(text, " --start=%u", start);
    }
    if (omit[0]) {
        g_string_append_printf(text, " --omit=%s", omit);
    }
    if (text->len > MAX_LENGTH) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "the filters are too long for the kernel's command line "
                    "(%d bytes): use wider globs", MAX_LENGTH);
        return NULL;
    }
    return g_strdup(text->str);
}
