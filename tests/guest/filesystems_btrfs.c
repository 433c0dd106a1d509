/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "filesystems": btrfs with two copies: which errors it repairs, and
 * which it counts.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "filesystems.h"

enum { DATA, METADATA };        /* FsCase.arg */

static char data[BLOCK] __attribute__((aligned(BLOCK)));

/* The counters of all devices, and all are set to 0. */
static void observe_stats(Fs fs, Outcome *out)
{
    unsigned long long sum[BTRFS_DEV_STAT_VALUES_MAX] = { 0 };
    int fd = open(fs_path(fs, ""), O_RDONLY | O_CLOEXEC);

    for (int devid = 1; devid <= (fs == RAID ? 2 : 1); devid++) {
        struct btrfs_ioctl_get_dev_stats stats = {
            .devid = devid, .nr_items = BTRFS_DEV_STAT_VALUES_MAX,
            .flags = BTRFS_DEV_STATS_RESET };

        if (fd >= 0 && !ioctl(fd, BTRFS_IOC_GET_DEV_STATS, &stats)) {
            for (int i = 0; i < BTRFS_DEV_STAT_VALUES_MAX; i++) {
                sum[i] += stats.values[i];
            }
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    if (out) {
        buf_json_int(&out->observed, "read-errors",
                     sum[BTRFS_DEV_STAT_READ_ERRS]);
        buf_json_int(&out->observed, "write-errors",
                     sum[BTRFS_DEV_STAT_WRITE_ERRS]);
        buf_json_int(&out->observed, "corruption-errors",
                     sum[BTRFS_DEV_STAT_CORRUPTION_ERRS]);
    }
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;
    const char *path = fs_path(fc->fs, "copied");
    int fd;

    fs_ready(suite, fc->fs, out);
    if (out->skip) {
        return;
    }
    fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 || file_fill(path, 'o', 0) || fsync(fd) || syncfs(fd)) {
        out->skip = "the file cannot be made";
    }
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    close(fd);
    observe_stats(fc->fs, NULL);
}

/* What became read-only is mounted again. */
static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;

    (void)suite, (void)out;
    if (fc->fs == BTRFS) {
        fs_leave(BTRFS);
    }
}

/* A rule for each copy of the file's block; %s is the members. */
static bool break_copies(Suite *suite, const Case *c, const char *opcode,
                         const char *members)
{
    const char *path = fs_path(RAID, "copied");
    uint64_t logical = file_map(path);
    bool ok = logical != 0;

    for (unsigned mirror = 0; ok && mirror < 2; mirror++) {
        unsigned devid;
        uint64_t slba;

        ok = btrfs_map(path, logical, mirror, &devid, &slba) &&
             arm(suite, c, DRIVE, "\"nsid\":%u,\"slba\":%llu,\"nlb\":%d,"
                 "\"opcode\":\"%s\",%s",
                 devid == 1 ? NSID_RAID_A : NSID_RAID_B,
                 (unsigned long long)slba, BLOCK / 512, opcode, members);
    }
    return ok;
}

static void read_file(Outcome *out)
{
    int fd = open(fs_path(RAID, "copied"), O_RDONLY | O_DIRECT | O_CLOEXEC);
    ssize_t n;

    /* a page that is not there yet would make it a buffered read */
    memset(data, 0, sizeof(data));
    n = pread(fd, data, sizeof(data), 0);

    observe_errno(out, "read", n < 0 ? -errno : 0);
    buf_json_bool(&out->observed, "right", n == BLOCK && data[0] == 'o' &&
                  data[99] == 'o');
    close(fd);
}

static const char *const said[] = { "read error corrected", "csum failed",
                                    NULL };

/* The first copy that is read, whichever that is; what is written again is
 * counted. */
#define FIRST ",\"state\":\"\",\"set-state\":\"met\""
#define DAMAGE "\"action\":\"corrupt\",\"where\":\"host\",\"offset\":99," \
    "\"length\":1" FIRST

static void repair(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;
    char members[160];

    snprintf(members, sizeof(members), "\"action\":\"status\",\"status\":"
             "\"%s\",\"dnr\":true" FIRST, fc->status ? fc->status : "");
    if (!break_copies(suite, c, "read", fc->status ? members : DAMAGE) ||
        !break_copies(suite, c, "write", "\"action\":\"none\"")) {
        out->value = -2;
        return;
    }
    read_file(out);
    read_file(out);
    observe_stats(RAID, out);
    log_observe(out, said);
}

static void both(Suite *suite, const Case *c, Outcome *out)
{
    if (!break_copies(suite, c, "read", "\"action\":\"status\",\"status\":"
                      "\"internal-error\",\"dnr\":true")) {
        out->value = -2;
        return;
    }
    read_file(out);
    observe_stats(RAID, out);
    log_observe(out, said);
}

