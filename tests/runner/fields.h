/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fields of a record that people read, as text.
 */
#ifndef NVME_FI_RUNNER_FIELDS_H
#define NVME_FI_RUNNER_FIELDS_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

/* In Fields.number: the case has no single status. */
#define FIELDS_NO_STATUS (-1)

typedef struct Fields {
    const char *name;       /* of the case; borrowed */
    const char *verdict;    /* borrowed */
    const char *reason;     /* borrowed */
    const char *repro;      /* borrowed */
    gint64 number;          /* SCT and SC of the stimulus */
    const char *status;     /* its name, or "" */
    const char *block;      /* BLK_STS name, "-" where no request ended */
    char *result;           /* what the program got: errno, signal, ... */
    guint wire;             /* commands that reached the drive */
} Fields;

/* Fills @fields, which borrows from @record. */
void fields_read(Fields *fields, JsonObject *record);
void fields_clear(Fields *fields);

/* "0x4286 (SCT 2, SC 86h, DNR)"; the caller frees it. */
char *fields_status_text(gint64 status);

#endif
