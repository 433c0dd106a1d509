/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test lets a controller fail in CSTS (NVMe Base 2.1, 3.1.4.6): fatal,
 * ready late or never, on enable, disable and shutdown; at once, by a rule,
 * and with everything that ends such a fault.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define SECOND      1000000000
#define CC_EN       ((4u << 20) | (6u << 16) | (6u << 4) | 1)
#define CC_SHN      (1u << 14)
#define READY       NVME_CSTS_READY
#define FATAL       NVME_CSTS_FAILED
#define SHST_BUSY   (1u << 2)
#define SHST_DONE   (2u << 2)

static void expect_csts(FiRig *rig, uint32_t csts)
{
    g_assert_cmphex(nvme_host_reg(rig->host, NVME_REG_CSTS), ==, csts);
}

static void write_cc(FiRig *rig, uint32_t cc)
{
    nvme_host_set_reg(rig->host, NVME_REG_CC, cc);
}

/* A read that must get no answer. */
static void submit_read(FiRig *rig)
{
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, 0, 1,
                              rig->data);

    nvme_ring_submit(rig->io, &cmd);
    nvme_ring_assert_idle(rig->io);
}

/* The controller is enabled again, and all is well. */
static void finish(FiRig *rig)
{
    fi_rig_enable(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

static void test_fatal(void)
{
    FiRig *rig = fi_rig_start();
    uint64_t reads = fi_block_stat(rig, 0, "rd_operations");

    fi_trigger(rig, "{'trigger':'controller','fault':'fatal'}");
    expect_csts(rig, READY | FATAL);
    submit_read(rig);
    nvme_vm_step(rig->vm, 3600 * (int64_t)SECOND);
    nvme_ring_assert_idle(rig->io);
    g_assert_cmpint(fi_block_stat(rig, 0, "rd_operations"), ==, reads);
    write_cc(rig, CC_EN & ~1u);
    expect_csts(rig, 0);
    finish(rig);
}

/* Of a controller that is disabled: the next enable fails. */
static void test_fatal_while_disabled(void)
{
    FiRig *rig = fi_rig_start();

    nvme_host_disable(rig->host);
    fi_trigger(rig, "{'trigger':'controller','fault':'fatal'}");
    expect_csts(rig, FATAL);
    write_cc(rig, CC_EN & ~1u);     /* no reset, as there is nothing to */
    expect_csts(rig, FATAL);
    write_cc(rig, CC_EN);
    nvme_vm_step(rig->vm, 3600 * (int64_t)SECOND);
    expect_csts(rig, FATAL);
    write_cc(rig, CC_EN & ~1u);
    expect_csts(rig, 0);
    finish(rig);
}

/* Registers of other widths show the same. */
static void test_fatal_any_width(void)
{
    FiRig *rig = fi_rig_start();
    QPCIDevice *pci = rig->host->pci;
    QPCIBar bar = rig->host->bar;

    fi_trigger(rig, "{'trigger':'controller','fault':'fatal'}");
    g_assert_cmphex(qpci_io_readw(pci, bar, NVME_REG_CSTS), ==,
                    READY | FATAL);
    g_assert_cmphex(qpci_io_readw(pci, bar, NVME_REG_CSTS + 2), ==, 0);
    g_assert_cmphex(qpci_io_readq(pci, bar, NVME_REG_CSTS - 4) >> 32, ==,
                    READY | FATAL);
    fi_rig_free(rig);
}

/* A completion that is due already is not posted either, by nobody. */
static void test_fatal_keeps_completions(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, 0, 1,
                              rig->data);

    fi_add(rig, "{'action':'none','opcode':'read','delay-ns':1000}");
    nvme_ring_submit(rig->io, &cmd);
    nvme_ring_assert_idle(rig->io);
    nvme_host_irq_clear(rig->host, 1);
    fi_trigger(rig, "{'trigger':'controller','fault':'fatal'}");
    nvme_vm_step(rig->vm, SECOND);
    nvme_ring_assert_idle(rig->io);
    g_assert_cmpint(nvme_host_irq(rig->host, 1), ==, 0);
    write_cc(rig, CC_EN & ~1u);
    nvme_ring_assert_idle(rig->io);
    fi_clear(rig);
    finish(rig);
}

/* ... and is posted when the fault is over by itself. */
static void test_fatal_for_a_time(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCqe cqe;

    fi_trigger(rig, "{'trigger':'controller','fault':'fatal',"
               "'for-ns':1000000000}");
    submit_read(rig);
    nvme_vm_step(rig->vm, SECOND - 1);
    expect_csts(rig, READY | FATAL);
    nvme_vm_step(rig->vm, 1);
    expect_csts(rig, READY);
    nvme_ring_wait(rig->io, &cqe);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, 0);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* The command that the rule hits gets no answer, nor does any other. */
static void test_fatal_by_rule(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'id':'r','action':'none','opcode':'read','skip':1,'times':1,"
           "'trigger':[{'trigger':'controller','fault':'fatal'}]}");
    g_assert_cmphex(fi_read(rig, 0), ==, 0);
    submit_read(rig);
    expect_csts(rig, READY | FATAL);
    g_assert_cmpint(fi_hits(rig, "r"), ==, 1);
    submit_read(rig);
    g_assert_cmpint(fi_matches(rig, "r"), ==, 2);
    nvme_host_disable(rig->host);
    finish(rig);
}

