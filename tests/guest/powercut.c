/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "powercut": what file systems keep of what they promised when the
 * power fails and the drive loses, tears or reorders what was not flushed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/json.h"
#include "lib/program.h"
#include "lib/suite.h"
#include "powercut.h"

#define MKFS_MS 100000
#define FSCK_MS 100000

typedef struct PowerCase {
    const char *name;
    Promise promise;
    int seed;
    const char *lose;           /* chances */
    const char *tear;
    bool reorder;
    bool busy;                  /* a process writes, and syncs, when the power
                                   fails: there may be nothing to lose */
    bool lying;                 /* the drive loses flushes */
    int kept_min, kept_max;     /* files that hold what was written last */
    int whole_min;              /* that or what was there before */
    bool damaged;               /* the file system may be, too */
} PowerCase;

/*
 * fsync(2), rename(2), open(2): what they promise.  No file system promises
 * anything of a write without them, and what O_DIRECT wrote over is in the
 * cache of the drive only.  A rename alone promises that there is one of the
 * two, whole, once the newer one was synced.
 */
#define PROMISED FILES, FILES, FILES, false
static const PowerCase power_cases[] = {
    { "fsync", PROMISE_FSYNC, 1, "1", "0", false, false, false, PROMISED },
    { "fsync-some-lost", PROMISE_FSYNC, 2, "0.5", "0", true, true, false,
      PROMISED },
    { "fsync-torn", PROMISE_FSYNC, 3, "0.3", "0.7", true, true, false,
      PROMISED },
    { "fdatasync", PROMISE_FDATASYNC, 4, "1", "0", false, false, false,
      PROMISED },
    { "fdatasync-torn", PROMISE_FDATASYNC, 5, "0.3", "0.7", true, true, false,
      PROMISED },
    { "o-sync", PROMISE_O_SYNC, 6, "0.7", "0.3", false, false, false,
      PROMISED },
    { "rename", PROMISE_RENAME, 7, "0.5", "0.5", true, true, false, PROMISED },
    { "syncfs", PROMISE_SYNCFS, 8, "0.8", "0", true, false, false, PROMISED },
    { "rename-only", PROMISE_RENAME_ONLY, 9, "0.7", "0.3", false, false, false,
      0, FILES, FILES, false },
    { "no-sync", PROMISE_NONE, 10, "1", "0", false, false, false,
      0, FILES - 1, 0, false },
    { "direct-no-sync", PROMISE_DIRECT, 11, "1", "0", false, false, false,
      0, 0, FILES, false },
    /* the drive acknowledges flushes and does not do them */
    { "lying-drive", PROMISE_FSYNC, 12, "1", "0", false, false, true,
      0, FILES - 1, 0, true },
};

static const char *const file_systems[] = { "ext4", "xfs" };

typedef struct PowerCutCase {
    const PowerCase *power;
    const char *fs;
} PowerCutCase;

static int load(Suite *suite)
{
    size_t fs, i;

    for (fs = 0; fs < sizeof(file_systems) / sizeof(*file_systems); fs++) {
        for (i = 0; i < sizeof(power_cases) / sizeof(*power_cases); i++) {
            PowerCutCase *pc = calloc(1, sizeof(*pc));
            char *name = NULL;

            if (!pc || asprintf(&name, "powercut/%s-%s", file_systems[fs],
                                power_cases[i].name) < 0) {
                return -1;
            }
            pc->power = &power_cases[i];
            pc->fs = file_systems[fs];
            suite_add(suite, name, pc)->alone = true;
        }
    }
    return 0;
}

/* Off until the file system is made: see start_lying(). */
static void rules(Suite *suite, const Case *c, Buf *buf)
{
    (void)suite, (void)c, (void)buf;
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)c, (void)out;
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)c, (void)out;
    umount2(MOUNT_POINT, MNT_DETACH);
}

static bool start_lying(Suite *suite, const Case *c)
{
    char arguments[160];

    snprintf(arguments, sizeof(arguments), "{\"rules\":[{\"id\":\"c%u\","
             "\"action\":\"lose\",\"opcode\":\"flush\"}]}", c->ordinal);
    return suite_request(suite, "nvme-fi-add", arguments, NULL);
}

/* Runs @argv on the disk; its exit status, or -1. */
static int run_tool(int timeout_ms, const char *const *argv, Outcome *out,
                    const char *name)
{
    Program program;
    int status = program_start(&program, argv);

    if (!status) {
        program_wait(&program, timeout_ms);
        status = program.status;
        if (status) {
            buf_json_str(&out->observed, name,
                         program.output.data ? program.output.data : "");
        }
        program_done(&program);
    }
    return status;
}

static int make_fs(Suite *suite, const PowerCutCase *pc, Outcome *out)
{
    const char *ext4[] = { "mkfs.ext4", "-q", "-F", suite->disk.path, NULL };
    const char *xfs[] = { "mkfs.xfs", "-q", "-f", suite->disk.path, NULL };

    return run_tool(MKFS_MS, !strcmp(pc->fs, "xfs") ? xfs : ext4, out,
                    "mkfs-output") ? -EIO : 0;
}

/* After the mount replayed the journal: 0 where there is nothing to repair. */
static int check_fs(Suite *suite, const PowerCutCase *pc, Outcome *out)
{
    const char *ext4[] = { "e2fsck", "-f", "-n", suite->disk.path, NULL };
    const char *xfs[] = { "xfs_repair", "-n", suite->disk.path, NULL };

    return run_tool(FSCK_MS, !strcmp(pc->fs, "xfs") ? xfs : ext4, out,
                    "fsck-output");
}

static int set_sysctl(const char *path, const char *value)
{
    FILE *file = fopen(path, "w");

    return !file || fputs(value, file) < 0 || fclose(file) ? -errno : 0;
}

