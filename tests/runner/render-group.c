/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Grouping records by their text; see render-group.h.
 */
#include "render-group.h"

static void group_free(gpointer data)
{
    RenderGroup *group = data;

    g_free(group->text);
    g_ptr_array_unref(group->records);
    g_free(group);
}

GPtrArray *render_group(GPtrArray *records,
                        char *(*describe)(JsonObject *record))
{
    g_autoptr(GHashTable) index = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *groups = g_ptr_array_new_with_free_func(group_free);

    for (guint i = 0; i < records->len; i++) {
        JsonObject *record = g_ptr_array_index(records, i);
        g_autofree char *text = describe(record);
        RenderGroup *group = g_hash_table_lookup(index, text);

        if (!group) {
            group = g_new0(RenderGroup, 1);
            group->text = g_steal_pointer(&text);
            group->records = g_ptr_array_new();
            g_ptr_array_add(groups, group);
            g_hash_table_insert(index, group->text, group);
        }
        g_ptr_array_add(group->records, record);
    }
    return groups;
}
