/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test lets blocks go bad with trigger media: every command that reads
 * one fails and transfers nothing, every write heals it, and nothing else does.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define UNRECOVERED_READ 0x281
#define LAST_BLOCK (FI_NS_BYTES / NVME_LBA - 1)

/* The ranges of query-nvme-fi as text: nsid:slba+nlb, and ! where a write does
 * not heal. */
static char *media(FiRig *rig)
{
    GString *text = g_string_new("");
    QDict *info = fi_query(rig);
    const QListEntry *entry;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(info, "media"), entry) {
        QDict *range = qobject_to(QDict, qlist_entry_obj(entry));

        g_string_append_printf(text, "%s%d:%d+%d%s", text->len ? " " : "",
                               (int)qdict_get_int(range, "nsid"),
                               (int)qdict_get_int(range, "slba"),
                               (int)qdict_get_int(range, "nlb"),
                               qdict_get_bool(range, "heal") ? "" : "!");
    }
    qobject_unref(info);
    return g_string_free(text, FALSE);
}

static void check_media(FiRig *rig, const char *expected)
{
    g_autofree char *text = media(rig);

    g_assert_cmpstr(text, ==, expected);
}

static void test_every_read_fails(void)
{
    static const struct {
        uint8_t opcode;
        uint64_t slba;
        uint32_t nlb;
        uint16_t status;
    } rows[] = {
        { NVME_CMD_READ, 7, 1, 0 },
        { NVME_CMD_READ, 8, 1, UNRECOVERED_READ },
        { NVME_CMD_READ, 11, 1, UNRECOVERED_READ },
        { NVME_CMD_READ, 12, 1, 0 },
        { NVME_CMD_READ, 0, 8, 0 },
        { NVME_CMD_READ, 0, 9, UNRECOVERED_READ },
        { NVME_CMD_READ, 0, 128, UNRECOVERED_READ },
        { NVME_CMD_COMPARE, 7, 1, 0 },
        { NVME_CMD_COMPARE, 9, 1, UNRECOVERED_READ },
        { NVME_CMD_VERIFY, 12, 8, 0 },
        { NVME_CMD_VERIFY, 10, 8, UNRECOVERED_READ },
        { NVME_CMD_DSM, 8, 1, 0 },
        { NVME_CMD_FLUSH, 8, 1, 0 },
    };
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'media','slba':8,'nlb':4}");
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        g_test_message("row %zu", i);
        qtest_memset(rig->vm->qts, rig->data, 0, FI_DATA_BYTES);
        g_assert_cmphex(fi_rw(rig, rows[i].opcode, rows[i].slba, rows[i].nlb),
                        ==, rows[i].status);
    }
    check_media(rig, "1:8+4");
    fi_rig_free(rig);
}

static void test_nothing_is_transferred(void)
{
    FiRig *rig = fi_rig_start();
    uint64_t reads;

    nvme_fill(rig->io, NS_PLAIN, 0, 16, 0x11);
    fi_trigger(rig, "{'trigger':'media','slba':15}");
    qtest_memset(rig->vm->qts, rig->data, 0xcc, 16 * NVME_LBA);
    reads = fi_block_stat(rig, 0, "rd_operations");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_READ, 0, 16), ==, UNRECOVERED_READ);
    g_assert_true(nvme_memory_holds(rig->host, rig->data, 16 * NVME_LBA,
                                    0xcc));
    g_assert_cmpint(fi_block_stat(rig, 0, "rd_operations"), ==, reads);
    g_assert_true(nvme_holds(rig->io, NS_PLAIN, 0, 15, 0x11));
    fi_rig_free(rig);
}

static void test_status(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'media','slba':1,'status':'0x4281'},"
               "{'trigger':'media','slba':2,'status':'compare-failure'},"
               "{'trigger':'media','slba':3,'status':'0x6'}");
    g_assert_cmphex(fi_read(rig, 1), ==, 0x4281);
    g_assert_cmphex(fi_read(rig, 2), ==, 0x285);
    g_assert_cmphex(fi_read(rig, 3), ==, 0x006);
    /* of several, the first block tells */
    g_assert_cmphex(fi_rw(rig, NVME_CMD_READ, 2, 2), ==, 0x285);
    fi_rig_free(rig);
}

