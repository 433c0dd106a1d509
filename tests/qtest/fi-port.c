/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A controller behind a PCI Express root port.
 */
#include "qemu/osdep.h"
#include "fi-port.h"
#include "hw/pci/pci_regs.h"

QPCIDevice *fi_port(FiRig *rig)
{
    QPCIDevice *port = qpci_device_find(rig->vm->bus, FI_PORT_DEVFN);

    g_assert_nonnull(port);
    return port;
}

void fi_port_open(FiRig *rig)
{
    g_autofree QPCIDevice *port = fi_port(rig);

    qpci_config_writeb(port, PCI_PRIMARY_BUS, 0);
    qpci_config_writeb(port, PCI_SECONDARY_BUS, 1);
    qpci_config_writeb(port, PCI_SUBORDINATE_BUS, 1);
    qpci_config_writew(port, PCI_MEMORY_BASE, 0xe000);
    qpci_config_writew(port, PCI_MEMORY_LIMIT, 0xe7f0);
    qpci_device_enable(port);
}

FiRig *fi_port_new(const char *options)
{
    FiRig *rig = g_new0(FiRig, 1);
    g_autofree char *args = g_strdup_printf(
        "-device nvme-subsys,id=subsys0 "
        "-device pcie-root-port,id=port0,addr=03.0,chassis=1,slot=1 "
        "-device nvme,id=nvme0,serial=fi,subsys=subsys0,bus=port0%s "
        "-device nvme-ns,drive=d0,nsid=1", options);

    rig->vm = nvme_vm_new(NVME_VM_PATCHED, 1, FI_NS_BYTES, args);
    fi_port_open(rig);
    rig->host = nvme_host_new(rig->vm, FI_PORT_NVME);
    rig->data = nvme_alloc(rig->host, FI_DATA_BYTES);
    fi_rig_enable(rig);
    return rig;
}

uint16_t fi_port_reg(FiRig *rig, unsigned offset)
{
    g_autofree QPCIDevice *port = fi_port(rig);
    uint8_t cap = qpci_find_capability(port, PCI_CAP_ID_EXP, 0);

    g_assert_cmphex(cap, !=, 0);
    return qpci_config_readw(port, cap + offset);
}

void fi_port_eject(FiRig *rig)
{
    for (unsigned bus = 0; bus < 4; bus++) {
        qtest_outl(rig->vm->qts, 0xcc0 + 0x10, bus);    /* ICH9 pcihp: BNUM */
        qtest_outl(rig->vm->qts, 0xcc0 + 0x08, 1);      /* B0EJ, slot 0 */
    }
}

bool fi_port_has_device(FiRig *rig)
{
    QDict *response = qtest_qmp(rig->vm->qts, "{'execute':'query-nvme-fi',"
                                "'arguments':{'device':'nvme0'}}");
    bool has = !qdict_haskey(response, "error");

    qobject_unref(response);
    return has;
}
