/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index of a rule set: a hash table of groups of rules with equal keys,
 * each with two interval trees, a filter before the larger one, and a list.
 */
#include "index.h"

#include <stddef.h>

#include "opcode.h"

/* A shape is a number to the base 4 (queue) and 2 (the others). */
enum {
    SHAPE_QUEUE = 1,            /* names admin or io */
    SHAPE_QID = 2,              /* names one queue */
    SHAPE_ORDINAL = 3,          /* names one queue, and a place in it */
    SHAPE_OPCODE = 4,
    SHAPE_NSID = 8,
    SHAPE_CDW10 = 16,
    SHAPE_STATE = 32,
};

#define MIN_BUCKETS 16

static guint shape_queue(guint shape)
{
    return shape % SHAPE_OPCODE;
}

static gboolean shape_has(guint shape, guint member)
{
    return shape / member % 2;
}

static FiEntry *entry_of(FiInterval *node)
{
    return (FiEntry *)((char *)node - offsetof(FiEntry, node));
}

static void key_queue(FiKey *key, const FiEntry *entry)
{
    key->ordinal = fi_entry_ordinal(entry);
    if (entry->has_qid) {
        key->shape += key->ordinal ? SHAPE_ORDINAL : SHAPE_QID;
        key->queue = entry->qid;
    } else if (entry->queue != FI_QUEUE_ANY) {
        key->shape += SHAPE_QUEUE;
        key->queue = entry->queue;
    } else if (entry->has_cns || entry->has_lid || entry->has_fid) {
        /* these mean admin commands without saying so */
        key->shape += SHAPE_QUEUE;
        key->queue = FI_QUEUE_ADMIN;
    }
}

static void key_opcode(FiKey *key, const FiEntry *entry)
{
    if (entry->has_opcode) {
        key->shape += SHAPE_OPCODE;
        key->opcode = entry->opcode;
    } else if (entry->has_cns || entry->has_lid) {
        key->shape += SHAPE_OPCODE;
        key->opcode = entry->has_cns ? FI_ADMIN_IDENTIFY :
                                       FI_ADMIN_GET_LOG_PAGE;
    }
}

static FiKey key_of_entry(const FiEntry *entry)
{
    FiKey key = { .state = fi_entry_match_state(entry) };

    key_queue(&key, entry);
    key_opcode(&key, entry);
    if (entry->has_nsid) {
        key.shape += SHAPE_NSID;
        key.nsid = entry->nsid;
    }
    if (entry->has_cns || entry->has_lid || entry->has_fid) {
        key.shape += SHAPE_CDW10;
        key.cdw10 = entry->cdw10;
    }
    if (key.state) {
        key.shape += SHAPE_STATE;
    }
    return key;
}

static FiKey key_of_command(const FiCommand *command, const FiState *state,
                            guint shape)
{
    FiKey key = { .shape = shape };

    if (shape_queue(shape) == SHAPE_QID) {
        key.queue = command->qid;
    } else if (shape_queue(shape) == SHAPE_ORDINAL) {
        key.queue = command->qid;
        key.ordinal = command->ordinal;
    } else if (shape_queue(shape) == SHAPE_QUEUE) {
        key.queue = command->admin ? FI_QUEUE_ADMIN : FI_QUEUE_IO;
    }
    if (shape_has(shape, SHAPE_OPCODE)) {
        key.opcode = command->sqe[0] & 0xff;
    }
    if (shape_has(shape, SHAPE_NSID)) {
        key.nsid = command->sqe[1];
    }
    if (shape_has(shape, SHAPE_CDW10)) {
        key.cdw10 = command->sqe[10] & 0xff;
    }
    if (shape_has(shape, SHAPE_STATE)) {
        key.state = state;
    }
    return key;
}

static gboolean key_equal(const FiKey *a, const FiKey *b)
{
    return a->shape == b->shape && a->queue == b->queue &&
           a->opcode == b->opcode && a->nsid == b->nsid &&
           a->cdw10 == b->cdw10 && a->state == b->state &&
           a->ordinal == b->ordinal;
}

static guint64 key_hash(const FiKey *key)
{
    guint64 h = (guint64)key->nsid << 32 | (guint64)key->queue << 16 |
                (guint64)key->opcode << 8 | key->shape;

    /* multiplication carries upwards only: fold the upper half back */
    h = (h ^ key->cdw10) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
    h = (h ^ (h >> 32) ^ (guintptr)key->state ^ key->ordinal) *
        G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
    return h ^ (h >> 32);
}

static FiGroup **find_group(FiIndex *index, const FiKey *key)
{
    FiGroup **link = &index->buckets[key_hash(key) & (index->n_buckets - 1)];

    while (*link && !key_equal(&(*link)->key, key)) {
        link = &(*link)->next;
    }
    return link;
}

static void grow(FiIndex *index)
{
    FiGroup **old = index->buckets;
    guint n_old = index->n_buckets;

    index->n_buckets = MAX(MIN_BUCKETS, n_old * 2);
    index->buckets = g_new0(FiGroup *, index->n_buckets);
    for (guint i = 0; i < n_old; i++) {
        while (old[i]) {
            FiGroup *group = old[i];
            FiGroup **link = find_group(index, &group->key);

            old[i] = group->next;
            group->next = *link;
            *link = group;
        }
    }
    g_free(old);
}

