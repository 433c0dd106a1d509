/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Actions forbid and expect: the commands that the host must not, or must,
 * send.  Nothing happens to them.
 */
#include "qemu/osdep.h"
#include "qapi/qapi-events-nvme-fi.h"
#include "qemu/timer.h"
#include "action.h"

/* A rule with action expect. */
typedef struct Expected {
    FiEntry *entry;
    int64_t deadline;           /* of the virtual clock */
    GSequenceIter *place;       /* among the deadlines; NULL: not there */
    bool violated;
} Expected;

struct NvmeFiWatch {
    GHashTable *expected;       /* by entry; owns the Expected */
    GSequence *deadlines;       /* of Expected, the earliest first */
    QEMUTimer *timer;           /* at the first of them */
};

static void violation(NvmeFi *fi, const FiEntry *entry,
                      NvmeFiActionType action)
{
    qapi_event_send_nvme_fi_violation(fi->device, fi_entry_id(entry), action,
                                      fi_entry_stats(entry).hits);
}

static const NvmeFiDetail *detail_of(const FiEntry *entry)
{
    return (NvmeFiDetail *)fi_entry_detail(entry);
}

static bool was_seen(const FiEntry *entry)
{
    const NvmeFiRule *rule = detail_of(entry)->rule;

    return fi_entry_stats(entry).hits >= (rule->has_times ? rule->times : 1);
}

/* There is no more time for it. */
static void expire(NvmeFi *fi, Expected *expected)
{
    if (!expected->violated && !was_seen(expected->entry)) {
        expected->violated = true;
        violation(fi, expected->entry, NVME_FI_ACTION_TYPE_EXPECT);
    }
}

static Expected *first_deadline(const struct NvmeFiWatch *watch)
{
    GSequenceIter *first = g_sequence_get_begin_iter(watch->deadlines);

    return g_sequence_iter_is_end(first) ? NULL : g_sequence_get(first);
}

static void set_timer(const struct NvmeFiWatch *watch)
{
    const Expected *first = first_deadline(watch);

    if (first) {
        timer_mod_ns(watch->timer, first->deadline);
    } else {
        timer_del(watch->timer);
    }
}

/* Sends events; touches nothing of the device. */
static void watch_timer(void *opaque)
{
    NvmeFi *fi = opaque;
    struct NvmeFiWatch *watch = fi->watch;
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    Expected *first;

    while ((first = first_deadline(watch)) && first->deadline <= now) {
        g_sequence_remove(g_steal_pointer(&first->place));
        expire(fi, first);
    }
    set_timer(watch);
}

static struct NvmeFiWatch *watch_of(NvmeFi *fi)
{
    struct NvmeFiWatch *watch = fi->watch;

    if (!watch) {
        watch = fi->watch = g_new(struct NvmeFiWatch, 1);
        watch->expected = g_hash_table_new_full(NULL, NULL, NULL, g_free);
        watch->deadlines = g_sequence_new(NULL);
        watch->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, watch_timer, fi);
    }
    return watch;
}

static gint compare_deadlines(gconstpointer a, gconstpointer b, gpointer data)
{
    int64_t x = ((const Expected *)a)->deadline;
    int64_t y = ((const Expected *)b)->deadline;

    return (x > y) - (x < y);
}

static bool expect_check(const NvmeFiRule *rule, GError **error)
{
    const NvmeFiActionExpect *expect = &rule->u.expect;

    if (expect->has_within_ns &&
        (expect->within_ns < 1 || expect->within_ns > INT64_MAX)) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "within-ns %" PRIu64 ": must be 1 to 2^63-1; for as long "
                    "as the rule is there, leave it out", expect->within_ns);
        return false;
    }
    return true;
}

static void expect_added(NvmeFi *fi, FiEntry *entry)
{
    const NvmeFiActionExpect *expect = &detail_of(entry)->rule->u.expect;
    struct NvmeFiWatch *watch = watch_of(fi);
    Expected *expected = g_new0(Expected, 1);

    expected->entry = entry;
    g_hash_table_insert(watch->expected, entry, expected);
    if (expect->has_within_ns) {
        int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
        uint64_t room = INT64_MAX - now;

        expected->deadline = now + MIN(expect->within_ns, room);
        expected->place = g_sequence_insert_sorted(
            watch->deadlines, expected, compare_deadlines, NULL);
        set_timer(watch);
    }
}

static void expect_removed(NvmeFi *fi, FiEntry *entry)
{
    struct NvmeFiWatch *watch = fi->watch;
    Expected *expected = watch ? g_hash_table_lookup(watch->expected, entry) :
                                 NULL;

    if (!expected) {
        return;                 /* the device goes, or did not come */
    }
    expire(fi, expected);
    if (expected->place) {
        g_sequence_remove(expected->place);
        set_timer(watch);
    }
    g_hash_table_remove(watch->expected, entry);
}

const NvmeFiActionOps nvme_fi_expect_ops = {
    .check = expect_check,
    .added = expect_added,
    .removed = expect_removed,
};

static NvmeFiNext forbid_fetch(NvmeFi *fi, NvmeRequest *req)
{
    FiEntry *entry = fi_set_find(fi->set, req->fi->id);

    if (entry) {
        violation(fi, entry, NVME_FI_ACTION_TYPE_FORBID);
    }
    return NVME_FI_GO_ON;
}

const NvmeFiActionOps nvme_fi_forbid_ops = {
    .fetch = forbid_fetch,
};

void nvme_fi_watch_exit(NvmeFi *fi)
{
    GHashTableIter it;
    gpointer expected;

    if (!fi->watch) {
        return;
    }
    g_hash_table_iter_init(&it, fi->watch->expected);
    while (g_hash_table_iter_next(&it, NULL, &expected)) {
        expire(fi, expected);
    }
    nvme_fi_watch_free(fi);
}

void nvme_fi_watch_free(NvmeFi *fi)
{
    struct NvmeFiWatch *watch = fi->watch;

    if (watch) {
        timer_free(watch->timer);
        g_sequence_free(watch->deadlines);
        g_hash_table_unref(watch->expected);
        g_clear_pointer(&fi->watch, g_free);
    }
}

bool nvme_fi_watch_query(const NvmeFi *fi, const FiEntry *entry,
                         bool *violated)
{
    const NvmeFiDetail *detail = detail_of(entry);
    const Expected *expected;

    if (detail && detail->ops == &nvme_fi_forbid_ops) {
        *violated = fi_entry_stats(entry).hits > 0;
        return true;
    }
    if (!detail || detail->ops != &nvme_fi_expect_ops) {
        return false;
    }
    expected = fi->watch ? g_hash_table_lookup(fi->watch->expected, entry) :
                           NULL;
    *violated = expected && expected->violated;
    return true;
}
