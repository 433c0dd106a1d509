/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "filesystems": file systems that are made when they are needed, and
 * where their files are on the disks.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "filesystems.h"

FileSystem file_systems[NFS] = {
    [EXT4] = { "ext4", "ext4", NSID_EXT4, NULL, false, false },
    [XFS] = { "xfs", "xfs", NSID_XFS, "CONFIG_XFS_FS", false, false },
    [BTRFS] = { "btrfs", "btrfs", NSID_BTRFS, "CONFIG_BTRFS_FS", false, false },
    [RAID] = { "raid", "btrfs", NSID_RAID_A, "CONFIG_BTRFS_FS", false, false },
    [SQLITE] = { "sqlite", "ext4", NSID_SQLITE, NULL, false, false },
};

static const char *disk_of(Fs fs)
{
    return disk_path(file_systems[fs].nsid);
}

/* Without tables that are written some time later, and without discards. */
static bool make_fs(Fs fs)
{
    const char *disk = disk_of(fs);
    const char *ext4[] = { "mkfs.ext4", "-q", "-F", "-b", "4096", "-E",
                           "nodiscard,lazy_itable_init=0,lazy_journal_init=0",
                           disk, NULL };
    const char *xfs[] = { "mkfs.xfs", "-q", "-f", "-K", disk, NULL };
    const char *btrfs[] = { "mkfs.btrfs", "-q", "-f", "-K", "-m", "dup", "-d",
                            "single", disk, NULL };
    const char *raid[] = { "mkfs.btrfs", "-q", "-f", "-K", "-m", "raid1",
                           "-d", "raid1", disk,
                           disk_path(NSID_RAID_B), NULL };

    return !run_tool(NULL, fs == XFS ? xfs : fs == BTRFS ? btrfs :
                     fs == RAID ? raid : ext4);
}

/*
 * Nothing is written because of its age: what a case sees it has caused (the
 * flusher, the journal of ext4, the log of xfs, tables that ext4 makes when it
 * is idle).
 */
static void no_timers(void)
{
    put_text("/proc/sys/vm/dirty_writeback_centisecs", "0");
    put_text("/proc/sys/fs/xfs/xfssyncd_centisecs", "720000");
}

/* btrfs has to be told of the second disk. */
static int mount_fs(Fs fs)
{
    FileSystem *f = &file_systems[fs];
    char data[64] = "";

    no_timers();
    if (!strcmp(f->type, "ext4")) {
        snprintf(data, sizeof(data), "commit=3600,noinit_itable");
    }
    mkdir("/fs", DIR_MODE);
    mkdir(fs_path(fs, ""), DIR_MODE);
    if (fs == RAID) {
        snprintf(data, sizeof(data), "device=%s",
                 disk_path(NSID_RAID_B));
    }
    if (mount(disk_of(fs), fs_path(fs, ""), f->type, MS_NOATIME, data)) {
        return -errno;
    }
    f->mounted = true;
    return 0;
}

void fs_ready(Suite *suite, Fs fs, Outcome *out)
{
    FileSystem *f = &file_systems[fs];

    (void)suite;
    if (f->mounted) {
        return;
    }
    if (!f->made && !make_fs(fs)) {
        out->skip = "mkfs failed";
        return;
    }
    f->made = true;
    if (mount_fs(fs)) {
        out->skip = "the file system cannot be mounted";
    }
}

int fs_remount(Fs fs)
{
    file_systems[fs].mounted = false;
    if (umount(fs_path(fs, ""))) {
        return -errno;
    }
    return mount_fs(fs);
}

void fs_leave(Fs fs)
{
    file_systems[fs].mounted = umount(fs_path(fs, "")) != 0;
}

