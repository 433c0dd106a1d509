/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the actions on the content of blocks share: tear, lose, misdirect and
 * duplicate-execute.
 */
#ifndef HW_NVME_FI_DATA_H
#define HW_NVME_FI_DATA_H

#include "action.h"
#include "image.h"

/* Of one command, in req->fi->data. */
typedef struct NvmeFiData {
    NvmeFiImage *before;        /* what its blocks held; may be NULL */
    NvmeFiImage *after;         /* what they hold now; may be NULL */
    bool again;                 /* it is carried out for the second time */
    NvmeCmd cmd;                /* as fetched; then as carried out first */
    NvmeCqe cqe;                /* of the first time */
} NvmeFiData;

/* The free of all of them. */
void nvme_fi_data_free(NvmeRequest *req);

/*
 * nvme_fi_data_fetch:
 * Let @req wait until what its blocks hold was read into data->before.  Goes
 * on without for a command that has no blocks or, with a trace event, too many.
 */
NvmeFiNext nvme_fi_data_fetch(NvmeFi *fi, NvmeRequest *req);

/* The data of @req whose blocks were read, if it succeeded and they are still
 * of that format, or NULL. */
NvmeFiData *nvme_fi_data_done(NvmeRequest *req);

/* A transfer ended with @ret: whether the action goes on.  If not, the command
 * does what it would do without it, or is over. */
bool nvme_fi_data_ok(NvmeRequest *req, int ret);

/* The command goes on, with what is left of its life. */
void nvme_fi_data_go_on(NvmeRequest *req);

/* late.c: write @image, which it takes over, after @delay_ns once more; a zone
 * append at the write pointer of then. */
void nvme_fi_late_add(NvmeFi *fi, const NvmeRequest *req, NvmeFiImage *image,
                      uint64_t delay_ns);

/* host.c: give @image, as it was read, to the host instead of what the read
 * @req gave it before.  Returns a status. */
uint16_t nvme_fi_to_host(NvmeRequest *req, NvmeFiImage *image);

#endif
