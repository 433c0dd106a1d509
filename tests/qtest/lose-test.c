/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test has commands acknowledged that have no effect on the medium, in
 * namespaces of every kind; what the drive refuses is still refused.
 */
#include "qemu/osdep.h"
#include "data-rig.h"
#include "qemu/units.h"

#define OLD 0x11
#define NEW 0x22

static void test_writes(void)
{
    static const uint32_t nsids[] = { NS_PLAIN, NS_META, NS_PI, NS_EXT };
    FiRig *rig = data_rig_new("");

    for (unsigned i = 0; i < ARRAY_SIZE(nsids); i++) {
        data_put(rig, nsids[i], 100, 8, OLD);
        fi_add(rig, "{'id':'r','action':'lose','opcode':'write'}");
        data_put(rig, nsids[i], 100, 8, NEW);
        g_assert_cmpint(fi_hits(rig, "r"), ==, 1);
        fi_clear(rig);
        g_assert_true(data_holds(rig, nsids[i], 100, 8, OLD));
        data_put(rig, nsids[i], 100, 8, NEW);
        g_assert_true(data_holds(rig, nsids[i], 100, 8, NEW));
    }
    fi_rig_free(rig);
}

static void test_others(void)
{
    static const NvmeDsmRange ranges[] = {
        { .slba = const_le64(100), .nlb = const_le32(8) },
        { .slba = 0, .nlb = const_le32(FI_NS_BYTES / NVME_LBA) },
    };
    static const NvmeCopySourceRangeFormat0_2 source = {
        .slba = const_le64(200), .nlb = const_le16(7),
    };
    FiRig *rig = data_rig_new("");
    NvmeCmd copy = nvme_cmd_copy(rig->host, NS_PLAIN, 100, &source, 1);

    data_put(rig, NS_PLAIN, 100, 8, OLD);
    data_put(rig, NS_PLAIN, 200, 8, NEW);
    fi_add(rig, "{'id':'r','action':'lose','queue':'io'}");
    g_assert_cmphex(data_exec(rig, NVME_CMD_WRITE_ZEROES, NS_PLAIN, 100, 8, 0,
                              NULL), ==, 0);
    g_assert_cmphex(data_deallocate(rig, ranges, 2), ==, 0);
    g_assert_cmphex(nvme_ring_exec(rig->io, &copy, NULL), ==, 0);
    g_assert_cmpint(fi_hits(rig, "r"), ==, 3);
    fi_clear(rig);
    g_assert_true(data_holds(rig, NS_PLAIN, 100, 8, OLD));
    g_assert_cmphex(nvme_ring_exec(rig->io, &copy, NULL), ==, 0);
    g_assert_true(data_holds(rig, NS_PLAIN, 100, 8, NEW));
    fi_rig_free(rig);
}

/* Not carried out: the drive's block backend sees no flush. */
static void test_flush(void)
{
    FiRig *rig = data_rig_new("");
    NvmeCmd flush = nvme_cmd(NVME_CMD_FLUSH, NS_PLAIN);
    uint64_t before = fi_block_stat(rig, 0, "flush_operations");
    QDict *log, *command;

    fi_add(rig, "{'id':'r','action':'lose','opcode':'flush'}");
    g_assert_cmphex(nvme_ring_exec(rig->io, &flush, NULL), ==, 0);
    g_assert_cmpint(fi_block_stat(rig, 0, "flush_operations"), ==, before);
    log = fi_log(rig, 1);
    command = qobject_to(QDict, qlist_peek(qdict_get_qlist(log, "commands")));
    g_assert_false(qdict_get_bool(command, "executed"));
    qobject_unref(log);
    fi_rig_free(rig);
}

/* The write pointer moves, the blocks stay as they were. */
static void test_zones(void)
{
    FiRig *rig = data_rig_new("");
    NvmeCmd reset = nvme_cmd_zone_send(NS_ZONED, 0, NVME_ZONE_ACTION_RESET,
                                       false);

    fi_add(rig, "{'action':'lose'}");
    g_assert_cmpint(data_append(rig, 0, 8, NEW), ==, 0);
    data_put(rig, NS_ZONED, 8, 8, NEW);
    fi_clear(rig);
    g_assert_true(data_holds(rig, NS_ZONED, 0, 16, 0));
    g_assert_cmpint(le64_to_cpu(nvme_zone(rig->io, NS_ZONED, 0).wp), ==, 16);
    /* a zone reset that is lost leaves the zone alone */
    fi_add(rig, "{'action':'lose','opcode':'zone-management-send'}");
    g_assert_cmphex(nvme_ring_exec(rig->io, &reset, NULL), ==, 0);
    g_assert_cmpint(le64_to_cpu(nvme_zone(rig->io, NS_ZONED, 0).wp), ==, 16);
    fi_clear(rig);
    g_assert_cmphex(nvme_ring_exec(rig->io, &reset, NULL), ==, 0);
    g_assert_cmpint(le64_to_cpu(nvme_zone(rig->io, NS_ZONED, 0).wp), ==, 0);
    fi_rig_free(rig);
}

