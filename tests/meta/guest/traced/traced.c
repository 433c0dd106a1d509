/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A suite that counts calls of kernel functions: of the driver, of a module
 * that is loaded later, of none, and more of them than the buffer takes; and
 * that asks for options of the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../../guest/lib/suite.h"

#define IO_BYTES 4096
#define FIRST_BYTE (1024 * 1024)

#define OFTEN "__x64_sys_getpgid"

/* More than the 2 MiB of a CPU hold: 28 bytes each (struct ftrace_entry). */
#define TOO_OFTEN 120000

static char data[IO_BYTES] __attribute__((aligned(IO_BYTES)));

typedef struct TracedCase {
    const char *name;
    int reads;                  /* that fail */
    int calls;                  /* of OFTEN */
    int module;                 /* removed before, loaded before, or as it is */
    const char *needs;
    const char *finding;
    const char *expected;       /* calls */
} TracedCase;

static TracedCase cases[] = {
    { "traced/calls", 3, 2, -1, NULL, NULL,
      "nvme_complete_rq=3 no_such_function=7 xfs_fs_get_tree=7 " OFTEN "=2" },
    { "traced/no-calls", 1, 0, 0, NULL, NULL,
      "nvme_complete_rq=1 xfs_fs_get_tree=7 " OFTEN "=0" },
    { "traced/module-loaded-later", 1, 0, 1, "CONFIG_XFS_FS", NULL,
      "nvme_complete_rq>=1 xfs_fs_get_tree=1" },
    { "traced/module-removed", 1, 0, -1, NULL, NULL,
      "nvme_complete_rq<=1 xfs_fs_get_tree=7" },
    { "traced/module-loaded-again", 1, 0, 1, "CONFIG_XFS_FS", "an-example",
      "nvme_complete_rq=1 xfs_fs_get_tree=1" },
    { "traced/wrong-number", 1, 0, 0, NULL, NULL, "nvme_complete_rq=2" },
    { "traced/too-many", 1, TOO_OFTEN, 0, NULL, NULL, "nvme_complete_rq=1" },
    { "traced/after-too-many", 1, 0, 0, "CONFIG_NVME_MULTIPATH", NULL,
      "nvme_complete_rq=1 " OFTEN "=0" },
    { "traced/needs-a-target", 1, 0, 0, "CONFIG_NVME_TARGET", NULL, "" },
};

static int load(Suite *suite)
{
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Case *c = suite_add(suite, strdup(cases[i].name), &cases[i]);

        c->finding = cases[i].finding;
    }
    return 0;
}

static unsigned long long offset_of(const Case *c)
{
    return FIRST_BYTE + c->ordinal * (unsigned long long)IO_BYTES;
}

static void rules(Suite *suite, const Case *c, Buf *buf)
{
    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u\",\"action\":\"status\",\"opcode\":\"read\","
               "\"slba\":%llu,\"status\":\"access-denied\",\"dnr\":true}",
               c->ordinal, offset_of(c) / suite->disk.lba_bytes);
}

/* The image has it, init has loaded it before the suite began. */
static void load_module(void)
{
    int fd = open("/modules/xfs.ko", O_RDONLY | O_CLOEXEC);

    if (fd >= 0) {
        syscall(SYS_finit_module, fd, "", 0);
        close(fd);
    }
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const TracedCase *tc = c->data;

    if (tc->module < 0) {
        syscall(SYS_delete_module, "xfs", O_NONBLOCK);
    } else if (tc->module > 0) {
        load_module();
    }
    if (tc->needs) {
        suite_needs(suite, out, tc->needs);
    }
    buf_json_bool(&out->observed, "before",
                  suite_traces(suite, "xfs_fs_get_tree"));
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const TracedCase *tc = c->data;
    int i;

    for (i = 0; i < tc->reads; i++) {
        out->value = pread(suite->disk.fd, data, IO_BYTES, offset_of(c));
    }
    for (i = 0; i < tc->calls; i++) {
        syscall(SYS_getpgid, 0);
    }
    mkdir("/mnt", 0755);
    /* Without a disk of that name: one call and no I/O. */
    mount("/dev/none", "/mnt", "xfs", 0, NULL);
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    const TracedCase *tc = c->data;

    (void)out;
    buf_json_key(record, "expected");
    buf_printf(record, "{\"device\":{\"hits\":%d},\"result\":{\"value\":-1,"
               "\"observed\":{\"before\":%s}},\"driver\":{", tc->reads,
               suite_traces(suite, "xfs_fs_get_tree") ? "true" : "false");
    suite_expect_calls(suite, record, tc->expected);
    buf_puts(record, "}}");
}

int main(int argc, char **argv)
{
    static const SuiteClass class = {
        .name = "traced", .load = load, .rules = rules, .prepare = prepare,
        .run = run, .describe = describe,
        .functions = "nvme_complete_rq no_such_function xfs_fs_get_tree "
                     OFTEN,
        .machine = "{\"kernel\":\"nvme_core.multipath=N\","
                   "\"modules\":[\"xfs\",\"no_such_module\"]}",
    };

    return suite_main(&class, argc, argv);
}
