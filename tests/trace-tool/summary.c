/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counting; see summary.h.
 */
#include "summary.h"

#include <string.h>

#include "show.h"

#define PERCENTILE 99

typedef struct Row {
    char *name;
    bool admin;
    guint64 count, errors, retries, open;
    guint64 sum_ns;
    GArray *durations;          /* of guint64, ns */
} Row;

struct Summary {
    GHashTable *rows;           /* name -> Row */
};

static void row_free(gpointer data)
{
    Row *row = data;

    g_free(row->name);
    g_array_unref(row->durations);
    g_free(row);
}

Summary *summary_new(void)
{
    Summary *summary = g_new0(Summary, 1);

    summary->rows = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
                                          row_free);
    return summary;
}

void summary_free(Summary *summary)
{
    if (summary) {
        g_hash_table_unref(summary->rows);
        g_free(summary);
    }
}

static Row *row_of(Summary *summary, const Command *command)
{
    const char *name = show_opcode(&command->event.command);
    g_autofree char *key = g_strdup_printf(
        "%s%s", command->event.target ? "target:" : "", name);
    Row *row = g_hash_table_lookup(summary->rows, key);

    if (!row) {
        row = g_new0(Row, 1);
        row->name = g_steal_pointer(&key);
        row->admin = command->event.qid == 0;
        row->durations = g_array_new(FALSE, FALSE, sizeof(guint64));
        g_hash_table_insert(summary->rows, row->name, row);
    }
    return row;
}

void summary_add(Summary *summary, const Command *command)
{
    Row *row = row_of(summary, command);
    gint64 duration = show_nanoseconds(command);

    row->count++;
    row->open += command->state == COMMAND_OPEN;
    row->errors += command->state != COMMAND_OPEN && command->status;
    row->retries += command->retries > 0;
    if (duration != LINE_NO_TIME) {
        guint64 ns = duration;

        row->sum_ns += ns;
        g_array_append_val(row->durations, ns);
    }
}

static gint compare_u64(gconstpointer a, gconstpointer b)
{
    guint64 x = *(const guint64 *)a, y = *(const guint64 *)b;

    return x < y ? -1 : x > y;
}

static gint compare_rows(gconstpointer a, gconstpointer b)
{
    const Row *x = *(Row *const *)a, *y = *(Row *const *)b;

    return x->admin != y->admin ? (x->admin ? -1 : 1) :
           strcmp(x->name, y->name);
}

static GPtrArray *sorted_rows(Summary *summary)
{
    GPtrArray *rows = g_ptr_array_new();
    GHashTableIter iter;
    gpointer row;

    g_hash_table_iter_init(&iter, summary->rows);
    while (g_hash_table_iter_next(&iter, NULL, &row)) {
        g_array_sort(((Row *)row)->durations, compare_u64);
        g_ptr_array_add(rows, row);
    }
    g_ptr_array_sort(rows, compare_rows);
    return rows;
}

/* The smallest duration that PERCENTILE percent do not exceed. */
static guint64 percentile(const GArray *sorted)
{
    guint64 rank = ((guint64)sorted->len * PERCENTILE + 99) / 100;

    return g_array_index(sorted, guint64, rank - 1);
}

static void add_durations(GString *out, const Row *row)
{
    const GArray *d = row->durations;
    guint64 values[4];

    if (d->len == 0) {
        g_string_append(out, "           -           -           -"
                        "           -\n");
        return;
    }
    values[0] = g_array_index(d, guint64, 0);
    values[1] = row->sum_ns / d->len;
    values[2] = percentile(d);
    values[3] = g_array_index(d, guint64, d->len - 1);
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autofree char *text = show_duration(values[i]);

        g_string_append_printf(out, " %11s", text);
    }
    g_string_append_c(out, '\n');
}

static void add_json(GString *out, const Row *row)
{
    const GArray *d = row->durations;

    g_string_append_printf(out, "{\"opcode\":\"%s\",\"count\":%"
                           G_GUINT64_FORMAT ",\"errors\":%" G_GUINT64_FORMAT
                           ",\"retries\":%" G_GUINT64_FORMAT ",\"open\":%"
                           G_GUINT64_FORMAT, row->name, row->count,
                           row->errors, row->retries, row->open);
    if (d->len) {
        g_string_append_printf(out, ",\"min-ns\":%" G_GUINT64_FORMAT
                               ",\"mean-ns\":%" G_GUINT64_FORMAT
                               ",\"p99-ns\":%" G_GUINT64_FORMAT
                               ",\"max-ns\":%" G_GUINT64_FORMAT,
                               g_array_index(d, guint64, 0),
                               row->sum_ns / d->len, percentile(d),
                               g_array_index(d, guint64, d->len - 1));
    }
    g_string_append_c(out, '}');
}

void summary_show(Summary *summary, bool json, GString *out)
{
    g_autoptr(GPtrArray) rows = sorted_rows(summary);

    g_string_append_printf(out, json ? "{\"type\":\"summary\",\"opcodes\":[" :
                           "%-28s %9s %7s %7s %5s %11s %11s %11s %11s\n",
                           "command", "count", "errors", "retries", "open",
                           "min", "mean", "p99", "max");
    for (guint i = 0; i < rows->len; i++) {
        const Row *row = g_ptr_array_index(rows, i);

        if (json) {
            g_string_append(out, i ? "," : "");
            add_json(out, row);
            continue;
        }
        g_string_append_printf(out, "%-28s %9" G_GUINT64_FORMAT " %7"
                               G_GUINT64_FORMAT " %7" G_GUINT64_FORMAT " %5"
                               G_GUINT64_FORMAT, row->name, row->count,
                               row->errors, row->retries, row->open);
        add_durations(out, row);
    }
    g_string_append(out, json ? "]}\n" : "");
}
