/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device that does not answer on the bus, for a time or for ever.  Its
 * configuration space and all its BARs, with the MSI-X table, read as all ones
 * as on a bus where nobody completes a read, and what is written is lost.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/msix.h"
#include "hw/pci/pcie.h"
#include "hw/pci/pcie_sriov.h"
#include "controller.h"
#include "outermost.h"

static uint64_t ones_read(void *opaque, hwaddr addr, unsigned size)
{
    return UINT64_MAX;
}

static void ones_write(void *opaque, hwaddr addr, uint64_t data, unsigned size)
{
}

static const MemoryRegionOps ones_ops = {
    .read = ones_read,
    .write = ones_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 1,
    .valid.max_access_size = 8,
    .impl.min_access_size = 1,
    .impl.max_access_size = 8,
};

static uint32_t ones_config_read(PCIDevice *pci, uint32_t address, int len)
{
    return UINT32_MAX >> (32 - 8 * len);
}

static void ones_config_write(PCIDevice *pci, uint32_t address, uint32_t val,
                              int len)
{
}

/* Set up once, as readers without the lock may still see them when they are
 * switched off. */
static void cover(struct NvmeFiController *c)
{
    PCIDevice *pci = PCI_DEVICE(c->fi->ctrl);

    if (c->link.covered) {
        return;
    }
    c->link.covered = true;
    for (int i = 0; i < PCI_ROM_SLOT; i++) {
        MemoryRegion *bar = pci->io_regions[i].memory;

        if (bar) {
            memory_region_init_io(&c->link.over[i], OBJECT(pci), &ones_ops,
                                  NULL, "nvme-fi-gone",
                                  memory_region_size(bar));
            memory_region_set_enabled(&c->link.over[i], false);
            memory_region_add_subregion_overlap(bar, 0, &c->link.over[i],
                                                INT_MAX);
        }
    }
}

static void uncover(struct NvmeFiController *c)
{
    if (!c->link.covered) {
        return;
    }
    c->link.covered = false;
    for (int i = 0; i < PCI_ROM_SLOT; i++) {
        MemoryRegion *over = &c->link.over[i];

        if (over->container) {
            memory_region_del_subregion(over->container, over);
            object_unparent(OBJECT(over));
        }
    }
}

static void show_ones(struct NvmeFiController *c, bool on)
{
    memory_region_transaction_begin();
    for (int i = 0; i < PCI_ROM_SLOT; i++) {
        if (c->link.over[i].container) {
            memory_region_set_enabled(&c->link.over[i], on);
        }
    }
    memory_region_transaction_commit();
}

PCIDevice *nvme_fi_port_above(NvmeCtrl *n)
{
    PCIDevice *port = pci_bridge_get_device(pci_get_bus(PCI_DEVICE(n)));
    uint8_t type;

    if (!port || !pci_is_express(port)) {
        return NULL;
    }
    type = pcie_cap_get_type(port);
    return type == PCI_EXP_TYPE_ROOT_PORT || type == PCI_EXP_TYPE_DOWNSTREAM ?
        port : NULL;
}

/*
 * Data Link Layer Link Active, where the port has it.  Speed and width cannot
 * be shown as lost: QEMU takes them from the device, and else from the port's
 * capability, whenever the host reads them.
 */
static void port_link(struct NvmeFiController *c, bool up)
{
    PCIDevice *port = nvme_fi_port_above(c->fi->ctrl);
    uint8_t *status;

    if (!port) {
        return;
    }
    status = port->config + port->exp.exp_cap + PCI_EXP_LNKSTA;
    if (!up) {
        c->link.dllla = pci_word_test_and_clear_mask(status,
                                                     PCI_EXP_LNKSTA_DLLLA);
    } else if (c->link.dllla) {
        pci_word_test_and_set_mask(status, PCI_EXP_LNKSTA_DLLLA);
    }
}

static void vanish(struct NvmeFiController *c)
{
    PCIDevice *pci = PCI_DEVICE(c->fi->ctrl);
    NvmeFiLink *link = &c->link;

    link->absent = true;
    link->config_read = pci->config_read;
    link->config_write = pci->config_write;
    pci->config_read = ones_config_read;
    pci->config_write = ones_config_write;
    cover(c);
    show_ones(c, true);
    /* a virtual function has no pin */
    if (!msix_enabled(pci) && !pci_is_vf(pci)) {
        pci_irq_deassert(pci);
    }
    qemu_bh_schedule(link->bh);
}

static void appear(struct NvmeFiController *c)
{
    PCIDevice *pci = PCI_DEVICE(c->fi->ctrl);
    NvmeFiLink *link = &c->link;

    link->absent = false;
    pci->config_read = link->config_read;
    pci->config_write = link->config_write;
    show_ones(c, false);
}

static void come_back(void *opaque)
{
    struct NvmeFiController *c = opaque;
    NvmeFiLink *link = &c->link;

    if (!link->absent) {
        return;
    }
    if (link->down) {
        link->down = false;
        pci_device_reset(PCI_DEVICE(c->fi->ctrl));
        appear(c);
        port_link(c, true);
    } else {
        appear(c);
        nvme_fi_controller_kick(c->fi);
    }
}

/* What the block layer has in hand ends, with its transfers, before anybody
 * can use that memory for something else: the host has not seen it yet. */
static void link_bh(void *opaque)
{
    struct NvmeFiController *c = opaque;
    NvmeCtrl *n = c->fi->ctrl;

    for (uint32_t nsid = 1; nsid <= NVME_MAX_NAMESPACES; nsid++) {
        NvmeNamespace *ns = nvme_ns(n, nsid);

        if (ns) {
            nvme_ns_drain(ns);
        }
    }
}

/* Not in a bottom half: it resets the function. */
static void link_timer(void *opaque)
{
    struct NvmeFiController *c = opaque;

    nvme_fi_guarded(c->fi->ctrl, come_back, c);
}

/* The virtual functions are behind the same link. */
static void lose_functions(PCIDevice *pf, const uint64_t *for_ns)
{
    for (int i = 0; i < pcie_sriov_num_vfs(pf); i++) {
        NvmeCtrl *vf = NVME(pcie_sriov_get_vf_at_index(pf, i));

        nvme_fi_link_lose(nvme_fi_controller(nvme_fi_state(vf)), for_ns,
                          false);
    }
}

void nvme_fi_link_lose(struct NvmeFiController *c, const uint64_t *for_ns,
                       bool down)
{
    NvmeFiLink *link = &c->link;

    timer_del(&link->timer);
    if (!link->absent) {
        vanish(c);
    }
    if (down && !link->down) {
        link->down = true;
        port_link(c, false);
    }
    if (down) {
        lose_functions(PCI_DEVICE(c->fi->ctrl), for_ns);
    }
    if (for_ns) {
        nvme_fi_timer_in(&link->timer, *for_ns);
    }
}

void nvme_fi_link_init(struct NvmeFiController *c)
{
    timer_init_ns(&c->link.timer, QEMU_CLOCK_VIRTUAL, link_timer, c);
    c->link.bh = qemu_bh_new_guarded(link_bh, c,
                                     &DEVICE(c->fi->ctrl)->
                                     mem_reentrancy_guard);
}

void nvme_fi_link_exit(struct NvmeFiController *c)
{
    NvmeFiLink *link = &c->link;

    timer_del(&link->timer);
    if (link->bh) {
        qemu_bh_delete(link->bh);
        link->bh = NULL;
    }
    if (link->absent) {
        appear(c);
    }
    if (link->down) {
        link->down = false;
        port_link(c, true);
    }
    uncover(c);
}
