/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test lets completions be posted malformed or several times, and looks at
 * the bytes in the Completion Queue.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"
#include "hw/pci/pci_regs.h"

#define SECOND          1000000000
#define SMALL           4u          /* entries of a small queue pair */

typedef struct Row {
    const char *name;
    const char *members;            /* of action cqe */
    NvmeCqe entry;                  /* in host order, where mask is not 0 */
    NvmeCqe mask;
} Row;

static const Row rows[] = {
    { "cid", "'cid':4660", { .cid = 4660 }, { .cid = 0xffff } },
    { "cid-0", "'cid':0", { .cid = 0 }, { .cid = 0xffff } },
    { "sqid", "'sqid':65535", { .sq_id = 65535 }, { .sq_id = 0xffff } },
    { "sqhd", "'sqhd':2049", { .sq_head = 2049 }, { .sq_head = 0xffff } },
    { "dw0", "'dw0':4294967295", { .result = 0xffffffff },
      { .result = 0xffffffff } },
    { "dw1", "'dw1':305419896", { .dw1 = 0x12345678 }, { .dw1 = 0xffffffff } },
    { "all", "'cid':1,'sqid':2,'sqhd':3,'dw0':4,'dw1':5",
      { .cid = 1, .sq_id = 2, .sq_head = 3, .result = 4, .dw1 = 5 },
      { .cid = 0xffff, .sq_id = 0xffff, .sq_head = 0xffff,
        .result = 0xffffffff, .dw1 = 0xffffffff } },
};

static NvmeCmd read_of(FiRig *rig, uint64_t slba)
{
    return nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, slba, 1, rig->data);
}

static void finish(FiRig *rig)
{
    fi_clear(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* What the device log says of the last command is what was posted. */
static void assert_logged(FiRig *rig, const NvmeCqe *cqe)
{
    g_autofree char *hex = fi_hex(cqe, sizeof(*cqe));
    QDict *log = fi_log(rig, 1);
    const QListEntry *entry = qlist_first(qdict_get_qlist(log, "commands"));
    QDict *command = qobject_to(QDict, qlist_entry_obj(entry));

    g_assert_cmpstr(qdict_get_str(command, "cqe"), ==, hex);
    qobject_unref(log);
}

/* Each member changes what it says, and the rest is right. */
static void test_row(gconstpointer data)
{
    const Row *row = data;
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = read_of(rig, 8);
    NvmeCqe cqe, right;
    uint16_t cid;

    fi_add(rig, "{'action':'cqe','times':1,%s}", row->members);
    cid = nvme_ring_submit(rig->io, &cmd);
    nvme_ring_wait(rig->io, &cqe);
    right = (NvmeCqe) { .cid = cid, .sq_id = 1, .sq_head = rig->io->sq_tail };
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==,
                    row->mask.cid ? row->entry.cid : right.cid);
    g_assert_cmphex(le16_to_cpu(cqe.sq_id), ==,
                    row->mask.sq_id ? row->entry.sq_id : right.sq_id);
    g_assert_cmphex(le16_to_cpu(cqe.sq_head), ==,
                    row->mask.sq_head ? row->entry.sq_head : right.sq_head);
    g_assert_cmphex(le32_to_cpu(cqe.result), ==, row->entry.result);
    g_assert_cmphex(le32_to_cpu(cqe.dw1), ==, row->entry.dw1);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, 0);
    assert_logged(rig, &cqe);
    nvme_ring_assert_idle(rig->io);
    finish(rig);
}

/* The LBA of a zone append is in both dwords (ZNS 1.2, 3.4.1). */
static void test_zone_append(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_ZONE_APPEND, NS_ZONED,
                              FI_ZONE_BLOCKS, 1, rig->data);
    NvmeCqe cqe;

    fi_add(rig, "{'action':'cqe','opcode':'zone-append','skip':1,"
           "'dw0':16,'dw1':1}");
    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, &cqe), ==, 0);
    g_assert_cmphex(cqe.result, ==, cpu_to_le32(FI_ZONE_BLOCKS));
    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, &cqe), ==, 0);
    g_assert_cmphex(cqe.result, ==, cpu_to_le32(16));
    g_assert_cmphex(cqe.dw1, ==, cpu_to_le32(1));
    /* only the answer is a lie */
    g_assert_cmphex(le64_to_cpu(nvme_zone(rig->io, NS_ZONED,
                                          FI_ZONE_BLOCKS).wp), ==,
                    FI_ZONE_BLOCKS + 2);
    finish(rig);
}

