/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "fabric": the target, by its configfs (drivers/nvme/target/configfs.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fabric.h"
#include "lib/program.h"

#define NVMET "/sys/kernel/config/nvmet"
#define HOST_DIR NVMET "/hosts/" HOST_NQN
#define MOUNT "/fs"
#define FILE_PATH MOUNT "/image"
#define FILE_BLOCKS 512u
#define MKFS_MS 120000

/* Where the ports of both transports are; the names are free. */
static const char *const ports[] = {
    [TCP] = NVMET "/ports/1", [LOOP] = NVMET "/ports/2",
};

const char *const transport_names[] = { [TCP] = "tcp", [LOOP] = "loop" };
const char *const backend_names[] = {
    [BDEV] = "bdev", [EXT4_FILE] = "file", [PASSTHRU] = "passthru",
};

char fabric_data[BLOCK] __attribute__((aligned(BLOCK)));

static unsigned long long file_lba;     /* of the first block of the file */
static char disks[3][32];               /* of namespaces 1 and 2 */
static bool has_port[2], has_passthru, has_auth;

bool put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) >= 0;

    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

bool namespace_disk(const char *ctrl, unsigned nsid, char name[32])
{
    unsigned n, number;
    char path[80];

    for (n = 1; n <= 2; n++) {
        FILE *f;

        snprintf(name, 32, "%sn%u", ctrl, n);
        snprintf(path, sizeof(path), "/sys/block/%s/nsid", name);
        f = fopen(path, "re");
        number = 0;
        if (f && fscanf(f, "%u", &number) != 1) {
            number = 0;
        }
        if (f) {
            fclose(f);
        }
        if (number == nsid) {
            return true;
        }
    }
    return false;
}

/* put() for a path in pieces. */
__attribute__((format(printf, 2, 3)))
static bool putf(const char *text, const char *fmt, ...)
{
    char path[300];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(path, sizeof(path), fmt, ap);
    va_end(ap);
    return put(path, text);
}

bool link_set(bool up)
{
    struct ifreq req = { .ifr_name = "lo" };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool ok;

    req.ifr_flags = up ? IFF_UP | IFF_RUNNING : 0;
    ok = fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &req);
    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

