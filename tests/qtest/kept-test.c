/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test has commands that are held, and dropped ones that can and cannot be
 * aborted, when something drastic happens to the controller: nothing aborts or
 * leaks, places in the queue come back, nothing is there to be released any
 * more, and the device works.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define KINDS   6u
#define KEPT    24u             /* commands, four of each kind */
#define LATE    INT64_C(60000000000)    /* ns */

#define RULES \
    "{'id':'hold','action':'hold','slba':0,'nlb':100}," \
    "{'id':'hold-on','action':'hold','slba':100,'nlb':100,'execute':true}," \
    "{'id':'hard','action':'hold','slba':200,'nlb':100," \
    "'abort':'not-aborted'}," \
    "{'id':'drop','action':'drop','slba':300,'nlb':100,'abort':'aborted'}," \
    "{'id':'drop-on','action':'drop','slba':400,'nlb':100," \
    "'abort':'aborted','execute':true}," \
    "{'id':'mute','action':'drop','slba':500,'nlb':100," \
    "'abort':'not-aborted'}"

/* Puts KEPT commands in flight, reads and writes of each kind. */
static uint16_t launch(FiRig *rig)
{
    uint64_t reads = fi_block_stat(rig, 0, "rd_operations");
    uint64_t writes = fi_block_stat(rig, 0, "wr_operations");
    NvmeCmd cmds[KEPT];
    uint16_t first;

    for (unsigned i = 0; i < KEPT; i++) {
        cmds[i] = nvme_cmd_rw(rig->host, i / KINDS & 1 ? NVME_CMD_WRITE :
                              NVME_CMD_READ, NS_PLAIN, i % KINDS * 100 + i, 1,
                              rig->data);
    }
    first = nvme_ring_push_many(rig->io, cmds, KEPT);
    nvme_ring_kick(rig->io);
    fi_wait_stat(rig, "rd_operations", reads + 4);
    fi_wait_stat(rig, "wr_operations", writes + 4);
    nvme_ring_assert_idle(rig->io);
    g_assert_cmpint(fi_held(rig), ==, KEPT);
    return first;
}

static FiRig *start(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, RULES);
    return rig;
}

/* That nothing is left, now or later. */
static void finish(FiRig *rig)
{
    g_assert_cmpint(fi_held(rig), ==, 0);
    g_assert_cmpint(fi_release(rig, ""), ==, 0);
    nvme_vm_step(rig->vm, LATE);
    nvme_ring_assert_idle(rig->io);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

static void test_controller_reset(void)
{
    FiRig *rig = start();

    for (int i = 0; i < 5; i++) {
        launch(rig);
        fi_rig_reset(rig);
    }
    finish(rig);
}

static void test_flr(void)
{
    FiRig *rig = start();

    for (int i = 0; i < 3; i++) {
        launch(rig);
        nvme_host_flr(rig->host);
        fi_rig_enable(rig);
    }
    finish(rig);
}

static void test_system_reset(void)
{
    FiRig *rig = start();

    launch(rig);
    qtest_system_reset(rig->vm->qts);
    rig->host->pci->msix_enabled = false;
    nvme_host_free(rig->host);
    rig->host = nvme_host_new(rig->vm, FI_DEVFN);
    rig->data = nvme_alloc(rig->host, FI_DATA_BYTES);
    fi_rig_enable(rig);
    finish(rig);
}

/* The deletion of the queue ends also what an Abort does not. */
static void test_delete_sq(void)
{
    FiRig *rig = start();
    NvmeCqe cqes[KEPT];
    NvmeCmd create;

    for (int i = 0; i < 3; i++) {
        launch(rig);
        g_assert_cmphex(nvme_ring_delete_sq(rig->io), ==, 0);
        nvme_ring_wait_many(rig->io, cqes, KEPT);
        for (unsigned j = 0; j < KEPT; j++) {
            g_assert_cmphex(NVME_CQE_STATUS(&cqes[j]) & 0x7ff, ==,
                            NVME_CMD_ABORT_SQ_DEL);
        }
        g_assert_cmpint(fi_held(rig), ==, 0);
        create = nvme_cmd_create_sq(1, rig->io->size, rig->io->sq, 1);
        g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &create, NULL), ==,
                        0);
        rig->io->sq_tail = rig->io->sq_rung = 0;
    }
    finish(rig);
}

/* Refused, as the SQ still uses it; what is held is not disturbed. */
static void test_delete_cq(void)
{
    FiRig *rig = start();

    launch(rig);
    g_assert_cmphex(nvme_ring_delete_cq(rig->io) & 0x7ff, ==,
                    NVME_INVALID_QUEUE_DEL);
    g_assert_cmpint(fi_held(rig), ==, KEPT);
    fi_rig_reset(rig);
    finish(rig);
}

/* By kind: which commands an Abort ends. */
static void test_abort(void)
{
    static const bool ends[KINDS] = { true, true, false, true, true, false };
    FiRig *rig = start();
    uint16_t first = launch(rig);

    for (unsigned i = 0; i < KEPT; i++) {
        NvmeCmd abort = nvme_cmd_abort(1, first + i);
        NvmeCqe cqe;

        g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &abort, &cqe), ==,
                        0);
        g_assert_cmpint(le32_to_cpu(cqe.result), ==, !ends[i % KINDS]);
        if (ends[i % KINDS]) {
            nvme_ring_wait(rig->io, &cqe);
            g_assert_cmphex(le16_to_cpu(cqe.cid), ==, (uint16_t)(first + i));
            g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, NVME_CMD_ABORT_REQ);
        } else {
            nvme_ring_assert_idle(rig->io);
        }
    }
    g_assert_cmpint(fi_held(rig), ==, KEPT / 3);
    fi_rig_reset(rig);
    finish(rig);
}

