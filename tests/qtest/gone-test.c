/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test takes a controller off the bus: gone, with its link, and out of
 * the machine; and lets it or its port report PCI Express errors.
 */
#include "qemu/osdep.h"
#include "fi-port.h"
#include "hw/pci/pci_regs.h"

#define SECOND  1000000000
#define ONES    0xffffffff
/* QEMU's port shows the state of its slot and link only with this. */
#define NATIVE  " -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off"

/* Everything reads as all ones, and what is written changes nothing. */
static void assert_gone(FiRig *rig)
{
    QPCIDevice *pci = rig->host->pci;
    QPCIBar bar = rig->host->bar;

    g_assert_cmphex(nvme_host_reg(rig->host, NVME_REG_CSTS), ==, ONES);
    g_assert_cmphex(nvme_host_reg(rig->host, NVME_REG_CAP), ==, ONES);
    g_assert_cmphex(nvme_host_reg(rig->host, 0x1000), ==, ONES);
    g_assert_cmphex(qpci_io_readb(pci, bar, NVME_REG_VS), ==, 0xff);
    g_assert_cmphex(qpci_io_readw(pci, bar, NVME_REG_VS), ==, 0xffff);
    g_assert_cmphex(qpci_io_readq(pci, bar, 0), ==, UINT64_MAX);
    g_assert_cmphex(qpci_io_readl(pci, bar, pci->msix_table_off), ==, ONES);
    g_assert_cmphex(qpci_config_readw(pci, PCI_VENDOR_ID), ==, 0xffff);
    g_assert_cmphex(qpci_config_readl(pci, PCI_BASE_ADDRESS_0), ==, ONES);
    g_assert_cmphex(qpci_config_readb(pci, PCI_HEADER_TYPE), ==, 0xff);
    nvme_host_set_reg(rig->host, NVME_REG_CC, 0);
    qpci_config_writel(pci, PCI_BASE_ADDRESS_0, 0);
    qpci_config_writew(pci, PCI_COMMAND, 0);
    g_assert_cmphex(nvme_host_reg(rig->host, NVME_REG_CSTS), ==, ONES);
}

static uint16_t submit_read(FiRig *rig)
{
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, 0, 1,
                              rig->data);

    return nvme_ring_submit(rig->io, &cmd);
}

static void test_gone(void)
{
    FiRig *rig = fi_rig_start();
    uint64_t reads = fi_block_stat(rig, 0, "rd_operations");

    nvme_host_irq_clear(rig->host, 1);
    fi_trigger(rig, "{'trigger':'controller','fault':'gone'}");
    assert_gone(rig);
    submit_read(rig);
    nvme_vm_step(rig->vm, 3600 * (int64_t)SECOND);
    nvme_ring_assert_idle(rig->io);
    g_assert_cmpint(fi_block_stat(rig, 0, "rd_operations"), ==, reads);
    g_assert_cmpint(nvme_host_irq(rig->host, 1), ==, 0);
    assert_gone(rig);
    fi_rig_free(rig);
}

