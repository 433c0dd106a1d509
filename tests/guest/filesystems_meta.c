/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "filesystems": journals, logs and metadata that cannot be written or
 * read: read-only, shut down, tried again.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "filesystems.h"

/* What is looked for in the kernel's log. */
static const char *const said[] = {
    "Aborting journal on device", "Remounting filesystem read-only",
    "reading directory lblock 0",
    "log I/O error -5", "shut down due to log error (0x2)",
    "metadata I/O error in",
    "IO failure", "forced readonly", "submitting device barriers",
    NULL
};

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;

    fs_ready(suite, fc->fs, out);
    if (!out->skip) {
        mkdir(fs_path(fc->fs, "before"), DIR_MODE);
        file_fill(fs_path(fc->fs, "before/file"), 'o', 0);
        sync();
    }
}

/* The next case mounts it again, when all of it works: nothing is lost that
 * was there before. */
static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;

    (void)suite, (void)out;
    fs_leave(fc->fs);
}

static bool break_all(Suite *suite, const Case *c, const char *members)
{
    const FsCase *fc = c->data;

    return arm(suite, c, DRIVE, "\"action\":\"status\",\"status\":\"%s\","
               "\"dnr\":true,\"nsid\":%u,%s", fc->status,
               file_systems[fc->fs].nsid, members);
}

/* A new folder, and fsync() of it. */
static int make_folder(Fs fs)
{
    static unsigned number;
    char path[64];
    int fd, ret;

    snprintf(path, sizeof(path), "%s-%u", fs_path(fs, "new"), number++);
    ret = mkdir(path, DIR_MODE) ? -errno : 0;
    fd = ret ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ret = fsync(fd) ? -errno : 0;
        close(fd);
    }
    return ret;
}

static int look(Fs fs)
{
    struct stat st;

    return stat(fs_path(fs, "before"), &st) ? -errno : 0;
}

/* Journal or log is all that is written, and cannot be. */
static void no_log(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;

    if (!break_all(suite, c, fc->arg ? "\"opcode\":\"flush\"" :
                   "\"opcode\":\"write\"")) {
        out->value = -2;
        return;
    }
    observe_errno(out, "sync", make_folder(fc->fs));
    observe_errno(out, "mkdir", make_folder(fc->fs));
    observe_errno(out, "stat", look(fc->fs));
    fs_observe_mount(fc->fs, out);
    log_observe(out, said);
}

/* The first read of a folder. */
static void no_folder(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;
    char members[120] = "\"opcode\":\"read\",\"times\":1";
    unsigned long long slba;
    struct stat st;

    slba = fc->fs == EXT4 ? file_slba(fc->fs, fs_path(fc->fs, "before")) : 0;
    if (slba) {
        snprintf(members, sizeof(members), "\"opcode\":\"read\",\"times\":1,"
                 "\"slba\":%llu,\"nlb\":%d", slba, BLOCK / 512);
    }
    if (fs_remount(fc->fs) || !break_all(suite, c, members)) {
        out->value = -2;
        return;
    }
    observe_errno(out, "stat", stat(fs_path(fc->fs, "before/file"), &st) ?
                  -errno : 0);
    observe_errno(out, "stat-again",
                  stat(fs_path(fc->fs, "before/file"), &st) ? -errno : 0);
    observe_errno(out, "mkdir", make_folder(fc->fs));
    fs_observe_mount(fc->fs, out);
    log_observe(out, said);
}

static uint64_t big_endian(const unsigned char *at, unsigned bytes)
{
    uint64_t value = 0;

    while (bytes--) {
        value = value << 8 | *at++;
    }
    return value;
}

