/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test holds the tables to their format: columns, comments, versions,
 * and a message that names the line of a mistake.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/table.h"
#include "tap.h"

static char dir[] = "/tmp/table-test-XXXXXX";

/* Loads @text as a table of 4 columns with versions in the second. */
static int load(Table *table, const char *text)
{
    char path[64];
    FILE *f;

    snprintf(path, sizeof(path), "%s/t", dir);
    f = fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f)) {
        perror(path);
        exit(1);
    }
    return table_load(table, dir, "t", 4, 1);
}

static void test_versions(void)
{
    Version a = { 0 }, b = { 0 };

    tap_ok(version_parse("6.12.107+deb13-cloud-amd64", &a) && a.major == 6 &&
           a.minor == 12, "a distribution's release");
    tap_ok(version_parse("7.1", &b) && version_compare(a, b) < 0 &&
           version_compare(b, a) > 0 && version_compare(a, a) == 0,
           "6.12 is before 7.1");
    b = (Version){ 6, 2 };
    tap_ok(version_compare(a, b) > 0, "6.12 is after 6.2");
    b = (Version){ 1, 2 };
    tap_ok(!version_parse("six.1", &b) && !version_parse("6", &b) &&
           !version_parse("", &b) && !version_parse("-6.1", &b) &&
           b.major == 1 && b.minor == 2,
           "what is no version is refused and changes nothing");
}

static void test_rows(void)
{
    Table table;

    tap_ok(!load(&table, "# comment\n\na 6.1 6.12  one  two \n"
                 "  b\t6.12\t-\tthree") && table.nrows == 2,
           "comments and blank lines are no rows");
    tap_ok(table.nrows == 2 && !strcmp(table.rows[0].column[3], "one  two") &&
           !strcmp(table.rows[1].column[3], "three"),
           "the last column goes on to the end of the line");
    tap_ok(table.nrows == 2 && table.rows[0].line == 3 &&
           table.rows[1].line == 4, "a row knows its line");
    tap_ok(row_holds(&table.rows[0], (Version){ 6, 1 }) &&
           row_holds(&table.rows[0], (Version){ 6, 11 }) &&
           !row_holds(&table.rows[0], (Version){ 6, 12 }) &&
           !row_holds(&table.rows[0], (Version){ 5, 19 }),
           "since is inclusive, until is exclusive");
    tap_ok(!row_holds(&table.rows[1], (Version){ 6, 11 }) &&
           row_holds(&table.rows[1], (Version){ 99, 0 }), "'-' is open");
    table_free(&table);
}

static void test_mistakes(void)
{
    Table table;

    tap_ok(load(&table, "a 6.1 6.12\n") == -1, "a column is missing");
    table_free(&table);
    tap_ok(load(&table, "a soon - x\n") == -1, "since is no version");
    table_free(&table);
    tap_ok(load(&table, "a 6.1 never x\n") == -1, "until is no version");
    table_free(&table);
    tap_ok(table_load(&table, dir, "missing", 4, 1) == -1,
           "the file is missing");
    table_free(&table);
}

/* The tables that the suites read. */
static void test_ours(const char *expect)
{
    static const struct {
        const char *name;
        size_t columns;
        int since;
    } ours[] = {
        { "kernels", 3, 0 }, { "nvme_error_status", 5, 2 },
        { "blk_errors", 7, 2 }, { "api", 9, 3 }, { "log", 5, 1 },
        { "disposition", 5, 1 }, { "path", 6, 1 },
    };
    Table table;
    size_t i;

    for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        tap_ok(!table_load(&table, expect, ours[i].name, ours[i].columns,
                           ours[i].since) && table.nrows,
               "%s is well formed", ours[i].name);
        table_free(&table);
    }
}

int main(int argc, char **argv)
{
    char path[64];

    if (argc != 2 || !mkdtemp(dir)) {
        fprintf(stderr, "usage: table-test EXPECT-DIR\n");
        return 2;
    }
    tap_plan(20);
    test_versions();
    test_rows();
    test_mistakes();
    test_ours(argv[1]);
    snprintf(path, sizeof(path), "%s/t", dir);
    unlink(path);
    rmdir(dir);
    return 0;
}
