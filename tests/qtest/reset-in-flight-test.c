/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test resets a controller that has to wait for slow commands, and
 * fetches more of them meanwhile, from a queue that had none in flight when
 * the reset looked at it.  Stock QEMU frees that queue, and ends when these
 * commands do.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

/* How long a command takes: real time, a block driver knows no other. All are
 * submitted before the first is through, on a busy machine, too. */
#define NS_SOON     3
#define NS_LATER    4
#define NS_LAST     5
#define SOON_NS     1500000000LL
#define LATER_NS    3000000000LL
#define LAST_NS     4500000000LL
#define ENTRIES     4
#define ATOMIC      ",atomic.awun=15,atomic.awupf=15"

static FiRig *start(const char *binary)
{
    static const int64_t latencies[] = { SOON_NS, LATER_NS, LAST_NS };
    g_autoptr(GString) options = g_string_new(ATOMIC);

    for (unsigned i = 0; i < ARRAY_SIZE(latencies); i++) {
        g_string_append_printf(options,
            " -drive if=none,id=slow%u,driver=null-co,size=1M,"
            "latency-ns=%" PRId64 " "
            "-device nvme-ns,drive=slow%u,nsid=%u,eui64=1%u,"
            "uuid=33333333-3333-3333-3333-33333333333%u",
            i, latencies[i], i, NS_SOON + i, i, i);
    }
    return fi_rig_new(binary, options->str);
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

static void submit(NvmeRing *ring, uint8_t opcode, uint32_t nsid)
{
    NvmeCmd cmd = nvme_cmd_rw(ring->host, opcode, nsid, 0, 1,
                              nvme_alloc(ring->host, NVME_PAGE));

    nvme_ring_submit(ring, &cmd);
    nvme_vm_settle(ring->host->vm);
}

static void reset_in_flight(const char *binary)
{
    FiRig *rig;
    NvmeRing *first, *second, *third;
    int64_t begin;

    g_setenv("MALLOC_PERTURB_", "85", TRUE);
    rig = start(binary);
    first = nvme_ring_new(rig->host, 2, ENTRIES);
    second = nvme_ring_new(rig->host, 3, ENTRIES);
    third = nvme_ring_new(rig->host, 4, ENTRIES);
    submit(second, NVME_CMD_WRITE, NS_SOON);
    /* not fetched while a write of the same block is in flight */
    submit(first, NVME_CMD_WRITE, NS_SOON);
    submit(first, NVME_CMD_READ, NS_LAST);
    submit(third, NVME_CMD_READ, NS_LATER);
    detach(rig, NS_SOON);
    detach(rig, NS_LATER);
    begin = g_get_monotonic_time();
    nvme_host_disable(rig->host);
    if (strcmp(binary, NVME_VM_STOCK)) {
        /* else nothing was fetched during the reset */
        g_assert_cmpint(g_get_monotonic_time() - begin, >, LAST_NS / 1000);
    }
    /* where the reset did not wait, the read ends now */
    while (g_get_monotonic_time() < begin + 2 * LAST_NS / 1000) {
        nvme_vm_settle(rig->vm);
    }
    fi_rig_enable(rig);
    fi_rig_assert_works(rig);
    nvme_ring_free(first);
    nvme_ring_free(second);
    nvme_ring_free(third);
    fi_rig_free(rig);
}

static void test_works_after(void)
{
    reset_in_flight(NVME_VM_PATCHED);
}

static void test_stock_has_the_defect(void)
{
    if (g_test_subprocess()) {
        reset_in_flight(NVME_VM_STOCK);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*QEMU*signal*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/reset-in-flight/stock-has-the-defect",
                    test_stock_has_the_defect);
    g_test_add_func("/nvme-fi/reset-in-flight/works-after", test_works_after);
    return g_test_run();
}
