/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "pi": what is expected, as members of the record.
 */
#include "pi.h"

#include <stdio.h>
#include <string.h>

static bool is_one_attempt(const PiCase *pc, unsigned status)
{
    return !status || status & PI_DNR || pc->kind == PI_PASS;
}

static void add_attempts(Buf *record, const PiCase *pc, unsigned status)
{
    for (int i = 0; i < (is_one_attempt(pc, status) ? 1 : PI_ATTEMPTS); i++) {
        buf_json_sep(record);
        buf_printf(record, "{\"status\":%u,\"retries\":%d}", status, i);
    }
}

/* Rules without an end meet each attempt. */
static int count_hits(const PiCase *pc, const PiForeseen *f)
{
    unsigned status = pc->write ? f->write_status : f->read_status;

    if (pc->kind == PI_SHOWN) {
        return 0;
    }
    if (pc->kind == PI_CORRUPT && strcmp(pc->where, "before-check")) {
        return 1;
    }
    return is_one_attempt(pc, status) ? 1 : PI_ATTEMPTS;
}

static void add_driver(Suite *suite, Buf *record, const PiCase *pc,
                       const PiForeseen *f)
{
    char spec[60];

    buf_json_key(record, "driver");
    buf_puts(record, "{\"completions\":[");
    if (pc->write || pc->kind == PI_PASS) {
        add_attempts(record, pc, f->write_status);
    }
    if (pc->kind != PI_SHOWN) {
        add_attempts(record, pc, f->read_status);
    }
    buf_puts(record, "]");
    snprintf(spec, sizeof(spec), "bio_integrity_verify_fn=%d", f->verified);
    suite_expect_calls(suite, record, spec);
    buf_puts(record, "}");
}

static const char *format_name(const PiCase *pc, Version kernel)
{
    const PiFormat *f = pc->format;

    if (f->extended) {
        return "none";
    }
    if (!pi_known(f, kernel)) {
        return "nop";
    }
    return f->guard == 16 ?
           f->type == 3 ? "T10-DIF-TYPE3-CRC" : "T10-DIF-TYPE1-CRC" :
           f->type == 3 ? "EXT-DIF-TYPE3-CRC64" : "EXT-DIF-TYPE1-CRC64";
}

/* What of a tuple is the application's: of type 3, the reference tag, too. */
static const char *tag_size(const PiCase *pc, Version kernel)
{
    const PiFormat *f = pc->format;

    return f->extended || !pi_known(f, kernel) ? "0" :
           f->type != 3 ? "2" : f->guard == 16 ? "6" : "8";
}

static void add_shown(Buf *record, const PiCase *pc, Version kernel)
{
    buf_puts(record, "{\"value\":0,\"errno\":null,\"observed\":{");
    buf_json_bool(record, "usable", pi_usable(pc->format));
    buf_json_str(record, "format", format_name(pc, kernel));
    buf_json_str(record, "tag_size", tag_size(pc, kernel));
    buf_puts(record, "}}");
}

static void add_result(Buf *record, const PiCase *pc, const PiForeseen *f)
{
    if (pc->kind == PI_PASS) {
        buf_printf(record, "{\"value\":%u,\"errno\":null", pc->status);
    } else {
        buf_printf(record, "{\"value\":%d,\"errno\":%s",
                   f->data ? PI_BYTES : -1, f->data ? "null" : "\"EILSEQ\"");
    }
    if (f->data && (pc->kind != PI_PASS || !pc->status)) {
        buf_json_str(record, "data", f->data);
    }
    if (pc->write) {
        buf_printf(record, ",\"observed\":{\"write\":\"%s\"}",
                   f->write_status ? "EILSEQ" : "done");
    }
    buf_puts(record, "}");
}

/* The last command is a read; of passthrough there is no log. */
static void add_block(Buf *record, const PiCase *pc, const PiForeseen *f)
{
    if (pc->kind <= PI_TUPLE) {
        buf_json_key(record, "block");
        buf_puts(record, f->read_status ? "{\"errno\":\"EILSEQ\","
                 "\"status\":\"PROTECTION\"}" : "{\"errno\":null}");
    }
    if (!f->read_status && !f->write_status) {
        buf_json_key(record, "log");
        buf_printf(record, f->log ? "[[\"%s\"]]" : "[]", f->log);
    }
}

static void add_stimulus(Buf *record, const PiCase *pc)
{
    buf_json_key(record, "stimulus");
    buf_puts(record, "{");
    buf_json_str(record, "op", pc->write ? "write" : "read");
    buf_json_str(record, "format", pc->format->name);
    buf_json_str(record, "tuples", pc->pract || pc->format->extended ?
                 "drive" : "block layer");
    buf_json_str(record, "target", pc->target);
    buf_json_str(record, "where", pc->where);
    buf_json_str(record, "variant", pc->variant);
    buf_puts(record, "}");
}

void pi_describe(Suite *suite, const Case *c, const Outcome *out,
                 Buf *record)
{
    const PiCase *pc = c->data;
    PiForeseen f = pi_foresee(pc, suite->kernel);

    (void)out;
    add_stimulus(record, pc);
    buf_json_key(record, "expected");
    buf_printf(record, "{\"device\":{\"hits\":%d}", count_hits(pc, &f));
    add_driver(suite, record, pc, &f);
    add_block(record, pc, &f);
    buf_json_key(record, "result");
    if (pc->kind == PI_SHOWN) {
        add_shown(record, pc, suite->kernel);
    } else {
        add_result(record, pc, &f);
    }
    buf_puts(record, "}");
    buf_json_str(record, "from", f.from);
}
