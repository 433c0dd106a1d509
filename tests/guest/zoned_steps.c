/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "zoned": cases that are a sequence of steps on one zone.
 */
#include "zoned_steps.h"

#include <errno.h>
#include <linux/aio_abi.h>
#include <linux/blkzoned.h>
#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "zoned_files.h"

#define MAX_QUEUE 8
#define BLOCK_SECTORS (ZONED_BLOCK / 512)

static char data[ZONED_BLOCK] __attribute__((aligned(ZONED_BLOCK)));

static void add_rule(Buf *buf, const Case *c, int number, int block,
                     const char *members)
{
    const StepCase *sc = c->data;
    unsigned long long start = zoned_start(c);

    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u.%d\",\"nsid\":%d,\"slba\":%llu,"
               "\"nlb\":%d,%s}", c->ordinal, number,
               sc->nsid ? sc->nsid : ZONED_ZNS,
               start + (block < 0 ? 0 : block * BLOCK_SECTORS),
               block < 0 ? ZONED_SECTORS : BLOCK_SECTORS, members);
}

/* All that the zone gets is seen; the faults are newer rules and act. */
static void rules(const Case *c, Buf *buf)
{
    const StepCase *sc = c->data;
    const char *opcode = sc->opcode ? sc->opcode : "write";
    Buf members = { 0 };

    add_rule(buf, c, 1, -1, "\"queue\":\"io\",\"action\":\"none\"");
    if (sc->fault) {
        if (*opcode) {
            buf_printf(&members, "\"opcode\":\"%s\",", opcode);
        } else {
            buf_puts(&members, "\"queue\":\"io\",");
        }
        buf_puts(&members, sc->fault);
        if (sc->lie) {
            buf_printf(&members, ",\"dw0\":%llu,\"dw1\":0", zoned_start(c) +
                       sc->lie * BLOCK_SECTORS);
        }
        add_rule(buf, c, 2, sc->block, members.data);
        buf_free(&members);
    }
    if (sc->fault_too) {
        add_rule(buf, c, 3, -1, sc->fault_too);
    }
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const StepCase *sc = c->data;

    if (sc->policy && suite_needs(suite, out, "CONFIG_ZONEFS_FS")) {
        out->skip = zoned_file_open(sc->policy, zoned_start(c) /
                                    ZONED_SECTORS - 1,
                                    sc->sync || zoned_plugs(suite));
    }
    if (out->skip) {
        return;
    }
    if (sc->scheduler && !zoned_queue(ZONED_ZNS, "scheduler",
                                      sc->scheduler)) {
        out->skip = "the kernel does not have this scheduler";
    } else if (sc->sectors) {
        out->skip = zoned_watch_begin();
    }
}

static void add_done(Buf *results, bool ok)
{
    buf_puts(results, ok ? "ok" : strerrorname_np(errno));
}

/* @count writes with one io_submit(), in the order of their blocks. */
static void queue(unsigned long long offset, int count, Buf *results)
{
    struct iocb blocks[MAX_QUEUE] = { 0 }, *list[MAX_QUEUE];
    struct io_event events[MAX_QUEUE];
    long long res[MAX_QUEUE] = { 0 };
    static aio_context_t context;
    long n;

    for (int i = 0; i < count; i++) {
        list[i] = &blocks[i];
        blocks[i].aio_data = i;
        blocks[i].aio_lio_opcode = IOCB_CMD_PWRITE;
        blocks[i].aio_fildes = zoned_fd(ZONED_ZNS);
        blocks[i].aio_buf = (unsigned long)data;
        blocks[i].aio_nbytes = ZONED_BLOCK;
        blocks[i].aio_offset = offset + i * ZONED_BLOCK;
    }
    if ((!context && syscall(SYS_io_setup, MAX_QUEUE, &context)) ||
        syscall(SYS_io_submit, context, (long)count, list) != count) {
        buf_puts(results, "not submitted");
        return;
    }
    n = syscall(SYS_io_getevents, context, (long)count, (long)count, events,
                NULL);
    for (long i = 0; i < n; i++) {
        res[events[i].data] = events[i].res;
    }
    for (int i = 0; i < count; i++) {
        buf_puts(results, i ? "," : "");
        errno = res[i] < 0 ? -res[i] : EAGAIN;
        add_done(results, res[i] == ZONED_BLOCK);
    }
}

