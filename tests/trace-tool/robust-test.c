/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test gives the program damaged traces, made from a seed: every line is
 * counted as something, every set-up and completion is shown, and what is
 * shown is text.
 */
#include <string.h>

#include "test-lines.h"

#define ROUNDS 300
#define LINES 60

static const char *const samples[] = {
    "  dd-9 [000] ..... 1.000000: nvme_setup_cmd: nvme0: disk=nvme0n1, qid=1,"
    " cmdid=5, nsid=1, flags=0x0, meta=0x0, cmd=(nvme_cmd_write slba=8, "
    "len=7, ctrl=0x0, dsmgmt=0, reftag=0)",
    "  dd-9 [000] ..... 1.000000: nvme_setup_cmd: nvme0: qid=0, cmdid=5, "
    "nsid=1, flags=0x0, meta=0x0, cmd=(nvme_admin_get_log_page cdw10=01 02 "
    "03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18)",
    "  <idle>-0 [000] d.h.. 1.0001: nvme_complete_rq: nvme0: disk=nvme0n1, "
    "qid=1, cmdid=5, res=0, retries=0, flags=0x0, status=0x4286",
    "  <idle>-0 [000] d.h.. 1.0001: nvme_sq: nvme0: disk=nvme0n1, qid=1, "
    "head=1, tail=2",
    "  dd-9 [000] ..... 1.000001: block_rq_issue: 259,0 R 4096 () 8 + 8 "
    "be,0,4 [dd]",
    "  <idle>-0 [000] ..s.. 1.1: block_rq_complete: 259,0 R () 8 + 8 be,0,4 "
    "[-5]",
    " k-1 [000] ..... 1.0: nvmet_req_init: nvmet_: qid=0, cmdid=1, nsid=1, "
    "flags=0x40, meta=0, cmd=(nvme_fabrics_type_connect, recfmt=0, qid=0, "
    "sqsize=31, cattr=0, kato=5000)",
    " k-1 [000] ..... 1.1: nvmet_req_complete: nvmet1: qid=0, cmdid=1, "
    "res=0x1, status=0",
    " k-1 [000] ..... 1.1: nvme_async_event: nvme0: NVME_AEN=0x020001 [X]",
    "{\"type\":\"trace\",\"lines\":[\" k-1 [000] ..... 1.1: nvme_setup_cmd: "
    "nvme0: disk=\\u001b[2J\\n, qid=1, cmdid=5, nsid=1, flags=0x0, meta=0x0, "
    "cmd=(nvme_cmd_flush \\u0007=1)\"]}",
    "{\"device\":{\"commands\":[{\"qid\":1,\"cid\":9,\"opcode\":2}]}}",
    "CPU:3 [LOST 44 EVENTS]",
    "# tracer: nop",
    "",
};

/* Bits, bytes, cuts, repeats: the last three where text is most fragile. */
static void damage(GRand *random, GString *line)
{
    static const char *const words[] = {
        "(", ")", "[", "]", "=", ",", "0x", "-1", "99999999999999999999",
        "cmd=(", " ", ":", "\x80", "\xc3", "\x1b[2J", "\x7f", "\"", "\\",
    };

    for (int n = g_rand_int_range(random, 0, 4); n > 0; n--) {
        gsize at = g_rand_int_range(random, 0, line->len + 1);

        switch (g_rand_int_range(random, 0, 4)) {
        case 0:
            if (at < line->len) {
                line->str[at] ^= 1 << g_rand_int_range(random, 0, 8);
            }
            break;
        case 1:
            g_string_truncate(line, at);
            break;
        case 2:
            g_string_insert(line, at, words[g_rand_int_range(
                random, 0, G_N_ELEMENTS(words))]);
            break;
        default:
            g_string_append(line, samples[g_rand_int_range(
                random, 0, G_N_ELEMENTS(samples))]);
            break;
        }
    }
}

static void check(const Shown *shown, guint64 newlines)
{
    const InputCounts *in = &shown->input;
    guint64 events = 0;
    guint64 ended = 0;

    for (guint kind = 0; kind < EVENT_KINDS; kind++) {
        events += shown->join.events[kind];
    }
    /* lines within JSON are events, too, and no lines of the file */
    g_assert_cmpuint(in->comments + in->other + in->lost_reports + events +
                     in->too_long + in->json, >=, in->lines);
    g_assert_cmpuint(in->lines, >=, newlines);
    for (const char *at = shown->text->str; *at; at++) {
        g_assert_true((guchar)*at >= ' ' || *at == '\n' || *at == '\t');
        ended += *at == '\n';
    }
    g_assert_true(g_utf8_validate(shown->text->str, shown->text->len, NULL));
    g_assert_cmpuint(ended, ==, shown->commands + shown->asyncs);
}

static void test_damaged(gconstpointer data)
{
    guint seed = GPOINTER_TO_UINT(data);
    GRand *random = g_rand_new_with_seed(seed);
    g_autoptr(GString) trace = g_string_new(NULL);
    Shown shown;
    guint64 newlines = 0;

    for (int i = 0; i < LINES; i++) {
        g_autoptr(GString) line = g_string_new(samples[g_rand_int_range(
            random, 0, G_N_ELEMENTS(samples))]);

        damage(random, line);
        g_string_append_len(trace, line->str, line->len);
        g_string_append_c(trace, '\n');
    }
    for (gsize i = 0; i < trace->len; i++) {
        newlines += trace->str[i] == '\n';
    }
    shown = shown_of(trace->str, trace->len);
    check(&shown, newlines);
    g_string_free(shown.text, TRUE);
    g_rand_free(random);
}

static void test_seeds(void)
{
    for (guint seed = 1; seed <= ROUNDS; seed++) {
        test_damaged(GUINT_TO_POINTER(seed));
        if (g_test_failed()) {
            g_test_message("seed %u", seed);
            return;
        }
    }
}

/* Bytes that were never a trace. */
static void test_noise(void)
{
    GRand *random = g_rand_new_with_seed(7);
    g_autofree guint8 *noise = g_malloc(1 << 20);
    Shown shown;

    for (gsize i = 0; i < 1 << 20; i++) {
        noise[i] = g_rand_int(random);
    }
    shown = shown_of(noise, 1 << 20);
    g_assert_cmpuint(shown.commands, ==, 0);
    g_assert_cmpuint(shown.input.bytes, ==, 1 << 20);
    check(&shown, 1);
    g_string_free(shown.text, TRUE);
    g_rand_free(random);
}

/* A line that is too long is left out, and what follows is not. */
static void test_long(void)
{
    g_autoptr(GString) trace = g_string_new(NULL);
    Shown shown;

    for (guint i = 0; i < 3 * INPUT_MAX_LINE; i++) {
        g_string_append_c(trace, 'x');
    }
    g_string_append_printf(trace, "\n%s\n", samples[8]);
    shown = shown_of(trace->str, trace->len);
    g_assert_cmpuint(shown.input.too_long, ==, 1);
    g_assert_cmpuint(shown.asyncs, ==, 1);
    g_string_free(shown.text, TRUE);
}

/* The last line needs no end. */
static void test_cut(void)
{
    Shown shown = shown_of(samples[8], strlen(samples[8]));

    g_assert_cmpuint(shown.asyncs, ==, 1);
    g_string_free(shown.text, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/robust/damaged", test_seeds);
    g_test_add_func("/robust/noise", test_noise);
    g_test_add_func("/robust/long-line", test_long);
    g_test_add_func("/robust/no-line-end", test_cut);
    return g_test_run();
}
