/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "batch": several completions wait when the driver looks, and some of
 * them failed: which go together, which alone, and whether each program gets
 * what the drive said of its own command.
 */
#include "batch_suite.h"

#include <stdlib.h>
#include <string.h>

#define STRIDE     16           /* blocks from one command to the next: they
                                   are not to be merged */
#define REGION     1024         /* blocks of each case */
#define FIRST_LBA  2048
#define ZONE_LBAS  2048
#define ZONES      64
#define HELD_NS    20000000000LL /* far longer than any of it takes */

const char *const batch_path_names[] = {
    "interrupt", "mq-deadline", "softirq", "polled", "passthrough",
    "passthrough-mq-deadline", "passthrough-polled", "append", "sync",
    "hipri", "ioctl", "flush", "no-polled-queue",
};

const char *const batch_pattern_names[] = {
    "good", "first", "middle", "last", "both-ends", "all", "retried",
};

static void add(Suite *suite, Path path, bool write, Pattern pattern,
                unsigned n)
{
    BatchCase *bc = malloc(sizeof(*bc));
    char name[80];

    *bc = (BatchCase){ path, write, pattern, n };
    snprintf(name, sizeof(name), "batch/%s/%s%s-%s", batch_path_names[path],
             n > 5 ? "many-" : "", path == APPEND ? "append" :
             path == FLUSH ? "flush" : write ? "write" : "read",
             batch_pattern_names[pattern]);
    /* its rule would meet the flush of the other case, too */
    suite_add(suite, strdup(name), bc)->alone = path == FLUSH;
}

static bool makes_sense(const Suite *suite, Path path, Pattern pattern)
{
    if (path == PASS_POLLED && pattern == ALL) {
        /* 6.1 takes the callback of a command that is complete for its bio
         * (nvme_ns_chr_uring_cmd_iopoll), and is lost; mended in 6.5 */
        return version_compare(suite->kernel, (Version){ 6, 5 }) >= 0;
    }
    return pattern != RETRIED || path < PASS;   /* nothing retries those */
}

static int load(Suite *suite)
{
    for (Path path = INTERRUPT; path <= APPEND; path++) {
        for (Pattern pattern = GOOD; pattern <= RETRIED; pattern++) {
            if (!makes_sense(suite, path, pattern)) {
                continue;
            }
            if (path != APPEND) {
                add(suite, path, false, pattern, 5);
            }
            add(suite, path, true, pattern, 5);
        }
    }
    add(suite, INTERRUPT, false, GOOD, BATCH_MAX);
    add(suite, INTERRUPT, true, ENDS, BATCH_MAX);
    add(suite, POLLED, false, MIDDLE, BATCH_MAX);
    add(suite, PASS, true, MIDDLE, BATCH_MAX);
    for (Path path = SYNC; path <= IOCTL; path++) {
        add(suite, path, false, GOOD, 1);
        add(suite, path, false, ALL, 1);
        add(suite, path, true, ALL, 1);
    }
    add(suite, SYNC, false, RETRIED, 1);
    add(suite, FLUSH, true, GOOD, 1);
    add(suite, FLUSH, true, ALL, 1);
    add(suite, NO_POLL, false, GOOD, 1);
    return 0;
}

Where batch_where(const BatchCase *bc)
{
    return bc->path == APPEND ? ZONED :
           bc->path == SOFTIRQ || bc->path == NO_POLL ? ONE_QUEUE : PLAIN;
}

const char *batch_device(const BatchCase *bc)
{
    return batch_where(bc) == ONE_QUEUE ? "nvme1" : "nvme0";
}

uint64_t batch_slba(const Case *c, unsigned i)
{
    const BatchCase *bc = c->data;

    return bc->path == APPEND ? (uint64_t)(c->ordinal % ZONES) * ZONE_LBAS :
           FIRST_LBA + (uint64_t)c->ordinal * REGION + i * STRIDE;
}

