# SPDX-License-Identifier: GPL-2.0-or-later
# The devices of the test machine: q35, NVMe, the ports that the guest
# answers on, and what a boot needs. QEMU's build completes the list.
CONFIG_Q35=y
CONFIG_PCIE_PORT=y
CONFIG_NVME_PCI=y
CONFIG_PVPANIC_PCI=y
CONFIG_VIRTIO_PCI=y
CONFIG_VIRTIO_SERIAL=y
# the one x86 machine that QEMU's own qos-test can drive
CONFIG_I440FX=y
