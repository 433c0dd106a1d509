/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "pi": types and formats of protection information, made and checked
 * by the block layer or by the drive: who notices what is wrong, and what is
 * not looked at.
 */
#include "pi.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REGION    16            /* blocks of each case */
#define FIRST_LBA 64

static uint8_t buffer[PI_BYTES] __attribute__((aligned(PI_BYTES)));

static void add(Suite *suite, const PiCase *c)
{
    static const char *const kinds[] = {
        "corrupt", "status", "tuple", "passthrough", "shown",
    };
    PiCase *pc = malloc(sizeof(*pc));
    Buf name = { 0 };

    *pc = *c;
    buf_printf(&name, "pi/%s/%s", pc->format->name, kinds[pc->kind]);
    if (pc->kind == PI_CORRUPT) {
        buf_printf(&name, "-%s-%s-%s-%s",
                   pc->pract || pc->format->extended ? "pract" : "host",
                   pc->write ? "write" : "read", pc->target, pc->where);
    } else if (pc->kind == PI_STATUS) {
        buf_printf(&name, "-%s-%03x", pc->write ? "write" : "read",
                   pc->status);
    } else if (pc->kind != PI_SHOWN) {
        buf_printf(&name, "-%s", pc->variant);
    }
    if (pi_is_unchecked(pc, suite->kernel)) {
        suite_add(suite, name.data, pc)->finding = "pract-unchecked";
    } else {
        suite_add(suite, name.data, pc);
    }
}

/* The first format is what suite "integrity" is about. */
static void add_corruptions(Suite *suite, bool pract)
{
    static const char *const targets[] = {
        "data", "guard", "app-tag", "ref-tag"
    };
    static const char *const wheres[] = { "before-check", "medium", "host" };

    for (size_t i = 0; i < PI_FORMATS * 4 * 3; i++) {
        PiCase c = {
            .kind = PI_CORRUPT, .format = &pi_formats[i / 12],
            .target = targets[i / 3 % 4], .where = wheres[i % 3],
            .pract = pract,
        };

        if (!pi_usable(c.format) || (!pract && c.format == pi_formats) ||
            (pract && (c.format->ms > 16 || c.format->extended))) {
            continue;
        }
        add(suite, &c);
        if (i % 3 == 0 && !pract && !c.format->extended) {
            c.write = true;
            add(suite, &c);
        }
    }
}

static void add_statuses(Suite *suite)
{
    static const unsigned statuses[] = {
        PI_INVALID, PI_GUARD, PI_APP_TAG, PI_REF_TAG
    };

    for (size_t i = 0; i < 8; i++) {
        add(suite, &(PiCase){ .kind = PI_STATUS, .format = pi_formats,
                              .write = i % 2, .status = statuses[i / 2] });
    }
}

static void add_tuples(Suite *suite)
{
    static const char *const variants[] = {
        "wrong-guard", "app-tag-escaped", "both-escaped"
    };

    for (size_t i = 0; i < 6 * 3; i++) {
        add(suite, &(PiCase){ .kind = PI_TUPLE, .format = &pi_formats[i / 3],
                              .variant = variants[i % 3] });
    }
}

static void add_passes(Suite *suite)
{
    enum { BOTH = PI_CHECK_GUARD | PI_CHECK_REF };
    static const struct {
        unsigned format, prinfo, tag, reference, status;
        const char *variant, *target;
    } passes[] = {
        { 0, PI_CHECK_APP, 0x1234, 0, PI_APP_TAG, "app-tag-differs", NULL },
        { 0, PI_CHECK_APP, 0, 0, 0, "app-tag-agrees", NULL },
        { 0, PI_CHECK_REF, 0, 1, PI_INVALID | PI_DNR, "reference-differs",
          NULL },
        { 1, PI_CHECK_REF, 0, 1, PI_REF_TAG, "reference-differs", NULL },
        { 2, PI_CHECK_REF, 0, 0, PI_INVALID, "reference-checked", NULL },
        { 3, PI_CHECK_APP, 0x1234, 0, PI_APP_TAG, "app-tag-differs", NULL },
        { 7, BOTH, 0, 0, 0, "checked", NULL },
        { 7, BOTH, 0, 0, PI_GUARD, "guard-damaged", "guard" },
        { 8, BOTH, 0, 0, 0, "checked", NULL },
        { 8, BOTH | PI_PRACT, 0, 0, 0, "stripped", NULL },
        { 8, BOTH, 0, 0, PI_GUARD, "guard-damaged", "guard" },
        { 9, BOTH, 0, 0, 0, "checked", NULL },
        { 9, BOTH, 0, 0, PI_GUARD, "guard-damaged", "guard" },
        { 9, BOTH, 0, 0, PI_REF_TAG, "reference-damaged", "ref-tag" },
    };

    for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]); i++) {
        add(suite, &(PiCase){
            .kind = PI_PASS, .format = &pi_formats[passes[i].format],
            .prinfo = passes[i].prinfo, .tag = passes[i].tag,
            .reference = passes[i].reference, .status = passes[i].status,
            .variant = passes[i].variant, .target = passes[i].target,
            .where = "before-check" });
    }
}