/* Writes anywhere but in the log, by the superblock (struct xfs_dsb). */
static bool break_all_but_log(Suite *suite, const Case *c, const char *members)
{
    static unsigned char sb[BLOCK] __attribute__((aligned(BLOCK)));
    int fd = open(disk_path(NSID_XFS), O_RDONLY | O_DIRECT | O_CLOEXEC);
    bool ok = fd >= 0 && pread(fd, sb, sizeof(sb), 0) == BLOCK &&
              !memcmp(sb, "XFSB", 4);
    unsigned shift = sb[124];                       /* agblklog */
    uint64_t start = big_endian(sb + 48, 8);        /* logstart */
    uint64_t ag = start >> shift;
    char rule[160];

    if (fd >= 0) {
        close(fd);
    }
    start = ag * big_endian(sb + 84, 4) + (start & ((1ULL << shift) - 1));
    start *= BLOCK / 512;
    snprintf(rule, sizeof(rule), "\"opcode\":\"write\",\"slba\":0,\"nlb\":"
             "%llu%s", (unsigned long long)start, members);
    ok = ok && break_all(suite, c, rule);
    start += big_endian(sb + 96, 4) * (BLOCK / 512); /* logblocks */
    snprintf(rule, sizeof(rule), "\"opcode\":\"write\",\"slba\":%llu,"
             "\"nlb\":1048576%s", (unsigned long long)start, members);
    return ok && break_all(suite, c, rule);
}

static const char *xfs_retries(void)
{
    static char path[96];

    snprintf(path, sizeof(path), "/sys/fs/xfs/%s/error/metadata/EIO/"
             "max_retries", disk_path(NSID_XFS) + strlen("/dev/"));
    return path;
}

/* "metadata I/O error in" comes at most every five seconds. */
static const char *const said_once[] = {
    "Metadata I/O Error (0x1) detected", NULL
};

/* Metadata is written where it belongs when the file system is frozen. */
static void write_back(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;
    int fd, ret = make_folder(XFS);

    if (ret || !break_all_but_log(suite, c, fc->arg ? ",\"state\":\"\","
                                  "\"set-state\":\"met\"" : "") ||
        (!fc->arg && put_text(xfs_retries(), "0"))) {
        out->value = -2;
        return;
    }
    fd = open(fs_path(XFS, ""), O_RDONLY | O_CLOEXEC);
    ret = ioctl(fd, FIFREEZE, 0) ? -errno : 0;
    if (!ret) {
        ioctl(fd, FITHAW, 0);
    }
    close(fd);
    observe_errno(out, "freeze", ret);
    observe_errno(out, "mkdir", make_folder(XFS));
    observe_errno(out, "stat", look(XFS));
    log_observe(out, said_once);
}

#define SEEN(hits, members) "{\"device\":{\"hits\":" hits "},\"result\":{" \
    "\"value\":0,\"observed\":{" members "}}}"
#define SOME "{\"min\":1,\"max\":200}"

#define EXT4_SAID "\"said\":[\"Aborting journal on device\"," \
    "\"Remounting filesystem read-only\"]"
#define EXT4_RO(mount) SEEN(SOME, "\"sync\":\"EIO\",\"mkdir\":\"EROFS\"," \
    "\"stat\":null,\"mount\":\"" mount "\"," EXT4_SAID)
#define XFS_DOWN(mount) SEEN(SOME, "\"sync\":\"EIO\",\"mkdir\":\"EIO\"," \
    "\"stat\":\"EIO\",\"mount\":\"" mount "\",\"said\":[\"log I/O error -5\"," \
    "\"shut down due to log error (0x2)\"]")
#define ROW(kind, title, function, ...) \
    { .name = title, .prepare = prepare, .run = function, .cleanup = cleanup, \
      .fs = kind, .status = "internal-error", __VA_ARGS__ }