/* One of the two copies of what is written, be it data or metadata. */
static void one_write(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;
    const char *path = fs_path(fc->fs, "copied");
    int fd = open(path, O_RDWR | O_CLOEXEC);

    if (fd < 0 || (fc->arg == METADATA ? fchmod(fd, 0640) :
                   file_fill(path, 'o', 0)) ||
        !arm(suite, c, DRIVE, "\"nsid\":%u,\"opcode\":\"write\",\"times\":1,"
             "\"action\":\"status\",\"status\":\"%s\",\"dnr\":true",
             file_systems[fc->fs].nsid, fc->status)) {
        out->value = -2;
        return;
    }
    observe_errno(out, "sync", (fc->arg == METADATA ? syncfs(fd) :
                                 fsync(fd)) ? -errno : 0);
    close(fd);
    observe_stats(fc->fs, out);
    fs_observe_mount(fc->fs, out);
    log_observe(out, said);
}

/* Behind the first superblock are trees, the first of which is read first. */
static void mount_tree(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;

    fs_leave(BTRFS);
    if (!arm(suite, c, DRIVE, "\"nsid\":%u,\"opcode\":\"read\",\"slba\":2048,"
             "\"nlb\":522240,\"times\":1,\"action\":\"status\",\"status\":"
             "\"%s\",\"dnr\":true", NSID_BTRFS, fc->status)) {
        out->value = -2;
        return;
    }
    fs_ready(suite, BTRFS, out);
    fs_observe_mount(BTRFS, out);
    log_observe(out, said);
}

#define SEEN(hits, members) "{\"device\":{\"hits\":" hits "},\"result\":{" \
    "\"value\":0,\"observed\":{" members "}}}"
#define COUNTS(r, w, c) ",\"read-errors\":" r ",\"write-errors\":" w \
    ",\"corruption-errors\":" c
#define SOME "{\"min\":1,\"max\":99}"    /* bios that became one command */
#define GOOD "\"read\":null,\"right\":true"
#define CORRECTED ",\"said\":[\"read error corrected\"]"
#define ROW(title, kind, function, ...) \
    { .name = "btrfs/" title, .prepare = prepare, .run = function, \
      .cleanup = cleanup, .fs = kind, __VA_ARGS__ }

static const FsCase cases[] = {
    ROW("repair/read", RAID, repair, .status = "internal-error",
        .expect = { { NULL, SEEN("2", GOOD COUNTS("1", "0", "0")
                                 CORRECTED) } },
        .calls = "btrfs_repair_io_failure=1",
        .from = "btrfs_check_read_bio(), btrfs_repair_io_failure()"),
    ROW("repair/medium-error", RAID, repair,
        .status = "unrecovered-read-error",
        .expect = { { NULL, SEEN("2", GOOD COUNTS("0", "0", "0")
                                 CORRECTED) },
                    { "7.2", SEEN("2", GOOD COUNTS("1", "0", "0")
                                  CORRECTED) } },
        .calls = "btrfs_repair_io_failure=1",
        .from = "btrfs_log_dev_io_error(): BLK_STS_MEDIUM since 7.2",
        .finding = "btrfs-medium-errors-not-counted", .fixed = "7.2"),
    ROW("repair/checksum", RAID, repair,
        .expect = { { NULL, SEEN("2", GOOD COUNTS("0", "0", "1")
                                 ",\"said\":[\"read error corrected\","
                                 "\"csum failed\"]") } },
        .calls = "btrfs_repair_io_failure=1",
        .from = "btrfs_data_csum_ok(), btrfs_repair_io_failure()"),
    ROW("repair/both-copies", RAID, both,
        .expect = { { NULL, SEEN("2", "\"read\":\"EIO\",\"right\":false"
                                 COUNTS("2", "0", "0") ",\"said\":[]") } },
        .calls = "btrfs_repair_io_failure=0",
        .from = "btrfs_end_repair_bio(): no mirror left"),
    ROW("one-copy/data", RAID, one_write, .status = "internal-error",
        .expect = { { NULL, SEEN("1", "\"sync\":null,\"mount\":\"rw\""
                                 COUNTS("0", "1", "0")) } },
        .calls = "__btrfs_handle_fs_error=0",
        .from = "btrfs_orig_write_end_io(): max_errors"),
    ROW("one-copy/metadata", RAID, one_write, .status = "internal-error",
        .arg = METADATA,
        .expect = { { NULL, SEEN("1", "\"sync\":null,\"mount\":\"rw\""
                                 COUNTS("0", SOME, "0")) } },
        .calls = "__btrfs_handle_fs_error=0",
        .from = "btrfs_orig_write_end_io(), btrfs_chunk_max_errors()"),
    /* of two copies on one disk both have to be written */
    ROW("one-copy/metadata-dup", BTRFS, one_write, .arg = METADATA,
        .status = "internal-error",
        .expect = { { NULL, SEEN("1", "\"sync\":\"EIO\",\"mount\":\"ro\""
                                 COUNTS("0", SOME, "0")) } },
        .calls = "__btrfs_handle_fs_error>=1",
        .from = "btrfs_raid_array[]: tolerated_failures 0"),
    ROW("repair/metadata", BTRFS, mount_tree, .status = "internal-error",
        .expect = { { NULL, SEEN("1", "\"mount\":\"rw\"" CORRECTED) } },
        .calls = "btrfs_repair_io_failure>=1",
        .from = "btrfs_read_extent_buffer(), btrfs_repair_eb_io_failure()"),
};

void btrfs_cases(Suite *suite)
{
    add_cases(suite, cases, sizeof(cases) / sizeof(*cases));
}