static int load(Suite *suite)
{
    add_corruptions(suite, false);
    add_statuses(suite);
    add_tuples(suite);
    add_passes(suite);
    for (size_t i = 0; i < PI_FORMATS; i++) {
        add(suite, &(PiCase){ .kind = PI_SHOWN, .format = &pi_formats[i] });
    }
    add_corruptions(suite, true);
    return 0;
}

uint64_t pi_slba(const Case *c)
{
    return FIRST_LBA + (uint64_t)c->ordinal * REGION;
}

/* What the driver sends is part of what the rule matches: another check, or
 * another reference tag, and there is no hit. */
static void match(Suite *suite, const Case *c, Buf *buf)
{
    const PiCase *pc = c->data;
    unsigned prinfo = pc->kind == PI_PASS ? pc->prinfo :
                      pi_prinfo(pc, suite->kernel);
    bool known = pi_known(pc->format, suite->kernel);

    buf_printf(buf, ",\"sqe\":[{\"dword\":12,\"mask\":%u,\"value\":%u}",
               0xfu << 26, prinfo << 26);
    if (pc->kind != PI_PASS) {
        buf_printf(buf, ",{\"dword\":14,\"mask\":4294967295,\"value\":%llu}",
                   pc->format->type == 3 || !known ? 0 :
                   (unsigned long long)pi_slba(c));
    }
    buf_puts(buf, "]");
}

static void act(const PiCase *pc, Buf *buf)
{
    if (pc->kind == PI_STATUS) {
        buf_printf(buf, ",\"action\":\"status\",\"status\":\"%#x\","
                   "\"dnr\":true", pc->status);
    } else if (pc->target) {
        buf_printf(buf, ",\"action\":\"corrupt\",\"target\":\"%s\","
                   "\"where\":\"%s\"", pc->target, pc->where);
    } else {
        buf_puts(buf, ",\"action\":\"none\"");
    }
}

static void rules(Suite *suite, const Case *c, Buf *buf)
{
    const PiCase *pc = c->data;

    if (pc->kind == PI_SHOWN) {
        return;
    }
    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u\",\"nsid\":%d,\"slba\":%llu,\"nlb\":%d,"
               "\"opcode\":\"%s\"", c->ordinal,
               (int)(pc->format - pi_formats) + 1,
               (unsigned long long)pi_slba(c), PI_BLOCKS,
               pc->write ? "write" : "read");
    if (pc->write) {
        buf_json_int(buf, "skip", 1);       /* the old content */
    }
    /* what is on the medium stays by itself */
    if (pc->kind == PI_CORRUPT && strcmp(pc->where, "before-check")) {
        buf_json_int(buf, "times", 1);
    }
    match(suite, c, buf);
    act(pc, buf);
    buf_puts(buf, "}");
}

static void fill(const Case *c, bool old)
{
    for (size_t i = 0; i < PI_BYTES; i++) {
        buffer[i] = (uint8_t)(i / PI_LBA_BYTES + i + c->ordinal * 3 +
                              old * 64);
    }
}

