/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small NVMe host for qtests: controller registers, queue pairs, doorbells
 * and raw CQEs.
 */
#include "qemu/osdep.h"
#include "nvme-queue.h"
#include "nvme-command.h"
#include "hw/pci/pci_regs.h"

#define ADMIN_ENTRIES   64
#define VECTORS         8
#define CC_ENABLE       ((4u << 20) | (6u << 16) | (6u << 4) | 1)
                                /* IOCQES 16, IOSQES 64, CSS all, EN */
#define POLL_SECONDS    60      /* a hang, on however busy a machine */

static uint64_t poll_deadline(void)
{
    return g_get_monotonic_time() + POLL_SECONDS * G_USEC_PER_SEC;
}

uint32_t nvme_host_reg(NvmeHost *host, unsigned offset)
{
    return qpci_io_readl(host->pci, host->bar, offset);
}

void nvme_host_set_reg(NvmeHost *host, unsigned offset, uint32_t value)
{
    qpci_io_writel(host->pci, host->bar, offset, value);
}

/* Waits until (CSTS & mask) == value. */
static void wait_csts(NvmeHost *host, uint32_t mask, uint32_t value)
{
    uint64_t deadline = poll_deadline();
    uint32_t csts;

    do {
        csts = nvme_host_reg(host, NVME_REG_CSTS);
        if ((csts & mask) == value) {
            return;
        }
    } while (g_get_monotonic_time() < deadline);
    g_assert_cmphex(csts & mask, ==, value);
}

uint64_t nvme_alloc(NvmeHost *host, size_t bytes)
{
    uint64_t addr = guest_alloc(&host->vm->alloc, bytes);

    qtest_memset(host->vm->qts, addr, 0, bytes);
    return addr;
}