static void begin_rule(const Case *c, Buf *buf, unsigned number)
{
    const BatchCase *bc = c->data;
    unsigned nlb = bc->path == APPEND ? ZONE_LBAS : REGION;

    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u.%u\",", c->ordinal, number);
    if (bc->path == FLUSH) {
        buf_puts(buf, "\"opcode\":\"flush\"");
        return;
    }
    buf_printf(buf, "\"opcode\":\"%s\",\"nsid\":%d,\"slba\":%llu,\"nlb\":%u",
               bc->path == APPEND ? "zone-append" :
               bc->write ? "write" : "read",
               batch_where(bc) == ZONED ? 2 : 1,
               (unsigned long long)batch_slba(c, 0), nlb);
}

static void single_rule(const BatchCase *bc, Buf *buf)
{
    static const char *const actions[] = {
        [GOOD] = "none", [ALL] = "status\",\"dnr\":true,\"status\":\""
        "access-denied", [RETRIED] = "status\",\"status\":\"internal-error",
    };

    buf_printf(buf, ",\"times\":1,\"action\":\"%s\"}", actions[bc->pattern]);
}

/* All are held; those that are to fail are not carried out. */
static void add_rules(const Case *c, Buf *buf)
{
    const BatchCase *bc = c->data;
    unsigned number = 0, good = 0;

    begin_rule(c, buf, number++);
    if (batch_is_single(bc)) {
        single_rule(bc, buf);
        return;
    }
    for (unsigned i = 0; i < bc->n; i++) {
        good += !batch_fails(bc, i);
    }
    buf_printf(buf, ",\"times\":%u,\"action\":\"hold\",\"execute\":%s}",
               good ? good : bc->n, good ? "true" : "false");
    for (unsigned i = 0; good && i < bc->n; i++) {
        if (batch_fails(bc, i)) {
            begin_rule(c, buf, number++);
            buf_printf(buf, ",\"skip\":%u,\"times\":1,\"action\":\"hold\"}",
                       i);
        }
    }
}

/* Those of the other controller are added by prepare(). */
static void rules(Suite *suite, const Case *c, Buf *buf)
{
    (void)suite;
    if (batch_where(c->data) != ONE_QUEUE) {
        add_rules(c, buf);
    }
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const BatchCase *bc = c->data;
    Buf arguments = { 0 };

    out->skip = batch_open();
    if (!out->skip) {
        out->skip = batch_fill(c);
    }
    if (!out->skip && batch_where(bc) == ONE_QUEUE) {
        buf_puts(&arguments, "{\"device\":\"nvme1\",\"rules\":[");
        add_rules(c, &arguments);
        buf_puts(&arguments, "]}");
        if (!suite_request(suite, "nvme-fi-add", arguments.data, NULL)) {
            out->skip = "the rules of the second controller are refused";
        }
        buf_free(&arguments);
    }
    if (!out->skip && (bc->path == SCHEDULED ||
                       bc->path == PASS_SCHEDULED) &&
        !batch_set_scheduler(PLAIN, "mq-deadline")) {
        out->skip = "the kernel has no CONFIG_MQ_IOSCHED_DEADLINE";
    }
}

/* Releases @count commands, and lets the interrupt be lost that says so
 * unless they are the last ones. */
static bool release(Suite *suite, const BatchCase *bc, unsigned count,
                    unsigned status, bool last)
{
    const char *device = batch_device(bc);
    char arguments[200], more[40] = "";

    if (!last && !batch_is_polled(bc)) {
        snprintf(arguments, sizeof(arguments), "{\"device\":\"%s\","
                 "\"triggers\":[{\"trigger\":\"interrupt\",\"interrupt\":"
                 "\"lost\",\"qid\":%u}]}", device, batch_qid(bc));
        if (!suite_request(suite, "nvme-fi-trigger", arguments, NULL)) {
            return false;
        }
    }
    if (status) {
        snprintf(more, sizeof(more), ",\"status\":\"%#x\"", status);
    }
    snprintf(arguments, sizeof(arguments),
             "{\"device\":\"%s\",\"count\":%u%s}", device, count, more);
    return suite_request(suite, "nvme-fi-release", arguments, NULL);
}

