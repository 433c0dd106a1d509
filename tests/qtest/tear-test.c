/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test tears writes of every kind, in namespaces of every kind: the first
 * blocks hold what was written, the others what they held before.
 */
#include "qemu/osdep.h"
#include "data-rig.h"

#define OLD 0x11
#define NEW 0x22

/* 8 blocks from @slba on, of which the first 3 were written. */
static void expect_torn(FiRig *rig, uint32_t nsid, uint64_t slba)
{
    g_assert_true(data_holds(rig, nsid, slba, 3, NEW));
    g_assert_true(data_holds(rig, nsid, slba + 3, 5, OLD));
}

static void test_writes(void)
{
    static const uint32_t nsids[] = { NS_PLAIN, NS_META, NS_PI, NS_EXT };
    FiRig *rig = data_rig_new("");

    for (unsigned i = 0; i < ARRAY_SIZE(nsids); i++) {
        data_put(rig, nsids[i], 100, 10, OLD);
        fi_add(rig, "{'id':'r','action':'tear','blocks':3,'opcode':'write'}");
        data_put(rig, nsids[i], 101, 8, NEW);
        g_assert_cmpint(fi_hits(rig, "r"), ==, 1);
        fi_clear(rig);
        g_assert_true(data_holds(rig, nsids[i], 100, 1, OLD));
        expect_torn(rig, nsids[i], 101);
        g_assert_true(data_holds(rig, nsids[i], 109, 1, OLD));
    }
    fi_rig_free(rig);
}

static void test_numbers_of_blocks(void)
{
    static const unsigned blocks[] = { 0, 1, 7, 8, 9, 100000 };
    FiRig *rig = data_rig_new("");

    for (unsigned i = 0; i < ARRAY_SIZE(blocks); i++) {
        unsigned n = MIN(blocks[i], 8);

        data_put(rig, NS_PLAIN, 0, 8, OLD);
        fi_add(rig, "{'action':'tear','blocks':%u,'opcode':'write'}",
               blocks[i]);
        data_put(rig, NS_PLAIN, 0, 8, NEW);
        fi_clear(rig);
        g_assert_true(!n || data_holds(rig, NS_PLAIN, 0, n, NEW));
        g_assert_true(n == 8 || data_holds(rig, NS_PLAIN, n, 8 - n, OLD));
    }
    fi_rig_free(rig);
}

static void test_write_zeroes(void)
{
    FiRig *rig = data_rig_new("");

    data_put(rig, NS_META, 0, 8, OLD);
    fi_add(rig, "{'action':'tear','blocks':3}");
    g_assert_cmphex(data_exec(rig, NVME_CMD_WRITE_ZEROES, NS_META, 0, 8, 0,
                              NULL), ==, 0);
    fi_clear(rig);
    g_assert_true(data_holds(rig, NS_META, 0, 3, 0));
    g_assert_true(data_holds(rig, NS_META, 3, 5, OLD));
    fi_rig_free(rig);
}

/* Blocks are counted over all ranges; one beyond the end is skipped. */
static void test_deallocate(void)
{
    static const NvmeDsmRange ranges[] = {
        { .slba = const_le64(200), .nlb = const_le32(8) },
        { .slba = const_le64(1ull << 40), .nlb = const_le32(8) },
        { .slba = const_le64(100), .nlb = const_le32(8) },
        { .slba = const_le64(300), .nlb = const_le32(8) },
    };
    FiRig *rig = data_rig_new("");

    data_put(rig, NS_PLAIN, 100, 8, OLD);
    data_put(rig, NS_PLAIN, 200, 8, OLD);
    data_put(rig, NS_PLAIN, 300, 8, OLD);
    fi_add(rig, "{'action':'tear','blocks':10,'opcode':'dataset-management'}");
    g_assert_cmphex(data_deallocate(rig, ranges, 4), ==, 0);
    fi_clear(rig);
    g_assert_true(data_holds(rig, NS_PLAIN, 200, 8, 0));
    g_assert_true(data_holds(rig, NS_PLAIN, 100, 2, 0));
    g_assert_true(data_holds(rig, NS_PLAIN, 102, 6, OLD));
    g_assert_true(data_holds(rig, NS_PLAIN, 300, 8, OLD));
    fi_rig_free(rig);
}

/* A block that was never written is left as it was: all zeroes. */
static void test_zones(void)
{
    FiRig *rig = data_rig_new("");

    fi_add(rig, "{'action':'tear','blocks':3}");
    data_put(rig, NS_ZONED, 0, 8, NEW);
    g_assert_cmpint(data_append(rig, 0, 8, NEW), ==, 8);
    g_assert_cmpint(data_append(rig, FI_ZONE_BLOCKS, 8, NEW), ==,
                    FI_ZONE_BLOCKS);
    fi_clear(rig);
    for (uint64_t slba = 0; slba < 16; slba += 8) {
        g_assert_true(data_holds(rig, NS_ZONED, slba, 3, NEW));
        g_assert_true(data_holds(rig, NS_ZONED, slba + 3, 5, 0));
    }
    g_assert_true(data_holds(rig, NS_ZONED, FI_ZONE_BLOCKS, 3, NEW));
    g_assert_true(data_holds(rig, NS_ZONED, FI_ZONE_BLOCKS + 3, 5, 0));
    /* the zone saw the whole writes */
    g_assert_cmpint(le64_to_cpu(nvme_zone(rig->io, NS_ZONED, 0).wp), ==, 16);
    fi_rig_free(rig);
}

