/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Printing comparisons; see compare-show.h.
 */
#include "compare-show.h"

#include "compare-text.h"
#include "json-util.h"
#include "observe.h"

#include <string.h>

/* Columns of a terminal. */
#define WIDTH 79

/* A way to differ, and the cases that do. */
typedef struct Way {
    Layer layer;
    GPtrArray *texts;       /* of each run */
    char *verdicts;         /* of each run, "" where they say no more */
    GPtrArray *names;       /* of the cases; borrowed */
} Way;

static void way_free(gpointer data)
{
    Way *way = data;

    g_ptr_array_unref(way->texts);
    g_ptr_array_unref(way->names);
    g_free(way->verdicts);
    g_free(way);
}

static Layer layer_of(const char *name)
{
    Layer layer = 0;

    while (layer < LAYER_COUNT - 1 &&
           g_strcmp0(name, layer_name(layer)) != 0) {
        layer++;
    }
    return layer;
}

/* "A pass, B fail" where both were judged and not alike. */
static char *verdicts_text(JsonArray *verdicts)
{
    GString *text = g_string_new(NULL);
    const char *first = NULL;
    bool differ = false;

    for (guint i = 0; i < json_array_get_length(verdicts); i++) {
        const char *verdict = json_util_element_string(verdicts, i);

        if (verdict && (g_str_equal(verdict, "pass") ||
                        g_str_equal(verdict, "fail"))) {
            differ |= first && !g_str_equal(first, verdict);
            first = verdict;
            g_string_append_printf(text, "%s%c %s", text->len ? ", " : "",
                                   'A' + (int)i, verdict);
        }
    }
    if (!differ) {
        g_string_truncate(text, 0);
    }
    return g_string_free(text, FALSE);
}

static Way *way_new(JsonObject *parted)
{
    Way *way = g_new0(Way, 1);

    way->layer = layer_of(json_util_string(parted, "layer"));
    way->texts = compare_texts(json_util_array(parted, "values"));
    way->names = g_ptr_array_new();
    way->verdicts = verdicts_text(json_util_array(parted, "verdicts"));
    return way;
}

/* Log lines name other sectors in each case: numbers do not tell ways apart. */
static char *way_key(const Way *way)
{
    GString *key = g_string_new(layer_name(way->layer));

    for (guint i = 0; i < way->texts->len; i++) {
        const char *text = g_ptr_array_index(way->texts, i);

        g_string_append_c(key, '\x1f');
        for (; *text; text++) {
            if (way->layer != LAYER_LOG || !g_ascii_isdigit(*text)) {
                g_string_append_c(key, *text);
            } else if (!g_ascii_isdigit(text[1])) {
                g_string_append_c(key, '#');
            }
        }
    }
    g_string_append_printf(key, "\x1f%s", way->verdicts);
    return g_string_free(key, FALSE);
}

static void add_ways(GPtrArray *ways, GHashTable *index, JsonArray *list,
                     bool all)
{
    for (guint i = 0; i < json_array_get_length(list); i++) {
        JsonObject *parted = json_util_element_object(list, i);
        Way *way = way_new(parted);
        g_autofree char *key = way_key(way);
        Way *known = all ? NULL : g_hash_table_lookup(index, key);

        if (known) {
            way_free(way);
        } else {
            known = way;
            g_ptr_array_add(ways, way);
            g_hash_table_insert(index, g_steal_pointer(&key), way);
        }
        g_ptr_array_add(known->names,
                        (char *)json_util_string(parted, "case"));
    }
}

/* By layer; what most cases do comes first. */
static int compare_ways(gconstpointer a, gconstpointer b)
{
    const Way *left = *(const Way *const *)a;
    const Way *right = *(const Way *const *)b;

    if (left->layer != right->layer) {
        return left->layer < right->layer ? -1 : 1;
    }
    if (left->names->len != right->names->len) {
        return left->names->len > right->names->len ? -1 : 1;
    }
    return strcmp(g_ptr_array_index(left->names, 0),
                  g_ptr_array_index(right->names, 0));
}

/* As many names as fit a line, and how many more there are. */
static void print_names(const Way *way, FILE *out)
{
    int column = fprintf(out, "%-8s  %5u  ", layer_name(way->layer),
                         way->names->len);
    guint i;

    for (i = 0; i < way->names->len; i++) {
        const char *name = g_ptr_array_index(way->names, i);

        if (i > 0 && column + 2 + strlen(name) + strlen(", ...") > WIDTH) {
            break;
        }
        column += fprintf(out, "%s%s", i ? ", " : "", name);
    }
    fprintf(out, "%s\n", i < way->names->len ? ", ..." : "");
}

