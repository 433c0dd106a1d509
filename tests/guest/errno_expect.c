/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "errno": composes what a case is to show at each layer, from the
 * tables and from the rules of the driver's retries.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "suite_errno.h"

/* nvme_max_retries of drivers/nvme/host/core.c */
#define DEFAULT_RETRIES 5

/* The wire and the driver, as a case goes on. */
typedef struct Wire {
    const ErrnoCase *ec;
    unsigned int left;          /* hits that the rule still has */
    unsigned int hits;
    unsigned int requeues;
    bool for_ever;              /* retried whatever DNR and the limit say */
    bool failed;                /* the last command of the API */
    Buf commands, completions;
} Wire;

static void wire_command(Wire *wire, bool executed, unsigned int status)
{
    buf_json_sep(&wire->commands);
    buf_puts(&wire->commands, "{");
    buf_json_bool(&wire->commands, "executed", executed);
    buf_json_int(&wire->commands, "status", status);
    if (status && wire->ec->log_page) {
        log_page_command(wire->ec->log_page, wire->hits - 1, &wire->commands);
    }
    buf_puts(&wire->commands, "}");
}

static void wire_completion(Wire *wire, unsigned int status,
                            unsigned int retries)
{
    buf_json_sep(&wire->completions);
    buf_puts(&wire->completions, "{");
    buf_json_int(&wire->completions, "status", status);
    buf_json_int(&wire->completions, "retries", retries);
    buf_puts(&wire->completions, "}");
}

/* One request with the operation of the rule, until the driver gives up. */
static void wire_request(Wire *wire, bool retried)
{
    const ErrnoCase *ec = wire->ec;
    unsigned int max = ec->max_retries < 0 ? DEFAULT_RETRIES
                                           : ec->max_retries;
    unsigned int attempt;

    if (!retried || (ec->status & STATUS_DNR)) {
        max = 0;
    }
    if (retried && wire->for_ever) {
        max = UINT_MAX - 1;
    }
    for (attempt = 0; attempt <= max; attempt++) {
        wire->requeues += attempt > 0;
        if (!wire->left) {
            wire_command(wire, true, 0);
            wire_completion(wire, 0, attempt);
            wire->failed = false;
            return;
        }
        wire->left--;
        wire->hits++;
        wire_command(wire, ec->execute, ec->status);
        wire_completion(wire, ec->status, attempt);
        wire->failed = ec->status != 0;
        if (!wire->failed) {
            return;
        }
    }
}

/*
 * Follows the commands of the API row.  Returns whether a request that the
 * row takes for failed got through, because the rule ended before.
 */
static bool wire_follow(Wire *wire, const char *commands)
{
    for (; *commands; commands++) {
        if (*commands == 's') {
            wire_completion(wire, 0, 0);
        } else if (*commands == 'm') {
            wire_request(wire, true);
        } else {
            wire_request(wire, *commands == 'r');
            if (!wire->failed) {
                return true;
            }
        }
    }
    return false;
}

static void expect_result(const Suite *suite, const Case *c, unsigned int hits,
                          const char *result, const char *errno_name,
                          Buf *record)
{
    const ErrnoCase *ec = c->data;
    long long ok = ec->api->returns_bytes ? IO_BYTES : 0;
    const char *error = NULL, *signal = NULL;
    long long value = -1;

    if (!strcmp(result, "ok")) {
        value = ok;
    } else if (!strcmp(result, "status")) {
        value = ec->status;
    } else if (!strcmp(result, "SIGBUS")) {
        signal = result;
    } else {
        error = strcmp(result, "block") ? result : errno_name;
    }
    buf_json_key(record, "result");
    buf_puts(record, "{");
    buf_json_int(record, "value", value);
    buf_json_str(record, "errno", error);
    if (signal) {
        buf_json_str(record, "signal", signal);
    }
    if (ec->read_back) {
        buf_json_str(record, "data", ec->execute ? "new" : "old");
    }
    if (ec->log_page) {
        log_page_expect(ec->log_page, hits, ec->status,
                        errno_offset(suite, c) / suite->disk.lba_bytes,
                        suite->disk.nsid, record);
    }
    buf_puts(record, "}");
}

static void expect_block(bool error, const Row *errors,
                         unsigned int requeues, Buf *record)
{
    buf_json_key(record, "block");
    buf_puts(record, "{");
    buf_json_str(record, "errno", error ? errors->column[ERRORS_ERRNO] : NULL);
    if (error) {
        buf_json_str(record, "status", errors->column[0]);
    }
    buf_json_int(record, "requeues", requeues);
    buf_puts(record, "}");
}

/* Adds the value of the placeholder @key of the table "log". */
static void log_value(const Suite *suite, const Case *c, const Row *errors,
                      const char *key, size_t len, Buf *text)
{
    const ErrnoCase *ec = c->data;
    uint64_t offset = errno_offset(suite, c);
    const char *reqop = ec->api->op == OP_READ ? "0x0:(READ)" : "0x1:(WRITE)";

#define KEY(word) (len == strlen(word) && !memcmp(key, word, len))
    if (KEY("disk")) {
        buf_puts(text, suite->disk.name);
    } else if (KEY("opcode")) {
        buf_printf(text, "0x%x", op_code(ec->api->op));
    } else if (KEY("slba")) {
        buf_printf(text, "%llu", (unsigned long long)offset /
                   suite->disk.lba_bytes);
    } else if (KEY("cdw10")) {
        buf_printf(text, "0x%llx", (unsigned long long)offset /
                   suite->disk.lba_bytes);
    } else if (KEY("nlb")) {
        buf_printf(text, "%u", IO_BYTES / suite->disk.lba_bytes);
    } else if (KEY("sct")) {
        buf_printf(text, "0x%x", ec->status >> 8 & 7);
    } else if (KEY("sc")) {
        buf_printf(text, "0x%x", ec->status & 0xff);
    } else if (KEY("dnr")) {
        buf_puts(text, ec->status & STATUS_DNR ? "DNR" : "");
    } else if (KEY("message")) {
        buf_puts(text, errors->column[ERRORS_MESSAGE]);
    } else if (KEY("reqop")) {
        buf_puts(text, reqop);
    } else if (KEY("sector")) {
        buf_printf(text, "%llu", (unsigned long long)offset / 512);
    } else if (KEY("page")) {
        buf_printf(text, "%llu", (unsigned long long)offset / IO_BYTES);
    } else {
        buf_add(text, key - 1, len + 2);
    }
#undef KEY
}

