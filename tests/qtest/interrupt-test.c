/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test loses, adds and misdirects interrupts, by MSI-X and by the pin,
 * while the completions themselves arrive.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"
#include "hw/pci/pci_regs.h"
#include <glib/gstdio.h>

#define OTHER   3u              /* a second queue pair and its vector */
#define UNUSED  5u              /* a vector of no queue */

static NvmeCmd read_of(FiRig *rig)
{
    return nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, 8, 1, rig->data);
}

static void finish(FiRig *rig)
{
    fi_clear(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

static void clear_vectors(FiRig *rig)
{
    for (unsigned vector = 0; vector <= UNUSED; vector++) {
        nvme_host_irq_clear(rig->host, vector);
    }
}

/* One read on @ring; afterwards @vector, or none with -1, was signalled. */
static void read_signals(FiRig *rig, NvmeRing *ring, int vector)
{
    NvmeCmd cmd = read_of(rig);

    clear_vectors(rig);
    g_assert_cmphex(nvme_ring_exec(ring, &cmd, NULL), ==, 0);
    nvme_vm_settle(rig->vm);
    for (int i = 0; i <= (int)UNUSED; i++) {
        g_assert_cmpint(nvme_host_irq(rig->host, i), ==,
                        i == vector ? i + 1 : 0);
    }
}

static void test_lost(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'action':'interrupt','opcode':'read','every':2,"
           "'interrupt':'lost'}");
    for (int i = 0; i < 5; i++) {
        read_signals(rig, rig->io, -1);
        read_signals(rig, rig->io, 1);
    }
    finish(rig);
}

/* Completions of one bottom half have one interrupt. */
static void test_shared_fate(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmds[2];
    NvmeCqe cqes[2];

    /* both end at one nanosecond */
    cmds[0] = cmds[1] = read_of(rig);
    fi_add(rig, "{'action':'status','status':'success','opcode':'read',"
           "'delay-ns':10},{'action':'status','status':'success',"
           "'opcode':'read','times':1,'delay-ns':10,"
           "'trigger':[{'trigger':'interrupt','interrupt':'lost'}]}");
    clear_vectors(rig);
    nvme_ring_push_many(rig->io, cmds, 2);
    nvme_ring_kick(rig->io);
    nvme_ring_assert_idle(rig->io);
    nvme_vm_step(rig->vm, 10);
    nvme_ring_wait_many(rig->io, cqes, 2);
    nvme_vm_settle(rig->vm);
    g_assert_cmpint(nvme_host_irq(rig->host, 1), ==, 0);
    fi_clear(rig);
    read_signals(rig, rig->io, 1);
    finish(rig);
}

static void test_wrong_vector(void)
{
    FiRig *rig = fi_rig_start();
    NvmeRing *other = nvme_ring_new(rig->host, OTHER, NVME_RING_ENTRIES);

    fi_add(rig, "{'id':'v','action':'interrupt','qid':1,"
           "'interrupt':'wrong-vector','vector':%u}", OTHER);
    read_signals(rig, rig->io, OTHER);
    read_signals(rig, other, OTHER);
    fi_remove(rig, "v");
    fi_add(rig, "{'id':'v','action':'interrupt','qid':%u,"
           "'interrupt':'wrong-vector','vector':0}", OTHER);
    read_signals(rig, rig->io, 1);
    read_signals(rig, other, 0);
    nvme_ring_free(other);
    finish(rig);
}

/* A vector that is not there, or that no queue uses, is nobody's. */
static void test_no_such_vector(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'action':'interrupt','opcode':'read','times':1,"
           "'interrupt':'wrong-vector','vector':2047}");
    read_signals(rig, rig->io, -1);
    read_signals(rig, rig->io, 1);
    fi_add(rig, "{'action':'interrupt','opcode':'read','times':1,"
           "'interrupt':'wrong-vector','vector':%u}", UNUSED);
    read_signals(rig, rig->io, -1);
    read_signals(rig, rig->io, 1);
    finish(rig);
}

/* The number of lines of @log, which has one for each interrupt. */
static unsigned count_lines(const char *log)
{
    g_autofree char *text = NULL;
    unsigned n = 0;

    g_assert_true(g_file_get_contents(log, &text, NULL, NULL));
    for (const char *c = text; *c; c++) {
        n += *c == '\n';
    }
    return n;
}

