/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "zoned": zonefs, where each zone is a file: what each policy of
 * errors= makes of a file, its size, its mode and the mount.
 */
#include "zoned_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/async.h"

#define MOUNT "/zonefs"

/* The super block, in the first zone; the rest of its 4096 bytes is 0. */
typedef struct Super {
    uint32_t magic, crc;
    char label[64];
    uint8_t uuid[16];
    uint64_t features;
    uint32_t uid, gid, perm;
} __attribute__((packed)) Super;

#define SUPER_MAGIC 0x5a4f4653

static char data[ZONED_BLOCK] __attribute__((aligned(ZONED_BLOCK)));
static int file = -1;
static bool in_background;      /* writes */

/* CRC-32 as the kernel's crc32(~0): the last inversion is not done. */
static uint32_t crc_of(const unsigned char *bytes, size_t len)
{
    uint32_t crc = ~0U;

    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
        }
    }
    return crc;
}

/* Once: the first zone belongs to no case. */
static bool make(void)
{
    static bool made;
    Super super = { .magic = SUPER_MAGIC, .uuid = { 1 } };

    if (!made) {
        memset(data, 0, sizeof(data));
        memcpy(data, &super, sizeof(super));
        super.crc = crc_of((const unsigned char *)data, sizeof(data));
        memcpy(data, &super, sizeof(super));
        made = pwrite(zoned_fd(ZONED_ZNS), data, sizeof(data), 0) ==
               sizeof(data);
    }
    return made;
}

const char *zoned_file_open(const char *policy, unsigned number, bool sync)
{
    char path[80];

    in_background = !sync;
    if (!make()) {
        return "the super block of zonefs cannot be written";
    }
    mkdir(MOUNT, 0700);
    snprintf(path, sizeof(path), "errors=%s", policy);
    if (mount(zoned_path(ZONED_ZNS), MOUNT, "zonefs", 0, path)) {
        return "zonefs cannot be mounted";
    }
    snprintf(path, sizeof(path), MOUNT "/seq/%u", number);
    file = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
    return file < 0 ? "the zone's file cannot be opened" : NULL;
}

void zoned_file_close(void)
{
    if (file >= 0) {
        close(file);
        file = -1;
    }
    umount(MOUNT);
}

static ssize_t write_at(off_t offset)
{
    struct iocb iocb = {
        .aio_lio_opcode = IOCB_CMD_PWRITE, .aio_fildes = file,
        .aio_buf = (unsigned long)data, .aio_nbytes = ZONED_BLOCK,
        .aio_offset = offset,
    };
    long long res;

    if (!in_background) {
        return pwrite(file, data, ZONED_BLOCK, offset);
    }
    res = aio_run(&iocb);
    errno = res < 0 ? -res : 0;
    return res < 0 ? -1 : res;
}

static void add_io(Buf *results, ssize_t n)
{
    buf_puts(results, n == ZONED_BLOCK ? "ok" : n < 0 ?
             strerrorname_np(errno) : "end");
}

static void add_state(Buf *results, const struct stat *st)
{
    struct statvfs fs;

    if (fstatvfs(file, &fs)) {
        buf_puts(results, strerrorname_np(errno));
        return;
    }
    buf_printf(results, "%lld/%03o/%s", (long long)st->st_size / ZONED_BLOCK,
               st->st_mode & 0777, fs.f_flag & ST_RDONLY ? "ro" : "rw");
}

void zoned_file_step(char step, Buf *results)
{
    struct stat st;
    off_t to = step == 'F' ? ZONED_SECTORS * 512 : 0;

    if (fstat(file, &st)) {
        buf_puts(results, strerrorname_np(errno));
        return;
    }
    switch (step) {
    case 'W':
        add_io(results, write_at(st.st_size));
        break;
    case 'P':
        add_io(results, pread(file, data, ZONED_BLOCK, 0));
        break;
    case 'I':
        add_state(results, &st);
        break;
    default:
        buf_puts(results, ftruncate(file, to) ? strerrorname_np(errno) :
                 "ok");
        break;
    }
}
