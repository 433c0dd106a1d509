/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test looks at what Abort says about itself: bit 0 of Dword 0 is 0 where
 * the command was aborted, else 1 (NVMe Base 2.1, 5.1.1).  Stock QEMU says 1
 * for every command of an I/O queue.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define SECOND  1000000000

static uint32_t result_of_abort(FiRig *rig, uint16_t sqid, uint16_t cid)
{
    NvmeCmd abort = nvme_cmd_abort(sqid, cid);
    NvmeCqe cqe;

    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &abort, &cqe), ==, 0);
    return le32_to_cpu(cqe.result);
}

/* A drive that begins one request a second: the first at once, the second
 * is what can be aborted. */
static void abort_in_execution(const char *binary, uint32_t result)
{
    FiRig *rig = fi_rig_new(binary, "");
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, 0, 1,
                              rig->data);
    NvmeCqe cqe;
    uint16_t cid;

    qtest_qmp_assert_success(rig->vm->qts,
        "{'execute':'block_set_io_throttle','arguments':{'device':'d0',"
        "'bps':0,'bps_rd':0,'bps_wr':0,'iops':1,'iops_rd':0,'iops_wr':0}}");
    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, 0);
    cid = nvme_ring_submit(rig->io, &cmd);
    nvme_ring_assert_idle(rig->io);
    g_assert_cmphex(result_of_abort(rig, 1, cid), ==, result);
    nvme_vm_step(rig->vm, 3 * (int64_t)SECOND);
    nvme_ring_wait(rig->io, &cqe);
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==, cid);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe) & 0x7ff, ==, NVME_CMD_ABORT_REQ);
    fi_rig_free(rig);
}

static void test_stock_has_the_defect(void)
{
    abort_in_execution(NVME_VM_STOCK, 1);
}

static void test_in_execution(void)
{
    abort_in_execution(NVME_VM_PATCHED, 0);
}

static void test_not_found(void)
{
    FiRig *rig = fi_rig_start();

    g_assert_cmphex(result_of_abort(rig, 1, 77), ==, 1);
    /* completed before */
    g_assert_cmphex(fi_read(rig, 0), ==, 0);
    g_assert_cmphex(result_of_abort(rig, 1, rig->io->next_cid - 1), ==, 1);
    fi_rig_free(rig);
}

/* The command's own CQE comes first. */
static void test_waiting(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, 0, 1,
                              rig->data);
    uint64_t deadline = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
    static const uint16_t order[] = { 1, 0 };
    g_autoptr(QDict) log = NULL;
    const QListEntry *entry;
    unsigned i = 0;
    NvmeCqe cqe;
    uint16_t cid;

    fi_add(rig, "{'action':'none','opcode':'read','delay-ns':%d},"
           "{'action':'none','opcode':'abort'}", SECOND);
    cid = nvme_ring_submit(rig->io, &cmd);
    /* the wait begins when the medium is done */
    while (fi_block_stat(rig, 0, "rd_operations") == 0) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
    }
    nvme_ring_assert_idle(rig->io);
    g_assert_cmphex(result_of_abort(rig, 1, cid), ==, 0);
    nvme_ring_wait(rig->io, &cqe);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe) & 0x7ff, ==, NVME_CMD_ABORT_REQ);
    log = fi_log(rig, 1);
    QLIST_FOREACH_ENTRY(qdict_get_qlist(log, "commands"), entry) {
        QDict *command = qobject_to(QDict, qlist_entry_obj(entry));

        g_assert_cmpint(i, <, ARRAY_SIZE(order));
        g_assert_cmpint(qdict_get_int(command, "qid"), ==, order[i++]);
    }
    g_assert_cmpint(i, ==, ARRAY_SIZE(order));
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/abort-result/stock-has-the-defect",
                    test_stock_has_the_defect);
    g_test_add_func("/nvme-fi/abort-result/in-execution", test_in_execution);
    g_test_add_func("/nvme-fi/abort-result/waiting", test_waiting);
    g_test_add_func("/nvme-fi/abort-result/not-found", test_not_found);
    return g_test_run();
}
