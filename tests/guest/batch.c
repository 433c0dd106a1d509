/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "batch": several completions wait when the driver looks, and some of
 * them failed: which go together, which alone, and whether each program gets
 * what the drive said of its own command.
 */
#include "batch_suite.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the kernel is when it finds out. */
#define OOPSED     "bio_poll"

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
    Case *c;

    *bc = (BatchCase){ path, write, pattern, n };
    snprintf(name, sizeof(name), "batch/%s/%s%s-%s", batch_path_names[path],
             n > 5 ? "many-" : "", path == APPEND ? "append" :
             path == FLUSH ? "flush" : write ? "write" : "read",
             batch_pattern_names[pattern]);
    c = suite_add(suite, strdup(name), bc);
    /* its rule would meet the flush of the other case, too */
    c->alone = path == FLUSH;
    if (batch_oopses(bc, suite->kernel)) {
        c->finding = "polled-passthrough-oops";
        c->alone = true;        /* as the machine's reset is part of it */
    }
}

static bool makes_sense(const Suite *suite, Path path, bool write,
                        Pattern pattern)
{
    BatchCase bc = { path, write, pattern, 5 };

    if (write && batch_oopses(&bc, suite->kernel)) {
        return false;           /* once is enough */
    }
    return (write || path != APPEND) &&
           (pattern != RETRIED || path < PASS);     /* nothing retries those */
}

static int load(Suite *suite)
{
    for (Path path = INTERRUPT; path <= APPEND; path++) {
        for (Pattern pattern = GOOD; pattern <= RETRIED; pattern++) {
            for (int write = 0; write < 2; write++) {
                if (makes_sense(suite, path, write, pattern)) {
                    add(suite, path, write, pattern, 5);
                }
            }
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

/* Those of the other controller are added by prepare(). */
static void rules(Suite *suite, const Case *c, Buf *buf)
{
    (void)suite;
    if (batch_where(c->data) != ONE_QUEUE) {
        batch_add_rules(c, buf);
    }
}

static bool has_what_it_needs(Suite *suite, const BatchCase *bc, Outcome *out)
{
    bool ring = bc->path >= POLLED && (!batch_is_single(bc) ||
                                       bc->path == NO_POLL);
    bool scheduled = bc->path == SCHEDULED || bc->path == PASS_SCHEDULED;

    return (!ring || suite_needs(suite, out, "CONFIG_IO_URING")) &&
           (bc->path > SOFTIRQ || suite_needs(suite, out, "CONFIG_AIO")) &&
           (bc->path != APPEND ||
            suite_needs(suite, out, "CONFIG_BLK_DEV_ZONED")) &&
           (!scheduled ||
            suite_needs(suite, out, "CONFIG_MQ_IOSCHED_DEADLINE"));
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const BatchCase *bc = c->data;
    Buf arguments = { 0 };

    if (!has_what_it_needs(suite, bc, out)) {
        return;
    }
    out->skip = batch_open();
    if (!out->skip) {
        out->skip = batch_fill(c);
    }
    if (!out->skip && batch_where(bc) == ONE_QUEUE) {
        buf_puts(&arguments, "{\"device\":\"nvme1\",\"rules\":[");
        batch_add_rules(c, &arguments);
        buf_puts(&arguments, "]}");
        if (!suite_request(suite, "nvme-fi-add", arguments.data, NULL)) {
            out->skip = "the rules of the second controller are refused";
        }
        buf_free(&arguments);
    }
    if (!out->skip && (bc->path == SCHEDULED ||
                       bc->path == PASS_SCHEDULED) &&
        !batch_set_scheduler(PLAIN, "mq-deadline")) {
        out->skip = "mq-deadline cannot be set";
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

static const char *run_all(Suite *suite, const BatchCase *bc)
{
    const char *reason = batch_begin(bc);

    if (!reason) {
        reason = send_all(suite, bc);
    }
    if (!reason && bc->path != NO_POLL && !release_all(suite, bc)) {
        reason = "the commands cannot be released";
    }
    return reason ? reason : batch_reap(bc, batch_transfers, batch_order);
}

/* The process that polls is lost, with locks that others need: nothing but a
 * reset helps. */
static void run_oops(Suite *suite, const Case *c, Outcome *out)
{
    int log = batch_open_log();
    bool seen;

    suite_expect_reset(suite, c, 1, OOPSED);
    if (!fork()) {
        run_all(suite, c->data);
        _exit(0);
    }
    seen = batch_wait_log(log, OOPSED);
    close(log);
    if (seen) {
        suite_reset(suite);
    }
    buf_json_str(&out->observed, "oops", "none");
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const BatchCase *bc = c->data;
    Target target = batch_target(bc);
    const char *reason = NULL;

    if (suite->phase) {
        buf_json_str(&out->observed, "oops", suite->note.data);
        return;
    }
    if (batch_oopses(bc, suite->kernel)) {
        run_oops(suite, c, out);
        return;
    }
    if (batch_is_single(bc) && bc->path != NO_POLL) {
        batch_single(bc, &target, batch_transfers);
    } else {
        reason = run_all(suite, bc);
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
               "\"reset\":true,\"allow\":[\"system_reset\"],\"cpus\":2,"
               "\"modules\":[\"mq_deadline\"],"
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
    .functions = "nvme_complete_rq nvme_complete_batch_req nvme_retry_req "
                 "blk_mq_end_request blk_mq_end_request_batch nvme_irq "
                 "nvme_poll blk_done_softirq",
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
