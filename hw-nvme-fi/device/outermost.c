/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work that must not run in a nested event loop.  Those run bottom halves, but
 * not the timers of the main loop.
 */
#include "qemu/osdep.h"
#include "outermost.h"

void nvme_fi_guarded(NvmeCtrl *n, void (*cb)(void *opaque), void *opaque)
{
    MemReentrancyGuard *guard = &DEVICE(n)->mem_reentrancy_guard;
    bool engaged = guard->engaged_in_io;

    guard->engaged_in_io = true;
    cb(opaque);
    guard->engaged_in_io = engaged;
}

static void run(void *opaque)
{
    NvmeFiOutermost *work = opaque;

    nvme_fi_guarded(NVME(work->dev), work->cb, work->opaque);
}

void nvme_fi_outermost_init(NvmeFiOutermost *work, NvmeCtrl *n,
                            void (*cb)(void *opaque), void *opaque)
{
    work->dev = DEVICE(n);
    work->cb = cb;
    work->opaque = opaque;
    timer_init_ns(&work->timer, QEMU_CLOCK_REALTIME, run, work);
}

void nvme_fi_outermost_schedule(NvmeFiOutermost *work)
{
    timer_mod_ns(&work->timer, 0);      /* it is due, whenever that is */
}

void nvme_fi_outermost_cancel(NvmeFiOutermost *work)
{
    timer_del(&work->timer);
}

typedef struct Once {
    QEMUTimer timer;
    NvmeCtrl *n;
    void (*cb)(NvmeCtrl *n);
} Once;

static void run_once(void *opaque)
{
    Once *once = opaque;

    once->cb(once->n);
    object_unref(OBJECT(once->n));
    g_free(once);
}

void nvme_fi_outermost_once(NvmeCtrl *n, void (*cb)(NvmeCtrl *n))
{
    Once *once = g_new0(Once, 1);

    once->n = n;
    once->cb = cb;
    object_ref(OBJECT(n));
    timer_init_ns(&once->timer, QEMU_CLOCK_REALTIME, run_once, once);
    timer_mod_ns(&once->timer, 0);
}
