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
#define PORT_DEVFN      (3 << 3)
#define DEVFN           (1 << 8)        /* behind the port */
#define PEER_DEVFN      (4 << 3)
#define CC_SHN(type)    ((uint32_t)(type) << 14)
#define CSTS_SHST       (3u << 2)
#define SHUT_DOWN       (2u << 2)

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

static void forget_peer_rings(Soak *s)
{
    forget(s, &s->peer_io);
    adopt(&s->peer_admin, &s->peer->admin);
}

static void host_free(NvmeHost *host)
{
    guest_free(&host->vm->alloc, host->irq);
    guest_free(&host->vm->alloc, host->admin.sq);
    guest_free(&host->vm->alloc, host->admin.cq);
    nvme_host_free(host);
}

static NvmeHost *host_at(Soak *s, int devfn)
{
    NvmeHost *host = nvme_host_new(s->vm, devfn);

    host->admin.phase = 1;      /* no entry before the first is written */
    return host;
}

static void host_new(Soak *s)
{
    nvme_vm_open_port(s->vm, PORT_DEVFN);
    s->host = host_at(s, DEVFN);
    forget_rings(s);
}

bool soak_set_up(Soak *s)
{
    g_autofree QPCIDevice *there = NULL;

    host_free(s->peer);
    s->peer = host_at(s, PEER_DEVFN);
    forget_peer_rings(s);
    nvme_host_set_reg(s->peer, NVME_REG_CC, 0);
    nvme_vm_open_port(s->vm, PORT_DEVFN);
    there = qpci_device_find(s->vm->bus, DEVFN);
    if (!there) {
        return false;
    }
    host_free(s->host);
    host_new(s);
    nvme_host_set_reg(s->host, NVME_REG_CC, 0);
    return true;
}

void soak_start(Soak *s, const char *binary)
{
    g_autofree char *args = g_strdup_printf(
        "-device pcie-root-port,id=port0,addr=03.0,chassis=1,slot=1 "
        "-device nvme-subsys,id=subsys0 "
        "-device nvme,id=nvme0,serial=fi,subsys=subsys0,bus=port0 "
        "-device nvme,id=nvme1,serial=fi,subsys=subsys0,bus=pcie.0,addr=04.0 "
        "-device nvme-ns,drive=d0,nsid=%d "
        "-device nvme-ns,drive=d1,nsid=%d,zoned=on,zoned.zone_size=%d,"
        "zoned.zone_capacity=%d "
        "-device nvme-ns,drive=d2,nsid=%d,ms=8,mset=0,pi=1",
        SOAK_PLAIN, SOAK_ZONED, ZONE_BYTES, ZONE_BYTES, SOAK_PI);

    s->vm = nvme_vm_new(binary, 3, NS_BYTES, args);
    host_new(s);
    s->peer = host_at(s, PEER_DEVFN);
    forget_peer_rings(s);
    s->data = nvme_alloc(s->host, 2 * NVME_PAGE);
    s->list = nvme_alloc(s->host, NVME_PAGE);
    s->shadow = nvme_alloc(s->host, 2 * NVME_PAGE);
}

void soak_stop(Soak *s)
{
    SoakRing *r;

    for (unsigned i = 0; (r = soak_ring(s, i)); i++) {
        forget(s, r);
    }
    nvme_host_free(s->peer);
    nvme_host_free(s->host);
    nvme_vm_free(s->vm);
}

/* Whether the bits @mask of CSTS become @value; a device that is gone has
 * none. */
static bool wait_csts(NvmeHost *host, uint32_t mask, uint32_t value)
{
    for (unsigned i = 0; i < READY_STEPS; i++) {
        uint32_t csts = nvme_host_reg(host, NVME_REG_CSTS);

        if (csts != UINT32_MAX && (csts & mask) == value) {
            return true;
        }
        nvme_vm_step(host->vm, STEP_NS);
    }
    return false;
}

bool soak_enable(Soak *s)
{
    nvme_host_begin_enable(s->host);
    return wait_csts(s->host, NVME_CSTS_READY, NVME_CSTS_READY);
}

