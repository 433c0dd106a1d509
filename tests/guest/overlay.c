/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "overlay": the drive says of itself what is not so, and the kernel
 * believes it when it asks again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/suite.h"

#define WAIT_MS 25000
#define LOOK_MS 20              /* between two looks: limits of a queue change
                                   without a uevent */

typedef struct OverlayCase {
    const char *name;
    const char *match;          /* members of the rule: which Identify data */
    const char *patch;          /* a NvmeFiPatch */
    const char *ask;            /* written to, the kernel asks again */
    const char *attribute;      /* of the disk, that it then changes: */
    const char *before, *after;
    const char *from;
} OverlayCase;

#define CTRL "/sys/class/nvme/nvme0/"

/*
 * Identify Controller (NVMe Base 2.1, 5.1.13.2.1): VWC is byte 525, MDTS 77,
 * of 4 KiB pages here.  The driver only ever lowers its limit, so that this
 * case is the last of its kind.  Identify Namespace (NVM Command Set 1.1,
 * 4.1.5.1): NSATTR is byte 99; in the I/O Command Set Independent data
 * (CNS 8) it is byte 13.
 */
static OverlayCase cases[] = {
    { "overlay/volatile-write-cache", "\"cns\":1",
      "{\"offset\":525,\"value\":\"00\",\"mask\":\"01\"}",
      CTRL "reset_controller", "queue/write_cache", "write back",
      "write through", "nvme_init_identify(): ctrl->vwc" },
    { "overlay/maximum-data-transfer-size", "\"cns\":1",
      "{\"offset\":77,\"value\":\"02\"}", CTRL "reset_controller",
      "queue/max_hw_sectors_kb", NULL, "16",
      "nvme_init_identify(): nvme_mps_to_sectors(mdts)" },
    { "overlay/read-only", "\"cns\":0",
      "{\"offset\":99,\"value\":\"01\",\"mask\":\"01\"}",
      CTRL "rescan_controller", "ro", "0", "1",
      "nvme_update_ns_info(): NVME_NS_ATTR_RO" },
};

static int load(Suite *suite)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        suite_add(suite, strdup(cases[i].name), &cases[i])->alone = true;
    }
    return 0;
}

static void rules(Suite *suite, const Case *c, Buf *buf)
{
    const OverlayCase *oc = c->data;

    (void)suite;
    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u\",\"opcode\":\"identify\",%s,"
               "\"action\":\"overlay\",\"times\":1,\"patches\":[%s]}",
               c->ordinal, oc->match, oc->patch);
}

static void read_attribute(Suite *suite, const OverlayCase *oc, char *text,
                           size_t size)
{
    char path[100];
    FILE *f;

    snprintf(path, sizeof(path), "/sys/block/%s/%s", suite->disk.name,
             oc->attribute);
    f = fopen(path, "re");
    text[0] = '\0';
    if (f && fgets(text, size, f)) {
        text[strcspn(text, "\n")] = '\0';
    }
    if (f) {
        fclose(f);
    }
}

/* Tells the kernel to ask the drive again; a reset is over then, the scan of
 * the namespaces is not.  Returns 0 or an errno. */
static int ask_again(const OverlayCase *oc)
{
    FILE *f = fopen(oc->ask, "we");
    bool ok = f && fputs("1", f) >= 0;

    return f && !fclose(f) && ok ? 0 : errno;
}

typedef struct Wait {
    Suite *suite;
    const OverlayCase *oc;
    const char *value;
} Wait;

static bool has_value(void *opaque)
{
    const Wait *wait = opaque;
    char text[40];

    read_attribute(wait->suite, wait->oc, text, sizeof(text));
    return !strcmp(text, wait->value);
}

static bool wait_value(Wait *wait)
{
    bool ok = false;

    for (int ms = 0; ms < WAIT_MS && !ok; ms += LOOK_MS) {
        ok = wait_for(has_value, wait, LOOK_MS);
    }
    return ok;
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)c, (void)out;
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const OverlayCase *oc = c->data;
    Wait wait = { suite, oc, oc->after };
    char text[40];

    read_attribute(suite, oc, text, sizeof(text));
    buf_json_str(&out->observed, "before", text);
    out->error = ask_again(oc);
    out->value = out->error ? -1 : 0;
    wait_value(&wait);
    read_attribute(suite, oc, text, sizeof(text));
    buf_json_str(&out->observed, "after", text);
}

/* The rule is spent: asked once more, the drive tells the truth. */
static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    const OverlayCase *oc = c->data;
    Wait wait = { suite, oc, oc->before };

    if (oc->before && !ask_again(oc)) {
        buf_json_bool(&out->observed, "restored", wait_value(&wait));
    }
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    const OverlayCase *oc = c->data;

    (void)suite, (void)out;
    buf_json_key(record, "stimulus");
    buf_printf(record, "{\"op\":\"identify\",\"attribute\":\"%s\"}",
               oc->attribute);
    buf_json_key(record, "expected");
    buf_puts(record, "{\"device\":{\"hits\":1},\"result\":{\"value\":0,"
             "\"errno\":null,\"observed\":{");
    if (oc->before) {
        buf_json_str(record, "before", oc->before);
        buf_json_bool(record, "restored", true);
    }
    buf_json_str(record, "after", oc->after);
    buf_puts(record, "}}}");
    buf_json_str(record, "from", oc->from);
}

static const SuiteClass overlay_class = {
    .name = "overlay",
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

int main(int argc, char **argv)
{
    return suite_main(&overlay_class, argc, argv);
}
