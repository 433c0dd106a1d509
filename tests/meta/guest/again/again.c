/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A suite whose machine is reset on purpose, by a request and by the guest
 * itself, and once when no case expects it.
 */
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../../guest/lib/program.h"
#include "../../../guest/lib/suite.h"

#define IO_BYTES 4096
#define FIRST_BYTE (1024 * 1024)

/* Called once in each phase. */
#define CALL "__x64_sys_getpgid"

static char data[IO_BYTES] __attribute__((aligned(IO_BYTES)));

static const char *const names[] = {
    "again/before", "again/program", "again/reset", "again/between",
    "again/reboot-twice", "again/unexpected", "again/after",
};

static unsigned long long offset_of(const Case *c)
{
    return FIRST_BYTE + c->ordinal * (unsigned long long)IO_BYTES;
}

static int load(Suite *suite)
{
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        suite_add(suite, strdup(names[i]), NULL)->alone = i % 2 == 0;
    }
    return 0;
}

/* Due with each read: before and after a reset. */
static void rules(Suite *suite, const Case *c, Buf *buf)
{
    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u\",\"action\":\"status\",\"opcode\":\"read\","
               "\"slba\":%llu,\"status\":\"access-denied\",\"dnr\":true}",
               c->ordinal, offset_of(c) / suite->disk.lba_bytes);
}

static void nothing(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)c, (void)out;
}

static void run_program(Outcome *out)
{
    static const char *const argv[] = { "mkfs.ext4", "-V", NULL };
    Program program;

    program_run(&program, 20000, argv);
    buf_json_int(&out->observed, "status", program.status);
    buf_json_bool(&out->observed, "named", program.output.len &&
                  strstr(program.output.data, "mke2fs"));
    program_done(&program);
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    char text[40];

    out->value = pread(suite->disk.fd, data, IO_BYTES, offset_of(c));
    syscall(SYS_getpgid, 0);
    buf_json_int(&out->observed, "phase", suite->phase);
    buf_json_str(&out->observed, "note", suite->note.data);
    snprintf(text, sizeof(text), "phase \"%d\"\nof %s", suite->phase,
             c->name);
    if (strstr(c->name, "program")) {
        run_program(out);
    } else if (strstr(c->name, "unexpected")) {
        reboot(LINUX_REBOOT_CMD_RESTART);
    } else if (strstr(c->name, "twice") && suite->phase < 2) {
        suite_expect_reset(suite, c, suite->phase + 1, text);
        reboot(LINUX_REBOOT_CMD_RESTART);
    } else if (strstr(c->name, "/reset") && suite->phase == 0) {
        suite_expect_reset(suite, c, 1, text);
        suite_reset(suite);
    }
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    int phases = strstr(c->name, "twice") ? 2 : strstr(c->name, "/reset") != 0;
    char calls[40];
    int i;

    (void)out;
    buf_json_key(record, "expected");
    buf_printf(record, "{\"device\":{\"hits\":%d},\"driver\":{"
               "\"completions\":[", phases + 1);
    for (i = 0; i <= phases; i++) {
        buf_json_sep(record);
        buf_puts(record, "{\"status\":17030,\"retries\":0}");
    }
    buf_puts(record, "]");
    snprintf(calls, sizeof(calls), CALL "=%d", phases + 1);
    suite_expect_calls(suite, record, calls);
    buf_printf(record, "},\"result\":{\"value\":-1,\"observed\":{"
               "\"phase\":%d", phases);
    if (phases) {
        buf_printf(record, ",\"note\":\"phase \\\"%d\\\"\\nof %s\"",
                   phases - 1, c->name);
    }
    if (strstr(c->name, "program")) {
        buf_puts(record, ",\"status\":0,\"named\":true");
    }
    buf_puts(record, "}}}");
}

int main(int argc, char **argv)
{
    static const SuiteClass class = {
        .name = "again", .functions = CALL,
        .load = load, .rules = rules, .prepare = nothing,
        .run = run, .cleanup = nothing, .describe = describe,
        .machine = "{\"kernel\":\"nvme_core.multipath=N\",\"reset\":true,"
                   "\"allow\":[\"system_reset\"],"
                   "\"programs\":[\"mkfs.ext4\"],\"modules\":[\"xfs\"]}",
    };

    return suite_main(&class, argc, argv);
}