void fs_observe_mount(Fs fs, Outcome *out)
{
    static const char *const words[] = { "ro", "rw", "shutdown",
                                         "emergency_ro" };
    char line[512], disk[64], folder[64], options[256];
    FILE *f = fopen("/proc/mounts", "re");
    Buf found = { 0 };

    while (f && fgets(line, sizeof(line), f)) {
        if (sscanf(line, "%63s %63s %*s %255s", disk, folder, options) != 3 ||
            strcmp(folder + 4, file_systems[fs].name) ||
            strncmp(folder, "/fs/", 4)) {
            continue;
        }
        for (char *word = strtok(options, ","); word;
             word = strtok(NULL, ",")) {
            for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
                if (!strcmp(word, words[i])) {
                    buf_printf(&found, "%s%s", found.len ? "," : "", word);
                }
            }
        }
    }
    if (f) {
        fclose(f);
    }
    buf_json_str(&out->observed, "mount", found.data);
    buf_free(&found);
}

int file_fill(const char *path, char byte, int flags)
{
    static char data[BLOCK] __attribute__((aligned(BLOCK)));
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC | flags, 0600);
    int ret;

    memset(data, byte, sizeof(data));
    ret = fd < 0 || pwrite(fd, data, sizeof(data), 0) < 0 ? -errno : 0;
    if (fd >= 0) {
        close(fd);
    }
    return ret;
}

uint64_t file_map(const char *path)
{
    union {
        struct fiemap map;
        char room[sizeof(struct fiemap) + sizeof(struct fiemap_extent)];
    } u = { .map = { .fm_length = FIEMAP_MAX_OFFSET, .fm_extent_count = 1,
                     .fm_flags = FIEMAP_FLAG_SYNC } };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    uint64_t physical = 0;

    if (fd >= 0 && !ioctl(fd, FS_IOC_FIEMAP, &u) && u.map.fm_mapped_extents) {
        physical = u.map.fm_extents[0].fe_physical;
    }
    if (fd >= 0) {
        close(fd);
    }
    return physical;
}

/* The chunk that holds @logical: an item of the chunk tree. */
static bool map_in_chunk(const struct btrfs_ioctl_search_header *header,
                         const char *at, uint64_t logical, unsigned mirror,
                         unsigned *devid, uint64_t *slba)
{
    struct btrfs_chunk chunk;
    struct btrfs_stripe stripe;

    memcpy(&chunk, at, sizeof(chunk));
    if (header->type != BTRFS_CHUNK_ITEM_KEY || logical < header->offset ||
        logical >= header->offset + chunk.length ||
        mirror >= chunk.num_stripes) {
        return false;
    }
    memcpy(&stripe, at + offsetof(struct btrfs_chunk, stripe) +
           mirror * sizeof(stripe), sizeof(stripe));
    *devid = stripe.devid;
    *slba = (stripe.offset + logical - header->offset) / 512;
    return true;
}

bool btrfs_map(const char *path, uint64_t logical, unsigned mirror,
               unsigned *devid, uint64_t *slba)
{
    struct btrfs_ioctl_search_args args = { .key = {
        .tree_id = BTRFS_CHUNK_TREE_OBJECTID,
        .min_objectid = BTRFS_FIRST_CHUNK_TREE_OBJECTID,
        .max_objectid = BTRFS_FIRST_CHUNK_TREE_OBJECTID,
        .max_offset = UINT64_MAX, .max_transid = UINT64_MAX,
        .min_type = BTRFS_CHUNK_ITEM_KEY, .max_type = BTRFS_CHUNK_ITEM_KEY,
        .nr_items = 64 } };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool found = false;
    size_t at = 0;

    if (fd < 0 || ioctl(fd, BTRFS_IOC_TREE_SEARCH, &args)) {
        args.key.nr_items = 0;
    }
    for (unsigned i = 0; !found && i < args.key.nr_items; i++) {
        struct btrfs_ioctl_search_header header;

        memcpy(&header, args.buf + at, sizeof(header));
        at += sizeof(header);
        found = map_in_chunk(&header, args.buf + at, logical, mirror, devid,
                             slba);
        at += header.len;
    }
    if (fd >= 0) {
        close(fd);
    }
    return found;
}

uint64_t file_slba(Fs fs, const char *path)
{
    uint64_t physical = file_map(path), slba = 0;
    unsigned devid;

    if (strcmp(file_systems[fs].type, "btrfs")) {
        return physical / 512;
    }
    return btrfs_map(path, physical, 0, &devid, &slba) ? slba : 0;
}
