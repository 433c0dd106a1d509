/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small NVMe host for qtests: controller registers, queue pairs, doorbells
 * and raw CQEs, driven over the qtest socket while virtual time stands still.
 *
 * Section numbers are those of NVMe Base 2.1 and PCIe Transport 1.1.  Every
 * function fails the running test (g_assert) on a broken controller; a status
 * in a CQE is returned, never judged, unless it says so.
 */
#ifndef NVME_QUEUE_H
#define NVME_QUEUE_H

#include "libqtest.h"
#include "libqos/pci.h"
#include "libqos/libqos-malloc.h"
#include "block/nvme.h"

#define NVME_PAGE           4096
#define NVME_LBA            512     /* bytes in a block of every test drive */
#define NVME_RING_ENTRIES   64      /* default size of a queue pair */
#define NVME_STATUS_TIMEOUT 0xffff  /* no CQE arrived; no real status */

/* The status of a CQE without the phase tag (4.2.3). */
#define NVME_CQE_STATUS(cqe) ((uint16_t)(le16_to_cpu((cqe)->status) >> 1))

/* A QEMU process: q35, no vCPU running, with a PCI bus and an allocator. */
typedef struct NvmeVm {
    QTestState *qts;
    QGuestAllocator alloc;
    QPCIBus *bus;
    int64_t clock;              /* virtual time, which begins at 0 */
} NvmeVm;

/* Environment variables that name the binary under test and the stock one. */
#define NVME_VM_PATCHED "NVME_FI_QEMU"
#define NVME_VM_STOCK   "NVME_FI_STOCK_QEMU"

/*
 * nvme_vm_new:
 * @binary: NVME_VM_PATCHED or NVME_VM_STOCK.
 * @n_images: number of sparse images of @image_size bytes, attached as
 * drives (-drive if=none) with the ids d0, d1, ...
 * @args: further arguments of QEMU, such as its -device options.
 */
NvmeVm *nvme_vm_new(const char *binary, unsigned n_images, uint64_t image_size,
                    const char *args);

/* Ends QEMU; fails the test unless it exits as told, with status 0. */
void nvme_vm_free(NvmeVm *vm);
/* Lets the PCIe root port @devfn forward the memory that libqos hands out, to
 * bus 1 behind it. */
void nvme_vm_open_port(NvmeVm *vm, int devfn);

/*
 * Lets the main loop of QEMU run until every bottom half that is due at the
 * present virtual time has run.  Block I/O in worker threads is not waited for.
 */
void nvme_vm_settle(NvmeVm *vm);

/* Virtual time, in nanoseconds, and a step of it. */
int64_t nvme_vm_clock(NvmeVm *vm);
void nvme_vm_step(NvmeVm *vm, int64_t ns);

typedef struct NvmeHost NvmeHost;

/* A submission queue and a completion queue with the same id and size. */
typedef struct NvmeRing {
    NvmeHost *host;
    uint16_t id;
    uint16_t size;              /* entries, in both queues */
    uint64_t sq, cq;            /* guest addresses */
    uint16_t sq_tail, sq_rung;  /* next free SQE; tail as last announced */
    uint16_t cq_head;
    uint8_t phase;              /* phase tag of the next new CQE */
    uint16_t next_cid;
} NvmeRing;

/* A controller as its host sees it. */
struct NvmeHost {
    NvmeVm *vm;
    QPCIDevice *pci;
    QPCIBar bar;                /* BAR0 */
    uint64_t irq;               /* one uint32_t for each MSI-X vector */
    uint64_t shadow, eventidx;  /* Doorbell Buffer Config, 0: not in use */
    NvmeRing admin;
};

/* The controller at @devfn ("addr=04.0" is 0x20) of bus number devfn >> 8;
 * registers and MSI-X mapped, not enabled. */
NvmeHost *nvme_host_new(NvmeVm *vm, int devfn);
void nvme_host_free(NvmeHost *host);        /* touches no register */

/* The 32-bit controller property at @offset (3.1.4). */
uint32_t nvme_host_reg(NvmeHost *host, unsigned offset);
void nvme_host_set_reg(NvmeHost *host, unsigned offset, uint32_t value);

/* CC.EN to 1 with all I/O command sets and fresh admin queues; waits for
 * CSTS.RDY. */
void nvme_host_enable(NvmeHost *host);
/* The same without the waiting. */
void nvme_host_begin_enable(NvmeHost *host);

/* CC.EN to 0; waits for CSTS.RDY.  Rings other than admin are dead then. */
void nvme_host_disable(NvmeHost *host);
void nvme_host_reset(NvmeHost *host);       /* disable, then enable */
void nvme_host_shutdown(NvmeHost *host);    /* CC.SHN; waits for CSTS.SHST */

/* Function level reset (PCIe), and the set-up of nvme_host_new again. */
void nvme_host_flr(NvmeHost *host);

/* What MSI-X @vector wrote to memory last, its number + 1; 0 after
 * nvme_host_irq_clear(). */
uint32_t nvme_host_irq(NvmeHost *host, unsigned vector);
void nvme_host_irq_clear(NvmeHost *host, unsigned vector);

/* Doorbell Buffer Config for all queues that exist; returns the status. From
 * then on the doorbell of an I/O submission queue is rung only where EventIdx
 * asks for it (8.2.3); that of a completion queue always. */
uint16_t nvme_host_shadow_doorbells(NvmeHost *host);

/* Zeroed guest memory, page aligned; lives as long as the machine. */
uint64_t nvme_alloc(NvmeHost *host, size_t bytes);

/* Creates queue pair @id, with MSI-X vector @id or, after qpci_msix_disable(),
 * the pin; must succeed. */
NvmeRing *nvme_ring_new(NvmeHost *host, uint16_t id, uint16_t size);
void nvme_ring_free(NvmeRing *ring);        /* forgets it; no command */
uint16_t nvme_ring_delete_sq(NvmeRing *ring);
uint16_t nvme_ring_delete_cq(NvmeRing *ring);

/* Writes @cmd with the next CID into the SQ; rings no doorbell. Returns the
 * CID.  The caller sees to it that the ring has room. */
uint16_t nvme_ring_push(NvmeRing *ring, const NvmeCmd *cmd);
/* The same for @n commands, in one transfer; returns the first CID. */
uint16_t nvme_ring_push_many(NvmeRing *ring, const NvmeCmd *cmds, unsigned n);
void nvme_ring_kick(NvmeRing *ring);        /* one doorbell for all pushed */
uint16_t nvme_ring_submit(NvmeRing *ring, const NvmeCmd *cmd);

/* Takes the next CQE, if there is one now. */
bool nvme_ring_poll(NvmeRing *ring, NvmeCqe *cqe);
/* The same, waiting for it; false after ten seconds of polling. */
bool nvme_ring_try_wait(NvmeRing *ring, NvmeCqe *cqe);
void nvme_ring_wait(NvmeRing *ring, NvmeCqe *cqe);   /* must arrive */
/* Waits for @n CQEs, n < size, and takes them in one transfer. */
void nvme_ring_wait_many(NvmeRing *ring, NvmeCqe *cqes, unsigned n);
/* That there is no CQE, once the machine has settled. */
void nvme_ring_assert_idle(NvmeRing *ring);

/*
 * nvme_ring_exec:
 * Submit @cmd and wait for its CQE, which must be the next one and carry its
 * CID.  @cqe may be NULL.  Returns the status.
 */
uint16_t nvme_ring_exec(NvmeRing *ring, const NvmeCmd *cmd, NvmeCqe *cqe);

#endif
