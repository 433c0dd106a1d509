/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test aborts a command while the medium works on it: a rule that would
 * act at its end does not hide that it was aborted.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define SECOND  1000000000

/* That nothing of the past shows up, and that the device works. */
static void finish(FiRig *rig)
{
    fi_clear(rig);
    nvme_vm_step(rig->vm, 3 * (int64_t)SECOND);
    nvme_ring_assert_idle(rig->io);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

static void throttle(FiRig *rig, int iops)
{
    qtest_qmp_assert_success(rig->vm->qts,
        "{'execute':'block_set_io_throttle','arguments':{'device':'d0',"
        "'bps':0,'bps_rd':0,'bps_wr':0,'iops':%d,'iops_rd':0,'iops_wr':0}}",
        iops);
}

static void test_in_execution(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, 0, 1,
                              rig->data);
    NvmeCmd abort;
    NvmeCqe cqe;

    fi_add(rig, "{'action':'status','status':'access-denied','opcode':'read',"
           "'execute':true}");
    throttle(rig, 1);
    /* the first fills the bucket; the second waits for a second, with no
     * abort at first, then with one */
    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, FI_ACCESS_DENIED);
    for (int aborted = 0; aborted <= 1; aborted++) {
        uint16_t cid = nvme_ring_submit(rig->io, &cmd);

        nvme_ring_assert_idle(rig->io);
        if (aborted) {
            abort = nvme_cmd_abort(1, cid);
            nvme_ring_exec(&rig->host->admin, &abort, NULL);
        }
        nvme_vm_step(rig->vm, 3 * (int64_t)SECOND);
        nvme_ring_wait(rig->io, &cqe);
        g_assert_cmphex(NVME_CQE_STATUS(&cqe) & 0x7ff, ==,
                        aborted ? NVME_CMD_ABORT_REQ : FI_ACCESS_DENIED);
        g_assert_cmphex(le16_to_cpu(cqe.cid), ==, cid);
        /* the step emptied the bucket */
        g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==,
                        FI_ACCESS_DENIED);
    }
    throttle(rig, 0);
    finish(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/abort/in-execution", test_in_execution);
    return g_test_run();
}
