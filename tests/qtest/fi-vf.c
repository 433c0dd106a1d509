/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A controller with a virtual function (PCIe 6.0, 9.3; NVMe Base 2.1, 5.2.6
 * and 8.2.6).
 */
#include "qemu/osdep.h"
#include "fi-vf.h"
#include "hw/pci/pci_regs.h"

#define ECAM        0xb0000000ull
#define SRIOV_CAP   0x120           /* of QEMU's nvme device */
#define VF_DEVFN    (FI_PORT_NVME + 1)
#define VF_BAR      0xe7000000u     /* in the port's window, not of libqos */
#define VF_CNTLID   1

#define ACT_OFFLINE 7               /* Virtualization Management */
#define ACT_ASSIGN  8
#define ACT_ONLINE  9
#define RT_QUEUES   0
#define RT_VECTORS  1

/* @reg of the configuration space of @devfn, memory mapped. */
static uint64_t config(int devfn, unsigned reg)
{
    return ECAM + (devfn << 12) + reg;
}

static uint16_t manage(FiVf *pair, unsigned act, unsigned rt, unsigned number)
{
    NvmeCmd cmd = nvme_cmd(NVME_ADM_CMD_VIRT_MNGMT, 0);

    cmd.cdw10 = cpu_to_le32(act | rt << 8 | VF_CNTLID << 16);
    cmd.cdw11 = cpu_to_le32(number);
    return nvme_ring_exec(&pair->pf->host->admin, &cmd, NULL);
}

static void map_config(NvmeVm *vm)
{
    QPCIDevice *mch = qpci_device_find(vm->bus, 0);

    qpci_config_writel(mch, 0x64, 0);           /* PCIEXBAR */
    qpci_config_writel(mch, 0x60, ECAM | 1);
    g_free(mch);
}

