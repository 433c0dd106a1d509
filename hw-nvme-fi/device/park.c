/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Delay: a command waits on its queue's out_req_list under an AIOCB of our
 * own, so that Abort, Delete I/O SQ and reset find it there and cancel it like
 * any other.  It holds no reference to a block backend: draining never waits.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "hw/nvme/trace.h"
#include "internal.h"

struct NvmeFiPark {
    BlockAIOCB common;
    NvmeRequest *req;
    QEMUTimer timer;
    bool due;                   /* on the controller's list of due ones */
    QTAILQ_ENTRY(NvmeFiPark) entry;
};

bool nvme_fi_is_parked(const NvmeRequest *req)
{
    return req->fi->park;
}

void nvme_fi_forget_park(NvmeRequest *req)
{
    NvmeFiPark *park = req->fi->park;

    timer_del(&park->timer);
    if (park->due) {
        QTAILQ_REMOVE(&nvme_ctrl(req)->fi->due, park, entry);
    }
    req->fi->park = NULL;
    req->aiocb = NULL;
    qemu_aio_unref(park);
}

/* Completes the command with req->status, at once. */
static void unpark(NvmeFiPark *park)
{
    NvmeRequest *req = park->req;

    nvme_fi_forget_park(req);
    trace_pci_nvme_fi_unpark(nvme_ctrl(req)->fi->device, req->sq->sqid,
                             nvme_cid(req), req->status);
    nvme_enqueue_req_completion(nvme_cq(req), req);
}

void nvme_fi_unpark(NvmeRequest *req)
{
    unpark(req->fi->park);
}

/* Who cancels has set req->status before. */
static void park_cancel(BlockAIOCB *acb)
{
    NvmeFiPark *park = container_of(acb, NvmeFiPark, common);

    nvme_fi_cancelled(park->req);
    unpark(park);
}

static const AIOCBInfo park_aiocb_info = {
    .aiocb_size = sizeof(NvmeFiPark),
    .cancel_async = park_cancel,
};

/* Timers run without the re-entrancy guard of the device; its BH has it. */
static void park_timer(void *opaque)
{
    NvmeFiPark *park = opaque;
    NvmeFi *fi = nvme_ctrl(park->req)->fi;

    park->due = true;
    QTAILQ_INSERT_TAIL(&fi->due, park, entry);
    qemu_bh_schedule(fi->bh);
}

void nvme_fi_unpark_due(void *opaque)
{
    NvmeFi *fi = opaque;
    NvmeFiPark *park;

    while ((park = QTAILQ_FIRST(&fi->due))) {
        unpark(park);
    }
}

void nvme_fi_park(NvmeFi *fi, NvmeRequest *req, uint64_t delay_ns)
{
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    uint64_t room = INT64_MAX - now;
    NvmeFiPark *park = qemu_aio_get(&park_aiocb_info, NULL, NULL, req);

    park->req = req;
    park->due = false;
    timer_init_ns(&park->timer, QEMU_CLOCK_VIRTUAL, park_timer, park);
    req->fi->park = park;
    req->aiocb = &park->common;

    trace_pci_nvme_fi_park(fi->device, req->sq->sqid, nvme_cid(req), delay_ns);
    if (delay_ns != NVME_FI_PARK_FOREVER) {
        timer_mod_ns(&park->timer, now + MIN(delay_ns, room));
    }
}
