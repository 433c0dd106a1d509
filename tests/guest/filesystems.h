/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "filesystems": what stands between the driver and a program, each on
 * disks of its own.
 */
#ifndef GUEST_FILESYSTEMS_H
#define GUEST_FILESYSTEMS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/suite.h"

#define BLOCK     4096          /* of all file systems here */
#define DIR_MODE  0755
#define FILE_NAME "file"        /* of one block, overwritten in place */

/* Namespace identifiers of the drive "nvme-fi". */
#define NSID_EXT4    1
#define NSID_XFS     2
#define NSID_BTRFS   3
#define NSID_RAID_A  4          /* btrfs */
#define NSID_RAID_B  5
#define NSID_MD_A    6
#define NSID_MD_B    7
#define NSID_SQLITE  8
#define NSIDS        8
#define PATHS_NSID   9          /* of the one with two controllers */
#define PATH_A       "0000:00:0a.0"
#define PATH_B       "0000:00:0b.0"

/* What is expected from a version of the kernel on. */
typedef struct Expect {
    const char *since;          /* "6.12"; the first one: NULL */
    const char *json;           /* the object "expected" */
} Expect;

typedef struct FsCase FsCase;

struct FsCase {
    const char *name;           /* after the suite's */
    const char *needs;          /* option of the kernel, or NULL */
    void (*prepare)(Suite *suite, const Case *c, Outcome *out);
    void (*run)(Suite *suite, const Case *c, Outcome *out);
    void (*cleanup)(Suite *suite, const Case *c, Outcome *out);
    /* Adds the members of "expected" where @expect has none; may be NULL. */
    void (*foresee)(Suite *suite, const Case *c, const Outcome *out,
                    Buf *expected);
    Expect expect[3];
    const char *calls;          /* see suite_expect_calls(); NULL: any */
    const char *from;
    const char *finding;        /* in docs/kernel-findings.md, or NULL */
    const char *fixed;          /* the first version without it, or NULL */
    int fs;                     /* a file system */
    const char *status;         /* that the rule sends */
    int arg;                    /* of the functions above */
};

typedef enum Fs { EXT4, XFS, BTRFS, RAID, SQLITE, NFS } Fs;

typedef struct FileSystem {
    const char *name;           /* also the folder below /fs */
    const char *type;
    unsigned nsid;              /* mounted */
    const char *needs;
    bool made, mounted;
} FileSystem;

extern FileSystem file_systems[NFS];

/* Adds the cases of one part. */
/* Makes the file system and its file. */
void file_prepare(Suite *suite, const Case *c, Outcome *out);

void files_cases(Suite *suite);
void fsync_cases(Suite *suite);
void meta_cases(Suite *suite);
void btrfs_cases(Suite *suite);
void md_cases(Suite *suite);
void dm_cases(Suite *suite);
void sqlite_cases(Suite *suite);

/* Adds the @n cases of @table, which lives on. */
void add_cases(Suite *suite, const FsCase *table, size_t n);

/* Path of a disk of the drive, or of path 0 or 1 to the shared one; NULL: not
 * there. The text is overwritten by the eighth call after it. */
const char *disk_path(unsigned nsid);
const char *path_disk(unsigned number);

/* Path of @name in the mounted file system; overwritten likewise. */
const char *fs_path(Fs fs, const char *name);

/* Makes and mounts it where that was not done; sets @out->skip. */
void fs_ready(Suite *suite, Fs fs, Outcome *out);

/* Unmounts and mounts: nothing but what a mount reads is cached.  Returns 0 or
 * a negative errno. */
int fs_remount(Fs fs);

/* Unmounts it; the next fs_ready() mounts it again. */
void fs_leave(Fs fs);

/* The options of /proc/mounts, as member "mount" of what was observed: only
 * "ro", "rw", "shutdown" and "emergency_ro". */
void fs_observe_mount(Fs fs, Outcome *out);

/* Writes @byte over the file's first block, by O_DIRECT or not; the file is
 * made where it is not there.  Returns 0 or a negative errno. */
int file_fill(const char *path, char byte, int flags);

/* The first LBA of the file on its disk, or 0. */
uint64_t file_slba(Fs fs, const char *path);

/* Where btrfs has @logical: device and LBA of copy @mirror (from 0). */
bool btrfs_map(const char *path, uint64_t logical, unsigned mirror,
               unsigned *devid, uint64_t *slba);

/* The first physical byte that FIEMAP tells, or 0. */
uint64_t file_map(const char *path);

/* Adds a rule of the case to the controller @device: its members without
 * "id", printf-like. */
bool arm(Suite *suite, const Case *c, const char *device, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
#define DRIVE "nvme0"           /* that has the file systems */

/* Adds those that the case has armed, none before. */
void armed_rules(const Case *c, Buf *rules);

/* Adds a member: the errno's name, or null for 0; @ret is 0 or negative. */
void observe_errno(Outcome *out, const char *key, int ret);

/* Adds a member: the first line of a file of sysfs, or null. */
void observe_line(Outcome *out, const char *key, const char *path);

/* Writes @text into the file.  0 or a negative errno. */
int put_text(const char *path, const char *text);

/* Runs a program; its exit status, and what it printed in @text or nowhere. */
int run_tool(Buf *text, const char *const *argv);

/* What the kernel said since log_begin(): adds the array "said" of those of
 * @wanted (ends with NULL) that occur. */
void log_begin(void);
void log_observe(Outcome *out, const char *const *wanted);

#endif
