/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "duplicate": what a program reads when the drive carries a command out
 * twice, the second time after the program wrote the blocks again.
 */
#include <errno.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "lib/suite.h"

#define IO_BYTES 4096
#define FIRST_BYTE (4 * 1024 * 1024)
#define STEP_BYTES (64 * 1024)  /* from the blocks of one case to the next */

/* Until the second time: more than a busy machine needs for a write and a
 * read. */
#define LATE_NS 5000000000LL
#define LOOK_MS 50
#define LOOKS 500               /* five times LATE_NS */

typedef struct DuplicateCase {
    const char *name;
    const char *opcode;
    bool late;
    const char *left;           /* what the blocks hold at last */
} DuplicateCase;

/*
 * The driver sees one completion in each of them, and nothing that would tell
 * of the second time: nvme_handle_cqe() (drivers/nvme/host/pci.c) has only
 * that.  No layer keeps checksums of what a block device holds.
 */
static const DuplicateCase cases[] = {
    { "duplicate/write-at-once", "write", false, "newer" },
    { "duplicate/write-late", "write", true, "older" },
    { "duplicate/discard-late", "dataset-management", true, "zeroes" },
};

static unsigned char data[IO_BYTES] __attribute__((aligned(IO_BYTES)));

static int load(Suite *suite)
{
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        suite_add(suite, strdup(cases[i].name), (void *)&cases[i])->alone =
            true;
    }
    return 0;
}

static uint64_t first_byte(const DuplicateCase *dc)
{
    return FIRST_BYTE + (uint64_t)(dc - cases) * STEP_BYTES;
}

static void rules(Suite *suite, const Case *c, Buf *buf)
{
    const DuplicateCase *dc = c->data;

    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u\",\"action\":\"duplicate-execute\","
               "\"opcode\":\"%s\",\"slba\":%llu,\"times\":1,"
               "\"after-ns\":%lld}", c->ordinal, dc->opcode,
               (unsigned long long)(first_byte(dc) / suite->disk.lba_bytes),
               dc->late ? LATE_NS : 0);
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)c, (void)out;
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)c, (void)out;
}

static int put(Suite *suite, const DuplicateCase *dc, int byte)
{
    memset(data, byte, sizeof(data));
    return pwrite(suite->disk.fd, data, sizeof(data), first_byte(dc)) ==
        sizeof(data) ? 0 : -errno;
}

static const char *look(Suite *suite, const DuplicateCase *dc)
{
    size_t i;

    memset(data, 0xee, sizeof(data));
    if (pread(suite->disk.fd, data, sizeof(data), first_byte(dc)) !=
        sizeof(data)) {
        return "unreadable";
    }
    for (i = 1; i < sizeof(data); i++) {
        if (data[i] != data[0]) {
            return "mixed";
        }
    }
    return data[0] == 'o' ? "older" : data[0] == 'n' ? "newer" :
        data[0] == 0 ? "zeroes" : "other";
}

static int discard(Suite *suite, const DuplicateCase *dc)
{
    uint64_t range[2] = { first_byte(dc), IO_BYTES };

    return ioctl(suite->disk.fd, BLKDISCARD, range) ? -errno : 0;
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };
    const DuplicateCase *dc = c->data;
    bool write = !strcmp(dc->opcode, "write");
    const char *seen;
    int ret = write ? put(suite, dc, 'o') : discard(suite, dc);
    int i;

    ret = ret ? ret : put(suite, dc, 'n');
    seen = look(suite, dc);
    buf_json_str(&out->observed, "at-first", seen);
    for (i = 0; i < LOOKS && strcmp(seen, dc->left); i++) {
        nanosleep(&pause, NULL);
        seen = look(suite, dc);
    }
    buf_json_str(&out->observed, "at-last", seen);
    out->value = ret ? -1 : 0;
    out->error = -ret;
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    const DuplicateCase *dc = c->data;
    /* of two writes the rule sees the second, too, and is spent */
    bool second = !strcmp(dc->opcode, "write");

    (void)suite, (void)out;
    buf_json_key(record, "stimulus");
    buf_printf(record, "{\"op\":\"%s\",\"api\":\"direct\",\"late\":%s}",
               dc->opcode, dc->late ? "true" : "false");
    buf_json_key(record, "expected");
    buf_printf(record, "{\"device\":{\"hits\":1,\"commands\":[{\"executed\":"
               "true,\"status\":0}%s]},\"block\":{\"errno\":null},\"log\":[],"
               "\"result\":{\"value\":0,\"errno\":null,\"observed\":{"
               "\"at-first\":\"newer\",\"at-last\":\"%s\"}},"
               "\"elapsed_ns\":{\"min\":%lld}}",
               second ? ",{\"executed\":true,\"status\":0}" : "", dc->left,
               dc->late ? LATE_NS : 0);
}

static const SuiteClass duplicate_class = {
    .name = "duplicate",
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

int main(int argc, char **argv)
{
    return suite_main(&duplicate_class, argc, argv);
}