static void test_zrwa(void)
{
    FiRig *rig = data_rig_new("");
    NvmeCmd open = nvme_cmd_zone_send(NS_ZRWA, 0, NVME_ZONE_ACTION_OPEN,
                                      false);

    open.cdw13 |= cpu_to_le32(1 << 9);      /* ZRWAA */
    g_assert_cmphex(nvme_ring_exec(rig->io, &open, NULL), ==, 0);
    data_put(rig, NS_ZRWA, 4, 8, OLD);
    fi_add(rig, "{'action':'tear','blocks':3}");
    data_put(rig, NS_ZRWA, 4, 8, NEW);
    fi_clear(rig);
    expect_torn(rig, NS_ZRWA, 4);
    fi_rig_free(rig);
}

static void test_status(void)
{
    FiRig *rig = data_rig_new("");

    data_put(rig, NS_PLAIN, 0, 8, OLD);
    fi_add(rig, "{'action':'tear','blocks':3,'status':'write-fault',"
           "'dnr':true}");
    g_assert_cmphex(data_exec(rig, NVME_CMD_WRITE, NS_PLAIN, 0, 8, NEW, NULL),
                    ==, NVME_WRITE_FAULT | NVME_DNR);
    fi_clear(rig);
    expect_torn(rig, NS_PLAIN, 0);
    fi_rig_free(rig);
}

/* A write that the drive refuses is not torn, and has its own status. */
static void test_refused(void)
{
    FiRig *rig = data_rig_new("");

    fi_add(rig, "{'id':'r','action':'tear','blocks':0,"
           "'status':'write-fault'}");
    g_assert_cmphex(data_exec(rig, NVME_CMD_WRITE, NS_PLAIN,
                              FI_NS_BYTES / NVME_LBA - 4, 8, NEW, NULL) &
                    0x7ff, ==, NVME_LBA_RANGE);
    g_assert_cmphex(data_exec(rig, NVME_CMD_WRITE, NS_ZONED, 8, 8, NEW,
                              NULL) & 0x7ff, ==, NVME_ZONE_INVALID_WRITE);
    g_assert_cmphex(data_exec(rig, NVME_CMD_WRITE, 77, 8, 8, NEW, NULL) &
                    0x7ff, ==, NVME_INVALID_FIELD);
    g_assert_cmpint(fi_hits(rig, "r"), ==, 3);
    fi_rig_free(rig);
}

/* Commands that are over, of those that a rule acted on. */
static size_t logged(FiRig *rig)
{
    QDict *log = fi_log(rig, 1);
    size_t n = qlist_size(qdict_get_qlist(log, "commands"));

    qobject_unref(log);
    return n;
}

/* No answer, but a place in the queue that comes back. */
static void test_drop(void)
{
    FiRig *rig = data_rig_new("");
    NvmeRing *small = nvme_ring_new(rig->host, 2, 4);
    NvmeCmd cmd;

    data_put(rig, NS_PLAIN, 0, 8, OLD);
    qtest_memset(rig->vm->qts, rig->data, NEW, FI_DATA_BYTES);
    fi_add(rig, "{'id':'r','action':'tear','blocks':3,'drop':true}");
    cmd = data_cmd(rig, NVME_CMD_WRITE, NS_PLAIN, 0, 8);
    for (int i = 0; i < 10; i++) {
        nvme_ring_submit(small, &cmd);
        nvme_ring_assert_idle(small);
        while (logged(rig) <= i) {
            nvme_vm_settle(rig->vm);
        }
    }
    nvme_ring_assert_idle(small);
    fi_clear(rig);
    expect_torn(rig, NS_PLAIN, 0);
    nvme_ring_free(small);
    fi_rig_free(rig);
}

static void test_delay(void)
{
    FiRig *rig = data_rig_new("");
    uint64_t addr = nvme_alloc(rig->host, NVME_PAGE);
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_WRITE, NS_PLAIN, 0, 8, addr);
    NvmeCqe cqe;

    data_put(rig, NS_PLAIN, 0, 8, OLD);
    qtest_memset(rig->vm->qts, addr, NEW, NVME_PAGE);
    fi_add(rig, "{'action':'tear','blocks':3,'opcode':'write',"
           "'delay-ns':1000000000,'status':'write-fault'}");
    nvme_ring_submit(rig->io, &cmd);
    while (!data_holds(rig, NS_PLAIN, 0, 3, NEW) ||
           !data_holds(rig, NS_PLAIN, 3, 5, OLD)) {
        nvme_vm_settle(rig->vm);
    }
    nvme_ring_assert_idle(rig->io);
    nvme_vm_step(rig->vm, 1000000000);
    nvme_ring_wait(rig->io, &cqe);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, NVME_WRITE_FAULT);
    expect_torn(rig, NS_PLAIN, 0);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/tear/writes", test_writes);
    g_test_add_func("/nvme-fi/tear/numbers-of-blocks", test_numbers_of_blocks);
    g_test_add_func("/nvme-fi/tear/write-zeroes", test_write_zeroes);
    g_test_add_func("/nvme-fi/tear/deallocate", test_deallocate);
    g_test_add_func("/nvme-fi/tear/zones", test_zones);
    g_test_add_func("/nvme-fi/tear/zrwa", test_zrwa);
    g_test_add_func("/nvme-fi/tear/status", test_status);
    g_test_add_func("/nvme-fi/tear/refused", test_refused);
    g_test_add_func("/nvme-fi/tear/drop", test_drop);
    g_test_add_func("/nvme-fi/tear/delay", test_delay);
    data_add_interplay("tear", "{'id':'r','action':'tear','blocks':3,"
                       "'opcode':'write'}");
    return g_test_run();
}
