/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "filesystems": a write that was only promised fails: to whom it is
 * told, how often, and what is left of the data.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filesystems.h"

#define NBEFORE 3               /* descriptors from before the error */

static char data[BLOCK] __attribute__((aligned(BLOCK)));
static int files[NBEFORE] = { -1, -1, -1 };
static int folder = -1;

static int result(int ret)
{
    return ret < 0 ? -errno : 0;
}

static int fill(int fd, char byte)
{
    memset(data, byte, sizeof(data));
    return pwrite(fd, data, sizeof(data), 0) < 0 ? -errno : 0;
}

/* "old", "new": what the file begins with. */
static const char *look(int fd)
{
    if (pread(fd, data, sizeof(data), 0) != (ssize_t)sizeof(data)) {
        return "unreadable";
    }
    return data[0] == 'n' ? "new" : data[0] == 'o' ? "old" : "else";
}

/* Nothing of it is dirty or cached, and nobody has an error to hear of. */
static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;

    file_prepare(suite, c, out);
    if (out->skip) {
        return;
    }
    for (int i = 0; i < NBEFORE; i++) {
        files[i] = open(fs_path(fc->fs, FILE_NAME), O_RDWR | O_CLOEXEC);
    }
    folder = open(fs_path(fc->fs, ""), O_RDONLY | O_CLOEXEC);
    fill(files[0], 'o');
    for (int i = 0; i < NBEFORE; i++) {
        fsync(files[i]);
    }
    syncfs(folder);
    syncfs(folder);
    posix_fadvise(files[0], 0, 0, POSIX_FADV_DONTNEED);
    pread(files[0], data, sizeof(data), 0);
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)c, (void)out;
    for (int i = 0; i < NBEFORE; i++) {
        close(files[i]);
        files[i] = -1;
    }
    close(folder);
    folder = -1;
}

/* The file's next writes fail. */
static bool break_file(Suite *suite, const Case *c)
{
    const FsCase *fc = c->data;
    unsigned long long slba = file_slba(fc->fs, fs_path(fc->fs, FILE_NAME));

    return slba && arm(suite, c, DRIVE, "\"action\":\"status\",\"status\":"
                       "\"%s\",\"dnr\":true,\"nsid\":%u,\"opcode\":\"write\","
                       "\"slba\":%llu,\"nlb\":%d", fc->status,
                       file_systems[fc->fs].nsid, slba, BLOCK / 512);
}

static int open_late(Fs fs)
{
    return open(fs_path(fs, FILE_NAME), O_RDWR | O_CLOEXEC);
}

/* Each that had it open is told once, be it the one that wrote or not. */
static void two(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;

    if (!break_file(suite, c) || fill(files[0], 'n')) {
        out->value = -2;
        return;
    }
    if (fc->fs == BTRFS) {
        /* a worker notes the error, too; this waits for it */
        syncfs(folder);
    }
    observe_errno(out, "writer", result(fsync(files[0])));
    observe_errno(out, "reader", result(fsync(files[1])));
    observe_errno(out, "writer-again", result(fsync(files[0])));
    observe_errno(out, "reader-again", result(fsync(files[1])));
    observe_errno(out, "fdatasync", result(fdatasync(files[2])));
}

/* Who opens it later is told what nobody was told, and nothing else. */
static void late(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;
    int fd;

    if (!break_file(suite, c) || fill(files[0], 'n')) {
        out->value = -2;
        return;
    }
    observe_errno(out, "syncfs", result(syncfs(folder)));
    observe_errno(out, "syncfs-again", result(syncfs(folder)));
    fd = open_late(fc->fs);
    observe_errno(out, "late", result(fsync(fd)));
    close(fd);
    fd = open_late(fc->fs);
    observe_errno(out, "later", result(fsync(fd)));
    close(fd);
    observe_errno(out, "writer", result(fsync(files[0])));
}