/* A rig that writes a line to @log for each occurrence of @event. */
static FiRig *start_traced(const char *event, char **log)
{
    g_autofree char *options = NULL;
    int fd = g_file_open_tmp("nvme-fi-XXXXXX", log, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    options = g_strdup_printf(" -D %s -trace %s", *log, event);
    return fi_rig_new_disabled(NVME_VM_PATCHED, options);
}

static void test_twice(void)
{
    g_autofree char *log = NULL;
    FiRig *rig = start_traced("pci_nvme_irq_msix", &log);
    unsigned before;

    fi_rig_enable(rig);
    before = count_lines(log);
    read_signals(rig, rig->io, 1);
    g_assert_cmpint(count_lines(log), ==, before + 1);
    fi_add(rig, "{'action':'interrupt','opcode':'read','times':1,"
           "'interrupt':'spurious'}");
    read_signals(rig, rig->io, 1);
    g_assert_cmpint(count_lines(log), ==, before + 3);
    read_signals(rig, rig->io, 1);
    g_assert_cmpint(count_lines(log), ==, before + 4);
    g_unlink(log);
    finish(rig);
}

/* Triggers: the next interrupt of a queue, the first I/O queue by default. */
static void test_triggers(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = nvme_cmd_get_feature(NVME_NUMBER_OF_QUEUES);

    fi_trigger(rig, "{'trigger':'interrupt','interrupt':'lost'}");
    read_signals(rig, rig->io, -1);
    read_signals(rig, rig->io, 1);
    fi_trigger(rig, "{'trigger':'interrupt','interrupt':'wrong-vector',"
               "'vector':0}");
    read_signals(rig, rig->io, 0);
    read_signals(rig, rig->io, 1);
    fi_trigger(rig, "{'trigger':'interrupt','interrupt':'lost','qid':0}");
    read_signals(rig, rig->io, 1);
    clear_vectors(rig);
    nvme_ring_exec(&rig->host->admin, &cmd, NULL);
    nvme_vm_settle(rig->vm);
    g_assert_cmpint(nvme_host_irq(rig->host, 0), ==, 0);
    nvme_ring_exec(&rig->host->admin, &cmd, NULL);
    nvme_vm_settle(rig->vm);
    g_assert_cmpint(nvme_host_irq(rig->host, 0), ==, 1);
    clear_vectors(rig);
    fi_trigger(rig, "{'trigger':'interrupt','interrupt':'spurious'}");
    g_assert_cmpint(nvme_host_irq(rig->host, 1), ==, 2);
    nvme_ring_assert_idle(rig->io);
    /* a controller that stands still sends none */
    clear_vectors(rig);
    fi_trigger(rig, "{'trigger':'controller','fault':'fatal'},"
               "{'trigger':'interrupt','interrupt':'spurious'}");
    g_assert_cmpint(nvme_host_irq(rig->host, 1), ==, 0);
    nvme_host_disable(rig->host);
    fi_rig_enable(rig);
    finish(rig);
}

static void test_refused(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger_refused(rig, "qid 2: no such Completion Queue",
                       "{'trigger':'interrupt','interrupt':'lost','qid':2}");
    fi_trigger_refused(rig, "vector 2047: no such vector; must be below",
                       "{'trigger':'interrupt','interrupt':'wrong-vector',"
                       "'vector':2047}");
    finish(rig);
}

/* A fault that waits for an interrupt ends with its queue. */
static void test_ends(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'interrupt','interrupt':'lost'}");
    fi_rig_reset(rig);
    read_signals(rig, rig->io, 1);
    fi_trigger(rig, "{'trigger':'interrupt','interrupt':'lost'}");
    g_assert_cmphex(nvme_ring_delete_sq(rig->io), ==, 0);
    g_assert_cmphex(nvme_ring_delete_cq(rig->io), ==, 0);
    nvme_ring_free(rig->io);
    rig->io = nvme_ring_new(rig->host, 1, FI_IO_ENTRIES);
    read_signals(rig, rig->io, 1);
    /* but not with the rules */
    fi_trigger(rig, "{'trigger':'interrupt','interrupt':'lost'}");
    fi_clear(rig);
    read_signals(rig, rig->io, -1);
    fi_trigger(rig, "{'trigger':'interrupt','interrupt':'lost'}");
    fi_rig_free(rig);
}

