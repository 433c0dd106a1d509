/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ids of a rule set.
 */
#include "ids.h"

#include <string.h>

#define MIN_BUCKETS 16

static FiEntry **find(const FiIds *ids, const char *id, guint32 hash)
{
    FiEntry **link = &ids->buckets[hash & (ids->n_buckets - 1)];

    while (*link &&
           ((*link)->id_hash != hash || strcmp((*link)->id, id) != 0)) {
        link = &(*link)->next_id;
    }
    return link;
}

static void grow(FiIds *ids)
{
    guint n_buckets = MAX(MIN_BUCKETS, ids->n_buckets * 2);
    FiEntry **buckets = g_new0(FiEntry *, n_buckets);

    for (guint i = 0; i < ids->n_buckets; i++) {
        while (ids->buckets[i]) {
            FiEntry *entry = ids->buckets[i];
            FiEntry **bucket = &buckets[entry->id_hash & (n_buckets - 1)];

            ids->buckets[i] = entry->next_id;
            entry->next_id = *bucket;
            *bucket = entry;
        }
    }
    g_free(ids->buckets);
    ids->buckets = buckets;
    ids->n_buckets = n_buckets;
}

void fi_ids_done(FiIds *ids)
{
    g_free(ids->buckets);
    *ids = (FiIds) { 0 };
}

FiEntry *fi_ids_find(const FiIds *ids, const char *id)
{
    return ids->n_buckets ? *find(ids, id, g_str_hash(id)) : NULL;
}

gboolean fi_ids_insert(FiIds *ids, FiEntry *entry)
{
    FiEntry **link;

    if (ids->n_entries == ids->n_buckets) {
        grow(ids);
    }
    entry->id_hash = g_str_hash(entry->id);
    link = find(ids, entry->id, entry->id_hash);
    if (*link) {
        return FALSE;
    }
    entry->next_id = NULL;
    *link = entry;
    ids->n_entries++;
    return TRUE;
}

void fi_ids_remove(FiIds *ids, FiEntry *entry)
{
    *find(ids, entry->id, entry->id_hash) = entry->next_id;
    ids->n_entries--;
}
