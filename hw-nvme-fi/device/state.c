/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fault state of one controller: made with its first rule, kept over
 * resets, freed with the device object.  And the way from a name to it.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"
#include "hw/nvme/trace.h"
#include "action.h"

static char *device_name(NvmeCtrl *n)
{
    DeviceState *dev = DEVICE(n);

    return dev->id ? g_strdup(dev->id) : object_get_canonical_path(OBJECT(n));
}

static const NvmeFiActionOps *entry_ops(const FiEntry *entry)
{
    const NvmeFiDetail *detail = (NvmeFiDetail *)fi_entry_detail(entry);

    return detail ? detail->ops : NULL;
}

static void entry_removed(FiEntry *entry, gpointer opaque)
{
    const NvmeFiActionOps *ops = entry_ops(entry);

    if (ops && ops->removed) {
        ops->removed(opaque, entry);
    }
    g_free(fi_entry_data(entry));   /* the last hit: log.c */
}

static void entries_added(NvmeFi *fi, FiEntry **entries, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const NvmeFiActionOps *ops = entry_ops(entries[i]);

        if (ops && ops->added) {
            ops->added(fi, entries[i]);
        }
    }
}

NvmeFi *nvme_fi_state(NvmeCtrl *n)
{
    NvmeFi *fi;

    if (n->fi) {
        return n->fi;
    }
    fi = g_new0(NvmeFi, 1);
    fi->ctrl = n;
    fi->device = device_name(n);
    fi->set = fi_set_new();
    fi_set_set_removed(fi->set, entry_removed, fi);
    /* untouched pages of these cost no memory */
    fi->log = g_new0(NvmeFiRecord, NVME_FI_LOG_ENTRIES);
    fi->errors = g_new0(NvmeErrorLog, NVME_FI_ERROR_ENTRIES);
    fi->next_seq = 1;
    fi->ordinals = g_new0(uint64_t, n->params.max_ioqpairs + 1);
    fi->bh = qemu_bh_new_guarded(nvme_fi_unpark_due, fi,
                                 &DEVICE(n)->mem_reentrancy_guard);
    QTAILQ_INIT(&fi->due);
    n->fi = fi;

    /*
     * From now on the log has more than stock's one entry.  A host that
     * identified the controller before goes on reading one entry, the newest.
     */
    n->id_ctrl.elpe = NVME_FI_ERROR_ENTRIES - 1;
    return fi;
}

/* What the files of the actions and triggers keep. */
static void free_parts(NvmeFi *fi)
{
    nvme_fi_held_free(fi);
    nvme_fi_recording_free(fi);
    nvme_fi_late_free(fi);
    nvme_fi_cache_free(fi);
    nvme_fi_media_free(fi);
    nvme_fi_queues_free(fi);
    nvme_fi_stale_free(fi);
    nvme_fi_controller_free(fi);
    nvme_fi_events_free(fi);
    nvme_fi_zones_free(fi);
    nvme_fi_old_free(fi);
    nvme_fi_watch_free(fi);
}

void nvme_fi_state_free(NvmeCtrl *n)
{
    NvmeFi *fi = n->fi;

    if (!fi) {
        return;
    }
    n->fi = NULL;
    qemu_bh_delete(fi->bh);
    free_parts(fi);
    fi_set_free(fi->set);
    g_free(fi->ordinals);
    g_free(fi->errors);
    g_free(fi->log);
    g_free(fi->device);
    g_free(fi);
}

static strList *entry_ids(FiEntry **entries, gsize n)
{
    strList *ids = NULL;

    while (n > 0) {
        QAPI_LIST_PREPEND(ids, g_strdup(fi_entry_id(entries[--n])));
    }
    return ids;
}

