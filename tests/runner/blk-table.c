/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block status names; see blk-table.h.
 */
#include "blk-table.h"

#include <gio/gio.h>
#include <stdbool.h>

typedef struct BlkRow {
    char *name;
    char *errno_name;
    guint since;            /* major * 1000 + minor */
    guint until;            /* exclusive */
} BlkRow;

struct BlkTable {
    GPtrArray *rows;
};

static void row_free(gpointer data)
{
    BlkRow *row = data;

    g_free(row->name);
    g_free(row->errno_name);
    g_free(row);
}

/* "6.12.107+deb13" -> 6012; false when it is no version. */
static bool parse_version(const char *text, guint *version)
{
    char *end;
    guint64 major = g_ascii_strtoull(text, &end, 10);

    if (end == text || *end != '.' || !g_ascii_isdigit(end[1])) {
        return false;
    }
    *version = major * 1000 + g_ascii_strtoull(end + 1, NULL, 10);
    return true;
}

static bool parse_row(BlkTable *table, char *line)
{
    g_auto(GStrv) words = NULL;
    g_autoptr(GPtrArray) fields = g_ptr_array_new();
    BlkRow row = { .until = G_MAXUINT };

    line = g_strstrip(line);
    if (line[0] == '\0' || line[0] == '#') {
        return true;
    }
    words = g_strsplit_set(line, " \t", -1);
    for (guint i = 0; words[i]; i++) {
        if (words[i][0]) {
            g_ptr_array_add(fields, words[i]);
        }
    }
    if (fields->len < 4 || !parse_version(fields->pdata[2], &row.since) ||
        (!g_str_equal(fields->pdata[3], "-") &&
         !parse_version(fields->pdata[3], &row.until))) {
        return false;
    }
    row.name = g_strdup(fields->pdata[0]);
    row.errno_name = g_strdup(fields->pdata[1]);
    g_ptr_array_add(table->rows, g_memdup2(&row, sizeof(row)));
    return true;
}

BlkTable *blk_table_load(const char *dir, GError **error)
{
    g_autofree char *path = g_build_filename(dir, "blk_errors", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    g_autoptr(BlkTable) table = NULL;

    if (!g_file_get_contents(path, &text, NULL, error)) {
        g_prefix_error(error, "--expect-dir: ");
        return NULL;
    }
    table = g_new0(BlkTable, 1);
    table->rows = g_ptr_array_new_with_free_func(row_free);
    lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        if (!parse_row(table, lines[i])) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                        "%s:%u: expected \"NAME ERRNO SINCE UNTIL\"", path,
                        i + 1);
            return NULL;
        }
    }
    return g_steal_pointer(&table);
}

void blk_table_free(BlkTable *table)
{
    if (table) {
        g_ptr_array_unref(table->rows);
        g_free(table);
    }
}

const char *blk_table_status(const BlkTable *table, const char *release,
                             const char *errno_name)
{
    guint version;

    if (!errno_name) {
        return "OK";
    }
    if (!parse_version(release, &version)) {
        return NULL;
    }
    for (guint i = 0; i < table->rows->len; i++) {
        const BlkRow *row = table->rows->pdata[i];

        if (version >= row->since && version < row->until &&
            g_str_equal(row->errno_name, errno_name)) {
            return row->name;
        }
    }
    return NULL;
}
