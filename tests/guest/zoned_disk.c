/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "zoned": the namespaces, what their zones are, and where the block
 * layer says that writes went.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/blkzoned.h>
#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/ports.h"
#include "zoned.h"

#define NSIDS    4
#define WAIT_MS  15000
#define INSTANCE "/sys/kernel/tracing/instances/zoned"

/* From 6.19; the headers of this machine may be older. */
#define REPORT_ZONE_V2 _IOWR(0x12, 142, struct blk_zone_report)
#define REPORT_CACHED  (1U << 31)
#define COND_ACTIVE    0xff

static int fds[NSIDS] = { -1, -1, -1, -1 };
static char paths[NSIDS][40];

bool zoned_plugs(const Suite *suite)
{
    const Version plugs = { 6, 10 };

    return version_compare(suite->kernel, plugs) >= 0;
}

int zoned_fd(int nsid)
{
    return fds[nsid];
}

const char *zoned_path(int nsid)
{
    return paths[nsid];
}

static bool write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (int)strlen(text);

    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

bool zoned_queue(int nsid, const char *name, const char *value)
{
    char path[120];

    snprintf(path, sizeof(path), "/sys/block/%s/queue/%s", paths[nsid] + 5,
             name);
    return write_text(path, value);
}

/* Namespaces are found side by side (from 6.13), so that their names tell
 * nothing. */
static void take(int number)
{
    char path[40];
    int fd, nsid;

    snprintf(path, sizeof(path), "/dev/nvme0n%d", number);
    fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
    nsid = fd < 0 ? -1 : ioctl(fd, NVME_IOCTL_ID);
    if (nsid > 0 && nsid < NSIDS && fds[nsid] < 0) {
        fds[nsid] = fd;
        strcpy(paths[nsid], path);
    } else if (fd >= 0) {
        close(fd);
    }
}

static bool find_all(void *opaque)
{
    bool all = true;

    (void)opaque;
    for (int number = 1; number < NSIDS; number++) {
        take(number);
    }
    for (int nsid = 1; nsid < NSIDS; nsid++) {
        all &= fds[nsid] >= 0;
    }
    return all;
}

/*
 * Each write is a command of its own; before zone write plugging only
 * mq-deadline keeps writes to a zone in order, and is the default there.
 */
const char *zoned_open(const Suite *suite)
{
    static bool ready;

    if (ready) {
        return NULL;
    }
    if (!wait_for(find_all, NULL, WAIT_MS)) {
        return "the namespaces did not come in time";
    }
    ready = zoned_queue(ZONED_ZNS, "nomerges", "2") &&
            zoned_queue(ZONED_ZNS, "scheduler",
                        zoned_plugs(suite) ? "none" : "mq-deadline");
    return ready ? NULL : "the queue of the namespace cannot be set up";
}

static const char *cond_name(unsigned cond)
{
    switch (cond) {
    case BLK_ZONE_COND_EMPTY:
        return "empty";
    case BLK_ZONE_COND_IMP_OPEN:
        return "implicit";
    case BLK_ZONE_COND_EXP_OPEN:
        return "explicit";
    case BLK_ZONE_COND_CLOSED:
        return "closed";
    case BLK_ZONE_COND_READONLY:
        return "read-only";
    case BLK_ZONE_COND_FULL:
        return "full";
    case BLK_ZONE_COND_OFFLINE:
        return "offline";
    case COND_ACTIVE:
        return "active";
    default:
        return "unknown";
    }
}

