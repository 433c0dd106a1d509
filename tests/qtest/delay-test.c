/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test delays commands and steps virtual time: the CQE is absent one
 * nanosecond before it is due and there at that nanosecond, and nothing else
 * is held up.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define DELAY   1000000007      /* ns; prime, so that no rounding hides */
#define MANY    1000u           /* commands that wait at once */

static NvmeCmd read_of(FiRig *rig, uint64_t slba)
{
    return nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, slba, 1, rig->data);
}

/* Waits until @n reads of the medium are over; time does not move. */
static void wait_reads(FiRig *rig, uint64_t n)
{
    uint64_t deadline = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;

    while (fi_block_stat(rig, 0, "rd_operations") < n) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
    }
    nvme_vm_settle(rig->vm);
}

/* A read that matches @rule ends @DELAY after its fetch with @status. */
static void run_one(const char *rule, bool execute, uint16_t status)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = read_of(rig, 8);
    NvmeCqe cqe;
    uint16_t cid;

    fi_add(rig, "{'slba':8,'nlb':1,'delay-ns':%d,%s}", DELAY, rule);
    qtest_memset(rig->vm->qts, rig->data, 0xcc, NVME_LBA);
    cid = nvme_ring_submit(rig->io, &cmd);
    nvme_ring_assert_idle(rig->io);
    wait_reads(rig, execute);
    g_assert_cmpint(nvme_host_irq(rig->host, 1), ==, 0);
    g_assert_true(nvme_memory_holds(rig->host, rig->data, NVME_LBA, 0xcc) !=
                  execute);

    /* others overtake it, on the same queue */
    g_assert_cmphex(fi_read(rig, 9), ==, 0);

    nvme_vm_step(rig->vm, DELAY - 1);
    nvme_ring_assert_idle(rig->io);
    g_assert_cmphex(fi_read(rig, 9), ==, 0);
    nvme_host_irq_clear(rig->host, 1);
    nvme_vm_step(rig->vm, 1);
    nvme_ring_wait(rig->io, &cqe);
    nvme_vm_settle(rig->vm);
    g_assert_cmpint(nvme_host_irq(rig->host, 1), ==, 2);    /* vector + 1 */
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==, cid);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, status);
    nvme_vm_step(rig->vm, DELAY);
    nvme_ring_assert_idle(rig->io);
    fi_rig_free(rig);
}

static void test_none(void)
{
    run_one("'action':'none'", true, 0);
}

static void test_status(void)
{
    run_one("'action':'status','status':'access-denied'", false,
            FI_ACCESS_DENIED);
}

static void test_status_executed(void)
{
    run_one("'action':'status','status':'access-denied','execute':true", true,
            FI_ACCESS_DENIED);
}

static void test_acknowledged(void)
{
    run_one("'action':'status','status':'success'", false, 0);
}

/* An admin command waits like any other; the queue goes on. */
static void test_admin(void)
{
    FiRig *rig = fi_rig_start();
    NvmeRing *admin = &rig->host->admin;
    NvmeCmd slow = nvme_cmd_get_feature(NVME_TEMPERATURE_THRESHOLD);
    NvmeCmd quick = nvme_cmd_get_feature(NVME_NUMBER_OF_QUEUES);
    NvmeCqe cqe;
    uint16_t cid;

    fi_add(rig, "{'action':'none','opcode':'get-features','fid':4,"
           "'delay-ns':%d}", DELAY);
    cid = nvme_ring_submit(admin, &slow);
    g_assert_cmphex(nvme_ring_exec(admin, &quick, NULL), ==, 0);
    nvme_vm_step(rig->vm, DELAY - 1);
    nvme_ring_assert_idle(admin);
    nvme_vm_step(rig->vm, 1);
    nvme_ring_wait(admin, &cqe);
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==, cid);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, 0);
    g_assert_cmphex(cqe.result, !=, 0);
    fi_rig_free(rig);
}

/* Each of many commands ends at a nanosecond of its own, in that order, which
 * is not the order of submission. */
static void test_many(void)
{
    FiRig *rig = fi_rig_start();
    g_autoptr(GString) rules = g_string_new("");
    NvmeCmd cmds[MANY];
    uint16_t first;

    for (unsigned i = 0; i < MANY; i++) {
        unsigned rank = i * 7 % MANY;       /* a permutation: gcd(7, 1000) 1 */

        g_string_append_printf(rules, "%s{'action':'status','slba':%u,'nlb':1,"
                               "'status':'0x%x','delay-ns':%u}", i ? "," : "",
                               i, 1 + rank, 10 + rank);
        cmds[i] = read_of(rig, i);
    }
    fi_add(rig, "%s", rules->str);
    first = nvme_ring_push_many(rig->io, cmds, MANY);
    nvme_ring_kick(rig->io);
    nvme_ring_assert_idle(rig->io);
    nvme_vm_step(rig->vm, 9);
    nvme_ring_assert_idle(rig->io);
    for (unsigned rank = 0; rank < MANY; rank++) {
        NvmeCqe cqe;

        nvme_vm_step(rig->vm, 1);
        nvme_ring_wait(rig->io, &cqe);
        g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, 1 + rank);
        g_assert_cmpint((uint16_t)(le16_to_cpu(cqe.cid) - first) * 7 % MANY,
                        ==, rank);
    }
    nvme_ring_assert_idle(rig->io);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* All at one nanosecond, in one step that passes it by far. */
static void test_many_at_once(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmds[MANY];
    NvmeCqe cqes[MANY];

    fi_add(rig, "{'action':'status','opcode':'read','status':'access-denied',"
           "'delay-ns':%d}", DELAY);
    for (unsigned i = 0; i < MANY; i++) {
        cmds[i] = read_of(rig, i);
    }
    for (int round = 0; round < 4; round++) {
        nvme_ring_push_many(rig->io, cmds, MANY);
        nvme_ring_kick(rig->io);
        nvme_ring_assert_idle(rig->io);
        nvme_vm_step(rig->vm, 2 * (int64_t)DELAY);
        nvme_ring_wait_many(rig->io, cqes, MANY);
        for (unsigned i = 0; i < MANY; i++) {
            g_assert_cmphex(NVME_CQE_STATUS(&cqes[i]), ==, FI_ACCESS_DENIED);
        }
    }
    fi_clear(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* The largest delay of the schema is no overflow: it just does not end. */
static void test_for_ever(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = read_of(rig, 8);

    fi_add(rig, "{'action':'none','slba':8,'nlb':1,'delay-ns':%" PRId64 "}",
           INT64_MAX);
    nvme_vm_step(rig->vm, DELAY);
    nvme_ring_submit(rig->io, &cmd);
    wait_reads(rig, 1);
    nvme_vm_step(rig->vm, DELAY);
    nvme_ring_assert_idle(rig->io);
    fi_rig_reset(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/delay/none", test_none);
    g_test_add_func("/nvme-fi/delay/status", test_status);
    g_test_add_func("/nvme-fi/delay/status-executed", test_status_executed);
    g_test_add_func("/nvme-fi/delay/acknowledged", test_acknowledged);
    g_test_add_func("/nvme-fi/delay/admin", test_admin);
    g_test_add_func("/nvme-fi/delay/many", test_many);
    g_test_add_func("/nvme-fi/delay/many-at-once", test_many_at_once);
    g_test_add_func("/nvme-fi/delay/for-ever", test_for_ever);
    return g_test_run();
}
