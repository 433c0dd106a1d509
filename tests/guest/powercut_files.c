/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files with and without a promise, and what is left of them.
 */
#include "powercut.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 4096              /* of the file systems, and for O_DIRECT */
#define MAX_BYTES (16 * BLOCK)

#define NOISE 16                /* files without a promise at the end */

enum { OLD, NEW };

static unsigned char data[MAX_BYTES] __attribute__((aligned(BLOCK)));
static unsigned char seen[MAX_BYTES + 1];

/* Whole blocks, so that O_DIRECT can write it. */
static size_t file_bytes(int index)
{
    return (1 + (size_t)index * 7 % 16) * BLOCK;
}

/* What file @index holds, the older or the newer content. */
static void fill(int index, int generation)
{
    uint32_t x = 2463534242u ^ (uint32_t)(index * 2 + generation) * 2654435761u;
    size_t i;

    for (i = 0; i < file_bytes(index); i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        data[i] = x >> 24;
    }
}

static void path_of(char *path, size_t size, const char *prefix, int index)
{
    snprintf(path, size, MOUNT_POINT "/dir/%s%d", prefix, index);
}

static int sync_directory(void)
{
    int fd = open(MOUNT_POINT "/dir", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = fd < 0 || fsync(fd) ? errno : 0;

    if (fd >= 0) {
        close(fd);
    }
    return -error;
}

/* Writes file @prefix@index in @pieces writes and, where it is not NULL, calls
 * @sync on it. */
static int write_file(const char *prefix, int index, int generation, int flags,
                      int (*sync)(int fd))
{
    size_t bytes = file_bytes(index), done = 0;
    char path[64];
    int fd, error = 0;

    fill(index, generation);
    path_of(path, sizeof(path), prefix, index);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
    if (fd < 0) {
        return -errno;
    }
    while (!error && done < bytes) {
        ssize_t n = write(fd, data + done, bytes - done);

        error = n < 0 ? errno : n == 0 ? EIO : 0;
        done += n > 0 ? n : 0;
    }
    if (!error && sync && sync(fd)) {
        error = errno;
    }
    close(fd);
    return -error;
}

static int start_writeback(int fd)
{
    return sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE |
                           SYNC_FILE_RANGE_WAIT_AFTER);
}

/* On the drive, and not stable. */
static int write_noise(int index)
{
    return write_file("noise", index, NEW, 0, start_writeback);
}

static int rename_over(int index)
{
    char from[64], to[64];

    path_of(from, sizeof(from), "tmp", index);
    path_of(to, sizeof(to), "file", index);
    return rename(from, to) ? -errno : 0;
}

static int write_promised(Promise promise, int index)
{
    int ret;

    switch (promise) {
    case PROMISE_FSYNC:
        ret = write_file("file", index, NEW, 0, fsync);
        return ret ? ret : sync_directory();
    case PROMISE_FDATASYNC:
        return write_file("file", index, NEW, 0, fdatasync);
    case PROMISE_O_SYNC:
        ret = write_file("file", index, NEW, O_SYNC, NULL);
        return ret ? ret : sync_directory();
    case PROMISE_RENAME:
        ret = write_file("tmp", index, NEW, 0, fsync);
        ret = ret ? ret : rename_over(index);
        return ret ? ret : sync_directory();
    case PROMISE_SYNCFS:
    case PROMISE_NONE:
        return write_file("file", index, NEW, 0, NULL);
    case PROMISE_DIRECT:
        return write_file("file", index, NEW, O_DIRECT, NULL);
    case PROMISE_RENAME_ONLY:
        ret = write_file("tmp", index, NEW, 0, fsync);
        return ret ? ret : rename_over(index);
    }
    return -EINVAL;
}

static int sync_all(void)
{
    int fd = open(MOUNT_POINT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = fd < 0 || syncfs(fd) ? errno : 0;

    if (fd >= 0) {
        close(fd);
    }
    return -error;
}

int files_before(Promise promise)
{
    int ret = mkdir(MOUNT_POINT "/dir", 0755) ? -errno : 0;
    int i;

    for (i = 0; !ret && i < FILES; i++) {
        if (promise == PROMISE_FDATASYNC || promise == PROMISE_RENAME ||
            promise == PROMISE_DIRECT || promise == PROMISE_RENAME_ONLY) {
            ret = write_file("file", i, OLD, 0, NULL);
        }
    }
    return ret ? ret : sync_all();
}

void files_go_on(void)
{
    int ret = 0, i;

    for (i = 0; !ret; i = (i + 1) % (FILES + NOISE)) {
        ret = write_noise(i);
        if (!ret && i % 4 == 0) {
            ret = write_file("busy", i, NEW, 0, fsync);
        }
    }
}

int files_write(Promise promise)
{
    int ret = 0, i;

    for (i = 0; !ret && i < FILES; i++) {
        ret = write_promised(promise, i);
        ret = ret ? ret : write_noise(i);
    }
    ret = ret || promise != PROMISE_SYNCFS ? ret : sync_all();
    for (i = FILES; !ret && i < FILES + NOISE; i++) {
        ret = write_noise(i);
    }
    return ret;
}

static int check_file(int index, Files *files)
{
    size_t bytes = file_bytes(index);
    char path[64];
    ssize_t n;
    int fd;

    path_of(path, sizeof(path), "file", index);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        files->missing += errno == ENOENT;
        return errno == ENOENT ? 0 : -errno;
    }
    n = read(fd, seen, sizeof(seen));
    close(fd);
    fill(index, NEW);
    if (n == (ssize_t)bytes && !memcmp(seen, data, bytes)) {
        files->kept++;
        return 0;
    }
    fill(index, OLD);
    if (n == (ssize_t)bytes && !memcmp(seen, data, bytes)) {
        files->old++;
    } else {
        files->broken++;
    }
    return 0;
}

int files_check(Files *files)
{
    int ret = 0, i;

    memset(files, 0, sizeof(*files));
    for (i = 0; !ret && i < FILES; i++) {
        ret = check_file(i, files);
    }
    return ret;
}
