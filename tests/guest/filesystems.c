/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "filesystems": what file systems, RAID, multipath and a data base make
 * of a drive's errors, and what they tell the program.
 */
#include "filesystems.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAIT_MS 15000

#define NS_JSON(id, nsid) \
    "{\"driver\":\"nvme-ns\",\"drive\":\"" id "\",\"bus\":\"nvme0\"," \
    "\"nsid\":" #nsid "}"

/* One drive with a namespace for each file system, and one that two
 * controllers share. */
static const char machine[] =
    "{\"kernel\":\"nvme_core.multipath=N\",\"memory\":768,"
    "\"timeout\":180,\"drives\":["
    "{\"id\":\"ext4\",\"size\":67108864},"
    "{\"id\":\"xfs\",\"size\":335544320},"
    "{\"id\":\"btrfs\",\"size\":268435456},"
    "{\"id\":\"raida\",\"size\":268435456},"
    "{\"id\":\"raidb\",\"size\":268435456},"
    "{\"id\":\"mda\",\"size\":33554432},"
    "{\"id\":\"mdb\",\"size\":33554432},"
    "{\"id\":\"sqlite\",\"size\":67108864},"
    "{\"id\":\"paths\",\"size\":33554432}],"
    "\"devices\":["
    "{\"driver\":\"nvme\",\"id\":\"nvme0\",\"serial\":\"nvme-fi\"},"
    NS_JSON("ext4", 1) "," NS_JSON("xfs", 2) "," NS_JSON("btrfs", 3) ","
    NS_JSON("raida", 4) "," NS_JSON("raidb", 5) "," NS_JSON("mda", 6) ","
    NS_JSON("mdb", 7) "," NS_JSON("sqlite", 8) ","
    "{\"driver\":\"nvme-subsys\",\"id\":\"subsys0\",\"nqn\":\"paths\"},"
    "{\"driver\":\"nvme\",\"id\":\"nvme1\",\"serial\":\"paths\","
    "\"addr\":\"0a.0\",\"subsys\":\"subsys0\"},"
    "{\"driver\":\"nvme\",\"id\":\"nvme2\",\"serial\":\"paths\","
    "\"addr\":\"0b.0\",\"subsys\":\"subsys0\"},"
    "{\"driver\":\"nvme-ns\",\"drive\":\"paths\",\"bus\":\"nvme1\","
    "\"nsid\":9,\"shared\":true}],"
    "\"controllers\":[\"nvme0\",\"nvme1\",\"nvme2\"],"
    "\"programs\":[\"mkfs.ext4\",\"mkfs.xfs\",\"mkfs.btrfs\",\"dmsetup\","
    "\"sqlite3\"],"
    "\"modules\":[\"xfs\",\"btrfs\",\"raid1\",\"dm_multipath\","
    "\"dm_round_robin\"]}";

/* Than @version; NULL is one that is not there yet. */
static bool is_older(const Suite *suite, const char *text)
{
    Version version;

    return !text || !version_parse(text, &version) ||
           version_compare(suite->kernel, version) < 0;
}

void add_cases(Suite *suite, const FsCase *table, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *name;
        Case *c;

        if (asprintf(&name, "filesystems/%s", table[i].name) < 0) {
            abort();
        }
        c = suite_add(suite, name, (void *)&table[i]);
        c->alone = true;
        if (is_older(suite, table[i].fixed)) {
            c->finding = table[i].finding;
        }
    }
}

static int load(Suite *suite)
{
    files_cases(suite);
    fsync_cases(suite);
    meta_cases(suite);
    md_cases(suite);
    dm_cases(suite);
    btrfs_cases(suite);
    sqlite_cases(suite);
    return 0;
}

/* Added by run(): which blocks is not known before. */
static void rules(Suite *suite, const Case *c, Buf *buf)
{
    (void)suite;
    armed_rules(c, buf);
}

static bool disks_there(void *opaque)
{
    (void)opaque;
    for (unsigned nsid = 1; nsid <= NSIDS; nsid++) {
        const char *path = disk_path(nsid);

        if (!path || access(path, R_OK | W_OK)) {
            return false;
        }
    }
    return path_disk(0) && path_disk(1);
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;
    const char *needs = fc->needs ? fc->needs :
                        fc->fs < NFS ? file_systems[fc->fs].needs : NULL;
    static bool there;

    if (needs && !suite_needs(suite, out, needs)) {
        return;
    }
    there = there || wait_for(disks_there, NULL, WAIT_MS);
    if (!there) {
        out->skip = "not all disks are there";
    }
    if (!out->skip && fc->prepare) {
        fc->prepare(suite, c, out);
    }
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;

    log_begin();
    fc->run(suite, c, out);
    suite_await_calls(suite, fc->calls ? fc->calls : "");
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    const FsCase *fc = c->data;

    if (fc->cleanup) {
        fc->cleanup(suite, c, out);
    }
}

/* The last row that is not newer than the kernel. */
static const char *expected_json(const Suite *suite, const FsCase *fc)
{
    const char *json = NULL;

    for (size_t i = 0; i < sizeof(fc->expect) / sizeof(*fc->expect); i++) {
        const Expect *e = &fc->expect[i];

        if (e->json && (!e->since || !is_older(suite, e->since))) {
            json = e->json;
        }
    }
    return json;
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    const FsCase *fc = c->data;
    const char *json = expected_json(suite, fc);

    buf_json_key(record, "stimulus");
    buf_puts(record, "{");
    buf_json_str(record, "layer", fc->fs < NFS ? file_systems[fc->fs].type :
                 strncmp(fc->name, "md", 2) ? "dm-multipath" : "md");
    if (fc->status) {
        buf_json_str(record, "status-name", fc->status);
    }
    buf_puts(record, "}");
    buf_json_key(record, "expected");
    buf_puts(record, "{\"driver\":{");
    suite_expect_calls(suite, record, fc->calls ? fc->calls : "");
    buf_puts(record, "},");
    if (json) {
        buf_puts(record, json + 1);     /* behind its bracket */
    } else {
        fc->foresee(suite, c, out, record);
        buf_puts(record, "}");
    }
    buf_json_str(record, "from", fc->from);
}

static const SuiteClass filesystems_class = {
    .name = "filesystems",
    .machine = machine,
    .no_disk = true,
    .functions = "errseq_set jbd2_journal_abort xfs_do_force_shutdown "
                 "xlog_force_shutdown xfs_buf_ioend_handle_error "
                 "btrfs_repair_io_failure __btrfs_handle_fs_error "
                 "md_error rdev_set_badblocks md_end_flush multipath_end_io "
                 "fail_path reinstate_path nvme_retry_req",
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

int main(int argc, char **argv)
{
    return suite_main(&filesystems_class, argc, argv);
}