/* No call of the block layer tells user space where an append went. */
static void append(unsigned long long sector, Buf *results)
{
    struct nvme_passthru_cmd64 cmd = {
        .opcode = 0x7d, .nsid = ZONED_ZNS, .addr = (unsigned long)data,
        .data_len = ZONED_BLOCK, .cdw10 = (unsigned)sector,
        .cdw11 = (unsigned)(sector >> 32), .cdw12 = BLOCK_SECTORS - 1,
    };
    int ret = ioctl(zoned_fd(ZONED_ZNS), NVME_IOCTL_IO64_CMD, &cmd);

    if (ret < 0) {
        add_done(results, false);
    } else if (ret) {
        buf_printf(results, "%x", ret);
    } else if (cmd.result >= sector && cmd.result < sector + ZONED_SECTORS) {
        buf_printf(results, "@%llu", (cmd.result - sector) / BLOCK_SECTORS);
    } else {
        buf_printf(results, "@0x%llx", (unsigned long long)cmd.result);
    }
}

static bool manage(char step, unsigned long long sector)
{
    struct blk_zone_range zone = { sector, ZONED_SECTORS };
    unsigned long request = step == 'o' ? BLKOPENZONE :
                            step == 'l' ? BLKCLOSEZONE :
                            step == 'f' ? BLKFINISHZONE : BLKRESETZONE;

    return !ioctl(zoned_fd(ZONED_ZNS), request, &zone);
}

static bool change(Suite *suite, const Case *c)
{
    const StepCase *sc = c->data;
    char arguments[240];

    snprintf(arguments, sizeof(arguments), "{\"triggers\":[{\"trigger\":"
             "\"zone\",\"nsid\":%d,\"slba\":%llu,%s}]}", ZONED_ZNS,
             zoned_start(c), sc->change);
    errno = EPROTO;
    return suite_request(suite, "nvme-fi-trigger", arguments, NULL);
}

static void step(Suite *suite, const Case *c, const char *word, Buf *results)
{
    const StepCase *sc = c->data;
    unsigned long long start = zoned_start(c), offset = start * 512;
    unsigned long block = strtoul(word + 1, NULL, 10);
    const char *count = strchr(word, '*');

    offset += block * ZONED_BLOCK;
    if (sc->policy && *word != 't') {
        zoned_file_step(*word, results);
        return;
    }
    switch (*word) {
    case 'w':
        add_done(results, pwrite(zoned_fd(ZONED_ZNS), data, ZONED_BLOCK,
                                 offset) == ZONED_BLOCK);
        break;
    case 'p':
        add_done(results, pread(zoned_fd(ZONED_ZNS), data, ZONED_BLOCK,
                                offset) == ZONED_BLOCK);
        break;
    case 'n':
        add_done(results, pwrite(zoned_fd(ZONED_PLAIN), data, ZONED_BLOCK,
                                 offset) == ZONED_BLOCK);
        break;
    case 'q':
        queue(offset, count ? atoi(count + 1) : 1, results);
        break;
    case 'a':
        append(start, results);
        break;
    case 'r':
    case 'c':
        zoned_report(results, start, *word == 'c');
        break;
    case 't':
        add_done(results, change(suite, c));
        break;
    default:
        add_done(results, manage(*word, start));
        break;
    }
}

