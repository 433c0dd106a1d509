/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Putting shards together; see merge.h.
 */
#include "merge.h"

#include "fail.h"
#include "json-util.h"
#include "usage.h"

#include <gio/gio.h>

static bool load_run(Part *part, GError **error)
{
    g_autofree char *path = g_build_filename(part->dir, "run.json", NULL);
    g_autofree char *text = NULL;
    JsonObject *shard;
    gsize length;

    if (!g_file_get_contents(path, &text, &length, error)) {
        return false;
    }
    part->run = json_util_parse_object(text, length, error);
    if (!part->run) {
        g_prefix_error(error, "%s: ", path);
        return false;
    }
    if (!json_object_has_member(part->run, "shard")) {
        return true;
    }
    shard = json_util_object(part->run, "shard");
    if (!json_util_int(shard, "index", &part->index) ||
        !json_util_int(shard, "count", &part->count) || part->index < 1 ||
        part->index > part->count) {
        return fail(error, "%s: 'shard' is no {\"index\": I, \"count\": N} "
                    "with 1 <= I <= N", path);
    }
    return true;
}

Part *part_load(const char *dir, GError **error)
{
    g_autoptr(Part) part = g_new0(Part, 1);
    gint64 cases = -1;

    part->dir = g_strdup(dir);
    if (!g_file_test(dir, G_FILE_TEST_EXISTS)) {
        g_autofree char *near = usage_near_file(dir);

        fail(error, "%s: there is no such results folder%s", dir, near);
        return NULL;
    }
    if (!load_run(part, error)) {
        return NULL;
    }
    json_util_int(part->run, "cases", &cases);
    if (cases != 0) {
        part->results = results_load(dir, error);
        if (!part->results) {
            return NULL;
        }
    }
    return g_steal_pointer(&part);
}

void part_free(Part *part)
{
    if (part) {
        g_clear_pointer(&part->run, json_object_unref);
        results_free(part->results);
        g_free(part->dir);
        g_free(part);
    }
}

static int compare_parts(gconstpointer a, gconstpointer b)
{
    const Part *left = *(const Part *const *)a;
    const Part *right = *(const Part *const *)b;

    if (left->index != right->index) {
        return left->index < right->index ? -1 : 1;
    }
    return g_strcmp0(left->dir, right->dir);
}

static bool check_member(const Part *first, const Part *part,
                         const char *name, GError **error)
{
    JsonNode *one = json_object_get_member(first->run, name);
    JsonNode *other = json_object_get_member(part->run, name);
    g_autofree char *one_text = NULL;
    g_autofree char *other_text = NULL;

    if (one == other || (one && other && json_node_equal(one, other))) {
        return true;
    }
    one_text = json_util_node_text(one);
    other_text = json_util_node_text(other);
    return fail(error, "not parts of one run: '%s' is %s in %s and %s in %s",
                name, one_text, first->dir, other_text, part->dir);
}

static bool check_kernel(const Part *first, const Part *part, GError **error)
{
    const char *one = first->results ? first->results->kernel : NULL;
    const char *other = part->results ? part->results->kernel : NULL;

    return !one || !other || g_str_equal(one, other) ||
           fail(error, "not parts of one run: the kernel is %s in %s and %s "
                "in %s", one, first->dir, other, part->dir);
}

static bool check_pair(const Part *first, const Part *part, GError **error)
{
    if (!check_kernel(first, part, error) ||
        !check_member(first, part, "kernel-name", error)) {
        return false;
    }
    if (!part->count && !first->count) {
        return true;        /* runs of other suites, put together */
    }
    if (part->count != first->count) {
        return fail(error, "not parts of one run: %s is shard %d/%d, %s is "
                    "%d/%d", first->dir, (int)first->index,
                    (int)first->count, part->dir, (int)part->index,
                    (int)part->count);
    }
    return check_member(first, part, "suites", error) &&
           check_member(first, part, "filters", error);
}

static bool check_twice(GPtrArray *parts, GError **error)
{
    g_autoptr(GHashTable) where = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < parts->len; i++) {
        const Part *part = g_ptr_array_index(parts, i);
        guint count = part->results ? part->results->records->len : 0;

        for (guint k = 0; k < count; k++) {
            const char *name =
                json_util_string(g_ptr_array_index(part->results->records,
                                                   k), "case");
            const char *before = g_hash_table_lookup(where, name);

            if (before) {
                return fail(error, "case %s is in %s and in %s", name,
                            before, part->dir);
            }
            g_hash_table_insert(where, (char *)name, part->dir);
        }
    }
    return true;
}

static bool check_shards(GPtrArray *parts, bool partial, GError **error)
{
    const Part *first = g_ptr_array_index(parts, 0);
    g_autoptr(GString) missing = g_string_new(NULL);
    guint next = 0;

    for (gint64 index = 1; index <= first->count; index++) {
        const Part *part = next < parts->len ?
                           g_ptr_array_index(parts, next) : NULL;

        if (!part || part->index != index) {
            g_string_append_printf(missing, "%s%d/%d", missing->len ? ", " :
                                   "", (int)index, (int)first->count);
            continue;
        }
        next++;
        if (next < parts->len &&
            ((Part *)g_ptr_array_index(parts, next))->index == index) {
            return fail(error, "shard %d/%d is in %s and in %s", (int)index,
                        (int)first->count, part->dir,
                        ((Part *)g_ptr_array_index(parts, next))->dir);
        }
    }
    return missing->len == 0 || partial ||
           fail(error, "missing: shard %s; --partial merges what is there",
                missing->str);
}

bool merge_check(GPtrArray *parts, bool partial, GError **error)
{
    const Part *first;

    g_ptr_array_sort(parts, compare_parts);
    first = g_ptr_array_index(parts, 0);
    for (guint i = 1; i < parts->len; i++) {
        if (!check_pair(first, g_ptr_array_index(parts, i), error)) {
            return false;
        }
    }
    return check_shards(parts, partial, error) && check_twice(parts, error);
}

GPtrArray *merge_records(GPtrArray *parts)
{
    GPtrArray *records = g_ptr_array_new();
    const Part *first = g_ptr_array_index(parts, 0);
    bool dealt = first->count > 0;
    bool more = true;

    /* one of each shard in turn, or one run behind the other */
    for (guint k = 0; more; k++) {
        more = false;
        for (guint i = 0; i < parts->len; i++) {
            const Part *part = g_ptr_array_index(parts, i);
            guint count = part->results ? part->results->records->len : 0;

            for (guint n = dealt ? k : 0; (dealt || k == 0) && n < count;
                 n++) {
                g_ptr_array_add(records, g_ptr_array_index(
                    part->results->records, n));
                if (dealt) {
                    more = true;
                    break;
                }
            }
        }
    }
    return records;
}

guint merge_total(GPtrArray *parts)
{
    guint total = 0;

    for (guint i = 0; i < parts->len; i++) {
        const Part *part = g_ptr_array_index(parts, i);
        gint64 cases = part->results ? part->results->records->len : 0;

        json_util_int(part->run, "cases", &cases);
        total += MAX(cases, 0);
    }
    return total;
}
