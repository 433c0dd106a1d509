/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "disposition": what nvme_decide_disposition() makes of a completion,
 * and what follows: the command ends, is sent again, or takes another path.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disposition.h"

#define PARAMETER "/sys/module/nvme_core/parameters/max_retries"
#define LBA_BYTES 512
#define PLACE_LBAS (2 * MANY * 128)

static int load(Suite *suite)
{
    static const DispositionCase *const tables[] = {
        retry_cases, failover_cases, gone_cases, path_cases,
    };

    for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); t++) {
        for (const DispositionCase *dc = tables[t]; dc->name; dc++) {
            char *name = NULL;
            Case *c;

            if (dc->since.major &&
                version_compare(suite->kernel, dc->since) < 0) {
                continue;
            }
            if (asprintf(&name, "disposition/%s", dc->name) < 0) {
                return -1;
            }
            c = suite_add(suite, name, (void *)dc);
            c->alone = true;
            c->finding = dc->finding;
        }
    }
    return 0;
}

/* The frame adds rules to nvme0 only: see add_rules(). */
static void rules(Suite *suite, const Case *c, Buf *buf)
{
    (void)suite, (void)c, (void)buf;
}

/* Adds what '@', '@0' or '@1' stands for; returns what is behind it. */
static const char *add_match(const Case *c, const char *rule, Buf *buf)
{
    const DispositionCase *dc = c->data;
    long long slba = case_offset(c) / LBA_BYTES;
    unsigned int nlb = PLACE_LBAS;

    rule++;
    if (*rule == '0' || *rule == '1') {
        slba += *rule == '1' ? 128 : 0;
        nlb = IO_BYTES / LBA_BYTES;
        rule++;
    }
    if (dc->op == OP_FSYNC) {
        buf_puts(buf, "\"opcode\":\"flush\"");
    } else {
        buf_printf(buf, "\"opcode\":\"%s\",\"slba\":%lld,\"nlb\":%u",
                   dc->op == OP_WRITE ? "write" : "read", slba, nlb);
    }
    return rule;
}

/* Adds rule @n as an object. */
static void add_rule(const Case *c, unsigned int n, Buf *buf)
{
    const DispositionCase *dc = c->data;
    const char *rule = dc->rules[n] + 2;

    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u.%u\",", c->ordinal, n);
    if (*rule == '@') {
        rule = add_match(c, rule, buf);
    }
    buf_printf(buf, "%s}", rule);
}

static bool add_rules(Suite *suite, const Case *c)
{
    const DispositionCase *dc = c->data;
    bool ok = true;

    for (unsigned int n = 0; ok && n < MAX_RULES && dc->rules[n]; n++) {
        Buf arguments = { 0 };

        buf_printf(&arguments, "{\"device\":\"nvme%c\",\"rules\":[",
                   *dc->rules[n]);
        add_rule(c, n, &arguments);
        buf_puts(&arguments, "]}");
        ok = suite_request(suite, "nvme-fi-add", arguments.data, NULL);
        buf_free(&arguments);
    }
    return ok;
}

static bool ordered;            /* the pair's paths */

static bool set_up(Suite *suite, const Case *c)
{
    const DispositionCase *dc = c->data;

    if (!ordered && dc->drive == DRIVE_PAIR) {
        ordered = order_paths();
    }
    if (drive_fd(dc->drive) < 0 ||
        !write_line(PARAMETER, dc->max_retries ? dc->max_retries : "5")) {
        return false;
    }
    /* what settles is kept by numa, or looked for anew from the first on */
    if (dc->drive == DRIVE_PAIR &&
        (!set_policy("nvme1", "round-robin") || !settle_paths(suite) ||
         !set_policy("nvme1", dc->policy ? dc->policy : "numa"))) {
        return false;
    }
    return add_rules(suite, c);
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const DispositionCase *dc = c->data;

    if (dc->option && suite_needs(suite, out, dc->option) ==
                      dc->without_option) {
        out->skip = dc->without_option ? "the kernel supports it" : out->skip;
        return;
    }
    if (dc->without_option) {
        out->skip = NULL;
    }
    if (dc->drive != DRIVE_FLAT &&
        !suite_needs(suite, out, "CONFIG_NVME_MULTIPATH")) {
        return;
    }
    if (dc->policy && !set_policy("nvme1", dc->policy)) {
        out->skip = "the kernel does not know this iopolicy";
        return;
    }
    if (!set_up(suite, c)) {
        buf_json_bool(&out->observed, "set-up", false);
    }
}

