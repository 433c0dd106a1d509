/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test resets the controller while it has to wait for a slow drive: the
 * waiting lets bottom halves run, which fetch commands from a queue that the
 * reset has emptied already, and these are to be delayed.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define NS_SLOW     3
#define SLOW_NS     300000000   /* real time; far more than the steps below */
#define ENTRIES     4
#define FETCHED     ENTRIES     /* places for commands in the controller */
#define UNFETCHED   (ENTRIES - 1)

#define RULE "{'id':'late','action':'status','status':'access-denied'," \
             "'nsid':1,'opcode':'read','delay-ns':1000000000}"

static FiRig *start(void)
{
    g_autofree char *options = g_strdup_printf(
        " -drive if=none,id=slow,driver=null-co,latency-ns=%d,size=1M "
        "-device nvme-ns,drive=slow,nsid=%d,eui64=3,"
        "uuid=33333333-3333-3333-3333-333333333333", SLOW_NS, NS_SLOW);

    return fi_rig_new(NVME_VM_PATCHED, options);
}

/* A reset waits for the namespaces that are attached before it begins with
 * the queues; it waits for the others queue by queue. */
static void detach(FiRig *rig, uint32_t nsid)
{
    NvmeCmd cmd = nvme_cmd(NVME_ADM_CMD_NS_ATTACHMENT, nsid);
    uint64_t list = nvme_alloc(rig->host, NVME_PAGE);

    qtest_writew(rig->vm->qts, list, 1);        /* one controller: 0 */
    cmd.dptr.prp1 = cpu_to_le64(list);
    cmd.cdw10 = cpu_to_le32(NVME_NS_ATTACHMENT_DETACH);
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL), ==, 0);
}

static void submit(NvmeRing *ring, const NvmeCmd *cmd, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        nvme_ring_submit(ring, cmd);
        nvme_vm_settle(ring->host->vm);
    }
}

static void test_fetched_during_reset(void)
{
    FiRig *rig = start();
    NvmeRing *full = nvme_ring_new(rig->host, 2, ENTRIES);
    NvmeRing *slow = nvme_ring_new(rig->host, 3, ENTRIES);
    NvmeCmd late = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, 0, 1,
                               rig->data);
    NvmeCmd wait = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_SLOW, 0, 1,
                               rig->data);

    fi_add(rig, RULE);
    submit(full, &late, FETCHED + UNFETCHED);
    g_assert_cmpint(fi_hits(rig, "late"), ==, FETCHED);
    submit(slow, &wait, 1);
    detach(rig, NS_SLOW);
    fi_rig_reset(rig);
    /* else the drive was not slow enough to show anything */
    g_assert_cmpint(fi_hits(rig, "late"), >, FETCHED);
    nvme_ring_free(full);
    nvme_ring_free(slow);
    fi_clear(rig);
    nvme_vm_step(rig->vm, 3000000000);
    nvme_ring_assert_idle(rig->io);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/nested-reset/fetched-during-reset",
                    test_fetched_during_reset);
    return g_test_run();
}
