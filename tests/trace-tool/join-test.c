/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test joins events to commands: set-up, completion, block events,
 * attempts, identifiers that are used again, and events that were lost.
 */
#include <string.h>

#include "test-lines.h"

#define SETUP(time, cid, slba) \
    "  dd-9 [000] ..... " time ": nvme_setup_cmd: nvme0: disk=nvme0n1, " \
    "qid=1, cmdid=" cid ", nsid=1, flags=0x0, meta=0x0, cmd=(nvme_cmd_read " \
    "slba=" slba ", len=7, ctrl=0x0, dsmgmt=0, reftag=0)\n"
#define DONE(time, cid, retries, status) \
    "  <idle>-0 [000] d.h.. " time ": nvme_complete_rq: nvme0: " \
    "disk=nvme0n1, qid=1, cmdid=" cid ", res=0, retries=" retries \
    ", flags=0x0, status=" status "\n"
#define ISSUE(sector) \
    "  dd-9 [000] ..... 1.000001: block_rq_issue: 259,0 R 4096 () " sector \
    " + 8 be,0,4 [dd]\n"
#define END(event, sector, error) \
    "  <idle>-0 [000] ..s.. 1.000101: " event ": 259,0 R () " sector \
    " + 8 be,0,4 [" error "]\n"
#define READ(time, cid, slba) \
    time " nvme0 nvme0n1 qid=1 cid=" cid " nsid=1 read slba=" slba " nlb=8"

typedef struct Row {
    const char *name;
    const char *trace;
    const char *text;
    guint64 open, replaced, no_setup, loose, lost, malformed;
} Row;