/* Adds @pieces ("a|b {disk}|c") as an array of strings. */
static void log_line(const Suite *suite, const Case *c, const Row *errors,
                     const char *pieces, Buf *record)
{
    Buf text = { 0 };

    buf_json_sep(record);
    buf_puts(record, "[");
    for (;; pieces++) {
        size_t len = strcspn(pieces, "|{");

        buf_add(&text, pieces, len);
        pieces += len;
        if (*pieces == '{') {
            pieces++;
            len = strcspn(pieces, "}");
            log_value(suite, c, errors, pieces, len, &text);
            pieces += len;
            continue;
        }
        buf_json_sep(record);
        buf_json_string(record, text.data, text.len);
        buf_clear(&text);
        if (!*pieces) {
            break;
        }
    }
    buf_puts(record, "]");
    buf_free(&text);
}

/* False where the table has no such line. */
static bool expect_log(Suite *suite, const Case *c, const Row *errors,
                       Buf *record)
{
    Tables *tables = suite->data;
    const ErrnoCase *ec = c->data;
    const char *word = ec->log;
    size_t len;

    buf_json_key(record, "log");
    buf_puts(record, "[");
    for (; *word; word += len + strspn(word + len, " ")) {
        Row *row;

        len = strcspn(word, " ");
        row = tables_log(tables, suite->kernel, word, len);
        if (!row) {
            return false;
        }
        row->used++;
        log_line(suite, c, errors, row->column[LOG_TEXT], record);
    }
    buf_puts(record, "]");
    return true;
}

static void expect_unused(Suite *suite, Buf *record)
{
    Tables *tables = suite->data;

    buf_puts(record, ",\"expected\":{\"device\":{\"hits\":0},"
             "\"result\":{\"value\":0}},\"unused\":[");
    tables_unused(tables, suite->kernel, record);
    buf_puts(record, "]");
}

unsigned int errno_times(Suite *suite, const ErrnoCase *ec)
{
    Row *status = tables_status(suite->data, suite->kernel, ec->status);
    Row *api = status ? tables_api(suite->data, suite->kernel, ec->api,
                                   status->column[STATUS_BLK]) : NULL;
    const char *spent = api ? strchr(api->column[API_COMMANDS], 'm') : NULL;

    if (ec->times || !spent) {
        return ec->times;
    }
    return spent - api->column[API_COMMANDS];
}

/* What all the rows say, as the member "expected". */
static bool expect_rows(Suite *suite, const Case *c, Row *errors, Row *api,
                        Buf *record)
{
    const ErrnoCase *ec = c->data;
    unsigned int times = errno_times(suite, ec);
    Wire wire = {
        .ec = ec,
        .left = times ? times : UINT_MAX,
        .for_ever = tables_for_ever(suite->data, suite->kernel, ec->status),
    };
    bool through, ok = true;

    through = wire_follow(&wire, api->column[API_COMMANDS]);
    buf_puts(record, ",\"expected\":{");
    /* How many commands a kernel sends that nobody has read is not known. */
    if (suite->known) {
        buf_printf(record, "\"device\":{\"hits\":%u,\"commands\":[%s]}",
                   wire.hits, wire.commands.data ? wire.commands.data : "");
    }
    buf_json_key(record, "driver");
    buf_printf(record, "{\"completions\":[%s]}", wire.completions.data);
    expect_block(!through && !strcmp(api->column[API_BLOCK], "error"), errors,
                 wire.requeues, record);
    expect_result(suite, c, wire.hits,
                  through ? "ok" : api->column[API_RESULT],
                  errors->column[ERRORS_ERRNO], record);
    if (ec->log) {
        ok = expect_log(suite, c, errors, record);
    }
    buf_puts(record, "}");
    buf_free(&wire.commands);
    buf_free(&wire.completions);
    return ok;
}

void errno_expect(Suite *suite, const Case *c, Buf *record)
{
    Tables *tables = suite->data;
    const ErrnoCase *ec = c->data;
    Row *status, *errors, *api;
    size_t start = record->len;

    if (!ec->api) {
        expect_unused(suite, record);
        return;
    }
    status = tables_status(tables, suite->kernel, ec->status);
    errors = status ? tables_error(tables, suite->kernel,
                                   status->column[STATUS_BLK]) : NULL;
    api = status ? tables_api(tables, suite->kernel, ec->api,
                              status->column[STATUS_BLK]) : NULL;
    if (!errors || !api || !expect_rows(suite, c, errors, api, record)) {
        /* The runner fails a case without expectation. */
        record->len = start;
        return;
    }
    status->used++;
    errors->used++;
    api->used++;
    buf_json_key(record, "from");
    buf_printf(record, "\"%s,%s,%s\"", status->column[4],
               errors->column[5], api->column[API_FROM]);
}
