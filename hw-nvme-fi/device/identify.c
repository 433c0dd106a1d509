/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What properties change in the controller's Identify data, and the start of
 * what hangs on the controller's subsystem.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci.h"
#include "hw/pci/pcie_sriov.h"
#include "internal.h"

/* Byte of CRDT1 in Identify Controller (NVMe Base 2.1, 5.1.13.2.1). */
#define CRDT1_BYTE 128

/* A virtual function has what its physical function has. */
static const NvmeFiProps *props_of(NvmeCtrl *n)
{
    PCIDevice *pci = PCI_DEVICE(n);

    return pci_is_vf(pci) ? NVME(pcie_sriov_get_pf(pci))->fi_props :
                            n->fi_props;
}

static void set_crdt(NvmeCtrl *n, const NvmeFiProps *props)
{
    uint8_t *byte = (uint8_t *)&n->id_ctrl + CRDT1_BYTE;

    for (size_t i = 0; i < ARRAY_SIZE(props->crdt); i++) {
        stw_le_p(byte + 2 * i, props->crdt[i]);
    }
}

void nvme_fi_change_identify(NvmeCtrl *n)
{
    set_crdt(n, props_of(n));
    nvme_fi_media_start(n);
    nvme_fi_events_identify(n);
}
