/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test resets a zone while a Copy to it waits for its source.  The zone
 * must be open and hold the copy then; with stock QEMU it says that it is empty
 * and takes no write any more.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define SECOND      1000000000
#define TARGET      FI_ZONE_BLOCKS      /* first block of the second zone */
#define BLOCKS      4

static void reset_zone(FiRig *rig)
{
    NvmeCmd cmd = nvme_cmd_zone_send(NS_ZONED, TARGET,
                                     NVME_ZONE_ACTION_RESET, false);

    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, 0);
}

/* Reads of the zoned namespace begin one a second: the first at once. */
static void throttle_reads(FiRig *rig)
{
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_ZONED, 0, 1,
                              rig->data);

    qtest_qmp_assert_success(rig->vm->qts,
        "{'execute':'block_set_io_throttle','arguments':{'device':'d1',"
        "'bps':0,'bps_rd':0,'bps_wr':0,'iops':0,'iops_rd':1,'iops_wr':0}}");
    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, 0);
}

/* A Copy to the second zone, which is reset before the source was read. */
static FiRig *copy_and_reset(const char *binary)
{
    NvmeCopySourceRangeFormat0_2 range = { .nlb = cpu_to_le16(BLOCKS - 1) };
    FiRig *rig = fi_rig_new(binary, "");
    NvmeCqe cqe;
    NvmeCmd cmd;

    nvme_fill(rig->io, NS_ZONED, 0, BLOCKS, 0x5a);
    throttle_reads(rig);
    cmd = nvme_cmd_copy(rig->host, NS_ZONED, TARGET, &range, 1);
    nvme_ring_submit(rig->io, &cmd);
    nvme_ring_assert_idle(rig->io);
    reset_zone(rig);
    nvme_vm_step(rig->vm, 3 * (int64_t)SECOND);
    nvme_ring_wait(rig->io, &cqe);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, 0);
    return rig;
}

static uint16_t write_start(FiRig *rig)
{
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_WRITE, NS_ZONED, TARGET, 1,
                              rig->data);

    return nvme_ring_exec(rig->io, &cmd, NULL) & 0x7ff;
}

static void test_stock_has_the_defect(void)
{
    FiRig *rig = copy_and_reset(NVME_VM_STOCK);

    reset_zone(rig);
    g_assert_cmphex(write_start(rig), ==, NVME_ZONE_INVALID_WRITE);
    fi_rig_free(rig);
}

static void test_opens_the_zone(void)
{
    FiRig *rig = copy_and_reset(NVME_VM_PATCHED);
    NvmeZoneDescr zone;

    /* reads are slow still: the report of the zones is none */
    zone = nvme_zone(rig->io, NS_ZONED, TARGET);
    g_assert_cmphex(zone.zs >> 4, ==, NVME_ZONE_STATE_IMPLICITLY_OPEN);
    g_assert_cmpint(le64_to_cpu(zone.wp), ==, TARGET + BLOCKS);
    reset_zone(rig);
    g_assert_cmphex(write_start(rig), ==, 0);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/copy-zone/stock-has-the-defect",
                    test_stock_has_the_defect);
    g_test_add_func("/nvme-fi/copy-zone/opens-the-zone", test_opens_the_zone);
    return g_test_run();
}