static void test_writes_heal(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCopySourceRangeFormat0_2 source = { .slba = cpu_to_le64(100),
                                            .nlb = cpu_to_le16(1) };
    NvmeCmd copy = nvme_cmd_copy(rig->host, NS_PLAIN, 20, &source, 1);

    fi_trigger(rig, "{'trigger':'media','slba':0,'nlb':32}");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE, 4, 4), ==, 0);
    check_media(rig, "1:0+4 1:8+24");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_READ, 4, 4), ==, 0);
    g_assert_cmphex(fi_rw(rig, NVME_CMD_READ, 4, 5), ==, UNRECOVERED_READ);
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE_ZEROES, 8, 1), ==, 0);
    check_media(rig, "1:0+4 1:9+23");
    g_assert_cmphex(nvme_ring_exec(rig->io, &copy, NULL), ==, 0);
    check_media(rig, "1:0+4 1:9+11 1:22+10");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE, 0, 64), ==, 0);
    check_media(rig, "");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_READ, 0, 64), ==, 0);
    fi_rig_free(rig);
}

static void test_what_does_not_heal(void)
{
    FiRig *rig = fi_rig_start();
    NvmeDsmRange range = { .nlb = cpu_to_le32(64) };
    NvmeCmd dsm = nvme_cmd_deallocate(rig->host, NS_PLAIN, &range, 1);

    fi_trigger(rig, "{'trigger':'media','slba':0,'nlb':4},"
               "{'trigger':'media','slba':8,'nlb':4,'heal':false}");
    g_assert_cmphex(nvme_ring_exec(rig->io, &dsm, NULL), ==, 0);
    check_media(rig, "1:0+4 1:8+4!");
    /* a write that fails writes nothing */
    fi_add(rig, "{'id':'w','opcode':'write','action':'status',"
           "'status':'write-fault'}");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE, 0, 4), ==, 0x280);
    check_media(rig, "1:0+4 1:8+4!");
    fi_remove(rig, "w");
    /* one that was carried out does, whatever it is told to report */
    fi_add(rig, "{'id':'w','opcode':'write','action':'status',"
           "'status':'write-fault','execute':true}");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE, 0, 2), ==, 0x280);
    check_media(rig, "1:2+2 1:8+4!");
    fi_clear(rig);
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE, 0, 64), ==, 0);
    check_media(rig, "1:8+4!");
    g_assert_cmphex(fi_read(rig, 9), ==, UNRECOVERED_READ);
    fi_trigger(rig, "{'trigger':'media','slba':9,'nlb':1,'good':true}");
    check_media(rig, "1:8+1! 1:10+2!");
    g_assert_cmphex(fi_read(rig, 9), ==, 0);
    fi_rig_free(rig);
}

static void test_neighbours_merge(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'media','slba':10,'nlb':10},"
               "{'trigger':'media','slba':30,'nlb':10},"
               "{'trigger':'media','slba':20,'nlb':10}");
    check_media(rig, "1:10+30");
    fi_trigger(rig, "{'trigger':'media','slba':15,'nlb':5,'heal':false}");
    check_media(rig, "1:10+5 1:15+5! 1:20+20");
    fi_trigger(rig, "{'trigger':'media','slba':0,'nlb':100,'heal':false}");
    check_media(rig, "1:0+100!");
    fi_trigger(rig, "{'trigger':'media','slba':%u}", (unsigned)LAST_BLOCK);
    check_media(rig, "1:0+100! 1:65535+1");
    fi_rig_free(rig);
}

static void test_copy_source(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCopySourceRangeFormat0_2 source[2] = {
        { .slba = cpu_to_le64(100), .nlb = cpu_to_le16(3) },
        { .slba = cpu_to_le64(200), .nlb = cpu_to_le16(3) },
    };
    NvmeCmd copy = nvme_cmd_copy(rig->host, NS_PLAIN, 20, source, 2);
    NvmeCqe cqe;

    nvme_fill(rig->io, NS_PLAIN, 20, 8, 0x77);
    fi_trigger(rig, "{'trigger':'media','slba':203,'heal':false},"
               "{'trigger':'media','slba':24}");
    g_assert_cmphex(nvme_ring_exec(rig->io, &copy, &cqe), ==,
                    UNRECOVERED_READ);
    /* no source range was copied, the first one neither */
    g_assert_cmpint(le32_to_cpu(cqe.result), ==, 0);
    g_assert_true(nvme_holds(rig->io, NS_PLAIN, 20, 4, 0x77));
    check_media(rig, "1:24+1 1:203+1!");
    fi_trigger(rig, "{'trigger':'media','slba':203,'good':true}");
    g_assert_cmphex(nvme_ring_exec(rig->io, &copy, NULL), ==, 0);
    check_media(rig, "");
    fi_rig_free(rig);
}

