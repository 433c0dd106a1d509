/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test has delayed commands of every kind in flight when something
 * drastic happens to the controller: nothing aborts, places in the queue come
 * back, and the device works afterwards.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define DELAY   1000000000
#define WAITING 12u             /* commands in flight, four of each kind */

#define RULE_OFF  "{'id':'off','action':'status','status':'access-denied'," \
                  "'slba':0,'nlb':100,'delay-ns':1000000000}"
#define RULE_ON   "{'id':'on','action':'status','status':'access-denied'," \
                  "'slba':100,'nlb':100,'delay-ns':1000000000," \
                  "'execute':true}"
#define RULE_NONE "{'id':'none','action':'none','slba':200,'nlb':100," \
                  "'delay-ns':1000000000}"

/* Puts WAITING commands in flight: reads and writes that were not carried
 * out, that were and will fail, and that only take their time. */
static uint16_t launch(FiRig *rig)
{
    uint64_t reads = fi_block_stat(rig, 0, "rd_operations");
    uint64_t writes = fi_block_stat(rig, 0, "wr_operations");
    uint64_t deadline = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
    NvmeCmd cmds[WAITING];
    uint16_t first;

    for (unsigned i = 0; i < WAITING; i++) {
        cmds[i] = nvme_cmd_rw(rig->host, i & 1 ? NVME_CMD_WRITE :
                              NVME_CMD_READ, NS_PLAIN, i % 3 * 100 + i, 1,
                              rig->data);
    }
    first = nvme_ring_push_many(rig->io, cmds, WAITING);
    nvme_ring_kick(rig->io);
    while (fi_block_stat(rig, 0, "rd_operations") < reads + 4 ||
           fi_block_stat(rig, 0, "wr_operations") < writes + 4) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
    }
    nvme_ring_assert_idle(rig->io);
    return first;
}

static FiRig *start(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, RULE_OFF "," RULE_ON "," RULE_NONE);
    return rig;
}

/* That nothing of the past shows up once all delays are over. */
static void finish(FiRig *rig)
{
    nvme_vm_step(rig->vm, 3 * (int64_t)DELAY);
    nvme_ring_assert_idle(rig->io);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* All commands in flight end in time with the status that they were due. */
static void expect_all(FiRig *rig, uint16_t first)
{
    NvmeCqe cqes[WAITING];

    nvme_vm_step(rig->vm, DELAY - 1);
    nvme_ring_assert_idle(rig->io);
    nvme_vm_step(rig->vm, 1);
    nvme_ring_wait_many(rig->io, cqes, WAITING);
    for (unsigned i = 0; i < WAITING; i++) {
        unsigned index = (uint16_t)(le16_to_cpu(cqes[i].cid) - first);

        g_assert_cmpint(index, <, WAITING);
        g_assert_cmphex(NVME_CQE_STATUS(&cqes[i]), ==,
                        index % 3 == 2 ? 0 : FI_ACCESS_DENIED);
    }
}

static void test_nothing(void)
{
    FiRig *rig = start();

    expect_all(rig, launch(rig));
    finish(rig);
}

static void test_controller_reset(void)
{
    FiRig *rig = start();

    for (int i = 0; i < 5; i++) {
        launch(rig);
        fi_rig_reset(rig);
    }
    expect_all(rig, launch(rig));
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

/* Every command completes, as aborted by the deletion (NVMe Base 2.1, 5.2.4:
 * "Command Aborted due to SQ Deletion"), before the deletion does. */
static void test_delete_sq(void)
{
    FiRig *rig = start();
    NvmeCqe cqes[WAITING];
    NvmeCmd create;

    for (int i = 0; i < 5; i++) {
        launch(rig);
        g_assert_cmphex(nvme_ring_delete_sq(rig->io), ==, 0);
        nvme_ring_wait_many(rig->io, cqes, WAITING);
        for (unsigned j = 0; j < WAITING; j++) {
            g_assert_cmphex(NVME_CQE_STATUS(&cqes[j]) & 0x7ff, ==,
                            NVME_CMD_ABORT_SQ_DEL);
        }
        create = nvme_cmd_create_sq(1, rig->io->size, rig->io->sq, 1);
        g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &create, NULL), ==,
                        0);
        rig->io->sq_tail = rig->io->sq_rung = 0;
    }
    finish(rig);
}

