/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "filesystems": a block of a file is refused, with a status: the errno
 * that a program gets of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/fs.h>
#include <unistd.h>

#include "filesystems.h"

typedef enum Op { READ, READ_DIRECT, WRITE_FSYNC, WRITE_DIRECT, NOPS } Op;

static const char *const op_names[NOPS] = {
    "read", "read-direct", "write-fsync", "write-direct"
};

/* nvme_error_status(), blk_errors[]: the same in all versions. */
static const struct {
    const char *status, *error;
} statuses[] = {
    { "internal-error", "EIO" },
    { "access-denied", "ENODATA" },
    { "capacity-exceeded", "ENOSPC" },
    { "lba-out-of-range", "EREMOTEIO" },
    { "reservation-conflict", "EBADE" },
    { "host-pathing-error", "ENOLINK" },
};
#define STATUSES (sizeof(statuses) / sizeof(*statuses))

static char data[BLOCK] __attribute__((aligned(BLOCK)));
static int file = -1;

static bool is_read(Op op)
{
    return op == READ || op == READ_DIRECT;
}

/* Overwritten in place, without checksums: the blocks stay where they are. */
static int make_file(Fs fs)
{
    const char *path = fs_path(fs, FILE_NAME);
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    int flags = 0, ret = fd < 0 ? -errno : 0;

    if (!ret && !strcmp(file_systems[fs].type, "btrfs") &&
        !ioctl(fd, FS_IOC_GETFLAGS, &flags)) {
        flags |= FS_NOCOW_FL;
        ioctl(fd, FS_IOC_SETFLAGS, &flags);
    }
    ret = ret ? ret : file_fill(path, 'o', 0);
    if (!ret && (fsync(fd) || syncfs(fd))) {
        ret = -errno;
    }
    if (fd >= 0) {
        close(fd);
    }
    return ret;
}

void file_prepare(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;

    fs_ready(suite, fc->fs, out);
    if (!out->skip && access(fs_path(fc->fs, FILE_NAME), F_OK) &&
        make_file(fc->fs)) {
        out->skip = "the file cannot be made";
    }
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;
    bool direct = fc->arg == READ_DIRECT || fc->arg == WRITE_DIRECT;

    file_prepare(suite, c, out);
    if (out->skip) {
        return;
    }
    file = open(fs_path(fc->fs, FILE_NAME), O_RDWR | O_CLOEXEC |
                (direct ? O_DIRECT : 0));
    fsync(file);
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;
    unsigned long long slba = file_slba(fc->fs, fs_path(fc->fs, FILE_NAME));
    ssize_t n;

    if (!slba || !arm(suite, c, DRIVE, "\"action\":\"status\",\"status\":"
                      "\"%s\",\"dnr\":true,\"nsid\":%u,\"opcode\":\"%s\","
                      "\"slba\":%llu,\"nlb\":%d", fc->status,
                      file_systems[fc->fs].nsid,
                      is_read(fc->arg) ? "read" : "write", slba,
                      BLOCK / 512)) {
        out->value = -2;
        return;
    }
    memset(data, 'n', sizeof(data));
    n = is_read(fc->arg) ? pread(file, data, BLOCK, 0) :
        pwrite(file, data, BLOCK, 0);
    if (fc->arg == WRITE_FSYNC && n == BLOCK) {
        n = fsync(file);
    }
    out->value = n;
    out->error = n < 0 ? errno : 0;
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)c, (void)out;
    close(file);
    file = -1;
}

/*
 * What is read through the page cache has failed or not.  What is written
 * through it is told by the errno that was noted last, which ext4 was the only
 * one to replace; btrfs looks at two flags.
 */
static const char *foretell(const Suite *suite, const FsCase *fc,
                            const char *error, const Outcome *out)
{
    const Version clear = { 6, 12 };
    bool btrfs = fc->fs == BTRFS;

    switch ((Op)fc->arg) {
    case READ:
        return "EIO";
    case READ_DIRECT:
        return btrfs ? "EIO" : error;
    case WRITE_DIRECT:
        return error;
    case WRITE_FSYNC:
        if (btrfs) {
            /* which flag is set in time depends on a worker */
            return out->error == ENOSPC && !strcmp(error, "ENOSPC") ?
                   error : "EIO";
        }
        return fc->fs == EXT4 && version_compare(suite->kernel, clear) < 0 ?
               "EIO" : error;
    case NOPS:
        break;
    }
    return NULL;
}

/* A page is read ahead first, and then by itself. */
static void foresee(Suite *suite, const Case *c, const Outcome *out,
                    Buf *expected)
{
    const FsCase *fc = c->data;
    const char *error = NULL;

    for (size_t i = 0; i < STATUSES; i++) {
        if (!strcmp(statuses[i].status, fc->status)) {
            error = statuses[i].error;
        }
    }
    buf_printf(expected, "\"device\":{\"hits\":%d},\"result\":{\"value\":-1,"
               "\"errno\":\"%s\"}", fc->arg == READ ? 2 : 1,
               foretell(suite, fc, error, out));
    if (is_read(fc->arg) || fc->arg == WRITE_DIRECT) {
        buf_printf(expected, ",\"block\":{\"errno\":\"%s\"}", error);
    }
}

static const char *const calls[NOPS] = {
    "nvme_retry_req=0 errseq_set=0", "nvme_retry_req=0 errseq_set=0",
    "nvme_retry_req=0 errseq_set>=2", "nvme_retry_req=0",
};

static const char *const from[NOPS] = {
    "filemap_read_folio()",
    "iomap_dio_bio_end_io(); btrfs_check_read_bio()",
    "ext4_end_bio(), xfs_end_ioend(), file_check_and_advance_wb_err(); "
    "filemap_check_errors()",
    "iomap_dio_bio_end_io()",
};

void files_cases(Suite *suite)
{
    static const Fs kinds[] = { EXT4, XFS, BTRFS };

    for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
        for (int op = 0; op < NOPS; op++) {
            for (size_t i = 0; i < STATUSES; i++) {
                FsCase *fc = calloc(1, sizeof(*fc));
                char *name;

                if (!fc || asprintf(&name, "%s/%s/%s",
                                    file_systems[kinds[k]].name,
                                    op_names[op], statuses[i].status) < 0) {
                    abort();
                }
                *fc = (FsCase){ .name = name, .prepare = prepare, .run = run,
                                .cleanup = cleanup, .foresee = foresee,
                                .calls = calls[op], .from = from[op],
                                .fs = kinds[k],
                                .status = statuses[i].status, .arg = op };
                add_cases(suite, fc, 1);
            }
        }
    }
}