/*
 * With timers so long, and without the flushes of ext4's lazy initialization
 * (ext4_init_inode_table()), that nothing becomes stable but what a program
 * asked for, however slow the machine is.
 */
static int mount_disk(Suite *suite, const PowerCutCase *pc)
{
    bool xfs = !strcmp(pc->fs, "xfs");
    int ret = set_sysctl("/proc/sys/vm/dirty_writeback_centisecs", "0");

    /* known since the module was loaded */
    if (!ret && xfs) {
        ret = set_sysctl("/proc/sys/fs/xfs/xfssyncd_centisecs", "720000");
    }
    mkdir(MOUNT_POINT, 0755);
    if (!ret && mount(suite->disk.path, MOUNT_POINT, pc->fs, 0,
                      xfs ? NULL : "commit=3600,noinit_itable")) {
        ret = -errno;
    }
    return ret;
}

/* Writes, and has the power fail.  Returns only on an error. */
static int before(Suite *suite, const Case *c, const PowerCutCase *pc,
                  Outcome *out)
{
    const PowerCase *p = pc->power;
    char arguments[256];
    int ret = make_fs(suite, pc, out);

    ret = ret ? ret : mount_disk(suite, pc);
    ret = ret ? ret : files_before(p->promise);
    if (!ret && p->lying && !start_lying(suite, c)) {
        ret = -EPROTO;
    }
    ret = ret ? ret : files_write(p->promise);
    if (ret) {
        return ret;
    }
    snprintf(arguments, sizeof(arguments), "{\"triggers\":[{\"trigger\":"
             "\"power-cut\",\"seed\":%d,\"lose\":%s,\"tear\":%s,"
             "\"reorder\":%s}]}", p->seed, p->lose, p->tear,
             p->reorder ? "true" : "false");
    suite_expect_reset(suite, c, 1, "written");
    if (p->busy && fork() == 0) {
        files_go_on();
        _exit(0);
    }
    suite_request(suite, "nvme-fi-trigger", arguments, NULL);
    for (;;) {
        pause();                /* until the reset; the runner waits for us */
    }
}

/* How many writes the drive says that it lost, and by which seed. */
static void ask_drive(Suite *suite, Outcome *out)
{
    long long seed = -1, lost = 0;
    Buf answer = { 0 };
    const char *at;

    if (suite_request(suite, "query-nvme-fi", "{\"device\":\"nvme0\"}",
                      &answer) && (at = strstr(answer.data, "write-cache"))) {
        json_get_int(at, "seed", &seed);
        for (at = strstr(at, "\"lost\":["); at;
             at = strstr(at + 1, "\"seq\":")) {
            lost++;
        }
        lost -= lost > 0;
    }
    buf_free(&answer);
    buf_json_int(&out->observed, "seed", seed);
    buf_json_int(&out->observed, "lost-writes", lost);
}

static int after(Suite *suite, const PowerCutCase *pc, Outcome *out)
{
    Files files = { 0 };
    int ret;

    ask_drive(suite, out);
    ret = mount_disk(suite, pc);
    buf_json_str(&out->observed, "mount", ret ? strerror(-ret) : "done");
    if (ret) {
        /* nothing can be read of it */
        return pc->power->damaged ? 0 : ret;
    }
    ret = files_check(&files);
    umount(MOUNT_POINT);
    buf_json_int(&out->observed, "kept", files.kept);
    buf_json_int(&out->observed, "old", files.old);
    buf_json_int(&out->observed, "missing", files.missing);
    buf_json_int(&out->observed, "broken", files.broken);
    buf_json_int(&out->observed, "whole", files.kept + files.old);
    buf_json_int(&out->observed, "fsck", check_fs(suite, pc, out));
    return ret ? ret : files.kept;
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const PowerCutCase *pc = c->data;
    int ret = suite->phase ? after(suite, pc, out) :
                             before(suite, c, pc, out);

    out->value = ret < 0 ? -1 : ret;
    out->error = ret < 0 ? -ret : 0;
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    const PowerCutCase *pc = c->data;
    const PowerCase *p = pc->power;

    (void)suite, (void)out;
    buf_json_key(record, "stimulus");
    buf_printf(record, "{\"op\":\"write\",\"fs\":\"%s\",\"promise\":\"%s\","
               "\"seed\":%d,\"lose\":%s,\"tear\":%s}", pc->fs, p->name,
               p->seed, p->lose, p->tear);
    buf_json_key(record, "expected");
    buf_printf(record, "{\"device\":{\"hits\":%s},\"result\":{\"value\":"
               "{\"min\":%d,\"max\":%d},\"errno\":null,\"observed\":{"
               "\"seed\":%d,\"lost-writes\":{\"min\":%d}",
               p->lying ? "{\"min\":1}" : "0", p->kept_min, p->kept_max,
               p->seed, !p->busy);
    if (!p->damaged) {
        buf_printf(record, ",\"mount\":\"done\",\"fsck\":0,\"whole\":"
                   "{\"min\":%d}", p->whole_min);
    }
    buf_puts(record, "}}}");
}

static const SuiteClass powercut_class = {
    .name = "powercut",
    .machine = "{\"kernel\":\"nvme_core.multipath=N\",\"devices\":["
               "{\"driver\":\"nvme\",\"id\":\"nvme0\",\"serial\":\"nvme-fi\","
               "\"drive\":\"disk\",\"fi-write-cache\":67108864}],"
               "\"programs\":[\"mkfs.ext4\",\"mkfs.xfs\",\"e2fsck\","
               "\"xfs_repair\"],\"modules\":[\"ext4\",\"xfs\"],"
               "\"reset\":true,\"timeout\":120}",
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

int main(int argc, char **argv)
{
    return suite_main(&powercut_class, argc, argv);
}