/* It comes back as it was; the doorbell that was lost is rung again. */
static void test_gone_for_a_time(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCqe cqe;

    fi_trigger(rig, "{'trigger':'controller','fault':'gone',"
               "'for-ns':1000000000}");
    submit_read(rig);
    nvme_vm_step(rig->vm, SECOND - 1);
    assert_gone(rig);
    nvme_vm_step(rig->vm, 1);
    nvme_ring_assert_idle(rig->io);
    g_assert_cmphex(nvme_host_reg(rig->host, NVME_REG_CSTS), ==,
                    NVME_CSTS_READY);
    nvme_ring_kick(rig->io);
    nvme_ring_wait(rig->io, &cqe);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, 0);
    fi_rig_assert_works(rig);
    fi_rig_reset(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* Completions that were due meanwhile are posted afterwards. */
static void test_gone_with_commands(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCqe cqe;

    fi_add(rig, "{'id':'r','action':'none','opcode':'read',"
           "'delay-ns':1000,'trigger':[{'trigger':'controller',"
           "'fault':'gone','for-ns':2000}]}");
    submit_read(rig);
    /* the delay begins when the medium is done */
    fi_wait_stat(rig, "rd_operations", 1);
    nvme_vm_settle(rig->vm);
    assert_gone(rig);
    nvme_vm_step(rig->vm, 1999);
    nvme_ring_assert_idle(rig->io);
    nvme_vm_step(rig->vm, 1);
    nvme_ring_wait(rig->io, &cqe);
    g_assert_cmpint(fi_hits(rig, "r"), ==, 1);
    fi_clear(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* The next word replaces the last one. */
static void test_gone_again(void)
{
    FiRig *rig = fi_rig_start();

    for (int i = 0; i < 3; i++) {
        fi_trigger(rig, "{'trigger':'controller','fault':'gone'},"
                   "{'trigger':'controller','fault':'gone','for-ns':1000}");
        nvme_vm_step(rig->vm, 999);
        assert_gone(rig);
        fi_trigger(rig, "{'trigger':'controller','fault':'gone',"
                   "'for-ns':1000}");
        nvme_vm_step(rig->vm, 999);
        assert_gone(rig);
        nvme_vm_step(rig->vm, 1);
        nvme_vm_settle(rig->vm);
        fi_rig_assert_works(rig);
    }
    fi_rig_free(rig);
}

/* The bus is reset while the device does not listen. */
static void test_machine_reset_while_gone(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'controller','fault':'gone',"
               "'for-ns':1000000000}");
    submit_read(rig);
    qtest_system_reset(rig->vm->qts);
    g_assert_cmphex(qpci_config_readw(rig->host->pci, PCI_VENDOR_ID), ==,
                    0xffff);
    nvme_vm_step(rig->vm, SECOND);
    nvme_vm_settle(rig->vm);
    rig->host->pci->msix_enabled = false;
    nvme_host_free(rig->host);
    rig->host = nvme_host_new(rig->vm, FI_DEVFN);
    rig->data = nvme_alloc(rig->host, FI_DATA_BYTES);
    fi_rig_enable(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

static void test_quit_while_gone(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'controller','fault':'gone',"
               "'for-ns':1000000000}");
    submit_read(rig);
    qtest_qmp_assert_success(rig->vm->qts, "{'execute':'quit'}");
    qtest_wait_qemu(rig->vm->qts);
    fi_rig_free(rig);
}

static void test_link_down(void)
{
    FiRig *rig = fi_port_new(NATIVE);

    g_assert_cmphex(fi_port_reg(rig, PCI_EXP_LNKSTA) & PCI_EXP_LNKSTA_DLLLA,
                    !=, 0);
    fi_trigger(rig, "{'trigger':'controller','fault':'link-down',"
               "'for-ns':1000000000}");
    assert_gone(rig);
    g_assert_cmphex(fi_port_reg(rig, PCI_EXP_LNKSTA) & PCI_EXP_LNKSTA_DLLLA,
                    ==, 0);
    submit_read(rig);
    nvme_vm_step(rig->vm, SECOND);
    nvme_vm_settle(rig->vm);
    g_assert_cmphex(fi_port_reg(rig, PCI_EXP_LNKSTA) & PCI_EXP_LNKSTA_DLLLA,
                    !=, 0);
    /* as after a function level reset: no BAR, not enabled */
    g_assert_cmphex(qpci_config_readl(rig->host->pci, PCI_BASE_ADDRESS_0) &
                    ~0xfu, ==, 0);
    g_assert_cmphex(qpci_config_readw(rig->host->pci, PCI_COMMAND), ==, 0);
    rig->host->pci->msix_enabled = false;
    nvme_host_free(rig->host);
    rig->host = nvme_host_new(rig->vm, FI_PORT_NVME);
    g_assert_cmphex(nvme_host_reg(rig->host, NVME_REG_CC), ==, 0);
    g_assert_cmphex(nvme_host_reg(rig->host, NVME_REG_CSTS), ==, 0);
    fi_rig_enable(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

static void expect_deleted(FiRig *rig)
{
    qtest_qmp_eventwait(rig->vm->qts, "DEVICE_DELETED");
    nvme_vm_step(rig->vm, 3600 * (int64_t)SECOND);
    nvme_vm_settle(rig->vm);
    g_assert_false(fi_port_has_device(rig));
}

/* The guest is asked, and consents. */
static void test_unplug(void)
{
    FiRig *rig = fi_port_new("");

    fi_trigger(rig, "{'trigger':'controller','fault':'unplug'}");
    nvme_vm_settle(rig->vm);
    g_assert_true(fi_port_has_device(rig));
    fi_rig_assert_works(rig);
    fi_port_eject(rig);
    expect_deleted(rig);
    fi_rig_free(rig);
}

/* A reset of the machine is consent, too. */
static void test_unplug_at_reset(void)
{
    FiRig *rig = fi_port_new("");

    fi_trigger(rig, "{'trigger':'controller','fault':'unplug'}");
    nvme_vm_settle(rig->vm);
    qtest_system_reset(rig->vm->qts);
    expect_deleted(rig);
    fi_rig_free(rig);
}

static void test_unplug_by_rule(void)
{
    FiRig *rig = fi_port_new("");

    fi_add(rig, "{'action':'none','opcode':'read','delay-ns':1000,"
           "'trigger':[{'trigger':'controller','fault':'unplug'}]}");
    submit_read(rig);
    nvme_vm_settle(rig->vm);
    fi_port_eject(rig);
    expect_deleted(rig);
    fi_rig_free(rig);
}

/* Nobody is asked: with ACPI hot-plug the guest ejects an empty slot. */
static void test_surprise_unplug(void)
{
    FiRig *rig = fi_port_new("");

    fi_add(rig, "{'action':'none','opcode':'read','delay-ns':1000,"
           "'trigger':[{'trigger':'controller','fault':'surprise-unplug'}]}");
    submit_read(rig);
    expect_deleted(rig);
    g_assert_cmphex(qpci_config_readw(rig->host->pci, PCI_VENDOR_ID), ==,
                    0xffff);
    fi_port_eject(rig);
    nvme_vm_settle(rig->vm);
    fi_rig_free(rig);
}

/* ... and with a native slot the port says that it is empty. */
static void test_surprise_unplug_native(void)
{
    FiRig *rig = fi_port_new(NATIVE);

    g_assert_cmphex(fi_port_reg(rig, PCI_EXP_SLTSTA) & PCI_EXP_SLTSTA_PDS,
                    !=, 0);
    fi_trigger(rig, "{'trigger':'controller','fault':'surprise-unplug'}");
    expect_deleted(rig);
    g_assert_cmphex(fi_port_reg(rig, PCI_EXP_SLTSTA) &
                    (PCI_EXP_SLTSTA_PDS | PCI_EXP_SLTSTA_PDC), ==,
                    PCI_EXP_SLTSTA_PDC);
    g_assert_cmphex(fi_port_reg(rig, PCI_EXP_LNKSTA) & PCI_EXP_LNKSTA_DLLLA,
                    ==, 0);
    fi_rig_free(rig);
}

/* Both kinds of removal of a device that does not answer any more. */
static void test_device_del_while_gone(void)
{
    FiRig *rig = fi_port_new("");

    fi_trigger(rig, "{'trigger':'controller','fault':'link-down',"
               "'for-ns':1000000000},"
               "{'trigger':'controller','fault':'fatal','times':2},"
               "{'trigger':'controller','fault':'ready-late','for-ns':7}");
    submit_read(rig);
    qtest_qmp_device_del_send(rig->vm->qts, "nvme0");
    fi_port_eject(rig);
    expect_deleted(rig);
    fi_rig_free(rig);

    rig = fi_port_new("");
    fi_trigger(rig, "{'trigger':'controller','fault':'gone'},"
               "{'trigger':'controller','fault':'surprise-unplug'},"
               "{'trigger':'controller','fault':'unplug'}");
    expect_deleted(rig);
    fi_rig_free(rig);
}

/* The port's extended configuration space, at which only the memory mapped
 * way gets: PCIEXBAR of the q35 host bridge. */
static uint32_t port_errors(FiRig *rig, unsigned offset)
{
    QPCIDevice *mch = qpci_device_find(rig->vm->bus, 0);
    const uint64_t base = 0xb0000000;

    qpci_config_writel(mch, 0x64, 0);
    qpci_config_writel(mch, 0x60, base | 1);
    g_free(mch);
    return qtest_readl(rig->vm->qts,
                       base + (FI_PORT_DEVFN << 12) + 0x100 + offset);
}

/* The nvme device has no such capability; the port reports for it. */
static void test_aer(void)
{
    FiRig *rig = fi_port_new("");

    g_assert_cmphex(port_errors(rig, 0) & 0xffff, ==, PCI_EXT_CAP_ID_ERR);
    g_assert_cmphex(port_errors(rig, PCI_ERR_UNCOR_STATUS), ==, 0);
    fi_trigger(rig, "{'trigger':'controller','fault':'aer',"
               "'aer-error':'COMP_TIME'}");
    g_assert_cmphex(port_errors(rig, PCI_ERR_UNCOR_STATUS), ==,
                    PCI_ERR_UNC_COMP_TIME);
    fi_trigger(rig, "{'trigger':'controller','fault':'aer',"
               "'aer-error':'BAD_TLP'},"
               "{'trigger':'controller','fault':'aer','aer-error':'0x10'}");
    g_assert_cmphex(port_errors(rig, PCI_ERR_COR_STATUS), ==,
                    PCI_ERR_COR_BAD_TLP);
    g_assert_cmphex(port_errors(rig, PCI_ERR_UNCOR_STATUS), ==,
                    PCI_ERR_UNC_COMP_TIME | PCI_ERR_UNC_DLP);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) \
    g_test_add_func("/nvme-fi/gone/" name, function)
    ADD("gone", test_gone);
    ADD("for-a-time", test_gone_for_a_time);
    ADD("with-commands", test_gone_with_commands);
    ADD("again", test_gone_again);
    ADD("machine-reset", test_machine_reset_while_gone);
    ADD("quit", test_quit_while_gone);
    ADD("link-down", test_link_down);
    ADD("unplug", test_unplug);
    ADD("unplug-at-reset", test_unplug_at_reset);
    ADD("unplug-by-rule", test_unplug_by_rule);
    ADD("surprise-unplug", test_surprise_unplug);
    ADD("surprise-unplug-native", test_surprise_unplug_native);
    ADD("device-del-while-gone", test_device_del_while_gone);
    ADD("aer", test_aer);
    return g_test_run();
}
