/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records that read the same are shown once.
 */
#ifndef NVME_FI_RUNNER_RENDER_GROUP_H
#define NVME_FI_RUNNER_RENDER_GROUP_H

#include <json-glib/json-glib.h>

typedef struct RenderGroup {
    char *text;             /* what describe() said of each of them */
    GPtrArray *records;     /* borrowed */
} RenderGroup;

/*
 * Groups by the text that @describe makes (and the caller frees), in the
 * order of first appearance. Free with g_ptr_array_unref().
 */
GPtrArray *render_group(GPtrArray *records,
                        char *(*describe)(JsonObject *record));

#endif
