/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asymmetric Namespace Access (NVMe Base 2.1, 8.1.1): each namespace is a group
 * of its own, and each controller of the subsystem has its own access to it.
 */
#include "qemu/osdep.h"
#include "event.h"

/* Identify Controller (NVMe Base 2.1, figure 312), by byte. */
#define ID_CMIC         76
#define ID_ANATT        342
#define ID_ANACAP       343
#define ID_ANAGRPMAX    344
#define ID_NANAGRPID    348
#define ID_MNAN         540
#define CMIC_ANA        (1 << 3)
/* All five states are reported, and ANAGRPID stays while it is attached. */
#define ANACAP          0x5f
#define ANATT_SECONDS   10
/* Identify Namespace, I/O Command Set independent or not. */
#define ID_NS_ANAGRPID  92

/* Path Related Status (4.2.3.4) of commands that the state does not allow. */
#define STATUS_PERSISTENT_LOSS  0x301
#define STATUS_INACCESSIBLE     0x302
#define STATUS_TRANSITION       0x303

/* Log Page Identifier 0Ch; "return groups only" in its specific field. */
#define LSP_GROUPS_ONLY         (1 << 0)

typedef struct QEMU_PACKED AnaHeader {
    uint64_t count;
    uint16_t groups;
    uint8_t reserved[6];
} AnaHeader;

typedef struct QEMU_PACKED AnaDescriptor {
    uint32_t group;
    uint32_t namespaces;
    uint64_t count;
    uint8_t state;
    uint8_t reserved[15];
} AnaDescriptor;

static void say_so(NvmeCtrl *n)
{
    uint8_t *id = (uint8_t *)&n->id_ctrl;

    id[ID_CMIC] |= CMIC_ANA;
    id[ID_ANATT] = ANATT_SECONDS;
    id[ID_ANACAP] = ANACAP;
    stl_le_p(id + ID_ANAGRPMAX, NVME_MAX_NAMESPACES);
    stl_le_p(id + ID_NANAGRPID, NVME_MAX_NAMESPACES);
    stl_le_p(id + ID_MNAN, NVME_MAX_NAMESPACES);
    n->id_ctrl.oaes |= cpu_to_le32(NVME_FI_AEC_ANA);
}

static void offer_one(NvmeFi *fi)
{
    struct NvmeFiEvents *e = nvme_fi_events(fi);

    if (!e->ana) {
        e->ana = g_new0(NvmeFiAnaGroup, NVME_MAX_NAMESPACES + 1);
        for (uint32_t i = 0; i <= NVME_MAX_NAMESPACES; i++) {
            e->ana[i].state = NVME_FI_ANA_OPTIMIZED;
        }
    }
    say_so(fi->ctrl);
}

/* A host takes the subsystem's word of the first controller that it sees, and
 * refuses another that differs. */
void nvme_fi_ana_offer(NvmeFi *fi)
{
    NvmeSubsystem *subsys = fi->ctrl->subsys;

    offer_one(fi);
    for (int i = 0; subsys && i < NVME_MAX_CONTROLLERS; i++) {
        NvmeCtrl *other = nvme_subsys_ctrl(subsys, i);

        if (other && other != fi->ctrl) {
            offer_one(nvme_fi_state(other));
        }
    }
}

static bool offers(const NvmeCtrl *n)
{
    return n && n->fi && n->fi->events && n->fi->events->ana;
}

void nvme_fi_ana_join(NvmeCtrl *n)
{
    bool wanted = offers(n);

    for (int i = 0; i < NVME_MAX_CONTROLLERS && !wanted; i++) {
        wanted = offers(nvme_subsys_ctrl(n->subsys, i));
    }
    if (wanted) {
        nvme_fi_ana_offer(nvme_fi_state(n));
    }
}

void nvme_fi_ana_set(NvmeFi *fi, uint32_t nsid, NvmeFiAnaState state)
{
    static const NvmeFiAna states[] = {
        [NVME_FI_ANA_STATE_OPTIMIZED] = NVME_FI_ANA_OPTIMIZED,
        [NVME_FI_ANA_STATE_NON_OPTIMIZED] = NVME_FI_ANA_NON_OPTIMIZED,
        [NVME_FI_ANA_STATE_INACCESSIBLE] = NVME_FI_ANA_INACCESSIBLE,
        [NVME_FI_ANA_STATE_PERSISTENT_LOSS] = NVME_FI_ANA_PERSISTENT_LOSS,
        [NVME_FI_ANA_STATE_CHANGE] = NVME_FI_ANA_CHANGE,
    };
    struct NvmeFiEvents *e = fi->events;

    e->ana[nsid].state = states[state];
    e->ana[nsid].count++;
    e->ana_count++;
}

uint16_t nvme_fi_ana_status(const NvmeFi *fi, uint32_t nsid)
{
    const struct NvmeFiEvents *e = fi->events;

    if (!e->ana || !nsid || nsid > NVME_MAX_NAMESPACES) {
        return NVME_SUCCESS;
    }
    switch (e->ana[nsid].state) {
    case NVME_FI_ANA_INACCESSIBLE:
        return STATUS_INACCESSIBLE;
    case NVME_FI_ANA_PERSISTENT_LOSS:
        return STATUS_PERSISTENT_LOSS;
    case NVME_FI_ANA_CHANGE:
        return STATUS_TRANSITION;
    case NVME_FI_ANA_OPTIMIZED:
    case NVME_FI_ANA_NON_OPTIMIZED:
        break;
    }
    return NVME_SUCCESS;
}

uint16_t nvme_fi_ana_log(NvmeFi *fi, NvmeRequest *req,
                         const NvmeFiLogRequest *log)
{
    const struct NvmeFiEvents *e = fi->events;
    g_autoptr(GByteArray) page = g_byte_array_new();
    AnaHeader header = { .count = cpu_to_le64(e->ana_count) };
    uint16_t groups = 0;

    g_byte_array_append(page, (uint8_t *)&header, sizeof(header));
    for (uint32_t nsid = 1; nsid <= NVME_MAX_NAMESPACES; nsid++) {
        bool list = !(log->lsp & LSP_GROUPS_ONLY);
        uint32_t id = cpu_to_le32(nsid);
        AnaDescriptor group = {
            .group = id,
            .namespaces = cpu_to_le32(list ? 1 : 0),
            .count = cpu_to_le64(e->ana[nsid].count),
            .state = e->ana[nsid].state,
        };

        if (!nvme_ns(fi->ctrl, nsid)) {
            continue;
        }
        g_byte_array_append(page, (uint8_t *)&group, sizeof(group));
        if (list) {
            g_byte_array_append(page, (uint8_t *)&id, sizeof(id));
        }
        groups++;
    }
    ((AnaHeader *)page->data)->groups = cpu_to_le16(groups);
    return nvme_fi_log_transfer(fi, req, log, page->data, page->len);
}

void nvme_fi_ana_identify(NvmeFi *fi, uint32_t nsid)
{
    NvmeNamespace *ns = nvme_fi_namespace(fi->ctrl, nsid);

    if (ns) {
        stl_le_p((uint8_t *)&ns->id_ns + ID_NS_ANAGRPID, nsid);
#ifndef NVME_WITHOUT_ID_NS_IND
        ns->id_ns_ind.anagrpid = cpu_to_le32(nsid);
#endif
    }
}
