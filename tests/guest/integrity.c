/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "integrity": data, metadata or protection information is damaged, lost
 * or put elsewhere, and is read: who notices, the controller, the block layer,
 * a checksum of the program's own, or nobody.
 */
#include "integrity.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/suite.h"

#define LBA_BYTES 512
#define BYTES     4096          /* of each read and write */
#define BLOCKS    (BYTES / LBA_BYTES)
#define AWAY      32            /* blocks from here to the victim */
#define REGION    64            /* blocks of each case */
#define FIRST     2048
#define ATTEMPTS  6             /* nvme_max_retries + 1 */

/* Generations of the content of a block. */
enum { GEN_OLD, GEN_NEW, GEN_OTHER };

static int disks[CONTROLLER + 1] = { -1, -1, -1, -1 };
static uint8_t buffer[BYTES] __attribute__((aligned(BYTES)));

static const char *const kinds[] = {
    [PLAIN] = "plain", [CHECKED] = "checked", [CONTROLLER] = "controller",
};

static void add_case(Suite *suite, const IntegrityCase *c)
{
    IntegrityCase *ic = malloc(sizeof(*ic));
    char name[120];

    *ic = *c;
    snprintf(name, sizeof(name), "integrity/%s/%s-%s%s%s%s%s%s%s",
             kinds[ic->kind], ic->action, ic->write ? "write" : "read",
             ic->victim ? "-victim" : "", ic->target ? "-" : "",
             ic->target ? ic->target : "", ic->where ? "-" : "",
             ic->where ? ic->where : "", ic->once ? "-once" : "");
    ic->name = strdup(name);
    suite_add(suite, ic->name, ic);
}

static void add_corruptions(Suite *suite, Kind kind)
{
    static const char *const targets[] = {
        "data", "metadata", "guard", "app-tag", "ref-tag"
    };
    static const char *const wheres[] = { "before-check", "medium", "host" };
    size_t ntargets = kind == PLAIN ? 1 : sizeof(targets) / sizeof(*targets);

    for (size_t t = 0; t < ntargets; t++) {
        for (size_t w = 0; w < 3; w++) {
            add_case(suite, &(IntegrityCase){
                .kind = kind, .action = "corrupt", .target = targets[t],
                .where = wheres[w] });
            if (w < 2) {        /* a write sends nothing to the host */
                add_case(suite, &(IntegrityCase){
                    .kind = kind, .write = true, .action = "corrupt",
                    .target = targets[t], .where = wheres[w] });
            }
        }
    }
}

static int load(Suite *suite)
{
    static const IntegrityCase others[] = {
        { .write = true, .action = "lose" },
        { .write = true, .action = "tear" },
        { .write = true, .action = "misdirect" },
        { .write = true, .victim = true, .action = "misdirect" },
        { .action = "misdirect" },
    };

    add_case(suite, &(IntegrityCase){
        .kind = CHECKED, .once = true, .action = "corrupt",
        .target = "guard", .where = "before-check" });
    for (Kind kind = PLAIN; kind <= CONTROLLER; kind++) {
        add_corruptions(suite, kind);
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
            IntegrityCase c = others[i];

            c.kind = kind;
            add_case(suite, &c);
        }
    }
    return 0;
}

static unsigned long long slba(const Case *c)
{
    return FIRST + (unsigned long long)c->ordinal * REGION;
}

/* Damage on the medium stays by itself; each attempt of the driver meets what
 * is before the check. */
static bool is_once(const IntegrityCase *ic)
{
    return ic->once || !ic->where || strcmp(ic->where, "before-check");
}

static void rules(Suite *suite, const Case *c, Buf *buf)
{
    const IntegrityCase *ic = c->data;

    (void)suite;
    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u\",\"nsid\":%d,\"slba\":%llu,\"nlb\":%d,"
               "\"opcode\":\"%s\",\"action\":\"%s\"", c->ordinal, ic->kind,
               slba(c), BLOCKS, ic->write ? "write" : "read", ic->action);
    if (ic->write) {
        buf_json_int(buf, "skip", 1);       /* the old content */
    }
    if (is_once(ic)) {
        buf_json_int(buf, "times", 1);
    }
    if (ic->target) {
        buf_json_str(buf, "target", ic->target);
        buf_json_str(buf, "where", ic->where);
    }
    if (!strcmp(ic->action, "tear")) {
        buf_json_int(buf, "blocks", BLOCKS / 2);
    }
    if (!strcmp(ic->action, "misdirect")) {
        buf_json_int(buf, "by", AWAY);
    }
    buf_puts(buf, "}");
}

