/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state behind asynchronous events that the model does not have: event.c
 * sends them, ana.c and zone-log.c have the log pages.
 */
#ifndef HW_NVME_FI_EVENT_H
#define HW_NVME_FI_EVENT_H

#include "action.h"

/* Log pages and events of the specifications that the model lacks. */
#define NVME_FI_LID_ANA         0x0c
#define NVME_FI_LID_ZONES       0xbf
#define NVME_FI_INFO_FIRMWARE   0x01
#define NVME_FI_INFO_ANA        0x03
#define NVME_FI_INFO_ZONE       0xef
/* Asynchronous Event Configuration (feature 0Bh), and bits of OAES. */
#define NVME_FI_AEC_NAMESPACE   (1u << 8)
#define NVME_FI_AEC_FIRMWARE    (1u << 9)
#define NVME_FI_AEC_ANA         (1u << 11)
#define NVME_FI_AEC_ZONE        (1u << 27)

/* ANA states (NVMe Base 2.1, 8.1.1.4 and the log page). */
typedef enum NvmeFiAna {
    NVME_FI_ANA_OPTIMIZED = 0x1,
    NVME_FI_ANA_NON_OPTIMIZED = 0x2,
    NVME_FI_ANA_INACCESSIBLE = 0x3,
    NVME_FI_ANA_PERSISTENT_LOSS = 0x4,
    NVME_FI_ANA_CHANGE = 0xf,
} NvmeFiAna;

/* The group of one namespace; its identifier is the NSID. */
typedef struct NvmeFiAnaGroup {
    NvmeFiAna state;
    uint64_t count;             /* changes so far */
} NvmeFiAnaGroup;

struct NvmeFiEvents {
    bool has_spare, has_used;
    uint8_t spare, used;        /* percent */

    uint32_t oaes;              /* what Identify has to offer besides */
    NvmeFiAnaGroup *ana;        /* by NSID; NULL: no ANA is offered */
    uint64_t ana_count;         /* changes so far */

    GHashTable *zones;          /* NSID to GArray of ZSLBA; or NULL */
};

/* Get Log Page, as far as the pages here need it. */
typedef struct NvmeFiLogRequest {
    uint8_t lid, lsp;
    bool rae;
    uint32_t nsid;
    uint64_t length, offset;    /* in bytes */
} NvmeFiLogRequest;

/* event.c: the state, made if need be.  And: transfers what is asked for of
 * @page, @size bytes; returns the command's status. */
struct NvmeFiEvents *nvme_fi_events(NvmeFi *fi);
uint16_t nvme_fi_log_transfer(NvmeFi *fi, NvmeRequest *req,
                              const NvmeFiLogRequest *log, void *page,
                              size_t size);

/*
 * ana.c
 * nvme_fi_ana_offer: @fi's controller, with all others of its subsystem,
 * has the capability from now on, and says so when it is identified again.
 * nvme_fi_ana_join: @n does so if another controller of its subsystem does.
 * nvme_fi_ana_set: the state of its access to @nsid.
 * nvme_fi_ana_status: with what an I/O command to @nsid fails, or 0.
 * nvme_fi_ana_log: Get Log Page 0Ch.
 * nvme_fi_ana_identify: put the group into what Identify shows of @nsid.
 */
void nvme_fi_ana_offer(NvmeFi *fi);
void nvme_fi_ana_join(NvmeCtrl *n);
void nvme_fi_ana_set(NvmeFi *fi, uint32_t nsid, NvmeFiAnaState state);
uint16_t nvme_fi_ana_status(const NvmeFi *fi, uint32_t nsid);
uint16_t nvme_fi_ana_log(NvmeFi *fi, NvmeRequest *req,
                         const NvmeFiLogRequest *log);
void nvme_fi_ana_identify(NvmeFi *fi, uint32_t nsid);

/* zone-log.c: Changed Zone List (ZNS 1.1, 4.1.1.2): the zone of @slba
 * changed; and Get Log Page BFh. */
void nvme_fi_zone_log_add(NvmeFi *fi, NvmeNamespace *ns, uint64_t slba);
uint16_t nvme_fi_zone_log(NvmeFi *fi, NvmeRequest *req,
                          const NvmeFiLogRequest *log);

#endif
