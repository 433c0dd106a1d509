/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "filesystems": md RAID1 of two disks: reads from the mirror, rewritten
 * blocks, lists of bad blocks, and flushes.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/major.h>
#include <linux/raid/md_p.h>
#include <linux/raid/md_u.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "filesystems.h"

/* In sectors: superblock version 1.2, the list behind it, data. */
#define SUPER_AT    8
#define LIST_AT     16
#define LIST_LEN    8
#define DATA_AT     2048
#define DATA_LEN    32768
#define TEST_AT     64          /* of the array */
#define WAIT_MS     10000
#define POLL_MS     100         /* of them; not each change is announced */

enum { ONE, BOTH, NO_LIST };    /* FsCase.arg */

static char data[BLOCK] __attribute__((aligned(BLOCK)));
static unsigned number;         /* of the array: each case has a new one */
static int array = -1;

static const char *leg(unsigned mirror)
{
    return disk_path(mirror ? NSID_MD_B : NSID_MD_A);
}

/* The checksum is the sum of all words, the carry added. */
static uint32_t checksum(const struct mdp_superblock_1 *sb)
{
    const uint32_t *word = (const void *)sb;
    uint64_t sum = 0;

    for (size_t i = 0; i < (256 + 2 * sb->max_dev) / 4; i++) {
        sum += word[i];
    }
    return (uint32_t)sum + (uint32_t)(sum >> 32);
}

/* In sync from the beginning: both are empty. */
static int write_super(unsigned mirror, bool list)
{
    static union {
        struct mdp_superblock_1 sb;
        char block[BLOCK];
    } u __attribute__((aligned(BLOCK)));
    int fd = open(leg(mirror), O_RDWR | O_DIRECT | O_CLOEXEC);
    struct mdp_superblock_1 *sb = &u.sb;
    int ret;

    memset(&u, 0, sizeof(u));
    sb->magic = MD_SB_MAGIC;
    sb->major_version = 1;
    memset(sb->set_uuid, number + 1, sizeof(sb->set_uuid));
    sb->level = 1;
    sb->size = sb->data_size = DATA_LEN;
    sb->raid_disks = 2;
    sb->data_offset = DATA_AT;
    sb->super_offset = SUPER_AT;
    sb->dev_number = mirror;
    sb->device_uuid[0] = mirror + 1;
    if (list) {
        sb->bblog_size = LIST_LEN;
        sb->bblog_offset = LIST_AT - SUPER_AT;
    }
    sb->events = 1;
    sb->resync_offset = UINT64_MAX;
    sb->max_dev = 2;
    sb->dev_roles[1] = 1;
    sb->sb_csum = checksum(sb);
    ret = fd < 0 || pwrite(fd, &u, BLOCK, SUPER_AT * 512) != BLOCK;
    if (fd >= 0) {
        close(fd);
    }
    return ret;
}

static bool array_there(void *opaque)
{
    return !access(opaque, R_OK | W_OK);
}

static int assemble(void)
{
    mdu_array_info_t info = { .major_version = 1, .minor_version = 2 };
    int ret = ioctl(array, SET_ARRAY_INFO, &info);

    for (unsigned mirror = 0; !ret && mirror < 2; mirror++) {
        mdu_disk_info_t disk = { .number = mirror };
        struct stat st;

        ret = stat(leg(mirror), &st);
        disk.major = major(st.st_rdev);
        disk.minor = minor(st.st_rdev);
        ret = ret ? ret : ioctl(array, ADD_NEW_DISK, &disk);
    }
    return ret ? ret : ioctl(array, RUN_ARRAY, NULL);
}

/* sysfs of the array, or of one of its disks. */
static const char *attr(unsigned mirror, const char *name)
{
    static char path[128];

    if (mirror > 1) {
        snprintf(path, sizeof(path), "/sys/block/md%u/md/%s", number, name);
    } else {
        snprintf(path, sizeof(path), "/sys/block/md%u/md/dev-%s/%s", number,
                 leg(mirror) + strlen("/dev/"), name);
    }
    return path;
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;
    char name[32], path[32];

    (void)suite;
    number++;
    snprintf(name, sizeof(name), "md%u", number);
    snprintf(path, sizeof(path), "/dev/md%u", number);
    if (write_super(0, fc->arg != NO_LIST) ||
        write_super(1, fc->arg != NO_LIST)) {
        out->skip = "the disks of the RAID cannot be written";
    } else if (put_text("/sys/module/md_mod/parameters/new_array", name) ||
               !wait_for(array_there, path, WAIT_MS)) {
        out->skip = "the kernel makes no array";
    } else {
        array = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
        if (array < 0 || assemble()) {
            out->skip = "the array cannot be assembled";
        }
    }
    /* reads go to the first one */
    /* no write of the superblock by a timer, which would meet the rules */
    if (!out->skip && put_text(attr(2, "safe_mode_delay"), "0")) {
        out->skip = "the array cannot be kept from becoming clean";
    }
    if (!out->skip && put_text(attr(1, "state"), "writemostly")) {
        out->skip = "a disk cannot be made write-mostly";
    }
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)c, (void)out;
    if (array >= 0) {
        ioctl(array, STOP_ARRAY, NULL);
        close(array);
        array = -1;
    }
}

