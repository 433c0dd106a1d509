/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The final table; see render.h.
 */
#include "render.h"

#include "fields.h"

#include <string.h>

typedef struct Row {
    gint64 first;           /* statuses of the row, inclusive */
    gint64 last;
    char *status;           /* name, "" for an unnamed one */
    char *block;
    char *result;
    guint wire_min;
    guint wire_max;
    guint passed;
    guint failed;           /* and errors and time-outs */
    guint skipped;
} Row;

static void row_free(gpointer data)
{
    Row *row = data;

    g_free(row->status);
    g_free(row->block);
    g_free(row->result);
    g_free(row);
}

static Row *row_new(const Fields *fields)
{
    Row *row = g_new0(Row, 1);

    row->first = row->last = fields->number;
    row->status = g_strdup(fields->status);
    row->block = g_strdup(fields->block);
    row->result = g_strdup(fields->result);
    row->wire_min = row->wire_max = fields->wire;
    return row;
}

static void row_count(Row *row, const Fields *fields)
{
    row->wire_min = MIN(row->wire_min, fields->wire);
    row->wire_max = MAX(row->wire_max, fields->wire);
    if (g_str_equal(fields->verdict, "pass")) {
        row->passed++;
    } else if (g_str_equal(fields->verdict, "skip")) {
        row->skipped++;
    } else {
        row->failed++;
    }
}

/* Adds the case to the row of its kind, which may be a new one. */
static void add_record(GPtrArray *rows, GHashTable *index,
                       JsonObject *record)
{
    g_autofree char *key = NULL;
    Fields fields;
    Row *row;

    fields_read(&fields, record);
    key = g_strdup_printf("%" G_GINT64_FORMAT "|%s|%s|%s", fields.number,
                          fields.status, fields.block, fields.result);
    row = g_hash_table_lookup(index, key);
    if (!row) {
        row = row_new(&fields);
        g_ptr_array_add(rows, row);
        g_hash_table_insert(index, g_steal_pointer(&key), row);
    }
    row_count(row, &fields);
    fields_clear(&fields);
}

static guint row_cases(const Row *row)
{
    return row->passed + row->failed + row->skipped;
}

/* By status; what most of its cases became comes first. */
static int compare_rows(gconstpointer a, gconstpointer b)
{
    const Row *left = *(const Row *const *)a;
    const Row *right = *(const Row *const *)b;

    if (left->first != right->first) {
        return left->first < right->first ? -1 : 1;
    }
    if (row_cases(left) != row_cases(right)) {
        return row_cases(left) > row_cases(right) ? -1 : 1;
    }
    if (!g_str_equal(left->block, right->block)) {
        return strcmp(left->block, right->block);
    }
    return strcmp(left->result, right->result);
}

/* Statuses without a name that follow each other and ended alike. */
static bool can_merge(const Row *row, const Row *next)
{
    return row->first >= 0 && !row->status[0] && !next->status[0] &&
           next->first == row->last + 1 &&
           g_str_equal(row->block, next->block) &&
           g_str_equal(row->result, next->result) &&
           row->wire_min == next->wire_min &&
           row->wire_max == next->wire_max && !row->failed &&
           !next->failed;
}

static void merge_rows(GPtrArray *rows)
{
    guint kept = 0;

    for (guint i = 1; i < rows->len; i++) {
        Row *row = g_ptr_array_index(rows, kept);
        Row *next = g_ptr_array_index(rows, i);

        if (can_merge(row, next)) {
            row->last = next->last;
            row->passed += next->passed;
            row->skipped += next->skipped;
        } else {
            kept++;
            rows->pdata[i] = rows->pdata[kept];
            rows->pdata[kept] = next;
        }
    }
    if (rows->len > kept + 1) {
        g_ptr_array_remove_range(rows, kept + 1, rows->len - kept - 1);
    }
}

static char *status_cell(const Row *row)
{
    if (row->first < 0) {
        return g_strdup("-");
    }
    if (row->first == row->last) {
        return g_strdup_printf("0x%03x", (guint)row->first);
    }
    return g_strdup_printf("0x%03x-0x%03x", (guint)row->first,
                           (guint)row->last);
}

static char *wire_cell(const Row *row)
{
    return row->wire_min == row->wire_max ?
           g_strdup_printf("%u", row->wire_min) :
           g_strdup_printf("%u-%u", row->wire_min, row->wire_max);
}

static char *cases_cell(const Row *row)
{
    GString *text = g_string_new(NULL);

    if (row->passed || !row->skipped) {
        g_string_printf(text, "%u pass", row->passed);
    }
    if (row->failed) {
        g_string_append_printf(text, "%s%u FAIL", text->len ? ", " : "",
                               row->failed);
    }
    if (row->skipped) {
        g_string_append_printf(text, "%s%u skip", text->len ? ", " : "",
                               row->skipped);
    }
    return g_string_free(text, FALSE);
}

static void print_row(const Row *row, int width, FILE *out)
{
    g_autofree char *status = status_cell(row);
    g_autofree char *wire = wire_cell(row);
    g_autofree char *cases = cases_cell(row);

    fprintf(out, "%-11s  %-*s  %-20s  %-12s  %-8s  %s\n", status, width,
            row->status[0] ? row->status : "-", row->block, row->result,
            wire, cases);
}

static GPtrArray *rows_new(GPtrArray *records)
{
    GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);
    g_autoptr(GHashTable) index = g_hash_table_new_full(
        g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < records->len; i++) {
        add_record(rows, index, g_ptr_array_index(records, i));
    }
    g_ptr_array_sort(rows, compare_rows);
    merge_rows(rows);
    return rows;
}

static JsonObject *row_json(const Row *row)
{
    JsonObject *object = json_object_new();
    JsonObject *wire = json_object_new();

    if (row->first >= 0) {
        json_object_set_int_member(object, "first", row->first);
        json_object_set_int_member(object, "last", row->last);
    }
    json_object_set_string_member(object, "name", row->status);
    json_object_set_string_member(object, "blk_status", row->block);
    json_object_set_string_member(object, "errno", row->result);
    json_object_set_int_member(wire, "min", row->wire_min);
    json_object_set_int_member(wire, "max", row->wire_max);
    json_object_set_object_member(object, "commands", wire);
    json_object_set_int_member(object, "passed", row->passed);
    json_object_set_int_member(object, "failed", row->failed);
    json_object_set_int_member(object, "skipped", row->skipped);
    return object;
}

JsonArray *render_rows_json(GPtrArray *records)
{
    g_autoptr(GPtrArray) rows = rows_new(records);
    JsonArray *array = json_array_new();

    for (guint i = 0; i < rows->len; i++) {
        json_array_add_object_element(array, row_json(
            g_ptr_array_index(rows, i)));
    }
    return array;
}

void render_table(GPtrArray *records, FILE *out)
{
    g_autoptr(GPtrArray) rows = rows_new(records);
    int width = strlen("name");

    for (guint i = 0; i < rows->len; i++) {
        const Row *row = g_ptr_array_index(rows, i);

        width = MAX(width, (int)strlen(row->status));
    }
    fprintf(out, "%-11s  %-*s  %-20s  %-12s  %-8s  %s\n", "status", width,
            "name", "blk_status", "errno", "commands", "cases");
    for (guint i = 0; i < rows->len; i++) {
        print_row(g_ptr_array_index(rows, i), width, out);
    }
}