/* What both paths were asked for, and what they said. */
static void observe_paths(Suite *suite, const Case *c, Outcome *out)
{
    const DispositionCase *dc = c->data;
    unsigned int status = dc->status ? dc->status : 0x7fff;

    buf_json_int(&out->observed, "nvme1-failed",
                 commands_with(suite, c, "nvme1", status));
    buf_json_int(&out->observed, "nvme1-done",
                 commands_with(suite, c, "nvme1", 0));
    buf_json_int(&out->observed, "nvme2-failed",
                 commands_with(suite, c, "nvme2", status));
    buf_json_int(&out->observed, "nvme2-done",
                 commands_with(suite, c, "nvme2", 0));
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    static const char *const ids[] = { "nvme1", "nvme2" };
    const DispositionCase *dc = c->data;

    for (int i = 0; i < 2; i++) {
        if (dc->ana[i]) {
            set_ana(suite, ids[i], dc->ana[i]);
            wait_ana_state(ids[i], dc->ana[i]);
        }
    }
    if (dc->own) {
        dc->own(suite, c, out);
    } else {
        do_op(c, out);
    }
    if (dc->rules[LAST_RULE]) {
        char id[] = { 'n', 'v', 'm', 'e', *dc->rules[LAST_RULE], '\0' };
        char arguments[40];

        snprintf(arguments, sizeof(arguments), "{\"device\":\"%s\"}", id);
        wait_hit(suite, c, id, LAST_RULE);
        suite_request(suite, "nvme-fi-release", arguments, NULL);
        buf_json_bool(&out->observed, "log-read",
                      wait_logged(suite, c, id, LAST_RULE, 1));
    }
    suite_await_calls(suite, dc->functions);
    if (dc->drive == DRIVE_PAIR) {
        observe_paths(suite, c, out);
    }
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    const DispositionCase *dc = c->data;

    (void)out;
    if (dc->drive != DRIVE_FLAT) {
        set_ana(suite, "nvme1", "optimized");
        set_ana(suite, "nvme2", "optimized");
        set_ana(suite, "nvme3", "optimized");
    }
    if (dc->removes) {
        pci_rescan();
        ordered = false;
    }
    if (dc->drive != DRIVE_FLAT) {
        wait_paths();
    }
}

static void add_completions(const DispositionCase *dc, Buf *buf)
{
    if (dc->completions) {
        buf_puts(buf, dc->completions);
        return;
    }
    for (unsigned int i = 0; i < dc->fails; i++) {
        buf_json_sep(buf);
        buf_printf(buf, "{\"status\":%u,\"retries\":%u}", dc->status,
                   dc->failover ? 0 : i);
    }
    if (!dc->fatal) {
        buf_json_sep(buf);
        buf_printf(buf, "{\"status\":0,\"retries\":%u}",
                   dc->failover ? 0 : dc->fails);
    }
}

static void add_result(const DispositionCase *dc, Buf *buf)
{
    bool raw = dc->op == OP_IOCTL || dc->op == OP_URING;
    long long value = raw || dc->op == OP_FSYNC ? 0 : IO_BYTES;

    if (dc->error) {
        value = -1;
    } else if (raw && dc->fatal) {
        value = dc->status;
    }
    buf_json_key(buf, "result");
    buf_printf(buf, "{\"value\":%lld", value);
    buf_json_str(buf, "errno", dc->error);
    if (dc->observed) {
        buf_printf(buf, ",\"observed\":{%s}", dc->observed);
    }
    buf_puts(buf, "}");
}