/* All blocks are written, and follow each other on the drive. */
static const char *make_file(void)
{
    /* the header, and room for the one extent that follows it */
    union {
        struct fiemap map;
        char room[sizeof(struct fiemap) + sizeof(struct fiemap_extent)];
    } found = { .map = { .fm_length = FIEMAP_MAX_OFFSET,
                         .fm_flags = FIEMAP_FLAG_SYNC,
                         .fm_extent_count = 1 } };
    const struct fiemap_extent *extent = found.map.fm_extents;
    int fd = open(FILE_PATH, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    unsigned n;
    bool ok = fd >= 0;

    for (n = 0; ok && n < FILE_BLOCKS; n++) {
        ok = write(fd, fabric_data, BLOCK) == BLOCK;
    }
    ok = ok && !fsync(fd) && !ioctl(fd, FS_IOC_FIEMAP, &found) &&
         extent->fe_length >= FILE_BLOCKS * BLOCK;
    if (fd >= 0) {
        close(fd);
    }
    file_lba = extent->fe_physical / 512;
    return ok ? NULL : "the file is not in one piece on the drive";
}

/* What is written now is committed, and times stay in memory: from then on the
 * drive sees the commands of the cases only. (Without a journal ext4 would do
 * so, too, but does not flush in 6.1.) */
static const char *make_fs(void)
{
    char path[40];
    const char *argv[] = { "mkfs.ext4", "-q", "-F", "-E",
                           "lazy_itable_init=0,nodiscard", path, NULL };
    Program program;
    int status;

    snprintf(path, sizeof(path), "/dev/%s", disks[2]);
    status = program_run(&program, MKFS_MS, argv);
    program_done(&program);
    mkdir(MOUNT, 0700);
    if (status || mount(path, MOUNT, "ext4", MS_NOATIME | MS_LAZYTIME,
                        "commit=3600")) {
        return "no ext4 on namespace 2";
    }
    put("/proc/sys/vm/dirty_writeback_centisecs", "0");
    return make_file();
}

static bool make_subsystem(Backend backend)
{
    char dir[200], name[220], path[40];

    snprintf(dir, sizeof(dir), NVMET "/subsystems/%s", backend_names[backend]);
    if (mkdir(dir, 0755) || !putf("1", "%s/attr_allow_any_host", dir)) {
        return false;
    }
    if (backend == PASSTHRU) {
        snprintf(name, sizeof(name), "%s/passthru", dir);
        has_passthru = !access(name, F_OK);
        return !has_passthru ||
               (putf("/dev/nvme0", "%s/passthru/device_path", dir) &&
                /* the drive itself has these identifiers already */
                putf("1", "%s/passthru/clear_ids", dir) &&
                putf("1", "%s/passthru/enable", dir));
    }
    snprintf(name, sizeof(name), "%s/namespaces/1", dir);
    snprintf(path, sizeof(path), "/dev/%s", disks[1]);
    return !mkdir(name, 0755) &&
           putf(backend == BDEV ? path : FILE_PATH, "%s/device_path", name) &&
           putf("1", "%s/enable", name);
}

static bool export(Transport transport, Backend backend)
{
    char subsystem[200], link[300];

    snprintf(subsystem, sizeof(subsystem), NVMET "/subsystems/%s",
             backend_names[backend]);
    snprintf(link, sizeof(link), "%s/subsystems/%s", ports[transport],
             backend_names[backend]);
    return (backend == PASSTHRU && !has_passthru) ||
           !symlink(subsystem, link);
}

/* A transport that the kernel lacks is found out with its first subsystem,
 * for which the port is opened. */
static bool open_port(Transport transport)
{
    const char *dir = ports[transport];

    if (mkdir(dir, 0755) ||
        !putf(transport_names[transport], "%s/addr_trtype", dir)) {
        return false;
    }
    if (transport == TCP &&
        (!putf("ipv4", "%s/addr_adrfam", dir) ||
         !putf("127.0.0.1", "%s/addr_traddr", dir) ||
         !putf("4420", "%s/addr_trsvcid", dir))) {
        return false;
    }
    has_port[transport] = export(transport, BDEV);
    return !has_port[transport] || (export(transport, EXT4_FILE) &&
                                    export(transport, PASSTHRU));
}

static bool disks_exist(void *opaque)
{
    (void)opaque;
    return namespace_disk("nvme0", 1, disks[1]) &&
           namespace_disk("nvme0", 2, disks[2]) &&
           !access("/dev/nvme0n1", F_OK) && !access("/dev/nvme0n2", F_OK);
}

static const char *set_up(void)
{
    const char *reason;

    if (!wait_for(disks_exist, NULL, 15000)) {
        return "the drive with two namespaces is not there";
    }
    put("/sys/block/nvme0n1/queue/scheduler", "none");
    put("/sys/block/nvme0n2/queue/scheduler", "none");
    mkdir("/sys/kernel/config", 0755);
    mount("configfs", "/sys/kernel/config", "configfs", 0, NULL);
    put("/sys/kernel/tracing/events/nvmet/nvmet_req_complete/enable", "1");
    reason = make_fs();
    if (reason) {
        return reason;
    }
    if (!link_set(true)) {
        return "lo cannot be brought up";
    }
    if (!make_subsystem(BDEV) || !make_subsystem(EXT4_FILE) ||
        !make_subsystem(PASSTHRU)) {
        return "a subsystem of the target cannot be made";
    }
    mkdir(HOST_DIR, 0755);
    has_auth = !access(HOST_DIR "/dhchap_key", F_OK);
    return open_port(TCP) && open_port(LOOP) ? NULL :
           "a port of the target cannot be made";
}

const char *target_setup(void)
{
    static const char *reason;
    static bool done;

    if (!done) {
        reason = set_up();
        done = true;
    }
    return reason;
}

unsigned long long target_lba(Backend backend, unsigned n)
{
    return (backend == EXT4_FILE ? file_lba : 0) +
           (unsigned long long)n * (BLOCK / 512);
}

unsigned target_nsid(Backend backend)
{
    return backend == EXT4_FILE ? 2 : 1;
}

bool target_authenticate(Backend backend, const char *secret)
{
    char dir[200], link[300];

    if (!has_auth) {
        return false;
    }
    snprintf(dir, sizeof(dir), NVMET "/subsystems/%s", backend_names[backend]);
    snprintf(link, sizeof(link), "%s/allowed_hosts/" HOST_NQN, dir);
    if (!secret) {
        unlink(link);
        return putf("1", "%s/attr_allow_any_host", dir);
    }
    return put(HOST_DIR "/dhchap_key", secret) &&
           putf("0", "%s/attr_allow_any_host", dir) &&
           (!symlink(HOST_DIR, link) || errno == EEXIST);
}
