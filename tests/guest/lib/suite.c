/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame of a guest suite: batches of cases and the records they become.
 */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "options.h"

/* Rules of so many cases are added with one request. */
#define BATCH_CASES 128

/* For ports and disk, each. */
#define WAIT_MS 15000

Case *suite_add(Suite *suite, char *name, void *data)
{
    size_t n = suite->ncases;
    Case *c = calloc(1, sizeof(*c));

    /* The list doubles whenever its length is a power of two. */
    if (!(n & (n - 1))) {
        suite->cases = realloc(suite->cases,
                               (n ? 2 * n : 1) * sizeof(*suite->cases));
    }
    if (!c || !name || !suite->cases) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    c->name = name;
    c->data = data;
    suite->cases[suite->ncases++] = c;
    return c;
}

long long suite_now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

void suite_send_error(Suite *suite, const char *reason)
{
    Buf line = { 0 };

    buf_puts(&line, "{\"type\":\"error\"");
    buf_json_str(&line, "reason", reason);
    buf_puts(&line, "}");
    ports_send(&suite->ports, line.data);
    ports_flush(&suite->ports);
    fprintf(stderr, "%s: %s\n", suite->class->name, reason);
    buf_free(&line);
}

static void send_hello(Suite *suite)
{
    Buf line = { 0 };

    buf_puts(&line, "{\"type\":\"hello\"");
    buf_json_str(&line, "suite", suite->class->name);
    buf_json_str(&line, "kernel", suite->release);
    buf_json_int(&line, "cases", suite->nfiltered);
    buf_json_bool(&line, "expectations", suite->known);
    buf_puts(&line, "}");
    ports_send(&suite->ports, line.data);
    buf_free(&line);
}

static void send_begin(Suite *suite, const Case *c)
{
    Buf line = { 0 };

    buf_puts(&line, "{\"type\":\"begin\"");
    buf_json_int(&line, "ordinal", c->ordinal);
    buf_json_str(&line, "case", c->name);
    buf_puts(&line, "}");
    ports_send(&suite->ports, line.data);
    ports_flush(&suite->ports);
    buf_free(&line);
}

static void add_outcome(Suite *suite, const Case *c, const Outcome *out,
                        Buf *record)
{
    buf_json_key(record, "result");
    buf_puts(record, "{");
    buf_json_int(record, "value", out->value);
    buf_json_str(record, "errno",
                 out->error ? strerrorname_np(out->error) : NULL);
    if (out->signal) {
        buf_json_str(record, "signal", out->signal);
    }
    if (out->data) {
        buf_json_str(record, "data", out->data);
    }
    if (out->observed.len) {
        buf_json_key(record, "observed");
        buf_puts(record, "{");
        buf_puts(record, out->observed.data);
        buf_puts(record, "}");
    }
    if (suite->class->result) {
        suite->class->result(suite, c, record);
    }
    buf_puts(record, "}");
    buf_json_int(record, "elapsed_ns", out->elapsed_ns);
    if (out->skip) {
        buf_json_str(record, "skip", out->skip);
    }
}

static void send_case(Suite *suite, const Case *c, const Outcome *out)
{
    Buf record = { 0 };

    buf_puts(&record, "{\"type\":\"case\"");
    buf_json_int(&record, "ordinal", c->ordinal);
    buf_json_str(&record, "case", c->name);
    buf_json_str(&record, "suite", suite->class->name);
    buf_json_key(&record, "rules");
    buf_puts(&record, "[");
    suite->class->rules(suite, c, &record);
    buf_puts(&record, "]");
    suite->counts = &out->functions;
    suite->class->describe(suite, c, out, &record);
    if (suite->class->admin) {
        buf_json_bool(&record, "admin", true);
    }
    if (suite->class->functions && !out->skip) {
        functions_write(&suite->functions, suite->counts, &record);
    }
    suite->counts = NULL;
    if (c->finding) {
        buf_json_str(&record, "finding", c->finding);
    }
    if (suite->class->front) {
        buf_json_str(&record, "front", suite->class->front);
    }
    add_outcome(suite, c, out, &record);
    if (suite->evidence.lost) {
        buf_json_str(&record, "error", "the kernel dropped trace events or "
                     "log records of this batch");
    } else if (out->overrun) {
        buf_json_str(&record, "error", "the kernel dropped calls of "
                     "functions: their number is not known");
    }
    buf_puts(&record, "}");
    ports_send(&suite->ports, record.data);
    buf_free(&record);
}

static void run_case(Suite *suite, const Case *c, Outcome *out)
{
    send_begin(suite, c);
    suite->class->prepare(suite, c, out);
    if (!out->skip) {
        functions_begin(&suite->functions);
        evidence_mark(&suite->evidence, "begin", c->ordinal);
        suite->started_ns = suite_now_ns();
        suite->class->run(suite, c, out);
        out->elapsed_ns = suite->elapsed_ns + suite_now_ns() -
                          suite->started_ns;
        evidence_mark(&suite->evidence, "end", c->ordinal);
        out->overrun |= !functions_end(&suite->functions, &out->functions);
        suite_forget(suite);
    }
    if (suite->class->cleanup) {
        suite->class->cleanup(suite, c, out);
    }
}

