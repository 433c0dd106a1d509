/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test lets things happen while the controller has to wait for a slow
 * drive.  The waiting lets bottom halves run: they fetch commands from a queue
 * that a reset has emptied already; what resets or removes the controller has
 * to come later.
 */
#include "qemu/osdep.h"
#include "fi-port.h"

#define NS_SLOW     3
#define SLOW_NS     300000000   /* real time; far more than the steps below */
#define ENTRIES     4
#define FETCHED     ENTRIES     /* places for commands in the controller */
#define UNFETCHED   (ENTRIES - 1)

#define RULE "{'id':'late','action':'status','status':'access-denied'," \
             "'nsid':1,'opcode':'read','delay-ns':1000000000}"

static char *slow_drive(const char *options)
{
    return g_strdup_printf(
        "%s -drive if=none,id=slow,driver=null-co,latency-ns=%d,size=1M "
        "-device nvme-ns,drive=slow,nsid=%d,eui64=3,"
        "uuid=33333333-3333-3333-3333-333333333333", options, SLOW_NS,
        NS_SLOW);
}

static FiRig *start(const char *options)
{
    g_autofree char *all = slow_drive(options);

    return fi_rig_new(NVME_VM_PATCHED, all);
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
    FiRig *rig = start("");
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

static void read_slowly(FiRig *rig, NvmeRing *ring)
{
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_SLOW, 0, 1,
                              rig->data);

    submit(ring, &cmd, 1);
}

static int64_t cuts(FiRig *rig)
{
    QDict *info = fi_query(rig);
    int64_t n = qdict_get_int(qdict_get_qdict(info, "write-cache"), "cuts");

    qobject_unref(info);
    return n;
}

/* The deletion waits for the read; the power must not go meanwhile. */
static void test_power_cut_by_deletion(void)
{
    FiRig *rig = start(",fi-write-cache=1M");
    NvmeRing *slow = nvme_ring_new(rig->host, 2, ENTRIES);
    NvmeCmd cmd = nvme_cmd(NVME_ADM_CMD_DELETE_SQ, 0);

    fi_add(rig, "{'id':'cut','action':'none',"
           "'opcode':'delete-io-submission-queue',"
           "'trigger':[{'trigger':'power-cut','reset':false}]}");
    read_slowly(rig, slow);
    cmd.cdw10 = cpu_to_le32(2);
    nvme_ring_submit(&rig->host->admin, &cmd);
    while (!cuts(rig)) {
        nvme_vm_settle(rig->vm);
    }
    g_assert_cmpint(fi_hits(rig, "cut"), ==, 1);
    g_assert_cmphex(nvme_host_reg(rig->host, 0x14) & 1, ==, 0);
    nvme_ring_free(slow);
    fi_rig_enable(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* The power cut waits for the read; the device must not go meanwhile. */
static void test_unplug_during_power_cut(void)
{
    g_autofree char *options = slow_drive(",fi-write-cache=1M");
    FiRig *rig = fi_port_new(options);

    read_slowly(rig, rig->io);
    fi_trigger(rig, "{'trigger':'controller','fault':'surprise-unplug'},"
               "{'trigger':'power-cut','reset':false}");
    qtest_qmp_eventwait(rig->vm->qts, "DEVICE_DELETED");
    nvme_vm_settle(rig->vm);
    g_assert_false(fi_port_has_device(rig));
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/nested-reset/fetched-during-reset",
                    test_fetched_during_reset);
    g_test_add_func("/nvme-fi/nested-reset/power-cut-by-deletion",
                    test_power_cut_by_deletion);
    g_test_add_func("/nvme-fi/nested-reset/unplug-during-power-cut",
                    test_unplug_during_power_cut);
    return g_test_run();
}