static void test_admin(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = nvme_cmd_get_feature(NVME_NUMBER_OF_QUEUES);
    NvmeCqe cqe;

    fi_add(rig, "{'action':'cqe','opcode':'get-features','dw0':7}");
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, &cqe), ==, 0);
    g_assert_cmphex(cqe.result, ==, cpu_to_le32(7));
    finish(rig);
}

/* The CID before, which the first of a queue does not have; over the end of a
 * queue, too. */
static void test_reuse_cid(void)
{
    FiRig *rig = fi_rig_start();
    NvmeRing *ring = nvme_ring_new(rig->host, 2, SMALL);
    NvmeCmd cmd = read_of(rig, 8);
    uint16_t before;
    NvmeCqe cqe;

    ring->next_cid = 100;
    fi_add(rig, "{'action':'cqe','qid':2,'reuse-cid':true}");
    before = nvme_ring_submit(ring, &cmd);
    nvme_ring_wait(ring, &cqe);
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==, before);
    fi_clear(rig);
    for (unsigned i = 0; i < 3 * SMALL; i++) {
        before = nvme_ring_submit(ring, &cmd);
        nvme_ring_wait(ring, &cqe);
        g_assert_cmphex(le16_to_cpu(cqe.cid), ==, before);
        fi_add(rig, "{'id':'r','action':'cqe','qid':2,'reuse-cid':true}");
        nvme_ring_submit(ring, &cmd);
        nvme_ring_wait(ring, &cqe);
        g_assert_cmphex(le16_to_cpu(cqe.cid), ==, before);
        fi_remove(rig, "r");
    }
    nvme_ring_free(ring);
    finish(rig);
}

/* The entry at @place of the queue, once something stands there. */
static NvmeCqe raw_entry(FiRig *rig, unsigned place)
{
    uint64_t deadline = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
    NvmeCqe cqe;

    do {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        qtest_memread(rig->vm->qts, rig->io->cq + place * sizeof(cqe), &cqe,
                      sizeof(cqe));
    } while (!cqe.sq_id);
    return cqe;
}

/* The entry is there, and hides itself and what comes after it. */
static void test_keep_phase(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = read_of(rig, 8);
    uint16_t cid;
    NvmeCqe cqe;

    fi_add(rig, "{'action':'cqe','times':1,'keep-phase':true}");
    cid = nvme_ring_submit(rig->io, &cmd);
    cqe = raw_entry(rig, 0);
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==, cid);
    g_assert_cmphex(le16_to_cpu(cqe.status), ==, 0);
    assert_logged(rig, &cqe);
    nvme_ring_submit(rig->io, &cmd);
    cqe = raw_entry(rig, 1);
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==, cid + 1);
    g_assert_cmphex(le16_to_cpu(cqe.status), ==, 1);    /* the phase tag */
    nvme_ring_assert_idle(rig->io);
    fi_rig_reset(rig);
    finish(rig);
}

/* Copies with the right phase, also where the queue begins anew. */
static void test_duplicates(void)
{
    FiRig *rig = fi_rig_start();
    NvmeRing *ring = nvme_ring_new(rig->host, 2, 7);
    NvmeCmd cmd = read_of(rig, 8);
    NvmeCqe cqes[3];

    fi_add(rig, "{'action':'cqe','qid':2,'duplicates':2}");
    for (unsigned i = 0; i < 30; i++) {
        uint16_t cid = nvme_ring_submit(ring, &cmd);

        nvme_ring_wait_many(ring, cqes, 3);
        for (unsigned j = 0; j < 3; j++) {
            g_assert_cmphex(le16_to_cpu(cqes[j].cid), ==, cid);
            g_assert_cmphex(NVME_CQE_STATUS(&cqes[j]), ==, 0);
            g_assert_cmphex(cqes[j].sq_head, ==, cqes[0].sq_head);
        }
        nvme_ring_assert_idle(ring);
    }
    nvme_ring_free(ring);
    finish(rig);
}

/* How many entries stand in the SMALL queue of @ring, none taken yet. */
static unsigned entries(NvmeRing *ring)
{
    NvmeCqe cqes[SMALL];
    unsigned n = 0;

    nvme_vm_settle(ring->host->vm);
    qtest_memread(ring->host->vm->qts, ring->cq, cqes, sizeof(cqes));
    for (unsigned i = 0; i < SMALL; i++) {
        n += le16_to_cpu(cqes[i].status) & 1;
    }
    return n;
}