static bool add_rules(Suite *suite, size_t first, size_t count)
{
    Buf request = { 0 }, answer = { 0 };
    size_t i, before;
    bool ok;

    buf_puts(&request, "{\"execute\":\"nvme-fi-add\",\"arguments\":"
             "{\"rules\":[");
    before = request.len;
    for (i = first; i < first + count; i++) {
        suite->class->rules(suite, suite->cases[i], &request);
    }
    if (request.len == before) {
        buf_free(&request);
        return true;
    }
    buf_puts(&request, "]}}");
    ok = ports_request(&suite->ports, request.data, &answer);
    if (!ok) {
        suite_send_error(suite, answer.data);
    }
    buf_free(&request);
    buf_free(&answer);
    return ok;
}

static void free_outcomes(Outcome *out, size_t count)
{
    size_t i;

    for (i = 0; out && i < count; i++) {
        buf_free(&out[i].observed);
    }
    free(out);
}

/* After a reset the rules are there already. */
static bool run_batch(Suite *suite, size_t first, size_t count)
{
    Outcome *out = calloc(count, sizeof(*out));
    char line[120];
    size_t i;
    bool ok;

    if (!out || (!suite->phase && !add_rules(suite, first, count))) {
        free(out);
        return false;
    }
    for (i = 0; i < count; i++) {
        run_case(suite, suite->cases[first + i], &out[i]);
    }
    evidence_drain(&suite->evidence, &suite->ports);
    for (i = 0; i < count; i++) {
        send_case(suite, suite->cases[first + i], &out[i]);
    }
    suite->evidence.lost = false;
    free_outcomes(out, count);
    snprintf(line, sizeof(line), "{\"type\":\"batch-end\",\"batch\":%u}",
             suite->batch);
    ports_send(&suite->ports, line);
    ports_flush(&suite->ports);
    snprintf(line, sizeof(line), "{\"execute\":\"run-collect\","
             "\"arguments\":{\"batch\":%u}}", suite->batch++);
    ok = ports_request(&suite->ports, line, NULL);
    if (!ok) {
        suite_send_error(suite, "the runner could not collect a batch");
    }
    return ok;
}

static bool run_all(Suite *suite)
{
    size_t i = suite_recall(suite), n;

    while (i < suite->ncases) {
        n = 1;
        while (!suite->cases[i]->alone && n < BATCH_CASES &&
               i + n < suite->ncases && !suite->cases[i + n]->alone) {
            n++;
        }
        if (!run_batch(suite, i, n)) {
            return false;
        }
        i += n;
    }
    return true;
}

static int suite_run(Suite *suite)
{
    const char *reason;
    int ret;

    ret = ports_open(&suite->ports, WAIT_MS);
    if (ret) {
        fprintf(stderr, "%s: no virtio ports org.nvme-fi.control and "
                "org.nvme-fi.results\n", suite->class->name);
        return 1;
    }
    ports_sync(&suite->ports, &suite->note);
    reason = suite->class->no_disk ? NULL :
             disk_open(&suite->disk, WAIT_MS);
    if (reason) {
        suite_send_error(suite, reason);
        return 1;
    }
    ret = evidence_open(&suite->evidence);
    if (ret) {
        suite_send_error(suite, "this kernel has no tracing with the events "
                         "of nvme and block, or no /dev/kmsg");
        return 1;
    }
    functions_open(&suite->functions);
    send_hello(suite);
    if (!run_all(suite)) {
        return 1;
    }
    ports_send(&suite->ports, "{\"type\":\"bye\"}");
    ports_flush(&suite->ports);
    functions_close(&suite->functions);
    evidence_close(&suite->evidence);
    ports_close(&suite->ports);
    return 0;
}

static void suite_list(const Suite *suite)
{
    size_t i;

    for (i = 0; i < suite->ncases; i++) {
        puts(suite->cases[i]->name);
    }
}

/* "CASE FINDING" a line. */
static void list_findings(const Suite *suite)
{
    size_t i;

    for (i = 0; i < suite->ncases; i++) {
        if (suite->cases[i]->finding) {
            printf("%s %s\n", suite->cases[i]->name,
                   suite->cases[i]->finding);
        }
    }
}

int suite_main(const SuiteClass *class, int argc, char **argv)
{
    Suite suite = { .class = class };
    Options options;
    int ret;

    if (options_parse(&options, class->name, argc, argv)) {
        return 2;
    }
    if (options.machine) {
        puts(class->machine ? class->machine : SUITE_MACHINE);
        options_done(&options);
        return 0;
    }
    suite.expect_dir = options.expect_dir;
    ret = options_kernel(&options, &suite);
    if (!ret) {
        ret = functions_init(&suite.functions, class->functions);
    }
    if (!ret) {
        ret = class->load(&suite);
    }
    if (!ret) {
        options_apply(&options, &suite);
        if (options.list) {
            suite_list(&suite);
        } else if (options.findings) {
            list_findings(&suite);
        } else {
            ret = suite_run(&suite);
        }
    }
    functions_done(&suite.functions);
    options_done(&options);
    return ret ? 1 : 0;
}