void zoned_report(Buf *text, unsigned long long sector, bool cached)
{
    /* the header, and room for the one zone that follows it */
    union {
        struct blk_zone_report header;
        char room[sizeof(struct blk_zone_report) + sizeof(struct blk_zone)];
    } got = { .header = { .sector = sector, .nr_zones = 1,
                          .flags = cached ? REPORT_CACHED : 0 } };
    const struct blk_zone *zone = got.header.zones;

    if (ioctl(fds[ZONED_ZNS], cached ? REPORT_ZONE_V2 : BLKREPORTZONE, &got)) {
        buf_puts(text, strerrorname_np(errno));
        return;
    }
    buf_puts(text, cond_name(zone->cond));
    if (zone->cond != BLK_ZONE_COND_READONLY &&
        zone->cond != BLK_ZONE_COND_OFFLINE &&
        zone->cond != BLK_ZONE_COND_FULL) {
        buf_printf(text, ":%llu", (unsigned long long)
                   (zone->wp - zone->start) / (ZONED_BLOCK / 512));
    }
}

const char *zoned_watch_begin(void)
{
    mkdir(INSTANCE, 0700);
    if (!write_text(INSTANCE "/events/block/block_rq_complete/enable", "1") ||
        !write_text(INSTANCE "/trace", "\n") ||
        !write_text(INSTANCE "/tracing_on", "1")) {
        return "the kernel cannot trace block_rq_complete";
    }
    return NULL;
}

/* "... block_rq_complete: 259,2 WS () 4096 + 8 none,0,0 [0]": the sector, or
 * false where it is no write of the device. An append is "N" in old kernels,
 * "ZA" in new ones; @appends: nothing else counts. */
static bool completed(const char *line, dev_t device, bool appends,
                      unsigned long long *at)
{
    const char *event = strstr(line, "block_rq_complete: ");
    unsigned major_no, minor_no;
    char ops[12];

    return event && sscanf(event, "block_rq_complete: %u,%u %11s () %llu",
                           &major_no, &minor_no, ops, at) == 4 &&
           makedev(major_no, minor_no) == device && ops[0] != 'R' &&
           (!appends || ops[0] == 'N' || !strncmp(ops, "ZA", 2)) &&
           !strstr(event, " + 0 ");
}

static void add_sectors(int nsid, bool appends, Buf *sectors)
{
    FILE *f = fopen(INSTANCE "/trace", "re");
    unsigned long long at;
    struct stat st;
    char line[400];

    if (!f || fstat(fds[nsid], &st)) {
        buf_puts(sectors, "no trace");
    }
    while (f && fgets(line, sizeof(line), f)) {
        if (completed(line, st.st_rdev, appends, &at)) {
            buf_printf(sectors, "%s%llu", sectors->len ? " " : "", at);
        }
    }
    if (f) {
        fclose(f);
    }
}

void zoned_watch_appends(int nsid, Buf *sectors)
{
    add_sectors(nsid, true, sectors);
}

void zoned_watch_end(int nsid, Buf *sectors)
{
    write_text(INSTANCE "/tracing_on", "0");
    add_sectors(nsid, false, sectors);
    write_text(INSTANCE "/events/block/block_rq_complete/enable", "0");
}

static int opcode_of(char letter)
{
    switch (letter) {
    case 'W':
        return 0x01;
    case 'P':
        return 0x02;
    case 'S':
        return 0x79;
    case 'R':
        return 0x7a;
    default:
        return 0x7d;
    }
}

unsigned zoned_wire(Buf *json, const char *wire, bool driver)
{
    unsigned count = 0;

    buf_json_key(json, driver ? "completions" : "commands");
    buf_puts(json, "[");
    for (const char *p = wire; *p; count++) {
        const char *status = strpbrk(p, "!? ");
        bool failed = status && *status != ' ';
        bool done = p[1] == '+' || (p[1] != '!' && p[1] != '-');

        buf_json_sep(json);
        buf_printf(json, "{\"status\":%lu",
                   failed ? strtoul(status + 1, NULL, 16) : 0);
        if (!driver) {
            buf_printf(json, ",\"opcode\":%d,\"executed\":%s",
                       opcode_of(*p), done ? "true" : "false");
        }
        buf_puts(json, "}");
        p += strcspn(p, " ");
        p += *p == ' ';
    }
    buf_puts(json, "]");
    return count;
}
