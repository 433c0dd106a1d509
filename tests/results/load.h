/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results folders, as 'nvme-fi run' leaves them: the records of
 * results.jsonl, by case.
 */
#ifndef NVME_FI_RESULTS_LOAD_H
#define NVME_FI_RESULTS_LOAD_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

typedef struct Results {
    char *name;             /* as the user named it */
    char *path;             /* of results.jsonl */
    char *kernel;           /* of the first record that has one, or NULL */
    char *qemu;             /* its version, or NULL */
    GPtrArray *records;     /* of JsonObject, in the order of the file */
    GHashTable *by_case;    /* case to JsonObject; borrows from records */
} Results;

/*
 * Reads @name: a results folder, or a file of records.  Returns NULL and
 * @error, which says file and line, where it cannot be read, a line is no
 * JSON object with the string "case", a case stands there twice, or nothing
 * stands there at all.
 */
Results *results_load(const char *name, GError **error);
void results_free(Results *results);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Results, results_free)

#endif
