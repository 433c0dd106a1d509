/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host of the soak: the machine, resets and unplugging.
 */
#include "qemu/osdep.h"
#include "soak-host.h"
#include "qobject/qdict.h"
#include "hw/pci/pci_regs.h"

#define NS_BYTES        (16 * 1024 * 1024)
#define ZONE_BYTES      (1024 * 1024)
#define READY_STEPS     40          /* looks at CSTS */
#define STEP_NS         250000000
#define CONTROLLER      "'driver':'nvme','id':'nvme0','serial':'fi'," \
                        "'subsys':'subsys0','bus':'port0'"

void soak_note(Soak *s, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    g_string_append_vprintf(s->history, format, ap);
    g_string_append_c(s->history, '\n');
    va_end(ap);
}

void soak_fail(Soak *s, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    fprintf(stderr, "soak: ");
    vfprintf(stderr, format, ap);
    fprintf(stderr, "\n");
    va_end(ap);
    abort();
}

/* A root port that forwards the memory that libqos hands out. */
static void open_bridge(NvmeVm *vm)
{
    QPCIDevice *port = qpci_device_find(vm->bus, 3 << 3);

    g_assert_nonnull(port);
    qpci_config_writeb(port, PCI_PRIMARY_BUS, 0);
    qpci_config_writeb(port, PCI_SECONDARY_BUS, 1);
    qpci_config_writeb(port, PCI_SUBORDINATE_BUS, 1);
    qpci_config_writew(port, PCI_MEMORY_BASE, 0xe000);
    qpci_config_writew(port, PCI_MEMORY_LIMIT, 0xefe0);
    qpci_device_enable(port);
    g_free(port);
}

static void adopt(SoakRing *r, NvmeRing *ring)
{
    g_free(r->seen);
    g_free(r->status);
    *r = (SoakRing) {
        .ring = ring, .room = ring->size - 1, .seen = g_malloc0(0x10000),
        .status = g_new0(uint16_t, 0x10000),
    };
}

static void forget(Soak *s, SoakRing *r)
{
    if (r->ring && r->ring->id) {
        guest_free(&s->vm->alloc, r->ring->sq);
        guest_free(&s->vm->alloc, r->ring->cq);
        nvme_ring_free(r->ring);
    }
    g_free(r->seen);
    g_free(r->status);
    *r = (SoakRing) { 0 };
}

/* The queues are gone with what was in them. */
static void forget_rings(Soak *s)
{
    for (unsigned i = 0; i < SOAK_RINGS; i++) {
        forget(s, &s->io[i]);
    }
    adopt(&s->admin, &s->host->admin);
}

static void host_new(Soak *s)
{
    open_bridge(s->vm);
    s->host = nvme_host_new(s->vm, 1 << 8);
    forget_rings(s);
}

void soak_start(Soak *s, const char *binary)
{
    g_autofree char *args = g_strdup_printf(
        "-device pcie-root-port,id=port0,addr=03.0,chassis=1,slot=1 "
        "-device nvme-subsys,id=subsys0 "
        "-device nvme,id=nvme0,serial=fi,subsys=subsys0,bus=port0 "
        "-device nvme-ns,drive=d0,nsid=%d "
        "-device nvme-ns,drive=d1,nsid=%d,zoned=on,zoned.zone_size=%d,"
        "zoned.zone_capacity=%d "
        "-device nvme-ns,drive=d2,nsid=%d,ms=8,mset=0,pi=1",
        SOAK_PLAIN, SOAK_ZONED, ZONE_BYTES, ZONE_BYTES, SOAK_PI);

    s->vm = nvme_vm_new(binary, 3, NS_BYTES, args);
    host_new(s);
    s->data = nvme_alloc(s->host, 2 * NVME_PAGE);
    s->list = nvme_alloc(s->host, NVME_PAGE);
}

void soak_stop(Soak *s)
{
    for (unsigned i = 0; i < SOAK_RINGS; i++) {
        forget(s, &s->io[i]);
    }
    forget(s, &s->admin);
    nvme_host_free(s->host);
    nvme_vm_free(s->vm);
}