/* A place beyond the namespace is its nearest end, for the bad blocks, too. */
static void test_misdirected_to_the_end(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'media','slba':0}");
    fi_add(rig, "{'action':'misdirect','by':-100}");
    g_assert_cmphex(fi_read(rig, 8), ==, UNRECOVERED_READ);
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE, 8, 1), ==, 0);
    check_media(rig, "");
    g_assert_cmphex(fi_read(rig, 8), ==, 0);
    fi_rig_free(rig);
}

static void test_format_heals(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd format = nvme_cmd(NVME_ADM_CMD_FORMAT_NVM, NS_PLAIN);

    fi_trigger(rig, "{'trigger':'media','slba':0,'nlb':4},"
               "{'trigger':'media','slba':8,'nlb':4,'heal':false},"
               "{'trigger':'media','nsid':2,'slba':0}");
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &format, NULL), ==, 0);
    check_media(rig, "1:8+4! 2:0+1");
    g_assert_cmphex(fi_read(rig, 0), ==, 0);
    g_assert_cmphex(fi_read(rig, 8), ==, UNRECOVERED_READ);
    fi_rig_free(rig);
}

static uint16_t zoned(FiRig *rig, uint8_t opcode, uint64_t slba, uint32_t nlb)
{
    NvmeCmd cmd = nvme_cmd_rw(rig->host, opcode, NS_ZONED, slba, nlb,
                              rig->data);

    return nvme_ring_exec(rig->io, &cmd, NULL);
}

static void test_zoned(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd reset = nvme_cmd_zone_send(NS_ZONED, FI_ZONE_BLOCKS,
                                       NVME_ZONE_ACTION_RESET, false);
    const uint64_t zone = FI_ZONE_BLOCKS;

    g_assert_cmphex(zoned(rig, NVME_CMD_WRITE, zone, 8), ==, 0);
    fi_trigger(rig, "{'trigger':'media','nsid':2,'slba':%u,'nlb':16}",
               (unsigned)zone + 4);
    check_media(rig, "2:2052+16");
    g_assert_cmphex(zoned(rig, NVME_CMD_READ, zone, 4), ==, 0);
    g_assert_cmphex(zoned(rig, NVME_CMD_READ, zone, 5), ==, UNRECOVERED_READ);
    /* the append lands on blocks 8 to 11 of the zone */
    g_assert_cmphex(zoned(rig, NVME_CMD_ZONE_APPEND, zone, 4), ==, 0);
    check_media(rig, "2:2052+4 2:2060+8");
    g_assert_cmphex(zoned(rig, NVME_CMD_WRITE_ZEROES, zone + 12, 2), ==, 0);
    check_media(rig, "2:2052+4 2:2062+6");
    g_assert_cmphex(nvme_ring_exec(rig->io, &reset, NULL), ==, 0);
    check_media(rig, "2:2052+4 2:2062+6");
    g_assert_cmphex(zoned(rig, NVME_CMD_WRITE, zone, 64), ==, 0);
    check_media(rig, "");
    /* the same blocks of the other namespace were never bad */
    g_assert_cmphex(fi_read(rig, 2052), ==, 0);
    fi_rig_free(rig);
}

/* What is wrong with the command itself is told first. */
static void test_model_errors_win(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd nowhere;

    fi_trigger(rig, "{'trigger':'media','slba':%u,'nlb':2},"
               "{'trigger':'media','slba':0,'nlb':8192},"
               "{'trigger':'media','nsid':2,'slba':0,'nlb':4096}",
               (unsigned)LAST_BLOCK - 1);
    g_assert_cmphex(fi_rw(rig, NVME_CMD_READ, LAST_BLOCK, 1), ==,
                    UNRECOVERED_READ);
    g_assert_cmphex(fi_rw(rig, NVME_CMD_READ, LAST_BLOCK, 2) & 0x7ff, ==,
                    NVME_LBA_RANGE);
    nowhere = nvme_cmd_rw(rig->host, NVME_CMD_READ, 9, 0, 1, rig->data);
    g_assert_cmphex(nvme_ring_exec(rig->io, &nowhere, NULL) & 0x7ff, ==,
                    NVME_INVALID_FIELD);
    /* more than MDTS, 2^7 pages */
    nowhere = nvme_cmd(NVME_CMD_READ, NS_PLAIN);
    nowhere.cdw12 = cpu_to_le32(2047);
    g_assert_cmphex(nvme_ring_exec(rig->io, &nowhere, NULL) & 0x7ff, ==,
                    NVME_INVALID_FIELD);
    g_assert_cmphex(zoned(rig, NVME_CMD_READ, FI_ZONE_BLOCKS - 1, 2) & 0x7ff,
                    ==, NVME_ZONE_BOUNDARY_ERROR);
    fi_rig_free(rig);
}