static void enable_function(NvmeVm *vm)
{
    uint64_t cap = config(FI_PORT_NVME, SRIOV_CAP);
    QTestState *qts = vm->qts;

    map_config(vm);
    g_assert_cmphex(qtest_readw(qts, cap), ==, PCI_EXT_CAP_ID_SRIOV);
    qtest_writew(qts, cap + PCI_SRIOV_NUM_VF, 1);
    qtest_writel(qts, cap + PCI_SRIOV_BAR, VF_BAR);
    qtest_writel(qts, cap + PCI_SRIOV_BAR + 4, 0);
    qtest_writew(qts, cap + PCI_SRIOV_CTRL,
                 PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE);
    /* QEMU asks the virtual function, too, for Memory Space Enable */
    qtest_writew(qts, config(VF_DEVFN, PCI_COMMAND),
                 PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

/* MSI-X of a function whose vendor and BARs libqos cannot read. */
static void enable_vectors(NvmeHost *host)
{
    QPCIDevice *pci = host->pci;
    uint8_t cap = qpci_find_capability(pci, PCI_CAP_ID_MSIX, 0);
    uint32_t table;

    g_assert_cmphex(cap, !=, 0);
    table = qpci_config_readl(pci, cap + PCI_MSIX_TABLE);
    g_assert_cmphex(table & PCI_MSIX_TABLE_BIR, ==, 0);
    qpci_config_writew(pci, cap + PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE);
    pci->msix_enabled = true;
    for (unsigned i = 0; i < 2; i++) {
        uint64_t entry = table + i * PCI_MSIX_ENTRY_SIZE;

        qpci_io_writel(pci, host->bar, entry + PCI_MSIX_ENTRY_LOWER_ADDR,
                       host->irq + i * 4);
        qpci_io_writel(pci, host->bar, entry + PCI_MSIX_ENTRY_UPPER_ADDR, 0);
        qpci_io_writel(pci, host->bar, entry + PCI_MSIX_ENTRY_DATA, i + 1);
        qpci_io_writel(pci, host->bar, entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
    }
}

static NvmeHost *new_host(NvmeVm *vm)
{
    NvmeHost *host = g_new0(NvmeHost, 1);

    host->vm = vm;
    host->pci = g_new0(QPCIDevice, 1);
    host->pci->bus = vm->bus;
    host->pci->devfn = VF_DEVFN;
    host->bar = (QPCIBar) { .addr = VF_BAR };
    host->irq = nvme_alloc(host, NVME_PAGE);
    host->admin = (NvmeRing) {
        .host = host, .size = NVME_RING_ENTRIES,
        .sq = nvme_alloc(host, NVME_PAGE), .cq = nvme_alloc(host, NVME_PAGE),
    };
    return host;
}

/* Nobody names a virtual function: the first nvme device without an ID. */
bool fi_vf_find(FiVf *pair)
{
    FiRig *vf = pair->vf;
    QDict *response = qtest_qmp(vf->vm->qts, "{'execute':'qom-list',"
                                "'arguments':{'path':'/machine/unattached'}}");
    const QListEntry *entry;

    g_clear_pointer(&vf->device, g_free);
    QLIST_FOREACH_ENTRY(qdict_get_qlist(response, "return"), entry) {
        QDict *property = qobject_to(QDict, qlist_entry_obj(entry));

        if (!vf->device &&
            !strcmp(qdict_get_str(property, "type"), "child<nvme>")) {
            vf->device = g_strdup_printf("/machine/unattached/%s",
                                         qdict_get_str(property, "name"));
        }
    }
    qobject_unref(response);
    return vf->device;
}

void fi_vf_bring_up(FiVf *pair)
{
    FiRig *vf = pair->vf;

    enable_function(vf->vm);
    g_assert_cmphex(fi_vf_offline(pair), ==, 0);
    g_assert_cmphex(manage(pair, ACT_ASSIGN, RT_QUEUES, 2), ==, 0);
    g_assert_cmphex(manage(pair, ACT_ASSIGN, RT_VECTORS, 2), ==, 0);
    g_assert_cmphex(manage(pair, ACT_ONLINE, 0, 0), ==, 0);
    enable_vectors(vf->host);
    fi_rig_enable(vf);
    g_assert_true(fi_vf_find(pair));
}

FiVf *fi_vf_new(void)
{
    FiVf *pair = g_new0(FiVf, 1);
    FiRig *vf = g_new0(FiRig, 1);

    pair->pf = fi_port_new(",sriov_max_vfs=1,sriov_vq_flexible=2,"
                           "sriov_vi_flexible=2");
    pair->vf = vf;
    vf->vm = pair->pf->vm;
    vf->host = new_host(vf->vm);
    vf->data = nvme_alloc(vf->host, FI_DATA_BYTES);
    fi_vf_bring_up(pair);
    return pair;
}

void fi_vf_free(FiVf *pair)
{
    nvme_ring_free(pair->vf->io);
    nvme_host_free(pair->vf->host);
    g_free(pair->vf->device);
    g_free(pair->vf);
    fi_rig_free(pair->pf);
    g_free(pair);
}

uint16_t fi_vf_offline(FiVf *pair)
{
    return manage(pair, ACT_OFFLINE, 0, 0);
}

void fi_vf_disable(FiVf *pair)
{
    qtest_writew(pair->vf->vm->qts,
                 config(FI_PORT_NVME, SRIOV_CAP + PCI_SRIOV_CTRL), 0);
    nvme_vm_settle(pair->vf->vm);
}

void fi_vf_flr(FiVf *pair)
{
    QPCIDevice *pci = pair->vf->host->pci;
    uint8_t cap = qpci_find_capability(pci, PCI_CAP_ID_EXP, 0);

    g_assert_cmphex(cap, !=, 0);
    qpci_config_writew(pci, cap + PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_BCR_FLR);
    nvme_vm_settle(pair->vf->vm);
}

bool fi_vf_answers(FiVf *pair)
{
    return qtest_readl(pair->vf->vm->qts,
                       config(VF_DEVFN, PCI_CLASS_REVISION)) != 0xffffffff;
}