static bool watch(Suite *suite, const Case *c, unsigned mirror,
                  const char *opcode, const char *members)
{
    return arm(suite, c, DRIVE, "\"nsid\":%u,\"opcode\":\"%s\",\"slba\":%d,"
               "\"nlb\":%d,%s", mirror ? NSID_MD_B : NSID_MD_A, opcode,
               DATA_AT + TEST_AT, BLOCK / 512, members);
}

#define FAIL(status) "\"action\":\"status\",\"dnr\":true,\"status\":\"" \
    status "\""
#define READ_FAILS FAIL("unrecovered-read-error")
#define WRITE_FAILS FAIL("write-fault")

static int array_read(void)
{
    return pread(array, data, BLOCK, TEST_AT * 512) == BLOCK ? 0 : -errno;
}

static int array_write(void)
{
    memset(data, 'n', BLOCK);
    return pwrite(array, data, BLOCK, TEST_AT * 512) == BLOCK ? 0 : -errno;
}

/* A bad block blocks the disk until the superblocks tell of it. */
static void wait_acknowledged(unsigned mirror)
{
    int fd = open(attr(mirror, "state"), O_RDONLY | O_CLOEXEC);
    struct pollfd poll_fd = { .fd = fd, .events = POLLPRI };

    for (int i = 0; fd >= 0 && i < WAIT_MS / POLL_MS; i++) {
        char state[128] = "";

        if (pread(fd, state, sizeof(state) - 1, 0) <= 0 ||
            !strstr(state, "blocked")) {
            break;
        }
        poll(&poll_fd, 1, POLL_MS);
    }
    close(fd);
}

static void observe(Outcome *out)
{
    static const char *const said[] = { "read error corrected (8 sectors at "
        "2112", "Disk failure on", "unrecoverable I/O read error",
        "flush io error", NULL };

    observe_line(out, "degraded", attr(2, "degraded"));
    observe_line(out, "bad-0", attr(0, "bad_blocks"));
    observe_line(out, "bad-1", attr(1, "bad_blocks"));
    observe_line(out, "corrected-0", attr(0, "errors"));
    log_observe(out, said);
}

static void read_twice(Outcome *out)
{
    observe_errno(out, "read", array_read());
    observe_errno(out, "read-again", array_read());
    wait_acknowledged(0);
    observe_line(out, "state-0", attr(0, "state"));
    observe(out);
}

/* The block is bad until it is written. */
static void heal(Suite *suite, const Case *c, Outcome *out)
{
    if (!watch(suite, c, 0, "read", READ_FAILS ",\"state\":\"\"") ||
        !watch(suite, c, 0, "write", "\"action\":\"none\",\"set-state\":"
               "\"healed\"")) {
        out->value = -2;
        return;
    }
    read_twice(out);
}

/* It cannot be written, either. */
static void no_rewrite(Suite *suite, const Case *c, Outcome *out)
{
    if (!watch(suite, c, 0, "read", READ_FAILS) ||
        !watch(suite, c, 0, "write", WRITE_FAILS)) {
        out->value = -2;
        return;
    }
    read_twice(out);
}

static void no_read(Suite *suite, const Case *c, Outcome *out)
{
    if (!watch(suite, c, 0, "read", READ_FAILS) ||
        !watch(suite, c, 1, "read", READ_FAILS)) {
        out->value = -2;
        return;
    }
    observe_errno(out, "read", array_read());
    observe(out);
}

/* What is on the list is not written again. */
static void no_write(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;
    bool both = fc->arg == BOTH;

    if (!watch(suite, c, 0, "write", WRITE_FAILS) ||
        (both && !watch(suite, c, 1, "write", WRITE_FAILS))) {
        out->value = -2;
        return;
    }
    observe_errno(out, "write", array_write());
    observe_errno(out, "write-again", array_write());
    observe(out);
}

