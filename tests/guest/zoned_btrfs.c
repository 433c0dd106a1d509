/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "zoned": btrfs, which writes data by zone append and believes what the
 * drive says of where it went.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/program.h"
#include "zoned.h"

#define MOUNT   "/btrfs"
#define BYTES   16384           /* too much to be kept in metadata */
#define SECTORS (BYTES / 512)
#define MKFS_MS 120000

typedef struct BtrfsCase {
    const ZonedKind *kind;
    const char *name;
    /* Members of a rule that is added after the first file was written, or
     * NULL; %lld in it: where the second file's append will go, and how many
     * sectors further it is said to have gone. */
    const char *fault;
    int further;
    /* fsync() of three files; whether the mount is "rw" or "ro"; and what
     * reading the second file says after the next mount, "-": there is none.
     * JSON: a string, or an array of pieces of it. */
    const char *results;
    const char *appends;        /* steps from one append to the next, in files;
                                 * "zero": sector 0; NULL: not judged */
    const char *commands;       /* statuses of the appends, in JSON */
    const char *calls;
    const char *finding, *from;
} BtrfsCase;

#define STATUS(status) "\"opcode\":\"zone-append\",\"times\":1,\"action\":" \
    "\"status\",\"status\":\"" status "\",\"dnr\":true"
#define GOOD "{\"status\":0,\"opcode\":125,\"executed\":true}"
#define BAD(status) "{\"status\":" status ",\"opcode\":125," \
    "\"executed\":false}"

static BtrfsCase cases[] = {
    { .name = "append-good", .results = "\"ok ok ok rw ok\"",
      .appends = "+1 +1",
      .commands = GOOD "," GOOD "," GOOD,
      .calls = "btrfs_record_physical_zoned>=3 "
               "btrfs_finish_ordered_zoned>=3",
      .from = "nvme_end_req_zoned(), btrfs_record_physical_zoned()" },
    /* What is there is not what was written; the sums of btrfs notice. */
    { .name = "append-lied", .further = 2 * SECTORS,
      .fault = "\"opcode\":\"zone-append\",\"times\":1,\"action\":\"cqe\","
               "\"dw0\":%lld,\"dw1\":0",
      .results = "\"ok ok ok rw EIO\"", .appends = "+3 -1",
      .commands = GOOD "," GOOD "," GOOD,
      .calls = "btrfs_record_physical_zoned>=3",
      .from = "nvme_end_req_zoned(), btrfs_record_physical_zoned(), "
              "btrfs_check_data_csum()" },
    { .name = "append-fails", .fault = STATUS("write-fault"),
      .results = "\"ok EIO ok rw end\"", .appends = "zero +1",
      .commands = GOOD "," BAD("17024") "," GOOD,
      .calls = "nvme_complete_rq>=1", .finding = "failed-append-sector",
      .from = "nvme_end_req_zoned(), btrfs_finish_ordered_io()" },
    { .name = "append-too-many-active", .fault = STATUS("0x1bd"),
      .results = "\"ok EIO ok rw end\"", .appends = "zero +1",
      .commands = GOOD "," BAD("16829") "," GOOD,
      .calls = "nvme_complete_rq>=1", .finding = "failed-append-sector",
      .from = "nvme_end_req_zoned(), btrfs_finish_ordered_io()" },
    /* Metadata is written at the write pointer. */
    { .name = "metadata-fails", .fault = "\"opcode\":\"write\",\"action\":"
      "\"status\",\"status\":\"write-fault\",\"dnr\":true",
      .results = "[\"ok EIO E\",\" ro -\"]",
      .calls = "btrfs_record_physical_zoned>=2",
      .from = "btrfs_commit_transaction(): __btrfs_abort_transaction()" },
};

static char data[BYTES];

static void rules(const Case *c, Buf *buf)
{
    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u.1\",\"nsid\":%d,\"opcode\":"
               "\"zone-append\",\"action\":\"none\"}", c->ordinal,
               ZONED_BTRFS);
}

static const char *make(void)
{
    const char *argv[] = { "mkfs.btrfs", "-q", "-f", "-O", "zoned", "-d",
                           "single", "-m", "single",
                           zoned_path(ZONED_BTRFS), NULL };
    Program program;
    int status = program_run(&program, MKFS_MS, argv);

    program_done(&program);
    mkdir(MOUNT, 0700);
    if (status) {
        return "mkfs.btrfs failed";
    }
    return mount(zoned_path(ZONED_BTRFS), MOUNT, "btrfs", 0, NULL) ?
           "btrfs cannot be mounted" : NULL;
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    (void)c;
    if (suite_needs(suite, out, "CONFIG_BTRFS_FS")) {
        out->skip = make();
    }
    if (!out->skip) {
        out->skip = zoned_watch_begin();
    }
}

