/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The blocks of a namespace, read and written by the fault injector itself,
 * for a command that waits meanwhile.
 */
#ifndef HW_NVME_FI_MEDIUM_H
#define HW_NVME_FI_MEDIUM_H

#include "internal.h"

/*
 * @ret: 0, or a negative errno: then nothing is known about the blocks, or the
 * command was cancelled (-ECANCELED), is completed already and must not be
 * touched but for its own data.
 */
typedef void NvmeFiMediumFunc(NvmeRequest *req, int ret);

/*
 * nvme_fi_medium_read, nvme_fi_medium_write:
 * Let @req, which is on its queue's out_req_list, wait while blocks of @ns are
 * read into @data (and @meta, where the namespace has metadata and it is not
 * NULL), or written from there; then call @done from the main loop, never
 * before returning.  The caller checked that the blocks exist.  The buffers
 * must live as long as @req->fi does.  Nothing is accounted or checked, no
 * zone changes.
 */
void nvme_fi_medium_read(NvmeRequest *req, NvmeNamespace *ns, uint64_t slba,
                         uint64_t nlb, void *data, void *meta,
                         NvmeFiMediumFunc *done);
void nvme_fi_medium_write(NvmeRequest *req, NvmeNamespace *ns, uint64_t slba,
                          uint64_t nlb, const void *data, const void *meta,
                          NvmeFiMediumFunc *done);

/* Bytes of data and of metadata of @nlb blocks. */
static inline size_t nvme_fi_data_len(NvmeNamespace *ns, uint64_t nlb)
{
    return nvme_l2b(ns, nlb);
}

static inline size_t nvme_fi_meta_len(NvmeNamespace *ns, uint64_t nlb)
{
    return nvme_m2b(ns, nlb);
}

#endif
