/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading results folders; see load.h.
 */
#include "load.h"

#include "json-util.h"
#include "usage.h"

#include <gio/gio.h>
#include <string.h>

static bool fail(GError **error, const Results *results, guint line,
                 const char *what, const char *detail)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s:%u: %s%s",
                results->path, line, what, detail);
    return false;
}

/* What of the run stands in each record, taken from the first that has it. */
static void keep_member(char **member, JsonObject *record, const char *name)
{
    if (!*member) {
        *member = g_strdup(json_util_string(record, name));
    }
}

/* Takes @record. */
static bool add_record(Results *results, guint line, JsonObject *record,
                       GError **error)
{
    const char *name = json_util_string(record, "case");

    g_ptr_array_add(results->records, record);
    if (!name) {
        return fail(error, results, line, "no record of a case: ",
                    "the string 'case' is missing");
    }
    if (!g_hash_table_insert(results->by_case, (char *)name, record)) {
        return fail(error, results, line, "a second record of case ", name);
    }
    keep_member(&results->kernel, record, "kernel");
    keep_member(&results->qemu, record, "qemu");
    return true;
}

static bool parse(Results *results, const char *text, GError **error)
{
    guint number = 1;

    for (const char *line = text; *line; number++) {
        const char *end = strchrnul(line, '\n');
        g_autoptr(GError) reason = NULL;
        JsonObject *record;

        if (end > line) {
            record = json_util_parse_object(line, end - line, &reason);
            if (!record) {
                return fail(error, results, number, "", reason->message);
            }
            if (!add_record(results, number, record, error)) {
                return false;
            }
        }
        line = *end ? end + 1 : end;
    }
    if (results->records->len == 0) {
        return fail(error, results, 1, "no record in this file", "");
    }
    return true;
}

Results *results_load(const char *name, GError **error)
{
    g_autoptr(Results) results = g_new0(Results, 1);
    g_autofree char *text = NULL;

    results->name = g_strdup(name);
    results->path = g_file_test(name, G_FILE_TEST_IS_DIR) ?
        g_build_filename(name, "results.jsonl", NULL) : g_strdup(name);
    results->records = g_ptr_array_new_with_free_func(
        (GDestroyNotify)json_object_unref);
    results->by_case = g_hash_table_new(g_str_hash, g_str_equal);
    if (!g_file_test(name, G_FILE_TEST_EXISTS)) {
        g_autofree char *near = usage_near_file(name);

        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                    "%s: there is no such results folder%s", name, near);
        return NULL;
    }
    if (!g_file_get_contents(results->path, &text, NULL, error) ||
        !parse(results, text, error)) {
        return NULL;
    }
    return g_steal_pointer(&results);
}

void results_free(Results *results)
{
    if (!results) {
        return;
    }
    g_hash_table_unref(results->by_case);
    g_ptr_array_unref(results->records);
    g_free(results->name);
    g_free(results->path);
    g_free(results->kernel);
    g_free(results->qemu);
    g_free(results);
}
