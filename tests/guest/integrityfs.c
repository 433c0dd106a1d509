/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "integrityfs": one wrong bit on the way to a file system: its checksums
 * cover its own blocks, and not those of files.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/program.h"
#include "lib/suite.h"

#define MOUNT "/fs"
#define BYTES 4096
#define FILES 100               /* so that XFS has a block for the directory */
#define MKFS_MS 120000

typedef struct FsCase {
    const char *name, *type;
    bool metadata;              /* the directory, not the file */
    const char *error;          /* of what reads it, or NULL: nobody notices */
    const char *from;
} FsCase;

static FsCase cases[] = {
    { "integrityfs/ext4/file", "ext4", false, NULL,
      "ext4 has no checksum of file data" },
    { "integrityfs/ext4/directory", "ext4", true, "EBADMSG",
      "__ext4_find_entry(): EFSBADCRC" },
    { "integrityfs/xfs/file", "xfs", false, NULL,
      "XFS has no checksum of file data" },
    { "integrityfs/xfs/directory", "xfs", true, "EUCLEAN",
      "xfs_dir3_block_read_verify(), xfs_trans_read_buf_map(): EFSBADCRC "
      "becomes EFSCORRUPTED" },
};

static char data[BYTES] __attribute__((aligned(BYTES)));
static int file = -1;

static int load(Suite *suite)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        suite_add(suite, strdup(cases[i].name), &cases[i])->alone = true;
    }
    return 0;
}

/* Added by run(): before that, mkfs and mount read what is right. */
static void rules(Suite *suite, const Case *c, Buf *buf)
{
    (void)suite, (void)c, (void)buf;
}

static bool arm(Suite *suite, const Case *c)
{
    char rule[160];

    snprintf(rule, sizeof(rule), "{\"rules\":[{\"id\":\"c%u\",\"opcode\":"
             "\"read\",\"action\":\"corrupt\",\"times\":1,\"offset\":99,"
             "\"length\":1}]}", c->ordinal);
    return suite_request(suite, "nvme-fi-add", rule, NULL);
}

static bool make_file(unsigned number)
{
    char path[40];
    int fd;
    bool ok;

    snprintf(path, sizeof(path), MOUNT "/file-%u", number);
    fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    memset(data, 'a', BYTES);
    ok = fd >= 0 && write(fd, data, number ? 1 : BYTES) > 0;
    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

/* ext4 reads nothing by itself when it is idle: it would meet the rule. */
static bool mount_fs(Suite *suite, const FsCase *fc)
{
    const char *options = strcmp(fc->type, "ext4") ? NULL :
                          "noinit_itable,no_prefetch_block_bitmaps";

    return !mount(suite->disk.path, MOUNT, fc->type, 0, options);
}

/* A new file system; returns NULL, or what is wrong. */
static const char *make_fs(Suite *suite, const FsCase *fc)
{
    bool xfs = !strcmp(fc->type, "xfs");
    const char *argv[] = { xfs ? "mkfs.xfs" : "mkfs.ext4",
                           xfs ? "-f" : "-F", "-q", suite->disk.path, NULL };
    Program program;
    int status = program_run(&program, MKFS_MS, argv);

    program_done(&program);
    if (status) {
        return "mkfs failed";
    }
    mkdir(MOUNT, 0700);
    if (!mount_fs(suite, fc)) {
        return "the file system cannot be mounted";
    }
    for (unsigned i = 0; i < FILES; i++) {
        if (!make_file(i)) {
            return "the files cannot be made";
        }
    }
    return NULL;
}

/* Mounted anew, nothing but what a mount needs is in memory. */
static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;

    out->skip = make_fs(suite, fc);
    if (!out->skip && (umount(MOUNT) || !mount_fs(suite, fc))) {
        out->skip = "the file system cannot be mounted again";
    }
    if (!out->skip && !fc->metadata) {
        file = open(MOUNT "/file-0", O_RDONLY | O_DIRECT | O_CLOEXEC);
    }
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;
    struct stat st;

    if (!arm(suite, c)) {
        out->value = -1;
        return;
    }
    if (fc->metadata) {
        out->value = stat(MOUNT "/file-50", &st);
        out->error = out->value < 0 ? errno : 0;
        return;
    }
    out->value = pread(file, data, BYTES, 0);
    out->error = out->value < 0 ? errno : 0;
    out->data = data[99] == ('a' ^ 1) && data[98] == 'a' ? "damaged" : "new";
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)c, (void)out;
    if (file >= 0) {
        close(file);
        file = -1;
    }
    umount(MOUNT);
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    const FsCase *fc = c->data;

    (void)suite, (void)out;
    buf_json_key(record, "stimulus");
    buf_printf(record, "{\"op\":\"read\",\"file-system\":\"%s\",\"noticed-by\""
               ":\"%s\"}", fc->type, fc->error ? "file system" : "nobody");
    buf_json_key(record, "expected");
    buf_puts(record, "{\"device\":{\"hits\":1},\"block\":{\"errno\":null}");
    buf_json_key(record, "result");
    if (fc->error) {
        buf_printf(record, "{\"value\":-1,\"errno\":\"%s\"}}", fc->error);
    } else {
        buf_printf(record, "{\"value\":%d,\"errno\":null,\"data\":"
                   "\"damaged\"},\"log\":[]}", BYTES);
    }
    buf_json_str(record, "from", fc->from);
}

static const SuiteClass integrityfs_class = {
    .name = "integrityfs",
    .machine = "{\"kernel\":\"nvme_core.multipath=N\","
               "\"programs\":[\"mkfs.ext4\",\"mkfs.xfs\"],"
               "\"modules\":[\"xfs\"],\"timeout\":120}",
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

int main(int argc, char **argv)
{
    return suite_main(&integrityfs_class, argc, argv);
}
