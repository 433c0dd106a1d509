/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test lets completions come after the next controller reset: until then
 * their commands are gone, and then the host meets an entry that it cannot
 * expect.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"
#include "hw/pci/pci_regs.h"

#define SECOND          1000000000
#define SMALL           4u          /* entries of a small queue pair */
#define MAX_STALE       256u        /* qapi/nvme-fi.json, NvmeFiActionCqe */
#define NOT_FOUND       1           /* DW0 of an Abort: not aborted */

static NvmeCmd read_of(FiRig *rig, uint64_t slba)
{
    return nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, slba, 1, rig->data);
}

/* The number that the next command in the log will have. */
static uint64_t next_logged(FiRig *rig)
{
    QDict *log = fi_log(rig, INT64_MAX);
    uint64_t next = qdict_get_int(log, "next");

    qobject_unref(log);
    return next;
}

/* Submits @cmd, which is put aside; returns its CID when that is done. */
static uint16_t put_aside(FiRig *rig, NvmeRing *ring, const NvmeCmd *cmd)
{
    uint64_t deadline = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
    uint64_t next = next_logged(rig);
    uint16_t cid = nvme_ring_submit(ring, cmd);

    while (next_logged(rig) == next) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
    }
    nvme_ring_assert_idle(ring);
    return cid;
}

static void finish(FiRig *rig)
{
    fi_clear(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* Whether an Abort finds @cid in the queue 1. */
static bool abort_finds(FiRig *rig, uint16_t cid)
{
    NvmeCmd cmd = nvme_cmd_abort(1, cid);
    NvmeCqe cqe;

    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, &cqe), ==, 0);
    return !(le32_to_cpu(cqe.result) & NOT_FOUND);
}

static void flr(FiRig *rig)
{
    nvme_host_flr(rig->host);
    fi_rig_enable(rig);
}

/* @reset: the command is gone until then; the host meets its entries, two of
 * them, where it looks for its first completion. */
static void run_after_reset(void (*reset)(FiRig *))
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = read_of(rig, 8);
    uint16_t stale, cid;
    NvmeCqe cqes[3];

    fi_add(rig, "{'action':'cqe','opcode':'read','times':1,'dw0':9,"
           "'duplicates':1,'after-reset':true}");
    rig->io->next_cid = 1000;
    stale = put_aside(rig, rig->io, &cmd);
    g_assert_false(abort_finds(rig, stale));
    g_assert_cmphex(fi_read(rig, 8), ==, 0);
    reset(rig);
    nvme_ring_assert_idle(rig->io);
    for (int i = 0; i < 2; i++) {
        cid = nvme_ring_submit(rig->io, &cmd);
        if (!i) {
            nvme_ring_wait_many(rig->io, cqes, 3);
            g_assert_cmphex(le16_to_cpu(cqes[0].cid), ==, stale);
            g_assert_cmphex(le32_to_cpu(cqes[0].result), ==, 9);
            g_assert_cmphex(NVME_CQE_STATUS(&cqes[0]), ==, 0);
            g_assert_cmphex(le16_to_cpu(cqes[1].cid), ==, stale);
            g_assert_cmphex(le16_to_cpu(cqes[2].cid), ==, cid);
        } else {
            nvme_ring_wait(rig->io, &cqes[0]);
            g_assert_cmphex(le16_to_cpu(cqes[0].cid), ==, cid);
        }
        nvme_ring_assert_idle(rig->io);
    }
    reset(rig);             /* they came once */
    finish(rig);
}

static void test_after_reset(void)
{
    run_after_reset(fi_rig_reset);
}

static void test_after_flr(void)
{
    run_after_reset(flr);
}

/* The admin queues are there again when the controller is enabled. */
static void test_after_reset_admin(void)
{
    FiRig *rig = fi_rig_start();
    NvmeRing *admin = &rig->host->admin;
    NvmeCmd cmd = nvme_cmd_get_feature(NVME_NUMBER_OF_QUEUES);
    uint16_t stale, cid;
    NvmeCqe cqe;

    fi_add(rig, "{'action':'cqe','opcode':'get-features','times':1,"
           "'after-reset':true}");
    stale = put_aside(rig, admin, &cmd);
    nvme_host_reset(rig->host);
    nvme_ring_assert_idle(admin);
    cid = nvme_ring_submit(admin, &cmd);
    nvme_ring_wait(admin, &cqe);
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==, stale);
    nvme_ring_wait(admin, &cqe);
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==, cid);
    fi_rig_reset(rig);
    finish(rig);
}

