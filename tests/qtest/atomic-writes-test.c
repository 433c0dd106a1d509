/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test delays writes on a drive with atomic writes, where each write looks
 * at all that are in flight: one that only waits holds none off, and need not
 * have a namespace.
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

static void test_delayed_write(void)
{
    FiRig *rig = fi_rig_new(NVME_VM_PATCHED,
                            ",atomic.awun=15,atomic.awupf=15");
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_WRITE, NS_PLAIN, 5, 1,
                              rig->data);
    NvmeCmd nowhere = nvme_cmd_rw(rig->host, NVME_CMD_WRITE, 9, 5, 1,
                                  rig->data);
    NvmeCqe cqes[2];

    fi_add(rig, "{'action':'status','status':'access-denied',"
           "'opcode':'write','times':2,'delay-ns':%d}", SECOND);
    nvme_ring_submit(rig->io, &cmd);
    nvme_ring_submit(rig->io, &nowhere);
    nvme_ring_assert_idle(rig->io);
    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, 0);
    nvme_vm_step(rig->vm, SECOND);
    nvme_ring_wait_many(rig->io, cqes, 2);
    finish(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/atomic-writes/delayed-write", test_delayed_write);
    return g_test_run();
}