/* As they were traced, in blocks from the zone's start. */
static void add_sectors(const Case *c, Outcome *out)
{
    const StepCase *sc = c->data;
    unsigned long long start = zoned_start(c);
    Buf sectors = { 0 }, text = { 0 };

    zoned_watch_end(sc->nsid ? sc->nsid : ZONED_ZNS, &sectors);
    for (char *p = sectors.data; p && *p; p += strspn(p, " ")) {
        buf_printf(&text, "%s%lld", text.len ? " " : "",
                   (long long)(strtoull(p, &p, 10) - start) / BLOCK_SECTORS);
    }
    buf_json_str(&out->observed, "completed", text.len ? text.data : "");
    buf_free(&sectors);
    buf_free(&text);
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const StepCase *sc = c->data;
    Buf results = { 0 };

    for (const char *p = sc->steps; *p; p += strspn(p, " ")) {
        if (results.len) {
            buf_puts(&results, " ");
        }
        step(suite, c, p, &results);
        p += strcspn(p, " ");
    }
    buf_json_str(&out->observed, "steps", results.data);
    buf_free(&results);
    if (sc->sectors) {
        add_sectors(c, out);
    }
}

static void cleanup(Suite *suite, const Case *c)
{
    const StepCase *sc = c->data;

    if (sc->policy) {
        zoned_file_close();
    }
    if (sc->scheduler) {
        zoned_queue(ZONED_ZNS, "scheduler",
                    zoned_plugs(suite) ? "none" : "mq-deadline");
    }
}

static void expect(Suite *suite, const StepCase *sc, Buf *record)
{
    bool plugs = zoned_plugs(suite);
    const char *wire = plugs && sc->wire[1] ? sc->wire[1] : sc->wire[0];
    const char *calls = plugs && sc->calls_plug ? sc->calls_plug : sc->calls;
    const char *error = sc->block_errno[plugs && sc->block_errno[1]];
    Buf device = { 0 };
    unsigned count = zoned_wire(&device, wire, false);

    buf_printf(record, "{\"device\":{\"hits\":%u,%s},\"driver\":{", count,
               device.data);
    buf_free(&device);
    /* of a write to the other namespace no rule tells */
    if (!strchr(sc->steps, 'n')) {
        zoned_wire(record, wire, true);
    }
    if (calls) {
        suite_expect_calls(suite, record, calls);
    }
    buf_puts(record, "}");
    if (error) {
        buf_puts(record, ",\"block\":{");
        buf_json_str(record, "errno", *error ? error : NULL);
        buf_puts(record, "}");
    }
    if (sc->log) {
        buf_printf(record, ",\"log\":[%s]", sc->log);
    }
    buf_printf(record, ",\"result\":{\"observed\":{\"steps\":\"%s\"",
               plugs && sc->results[1] ? sc->results[1] : sc->results[0]);
    if (sc->sectors) {
        buf_json_str(record, "completed", sc->sectors);
    }
    buf_puts(record, "}}}");
}

static const char *describe(Suite *suite, const Case *c, Buf *record)
{
    const StepCase *sc = c->data;

    buf_json_key(record, "stimulus");
    buf_printf(record, "{\"op\":\"%s\",\"zoned\":%s,\"steps\":\"%s\"}",
               sc->fault && sc->opcode ? sc->opcode : "write",
               sc->nsid == ZONED_PLAIN ? "false" : "true", sc->steps);
    buf_json_key(record, "expected");
    expect(suite, sc, record);
    return sc->from;
}

const ZonedKind zoned_steps = {
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

void zoned_add_steps(Suite *suite, StepCase *sc, const char *name)
{
    Case *c;

    if ((sc->since.major && version_compare(suite->kernel, sc->since) < 0) ||
        (sc->until.major && version_compare(suite->kernel, sc->until) >= 0)) {
        return;
    }
    sc->kind = &zoned_steps;
    c = suite_add(suite, strdup(name), sc);
    c->finding = sc->finding;
    /* a mount closes the zones that other cases left open */
    c->alone = sc->policy != NULL;
}
