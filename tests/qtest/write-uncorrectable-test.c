/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test sends Write Uncorrectable (NVM Command Set 1.1, 3.3.7): its blocks
 * cannot be read until they are written again, in a zoned namespace at the
 * write pointer.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define UNRECOVERED_READ 0x281
#define ONCS_WRITE_UNCORRECTABLE (1 << 1)
#define OACS_GET_LBA_STATUS (1 << 9)

/* Turns the model on without a bad block. */
static FiRig *rig_on(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'media','slba':0,'good':true}");
    return rig;
}

static uint16_t mark(FiRig *rig, uint32_t nsid, uint64_t slba, uint32_t nlb)
{
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_WRITE_UNCOR, nsid, slba,
                              nlb, 0);

    return nvme_ring_exec(rig->io, &cmd, NULL);
}

static uint16_t zoned(FiRig *rig, uint8_t opcode, uint64_t slba, uint32_t nlb)
{
    NvmeCmd cmd = nvme_cmd_rw(rig->host, opcode, NS_ZONED, slba, nlb,
                              rig->data);

    return nvme_ring_exec(rig->io, &cmd, NULL);
}

static void test_without_the_model(void)
{
    FiRig *rig = fi_rig_start();

    g_assert_cmphex(mark(rig, NS_PLAIN, 8, 4) & 0x7ff, ==,
                    NVME_INVALID_OPCODE);
    fi_add(rig, "{'action':'none','opcode':'write-uncorrectable'}");
    g_assert_cmphex(mark(rig, NS_PLAIN, 8, 4) & 0x7ff, ==,
                    NVME_INVALID_OPCODE);
    fi_rig_free(rig);
}

static void test_plain(void)
{
    FiRig *rig = rig_on();

    nvme_fill(rig->io, NS_PLAIN, 0, 16, 0x42);
    g_assert_cmphex(mark(rig, NS_PLAIN, 8, 4), ==, 0);
    g_assert_cmphex(fi_read(rig, 7), ==, 0);
    g_assert_cmphex(fi_read(rig, 8), ==, UNRECOVERED_READ);
    g_assert_cmphex(fi_rw(rig, NVME_CMD_VERIFY, 11, 1), ==, UNRECOVERED_READ);
    g_assert_cmphex(fi_read(rig, 12), ==, 0);
    nvme_fill(rig->io, NS_PLAIN, 8, 4, 0x43);
    g_assert_true(nvme_holds(rig->io, NS_PLAIN, 8, 4, 0x43));
    /* it makes a block that writes do not heal one that they do */
    fi_trigger(rig, "{'trigger':'media','slba':20,'heal':false}");
    g_assert_cmphex(mark(rig, NS_PLAIN, 20, 1), ==, 0);
    nvme_fill(rig->io, NS_PLAIN, 20, 1, 0x44);
    g_assert_cmphex(fi_read(rig, 20), ==, 0);
    fi_rig_free(rig);
}

/* 65536 blocks, the most that a command can have, and no MDTS. */
static void test_whole_namespace(void)
{
    FiRig *rig = rig_on();

    g_assert_cmphex(mark(rig, NS_PLAIN, 0, 65536), ==, 0);
    g_assert_cmphex(fi_read(rig, 65535), ==, UNRECOVERED_READ);
    fi_rig_free(rig);
}

static void test_bad_commands(void)
{
    FiRig *rig = rig_on();
    NvmeCmd fused = nvme_cmd_rw(rig->host, NVME_CMD_WRITE_UNCOR, NS_PLAIN, 0,
                                1, 0);

    g_assert_cmphex(mark(rig, NS_PLAIN, 65535, 2), ==,
                    NVME_LBA_RANGE | NVME_DNR);
    g_assert_cmphex(mark(rig, NS_PLAIN, UINT64_MAX, 1), ==,
                    NVME_LBA_RANGE | NVME_DNR);
    g_assert_cmphex(mark(rig, 0, 0, 1), ==, NVME_INVALID_NSID | NVME_DNR);
    g_assert_cmphex(mark(rig, 0xffffffff, 0, 1), ==,
                    NVME_INVALID_NSID | NVME_DNR);
    g_assert_cmphex(mark(rig, 9, 0, 1), ==, NVME_INVALID_FIELD | NVME_DNR);
    fused.flags = 1;
    g_assert_cmphex(nvme_ring_exec(rig->io, &fused, NULL), ==,
                    NVME_INVALID_FIELD);
    g_assert_cmphex(fi_read(rig, 0), ==, 0);
    g_assert_cmphex(fi_read(rig, 65535), ==, 0);
    fi_rig_free(rig);
}