bool soak_disable(Soak *s)
{
    bool ok;

    nvme_host_set_reg(s->host, NVME_REG_CC, 0);
    ok = wait_csts(s->host, NVME_CSTS_READY, 0);
    forget_rings(s);
    return ok;
}

bool soak_shadow_doorbells(Soak *s)
{
    NvmeCmd cmd = nvme_cmd(NVME_ADM_CMD_DBBUF_CONFIG, 0);

    qtest_memset(s->vm->qts, s->shadow, 0, 2 * NVME_PAGE);
    cmd.dptr.prp1 = cpu_to_le64(s->shadow);
    cmd.dptr.prp2 = cpu_to_le64(s->shadow + NVME_PAGE);
    if (soak_exec(s, &s->admin, &cmd)) {
        return false;
    }
    s->host->shadow = s->shadow;
    s->host->eventidx = s->shadow + NVME_PAGE;
    return true;
}

void soak_shut_down(Soak *s, bool abrupt)
{
    uint32_t cc = nvme_host_reg(s->host, NVME_REG_CC);

    nvme_host_set_reg(s->host, NVME_REG_CC, cc | CC_SHN(abrupt ? 2 : 1));
    soak_check(s, wait_csts(s->host, CSTS_SHST, SHUT_DOWN) ||
               (s->effects & SOAK_DEAD), "the shutdown does not end");
}

void soak_flr(Soak *s)
{
    /* who is gone has no capabilities to look for */
    if (qpci_config_readw(s->host->pci, PCI_VENDOR_ID) != 0xffff) {
        nvme_host_flr(s->host);
    }
    forget_rings(s);
}

/* Queue pair @id of @host as @r. */
static bool create(Soak *s, NvmeHost *host, SoakRing *admin, SoakRing *r,
                   uint16_t id, uint16_t entries)
{
    NvmeRing *ring = g_new0(NvmeRing, 1);
    NvmeCmd cmd;

    *ring = (NvmeRing) {
        .host = host, .id = id, .size = entries, .phase = 1,
        .sq = nvme_alloc(host, entries * sizeof(NvmeCmd)),
        .cq = nvme_alloc(host, entries * sizeof(NvmeCqe)),
    };
    if (host->shadow) {
        qtest_memset(s->vm->qts, host->shadow + id * 8, 0, 8);
        qtest_memset(s->vm->qts, host->eventidx + id * 8, 0, 8);
    }
    cmd = nvme_cmd_create_cq(id, entries, ring->cq, id);
    adopt(r, ring);
    if (soak_exec(s, admin, &cmd) == 0) {
        cmd = nvme_cmd_create_sq(id, entries, ring->sq, id);
        if (soak_exec(s, admin, &cmd) == 0) {
            return true;
        }
    }
    /* whether they exist is not known, so that the memory stays */
    ring->id = 0;
    forget(s, r);
    return false;
}

bool soak_create(Soak *s, unsigned index, uint16_t entries)
{
    return create(s, s->host, &s->admin, &s->io[index], index + 1, entries);
}

bool soak_peer_enable(Soak *s)
{
    nvme_host_set_reg(s->peer, NVME_REG_CC, 0);
    forget_peer_rings(s);
    nvme_host_begin_enable(s->peer);
    if (!wait_csts(s->peer, NVME_CSTS_READY, NVME_CSTS_READY)) {
        return false;
    }
    create(s, s->peer, &s->peer_admin, &s->peer_io, 1,
           2 + soak_below(&s->random, 31));
    return true;
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
    g_autofree char *cache = s->cache ?
        g_strdup_printf(",'fi-write-cache':%u", s->cache) : g_strdup("");
    bool reset = s->effects & SOAK_RESETS;
    QDict *answer;

    unplug(s->vm);
    host_free(s->host);
    qtest_qmp_send_raw(s->vm->qts, "{'execute':'device_add',"
                       "'arguments':{" CONTROLLER "%s}}\n", cache);
    answer = qtest_qmp_receive(s->vm->qts);
    soak_check(s, qdict_haskey(answer, "return"), "device_add failed");
    qobject_unref(answer);
    nvme_vm_settle(s->vm);
    host_new(s);
    s->effects = 0;
    if (reset) {
        soak_set_up(s);
        soak_check(s, soak_peer_enable(s), "the other controller is not "
                   "ready");
    }
}
