/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "errno": the tables of tests/expect, and looking things up in them.
 */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite_errno.h"

/* The file "names": lines "status 0x286 access-denied" and others. */
static int names_load(Tables *tables, const char *expect_dir)
{
    const char *dir = expect_dir;
    char path[4096], exe[4096];
    Table names;
    ssize_t n;
    size_t i;

    snprintf(path, sizeof(path), "%s/names", expect_dir);
    n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    if (access(path, F_OK) && n > 0) {
        /* It is generated: on the build machine it lies beside us. */
        exe[n] = '\0';
        dir = dirname(exe);
    }
    if (table_load(&names, dir, "names", 3, -1)) {
        table_free(&names);
        return -1;
    }
    for (i = 0; i < names.nrows; i++) {
        char **column = names.rows[i].column;
        unsigned long status = strtoul(column[1], NULL, 0);

        if (!strcmp(column[0], "status") && status <= STATUS_CODE) {
            tables->status_name[status] = column[2];
        }
    }
    /* The names point into the text. */
    tables->names_text = names.text;
    names.text = NULL;
    table_free(&names);
    return 0;
}

int tables_load(Tables *tables, const Suite *suite)
{
    const char *dir = suite->expect_dir;

    return table_load(&tables->status, dir, "nvme_error_status", 5, 2) ||
           table_load(&tables->errors, dir, "blk_errors", 7, 2) ||
           table_load(&tables->api, dir, "api", 9, 3) ||
           table_load(&tables->log, dir, "log", 5, 1) ||
           table_load(&tables->disposition, dir, "disposition", 5, 1) ||
           names_load(tables, dir) ? -1 : 0;
}

Row *tables_status(Tables *tables, Version kernel, uint16_t status)
{
    Row *any = NULL;
    size_t i;

    for (i = 0; i < tables->status.nrows; i++) {
        Row *row = &tables->status.rows[i];

        if (!row_holds(row, kernel)) {
            continue;
        }
        if (!strcmp(row->column[0], "*")) {
            any = row;
        } else if (strtoul(row->column[0], NULL, 0) ==
                   (status & STATUS_CODE)) {
            return row;
        }
    }
    return any;
}

Row *tables_error(Tables *tables, Version kernel, const char *blk_status)
{
    size_t i;

    for (i = 0; i < tables->errors.nrows; i++) {
        Row *row = &tables->errors.rows[i];

        if (row_holds(row, kernel) && !strcmp(row->column[0], blk_status)) {
            return row;
        }
    }
    return NULL;
}

/* How well @row fits: 0 not at all, and a BLK_STS counts more than "*". */
static int api_fit(const Row *row, const Api *api, const char *blk_status)
{
    bool any_op = !strcmp(row->column[0], "*");
    bool any_blk = !strcmp(row->column[2], "*");

    if ((!any_op && strcmp(row->column[0], op_name(api->op))) ||
        strcmp(row->column[1], api->name) ||
        (!any_blk && strcmp(row->column[2], blk_status))) {
        return 0;
    }
    return 1 + !any_op + 2 * !any_blk;
}

Row *tables_api(Tables *tables, Version kernel, const Api *api,
                const char *blk_status)
{
    Row *best = NULL;
    int fit, best_fit = 0;
    size_t i;

    for (i = 0; i < tables->api.nrows; i++) {
        Row *row = &tables->api.rows[i];

        fit = row_holds(row, kernel) ? api_fit(row, api, blk_status) : 0;
        if (fit > best_fit) {
            best = row;
            best_fit = fit;
        }
    }
    return best;
}

static bool kernel_has_symbol(const char *symbol)
{
    FILE *f = fopen("/proc/kallsyms", "re");
    char line[512], name[256];
    bool found = false;

    while (f && !found && fgets(line, sizeof(line), f)) {
        found = sscanf(line, "%*s %*s %255s", name) == 1 &&
                !strcmp(name, symbol);
    }
    if (f) {
        fclose(f);
    }
    return found;
}

bool tables_for_ever(Tables *tables, Version kernel, uint16_t status)
{
    size_t i;

    for (i = 0; i < tables->disposition.nrows; i++) {
        Row *row = &tables->disposition.rows[i];

        if (row_holds(row, kernel) &&
            strtoul(row->column[0], NULL, 0) == (status & STATUS_CODE)) {
            row->used++;
            return kernel_has_symbol(row->column[3]);
        }
    }
    return false;
}

Row *tables_log(Tables *tables, Version kernel, const char *line, size_t len)
{
    size_t i;

    for (i = 0; i < tables->log.nrows; i++) {
        Row *row = &tables->log.rows[i];

        if (row_holds(row, kernel) && strlen(row->column[0]) == len &&
            !memcmp(row->column[0], line, len)) {
            return row;
        }
    }
    return NULL;
}

static unsigned int table_unused(const Table *table, Version kernel, int must,
                                 Buf *list)
{
    unsigned int n = 0;
    size_t i;

    for (i = 0; i < table->nrows; i++) {
        const Row *row = &table->rows[i];

        if (row->used || !row_holds(row, kernel) ||
            (must >= 0 && strcmp(row->column[must], "yes"))) {
            continue;
        }
        n++;
        if (list) {
            buf_json_sep(list);
            buf_printf(list, "\"%s:%u\"", table->path, row->line);
        }
    }
    return n;
}

unsigned int tables_unused(const Tables *tables, Version kernel, Buf *list)
{
    return table_unused(&tables->status, kernel, -1, list) +
           table_unused(&tables->errors, kernel, ERRORS_NVME, list) +
           table_unused(&tables->api, kernel, -1, list) +
           table_unused(&tables->log, kernel, -1, list) +
           table_unused(&tables->disposition, kernel, -1, list);
}
