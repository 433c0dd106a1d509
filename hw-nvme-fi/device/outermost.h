/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work that resets or removes the controller.  A bottom half may run in an
 * event loop within a reset or a drain, which waits for requests; there, such
 * work would wait for requests that the drain holds back, for ever, or free
 * what the reset uses.  This runs from the main loop itself only.
 */
#ifndef HW_NVME_FI_OUTERMOST_H
#define HW_NVME_FI_OUTERMOST_H

#include "internal.h"

typedef struct NvmeFiOutermost {
    QEMUTimer timer;
    DeviceState *dev;
    void (*cb)(void *opaque);
    void *opaque;
} NvmeFiOutermost;

/* @cb is called with the re-entrancy guard of @n held. */
void nvme_fi_outermost_init(NvmeFiOutermost *work, NvmeCtrl *n,
                            void (*cb)(void *opaque), void *opaque);
void nvme_fi_outermost_schedule(NvmeFiOutermost *work);
/* It does not run any more; may be called again, but not in @cb. */
void nvme_fi_outermost_cancel(NvmeFiOutermost *work);
/* The same once, also where @n was unplugged meanwhile. */
void nvme_fi_outermost_once(NvmeCtrl *n, void (*cb)(NvmeCtrl *n));

/* What a timer's callback needs that is as good as outermost. */
void nvme_fi_guarded(NvmeCtrl *n, void (*cb)(void *opaque), void *opaque);

#endif