/* Whether CSTS.RDY becomes @ready; a device that is gone has none. */
static bool wait_ready(Soak *s, bool ready)
{
    for (unsigned i = 0; i < READY_STEPS; i++) {
        uint32_t csts = nvme_host_reg(s->host, NVME_REG_CSTS);

        if (csts != UINT32_MAX && (csts & NVME_CSTS_READY) == ready) {
            return true;
        }
        nvme_vm_step(s->vm, STEP_NS);
    }
    return false;
}

bool soak_enable(Soak *s)
{
    nvme_host_begin_enable(s->host);
    return wait_ready(s, true);
}

bool soak_disable(Soak *s)
{
    bool ok;

    nvme_host_set_reg(s->host, NVME_REG_CC, 0);
    ok = wait_ready(s, false);
    forget_rings(s);
    return ok;
}

void soak_flr(Soak *s)
{
    /* who is gone has no capabilities to look for */
    if (qpci_config_readw(s->host->pci, PCI_VENDOR_ID) != 0xffff) {
        nvme_host_flr(s->host);
    }
    forget_rings(s);
}

bool soak_create(Soak *s, unsigned index, uint16_t entries)
{
    NvmeRing *ring = g_new0(NvmeRing, 1);
    uint16_t id = index + 1;
    NvmeCmd cmd;

    *ring = (NvmeRing) {
        .host = s->host, .id = id, .size = entries, .phase = 1,
        .sq = nvme_alloc(s->host, entries * sizeof(NvmeCmd)),
        .cq = nvme_alloc(s->host, entries * sizeof(NvmeCqe)),
    };
    cmd = nvme_cmd_create_cq(id, entries, ring->cq, id);
    adopt(&s->io[index], ring);
    if (soak_exec(s, &s->admin, &cmd) == 0) {
        cmd = nvme_cmd_create_sq(id, entries, ring->sq, id);
        if (soak_exec(s, &s->admin, &cmd) == 0) {
            return true;
        }
    }
    /* whether they exist is not known, so that the memory stays */
    ring->id = 0;
    forget(s, &s->io[index]);
    return false;
}

bool soak_delete(Soak *s, unsigned index)
{
    SoakRing *r = &s->io[index];
    NvmeCmd cmd = nvme_cmd_delete(NVME_ADM_CMD_DELETE_SQ, index + 1);

    if (soak_exec(s, &s->admin, &cmd) == 0) {
        soak_take(s);
        cmd = nvme_cmd_delete(NVME_ADM_CMD_DELETE_CQ, index + 1);
        if (soak_exec(s, &s->admin, &cmd) == 0) {
            forget(s, r);
            return true;
        }
    }
    r->ring->id = 0;
    forget(s, r);
    return false;
}

/* device_del, and what a guest's ACPI tables do then: eject the slot. */
static void unplug(NvmeVm *vm)
{
    QDict *answer = qtest_qmp(vm->qts, "{'execute':'device_del',"
                              "'arguments':{'id':'nvme0'}}");
    bool there = qdict_haskey(answer, "return");

    qobject_unref(answer);
    for (unsigned bus = 0; bus < 4; bus++) {
        qtest_outl(vm->qts, 0xcc0 + 0x10, bus);     /* ICH9 pcihp: BNUM */
        qtest_outl(vm->qts, 0xcc0 + 0x08, 1);       /* B0EJ, slot 0 */
    }
    if (there) {
        qtest_qmp_eventwait(vm->qts, "DEVICE_DELETED");
    }
}

void soak_replug(Soak *s)
{
    unplug(s->vm);
    guest_free(&s->vm->alloc, s->host->irq);
    guest_free(&s->vm->alloc, s->host->admin.sq);
    guest_free(&s->vm->alloc, s->host->admin.cq);
    nvme_host_free(s->host);
    qtest_qmp_assert_success(s->vm->qts, "{'execute':'device_add',"
                             "'arguments':{" CONTROLLER "}}");
    nvme_vm_settle(s->vm);
    host_new(s);
    s->effects = 0;
}