/* In the order of their arrival; those that fare alike go together. */
static bool release_all(Suite *suite, const BatchCase *bc)
{
    bool ok = true;
    unsigned count;

    for (unsigned i = 0; ok && i < bc->n; i += count) {
        unsigned status = batch_status(bc, i);

        count = 1;
        while (i + count < bc->n && batch_status(bc, i + count) == status) {
            count++;
        }
        ok = release(suite, bc, count, status, i + count == bc->n);
    }
    return ok;
}

/* How many commands the drive keeps, or -1. */
static int count_held(Suite *suite, const BatchCase *bc)
{
    char arguments[60];
    Buf answer = { 0 };
    int count = -1;

    snprintf(arguments, sizeof(arguments),
             "{\"device\":\"%s\",\"ids\":[]}", batch_device(bc));
    if (suite_request(suite, "query-nvme-fi", arguments, &answer)) {
        count = 0;
        for (const char *at = answer.data;
             (at = strstr(at, "\"executed\"")); at++) {
            count++;
        }
    }
    buf_free(&answer);
    return count;
}

/* Those that are carried out may overtake one another, so that the next one
 * is sent when the one before is held. */
static const char *send_all(Suite *suite, const BatchCase *bc)
{
    Target target = batch_target(bc);
    long long until = suite_now_ns() + HELD_NS;

    for (unsigned i = 0; i < bc->n; i++) {
        if (!batch_send(bc, &target, &batch_transfers[i], i)) {
            return "a command was not taken";
        }
        while (bc->path != NO_POLL && count_held(suite, bc) <= (int)i) {
            if (suite_now_ns() > until) {
                return "the drive does not hold a command";
            }
        }
    }
    return NULL;
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const BatchCase *bc = c->data;
    Target target = batch_target(bc);
    const char *reason;

    if (batch_is_single(bc) && bc->path != NO_POLL) {
        batch_single(bc, &target, batch_transfers);
        batch_observe(c, out);
        return;
    }
    reason = batch_begin(bc);
    if (!reason) {
        reason = send_all(suite, bc);
    }
    if (!reason && bc->path != NO_POLL && !release_all(suite, bc)) {
        reason = "the commands cannot be released";
    }
    if (!reason) {
        reason = batch_reap(bc, batch_transfers, batch_order);
    }
    if (reason) {
        buf_json_str(&out->observed, "trouble", reason);
        return;
    }
    batch_observe(c, out);
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    const BatchCase *bc = c->data;

    (void)suite;
    if (bc->path == SCHEDULED || bc->path == PASS_SCHEDULED) {
        batch_set_scheduler(PLAIN, "none");
    }
    if (bc->write && bc->path != FLUSH && !out->skip) {
        batch_look(c, out);
    }
}

static const SuiteClass batch_class = {
    .name = "batch",
    .machine = "{\"kernel\":\"nvme_core.multipath=N nvme.poll_queues=1\","
               "\"cpus\":2,\"modules\":[\"mq_deadline\"],"
               "\"controllers\":[\"nvme0\",\"nvme1\"],\"drives\":["
               "{\"id\":\"plain\",\"size\":134217728},"
               "{\"id\":\"zones\",\"size\":67108864},"
               "{\"id\":\"single\",\"size\":134217728}],\"devices\":["
               "{\"driver\":\"nvme\",\"id\":\"nvme0\",\"serial\":"
               "\"nvme-fi\"},"
               "{\"driver\":\"nvme-ns\",\"drive\":\"plain\",\"nsid\":1},"
               "{\"driver\":\"nvme-ns\",\"drive\":\"zones\",\"nsid\":2,"
               "\"zoned\":true,\"zoned.zone_size\":1048576},"
               "{\"driver\":\"nvme\",\"id\":\"nvme1\",\"serial\":"
               "\"single\",\"max_ioqpairs\":1},"
               "{\"driver\":\"nvme-ns\",\"drive\":\"single\","
               "\"nsid\":1}]}",
    .no_disk = true,
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = batch_describe,
};

int main(int argc, char **argv)
{
    return suite_main(&batch_class, argc, argv);
}