bool nvme_fi_add(NvmeCtrl *n, NvmeFiRuleList *rules, strList **ids,
                 Error **errp)
{
    g_autoptr(GArray) array = nvme_fi_rules_from_qapi(rules, errp);
    g_autofree FiEntry **entries = NULL;
    GError *error = NULL;
    NvmeFi *fi;

    if (ids) {
        *ids = NULL;
    }
    if (!array) {
        return false;
    }
    if (!array->len) {
        return true;
    }
    entries = g_new(FiEntry *, array->len);
    if (n->fi) {
        fi = n->fi;
        if (!fi_set_add(fi->set, (FiRule *)array->data, array->len, entries,
                        &error)) {
            nvme_fi_error_propagate(errp, error);
            return false;
        }
    } else {
        FiSet *set = fi_set_new();

        /* a list that fails must leave the device as stock */
        if (!fi_set_add(set, (FiRule *)array->data, array->len, entries,
                        &error)) {
            fi_set_free(set);
            nvme_fi_error_propagate(errp, error);
            return false;
        }
        fi = nvme_fi_state(n);
        fi_set_free(fi->set);
        fi->set = set;
        fi_set_set_removed(set, entry_removed, fi);
    }
    nvme_fi_events_announce(fi, rules);
    trace_pci_nvme_fi_add(fi->device, array->len, fi_set_size(fi->set));
    entries_added(fi, entries, array->len);
    if (ids) {
        *ids = entry_ids(entries, array->len);
    }
    return true;
}

/* Without state there is an empty set, so that an id gets the same error. */
bool nvme_fi_remove(NvmeCtrl *n, strList *ids, Error **errp)
{
    g_autoptr(GPtrArray) array = g_ptr_array_new();
    FiSet *empty = n->fi ? NULL : fi_set_new();
    GError *error = NULL;
    gboolean ok;

    for (strList *it = ids; it; it = it->next) {
        g_ptr_array_add(array, it->value);
    }
    ok = fi_set_remove(empty ?: n->fi->set,
                       (const char *const *)array->pdata, array->len, &error);
    fi_set_free(empty);
    if (!ok) {
        nvme_fi_error_propagate(errp, error);
        return false;
    }
    if (n->fi) {
        trace_pci_nvme_fi_remove(n->fi->device, array->len,
                                 fi_set_size(n->fi->set));
    }
    return true;
}

void nvme_fi_reset_state(NvmeCtrl *n)
{
    NvmeFi *fi = n->fi;

    nvme_fi_queues_reset(fi);
    nvme_fi_stale_reset(fi);
    nvme_fi_controller_reset(fi);
    nvme_fi_late_reset(fi);
    nvme_fi_cache_reset(fi);
    /* the reset of a disabled controller, as at the machine's start, is none */
    if (n->sq[0]) {
        fi_set_reset(fi->set);
    }
}

/* No timer or bottom half of ours may touch the device after this. */
void nvme_fi_exit_state(NvmeCtrl *n)
{
    NvmeFi *fi = n->fi;

    nvme_fi_controller_exit(fi);
    nvme_fi_queues_exit(fi);
    nvme_fi_late_exit(fi);
    nvme_fi_cache_exit(fi);
    nvme_fi_watch_exit(fi);
}

NvmeNamespace *nvme_fi_namespace(NvmeCtrl *n, uint32_t nsid)
{
    NvmeNamespace *ns = nvme_ns(n, nsid);

    return ns ?: nvme_subsys_ns(n->subsys, nsid);
}

NvmeCtrl *nvme_fi_find_device(const char *device, Error **errp)
{
    Object *peripheral = object_resolve_path("/machine/peripheral", NULL);
    Object *obj = NULL;
    bool ambiguous = false;

    if (peripheral && !strchr(device, '/')) {
        obj = object_resolve_path_component(peripheral, device);
    }
    /* the empty path would be the end of every path */
    if (!obj && *device) {
        obj = object_resolve_path(device, &ambiguous);
    }
    if (ambiguous) {
        error_setg(errp, "nvme-fi: device '%s': more than one QOM path ends "
                   "so; give the absolute path", device);
        return NULL;
    }
    if (!obj) {
        error_setg(errp, "nvme-fi: device '%s': not found; must be the qdev "
                   "ID or QOM path of an nvme device", device);
        return NULL;
    }
    if (!object_dynamic_cast(obj, TYPE_NVME)) {
        error_setg(errp, "nvme-fi: device '%s': is a '%s', not an nvme device",
                   device, object_get_typename(obj));
        return NULL;
    }
    if (!DEVICE(obj)->realized) {
        error_setg(errp, "nvme-fi: device '%s': is not realized", device);
        return NULL;
    }
    return NVME(obj);
}