/* Refused, as the SQ still uses it; the commands are not disturbed. */
static void test_delete_cq(void)
{
    FiRig *rig = start();
    uint16_t first = launch(rig);

    g_assert_cmphex(nvme_ring_delete_cq(rig->io) & 0x7ff, ==,
                    NVME_INVALID_QUEUE_DEL);
    expect_all(rig, first);
    finish(rig);
}

static void test_abort(void)
{
    FiRig *rig = start();
    uint16_t first = launch(rig);

    for (unsigned i = 0; i < WAITING; i++) {
        NvmeCmd abort = nvme_cmd_abort(1, first + i);
        NvmeCqe cqe;

        g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &abort, NULL), ==,
                        0);
        nvme_ring_wait(rig->io, &cqe);
        g_assert_cmphex(le16_to_cpu(cqe.cid), ==, (uint16_t)(first + i));
        g_assert_cmphex(NVME_CQE_STATUS(&cqe) & 0x7ff, ==, NVME_CMD_ABORT_REQ);
    }
    finish(rig);
}

/* A queue of four entries, filled and emptied by Abort again and again: were
 * a place lost each time, the second round would hang. */
static void test_places_come_back(void)
{
    FiRig *rig = start();
    NvmeRing *small = nvme_ring_new(rig->host, 2, 4);
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, 1, 1,
                              rig->data);

    for (int round = 0; round < 20; round++) {
        uint16_t cid[3];
        NvmeCqe cqe;

        for (int i = 0; i < 3; i++) {
            cid[i] = nvme_ring_submit(small, &cmd);
        }
        nvme_ring_assert_idle(small);
        for (int i = 0; i < 3 && round & 1; i++) {
            NvmeCmd abort = nvme_cmd_abort(2, cid[i]);

            nvme_ring_exec(&rig->host->admin, &abort, NULL);
        }
        if (!(round & 1)) {
            nvme_vm_step(rig->vm, DELAY);
        }
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

/* Commands that wait remember what they wait for. */
static void test_rule_removed(void)
{
    FiRig *rig = start();
    uint16_t first = launch(rig);

    fi_remove(rig, "off");
    fi_remove(rig, "on");
    fi_remove(rig, "none");
    g_assert_cmpint(fi_rules(rig), ==, 0);
    expect_all(rig, first);
    finish(rig);
}

static void test_clear(void)
{
    FiRig *rig = start();
    uint16_t first = launch(rig);

    fi_clear(rig);
    expect_all(rig, first);
    finish(rig);
}

/* ... and then a reset, with rules gone that commands in flight stem from. */
static void test_clear_then_reset(void)
{
    FiRig *rig = start();

    launch(rig);
    fi_clear(rig);
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
    QDict *response;

    fi_add(rig, RULE_OFF "," RULE_ON "," RULE_NONE);
    launch(rig);
    fi_rig_unplug(rig);
    nvme_vm_step(rig->vm, 3 * (int64_t)DELAY);
    nvme_vm_settle(rig->vm);
    /* the rules are gone with their controller */
    response = qtest_qmp(rig->vm->qts, "{'execute':'query-nvme-fi',"
                         "'arguments':{'device':'nvme0'}}");
    g_assert_true(qdict_haskey(response, "error"));
    qobject_unref(response);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/in-flight/nothing", test_nothing);
    g_test_add_func("/nvme-fi/in-flight/controller-reset",
                    test_controller_reset);
    g_test_add_func("/nvme-fi/in-flight/flr", test_flr);
    g_test_add_func("/nvme-fi/in-flight/system-reset", test_system_reset);
    g_test_add_func("/nvme-fi/in-flight/delete-sq", test_delete_sq);
    g_test_add_func("/nvme-fi/in-flight/delete-cq", test_delete_cq);
    g_test_add_func("/nvme-fi/in-flight/abort", test_abort);
    g_test_add_func("/nvme-fi/in-flight/places-come-back",
                    test_places_come_back);
    g_test_add_func("/nvme-fi/in-flight/shutdown", test_shutdown);
    g_test_add_func("/nvme-fi/in-flight/rule-removed", test_rule_removed);
    g_test_add_func("/nvme-fi/in-flight/clear", test_clear);
    g_test_add_func("/nvme-fi/in-flight/clear-then-reset",
                    test_clear_then_reset);
    g_test_add_func("/nvme-fi/in-flight/quit", test_quit);
    g_test_add_func("/nvme-fi/in-flight/device-del", test_device_del);
    return g_test_run();
}