/* Queues that are deleted and created again are not a reset. */
static void test_queues_again(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = read_of(rig, 8);
    uint16_t stale;
    NvmeCqe cqe;

    fi_add(rig, "{'action':'cqe','opcode':'read','times':1,"
           "'after-reset':true}");
    stale = put_aside(rig, rig->io, &cmd);
    for (int i = 0; i < 2; i++) {
        g_assert_cmphex(nvme_ring_delete_sq(rig->io), ==, 0);
        g_assert_cmphex(nvme_ring_delete_cq(rig->io), ==, 0);
        nvme_ring_free(rig->io);
        rig->io = nvme_ring_new(rig->host, 1, FI_IO_ENTRIES);
        fi_rig_assert_works(rig);
    }
    fi_rig_reset(rig);
    nvme_ring_submit(rig->io, &cmd);
    nvme_ring_wait(rig->io, &cqe);
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==, stale);
    nvme_ring_wait(rig->io, &cqe);
    finish(rig);
}

/* Each of the places in the queue comes back; what is more than may wait is
 * posted at once; and a queue with less room takes what it can. */
static void test_after_reset_bounds(void)
{
    FiRig *rig = fi_rig_start();
    NvmeRing *small;
    NvmeCmd cmd = read_of(rig, 8);
    NvmeCqe cqe;

    fi_add(rig, "{'action':'cqe','opcode':'read','after-reset':true}");
    small = nvme_ring_new(rig->host, 2, SMALL);
    for (unsigned i = 0; i < MAX_STALE; i++) {
        put_aside(rig, small, &cmd);
    }
    g_assert_cmphex(nvme_ring_exec(small, &cmd, NULL), ==, 0);
    nvme_ring_free(small);
    fi_clear(rig);
    fi_rig_reset(rig);
    fi_rig_assert_works(rig);
    small = nvme_ring_new(rig->host, 2, SMALL);
    nvme_ring_submit(small, &cmd);
    for (unsigned i = 0; i < SMALL - 1; i++) {
        nvme_ring_wait(small, &cqe);
        g_assert_cmphex(le16_to_cpu(cqe.cid), ==, i);
    }
    nvme_ring_wait(small, &cqe);
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==, 0);       /* of the command */
    nvme_ring_assert_idle(small);
    nvme_ring_free(small);
    finish(rig);
}

/* An Abort ends a command before it is put aside. */
static void test_aborted(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = read_of(rig, 8);
    uint16_t cid;
    NvmeCqe cqe;

    fi_add(rig, "{'action':'cqe','opcode':'read','delay-ns':%d,"
           "'after-reset':true}", SECOND);
    cid = nvme_ring_submit(rig->io, &cmd);
    while (!nvme_ring_poll(rig->io, &cqe)) {
        abort_finds(rig, cid);
    }
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==, cid);
    fi_clear(rig);
    fi_rig_reset(rig);
    nvme_ring_assert_idle(rig->io);
    finish(rig);
}

static bool pin(FiRig *rig)
{
    return qpci_config_readw(rig->host->pci, PCI_STATUS) &
        PCI_STATUS_INTERRUPT;
}

/* The pin is asserted until the host took the last of them. */
static void test_pin(void)
{
    FiRig *rig = fi_rig_new_disabled(NVME_VM_PATCHED, "");
    NvmeCmd cmd = read_of(rig, 8);
    NvmeCqe cqe;

    qpci_msix_disable(rig->host->pci);
    fi_rig_enable(rig);
    fi_add(rig, "{'action':'cqe','opcode':'read','after-reset':true}");
    put_aside(rig, rig->io, &cmd);
    g_assert_false(pin(rig));
    fi_clear(rig);
    fi_rig_reset(rig);
    nvme_ring_submit(rig->io, &cmd);
    nvme_vm_settle(rig->vm);
    g_assert_true(pin(rig));
    nvme_ring_wait(rig->io, &cqe);
    nvme_ring_wait(rig->io, &cqe);
    g_assert_false(pin(rig));
    finish(rig);
}

/* QEMU ends, and the device goes, with entries that wait. */
static void test_quit(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = read_of(rig, 8);

    fi_add(rig, "{'action':'cqe','after-reset':true}");
    put_aside(rig, rig->io, &cmd);
    fi_rig_free(rig);           /* fails unless the status is 0 */
}

#define TEST(path, name) { "/nvme-fi/cqe-after-reset/" path, test_##name }

static const struct {
    const char *path;
    GTestFunc func;
} tests[] = {
    TEST("reset", after_reset), TEST("flr", after_flr),
    TEST("admin", after_reset_admin), TEST("queues-again", queues_again),
    TEST("bounds", after_reset_bounds), TEST("aborted", aborted),
    TEST("pin", pin), TEST("quit", quit),
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(tests); i++) {
        g_test_add_func(tests[i].path, tests[i].func);
    }
    return g_test_run();
}