static void write_file(int number, Buf *results)
{
    char path[40];
    int fd;

    snprintf(path, sizeof(path), MOUNT "/file-%d", number);
    memset(data, 'a' + number, sizeof(data));
    fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    buf_puts(results, fd >= 0 && write(fd, data, BYTES) == BYTES &&
             !fsync(fd) ? "ok" : strerrorname_np(errno));
    buf_puts(results, " ");
    if (fd >= 0) {
        close(fd);
    }
}

static void read_again(Buf *results)
{
    ssize_t n = -1;
    int fd = -1;

    umount(MOUNT);
    if (!mount(zoned_path(ZONED_BTRFS), MOUNT, "btrfs", 0, NULL)) {
        fd = open(MOUNT "/file-2", O_RDONLY | O_CLOEXEC);
        n = fd < 0 ? -1 : read(fd, data, BYTES);
    }
    /* a file that was never there is as good as an empty one */
    buf_puts(results, n == BYTES && data[0] == 'c' ? "ok" :
             !n || errno == ENOENT ? "end" : strerrorname_np(errno));
    if (fd >= 0) {
        close(fd);
    }
}

/* Between the appends, in files: "+1" is where the next one belongs. */
static void add_appends(const char *sectors, Outcome *out)
{
    Buf text = { 0 };
    long long before = -1, at;

    for (char *p = (char *)sectors; *p; p += strspn(p, " ")) {
        at = strtoll(p, &p, 10);
        if (before >= 0 && at) {
            buf_printf(&text, "%s%+lld", text.len ? " " : "",
                       (at - before) / SECTORS);
        } else if (before >= 0) {
            buf_printf(&text, "%szero", text.len ? " " : "");
        }
        before = at ? at : before;
    }
    buf_json_str(&out->observed, "appends", text.len ? text.data : "");
    buf_free(&text);
}

static void arm(Suite *suite, const Case *c, const char *sectors)
{
    const BtrfsCase *bc = c->data;
    Buf rule = { 0 };
    char *members;

    if (asprintf(&members, bc->fault, strtoll(sectors, NULL, 10) + SECTORS +
                 bc->further) < 0) {
        abort();
    }
    buf_printf(&rule, "{\"rules\":[{\"id\":\"c%u.2\",\"nsid\":%d,%s}]}",
               c->ordinal, ZONED_BTRFS, members);
    suite_request(suite, "nvme-fi-add", rule.data, NULL);
    free(members);
    buf_free(&rule);
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const BtrfsCase *bc = c->data;
    Buf results = { 0 }, sectors = { 0 };
    struct statvfs fs;

    write_file(1, &results);
    zoned_watch_appends(ZONED_BTRFS, &sectors);
    if (bc->fault) {
        arm(suite, c, sectors.len ? sectors.data : "");
    }
    write_file(2, &results);
    write_file(3, &results);
    buf_puts(&results, !statvfs(MOUNT, &fs) && fs.f_flag & ST_RDONLY ?
             "ro " : "rw ");
    buf_clear(&sectors);
    zoned_watch_appends(ZONED_BTRFS, &sectors);
    add_appends(sectors.len ? sectors.data : "", out);
    if (bc->appends) {
        read_again(&results);
    } else {
        /* what fails still fails: nothing can be mounted */
        buf_puts(&results, "-");
    }
    buf_json_str(&out->observed, "files", results.data);
    buf_free(&results);
    buf_free(&sectors);
}

static void cleanup(Suite *suite, const Case *c)
{
    Buf unused = { 0 };

    (void)suite, (void)c;
    zoned_watch_end(ZONED_BTRFS, &unused);
    buf_free(&unused);
    umount(MOUNT);
}

static const char *describe(Suite *suite, const Case *c, Buf *record)
{
    const BtrfsCase *bc = c->data;

    buf_json_key(record, "stimulus");
    buf_puts(record, "{\"op\":\"append\",\"zoned\":true,"
             "\"file-system\":\"btrfs\"}");
    buf_json_key(record, "expected");
    buf_puts(record, "{\"device\":{\"hits\":");
    if (bc->commands) {
        buf_printf(record, "3,\"commands\":[%s]", bc->commands);
    } else {
        buf_puts(record, "{\"min\":3}");
    }
    buf_puts(record, "},\"driver\":{");
    suite_expect_calls(suite, record, bc->calls);
    buf_printf(record, "},\"result\":{\"observed\":{\"files\":%s",
               bc->results);
    if (bc->appends) {
        buf_json_str(record, "appends", bc->appends);
    }
    buf_puts(record, "}}}");
    return bc->from;
}

static const ZonedKind kind = {
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

void zoned_add_btrfs(Suite *suite)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char name[80];
        Case *c;

        snprintf(name, sizeof(name), "zoned/btrfs/%s", cases[i].name);
        cases[i].kind = &kind;
        c = suite_add(suite, strdup(name), &cases[i]);
        c->alone = true;
        c->finding = cases[i].finding;
    }
}