/* A reset loop: with times 3, two more enables end in CFS. */
static void test_fatal_reset_loop(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'controller','fault':'fatal','times':3}");
    expect_csts(rig, READY | FATAL);
    for (int i = 0; i < 2; i++) {
        write_cc(rig, CC_EN & ~1u);
        expect_csts(rig, 0);
        write_cc(rig, CC_EN);
        expect_csts(rig, FATAL);
    }
    write_cc(rig, CC_EN & ~1u);
    expect_csts(rig, 0);
    finish(rig);
}

static void test_fatal_sticky(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'controller','fault':'fatal','sticky':true}");
    for (int i = 0; i < 3; i++) {
        write_cc(rig, CC_EN & ~1u);
        expect_csts(rig, FATAL);
        write_cc(rig, CC_EN);
        expect_csts(rig, FATAL);
    }
    nvme_host_flr(rig->host);
    expect_csts(rig, FATAL);
    /* the last word counts */
    fi_trigger(rig, "{'trigger':'controller','fault':'fatal','for-ns':0}");
    nvme_vm_step(rig->vm, 1);
    expect_csts(rig, 0);
    finish(rig);
}

static void restart_host(FiRig *rig)
{
    rig->host->pci->msix_enabled = false;
    nvme_host_free(rig->host);
    rig->host = nvme_host_new(rig->vm, FI_DEVFN);
    rig->data = nvme_alloc(rig->host, FI_DATA_BYTES);
}

/* Only the power switch helps. */
static void test_sticky_ends_with_the_machine(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'controller','fault':'fatal','sticky':true}");
    qtest_system_reset(rig->vm->qts);
    restart_host(rig);
    expect_csts(rig, 0);
    finish(rig);
}

static void test_ready_late(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'controller','fault':'ready-late',"
               "'for-ns':1000000000,'times':2}");
    fi_rig_assert_works(rig);
    for (int i = 0; i < 2; i++) {
        write_cc(rig, CC_EN & ~1u);
        expect_csts(rig, 0);
        write_cc(rig, CC_EN);
        nvme_vm_step(rig->vm, SECOND - 1);
        expect_csts(rig, 0);
        nvme_vm_step(rig->vm, 1);
        expect_csts(rig, READY);
    }
    nvme_host_disable(rig->host);
    finish(rig);
}

/* A reset while the controller is not ready yet begins anew. */
static void test_reset_while_not_ready(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'controller','fault':'ready-late',"
               "'for-ns':1000000000}");
    nvme_host_disable(rig->host);
    write_cc(rig, CC_EN);
    expect_csts(rig, 0);
    write_cc(rig, CC_EN & ~1u);
    finish(rig);

    rig = fi_rig_start();
    fi_trigger(rig, "{'trigger':'controller','fault':'ready-late',"
               "'for-ns':1000000000}");
    nvme_host_disable(rig->host);
    write_cc(rig, CC_EN);
    nvme_host_flr(rig->host);
    finish(rig);
}

static void test_ready_never(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'controller','fault':'ready-never'}");
    nvme_host_disable(rig->host);
    write_cc(rig, CC_EN);
    nvme_vm_step(rig->vm, 3600 * (int64_t)SECOND);
    expect_csts(rig, 0);
    write_cc(rig, CC_EN & ~1u);
    finish(rig);
}

static void test_disable_late(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'controller','fault':'disable-late',"
               "'for-ns':1000000000}");
    fi_rig_assert_works(rig);
    write_cc(rig, CC_EN & ~1u);
    nvme_vm_step(rig->vm, SECOND - 1);
    expect_csts(rig, READY);
    nvme_vm_step(rig->vm, 1);
    expect_csts(rig, 0);
    finish(rig);
}

