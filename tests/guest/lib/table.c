/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expectations as plain-text tables, one row a line.
 */
#include "table.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool version_parse(const char *text, Version *version)
{
    unsigned int major, minor;

    if (text[0] < '0' || text[0] > '9' ||
        sscanf(text, "%3u.%5u", &major, &minor) != 2) {
        return false;
    }
    version->major = major;
    version->minor = minor;
    return true;
}

int version_compare(Version a, Version b)
{
    if (a.major != b.major) {
        return a.major < b.major ? -1 : 1;
    }
    return a.minor < b.minor ? -1 : a.minor > b.minor;
}

bool row_holds(const Row *row, Version version)
{
    return version_compare(version, row->since) >= 0 &&
           version_compare(version, row->until) < 0;
}

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "re");
    char *text;
    long size;

    if (!f) {
        perror(path);
        return NULL;
    }
    if (fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0) {
        perror(path);
        fclose(f);
        return NULL;
    }
    rewind(f);
    text = calloc(1, size + 1);
    if (!text || fread(text, 1, size, f) != (size_t)size) {
        fprintf(stderr, "%s: cannot be read\n", path);
        free(text);
        text = NULL;
    }
    fclose(f);
    return text;
}

static bool row_parse_versions(Row *row, int since)
{
    if (since < 0) {
        row->until.major = UINT_MAX;
        return true;
    }
    if (!version_parse(row->column[since], &row->since)) {
        return false;
    }
    if (!strcmp(row->column[since + 1], "-")) {
        row->until.major = UINT_MAX;
        return true;
    }
    return version_parse(row->column[since + 1], &row->until);
}

/* Cuts @line into the columns of @row; how many it has is returned. */
static size_t row_split(Row *row, char *line, size_t ncolumns)
{
    size_t n = 0;

    while (*line) {
        row->column[n++] = line;
        if (n == ncolumns) {
            line += strlen(line);
            while (strchr(" \t", line[-1])) {
                *--line = '\0';
            }
            break;
        }
        line += strcspn(line, " \t");
        if (*line) {
            *line++ = '\0';
            line += strspn(line, " \t");
        }
    }
    return n;
}

static int table_add(Table *table, char *line, unsigned int number,
                     size_t ncolumns, int since)
{
    Row row = { .line = number };
    size_t n = row_split(&row, line, ncolumns);
    Row *rows;

    if (n != ncolumns) {
        fprintf(stderr, "%s:%u: %zu columns, expected %zu\n",
                table->path, number, n, ncolumns);
        return -1;
    }
    if (!row_parse_versions(&row, since)) {
        fprintf(stderr, "%s:%u: '%s' or '%s' is no version; expected "
                "MAJOR.MINOR, or '-' for an open end\n", table->path, number,
                row.column[since], row.column[since + 1]);
        return -1;
    }
    rows = realloc(table->rows, (table->nrows + 1) * sizeof(*rows));
    if (!rows) {
        return -1;
    }
    table->rows = rows;
    rows[table->nrows++] = row;
    return 0;
}

int table_load(Table *table, const char *dir, const char *name,
               size_t ncolumns, int since)
{
    unsigned int number = 0;
    char *line, *next;

    *table = (Table){ 0 };
    if (asprintf(&table->path, "%s/%s", dir, name) < 0) {
        table->path = NULL;
        return -1;
    }
    table->text = read_file(table->path);
    if (!table->text) {
        return -1;
    }
    for (line = table->text; line; line = next) {
        next = strchr(line, '\n');
        if (next) {
            *next++ = '\0';
        }
        number++;
        line += strspn(line, " \t");
        if (*line && *line != '#' &&
            table_add(table, line, number, ncolumns, since)) {
            return -1;
        }
    }
    return 0;
}

void table_free(Table *table)
{
    free(table->path);
    free(table->text);
    free(table->rows);
    *table = (Table){ 0 };
}
