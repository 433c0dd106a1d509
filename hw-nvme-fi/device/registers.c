/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the host sees of a controller that fails, and what becomes of what it
 * writes: CSTS and CC (NVMe Base 2.1, 3.1.4.5 and 3.1.4.6), or nothing at all.
 */
#include "qemu/osdep.h"
#include "controller.h"

bool nvme_fi_controller_stopped(const NvmeFi *fi)
{
    const struct NvmeFiController *c = fi->controller;

    return c && (c->fatal || c->quiet || c->link.absent ||
                 c->wait[NVME_FI_WAIT_READY].on);
}

bool nvme_fi_is_silent(NvmeCtrl *n)
{
    NvmeFi *fi = n->fi;

    return (fi->controller && nvme_fi_controller_stopped(fi)) ||
        (fi->cache && nvme_fi_cache_is_cut(fi));
}

static uint32_t change_csts(const struct NvmeFiController *c, uint32_t csts)
{
    if (c->fatal) {
        csts |= NVME_CSTS_FAILED;
    }
    if (c->wait[NVME_FI_WAIT_DISABLED].on) {
        csts |= NVME_CSTS_READY;
    }
    if (c->wait[NVME_FI_WAIT_READY].on || (c->fatal && c->not_ready)) {
        csts &= ~NVME_CSTS_READY;
    }
    if (c->wait[NVME_FI_WAIT_SHUTDOWN].on) {
        csts &= ~(CSTS_SHST_MASK << CSTS_SHST_SHIFT);
        csts |= NVME_CSTS_SHST_PROGRESS;
    }
    return csts;
}

uint64_t nvme_fi_change_read(NvmeCtrl *n, hwaddr addr, uint64_t value,
                             unsigned size)
{
    const struct NvmeFiController *c = n->fi->controller;
    uint8_t csts[sizeof(uint32_t)], bytes[sizeof(value)];

    if (!c) {
        return value;
    }
    if (c->link.absent) {
        return UINT64_MAX;
    }
    stl_le_p(csts, change_csts(c, ldl_le_p(&n->bar.csts)));
    stq_le_p(bytes, value);
    for (unsigned i = 0; i < size; i++) {
        uint64_t offset = addr + i - NVME_REG_CSTS;

        if (offset < sizeof(csts)) {
            bytes[i] = csts[offset];
        }
    }
    return ldq_le_p(bytes);
}

static void host_enables(struct NvmeFiController *c)
{
    nvme_fi_wait_end(&c->wait[NVME_FI_WAIT_DISABLED]);
    c->quiet = false;
    if (c->enables) {
        c->enables--;
        c->fatal = true;
    }
    c->not_ready = c->fatal;
    nvme_fi_wait_begin(&c->wait[NVME_FI_WAIT_READY]);
}

/* The host writes @cc to CC; the model does its part after this. */
static void host_writes_cc(struct NvmeFiController *c, uint32_t cc)
{
    uint32_t old = ldl_le_p(&c->fi->ctrl->bar.cc);

    if (NVME_CC_EN(cc) && !NVME_CC_EN(old)) {
        host_enables(c);
    } else if (!NVME_CC_EN(cc) && NVME_CC_EN(old)) {
        nvme_fi_wait_begin(&c->wait[NVME_FI_WAIT_DISABLED]);
        c->disabling = true;
    }
    if (NVME_CC_SHN(cc) && !NVME_CC_SHN(old)) {
        nvme_fi_wait_begin(&c->wait[NVME_FI_WAIT_SHUTDOWN]);
    } else if (!NVME_CC_SHN(cc)) {
        nvme_fi_wait_end(&c->wait[NVME_FI_WAIT_SHUTDOWN]);
    }
}

bool nvme_fi_take_write(NvmeCtrl *n, hwaddr addr, uint64_t data, unsigned size)
{
    struct NvmeFiController *c = n->fi->controller;

    if (c && c->link.absent) {
        return true;
    }
    /* the model ignores all that is written to an offline function */
    if (pci_is_vf(PCI_DEVICE(n)) && !nvme_sctrl(n)->scs) {
        return false;
    }
    if (c && addr == NVME_REG_CC) {
        host_writes_cc(c, data);
    }
    return addr >= sizeof(n->bar) &&
        nvme_fi_queues_take_doorbell(n, addr, data);
}