/* FNV-1a, of all but the first eight bytes: the program's own checksum. */
static uint64_t checksum(void)
{
    uint64_t sum = 0xcbf29ce484222325;

    for (size_t i = sizeof(sum); i < BYTES; i++) {
        sum = (sum ^ buffer[i]) * 0x100000001b3;
    }
    return sum;
}

static void fill(const Case *c, int generation)
{
    uint64_t sum;

    for (size_t i = 0; i < BYTES; i++) {
        buffer[i] = (uint8_t)(i / LBA_BYTES + c->ordinal + generation * 64);
    }
    sum = checksum();
    memcpy(buffer, &sum, sizeof(sum));
}

static bool transfer(const Case *c, bool write, unsigned away)
{
    const IntegrityCase *ic = c->data;
    off_t at = (off_t)(slba(c) + away) * LBA_BYTES;
    int fd = disks[ic->kind];

    errno = EIO;                /* of a short transfer */
    return (write ? pwrite(fd, buffer, BYTES, at) :
                    pread(fd, buffer, BYTES, at)) == BYTES;
}

static bool write_zero(unsigned disk, const char *attribute)
{
    char path[80];
    FILE *f;
    bool ok;

    snprintf(path, sizeof(path), "/sys/block/nvme0n%u/integrity/%s", disk,
             attribute);
    f = fopen(path, "we");
    ok = f && fputs("0", f) >= 0;
    return f && !fclose(f) && ok;
}

static bool is_there(void *opaque)
{
    return !access(opaque, R_OK | W_OK);
}

/* The disk's number is not that of its namespace: they are found in any
 * order.  Returns NULL, or what is wrong. */
static const char *open_disk(unsigned disk)
{
    char path[40];
    int fd, nsid;

    snprintf(path, sizeof(path), "/dev/nvme0n%u", disk);
    if (!wait_for(is_there, path, 10000)) {
        return "a namespace is missing";
    }
    fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
    nsid = fd < 0 ? -1 : ioctl(fd, NVME_IOCTL_ID);
    if (nsid < PLAIN || nsid > CONTROLLER) {
        return "a namespace cannot be opened";
    }
    disks[nsid] = fd;
    if (nsid == CONTROLLER && (!write_zero(disk, "read_verify") ||
                               !write_zero(disk, "write_generate"))) {
        return "the block layer's integrity cannot be turned off";
    }
    return NULL;
}

static const char *open_disks(void)
{
    const char *reason = NULL;

    for (unsigned disk = PLAIN; disk <= CONTROLLER && !reason; disk++) {
        reason = open_disk(disk);
    }
    return reason;
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const IntegrityCase *ic = c->data;

    (void)suite;
    out->skip = disks[PLAIN] < 0 ? open_disks() : NULL;
    fill(c, GEN_OTHER);
    if (!out->skip && !transfer(c, true, AWAY)) {
        out->skip = "the blocks cannot be written";
    }
    fill(c, ic->write ? GEN_OLD : GEN_NEW);
    if (!out->skip && !transfer(c, true, 0)) {
        out->skip = "the blocks cannot be written";
    }
}

static const char *content(const Case *c)
{
    static const char *const names[] = { "old", "new", "other" };
    static uint8_t got[BYTES];
    const char *name = "damaged";

    memcpy(got, buffer, BYTES);
    for (int generation = GEN_OLD; generation <= GEN_OTHER; generation++) {
        fill(c, generation);
        if (!memcmp(got, buffer, BYTES)) {
            name = names[generation];
        }
    }
    memcpy(buffer, got, BYTES);
    return name;
}

/* The write, where it is that which goes wrong, and the read in any case. */
static void run(Suite *suite, const Case *c, Outcome *out)
{
    const IntegrityCase *ic = c->data;
    uint64_t sum;

    (void)suite;
    if (ic->write) {
        fill(c, GEN_NEW);
        buf_json_str(&out->observed, "write",
                     transfer(c, true, 0) ? "done" : strerrorname_np(errno));
    }
    memset(buffer, 0xee, BYTES);
    if (!transfer(c, false, ic->victim ? AWAY : 0)) {
        out->value = -1;
        out->error = errno;
        return;
    }
    out->value = BYTES;
    memcpy(&sum, buffer, sizeof(sum));
    buf_json_str(&out->observed, "checksum",
                 sum == checksum() ? "good" : "bad");
    out->data = content(c);
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)c, (void)out;
}