static void print_lines(const char *text, int indent, FILE *out)
{
    const char *end;

    for (; (end = strchr(text, '\n')); text = end + 1) {
        fprintf(out, "%.*s\n%*s", (int)(end - text), text, indent, "");
    }
    fprintf(out, "%s\n", text);
}

/* Runs that saw the same share a line. */
static void print_texts(const Way *way, FILE *out)
{
    for (guint i = 0; i < way->texts->len; i++) {
        const char *text = g_ptr_array_index(way->texts, i);
        int column = 0;
        guint k = 0;

        while (!g_str_equal(g_ptr_array_index(way->texts, k), text)) {
            k++;
        }
        if (k < i) {
            continue;
        }
        column = fprintf(out, "%8s", "");
        for (k = i; k < way->texts->len; k++) {
            if (g_str_equal(g_ptr_array_index(way->texts, k), text)) {
                column += fprintf(out, "  %c", 'A' + (int)k);
            }
        }
        column += fprintf(out, "  ");
        print_lines(text, column, out);
    }
    if (way->verdicts[0]) {
        fprintf(out, "%8s  verdicts: %s\n", "", way->verdicts);
    }
}

/* "3355 cases: 3300 pass, 55 skip" */
static void print_counts(JsonObject *run, FILE *out)
{
    JsonObject *verdicts = json_util_object(run, "verdicts");
    g_autoptr(GList) names = json_object_get_members(verdicts);
    const char *between = ": ";
    gint64 cases = 0;

    json_util_int(run, "cases", &cases);
    fprintf(out, "%d case%s", (int)cases, cases == 1 ? "" : "s");
    for (GList *name = names; name; name = name->next) {
        gint64 count = 0;

        json_util_int(verdicts, name->data, &count);
        if (count) {
            fprintf(out, "%s%d %s", between, (int)count,
                    (const char *)name->data);
            between = ", ";
        }
    }
    fputc('\n', out);
}

static int longest(JsonArray *runs, const char *name)
{
    gsize length = 1;

    for (guint i = 0; i < json_array_get_length(runs); i++) {
        const char *text = json_util_string(json_util_element_object(runs, i),
                                            name);

        length = MAX(length, text ? strlen(text) : 0);
    }
    return length;
}

static void print_runs(JsonArray *runs, FILE *out)
{
    int names = longest(runs, "name");
    int kernels = longest(runs, "kernel");

    for (guint i = 0; i < json_array_get_length(runs); i++) {
        JsonObject *run = json_util_element_object(runs, i);
        const char *kernel = json_util_string(run, "kernel");

        fprintf(out, "%c  %-*s  %-*s  ", 'A' + (int)i, names,
                json_util_string(run, "name"), kernels,
                kernel ? kernel : "-");
        print_counts(run, out);
    }
    fputc('\n', out);
}

static void print_totals(JsonObject *comparison, FILE *out)
{
    guint differing =
        json_array_get_length(json_util_array(comparison, "differing"));
    guint only = json_array_get_length(json_util_array(comparison, "only"));
    gint64 same = 0;

    json_util_int(comparison, "same", &same);
    fprintf(out, "%d the same, %u differ", (int)same, differing);
    if (only) {
        fprintf(out, ", %u in some runs only", only);
    }
    fputc('\n', out);
}

void compare_show(JsonObject *comparison, bool all, FILE *out)
{
    g_autoptr(GPtrArray) ways = g_ptr_array_new_with_free_func(way_free);
    g_autoptr(GHashTable) index = g_hash_table_new_full(
        g_str_hash, g_str_equal, g_free, NULL);

    print_runs(json_util_array(comparison, "runs"), out);
    add_ways(ways, index, json_util_array(comparison, "differing"), all);
    add_ways(ways, index, json_util_array(comparison, "only"), all);
    g_ptr_array_sort(ways, compare_ways);
    if (ways->len > 0) {
        fputs("differ at  cases\n", out);
    }
    for (guint i = 0; i < ways->len; i++) {
        print_names(g_ptr_array_index(ways, i), out);
        print_texts(g_ptr_array_index(ways, i), out);
    }
    fputs(ways->len > 0 ? "\n" : "", out);
    print_totals(comparison, out);
}