/* A function level reset ends it. */
static void test_disable_never(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'controller','fault':'disable-never'}");
    write_cc(rig, CC_EN & ~1u);
    nvme_vm_step(rig->vm, 3600 * (int64_t)SECOND);
    expect_csts(rig, READY);
    nvme_host_flr(rig->host);
    expect_csts(rig, 0);
    finish(rig);
}

static void test_shutdown_late(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'controller','fault':'shutdown-late',"
               "'for-ns':1000000000}");
    write_cc(rig, CC_EN | CC_SHN);
    nvme_vm_step(rig->vm, SECOND - 1);
    expect_csts(rig, READY | SHST_BUSY);
    nvme_vm_step(rig->vm, 1);
    expect_csts(rig, READY | SHST_DONE);
    nvme_host_disable(rig->host);
    finish(rig);
}

static void test_shutdown_never(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'controller','fault':'shutdown-never'}");
    write_cc(rig, CC_EN | CC_SHN);
    nvme_vm_step(rig->vm, 3600 * (int64_t)SECOND);
    expect_csts(rig, READY | SHST_BUSY);
    write_cc(rig, CC_EN & ~1u);
    expect_csts(rig, 0);
    fi_rig_enable(rig);
    nvme_host_shutdown(rig->host);      /* once only */
    nvme_host_disable(rig->host);
    finish(rig);
}

/* What another controller of the subsystem does is its own affair. */
static void test_second_controller(void)
{
    FiRig *rig = fi_rig_new(NVME_VM_PATCHED, " -device nvme,id=nvme1,"
                            "serial=fi,subsys=subsys0,addr=05.0");
    NvmeHost *other = nvme_host_new(rig->vm, 0x28);

    nvme_host_enable(other);
    fi_trigger(rig, "{'trigger':'controller','fault':'fatal'}");
    expect_csts(rig, READY | FATAL);
    g_assert_cmphex(nvme_host_reg(other, NVME_REG_CSTS), ==, READY);
    nvme_host_reset(other);
    nvme_host_free(other);
    nvme_host_disable(rig->host);
    finish(rig);
}

static void test_shadow_doorbells(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCqe cqe;

    g_assert_cmphex(nvme_host_shadow_doorbells(rig->host), ==, 0);
    fi_rig_assert_works(rig);
    fi_trigger(rig, "{'trigger':'controller','fault':'fatal','for-ns':10}");
    submit_read(rig);
    nvme_vm_step(rig->vm, 10);
    nvme_ring_wait(rig->io, &cqe);
    fi_rig_assert_works(rig);
    fi_trigger(rig, "{'trigger':'controller','fault':'fatal'}");
    submit_read(rig);
    nvme_host_disable(rig->host);
    finish(rig);
}

/* What this machine cannot do; nothing is begun. */
static void test_refusals(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger_refused(rig, "root-port", "{'trigger':'controller',"
                       "'fault':'aer','aer-error':'DLP'}");
    fi_trigger_refused(rig, "does not support hotplug",
                       "{'trigger':'controller','fault':'unplug'}");
    expect_csts(rig, READY);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) \
    g_test_add_func("/nvme-fi/controller-fault/" name, function)
    ADD("fatal", test_fatal);
    ADD("fatal-while-disabled", test_fatal_while_disabled);
    ADD("fatal-any-width", test_fatal_any_width);
    ADD("fatal-keeps-completions", test_fatal_keeps_completions);
    ADD("fatal-for-a-time", test_fatal_for_a_time);
    ADD("fatal-by-rule", test_fatal_by_rule);
    ADD("fatal-reset-loop", test_fatal_reset_loop);
    ADD("fatal-sticky", test_fatal_sticky);
    ADD("sticky-ends-with-the-machine", test_sticky_ends_with_the_machine);
    ADD("ready-late", test_ready_late);
    ADD("reset-while-not-ready", test_reset_while_not_ready);
    ADD("ready-never", test_ready_never);
    ADD("disable-late", test_disable_late);
    ADD("disable-never", test_disable_never);
    ADD("shutdown-late", test_shutdown_late);
    ADD("shutdown-never", test_shutdown_never);
    ADD("second-controller", test_second_controller);
    ADD("shadow-doorbells", test_shadow_doorbells);
    ADD("refusals", test_refusals);
    return g_test_run();
}