static bool transfer(const Case *c, bool write)
{
    const PiCase *pc = c->data;
    off_t at = (off_t)pi_slba(c) * PI_LBA_BYTES;
    int fd = pi_disk(pc->format);

    errno = EIO;                /* of a short transfer */
    return (write ? pwrite(fd, buffer, PI_BYTES, at) :
                    pread(fd, buffer, PI_BYTES, at)) == PI_BYTES;
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const PiCase *pc = c->data;

    if (!suite_needs(suite, out, "CONFIG_BLK_DEV_INTEGRITY")) {
        return;
    }
    out->skip = pi_open();
    if (!out->skip && !pi_set_offload(pc->format, pc->pract)) {
        out->skip = "the block layer's integrity cannot be set";
    }
    fill(c, pc->write);
    if (out->skip || pc->kind > PI_TUPLE) {
        return;
    }
    if (pc->kind == PI_TUPLE ? pi_write_tuples(c, buffer) :
                               !transfer(c, true)) {
        out->skip = "the blocks cannot be written";
    }
}

static const char *content(const Case *c)
{
    static uint8_t got[PI_BYTES];
    const char *name = "damaged";

    memcpy(got, buffer, PI_BYTES);
    for (int old = 0; old < 2; old++) {
        fill(c, old);
        if (!memcmp(got, buffer, PI_BYTES)) {
            name = old ? "old" : "new";
        }
    }
    return name;
}

static void run_pass(const Case *c, Outcome *out)
{
    int status = pi_pass(c, buffer);

    out->value = status < 0 ? -1 : status;
    out->error = status < 0 ? -status : 0;
    if (!status) {
        out->data = content(c);
    }
}

/* The write, where it is that which goes wrong, and the read in any case. */
static void run(Suite *suite, const Case *c, Outcome *out)
{
    const PiCase *pc = c->data;

    (void)suite;
    if (pc->kind == PI_SHOWN) {
        pi_show(pc->format, out);
        return;
    }
    if (pc->kind == PI_PASS) {
        run_pass(c, out);
        return;
    }
    if (pc->write) {
        fill(c, false);
        buf_json_str(&out->observed, "write",
                     transfer(c, true) ? "done" : strerrorname_np(errno));
    }
    memset(buffer, 0xee, PI_BYTES);
    if (!transfer(c, false)) {
        out->value = -1;
        out->error = errno;
        return;
    }
    out->value = PI_BYTES;
    out->data = content(c);
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)c, (void)out;
}

#define NS(nsid, more) \
    "{\"driver\":\"nvme-ns\",\"drive\":\"d" #nsid "\",\"nsid\":" #nsid \
    "," more "}"
#define DRIVE(nsid) "{\"id\":\"d" #nsid "\",\"size\":16777216}"

static const SuiteClass pi_class = {
    .name = "pi",
    .machine = "{\"kernel\":\"nvme_core.multipath=N\",\"drives\":["
               DRIVE(1) "," DRIVE(2) "," DRIVE(3) "," DRIVE(4) "," DRIVE(5)
               "," DRIVE(6) "," DRIVE(7) "," DRIVE(8) "," DRIVE(9) ","
               DRIVE(10) "],\"devices\":["
               "{\"driver\":\"nvme\",\"id\":\"nvme0\",\"serial\":"
               "\"nvme-fi\"},"
               NS(1, "\"ms\":8,\"pi\":1") ","
               NS(2, "\"ms\":8,\"pi\":2") ","
               NS(3, "\"ms\":8,\"pi\":3") ","
               NS(4, "\"ms\":16,\"pi\":1,\"pif\":2") ","
               NS(5, "\"ms\":16,\"pi\":2,\"pif\":2") ","
               NS(6, "\"ms\":16,\"pi\":3,\"pif\":2") ","
               NS(7, "\"ms\":64,\"pi\":1,\"pil\":1") ","
               NS(8, "\"ms\":64,\"pi\":1") ","
               NS(9, "\"ms\":8,\"pi\":1,\"mset\":1") ","
               NS(10, "\"ms\":64,\"pi\":1,\"mset\":1") "]}",
    .functions = "bio_integrity_verify_fn",
    .no_disk = true,
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = pi_describe,
};

int main(int argc, char **argv)
{
    return suite_main(&pi_class, argc, argv);
}
