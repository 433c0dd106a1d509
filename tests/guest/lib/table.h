/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expectations as plain-text tables, one row a line, and the kernel versions
 * for which a row holds.
 */
#ifndef GUEST_TABLE_H
#define GUEST_TABLE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Version {
    unsigned int major, minor;
} Version;

/*
 * version_parse:
 * @text: "6.12", or a release such as "6.12.107+deb13-cloud-amd64".
 * Returns false, and leaves @version, where no MAJOR.MINOR begins @text.
 */
bool version_parse(const char *text, Version *version);

/* Negative, 0 or positive, as strcmp(). */
int version_compare(Version a, Version b);

#define TABLE_MAX_COLUMNS 12

typedef struct Row {
    unsigned int line;                      /* in the file, from 1 */
    char *column[TABLE_MAX_COLUMNS];        /* all of them set */
    Version since, until;                   /* @until is exclusive */
    unsigned int used;                      /* how often it was looked up */
} Row;

typedef struct Table {
    char *path;
    char *text;
    size_t nrows;
    Row *rows;
} Table;

/*
 * table_load:
 * Reads @dir/@name: @ncolumns words a line, the last of which goes on to the
 * end of the line; blank lines and lines that begin with '#' are comments.
 * @since is the index of the column with the first version for which a row
 * holds, the column after it has the first one for which it does not ('-':
 * open); negative where the table knows no versions.
 * Returns 0, or -1 with a message that names file and line on stderr.
 * The caller frees with table_free() in either case.
 */
int table_load(Table *table, const char *dir, const char *name,
               size_t ncolumns, int since);

/* Accepts a table that was never loaded (all zero). */
void table_free(Table *table);

bool row_holds(const Row *row, Version version);

#endif
