/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands in a QEMU without the nvme device: each fails and says why.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-nvme-fi.h"
#include "monitor/hmp.h"

static void set_no_device(Error **errp)
{
    error_setg(errp, "nvme-fi: this QEMU was built without the nvme device");
}

static void report_no_device(Monitor *mon)
{
    Error *err = NULL;

    set_no_device(&err);
    hmp_handle_error(mon, err);
}

NvmeFiAdded *qmp_nvme_fi_add(const char *device, NvmeFiRuleList *rules,
                             Error **errp)
{
    set_no_device(errp);
    return NULL;
}

void qmp_nvme_fi_remove(const char *device, strList *ids, Error **errp)
{
    set_no_device(errp);
}

void qmp_nvme_fi_clear(const char *device, Error **errp)
{
    set_no_device(errp);
}

NvmeFiInfo *qmp_query_nvme_fi(const char *device, bool has_ids, strList *ids,
                              Error **errp)
{
    set_no_device(errp);
    return NULL;
}

NvmeFiLog *qmp_query_nvme_fi_log(const char *device, bool has_since,
                                 uint64_t since, Error **errp)
{
    set_no_device(errp);
    return NULL;
}

void qmp_nvme_fi_trigger(const char *device, NvmeFiTriggerList *triggers,
                         Error **errp)
{
    set_no_device(errp);
}

NvmeFiReleased *qmp_nvme_fi_release(const char *device, const char *id,
                                    bool has_count, uint64_t count,
                                    const char *status, bool has_dnr,
                                    bool dnr, Error **errp)
{
    set_no_device(errp);
    return NULL;
}

NvmeFiRecording *qmp_nvme_fi_record(const char *device, const char *file,
                                    Error **errp)
{
    set_no_device(errp);
    return NULL;
}

void hmp_nvme_fi_add(Monitor *mon, const QDict *qdict)
{
    report_no_device(mon);
}

void hmp_nvme_fi_remove(Monitor *mon, const QDict *qdict)
{
    report_no_device(mon);
}

void hmp_info_nvme_fi(Monitor *mon, const QDict *qdict)
{
    report_no_device(mon);
}

void hmp_nvme_fi_trigger(Monitor *mon, const QDict *qdict)
{
    report_no_device(mon);
}

void hmp_nvme_fi_release(Monitor *mon, const QDict *qdict)
{
    report_no_device(mon);
}

void hmp_nvme_fi_record(Monitor *mon, const QDict *qdict)
{
    report_no_device(mon);
}
