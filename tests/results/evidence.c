/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copying consoles; see evidence.h.
 */
#include "evidence.h"

#include <gio/gio.h>

/* As tests/runner/lane.c names them. */
static bool is_evidence(const char *name)
{
    return g_pattern_match_simple("console-*.log", name) ||
           g_pattern_match_simple("qemu-*.stderr", name);
}

static bool copy(const char *from, const char *to, GError **error)
{
    g_autoptr(GFile) source = g_file_new_for_path(from);
    g_autoptr(GFile) target = g_file_new_for_path(to);

    return g_file_copy(source, target, G_FILE_COPY_NONE, NULL, NULL, NULL,
                       error);
}

static bool copy_part(const Part *part, guint number, const char *out,
                      GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(part->dir, 0, error);
    const char *name;

    if (!dir) {
        return false;
    }
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *from = g_build_filename(part->dir, name, NULL);
        g_autofree char *to = g_strdup_printf(
            "%s/%s-%u-%s", out, part->count ? "shard" : "run", part->count ?
            (guint)part->index : number, name);

        if (is_evidence(name) && !copy(from, to, error)) {
            return false;
        }
    }
    return true;
}

bool evidence_copy(GPtrArray *parts, const char *out, GError **error)
{
    for (guint i = 0; i < parts->len; i++) {
        if (!copy_part(g_ptr_array_index(parts, i), i + 1, out, error)) {
            return false;
        }
    }
    return true;
}