static void add_attempts(Buf *record, uint16_t status, uint16_t retried)
{
    if (retried) {
        buf_json_sep(record);
        buf_printf(record, "{\"status\":%u,\"retries\":0},"
                   "{\"status\":0,\"retries\":1}", retried);
        return;
    }
    for (int i = 0; i < (status ? ATTEMPTS : 1); i++) {
        buf_json_sep(record);
        buf_printf(record, "{\"status\":%u,\"retries\":%d}", status, i);
    }
}

static void add_result(Buf *record, const IntegrityCase *ic,
                       const Foreseen *f)
{
    buf_json_key(record, "result");
    buf_printf(record, "{\"value\":%d,\"errno\":%s", f->data ? BYTES : -1,
               f->data ? "null" : "\"EILSEQ\"");
    if (f->data) {
        buf_json_str(record, "data", f->data);
    }
    if (ic->write || f->checksum) {
        buf_json_key(record, "observed");
        buf_puts(record, "{");
        if (ic->write) {
            buf_json_str(record, "write", f->write_status ? "EILSEQ" : "done");
        }
        if (f->checksum) {
            buf_json_str(record, "checksum", f->checksum);
        }
        buf_puts(record, "}");
    }
    buf_puts(record, "}");
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    static const char *const noticed[] = {
        "nobody", "controller", "host", "nothing wrong"
    };
    const IntegrityCase *ic = c->data;
    Foreseen f = integrity_foresee(ic, suite->kernel);
    bool failed = f.write_status || f.read_status;
    int hits = failed && !is_once(ic) ? ATTEMPTS : 1;

    (void)out;
    buf_json_key(record, "stimulus");
    buf_puts(record, "{");
    buf_json_str(record, "op", ic->write ? "write" : "read");
    buf_json_str(record, "namespace", kinds[ic->kind]);
    buf_json_str(record, "action", ic->action);
    buf_json_str(record, "target", ic->target);
    buf_json_str(record, "where", ic->where);
    buf_json_str(record, "noticed-by", noticed[f.by]);
    buf_puts(record, "}");
    buf_json_key(record, "expected");
    buf_printf(record, "{\"device\":{\"hits\":%d},\"driver\":{"
               "\"completions\":[", hits);
    if (ic->write) {
        add_attempts(record, f.write_status, 0);
    }
    add_attempts(record, f.read_status, f.retried);
    buf_puts(record, "]}");
    buf_json_key(record, "block");      /* of the last command, a read */
    buf_puts(record, f.read_status ? "{\"errno\":\"EILSEQ\","
                              "\"status\":\"PROTECTION\"}" :
                              "{\"errno\":null}");
    if (!failed) {
        buf_json_key(record, "log");
        buf_printf(record, f.log ? "[[\"%s\"]]" : "[]", f.log);
    }
    add_result(record, ic, &f);
    buf_puts(record, "}");
    buf_json_str(record, "from", f.from);
}

static const SuiteClass integrity_class = {
    .name = "integrity",
    .machine = "{\"kernel\":\"nvme_core.multipath=N\",\"drives\":["
               "{\"id\":\"plain\",\"size\":67108864},"
               "{\"id\":\"checked\",\"size\":67108864},"
               "{\"id\":\"controller\",\"size\":67108864}],\"devices\":["
               "{\"driver\":\"nvme\",\"id\":\"nvme0\",\"serial\":"
               "\"nvme-fi\"},"
               "{\"driver\":\"nvme-ns\",\"drive\":\"plain\",\"nsid\":1},"
               "{\"driver\":\"nvme-ns\",\"drive\":\"checked\",\"nsid\":2,"
               "\"ms\":8,\"pi\":1},"
               "{\"driver\":\"nvme-ns\",\"drive\":\"controller\","
               "\"nsid\":3,\"ms\":8,\"pi\":1}]}",
    .no_disk = true,
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

int main(int argc, char **argv)
{
    return suite_main(&integrity_class, argc, argv);
}
