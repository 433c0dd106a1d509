/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test is a guest that writes garbage into doorbells, SQEs and registers
 * while rules of every kind are armed.  QEMU must live through it, and the
 * device must work after a reset.  The garbage comes from fixed seeds.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define ROUNDS  200

/* Rules that catch everything, in turn, with every action and effect. */
static void arm(FiRig *rig)
{
    fi_add(rig, "{'action':'none','every':7,'delay-ns':1000},"
           "{'action':'status','every':5,'status':'0x7fff','execute':true,"
           "'delay-ns':1},"
           "{'action':'status','every':4,'status':'internal-error',"
           "'delay-ns':100000},"
           "{'action':'status','every':3,'status':'success'},"
           "{'action':'status','every':2,'status':'0x281','execute':true},"
           "{'action':'none','slba':0,'nlb':9223372036854775807,'every':11},"
           "{'action':'status','opcode':'dataset-management','slba':1,"
           "'nlb':1,'status':'0x6'},"
           "{'action':'status','opcode':'copy','slba':1,'nlb':1,"
           "'status':'0x6'}");
}

/* What can be seen of a device that is still there. */
static void assert_recovers(FiRig *rig)
{
    fi_clear(rig);
    fi_rig_reset(rig);
    nvme_vm_step(rig->vm, 1000000);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

static void fill(GRand *rand, void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ((uint8_t *)bytes)[i] = g_rand_int(rand);
    }
}

/* An SQE that is random, but for members that are plausible now and then. */
static NvmeCmd garbage(FiRig *rig, GRand *rand)
{
    static const uint8_t opcodes[] = {
        NVME_CMD_FLUSH, NVME_CMD_WRITE, NVME_CMD_READ, NVME_CMD_COMPARE,
        NVME_CMD_WRITE_ZEROES, NVME_CMD_DSM, NVME_CMD_VERIFY, NVME_CMD_COPY,
        NVME_CMD_ZONE_MGMT_SEND, NVME_CMD_ZONE_MGMT_RECV,
        NVME_CMD_ZONE_APPEND,
    };
    NvmeCmd cmd;

    fill(rand, &cmd, sizeof(cmd));
    if (g_rand_int(rand) & 3) {
        cmd.opcode = opcodes[g_rand_int_range(rand, 0, ARRAY_SIZE(opcodes))];
        cmd.flags = 0;
        cmd.nsid = cpu_to_le32(g_rand_int_range(rand, 0, 4));
    }
    if (g_rand_int(rand) & 1) {
        cmd.dptr.prp1 = cpu_to_le64(rig->data);
        cmd.cdw10 &= cpu_to_le32(0xffff);
        cmd.cdw11 = 0;
        cmd.cdw12 &= cpu_to_le32(0xff);
    }
    return cmd;
}

/* Takes whatever CQEs there are. */
static void drain(NvmeRing *ring)
{
    NvmeCqe cqe;

    while (nvme_ring_poll(ring, &cqe)) {
        continue;
    }
}

static void test_io_garbage(void)
{
    FiRig *rig = fi_rig_start();
    GRand *rand = g_rand_new_with_seed(1);

    arm(rig);
    for (int i = 0; i < ROUNDS; i++) {
        NvmeCmd cmds[32];

        for (unsigned j = 0; j < ARRAY_SIZE(cmds); j++) {
            cmds[j] = garbage(rig, rand);
        }
        nvme_ring_push_many(rig->io, cmds, ARRAY_SIZE(cmds));
        nvme_ring_kick(rig->io);
        nvme_vm_step(rig->vm, g_rand_int_range(rand, 0, 200000));
        drain(rig->io);
    }
    g_rand_free(rand);
    assert_recovers(rig);
}

static void test_admin_garbage(void)
{
    FiRig *rig = fi_rig_start();
    GRand *rand = g_rand_new_with_seed(2);

    arm(rig);
    for (int i = 0; i < ROUNDS; i++) {
        NvmeCmd cmds[4];

        for (unsigned j = 0; j < ARRAY_SIZE(cmds); j++) {
            cmds[j] = garbage(rig, rand);
            cmds[j].opcode = g_rand_int_range(rand, 0, 0x20);
        }
        nvme_ring_push_many(&rig->host->admin, cmds, ARRAY_SIZE(cmds));
        nvme_ring_kick(&rig->host->admin);
        nvme_vm_step(rig->vm, g_rand_int_range(rand, 0, 200000));
        drain(&rig->host->admin);
    }
    g_rand_free(rand);
    assert_recovers(rig);
}

static void test_doorbell_garbage(void)
{
    FiRig *rig = fi_rig_start();
    GRand *rand = g_rand_new_with_seed(3);

    arm(rig);
    /* SQEs that were never written are zeroes: flushes of namespace 0 */
    for (int i = 0; i < ROUNDS; i++) {
        nvme_host_set_reg(rig->host, 0x1000 + g_rand_int_range(rand, 0, 16),
                          g_rand_int_range(rand, 0, 2 * FI_IO_ENTRIES));
        nvme_host_set_reg(rig->host, 0x1000 + 4 * g_rand_int_range(rand, 0,
                                                                   140),
                          g_rand_int(rand));
        nvme_vm_step(rig->vm, 100);
    }
    g_rand_free(rand);
    assert_recovers(rig);
}

/* Registers, with commands in flight, resets and half resets among them. */
static void test_register_garbage(void)
{
    FiRig *rig = fi_rig_start();
    GRand *rand = g_rand_new_with_seed(4);

    arm(rig);
    for (int i = 0; i < ROUNDS; i++) {
        NvmeCmd cmd = garbage(rig, rand);

        nvme_ring_submit(rig->io, &cmd);
        nvme_host_set_reg(rig->host, 4 * g_rand_int_range(rand, 0, 0x40 / 4),
                          g_rand_int(rand));
        if (!(i % 10)) {
            fi_clear(rig);          /* or creating the queue would fail */
            fi_rig_reset(rig);
            arm(rig);
        }
    }
    g_rand_free(rand);
    assert_recovers(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/hostile-guest/io", test_io_garbage);
    g_test_add_func("/nvme-fi/hostile-guest/admin", test_admin_garbage);
    g_test_add_func("/nvme-fi/hostile-guest/doorbells", test_doorbell_garbage);
    g_test_add_func("/nvme-fi/hostile-guest/registers", test_register_garbage);
    return g_test_run();
}