/* MSI-X, BAR0 and bus mastering; a reset of the function undoes them. */
static void pci_set_up(NvmeHost *host)
{
    QPCIDevice *pci = host->pci;

    qpci_device_enable(pci);
    qpci_msix_enable(pci);
    /* the MSI-X table shares BAR0, which must not be mapped a second time */
    host->bar = pci->msix_table_bar;
    for (int i = 0; i < VECTORS; i++) {
        uint64_t entry = pci->msix_table_off + i * PCI_MSIX_ENTRY_SIZE;

        qpci_io_writel(pci, host->bar, entry + PCI_MSIX_ENTRY_LOWER_ADDR,
                       host->irq + i * 4);
        qpci_io_writel(pci, host->bar, entry + PCI_MSIX_ENTRY_UPPER_ADDR, 0);
        qpci_io_writel(pci, host->bar, entry + PCI_MSIX_ENTRY_DATA, i + 1);
        qpci_io_writel(pci, host->bar, entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
    }
}

NvmeHost *nvme_host_new(NvmeVm *vm, int devfn)
{
    NvmeHost *host = g_new0(NvmeHost, 1);

    host->vm = vm;
    host->pci = qpci_device_find(vm->bus, devfn);
    g_assert_nonnull(host->pci);
    host->irq = nvme_alloc(host, NVME_PAGE);
    host->admin = (NvmeRing) {
        .host = host, .size = ADMIN_ENTRIES,
        .sq = nvme_alloc(host, NVME_PAGE), .cq = nvme_alloc(host, NVME_PAGE),
    };
    pci_set_up(host);
    return host;
}

void nvme_host_free(NvmeHost *host)
{
    g_free(host->pci);
    g_free(host);
}

static void ring_restart(NvmeRing *ring)
{
    QTestState *qts = ring->host->vm->qts;

    ring->sq_tail = ring->sq_rung = ring->cq_head = 0;
    ring->phase = 1;
    qtest_memset(qts, ring->cq, 0, ring->size * sizeof(NvmeCqe));
}

void nvme_host_begin_enable(NvmeHost *host)
{
    ring_restart(&host->admin);
    host->shadow = host->eventidx = 0;
    nvme_host_set_reg(host, NVME_REG_AQA,
                      (ADMIN_ENTRIES - 1) << 16 | (ADMIN_ENTRIES - 1));
    nvme_host_set_reg(host, NVME_REG_ASQ, host->admin.sq);
    nvme_host_set_reg(host, NVME_REG_ASQ + 4, host->admin.sq >> 32);
    nvme_host_set_reg(host, NVME_REG_ACQ, host->admin.cq);
    nvme_host_set_reg(host, NVME_REG_ACQ + 4, host->admin.cq >> 32);
    nvme_host_set_reg(host, NVME_REG_CC, CC_ENABLE);
}

void nvme_host_enable(NvmeHost *host)
{
    nvme_host_begin_enable(host);
    wait_csts(host, NVME_CSTS_READY, NVME_CSTS_READY);
}

void nvme_host_disable(NvmeHost *host)
{
    nvme_host_set_reg(host, NVME_REG_CC, CC_ENABLE & ~1u);
    wait_csts(host, NVME_CSTS_READY, 0);
}

void nvme_host_reset(NvmeHost *host)
{
    nvme_host_disable(host);
    nvme_host_enable(host);
}

void nvme_host_shutdown(NvmeHost *host)
{
    nvme_host_set_reg(host, NVME_REG_CC, CC_ENABLE | 1u << 14);
    wait_csts(host, 3u << 2, 2u << 2);      /* SHST: shutdown complete */
}

void nvme_host_flr(NvmeHost *host)
{
    uint8_t cap = qpci_find_capability(host->pci, PCI_CAP_ID_EXP, 0);
    uint16_t control;

    g_assert_cmphex(cap, !=, 0);
    control = qpci_config_readw(host->pci, cap + PCI_EXP_DEVCTL);
    qpci_config_writew(host->pci, cap + PCI_EXP_DEVCTL,
                       control | PCI_EXP_DEVCTL_BCR_FLR);
    nvme_vm_settle(host->vm);
    host->pci->msix_enabled = false;
    pci_set_up(host);
}

uint32_t nvme_host_irq(NvmeHost *host, unsigned vector)
{
    return qtest_readl(host->vm->qts, host->irq + vector * 4);
}

void nvme_host_irq_clear(NvmeHost *host, unsigned vector)
{
    qtest_writel(host->vm->qts, host->irq + vector * 4, 0);
}

uint16_t nvme_host_shadow_doorbells(NvmeHost *host)
{
    NvmeCmd cmd = nvme_cmd(NVME_ADM_CMD_DBBUF_CONFIG, 0);
    uint64_t shadow = nvme_alloc(host, NVME_PAGE);
    uint64_t eventidx = nvme_alloc(host, NVME_PAGE);
    uint16_t status;

    cmd.dptr.prp1 = cpu_to_le64(shadow);
    cmd.dptr.prp2 = cpu_to_le64(eventidx);
    status = nvme_ring_exec(&host->admin, &cmd, NULL);
    if (!status) {
        host->shadow = shadow;
        host->eventidx = eventidx;
    }
    return status;
}

NvmeRing *nvme_ring_new(NvmeHost *host, uint16_t id, uint16_t size)
{
    NvmeRing *ring = g_new0(NvmeRing, 1);
    NvmeCmd cmd;

    g_assert_cmpint(id, <, VECTORS);
    *ring = (NvmeRing) {
        .host = host, .id = id, .size = size,
        .sq = nvme_alloc(host, size * sizeof(NvmeCmd)),
        .cq = nvme_alloc(host, size * sizeof(NvmeCqe)),
    };
    ring_restart(ring);
    cmd = nvme_cmd_create_cq(id, size, ring->cq,
                             host->pci->msix_enabled ? id : 0);
    g_assert_cmphex(nvme_ring_exec(&host->admin, &cmd, NULL), ==, 0);
    cmd = nvme_cmd_create_sq(id, size, ring->sq, id);
    g_assert_cmphex(nvme_ring_exec(&host->admin, &cmd, NULL), ==, 0);
    return ring;
}

void nvme_ring_free(NvmeRing *ring)
{
    g_free(ring);
}

uint16_t nvme_ring_delete_sq(NvmeRing *ring)
{
    NvmeCmd cmd = nvme_cmd_delete(NVME_ADM_CMD_DELETE_SQ, ring->id);

    return nvme_ring_exec(&ring->host->admin, &cmd, NULL);
}

uint16_t nvme_ring_delete_cq(NvmeRing *ring)
{
    NvmeCmd cmd = nvme_cmd_delete(NVME_ADM_CMD_DELETE_CQ, ring->id);

    return nvme_ring_exec(&ring->host->admin, &cmd, NULL);
}

uint16_t nvme_ring_push(NvmeRing *ring, const NvmeCmd *cmd)
{
    return nvme_ring_push_many(ring, cmd, 1);
}

uint16_t nvme_ring_push_many(NvmeRing *ring, const NvmeCmd *cmds, unsigned n)
{
    g_autofree NvmeCmd *sqes = g_memdup2(cmds, n * sizeof(*cmds));
    uint16_t first = ring->next_cid;
    unsigned run = MIN(n, (unsigned)(ring->size - ring->sq_tail));
    QTestState *qts = ring->host->vm->qts;

    g_assert_cmpint(n, <, ring->size);
    for (unsigned i = 0; i < n; i++) {
        sqes[i].cid = cpu_to_le16(ring->next_cid++);
    }
    qtest_bufwrite(qts, ring->sq + ring->sq_tail * sizeof(NvmeCmd), sqes,
                   run * sizeof(NvmeCmd));
    if (run < n) {
        qtest_bufwrite(qts, ring->sq, sqes + run, (n - run) * sizeof(NvmeCmd));
    }
    ring->sq_tail = (ring->sq_tail + n) % ring->size;
    return first;
}

/* Whether a doorbell that moves from @old to @new passes @event (8.2.3). */
static bool passes_event(uint16_t event, uint16_t new, uint16_t old)
{
    return (uint16_t)(new - event - 1) < (uint16_t)(new - old);
}

void nvme_ring_kick(NvmeRing *ring)
{
    NvmeHost *host = ring->host;
    uint16_t old = ring->sq_rung;

    ring->sq_rung = ring->sq_tail;
    if (host->shadow && ring->id) {
        QTestState *qts = host->vm->qts;

        qtest_writel(qts, host->shadow + ring->id * 8, ring->sq_tail);
        if (!passes_event(qtest_readl(qts, host->eventidx + ring->id * 8),
                          ring->sq_tail, old)) {
            return;
        }
    }
    nvme_host_set_reg(host, 0x1000 + ring->id * 8, ring->sq_tail);
}

uint16_t nvme_ring_submit(NvmeRing *ring, const NvmeCmd *cmd)
{
    uint16_t cid = nvme_ring_push(ring, cmd);

    nvme_ring_kick(ring);
    return cid;
}

/* Tells the controller how far the CQ was read. */
static void ring_cq_head(NvmeRing *ring)
{
    NvmeHost *host = ring->host;

    if (host->shadow && ring->id) {
        qtest_writel(host->vm->qts, host->shadow + ring->id * 8 + 4,
                     ring->cq_head);
    }
    nvme_host_set_reg(host, 0x1000 + ring->id * 8 + 4, ring->cq_head);
}

static void ring_advance(NvmeRing *ring, unsigned n)
{
    ring->cq_head += n;
    if (ring->cq_head >= ring->size) {
        ring->cq_head -= ring->size;
        ring->phase ^= 1;
    }
    ring_cq_head(ring);
}

bool nvme_ring_poll(NvmeRing *ring, NvmeCqe *cqe)
{
    NvmeCqe next;

    qtest_memread(ring->host->vm->qts,
                  ring->cq + ring->cq_head * sizeof(next), &next,
                  sizeof(next));
    if ((le16_to_cpu(next.status) & 1) != ring->phase) {
        return false;
    }
    *cqe = next;
    ring_advance(ring, 1);
    return true;
}

bool nvme_ring_try_wait(NvmeRing *ring, NvmeCqe *cqe)
{
    uint64_t deadline = poll_deadline();
    bool late;

    /* a machine that was stopped meanwhile looks once more */
    do {
        late = g_get_monotonic_time() >= deadline;
        if (nvme_ring_poll(ring, cqe)) {
            return true;
        }
    } while (!late);
    return false;
}

void nvme_ring_wait(NvmeRing *ring, NvmeCqe *cqe)
{
    g_assert_true(nvme_ring_try_wait(ring, cqe));
}

void nvme_ring_wait_many(NvmeRing *ring, NvmeCqe *cqes, unsigned n)
{
    QTestState *qts = ring->host->vm->qts;
    uint64_t deadline = poll_deadline();
    unsigned last = (ring->cq_head + n - 1) % ring->size;
    uint8_t phase = ring->phase ^ (ring->cq_head + n - 1 >= ring->size);
    unsigned run = MIN(n, (unsigned)(ring->size - ring->cq_head));
    uint16_t status;

    g_assert_cmpint(n, <, ring->size);
    do {
        status = qtest_readw(qts, ring->cq + last * sizeof(NvmeCqe) +
                                  offsetof(NvmeCqe, status));
    } while ((status & 1) != phase && g_get_monotonic_time() < deadline);
    g_assert_cmpint(status & 1, ==, phase);
    qtest_bufread(qts, ring->cq + ring->cq_head * sizeof(NvmeCqe), cqes,
                  run * sizeof(NvmeCqe));
    if (run < n) {
        qtest_bufread(qts, ring->cq, cqes + run, (n - run) * sizeof(NvmeCqe));
    }
    ring_advance(ring, n);
}

void nvme_ring_assert_idle(NvmeRing *ring)
{
    NvmeCqe cqe;

    nvme_vm_settle(ring->host->vm);
    g_assert_false(nvme_ring_poll(ring, &cqe));
}

uint16_t nvme_ring_exec(NvmeRing *ring, const NvmeCmd *cmd, NvmeCqe *cqe)
{
    uint16_t cid = nvme_ring_submit(ring, cmd);
    NvmeCqe own;

    nvme_ring_wait(ring, &own);
    g_assert_cmphex(le16_to_cpu(own.cid), ==, cid);
    g_assert_cmphex(le16_to_cpu(own.sq_id), ==, ring->id);
    if (cqe) {
        *cqe = own;
    }
    return NVME_CQE_STATUS(&own);
}