static void add_expected(Suite *suite, const DispositionCase *dc, Buf *buf)
{
    buf_puts(buf, "{\"device\":{\"hits\":");
    if (dc->hits) {
        buf_puts(buf, dc->hits);
    } else {
        buf_printf(buf, "%u", dc->fails + !dc->fatal);
    }
    buf_puts(buf, "},\"driver\":{");
    if (dc->completions || (!dc->own && dc->op != OP_MANY &&
                            dc->op != OP_MIXED &&
                            dc->op != OP_EIGHT_READS)) {
        buf_puts(buf, "\"completions\":[");
        add_completions(dc, buf);
        buf_puts(buf, "]");
    }
    suite_expect_calls(suite, buf, dc->functions);
    buf_puts(buf, "}");
    if (dc->log) {
        buf_printf(buf, ",\"log\":[%s]", dc->log);
    }
    if (dc->min_ns || dc->max_ns) {
        buf_printf(buf, ",\"elapsed_ns\":{\"min\":%lld,\"max\":%lld}",
                   dc->min_ns, dc->max_ns);
    }
    add_result(dc, buf);
    buf_puts(buf, "}");
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    static const char *const ops[] = {
        [OP_READ] = "read", [OP_WRITE] = "write", [OP_FSYNC] = "fsync",
        [OP_EIGHT_READS] = "eight-reads", [OP_MANY] = "reads-at-once",
        [OP_READAHEAD] = "readahead", [OP_IOCTL] = "ioctl-read",
        [OP_URING] = "uring-cmd-read", [OP_MIXED] = "two-reads",
        [OP_OWN] = "read",
    };
    const DispositionCase *dc = c->data;

    (void)out;
    buf_json_key(record, "stimulus");
    buf_printf(record, "{\"op\":\"%s\",\"status\":%u,\"rules\":[", ops[dc->op],
               dc->status);
    for (unsigned int n = 0; n < MAX_RULES && dc->rules[n]; n++) {
        add_rule(c, n, record);
    }
    buf_puts(record, "]}");
    buf_json_str(record, "from", dc->from);
    buf_json_key(record, "expected");
    add_expected(suite, dc, record);
}

#define ANA_RULE "\"fi-rules\":[{\"action\":\"none\",\"state\":\"never\"," \
                 "\"trigger\":[{\"trigger\":\"event\",\"event\":\"ana\"," \
                 "\"ana-state\":\"change\"}]}]"

/* What ends a request, for tests/expect/path. */
#define COMPLETION_FUNCTIONS \
    "nvme_cleanup_cmd nvme_decide_disposition nvme_end_req __nvme_end_req " \
    "nvme_error_status nvme_log_error nvme_log_err_passthru " \
    "nvme_end_req_zoned nvme_trace_bio_complete nvme_mpath_end_request " \
    "nvme_complete_batch_req blk_mq_end_request blk_status_to_errno"

/* A rule that never acts lets the controllers offer ANA from their start. */
static const SuiteClass disposition_class = {
    .name = "disposition",
    .machine = "{\"kernel\":\"nvme_core.multipath=Y\","
               "\"drives\":[{\"id\":\"flat\",\"size\":268435456},"
               "{\"id\":\"pair\",\"size\":268435456},"
               "{\"id\":\"lone\",\"size\":268435456}],\"devices\":["
               "{\"driver\":\"nvme\",\"id\":\"nvme0\",\"serial\":\"flat\","
               "\"drive\":\"flat\",\"fi-crdt1\":3,\"fi-crdt2\":60},"
               "{\"driver\":\"nvme-subsys\",\"id\":\"pair-subsys\"},"
               "{\"driver\":\"nvme\",\"id\":\"nvme1\",\"serial\":\"pair\","
               "\"subsys\":\"pair-subsys\"," ANA_RULE "},"
               "{\"driver\":\"nvme\",\"id\":\"nvme2\",\"serial\":\"pair\","
               "\"subsys\":\"pair-subsys\"},"
               "{\"driver\":\"nvme-ns\",\"drive\":\"pair\",\"bus\":\"nvme2\","
               "\"nsid\":1,\"shared\":true},"
               "{\"driver\":\"nvme-subsys\",\"id\":\"lone-subsys\"},"
               "{\"driver\":\"nvme\",\"id\":\"nvme3\",\"serial\":\"lone\","
               "\"subsys\":\"lone-subsys\",\"fi-crdt3\":5,"
               "\"fi-write-cache\":16777216," ANA_RULE "},"
               "{\"driver\":\"nvme-ns\",\"drive\":\"lone\",\"bus\":\"nvme3\","
               "\"nsid\":1,\"shared\":true}],"
               "\"controllers\":[\"nvme0\",\"nvme1\",\"nvme2\",\"nvme3\"],"
               "\"programs\":[\"nvme\"],\"timeout\":120}",
    .no_disk = true,
    .functions = "nvme_retry_req nvme_failover_req nvme_requeue_work "
                 "nvme_ns_head_submit_bio nvme_ana_work nvme_anatt_timeout "
                 "nvme_ctrl_auth_work nvme_auth_negotiate "
                 "nvme_kick_requeue_lists nvme_complete_rq "
                 COMPLETION_FUNCTIONS,
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

int main(int argc, char **argv)
{
    return suite_main(&disposition_class, argc, argv);
}
