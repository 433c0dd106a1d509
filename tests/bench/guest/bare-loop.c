/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bare loop that the suites are compared with: each of the 2,047 statuses
 * on a direct read, one rule for each, and nothing observed but the errno.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../guest/lib/suite.h"

#define STATUSES 2047           /* all values of SCT and SC but 0 */
#define IO_BYTES 4096
#define FIRST_BYTE (1024 * 1024)
#define TRACING "/sys/kernel/tracing/tracing_on"

static char data[IO_BYTES] __attribute__((aligned(IO_BYTES)));

static unsigned long long offset_of(unsigned int status)
{
    return FIRST_BYTE + status * (unsigned long long)IO_BYTES;
}

static int load(Suite *suite)
{
    suite_add(suite, strdup("bare-loop/every-status"), NULL);
    return 0;
}

static void rules(Suite *suite, const Case *c, Buf *buf)
{
    unsigned int status;

    for (status = 1; status <= STATUSES; status++) {
        buf_json_sep(buf);
        buf_printf(buf, "{\"id\":\"c%u.%u\",\"action\":\"status\","
                   "\"opcode\":\"read\",\"slba\":%llu,\"nlb\":%u,"
                   "\"status\":\"0x%x\",\"dnr\":true}", c->ordinal, status,
                   offset_of(status) / suite->disk.lba_bytes,
                   IO_BYTES / suite->disk.lba_bytes, status);
    }
}

static void set_tracing(const char *value)
{
    int fd = open(TRACING, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, value, 1) != 1) {
        exit(1);
    }
    close(fd);
}

static void nothing(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)c, (void)out;
}

/* The value is the number of reads that succeeded: none may. */
static void run(Suite *suite, const Case *c, Outcome *out)
{
    unsigned int status;

    (void)c;
    set_tracing("0");
    for (status = 1; status <= STATUSES; status++) {
        out->value += pread(suite->disk.fd, data, IO_BYTES,
                            offset_of(status)) >= 0;
    }
    set_tracing("1");
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    (void)suite, (void)c, (void)out;
    buf_json_key(record, "expected");
    buf_printf(record, "{\"device\":{\"hits\":%u},\"result\":"
               "{\"value\":0,\"errno\":null}}", STATUSES);
}

int main(int argc, char **argv)
{
    static const SuiteClass class = {
        .name = "bare-loop", .load = load, .rules = rules,
        .prepare = nothing, .run = run, .cleanup = nothing,
        .describe = describe,
    };

    return suite_main(&class, argc, argv);
}