static FiGroup *group_for(FiIndex *index, const FiKey *key)
{
    FiGroup **link, *group;

    if (index->n_groups == index->n_buckets) {
        grow(index);
    }
    link = find_group(index, key);
    if (*link) {
        return *link;
    }
    group = g_new0(FiGroup, 1);
    group->key = *key;
    *link = group;
    index->n_groups++;
    index->shape_groups[key->shape]++;
    index->shapes |= G_GUINT64_CONSTANT(1) << key->shape;
    return group;
}

static void drop_group_if_empty(FiIndex *index, FiGroup *group)
{
    guint shape = group->key.shape;

    if (group->narrow || group->wide || group->rangeless) {
        return;
    }
    *find_group(index, &group->key) = group->next;
    index->n_groups--;
    if (--index->shape_groups[shape] == 0) {
        index->shapes &= ~(G_GUINT64_CONSTANT(1) << shape);
    }
    g_free(group);
}

/* The tree of @group that a rule with this range belongs to. */
static FiInterval **tree_for(FiGroup *group, const FiInterval *node)
{
    return fi_filter_takes(node->first, node->last) ? &group->narrow :
                                                      &group->wide;
}

static void ranged_insert(FiGroup *group, FiInterval *node)
{
    FiInterval **tree = tree_for(group, node);

    fi_interval_insert(tree, node);
    if (tree == &group->narrow) {
        fi_filter_add(&group->filter, node, *tree);
    }
}

static void ranged_remove(FiGroup *group, FiInterval *node)
{
    FiInterval **tree = tree_for(group, node);

    fi_interval_remove(tree, node);
    if (tree == &group->narrow) {
        fi_filter_remove(&group->filter, node);
    }
}

/* Counts @entry in or out of the answer of fi_index_wants_ranges(). */
static void count_ranged(FiIndex *index, const FiEntry *entry, int change)
{
    if (entry->queue == FI_QUEUE_ADMIN) {
        return;
    }
    if (entry->has_opcode) {
        index->ranged_by_opcode[entry->opcode] += change;
    } else {
        index->ranged_any_opcode += change;
    }
}

static void list_insert(FiInterval **list, FiInterval *node)
{
    node->left = NULL;
    node->right = *list;
    if (*list) {
        (*list)->left = node;
    }
    *list = node;
}

static void list_remove(FiInterval **list, FiInterval *node)
{
    if (node->right) {
        node->right->left = node->left;
    }
    if (node->left) {
        node->left->right = node->right;
    } else {
        *list = node->right;
    }
}

void fi_index_insert(FiIndex *index, FiEntry *entry)
{
    FiKey key = key_of_entry(entry);
    FiGroup *group = group_for(index, &key);

    entry->group = group;
    if (entry->has_range) {
        ranged_insert(group, &entry->node);
        count_ranged(index, entry, 1);
    } else {
        list_insert(&group->rangeless, &entry->node);
    }
}

void fi_index_remove(FiIndex *index, FiEntry *entry)
{
    FiGroup *group = entry->group;

    if (entry->has_range) {
        ranged_remove(group, &entry->node);
        count_ranged(index, entry, -1);
    } else {
        list_remove(&group->rangeless, &entry->node);
    }
    drop_group_if_empty(index, group);
}

void fi_index_done(FiIndex *index)
{
    g_free(index->buckets);
    *index = (FiIndex) { 0 };
}

typedef struct Visit {
    FiIndexFunc func;
    gpointer opaque;
} Visit;

static void visit_node(FiInterval *node, gpointer opaque)
{
    Visit *visit = opaque;

    visit->func(entry_of(node), visit->opaque);
}

static gsize visit_range(const FiGroup *group, const FiRange *range,
                         Visit *visit)
{
    guint64 first = range->slba;
    guint64 last = first + (range->nlb - 1);
    gsize looked_at = 0;

    if (range->nlb == 0) {
        return 0;
    }
    if (last < first) {
        last = G_MAXUINT64;
    }
    if (group->narrow && fi_filter_may_overlap(&group->filter, first, last)) {
        looked_at += fi_interval_overlaps(group->narrow, first, last,
                                          visit_node, visit);
    }
    if (group->wide) {
        looked_at += fi_interval_overlaps(group->wide, first, last,
                                          visit_node, visit);
    }
    return looked_at;
}

static gsize visit_group(const FiGroup *group, const FiCommand *command,
                         Visit *visit)
{
    gsize looked_at = 0;

    for (FiInterval *node = group->rangeless; node; node = node->right) {
        visit_node(node, visit);
        looked_at++;
    }
    for (gsize i = 0; i < command->n_ranges; i++) {
        looked_at += visit_range(group, &command->ranges[i], visit);
    }
    return looked_at;
}

gsize fi_index_lookup(FiIndex *index, const FiCommand *command,
                      const FiState *state, FiIndexFunc func, gpointer opaque)
{
    Visit visit = { func, opaque };
    gsize looked_at = 0;

    for (guint64 shapes = index->shapes; shapes; shapes &= shapes - 1) {
        guint shape = __builtin_ctzll(shapes);
        FiKey key = key_of_command(command, state, shape);
        FiGroup *group = *find_group(index, &key);

        looked_at++;
        if (group) {
            looked_at += visit_group(group, command, &visit);
        }
    }
    return looked_at;
}
