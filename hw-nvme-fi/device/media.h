/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The medium's bad blocks.  There is one model in a subsystem, because its
 * namespaces are one, however many controllers have them: it lives as long as
 * the subsystem, and is on in all of its controllers or in none.
 */
#ifndef HW_NVME_FI_MEDIA_H
#define HW_NVME_FI_MEDIA_H

#include "bad-blocks.h"
#include "internal.h"

/* Unrecovered Read Error: NVMe Base 2.1, figure of the Media and Data
 * Integrity Errors.  Without Do Not Retry: whether a retry may help is left to
 * the drive, and those that show it in the field leave the bit clear. */
#define NVME_FI_BAD_STATUS 0x281

typedef struct NvmeFiMedia {
    unsigned refs;
    BadBlocks bad;
    struct NvmeFiMediaFile *file;       /* NULL: none */
} NvmeFiMedia;

/* media.c: the model for @n; the first call of _get turns it on. */
NvmeFiMedia *nvme_fi_media_find(NvmeCtrl *n);   /* or NULL */
NvmeFiMedia *nvme_fi_media_get(NvmeCtrl *n);
/* Something about its bad blocks changed. */
void nvme_fi_media_changed(NvmeFiMedia *media);
/* @range as a user sees it. */
void nvme_fi_bad_range_to_qapi(uint32_t nsid, const BadRange *range,
                               NvmeFiBadRange *out);

/* The blocks of a command whose CDW10 to CDW12 are SLBA and NLB. */
static inline uint64_t nvme_fi_slba(const NvmeRequest *req)
{
    return le64_to_cpu(((NvmeRwCmd *)&req->cmd)->slba);
}

static inline uint32_t nvme_fi_nlb(const NvmeRequest *req)
{
    return (uint32_t)le16_to_cpu(((NvmeRwCmd *)&req->cmd)->nlb) + 1;
}

/* An NSID that could be that of a namespace of the subsystem. */
static inline bool nvme_fi_is_nsid(uint32_t nsid)
{
    return nsid >= 1 && nsid <= NVME_MAX_NAMESPACES;
}

static inline bool nvme_fi_in_bounds(const NvmeNamespace *ns, uint64_t slba,
                                     uint64_t nlb)
{
    uint64_t nsze = le64_to_cpu(ns->id_ns.nsze);

    return slba < nsze && nlb <= nsze - slba;
}

/* media-trigger.c: the members that have nothing to do with a device; @slba
 * may have been left out only with @in_rule. */
bool nvme_fi_check_bad_blocks(const NvmeFiBadBlocks *blocks, bool in_rule,
                              GError **error);
/* The state that @blocks, which were checked, ask for. */
BadState nvme_fi_bad_state(const NvmeFiBadBlocks *blocks);

/* copy-source.c: the bad range that a source of the Copy command @req has
 * first, and its bad block, or NULL; *@nlb: how many blocks the command
 * writes. */
BadRange *nvme_fi_copy_source(NvmeFi *fi, NvmeRequest *req, uint64_t *lba,
                              uint32_t *nlb);

/*
 * lba-status.c
 * Write Uncorrectable (NVM Command Set 1.1, 3.3.7): as
 * nvme_fi_media_command().  Where it returns false, the model carries out
 * @req->cmd, changed, and then _written() is called, with whether it did.
 * Get LBA Status (4.2.1): returns the status.
 */
#define NVME_FI_ADM_GET_LBA_STATUS 0x86
bool nvme_fi_write_uncorrectable(NvmeFi *fi, NvmeRequest *req,
                                 uint16_t *status);
void nvme_fi_uncorrectable_written(NvmeFi *fi, NvmeRequest *req, bool done);
uint16_t nvme_fi_get_lba_status(NvmeFi *fi, NvmeRequest *req);

/*
 * media-file.c
 * open: @media has the ranges that were read, and is kept in that file.
 * dirty: the file is out of date; it is written soon.
 * flush: write it now if it is out of date.
 * close: the same, and forget the file; NULL is allowed.
 */
void nvme_fi_media_file_open(NvmeFiMedia *media, NvmeFiProps *props);
void nvme_fi_media_file_dirty(struct NvmeFiMediaFile *file);
void nvme_fi_media_file_flush(struct NvmeFiMediaFile *file);
void nvme_fi_media_file_close(struct NvmeFiMediaFile *file);

#endif
