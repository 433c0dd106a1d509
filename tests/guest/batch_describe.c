/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "batch": what is expected, as members of the record.
 */
#include "batch_suite.h"

static bool again(const BatchCase *bc)
{
    return bc->pattern == RETRIED && !batch_is_pass(bc);
}

static bool succeeds(const BatchCase *bc, unsigned i, const Foreseen *f)
{
    return f->completions && (!batch_fails(bc, i) || again(bc));
}

static void add_commands(Buf *record, const BatchCase *bc, const Foreseen *f)
{
    unsigned qid = batch_qid(bc);

    buf_json_key(record, "device");
    buf_printf(record, "{\"hits\":%u,\"commands\":[",
               f->completions ? bc->n : 0);
    for (unsigned i = 0; i < f->completions; i++) {
        unsigned status = i < bc->n ? batch_status(bc, i) : 0;

        buf_json_sep(record);
        buf_printf(record, "{\"device\":\"%s\",\"qid\":%u,\"status\":%u,"
                   "\"executed\":%s}", batch_device(bc), qid, status,
                   status ? "false" : "true");
    }
    buf_puts(record, "]}");
}

static void add_calls(Suite *suite, Buf *record, const BatchCase *bc,
                      const Foreseen *f)
{
    char spec[300];

    snprintf(spec, sizeof(spec), "nvme_complete_rq=%u "
             "nvme_complete_batch_req=%u blk_mq_end_request_batch=%u "
             "blk_mq_end_request=%u nvme_irq=%u nvme_poll%s "
             "nvme_retry_req=%u blk_done_softirq%s", f->direct, f->batched,
             f->batches, f->ended, f->interrupts,
             batch_is_polled(bc) ? ">=1" : "=0", again(bc),
             bc->path == SOFTIRQ ? ">=1" : bc->path == NO_POLL ? ">=0" :
             "=0");
    suite_expect_calls(suite, record, spec);
}

static void add_driver(Suite *suite, Buf *record, const BatchCase *bc,
                       const Foreseen *f)
{
    buf_json_key(record, "driver");
    buf_puts(record, "{\"completions\":[");
    for (unsigned i = 0; i < f->completions; i++) {
        buf_json_sep(record);
        buf_printf(record, "{\"status\":%u,\"retries\":%u}", f->status[i],
                   f->retries[i]);
    }
    buf_puts(record, "]");
    add_calls(suite, record, bc, f);
    buf_puts(record, "}");
    buf_json_key(record, "block");
    buf_printf(record, "{\"requeues\":%d}", again(bc));
}

static void add_results(Buf *record, const BatchCase *bc, const Foreseen *f)
{
    buf_json_key(record, "results");
    buf_puts(record, "\"");
    for (unsigned i = 0; i < bc->n; i++) {
        bool ok = succeeds(bc, i, f);

        buf_puts(record, i ? " " : "");
        if (!f->completions) {
            buf_puts(record, "EOPNOTSUPP");
        } else if (batch_is_pass(bc)) {
            buf_printf(record, "%u", batch_status(bc, i));
        } else if (ok) {
            buf_printf(record, "%d", bc->path == FLUSH ? 0 : BATCH_BYTES);
        } else {
            buf_puts(record, "ENODATA");
        }
    }
    buf_puts(record, "\"");
}

/* The appends that were carried out follow one another. */
static void add_places(Buf *record, const BatchCase *bc)
{
    unsigned place = 0;

    buf_json_key(record, "places");
    buf_puts(record, "\"");
    for (unsigned i = 0; i < bc->n; i++) {
        buf_puts(record, i ? " " : "");
        if (batch_fails(bc, i)) {
            buf_puts(record, "-1");
        } else {
            buf_printf(record, "%u", place);
            place += BATCH_BYTES / 512;
        }
    }
    buf_puts(record, "\"");
}

static void add_result(Buf *record, const BatchCase *bc, const Foreseen *f)
{
    char data[BATCH_MAX + 1] = "";
    unsigned good = 0;

    for (unsigned i = 0; i < bc->n; i++) {
        data[i] = succeeds(bc, i, f) ? 'n' : 'o';
        good += succeeds(bc, i, f);
    }
    buf_json_key(record, "result");
    buf_printf(record, "{\"value\":%u,\"errno\":null,\"observed\":{", good);
    add_results(record, bc, f);
    if (bc->path <= SOFTIRQ) {
        buf_json_key(record, "order");
        for (unsigned i = 0; i < bc->n; i++) {
            buf_printf(record, "%s%u", i ? " " : "\"", f->order[i]);
        }
        buf_puts(record, "\"");
    }
    if (bc->path == APPEND) {
        add_places(record, bc);
    }
    if (bc->path != FLUSH) {
        buf_json_str(record, "data", data);
    }
    buf_puts(record, "}}");
}

void batch_describe(Suite *suite, const Case *c, const Outcome *out,
                    Buf *record)
{
    const BatchCase *bc = c->data;
    Foreseen f = batch_foresee(bc, suite->kernel);

    (void)out;
    buf_json_key(record, "stimulus");
    buf_puts(record, "{");
    buf_json_str(record, "op", bc->path == APPEND ? "zone append" :
                 bc->path == FLUSH ? "flush" : bc->write ? "write" : "read");
    buf_json_str(record, "api", batch_path_names[bc->path]);
    buf_json_int(record, "depth", bc->n);
    buf_json_str(record, "failing", batch_pattern_names[bc->pattern]);
    buf_puts(record, "}");
    buf_json_key(record, "expected");
    if (batch_oopses(bc, suite->kernel)) {
        buf_printf(record, "{\"device\":{\"hits\":%u},\"result\":{"
                   "\"observed\":{\"oops\":\"bio_poll\"}}}", bc->n);
        buf_json_str(record, "from", "io_do_iopoll(), "
                     "nvme_ns_chr_uring_cmd_iopoll()");
        return;
    }
    buf_puts(record, "{");
    add_commands(record, bc, &f);
    add_driver(suite, record, bc, &f);
    add_result(record, bc, &f);
    buf_puts(record, "}");
    buf_json_str(record, "from", "nvme_handle_cqe(), blk_mq_add_to_batch(), "
                 "nvme_pci_complete_batch(), nvme_complete_batch_req(); "
                 "blk_mq_complete_request_remote(), nvme_pci_complete_rq()");
}