static const Row rows[] = {
    { "complete", SETUP("1.000000", "5", "8") DONE("1.000100", "5", "0", "0"),
      READ("    1.000000", "5", "8") " -> success in 100.0 us\n" },
    { "status", SETUP("1.000000", "5", "8")
      DONE("1.002500", "5", "0", "0x7286"),
      READ("    1.000000", "5", "8")
      " -> access-denied (2/86h, DNR, More, CRD 2) in 2.5 ms\n" },
    { "more", SETUP("1.000000", "5", "8") DONE("1.000001", "5", "0", "0x2006"),
      READ("    1.000000", "5", "8")
      " -> internal-error (0/06h, More) in 1.0 us\n" },
    { "block-error",
      SETUP("1.000000", "5", "8") ISSUE("8")
      DONE("1.000100", "5", "0", "0x4281")
      END("block_rq_complete", "8", "-61") END("block_rq_error", "8", "-61"),
      READ("    1.000000", "5", "8") " -> unrecovered-read-error (2/81h, DNR)"
      " in 100.0 us, block error ENODATA\n" },
    /* the identifier of the second attempt has another generation */
    { "attempts",
      SETUP("1.000000", "4101", "8") ISSUE("8")
      DONE("1.000100", "4101", "0", "0x281")
      END("block_rq_requeue", "8", "0") SETUP("1.000200", "8197", "8")
      ISSUE("8") DONE("1.000300", "8197", "1", "0")
      END("block_rq_complete", "8", "0"),
      READ("    1.000000", "4101", "8") " -> unrecovered-read-error (2/81h)"
      " in 100.0 us, attempt 1, requeued\n"
      READ("    1.000200", "8197", "8") " -> success in 100.0 us, "
      "attempt 2\n" },
    /* all complete before the requests end, as in a batch */
    { "batch",
      SETUP("1.000000", "5", "8") ISSUE("8") SETUP("1.000001", "6", "16")
      ISSUE("16") DONE("1.000100", "5", "0", "0")
      DONE("1.000101", "6", "0", "0") END("block_rq_complete", "16", "0")
      END("block_rq_complete", "8", "-5"),
      READ("    1.000001", "6", "16") " -> success in 100.0 us\n"
      READ("    1.000000", "5", "8") " -> success in 100.0 us, "
      "block error EIO\n" },
    { "no-setup", DONE("1.000100", "5", "0", "0"),
      "    1.000100 nvme0 nvme0n1 qid=1 cid=5 unknown -> success, no set-up "
      "seen\n", .no_setup = 1 },
    { "open", SETUP("1.000000", "5", "8"),
      READ("    1.000000", "5", "8") " -> no completion seen\n", .open = 1 },
    { "used-again",
      SETUP("1.000000", "5", "8") "CPU:3 [LOST 44 EVENTS]\n"
      SETUP("2.000000", "5", "16") DONE("2.000100", "5", "0", "0"),
      READ("    1.000000", "5", "8") " -> no completion seen, identifier "
      "used again\n" READ("    2.000000", "5", "16")
      " -> success in 100.0 us\n", .open = 1, .replaced = 1, .lost = 44 },
    { "other-disk", SETUP("1.000000", "5", "8") END("block_rq_complete", "9",
                                                    "0")
      DONE("1.000100", "5", "0", "0"),
      READ("    1.000000", "5", "8") " -> success in 100.0 us\n",
      .loose = 1 },
    { "malformed",
      " a-1 [000] ..... 1.0: nvme_complete_rq: nvme0: qid=1, cmdid=x, "
      "status=0\n", "", .malformed = 1 },
    { "comm-like-an-event",
      " nvme_sq: [000] -9 [001] ..... 1.500000: nvme_async_event: nvme1: "
      "NVME_AEN=0x020001 [NVME_AER_SMART]\n",
      "    1.500000 nvme1 asynchronous event smart-health reliability "
      "(0x00020001, log page smart-health-information)\n" },
    { "trace-cmd",
      "           nvme-5   [002]   3.250000: nvme_setup_cmd:       "
      "[FAILED TO PARSE] disk= ctrl_id=2 qid=0 opcode=6 flags=0 fctype=0 "
      "cid=9 nsid=3 metadata=0 cdw10=ARRAY[00, 00, 00, 00, 00, 00, 00, 00, "
      "00, 00, 00, 00, 00, 00, 00, 00, 05, 00, 00, 00, 00, 00, 00, 00]\n",
      "    3.250000 nvme2 qid=0 cid=9 nsid=3 identify cns=0x0:namespace "
      "uidx=5 -> no completion seen\n", .open = 1 },
    { "perf",
      "nvme  5 [002]  3.250000: nvme:nvme_complete_rq: nvme2: qid=0, "
      "cmdid=9, res=0x7, retries=0, flags=0x3, status=0x4002\n",
      "    3.250000 nvme2 qid=0 cid=9 unknown -> invalid-field-in-command "
      "(0/02h, DNR) result=0x7, given up by the driver, no set-up seen\n",
      .no_setup = 1 },
    { "bare",
      "nvme_setup_cmd: nvme0: qid=0, cmdid=9, nsid=0, flags=0x0, meta=0x0, "
      "cmd=(0x6 cdw10=01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
      "00 00 00 00 00 00)\n",
      "           - nvme0 qid=0 cid=9 nsid=0 identify cns=0x1:controller -> "
      "no completion seen\n", .open = 1 },
    /* the controller has no number before Connect is done */
    { "target",
      " k-1 [000] ..... 1.0: nvmet_req_init: nvmet_: qid=0, cmdid=1, nsid=1, "
      "flags=0x40, meta=0, cmd=(nvme_fabrics_type_connect, recfmt=0, qid=0, "
      "sqsize=31, cattr=0, kato=5000)\n"
      " k-1 [000] ..... 1.000500: nvmet_req_complete: nvmet1: qid=0, "
      "cmdid=1, res=0x1, status=0\n",
      "    1.000000 nvmet1 qid=0 cid=1 connect qid=0 sqsize=32 kato=5000 -> "
      "success result=0x1 in 500.0 us\n" },
    /* nor has an I/O queue one */
    { "target-queue",
      " k-1 [000] ..... 1.0: nvmet_req_init: nvmet_: qid=0, cmdid=1, nsid=1, "
      "flags=0x40, meta=0, cmd=(nvme_fabrics_type_connect, recfmt=0, qid=1, "
      "sqsize=127, cattr=0, kato=0)\n"
      " k-1 [000] ..... 1.000500: nvmet_req_complete: nvmet1: qid=1, "
      "cmdid=1, res=0x1, status=0\n",
      "    1.000000 nvmet1 qid=1 cid=1 connect qid=1 sqsize=128 kato=0 -> "
      "success result=0x1 in 500.0 us\n" },
    { "json-lines",
      "{\"type\":\"trace\",\"lines\":[\" a-1 [000] ..... 1.5: "
      "nvme_async_event: nvme0: NVME_AEN=0x000102 [NVME_AER_NOTICE]\"]}\n",
      "    1.500000 nvme0 asynchronous event notice "
      "firmware-activation-starting (0x00000102, log page "
      "supported-log-pages)\n" },
    { "json-record",
      "{\"case\":\"x\",\"device\":{\"hits\":1,\"commands\":[{\"seq\":1,"
      "\"qid\":1,\"cid\":9,\"opcode\":2,\"status\":17030}]}}\n",
      "           - nvme_ qid=1 cid=9 read -> access-denied (2/86h, DNR)\n" },
    { "json-log",
      "{\"return\":[{\"qid\":1,\"cid\":9,\"opcode\":2,\"status\":0,\"sqe\":"
      "\"0200090001000000000000000000000000000000000000000000000000000000"
      "0000000000000000000800000000000007000000000000000000000000000000\","
      "\"cqe\":\"00000000000000000100010009000100\"}]}\n",
      "           - nvme_ qid=1 cid=9 nsid=1 read slba=2048 nlb=8 -> "
      "success\n" },
};

static void test_row(gconstpointer data)
{
    const Row *row = data;
    Shown shown = shown_of(row->trace, strlen(row->trace));

    g_assert_cmpstr(shown.text->str, ==, row->text);
    g_assert_cmpuint(shown.join.open, ==, row->open);
    g_assert_cmpuint(shown.join.replaced, ==, row->replaced);
    g_assert_cmpuint(shown.join.no_setup, ==, row->no_setup);
    g_assert_cmpuint(shown.join.loose_block, ==, row->loose);
    g_assert_cmpuint(shown.input.lost, ==, row->lost);
    g_assert_cmpuint(shown.join.malformed, ==, row->malformed);
    g_string_free(shown.text, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = g_strdup_printf("/join/%s", rows[i].name);

        g_test_add_data_func(name, &rows[i], test_row);
    }
    return g_test_run();
}