/* A write to a zone as any other (ZNS 1.2, 2.1.1.2.1). */
static void test_zoned(void)
{
    FiRig *rig = rig_on();
    const uint64_t zone = FI_ZONE_BLOCKS;
    NvmeZoneDescr descr;

    g_assert_cmphex(mark(rig, NS_ZONED, zone + 1, 4) & 0x7ff, ==,
                    NVME_ZONE_INVALID_WRITE);
    g_assert_cmphex(zoned(rig, NVME_CMD_WRITE, zone, 4), ==, 0);
    g_assert_cmphex(mark(rig, NS_ZONED, zone + 4, 4), ==, 0);
    descr = nvme_zone(rig->io, NS_ZONED, zone);
    g_assert_cmpint(le64_to_cpu(descr.wp), ==, zone + 8);
    g_assert_cmphex(zoned(rig, NVME_CMD_READ, zone, 4), ==, 0);
    g_assert_cmphex(zoned(rig, NVME_CMD_READ, zone + 4, 1), ==,
                    UNRECOVERED_READ);
    g_assert_cmphex(zoned(rig, NVME_CMD_READ, zone + 8, 1), ==, 0);
    /* a full zone takes none */
    g_assert_cmphex(mark(rig, NS_ZONED, zone + 8, FI_ZONE_BLOCKS - 8), ==, 0);
    descr = nvme_zone(rig->io, NS_ZONED, zone);
    g_assert_cmphex(descr.zs >> 4, ==, NVME_ZONE_STATE_FULL);
    g_assert_cmphex(mark(rig, NS_ZONED, zone + 8, 1) & 0x7ff, ==,
                    NVME_ZONE_FULL);
    fi_rig_free(rig);
}

/* The command log shows what the host sent. */
static void test_rules(void)
{
    FiRig *rig = rig_on();
    const uint64_t zone = FI_ZONE_BLOCKS;
    QDict *log;
    QListEntry *entry;

    fi_add(rig, "{'id':'w','opcode':'write-uncorrectable','action':'status',"
           "'status':'write-fault','skip':1}");
    g_assert_cmphex(mark(rig, NS_ZONED, zone, 1), ==, 0);
    g_assert_cmphex(mark(rig, NS_PLAIN, 8, 1), ==, 0x280);
    g_assert_cmphex(fi_read(rig, 8), ==, 0);
    g_assert_cmphex(zoned(rig, NVME_CMD_READ, zone, 1), ==, UNRECOVERED_READ);
    log = fi_log(rig, 1);
    QLIST_FOREACH_ENTRY(qdict_get_qlist(log, "commands"), entry) {
        QDict *command = qobject_to(QDict, qlist_entry_obj(entry));

        g_assert_cmpint(qdict_get_int(command, "opcode"), ==,
                        NVME_CMD_WRITE_UNCOR);
        g_assert_true(g_str_has_prefix(qdict_get_str(command, "sqe"), "04"));
    }
    g_assert_cmpint(qlist_size(qdict_get_qlist(log, "commands")), ==, 2);
    qobject_unref(log);
    fi_rig_free(rig);
}

static void read_identify(FiRig *rig, NvmeIdCtrl *id)
{
    NvmeCmd cmd = nvme_cmd_identify(rig->host, NVME_ID_CNS_CTRL, 0, rig->data);

    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL), ==, 0);
    qtest_bufread(rig->vm->qts, rig->data, id, sizeof(*id));
}

static void read_effects(FiRig *rig, uint8_t csi, NvmeEffectsLog *log)
{
    NvmeCmd cmd = nvme_cmd_get_log(rig->host, NVME_LOG_CMD_EFFECTS, 0, 0,
                                   rig->data, sizeof(*log));

    cmd.cdw14 = cpu_to_le32((uint32_t)csi << 24);
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL), ==, 0);
    qtest_bufread(rig->vm->qts, rig->data, log, sizeof(*log));
}

/* Identify and the effects log say that the commands are there, or not. */
static void check_announced(FiRig *rig, bool on)
{
    NvmeEffectsLog log;
    NvmeIdCtrl id;

    read_identify(rig, &id);
    g_assert_cmpint(!!(le16_to_cpu(id.oncs) & ONCS_WRITE_UNCORRECTABLE), ==,
                    on);
    g_assert_cmpint(!!(le16_to_cpu(id.oacs) & OACS_GET_LBA_STATUS), ==, on);
    for (uint8_t csi = 0; csi <= 2; csi += 2) {
        read_effects(rig, csi, &log);
        g_assert_cmphex(le32_to_cpu(log.acs[0x86]), ==, on ? 1 : 0);
        g_assert_cmphex(le32_to_cpu(log.iocs[4]), ==, on ? 3 : 0);
    }
}

static void test_announced(void)
{
    FiRig *rig = fi_rig_start();

    check_announced(rig, false);
    fi_add(rig, "{'action':'none','opcode':'flush'}");
    check_announced(rig, false);
    fi_trigger(rig, "{'trigger':'media','slba':0,'good':true}");
    check_announced(rig, true);
    fi_rig_reset(rig);
    check_announced(rig, true);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/write-uncorrectable/without-the-model",
                    test_without_the_model);
    g_test_add_func("/nvme-fi/write-uncorrectable/plain", test_plain);
    g_test_add_func("/nvme-fi/write-uncorrectable/whole-namespace",
                    test_whole_namespace);
    g_test_add_func("/nvme-fi/write-uncorrectable/bad-commands",
                    test_bad_commands);
    g_test_add_func("/nvme-fi/write-uncorrectable/zoned", test_zoned);
    g_test_add_func("/nvme-fi/write-uncorrectable/rules", test_rules);
    g_test_add_func("/nvme-fi/write-uncorrectable/announced", test_announced);
    return g_test_run();
}