static void flush(Suite *suite, const Case *c, Outcome *out)
{
    int ret = array_write();

    for (int mirror = 0; mirror < 2; mirror++) {
        if (ret || !arm(suite, c, DRIVE, "\"nsid\":%u,\"opcode\":\"flush\","
                        "\"times\":1," FAIL("internal-error"),
                        mirror ? NSID_MD_B : NSID_MD_A)) {
            out->value = -2;
            return;
        }
    }
    observe_errno(out, "fsync", fsync(array) ? -errno : 0);
    observe(out);
}

#define SEEN(hits, members) "{\"device\":{\"hits\":" hits "},\"result\":{" \
    "\"value\":0,\"observed\":{" members "}}}"
#define STATE(degraded, bad0, bad1, corrected, said) ",\"degraded\":\"" \
    degraded "\",\"bad-0\":" bad0 ",\"bad-1\":" bad1 ",\"corrected-0\":" \
    corrected ",\"said\":[" said "]"
#define LISTED "\"2112 8\""
#define ROW(title, function, ...) \
    { .name = title, .needs = "CONFIG_MD_RAID1", .prepare = prepare, \
      .run = function, .cleanup = cleanup, .fs = NFS, __VA_ARGS__ }

static const FsCase cases[] = {
    /* read, read once more; written; good */
    ROW("md/read-corrected", heal, .expect = { { NULL, SEEN("3",
        "\"read\":null,\"read-again\":null,\"state-0\":\"in_sync\""
        STATE("0", "null", "null", "\"8\"",
              "\"read error corrected (8 sectors at 2112\"")) } },
        .calls = "rdev_set_badblocks=0 md_error=0",
        .from = "handle_read_error(), fix_read_error()"),
    /* as above, and read after the write that failed */
    ROW("md/rewrite-fails", no_rewrite, .expect = { { NULL, SEEN("4",
        "\"read\":null,\"read-again\":null,\"state-0\":"
        "\"in_sync,write_error,want_replacement\""
        STATE("0", LISTED, "null", "\"0\"", "")) } },
        .calls = "rdev_set_badblocks>=1 md_error=0",
        .from = "r1_sync_page_io(), rdev_set_badblocks()"),
    /* twice the first; the second by the first's repair, by itself and by its
     * own repair */
    ROW("md/read-both-fail", no_read, .expect = { { NULL, SEEN("5",
        "\"read\":\"EIO\"" STATE("0", LISTED, LISTED, "\"0\"",
        "\"unrecoverable I/O read error\"")) } },
        .calls = "rdev_set_badblocks=2 md_error=0",
        .from = "fix_read_error(): mark it bad; raid1_read_request()"),
    /* once as a whole, then each sector */
    ROW("md/write-listed", no_write, .expect = { { NULL, SEEN("9",
        "\"write\":null,\"write-again\":null"
        STATE("0", LISTED, "null", "\"0\"", "")) } },
        .calls = "rdev_set_badblocks=8 md_error=0",
        .from = "narrow_write_error(), raid1_write_request()"),
    ROW("md/write-both-fail", no_write, .arg = BOTH, .expect = { { NULL,
        SEEN("18",
        "\"write\":\"EIO\",\"write-again\":\"EIO\""
        STATE("0", LISTED, LISTED, "\"0\"", "")) } },
        .calls = "rdev_set_badblocks=16 md_error=0",
        .from = "narrow_write_error(), raid_end_bio_io()"),
    ROW("md/write-without-list", no_write, .arg = NO_LIST, .expect = {
        { NULL, "{\"device\":{\"hits\":{\"min\":1,\"max\":2}},\"result\":{"
          "\"value\":0,\"observed\":{\"write\":null,\"write-again\":null,"
          "\"degraded\":\"1\",\"said\":[\"Disk failure on\"]}}}" } },
        .calls = "md_error>=1",
        .from = "narrow_write_error(), raid1_error()"),
    ROW("md/flush", flush, .finding = "md-flush-error-lost", .expect = {
        { NULL, SEEN("2", "\"fsync\":null"
                     STATE("0", "null", "null", "\"0\"", "")) },
        { "6.12", SEEN("2", "\"fsync\":null" STATE("0", "null", "null",
                       "\"0\"", "\"flush io error\"")) } },
        .calls = "md_end_flush=2 md_error=0",
        .from = "md_flush_request(), md_end_flush()"),
};

void md_cases(Suite *suite)
{
    add_cases(suite, cases, sizeof(cases) / sizeof(*cases));
}