static bool pin(FiRig *rig)
{
    return qpci_config_readw(rig->host->pci, PCI_STATUS) &
        PCI_STATUS_INTERRUPT;
}

/* The pin after a read, before and after its entry was taken. */
static void read_pins(FiRig *rig, bool expected)
{
    NvmeCmd cmd = read_of(rig);
    uint64_t place = rig->io->cq + rig->io->cq_head * sizeof(NvmeCqe) +
        offsetof(NvmeCqe, status);
    NvmeCqe cqe;

    nvme_ring_submit(rig->io, &cmd);
    while ((qtest_readw(rig->vm->qts, place) & 1) != rig->io->phase) {
        nvme_vm_settle(rig->vm);
    }
    nvme_vm_settle(rig->vm);
    g_assert_true(pin(rig) == expected);
    nvme_ring_wait(rig->io, &cqe);
    g_assert_false(pin(rig));
}

static void test_pin(void)
{
    g_autofree char *log = NULL;
    FiRig *rig = start_traced("ioapic_set_irq", &log);
    unsigned before, after;

    qpci_msix_disable(rig->host->pci);
    fi_rig_enable(rig);
    read_pins(rig, true);
    fi_add(rig, "{'action':'interrupt','opcode':'read','times':1,"
           "'interrupt':'lost'}");
    read_pins(rig, false);
    read_pins(rig, true);
    fi_add(rig, "{'action':'interrupt','opcode':'read','times':1,"
           "'interrupt':'wrong-vector','vector':3}");
    read_pins(rig, true);
    fi_add(rig, "{'action':'interrupt','opcode':'read','times':1,"
           "'interrupt':'spurious'}");
    read_pins(rig, true);
    before = count_lines(log);
    fi_trigger(rig, "{'trigger':'interrupt','interrupt':'spurious'}");
    after = count_lines(log);
    g_assert_cmpint(after, >, before);              /* up and down */
    g_assert_false(pin(rig));
    /* masked by the host (NVMe PCIe 1.1, INTMS) */
    nvme_host_set_reg(rig->host, NVME_REG_INTMS, 1);
    fi_trigger(rig, "{'trigger':'interrupt','interrupt':'spurious'}");
    g_assert_cmpint(count_lines(log), ==, after);
    nvme_host_set_reg(rig->host, NVME_REG_INTMC, 1);
    g_unlink(log);
    finish(rig);
}

/* A lost one stays lost when the host masks and unmasks. */
static void test_pin_masked(void)
{
    FiRig *rig = fi_rig_new_disabled(NVME_VM_PATCHED, "");
    NvmeCmd cmd = read_of(rig);
    NvmeCqe cqe;

    qpci_msix_disable(rig->host->pci);
    fi_rig_enable(rig);
    fi_add(rig, "{'action':'interrupt','opcode':'read','times':1,"
           "'interrupt':'lost'}");
    nvme_ring_submit(rig->io, &cmd);
    while (!fi_hits(rig, "rule0")) {
        nvme_vm_settle(rig->vm);
    }
    nvme_host_set_reg(rig->host, NVME_REG_INTMS, 1);
    nvme_host_set_reg(rig->host, NVME_REG_INTMC, 1);
    nvme_vm_settle(rig->vm);
    g_assert_false(pin(rig));
    nvme_ring_wait(rig->io, &cqe);
    g_assert_false(pin(rig));
    read_pins(rig, true);
    finish(rig);
}

#define TEST(path, name) { "/nvme-fi/interrupt/" path, test_##name }

static const struct {
    const char *path;
    GTestFunc func;
} tests[] = {
    TEST("lost", lost), TEST("shared-fate", shared_fate),
    TEST("wrong-vector", wrong_vector),
    TEST("no-such-vector", no_such_vector), TEST("twice", twice),
    TEST("triggers", triggers), TEST("refused", refused), TEST("ends", ends),
    TEST("pin", pin), TEST("pin-masked", pin_masked),
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(tests); i++) {
        g_test_add_func(tests[i].path, tests[i].func);
    }
    return g_test_run();
}
