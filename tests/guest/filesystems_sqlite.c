/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "filesystems": an SQLite data base on ext4: what the program says, and
 * whether the transaction is undone.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "filesystems.h"

#define PAGE 4096

/* A page of schema, a page of rows. */
#define CREATE "create table t(x); with recursive n(x) as (select 1 union " \
    "all select x + 1 from n where x < 100) insert into t select x from n;"
#define CHANGE "insert into t values (101);"
#define CHECK "select count(*) from t; pragma integrity_check;"

static int sql(const char *statements, Buf *text)
{
    const char *argv[] = { "sqlite3", "-batch", "-init", "/dev/null", "-cmd",
                           ".log stdout", fs_path(SQLITE, "db"), statements,
                           NULL };

    return run_tool(text, argv);
}

/* Nothing of the data base stays in memory. */
static void forget(void)
{
    int fd = open(fs_path(SQLITE, "db"), O_RDONLY | O_CLOEXEC);

    fsync(fd);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    close(fd);
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    (void)c;
    fs_ready(suite, SQLITE, out);
    if (out->skip) {
        return;
    }
    unlink(fs_path(SQLITE, "db"));
    unlink(fs_path(SQLITE, "db-journal"));
    if (sql(CREATE, NULL)) {
        out->skip = "the data base cannot be made";
    }
    sync();
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;

    (void)suite, (void)out;
    if (fc->arg) {
        fs_leave(SQLITE);
    }
}

static void observe(Outcome *out, int status, const Buf *text)
{
    static const char *const wanted[] = {
        "disk I/O error", "database or disk is full",
        "database disk image is malformed", "(1034)", "(5) full_fsync",
        "(28) full_fsync", "(61) full_fsync", "db-journal", NULL
    };

    buf_json_bool(&out->observed, "failed", status != 0);
    buf_json_key(&out->observed, "says");
    buf_puts(&out->observed, "[");
    for (int i = 0; wanted[i]; i++) {
        if (text->data && strstr(text->data, wanted[i])) {
            buf_json_sep(&out->observed);
            buf_json_string(&out->observed, wanted[i], strlen(wanted[i]));
        }
    }
    buf_puts(&out->observed, "]");
    if (text->data) {
        buf_json_str(&out->observed, "output", text->data);
    }
}

/* "100 ok": as before. */
static void observe_after(Outcome *out)
{
    Buf text = { 0 };

    sql(CHECK, &text);
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\n') {
            text.data[i] = i + 1 < text.len ? ' ' : '\0';
        }
    }
    buf_json_str(&out->observed, "after", text.data);
    buf_free(&text);
}

static void change(Suite *suite, const Case *c, Outcome *out,
                   const char *statement, const char *members)
{
    const FsCase *fc = c->data;
    Buf text = { 0 };
    int status;

    if (!arm(suite, c, DRIVE, "\"nsid\":%u,\"action\":\"status\",\"status\":"
             "\"%s\",\"dnr\":true,%s", NSID_SQLITE, fc->status, members)) {
        out->value = -2;
        return;
    }
    status = sql(statement, &text);
    observe(out, status, &text);
    buf_free(&text);
}

/* The first that is written is the data base's journal. */
static void journal(Suite *suite, const Case *c, Outcome *out)
{
    change(suite, c, out, CHANGE, "\"opcode\":\"write\",\"times\":1");
    forget();
    observe_after(out);
}

/* The page of rows, once the journal is safe: it undoes what was written. */
static void page(Suite *suite, const Case *c, Outcome *out)
{
    unsigned long long slba = file_slba(SQLITE, fs_path(SQLITE, "db"));
    char members[120];

    snprintf(members, sizeof(members), "\"opcode\":\"write\",\"times\":1,"
             "\"slba\":%llu,\"nlb\":%d", slba, 2 * PAGE / 512);
    change(suite, c, out, CHANGE, members);
    forget();
    observe_after(out);
}

static void page_read(Suite *suite, const Case *c, Outcome *out)
{
    unsigned long long slba = file_slba(SQLITE, fs_path(SQLITE, "db"));
    char members[120];

    forget();
    snprintf(members, sizeof(members), "\"opcode\":\"read\",\"slba\":%llu,"
             "\"nlb\":%d", slba + PAGE / 512, PAGE / 512);
    change(suite, c, out, "select count(*) from t;", members);
}

/* The file system's own journal: nothing can be undone before it is mounted
 * again. */
static void abort_fs(Suite *suite, const Case *c, Outcome *out)
{
    change(suite, c, out, CHANGE, "\"opcode\":\"flush\",\"times\":1");
    buf_json_bool(&out->observed, "remounted", fs_remount(SQLITE) == 0);
    observe_after(out);
}

#define SEEN(hits, says) "{\"device\":{\"hits\":" hits "},\"result\":{" \
    "\"value\":0,\"observed\":{\"failed\":true" says "}}}"
#define AFTER ",\"after\":\"100 ok\""
#define SAYS(what) ",\"says\":[\"disk I/O error\"" what "]"
#define ROW(title, what, function, ...) \
    { .name = "sqlite/" title, .prepare = prepare, .run = function, \
      .cleanup = cleanup, .fs = SQLITE, .status = what, __VA_ARGS__ }

static const FsCase cases[] = {
    ROW("journal-write", "internal-error", journal, .expect = { { NULL,
        SEEN("1", SAYS(",\"(1034)\",\"(5) full_fsync\",\"db-journal\"")
             AFTER) } }, .from = "ext4_sync_file(); SQLITE_IOERR_FSYNC"),
    ROW("page-write", "internal-error", page, .expect = { { NULL,
        SEEN("1", SAYS(",\"(1034)\",\"(5) full_fsync\"") AFTER) } },
        .from = "ext4_sync_file(); SQLITE_IOERR_FSYNC"),
    /* not SQLITE_FULL, which write() would have had to say */
    ROW("page-write/capacity-exceeded", "capacity-exceeded", page, .expect = {
        { NULL, SEEN("1", SAYS(",\"(1034)\",\"(5) full_fsync\"") AFTER) },
        { "6.12", SEEN("1", SAYS(",\"(1034)\",\"(28) full_fsync\"") AFTER) } },
        .from = "ext4_end_bio(), ext4_finish_bio(); SQLITE_IOERR_FSYNC"),
    ROW("page-write/access-denied", "access-denied", page, .expect = {
        { NULL, SEEN("1", SAYS(",\"(1034)\",\"(5) full_fsync\"") AFTER) },
        { "6.12", SEEN("1", SAYS(",\"(1034)\",\"(61) full_fsync\"") AFTER) } },
        .from = "ext4_end_bio(), ext4_finish_bio(); SQLITE_IOERR_FSYNC"),
    /* read ahead with the first page, then by itself; the bad block counts as
     * a damaged data base */
    ROW("page-read", "unrecovered-read-error", page_read, .expect = { { NULL,
        SEEN("{\"min\":2,\"max\":6}", ",\"says\":["
             "\"database disk image is malformed\"]") } },
        .from = "filemap_read_folio(); SQLITE_IOERR_CORRUPTFS"),
    ROW("file-system-aborts", "internal-error", abort_fs, .arg = 1,
        .expect = { { NULL, SEEN("1", ",\"remounted\":true" AFTER) } },
        .calls = "jbd2_journal_abort>=1",
        .from = "jbd2_journal_abort(); a hot journal is rolled back"),
};

void sqlite_cases(Suite *suite)
{
    add_cases(suite, cases, sizeof(cases) / sizeof(*cases));
}