static const FsCase cases[] = {
    ROW(EXT4, "ext4/journal-write", no_log, .expect = {
        { NULL, EXT4_RO("rw") }, { "6.14", EXT4_RO("rw,emergency_ro") } },
        .calls = "jbd2_journal_abort>=1",
        .from = "jbd2_journal_commit_transaction(), ext4_handle_error()"),
    ROW(EXT4, "ext4/journal-flush", no_log, .arg = 1, .expect = {
        { NULL, EXT4_RO("rw") }, { "6.14", EXT4_RO("rw,emergency_ro") } },
        .calls = "jbd2_journal_abort>=1",
        .from = "journal_wait_on_commit_record(), ext4_handle_error()"),
    ROW(EXT4, "ext4/directory-read", no_folder, .expect = { { NULL,
        SEEN("1", "\"stat\":\"EIO\",\"stat-again\":null,\"mkdir\":null,"
             "\"mount\":\"rw\",\"said\":[\"reading directory lblock 0\"]") } },
        .calls = "jbd2_journal_abort=0",
        .from = "__ext4_find_entry(): errors=continue"),
    ROW(XFS, "xfs/log-write", no_log,
        .expect = { { NULL, XFS_DOWN("rw") } },
        .calls = "xlog_force_shutdown>=1",
        .from = "xlog_ioend_work(), xlog_force_shutdown()"),
    ROW(XFS, "xfs/log-flush", no_log, .arg = 1,
        .expect = { { NULL, XFS_DOWN("rw") } },
        .calls = "xlog_force_shutdown>=1",
        .from = "xlog_write_iclog(): REQ_PREFLUSH; xlog_ioend_work()"),
    ROW(XFS, "xfs/metadata-read", no_folder, .expect = { { NULL,
        SEEN("1", "\"stat\":\"EIO\",\"stat-again\":null,\"mkdir\":null,"
             "\"mount\":\"rw\",\"said\":[\"metadata I/O error in\"]") } },
        .calls = "xfs_do_force_shutdown=0",
        .from = "xfs_trans_read_buf_map(), xfs_buf_ioerror_alert()"),
    ROW(XFS, "xfs/metadata-write-once", write_back, .arg = 1, .expect = {
        /* frozen only once all of it was written */
        { NULL, SEEN("1,\"commands\":[{\"executed\":false,\"status\":16390}]",
                     "\"freeze\":null,\"mkdir\":null,\"stat\":null,"
                     "\"said\":[]") } },
        .calls = "xfs_buf_ioend_handle_error=1 xfs_do_force_shutdown=0",
        .from = "xfs_buf_ioend_handle_error(): sent again at once"),
    ROW(XFS, "xfs/metadata-write-no-retries", write_back, .expect = {
        { NULL, SEEN("{\"min\":2,\"max\":20}", "\"mkdir\":\"EIO\",\"stat\":"
                     "\"EIO\",\"said\":[\"Metadata I/O Error (0x1) "
                     "detected\"]") } },
        .calls = "xfs_buf_ioend_handle_error>=2 xfs_do_force_shutdown>=1",
        .from = "xfs_buf_ioerror_permanent(), max_retries 0"),
    ROW(BTRFS, "btrfs/flush", no_log, .arg = 1, .expect = {
        { NULL, SEEN(SOME, "\"sync\":\"EIO\",\"mkdir\":\"EROFS\",\"stat\":"
                     "null,\"mount\":\"ro\",\"said\":[\"IO failure\","
                     "\"forced readonly\","
                     "\"submitting device barriers\"]") } },
        .calls = "__btrfs_handle_fs_error>=1",
        .from = "write_all_supers(), barrier_all_devices(), "
                "btrfs_handle_fs_error()"),
    ROW(BTRFS, "btrfs/metadata-write", no_log, .expect = {
        /* what was not written is read again, and is not there */
        { NULL, SEEN(SOME, "\"sync\":\"EIO\",\"mkdir\":\"EIO\",\"stat\":"
                     "null,\"mount\":\"ro\",\"said\":[\"IO failure\","
                     "\"forced readonly\"]") } },
        .calls = "__btrfs_handle_fs_error>=1",
        .from = "btrfs_commit_transaction(), btrfs_handle_fs_error(), "
                "set_btree_ioerr()"),
};

void meta_cases(Suite *suite)
{
    add_cases(suite, cases, sizeof(cases) / sizeof(*cases));
}
