/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data of a read, given to the host a second time.
 */
#include "qemu/osdep.h"
#include "data.h"
#include "hw/nvme/dif.h"

/* With PRACT the controller strips metadata that is protection information
 * only (NVM Command Set 1.1, 5.3.2.2). */
static bool is_stripped(const NvmeNamespace *ns, const NvmeRwCmd *rw)
{
    return NVME_ID_NS_DPS_TYPE(ns->id_ns.dps) &&
        (le16_to_cpu(rw->control) & NVME_RW_PRINFO_PRACT) &&
        ns->lbaf.ms == nvme_pi_tuple_size((NvmeNamespace *)ns);
}

/* As the model shows blocks that were never written: not to be checked. */
static void mark_deallocated(NvmeFiImage *image)
{
    NvmeNamespace *ns = image->ns;

    if (NVME_ID_NS_DPS_TYPE(ns->id_ns.dps)) {
        nvme_dif_mangle_mdata(ns, image->meta,
                              nvme_fi_meta_len(ns, image->nlb),
                              nvme_fi_image_place(image, &image->extents[0],
                                                  image->by));
    }
}

uint16_t nvme_fi_to_host(NvmeRequest *req, NvmeFiImage *image)
{
    NvmeCtrl *n = nvme_ctrl(req);
    NvmeNamespace *ns = image->ns;
    bool meta = image->meta && !is_stripped(ns, (NvmeRwCmd *)&req->cmd);
    size_t data_len = nvme_fi_data_len(ns, image->nlb);
    size_t meta_len = nvme_fi_meta_len(ns, image->nlb);
    uint16_t status;

    mark_deallocated(image);
    nvme_fi_unmap(&req->sg);
    status = nvme_map_dptr(n, &req->sg, data_len +
                           (meta && nvme_ns_ext(ns) ? meta_len : 0),
                           &req->cmd);
    if (!status) {
        status = nvme_bounce_data(n, image->data, data_len,
                                  NVME_TX_DIRECTION_FROM_DEVICE, req);
    }
    if (!status && meta && (nvme_ns_ext(ns) || req->cmd.mptr)) {
        status = nvme_bounce_mdata(n, image->meta, meta_len,
                                   NVME_TX_DIRECTION_FROM_DEVICE, req);
    }
    return status;
}
