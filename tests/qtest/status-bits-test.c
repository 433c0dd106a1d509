/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test asks for each of the 2,048 status codes with each combination of
 * DNR, More and CRD, and finds exactly those bits in the raw CQE of a read
 * (NVMe Base 2.1, 4.2.3: SC 7:0, SCT 10:8, CRD 12:11, M 13, DNR 14).
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define STATUSES        (1u << 15)
#define BATCH           1024u

/*
 * The rule that answers a read of LBA @status with @status.  The bits beyond
 * SCT and SC are members for every other block of codes, or part of the
 * number.
 */
static void append_rule(GString *rules, unsigned status, bool execute)
{
    bool as_members = status & 0x800;

    g_string_append_printf(rules, "%s{'action':'status','opcode':'read',"
                           "'slba':%u,'nlb':1,'status':'0x%x'",
                           rules->len ? "," : "", status,
                           as_members ? status & 0x7ff : status);
    if (as_members) {
        g_string_append_printf(rules, ",'crd':%u,'more':%s,'dnr':%s",
                               status >> 11 & 3,
                               status & 0x2000 ? "true" : "false",
                               status & 0x4000 ? "true" : "false");
    }
    g_string_append(rules, execute ? ",'execute':true}" : "}");
}

static void check_batch(FiRig *rig, unsigned first, unsigned step)
{
    NvmeCmd cmds[BATCH];
    NvmeCqe cqes[BATCH];
    uint16_t cid;

    for (unsigned i = 0; i < BATCH; i++) {
        cmds[i] = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN,
                              first + i * step, 1, rig->data);
    }
    cid = nvme_ring_push_many(rig->io, cmds, BATCH);
    nvme_ring_kick(rig->io);
    nvme_ring_wait_many(rig->io, cqes, BATCH);
    for (unsigned i = 0; i < BATCH; i++) {
        unsigned index = (uint16_t)(le16_to_cpu(cqes[i].cid) - cid);

        g_assert_cmpint(index, <, BATCH);
        g_assert_cmphex(NVME_CQE_STATUS(&cqes[i]), ==, first + index * step);
        g_assert_cmphex(le16_to_cpu(cqes[i].sq_id), ==, rig->io->id);
        g_assert_cmphex(cqes[i].result, ==, 0);
        g_assert_cmphex(cqes[i].dw1, ==, 0);
    }
}

static void test_every_status(void)
{
    FiRig *rig = fi_rig_start();
    g_autoptr(GString) rules = g_string_new("");

    for (unsigned status = 0; status < STATUSES; status++) {
        append_rule(rules, status, false);
    }
    fi_add(rig, "%s", rules->str);
    qtest_memset(rig->vm->qts, rig->data, 0xcc, NVME_LBA);
    for (unsigned first = 0; first < STATUSES; first += BATCH) {
        check_batch(rig, first, 1);
    }
    /* not one of the 32,768 reads was carried out */
    g_assert_true(nvme_memory_holds(rig->host, rig->data, NVME_LBA, 0xcc));
    g_assert_cmpint(fi_block_stat(rig, 0, "rd_operations"), ==, 0);
    g_assert_cmphex(fi_read(rig, STATUSES), ==, 0);
    fi_rig_free(rig);
}

static void test_every_status_executed(void)
{
    FiRig *rig = fi_rig_start();
    g_autoptr(GString) rules = g_string_new("");

    /* bit 0 to 14 in every position, the codes at random: an odd stride */
    for (unsigned i = 0; i < 2 * BATCH; i++) {
        append_rule(rules, i * 15 + 1, true);
    }
    fi_add(rig, "%s", rules->str);
    qtest_memset(rig->vm->qts, rig->data, 0xcc, NVME_LBA);
    check_batch(rig, 1, 15);
    check_batch(rig, BATCH * 15 + 1, 15);
    g_assert_true(nvme_memory_holds(rig->host, rig->data, NVME_LBA, 0));
    g_assert_cmpint(fi_block_stat(rig, 0, "rd_operations"), ==, 2 * BATCH);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/status-bits/every-status", test_every_status);
    g_test_add_func("/nvme-fi/status-bits/every-status-executed",
                    test_every_status_executed);
    return g_test_run();
}
