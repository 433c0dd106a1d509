/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of a set by id: a hash table whose links are in the entries.
 */
#ifndef FI_IDS_H
#define FI_IDS_H

#include "entry.h"

typedef struct FiIds {
    FiEntry **buckets;
    guint n_buckets;            /* 0 or a power of two */
    guint n_entries;
} FiIds;

void fi_ids_done(FiIds *ids);   /* the entries are the caller's */
FiEntry *fi_ids_find(const FiIds *ids, const char *id);     /* or NULL */
/* FALSE, and nothing done, if the id is taken. */
gboolean fi_ids_insert(FiIds *ids, FiEntry *entry);
void fi_ids_remove(FiIds *ids, FiEntry *entry);

#endif