/* The second fsync() succeeds and writes nothing. */
static void again(Suite *suite, const Case *c, Outcome *out)
{
    if (!break_file(suite, c) || fill(files[0], 'n')) {
        out->value = -2;
        return;
    }
    observe_errno(out, "fsync", result(fsync(files[0])));
    syncfs(folder);
    fsync(files[0]);
    observe_errno(out, "fsync-again", result(fsync(files[0])));
    buf_json_str(&out->observed, "cached", look(files[0]));
    posix_fadvise(files[0], 0, 0, POSIX_FADV_DONTNEED);
    buf_json_str(&out->observed, "on-the-drive", look(files[0]));
}

/* Only the caller whose flush it was. */
static void flush(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;

    if (fill(files[0], 'n') ||
        !arm(suite, c, DRIVE, "\"action\":\"status\",\"status\":\"%s\","
             "\"dnr\":true,\"nsid\":%u,\"opcode\":\"flush\",\"times\":1",
             fc->status, file_systems[fc->fs].nsid)) {
        out->value = -2;
        return;
    }
    observe_errno(out, "writer", result(fdatasync(files[0])));
    observe_errno(out, "reader", result(fdatasync(files[1])));
    observe_errno(out, "writer-again", result(fdatasync(files[0])));
}

#define ONCE(members) "{\"device\":{\"hits\":1},\"result\":{\"value\":0," \
    "\"observed\":{" members "}}}"
#define LATE { { NULL, ONCE("\"syncfs\":\"EIO\",\"syncfs-again\":null," \
    "\"late\":\"EIO\",\"later\":null,\"writer\":\"EIO\"") } }
#define TWO { { NULL, ONCE("\"writer\":\"EIO\",\"reader\":\"EIO\"," \
    "\"writer-again\":null,\"reader-again\":null,\"fdatasync\":\"EIO\"") } }
#define LOST(cached) ONCE("\"fsync\":\"EIO\",\"fsync-again\":null," \
    "\"cached\":\"" cached "\",\"on-the-drive\":\"old\"")
#define FLUSH { { NULL, ONCE("\"writer\":\"EIO\",\"reader\":null," \
    "\"writer-again\":null") } }

#define TOLD "file_check_and_advance_wb_err()"
#define ROW(kind, title, function, ...) \
    { .name = title, .prepare = prepare, .run = function, .cleanup = cleanup, \
      .fs = kind, .status = "internal-error", __VA_ARGS__ }

static const FsCase cases[] = {
    ROW(EXT4, "ext4/fsync/two-descriptors", two, .expect = TWO, .from = TOLD),
    ROW(XFS, "xfs/fsync/two-descriptors", two, .expect = TWO, .from = TOLD),
    ROW(BTRFS, "btrfs/fsync/two-descriptors", two, .expect = TWO,
        .from = TOLD),
    ROW(EXT4, "ext4/fsync/opened-later", late, .expect = LATE,
        .from = "errseq_sample(), syncfs()"),
    ROW(XFS, "xfs/fsync/opened-later", late, .expect = LATE,
        .from = "errseq_sample(), syncfs()"),
    ROW(BTRFS, "btrfs/fsync/opened-later", late, .expect = LATE,
        .from = "errseq_sample(), syncfs()"),
    ROW(EXT4, "ext4/fsync/again-loses-data", again,
        .expect = { { NULL, LOST("new") } }, .from = "ext4_finish_bio()"),
    ROW(XFS, "xfs/fsync/again-loses-data", again,
        .expect = { { NULL, LOST("new") } },
        .from = "iomap_finish_ioend(), iomap_finish_folio_write()"),
    ROW(BTRFS, "btrfs/fsync/again-loses-data", again,
        .expect = { { NULL, LOST("old") }, { "6.12", LOST("new") } },
        .from = "end_extent_writepage(): not up to date; "
                "end_bbio_data_write()"),
    ROW(EXT4, "ext4/fsync/flush", flush, .expect = FLUSH,
        .from = "ext4_sync_file(), blkdev_issue_flush()"),
    ROW(XFS, "xfs/fsync/flush", flush, .expect = FLUSH,
        .from = "xfs_file_fsync(), blkdev_issue_flush()"),
};

void fsync_cases(Suite *suite)
{
    add_cases(suite, cases, sizeof(cases) / sizeof(*cases));
}
