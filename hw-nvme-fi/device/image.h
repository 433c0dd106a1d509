/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What blocks of a namespace held: the extents that a command names, and
 * their content, read before or after it and written back.
 */
#ifndef HW_NVME_FI_IMAGE_H
#define HW_NVME_FI_IMAGE_H

#include "medium.h"

typedef struct NvmeFiImage {
    NvmeNamespace *ns;
    unsigned n;                 /* extents, in the command's order */
    FiRange *extents;           /* each lies within the namespace */
    uint64_t nlb;               /* blocks of all of them together */
    size_t bytes;               /* of data and meta */
    size_t lbasz;               /* of the namespace's format, and bytes of */
    size_t ms;                  /* metadata, when the image was made */
    uint8_t *data;              /* of all extents, one after the other */
    uint8_t *meta;              /* NULL: the namespace has none */

    /* the transfer that is under way */
    bool write;
    int64_t by;
    uint64_t first;
    unsigned next;
    uint64_t block;             /* of the first block of extent @next */
    NvmeFiMediumFunc *done;
} NvmeFiImage;

/*
 * nvme_fi_extents:
 * Append the blocks that @req, not carried out yet, would write in its
 * namespace @ns (a read: would read) to @extents, of FiRange.  What the model
 * refuses or skips, as beyond the end of the namespace, adds nothing.  A zone
 * append would write where the zone's write pointer is now.
 */
void nvme_fi_extents(NvmeFi *fi, NvmeRequest *req, NvmeNamespace *ns,
                     GArray *extents);

/* Bytes of data and metadata that an image of @extents would hold. */
uint64_t nvme_fi_extents_bytes(NvmeNamespace *ns, const GArray *extents);

/* An image of @extents, without content; free accepts NULL, not in transfer. */
NvmeFiImage *nvme_fi_image_new(NvmeNamespace *ns, const GArray *extents);
/* Another one of the same blocks, without content. */
NvmeFiImage *nvme_fi_image_like(const NvmeFiImage *image);
void nvme_fi_image_free(NvmeFiImage *image);

/* False after the host formatted the namespace in another way: then the image
 * has no place there. */
bool nvme_fi_image_fits(const NvmeFiImage *image);

/*
 * nvme_fi_image_read, nvme_fi_image_write:
 * As nvme_fi_medium_read() and nvme_fi_medium_write(), for all extents.  What
 * is read or written lies @by blocks further on, each extent kept within the
 * namespace; the first @first blocks of the image are left out of a write.
 * One transfer of @req at a time.  One that is overtaken by a format fails;
 * only that of an image that does not fit ends before these return.
 */
void nvme_fi_image_read(NvmeRequest *req, NvmeFiImage *image, int64_t by,
                        NvmeFiMediumFunc *done);
void nvme_fi_image_write(NvmeRequest *req, NvmeFiImage *image, int64_t by,
                         uint64_t first, NvmeFiMediumFunc *done);

/* @req, a zone append, was carried out: move the image of where it would have
 * been written to where it was.  What both held is what every block beyond a
 * write pointer holds. */
void nvme_fi_image_follow(NvmeFiImage *image, const NvmeRequest *req);

/* Where blocks of @ns go when they are moved by @by blocks, and an extent of
 * @image. */
uint64_t nvme_fi_place(const NvmeNamespace *ns, const FiRange *blocks,
                       int64_t by);
uint64_t nvme_fi_image_place(const NvmeFiImage *image, const FiRange *extent,
                             int64_t by);

#endif