static void wait_entries(NvmeRing *ring, unsigned n)
{
    uint64_t deadline = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;

    while (entries(ring) < n) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
    }
    g_assert_cmpint(entries(ring), ==, n);
}

/* @before entries are there: the entry and its copies take what is left, and
 * what is posted when there is room again comes behind them. */
static void run_full(unsigned before)
{
    FiRig *rig = fi_rig_start();
    NvmeRing *ring = nvme_ring_new(rig->host, 2, SMALL);
    NvmeCmd cmd = read_of(rig, 8);
    NvmeCqe cqe;
    uint16_t cid;

    ring->next_cid = 1;
    for (unsigned i = 0; i < before; i++) {
        nvme_ring_submit(ring, &cmd);
        wait_entries(ring, i + 1);
    }
    fi_add(rig, "{'action':'cqe','qid':2,'times':1,'duplicates':16}");
    cid = nvme_ring_submit(ring, &cmd);
    wait_entries(ring, SMALL - 1);
    nvme_ring_submit(ring, &cmd);
    wait_entries(ring, SMALL - 1);
    for (unsigned i = 0; i < SMALL; i++) {
        nvme_ring_wait(ring, &cqe);
        g_assert_cmphex(le16_to_cpu(cqe.cid), ==,
                        i < before ? i + 1 : i < SMALL - 1 ? cid : cid + 1);
    }
    nvme_ring_assert_idle(ring);
    nvme_ring_free(ring);
    finish(rig);
}

static void test_full(void)
{
    for (unsigned before = 0; before < SMALL - 1; before++) {
        run_full(before);
    }
}

static bool pin(FiRig *rig)
{
    return qpci_config_readw(rig->host->pci, PCI_STATUS) &
        PCI_STATUS_INTERRUPT;
}

/* The pin is asserted until the last copy was taken, and not longer. */
static void test_pin(void)
{
    FiRig *rig = fi_rig_new_disabled(NVME_VM_PATCHED, "");
    NvmeCmd cmd = read_of(rig, 8);
    NvmeCqe cqe;

    qpci_msix_disable(rig->host->pci);
    fi_rig_enable(rig);
    g_assert_false(pin(rig));
    fi_add(rig, "{'action':'cqe','opcode':'read','duplicates':2}");
    for (int i = 0; i < 5; i++) {
        nvme_ring_submit(rig->io, &cmd);
        for (int j = 0; j < 3; j++) {
            nvme_ring_wait(rig->io, &cqe);
            g_assert_true(pin(rig) == (j < 2));
        }
    }
    finish(rig);
}

/* Under a delay the rule goes, and the entry is malformed still. */
static void test_delayed(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = read_of(rig, 8);
    NvmeCqe cqe;

    fi_add(rig, "{'id':'d','action':'cqe','delay-ns':%d,'dw1':3}", SECOND);
    nvme_ring_submit(rig->io, &cmd);
    nvme_ring_assert_idle(rig->io);
    fi_remove(rig, "d");
    while (!nvme_ring_poll(rig->io, &cqe)) {
        nvme_vm_step(rig->vm, SECOND);
        nvme_vm_settle(rig->vm);
    }
    g_assert_cmphex(le32_to_cpu(cqe.dw1), ==, 3);
    finish(rig);
}

static void test_shadow_doorbells(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = read_of(rig, 8);
    NvmeCqe cqes[3];

    g_assert_cmphex(nvme_host_shadow_doorbells(rig->host), ==, 0);
    fi_add(rig, "{'action':'cqe','opcode':'read','duplicates':2}");
    for (unsigned i = 0; i < FI_IO_ENTRIES; i++) {
        nvme_ring_submit(rig->io, &cmd);
        nvme_ring_wait_many(rig->io, cqes, 3);
        g_assert_cmphex(cqes[0].cid, ==, cqes[2].cid);
    }
    finish(rig);
}

#define TEST(path, name) { "/nvme-fi/cqe/" path, test_##name }

static const struct {
    const char *path;
    GTestFunc func;
} tests[] = {
    TEST("zone-append", zone_append), TEST("admin", admin),
    TEST("reuse-cid", reuse_cid), TEST("keep-phase", keep_phase),
    TEST("duplicates", duplicates), TEST("full", full), TEST("pin", pin),
    TEST("delayed", delayed), TEST("shadow-doorbells", shadow_doorbells),
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *path = g_strdup_printf("/nvme-fi/cqe/%s",
                                                rows[i].name);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(tests); i++) {
        g_test_add_func(tests[i].path, tests[i].func);
    }
    return g_test_run();
}
