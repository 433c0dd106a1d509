/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line for each way that a fault took; see render.h.
 */
#include "render.h"

#include "fields.h"
#include "json-util.h"
#include "render-group.h"

#include <string.h>

/* Columns of a terminal. */
#define WIDTH 79

/* "0x4286 x6" for runs of the member "status" of @array. */
static void add_statuses(GString *text, JsonArray *array)
{
    guint count = array ? json_array_get_length(array) : 0;
    guint times = 0;

    for (guint i = 0; i < count; i++) {
        JsonObject *next = i + 1 < count ?
                           json_util_element_object(array, i + 1) : NULL;
        gint64 status = -1;
        gint64 next_status = -1;

        json_util_int(json_util_element_object(array, i), "status", &status);
        json_util_int(next, "status", &next_status);
        times++;
        if (next && status == next_status) {
            continue;
        }
        g_string_append_printf(text, "%s0x%x", i + 1 > times ? ", " : "",
                               (guint)status);
        if (times > 1) {
            g_string_append_printf(text, " x%u", times);
        }
        times = 0;
    }
    if (count == 0) {
        g_string_append(text, "nothing");
    }
}

static gint64 retries_of(JsonArray *completions)
{
    guint count = completions ? json_array_get_length(completions) : 0;
    gint64 most = 0;

    for (guint i = 0; i < count; i++) {
        gint64 retries = 0;

        json_util_int(json_util_element_object(completions, i), "retries",
                      &retries);
        most = MAX(most, retries);
    }
    return most;
}

/* CQEs -> retries of the driver -> block status -> errno -> program */
static char *brief_text(JsonObject *record)
{
    GString *text = g_string_new("CQE ");
    JsonObject *device = json_util_object(record, "device");
    JsonObject *driver = json_util_object(record, "driver");
    const char *error = json_util_string(json_util_object(record, "block"),
                                         "errno");
    gint64 retries = retries_of(json_util_array(driver, "completions"));
    Fields fields;

    fields_read(&fields, record);
    add_statuses(text, json_util_array(device, "commands"));
    g_string_append_printf(text, " -> driver: %d %s -> BLK_STS_%s -> %s -> "
                           "program: %s", (int)retries,
                           retries == 1 ? "retry" : "retries", fields.block,
                           error ? error : "no error", fields.result);
    if (!g_str_equal(fields.verdict, "pass")) {
        g_string_append_printf(text, "  [%s]", fields.verdict);
    }
    fields_clear(&fields);
    return g_string_free(text, FALSE);
}

static void print_names(GPtrArray *group, FILE *out)
{
    int column = 0;

    for (guint i = 0; i < group->len; i++) {
        const char *name = json_util_string(g_ptr_array_index(group, i),
                                            "case");
        int len = strlen(name);

        if (column > 0 && column + 1 + len > WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        column += fprintf(out, "%s%s", column ? " " : "    ", name);
    }
    fputc('\n', out);
}

void render_brief(GPtrArray *records, FILE *out)
{
    g_autoptr(GPtrArray) ways = render_group(records, brief_text);

    for (guint i = 0; i < ways->len; i++) {
        RenderGroup *group = g_ptr_array_index(ways, i);

        fprintf(out, "%s\n", group->text);
        print_names(group->records, out);
    }
    fputc('\n', out);
}
