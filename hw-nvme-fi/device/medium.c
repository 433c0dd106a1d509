/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The blocks of a namespace, read and written for a command that waits under
 * an AIOCB of ours: data first, then metadata where there is some.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "system/block-backend.h"
#include "medium.h"

typedef struct NvmeFiTransfer {
    BlockAIOCB common;
    NvmeRequest *req;
    NvmeNamespace *ns;
    NvmeFiMediumFunc *done;
    BlockAIOCB *aiocb;          /* the transfer that is under way */
    bool write;
    bool cancelled;
    uint64_t slba;
    uint64_t nlb;
    void *meta;                 /* NULL: none, or its transfer has begun */
    size_t meta_len;
    QEMUIOVector iov;
} NvmeFiTransfer;

/*
 * Who cancels has set req->status before, and may wait for this AIOCB to go.
 * A transfer of the block layer cannot be stopped: its end is awaited.
 */
static void transfer_cancel(BlockAIOCB *acb)
{
    NvmeFiTransfer *transfer = container_of(acb, NvmeFiTransfer, common);

    transfer->cancelled = true;
    if (transfer->aiocb) {
        blk_aio_cancel_async(transfer->aiocb);
    }
}

static const AIOCBInfo transfer_aiocb_info = {
    .aiocb_size = sizeof(NvmeFiTransfer),
    .cancel_async = transfer_cancel,
};

static void transfer_end(NvmeFiTransfer *transfer, int ret)
{
    NvmeRequest *req = transfer->req;
    NvmeFiMediumFunc *done = transfer->done;

    if (transfer->cancelled) {
        ret = -ECANCELED;
    } else if (ret == -ECANCELED) {
        ret = -EIO;             /* of the block layer: the command goes on */
    }
    req->aiocb = NULL;
    qemu_aio_unref(transfer);
    if (ret == -ECANCELED) {
        nvme_fi_cancelled(req);
        nvme_enqueue_req_completion(nvme_cq(req), req);
    }
    done(req, ret);
}

static void transfer_cb(void *opaque, int ret);

static void transfer_begin(NvmeFiTransfer *transfer, uint64_t offset,
                           void *buf, size_t len)
{
    BlockBackend *blk = transfer->ns->blkconf.blk;

    qemu_iovec_init_buf(&transfer->iov, buf, len);
    if (transfer->write) {
        transfer->aiocb = blk_aio_pwritev(blk, offset, &transfer->iov, 0,
                                          transfer_cb, transfer);
    } else {
        transfer->aiocb = blk_aio_preadv(blk, offset, &transfer->iov, 0,
                                         transfer_cb, transfer);
    }
}

static void transfer_cb(void *opaque, int ret)
{
    NvmeFiTransfer *transfer = opaque;
    NvmeNamespace *ns = transfer->ns;
    void *meta = transfer->meta;

    transfer->aiocb = NULL;
    transfer->meta = NULL;
    if (ret < 0 || transfer->cancelled || !meta) {
        transfer_end(transfer, ret);
    } else if (transfer->meta_len != nvme_fi_meta_len(ns, transfer->nlb)) {
        transfer_end(transfer, -EIO);   /* it was formatted meanwhile */
    } else {
        transfer_begin(transfer, nvme_moff(ns, transfer->slba), meta,
                       transfer->meta_len);
    }
}

static void transfer_start(NvmeRequest *req, NvmeNamespace *ns, bool write,
                           uint64_t slba, uint64_t nlb, void *data, void *meta,
                           NvmeFiMediumFunc *done)
{
    NvmeFiTransfer *transfer = qemu_aio_get(&transfer_aiocb_info, NULL, NULL,
                                            req);

    transfer->req = req;
    transfer->ns = ns;
    transfer->done = done;
    transfer->aiocb = NULL;
    transfer->write = write;
    transfer->cancelled = false;
    transfer->slba = slba;
    transfer->nlb = nlb;
    transfer->meta = ns->lbaf.ms ? meta : NULL;
    transfer->meta_len = nvme_fi_meta_len(ns, nlb);
    req->aiocb = &transfer->common;
    if (!req->ns) {
        /* who looks for overlapping commands asks those in flight for it */
        req->ns = ns;
    }
    transfer_begin(transfer, nvme_l2b(ns, slba), data,
                   nvme_fi_data_len(ns, nlb));
}

void nvme_fi_medium_read(NvmeRequest *req, NvmeNamespace *ns, uint64_t slba,
                         uint64_t nlb, void *data, void *meta,
                         NvmeFiMediumFunc *done)
{
    transfer_start(req, ns, false, slba, nlb, data, meta, done);
}

void nvme_fi_medium_write(NvmeRequest *req, NvmeNamespace *ns, uint64_t slba,
                          uint64_t nlb, const void *data, const void *meta,
                          NvmeFiMediumFunc *done)
{
    transfer_start(req, ns, true, slba, nlb, (void *)data, (void *)meta, done);
}
