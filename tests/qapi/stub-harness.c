/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls each command of a QEMU without the nvme device, and prints its name
 * and error.  In place of QEMU's error functions there are three of its own.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-nvme-fi.h"
#include "monitor/hmp.h"

static char *message;

void error_setg_internal(Error **errp, const char *src, int line,
                         const char *func, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    message = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    *errp = (Error *)message;
}

bool hmp_handle_error(Monitor *mon, Error *err)
{
    return err != NULL;
}

static void show(const char *command)
{
    printf("%s: %s\n", command, message ?: "no error");
    g_free(message);
    message = NULL;
}

int main(void)
{
    Error *err;

    qmp_nvme_fi_add("d", NULL, &err);
    show("qmp_nvme_fi_add");
    qmp_nvme_fi_remove("d", NULL, &err);
    show("qmp_nvme_fi_remove");
    qmp_nvme_fi_clear("d", &err);
    show("qmp_nvme_fi_clear");
    qmp_query_nvme_fi("d", false, NULL, &err);
    show("qmp_query_nvme_fi");
    qmp_query_nvme_fi_log("d", false, 0, &err);
    show("qmp_query_nvme_fi_log");
    qmp_nvme_fi_trigger("d", NULL, &err);
    show("qmp_nvme_fi_trigger");
    qmp_nvme_fi_release("d", NULL, false, 0, NULL, false, false, &err);
    show("qmp_nvme_fi_release");
    qmp_nvme_fi_record("d", NULL, &err);
    show("qmp_nvme_fi_record");
    hmp_nvme_fi_add(NULL, NULL);
    show("hmp_nvme_fi_add");
    hmp_nvme_fi_remove(NULL, NULL);
    show("hmp_nvme_fi_remove");
    hmp_nvme_fi_trigger(NULL, NULL);
    show("hmp_nvme_fi_trigger");
    hmp_nvme_fi_release(NULL, NULL);
    show("hmp_nvme_fi_release");
    hmp_nvme_fi_record(NULL, NULL);
    show("hmp_nvme_fi_record");
    hmp_info_nvme_fi(NULL, NULL);
    show("hmp_info_nvme_fi");
    return 0;
}