/* All places of a small queue are taken, and come back. */
static void test_places_come_back(void)
{
    FiRig *rig = start();
    NvmeRing *small = nvme_ring_new(rig->host, 2, 4);
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, 1, 1,
                              rig->data);

    for (int round = 0; round < 20; round++) {
        uint16_t cid = 0;
        NvmeCqe cqe;

        for (int i = 0; i < 3; i++) {
            cid = nvme_ring_submit(small, &cmd);
        }
        nvme_ring_assert_idle(small);
        for (int i = 0; i < 3 && round & 1; i++) {
            NvmeCmd abort = nvme_cmd_abort(2, cid - i);

            nvme_ring_exec(&rig->host->admin, &abort, NULL);
        }
        g_assert_cmpint(fi_release(rig, ""), ==, round & 1 ? 0 : 3);
        for (int i = 0; i < 3; i++) {
            nvme_ring_wait(small, &cqe);
        }
    }
    nvme_ring_free(small);
    finish(rig);
}

static void test_shutdown(void)
{
    FiRig *rig = start();

    launch(rig);
    nvme_host_shutdown(rig->host);
    fi_rig_reset(rig);
    finish(rig);
}

/* Released under shadow doorbells, with what comes behind them. */
static void test_shadow_doorbells(void)
{
    FiRig *rig = start();
    NvmeCqe cqes[KEPT / 2];

    g_assert_cmphex(nvme_host_shadow_doorbells(rig->host), ==, 0);
    launch(rig);
    g_assert_cmpint(fi_release(rig, ""), ==, KEPT / 2);
    nvme_ring_wait_many(rig->io, cqes, KEPT / 2);
    fi_rig_assert_works(rig);
    fi_rig_reset(rig);
    finish(rig);
}

/* Commands that are kept remember what keeps them. */
static void test_rules_cleared(void)
{
    FiRig *rig = start();
    NvmeCqe cqes[KEPT / 2];

    launch(rig);
    fi_remove(rig, "mute");
    fi_clear(rig);
    g_assert_cmpint(fi_held(rig), ==, KEPT);
    g_assert_cmpint(fi_release(rig, ""), ==, KEPT / 2);
    nvme_ring_wait_many(rig->io, cqes, KEPT / 2);
    nvme_ring_assert_idle(rig->io);
    fi_rig_reset(rig);
    finish(rig);
}

static void test_quit(void)
{
    FiRig *rig = start();

    launch(rig);
    fi_rig_free(rig);           /* by signal; fails unless the status is 0 */
    rig = start();
    launch(rig);
    qtest_qmp_assert_success(rig->vm->qts, "{'execute':'quit'}");
    qtest_wait_qemu(rig->vm->qts);
    fi_rig_free(rig);
}

static void test_device_del(void)
{
    FiRig *rig = fi_rig_new_pluggable();

    fi_add(rig, RULES);
    launch(rig);
    fi_rig_unplug(rig);
    nvme_vm_step(rig->vm, LATE);
    nvme_vm_settle(rig->vm);
    fi_rig_free(rig);
}

/* A reset of one controller of a subsystem leaves what the other one holds. */
static void test_second_controller(void)
{
    FiRig *rig = fi_rig_new(NVME_VM_PATCHED,
        " -device nvme,id=nvme1,serial=fi,subsys=subsys0,addr=05.0");
    NvmeHost *other;

    fi_add(rig, RULES);
    launch(rig);
    other = nvme_host_new(rig->vm, 0x28);
    nvme_host_enable(other);
    nvme_host_reset(other);
    nvme_host_flr(other);
    g_assert_cmpint(fi_held(rig), ==, KEPT);
    qtest_qmp_assert_success(rig->vm->qts, "{'execute':'nvme-fi-release',"
                             "'arguments':{'device':'nvme1'}}");
    g_assert_cmpint(fi_held(rig), ==, KEPT);
    nvme_host_free(other);
    fi_rig_reset(rig);
    finish(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/kept/controller-reset", test_controller_reset);
    g_test_add_func("/nvme-fi/kept/flr", test_flr);
    g_test_add_func("/nvme-fi/kept/system-reset", test_system_reset);
    g_test_add_func("/nvme-fi/kept/delete-sq", test_delete_sq);
    g_test_add_func("/nvme-fi/kept/delete-cq", test_delete_cq);
    g_test_add_func("/nvme-fi/kept/abort", test_abort);
    g_test_add_func("/nvme-fi/kept/places-come-back", test_places_come_back);
    g_test_add_func("/nvme-fi/kept/shutdown", test_shutdown);
    g_test_add_func("/nvme-fi/kept/shadow-doorbells", test_shadow_doorbells);
    g_test_add_func("/nvme-fi/kept/rules-cleared", test_rules_cleared);
    g_test_add_func("/nvme-fi/kept/quit", test_quit);
    g_test_add_func("/nvme-fi/kept/device-del", test_device_del);
    g_test_add_func("/nvme-fi/kept/second-controller",
                    test_second_controller);
    return g_test_run();
}