/* As part of a rule it takes what it is not told from the command. */
static void test_rule(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'id':'r','opcode':'read','slba':40,'nlb':8,'times':1,"
           "'action':'none','trigger':[{'trigger':'media'}]}");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_READ, 44, 8), ==, UNRECOVERED_READ);
    check_media(rig, "1:44+8");
    fi_clear(rig);
    g_assert_cmphex(fi_read(rig, 51), ==, UNRECOVERED_READ);
    /* the write that makes the blocks bad writes them, too */
    fi_add(rig, "{'id':'w','opcode':'write','action':'none',"
           "'trigger':[{'trigger':'media','heal':false}]}");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE, 44, 8), ==, 0);
    check_media(rig, "1:44+8!");
    /* a flush has no blocks: left out, and the flush goes on */
    fi_add(rig, "{'id':'f','opcode':'flush','action':'none',"
           "'trigger':[{'trigger':'media'}]}");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_FLUSH, 0, 1), ==, 0);
    g_assert_cmpint(fi_hits(rig, "f"), ==, 1);
    check_media(rig, "1:44+8!");
    fi_rig_free(rig);
}

#define TWO_TRIGGERS "{'trigger':'media','slba':5},{'trigger':'media',%s}"

static void test_refused(void)
{
    static const char *rows[][2] = {
        { "'slba':0,'nlb':0", "nlb 0: must be 1 or more" },
        { "'nlb':1", "slba: must be given outside of a rule" },
        { "'slba':0,'nsid':0", "nsid 0: must be 1 to 256" },
        { "'slba':0,'nsid':257", "nsid 257: must be 1 to 256" },
        { "'slba':0,'nsid':9", "nsid 9: the subsystem has no such namespace" },
        { "'slba':65536", "slba 65536 with nlb 1: namespace 1 has 65536 "
          "blocks" },
        { "'slba':65535,'nlb':2", "slba 65535 with nlb 2" },
        { "'slba':9223372036854775807,'nlb':2", "2^63-1 or less" },
        { "'slba':0,'status':'success'", "status 'success': must be an "
          "error" },
        { "'slba':0,'status':'unrecoverd-read-error'",
          "did you mean 'unrecovered-read-error'?" },
        { "'slba':0,'good':true,'heal':true", "good on: not with heal" },
        { "'slba':0,'good':true,'status':'0x281'", "not with status" },
    };
    FiRig *rig = fi_rig_start();

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        fi_trigger_refused(rig, "trigger number 2", TWO_TRIGGERS, rows[i][0]);
        fi_trigger_refused(rig, rows[i][1], TWO_TRIGGERS, rows[i][0]);
        check_media(rig, "");
    }
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/media/every-read-fails", test_every_read_fails);
    g_test_add_func("/nvme-fi/media/nothing-is-transferred",
                    test_nothing_is_transferred);
    g_test_add_func("/nvme-fi/media/status", test_status);
    g_test_add_func("/nvme-fi/media/writes-heal", test_writes_heal);
    g_test_add_func("/nvme-fi/media/what-does-not-heal",
                    test_what_does_not_heal);
    g_test_add_func("/nvme-fi/media/neighbours-merge", test_neighbours_merge);
    g_test_add_func("/nvme-fi/media/copy-source", test_copy_source);
    g_test_add_func("/nvme-fi/media/misdirected-to-the-end",
                    test_misdirected_to_the_end);
    g_test_add_func("/nvme-fi/media/format-heals", test_format_heals);
    g_test_add_func("/nvme-fi/media/zoned", test_zoned);
    g_test_add_func("/nvme-fi/media/model-errors-win", test_model_errors_win);
    g_test_add_func("/nvme-fi/media/rule", test_rule);
    g_test_add_func("/nvme-fi/media/refused", test_refused);
    return g_test_run();
}
