/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A suite that the guest does not survive: between cases that pass, one panics
 * the kernel, one never returns, and one switches the machine off.
 */
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "../../guest/lib/suite.h"

#define IO_BYTES 4096
#define FIRST_BYTE (1024 * 1024)

static char data[IO_BYTES] __attribute__((aligned(IO_BYTES)));

static const char *const names[] = {
    "lost/before", "lost/panic", "lost/between", "lost/hang", "lost/again",
    "lost/power-off", "lost/after",
};

static unsigned long long offset_of(const Case *c)
{
    return FIRST_BYTE + c->ordinal * (unsigned long long)IO_BYTES;
}

static int load(Suite *suite)
{
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        suite_add(suite, strdup(names[i]), NULL);
    }
    return 0;
}

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

static void panic(void)
{
    int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, "c", 1) != 1) {
        _exit(1);
    }
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    out->value = pread(suite->disk.fd, data, IO_BYTES, offset_of(c));
    if (strstr(c->name, "panic")) {
        panic();
    } else if (strstr(c->name, "hang")) {
        for (;;) {
            pause();
        }
    } else if (strstr(c->name, "power-off")) {
        reboot(LINUX_REBOOT_CMD_POWER_OFF);
    }
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    (void)suite, (void)c, (void)out;
    buf_json_key(record, "expected");
    buf_puts(record, "{\"device\":{\"hits\":1},\"result\":{\"value\":-1}}");
}

int main(int argc, char **argv)
{
    static const SuiteClass class = {
        .name = "lost", .load = load, .rules = rules, .prepare = nothing,
        .run = run, .cleanup = nothing, .describe = describe,
    };

    return suite_main(&class, argc, argv);
}
