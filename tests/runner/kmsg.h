/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What records of /dev/kmsg say about each case
 * (Documentation/ABI/testing/dev-kmsg).
 */
#ifndef NVME_FI_RUNNER_KMSG_H
#define NVME_FI_RUNNER_KMSG_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

typedef struct CaseLog {
    bool whole;         /* both marks were seen */
    JsonArray *texts;   /* the message of each record, but for clocks */
} CaseLog;

/*
 * Cuts the records of one batch into cases.
 * Returns a new table: ordinal (GUINT_TO_POINTER) -> CaseLog.
 */
GHashTable *kmsg_split(GPtrArray *lines);

#endif
