/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A controller behind a PCI Express root port: what hot-plug, link and error
 * reporting need.
 */
#ifndef FI_PORT_H
#define FI_PORT_H

#include "fi-rig.h"

#define FI_PORT_DEVFN   0x18
#define FI_PORT_NVME    0x100   /* device 0 of bus 1 */

/* "nvme0" with one namespace and queue pair 1 behind "port0", enabled;
 * @options for the nvme device, beginning with a comma, or further ones of
 * QEMU, beginning with a space, or "". */
FiRig *fi_port_new(const char *options);
/* Lets the port forward the memory that libqos hands out; a reset of the
 * machine undoes it. */
void fi_port_open(FiRig *rig);
/* The root port; the caller frees it with g_free(). */
QPCIDevice *fi_port(FiRig *rig);
/* The 16-bit register at @offset of the port's PCI Express capability. */
uint16_t fi_port_reg(FiRig *rig, unsigned offset);
/* What a guest's ACPI tables do when they are told to eject the device. */
void fi_port_eject(FiRig *rig);
/* Whether "nvme0" exists for nvme-fi commands. */
bool fi_port_has_device(FiRig *rig);

#endif