/* What returns data cannot be lost: the host gets it as ever. */
static void test_reads_are_untouched(void)
{
    FiRig *rig = data_rig_new("");
    NvmeCmd identify = nvme_cmd_identify(rig->host, 1, 0, rig->data);

    data_put(rig, NS_PLAIN, 0, 8, NEW);
    fi_add(rig, "{'id':'r','action':'lose'}");
    g_assert_true(data_holds(rig, NS_PLAIN, 0, 8, NEW));
    qtest_memset(rig->vm->qts, rig->data, 0xee, NVME_PAGE);
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &identify, NULL), ==, 0);
    g_assert_cmphex(qtest_readw(rig->vm->qts, rig->data), ==, 0x1b36);
    g_assert_cmpint(fi_hits(rig, "r"), ==, 2);
    fi_rig_free(rig);
}

static void test_refused(void)
{
    FiRig *rig = data_rig_new("");

    fi_add(rig, "{'action':'lose'}");
    g_assert_cmphex(data_exec(rig, NVME_CMD_WRITE, NS_PLAIN,
                              FI_NS_BYTES / NVME_LBA - 4, 8, NEW, NULL) &
                    0x7ff, ==, NVME_LBA_RANGE);
    g_assert_cmphex(data_exec(rig, NVME_CMD_WRITE, NS_ZONED, 8, 8, NEW,
                              NULL) & 0x7ff, ==, NVME_ZONE_INVALID_WRITE);
    fi_rig_free(rig);
}

/* What its commands keep together has a limit, which is that of the schema:
 * 256 MiB.  What is more is left alone, until there is room again. */
static void test_too_much_together(void)
{
    FiRig *rig = data_rig_new("");
    const uint32_t all = FI_NS_BYTES / NVME_LBA;
    const unsigned n = 256 * MiB / FI_NS_BYTES;
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_WRITE_ZEROES, NS_PLAIN, 0,
                              all, 0);
    NvmeCmd small = nvme_cmd_rw(rig->host, NVME_CMD_WRITE_ZEROES, NS_ZONED, 0,
                                8, 0);

    fi_add(rig, "{'id':'l','action':'lose','opcode':'write-zeroes',"
           "'delay-ns':1000000000}");
    for (unsigned i = 0; i < n; i++) {
        nvme_ring_submit(rig->io, &cmd);
    }
    nvme_vm_settle(rig->vm);
    g_assert_cmpint(fi_hits(rig, "l"), ==, n);
    fi_clear(rig);
    fi_add(rig, "{'id':'c','action':'corrupt','how':'fill','value':%d,"
           "'opcode':'write-zeroes'}", NEW);
    small.cdw10 = cpu_to_le32(0);
    g_assert_cmphex(nvme_ring_exec(rig->io, &small, NULL), ==, 0);
    g_assert_true(data_holds(rig, NS_ZONED, 0, 8, 0));
    for (unsigned i = 0; i < n; i++) {
        NvmeCqe cqe;

        while (!nvme_ring_poll(rig->io, &cqe)) {
            nvme_vm_step(rig->vm, 1000000000);
        }
        g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, 0);
    }
    small.cdw10 = cpu_to_le32(FI_ZONE_BLOCKS);
    g_assert_cmphex(nvme_ring_exec(rig->io, &small, NULL), ==, 0);
    g_assert_true(data_holds(rig, NS_ZONED, FI_ZONE_BLOCKS, 8, NEW));
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/lose/writes", test_writes);
    g_test_add_func("/nvme-fi/lose/others", test_others);
    g_test_add_func("/nvme-fi/lose/flush", test_flush);
    g_test_add_func("/nvme-fi/lose/zones", test_zones);
    g_test_add_func("/nvme-fi/lose/reads-are-untouched",
                    test_reads_are_untouched);
    g_test_add_func("/nvme-fi/lose/refused", test_refused);
    g_test_add_func("/nvme-fi/lose/too-much-together",
                    test_too_much_together);
    data_add_interplay("lose", "{'id':'r','action':'lose','opcode':'write'}");
    return g_test_run();
}
