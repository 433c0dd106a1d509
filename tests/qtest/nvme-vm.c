/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QEMU process of a qtest: q35 with a PCI bus, drives and an allocator.
 */
#include "qemu/osdep.h"
#include "nvme-queue.h"
#include "libqos/pci-pc.h"
#include "libqos/malloc-pc.h"
#include "hw/pci/pci_regs.h"
#include <glib/gstdio.h>

#define BIOS_BYTES      65536
#define SETTLE_ROUNDS   6

/* A sparse file of @bytes; unlinked by the caller once QEMU has it open. */
static char *sparse_file(uint64_t bytes)
{
    char *path = NULL;
    int fd = g_file_open_tmp("nvme-fi-XXXXXX", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, bytes), ==, 0);
    close(fd);
    return path;
}

NvmeVm *nvme_vm_new(const char *binary, unsigned n_images, uint64_t image_size,
                    const char *args)
{
    NvmeVm *vm = g_new0(NvmeVm, 1);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) line = g_string_new("-machine q35 -m 64 -nodefaults "
        "-global apic-common.vapic=off ");

    if (!g_getenv(binary)) {
        g_printerr("%s is not set: it names the QEMU to test\n", binary);
        exit(1);
    }
    /* no instruction ever runs, so that any bytes do for a firmware */
    g_ptr_array_add(files, sparse_file(BIOS_BYTES));
    g_string_append_printf(line, "-bios %s ", (char *)files->pdata[0]);
    for (unsigned i = 0; i < n_images; i++) {
        char *path = sparse_file(image_size);

        g_ptr_array_add(files, path);
        g_string_append_printf(line, "-drive if=none,id=d%u,format=raw,"
                               "cache=unsafe,discard=unmap,file=%s ", i, path);
    }
    g_string_append(line, args);
    vm->qts = qtest_init_with_env(binary, line->str, true);
    for (unsigned i = 0; i < files->len; i++) {
        g_unlink(files->pdata[i]);
    }
    pc_alloc_init(&vm->alloc, vm->qts, ALLOC_NO_FLAGS);
    vm->bus = qpci_new_pc(vm->qts, &vm->alloc);
    return vm;
}

void nvme_vm_open_port(NvmeVm *vm, int devfn)
{
    QPCIDevice *port = qpci_device_find(vm->bus, devfn);

    g_assert_nonnull(port);
    qpci_config_writeb(port, PCI_PRIMARY_BUS, 0);
    qpci_config_writeb(port, PCI_SECONDARY_BUS, 1);
    qpci_config_writeb(port, PCI_SUBORDINATE_BUS, 1);
    qpci_config_writew(port, PCI_MEMORY_BASE, 0xe000);
    qpci_config_writew(port, PCI_MEMORY_LIMIT, 0xefe0);
    qpci_device_enable(port);
    g_free(port);
}

void nvme_vm_free(NvmeVm *vm)
{
    qpci_free_pc(vm->bus);
    alloc_destroy(&vm->alloc);
    qtest_quit(vm->qts);
    g_free(vm);
}

void nvme_vm_settle(NvmeVm *vm)
{
    /*
     * Each request on the qtest socket is one turn of QEMU's main loop at
     * least, and bottom halves run in every turn.  The longest chain of them
     * is doorbell, completion, CQE.
     */
    for (int i = 0; i < SETTLE_ROUNDS; i++) {
        qtest_readb(vm->qts, 0);
    }
}

int64_t nvme_vm_clock(NvmeVm *vm)
{
    return vm->clock;
}

void nvme_vm_step(NvmeVm *vm, int64_t ns)
{
    vm->clock = qtest_clock_step(vm->qts, ns);
}
