/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of a device in its machine, with or without the guest's consent, and
 * errors of PCI Express that it or the port above reports.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/cutils.h"
#include "hw/hotplug.h"
#include "hw/nvme/trace.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pcie.h"
#include "hw/pci/pcie_aer.h"
#include "hw/pci/pci-internal.h"
#include "controller.h"
#include "outermost.h"

bool nvme_fi_can_unplug(NvmeFi *fi, GError **error)
{
    Error *err = NULL;

    if (pci_is_vf(PCI_DEVICE(fi->ctrl))) {
        error_setg(&err, "a virtual function leaves with its physical "
                   "function");
    } else if (fi->ctrl->params.sriov_max_vfs) {
        /* nvme_subsys_unreserve_cntlids() would abort: they are in use */
        error_setg(&err, "QEMU cannot remove one with virtual functions");
    }
    if (!err && qdev_hotunplug_allowed(DEVICE(fi->ctrl), &err)) {
        return true;
    }
    g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                "device '%s' cannot be unplugged: %s; put it behind a "
                "pcie-root-port", fi->device, error_get_pretty(err));
    error_free(err);
    return false;
}

static void tell_failure(NvmeCtrl *n, Error *err)
{
    trace_pci_nvme_fi_trigger_left_out(n->fi->device, "controller",
                                       error_get_pretty(err));
    error_free(err);
}

/* Asks the guest, as device_del does. */
static void unplug(NvmeCtrl *n)
{
    Error *err = NULL;

    if (DEVICE(n)->realized) {
        qdev_unplug(DEVICE(n), &err);
        if (err) {
            tell_failure(n, err);
        }
    }
}

/*
 * A port with native hot-plug tells the host that the slot is empty and the
 * link is down.  QEMU's own way there begins with the attention button, which
 * nobody pressed, so that this does what its end does; the write of what Slot
 * Control already holds makes the port send the interrupt.
 */
static void empty_slot(PCIDevice *port)
{
    uint8_t *cap = port->config + port->exp.exp_cap;

    pci_word_test_and_clear_mask(cap + PCI_EXP_LNKSTA, PCI_EXP_LNKSTA_DLLLA);
    pci_word_test_and_clear_mask(cap + PCI_EXP_SLTSTA, PCI_EXP_SLTSTA_PDS);
    pci_word_test_and_set_mask(cap + PCI_EXP_SLTSTA, PCI_EXP_SLTSTA_PDC);
    port->config_write(port, port->exp.exp_cap + PCI_EXP_SLTCTL,
                       pci_get_word(cap + PCI_EXP_SLTCTL), 2);
}

/*
 * Removes the device without waiting for the guest, and tells the guest.  With
 * ACPI hot-plug that is an eject request for a slot that is empty already.
 */
static void remove_now(NvmeCtrl *n, Error **errp)
{
    DeviceState *dev = DEVICE(n);
    HotplugHandler *handler = qdev_get_hotplug_handler(dev);
    PCIDevice *port = nvme_fi_port_above(n);
    bool native = port && OBJECT(handler) == OBJECT(port);

    if (!native &&
        HOTPLUG_HANDLER_GET_CLASS(handler)->unplug_request) {
        ERRP_GUARD();

        hotplug_handler_unplug_request(handler, dev, errp);
        if (*errp) {
            return;
        }
    }
    dev->pending_deleted_event = true;      /* for DEVICE_DELETED */
    hotplug_handler_unplug(handler, dev, &error_abort);
    object_unparent(OBJECT(dev));
    if (native) {
        empty_slot(port);
    }
}

static void surprise(NvmeCtrl *n)
{
    Error *err = NULL;

    if (DEVICE(n)->realized) {
        remove_now(n, &err);
        if (err) {
            tell_failure(n, err);
        }
    }
}

void nvme_fi_unplug(NvmeFi *fi, bool at_once)
{
    nvme_fi_outermost_once(fi->ctrl, at_once ? surprise : unplug);
}

bool nvme_fi_aer_parse(const char *name, uint32_t *status, bool *correctable)
{
    unsigned number;

    if (!pcie_aer_parse_error_string(name, status, correctable)) {
        return true;
    }
    if (qemu_strtoui(name, NULL, 0, &number) < 0 ||
        (number & ~PCI_ERR_UNC_SUPPORTED) || !is_power_of_2(number)) {
        return false;
    }
    *status = number;
    *correctable = false;
    return true;
}

/* A device that is gone reports nothing; the port notices that. */
PCIDevice *nvme_fi_aer_reporter(NvmeFi *fi)
{
    PCIDevice *pci = PCI_DEVICE(fi->ctrl);
    PCIDevice *port = nvme_fi_port_above(fi->ctrl);

    if (pci->exp.aer_cap && !(fi->controller && fi->controller->link.absent)) {
        return pci;
    }
    return port && port->exp.aer_cap ? port : NULL;
}

void nvme_fi_aer_report(NvmeFi *fi, const char *name)
{
    PCIDevice *reporter = nvme_fi_aer_reporter(fi);
    PCIEAERErr err = { .source_id = pci_requester_id(reporter) };
    bool correctable = false;

    nvme_fi_aer_parse(name, &err.status, &correctable);
    if (correctable) {
        err.flags |= PCIE_AER_ERR_IS_CORRECTABLE;
    }
    pcie_aer_inject_error(reporter, &err);
}
