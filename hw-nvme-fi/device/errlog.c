/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Injected errors, and those of bad blocks, as a drive reports them
 * afterwards: the Error Information log page and the error counters of the
 * SMART / Health log page.
 */
#include "qemu/osdep.h"
#include "internal.h"

/* NVMe Base 2.1, 5.1.12.1.2: not a parameter of the command that is wrong. */
#define NO_ERROR_LOCATION 0xffff

/*
 * NVMe Base 2.1, 5.1.12.1.3, "Media and Data Integrity Errors": unrecovered
 * data integrity errors such as uncorrectable ECC, CRC failure or LBA tag
 * mismatch.  So neither a write fault nor a denied access.
 */
static bool is_data_integrity_error(uint16_t status)
{
    switch (status & FI_STATUS_CODE_MASK) {
    case 0x281:                 /* Unrecovered Read Error */
    case 0x282:                 /* End-to-end Guard Check Error */
    case 0x283:                 /* End-to-end Application Tag Check Error */
    case 0x284:                 /* End-to-end Reference Tag Check Error */
    case 0x288:                 /* End-to-End Storage Tag Check Error */
        return true;
    default:
        return false;
    }
}

void nvme_fi_error_add(NvmeFi *fi, NvmeRequest *req)
{
    uint64_t count = ++fi->error_count;

    fi->errors[count % NVME_FI_ERROR_ENTRIES] = (NvmeErrorLog) {
        .error_count = cpu_to_le64(count),
        .sqid = cpu_to_le16(req->sq->sqid),
        .cid = req->cqe.cid,
        .status_field = req->cqe.status,    /* bit 0: the phase tag posted */
        .param_error_location = cpu_to_le16(NO_ERROR_LOCATION),
        .lba = cpu_to_le64(req->fi->lba),
        .nsid = req->cmd.nsid,
    };
    if (is_data_integrity_error(req->status) ||
        req->status == req->fi->bad_status) {
        fi->media_errors++;
    }
}

/* NVMe Base 2.1, 5.1.12.1.2: queue and command are FFFFh then. */
void nvme_fi_error_add_event(NvmeFi *fi, uint16_t status)
{
    uint64_t count = ++fi->error_count;

    fi->errors[count % NVME_FI_ERROR_ENTRIES] = (NvmeErrorLog) {
        .error_count = cpu_to_le64(count),
        .sqid = 0xffff,
        .cid = 0xffff,
        .status_field = cpu_to_le16(status << 1),
        .param_error_location = cpu_to_le16(NO_ERROR_LOCATION),
    };
}

uint16_t nvme_fi_error_info(NvmeCtrl *n, uint8_t rae, uint32_t len,
                            uint64_t off, NvmeRequest *req)
{
    const NvmeFi *fi = n->fi;
    NvmeErrorLog log[NVME_FI_ERROR_ENTRIES] = { 0 };
    uint64_t count = fi->error_count;

    if (off >= sizeof(log)) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    if (!rae) {
        nvme_clear_events(n, NVME_AER_TYPE_ERROR);
    }
    for (int i = 0; i < NVME_FI_ERROR_ENTRIES && count > 0; i++, count--) {
        log[i] = fi->errors[count % NVME_FI_ERROR_ENTRIES];
    }
    return nvme_c2h(n, (uint8_t *)log + off, MIN(len, sizeof(log) - off), req);
}

void nvme_fi_count_smart(NvmeCtrl *n, NvmeSmartLog *smart)
{
    smart->media_errors[0] = cpu_to_le64(n->fi->media_errors);
    smart->number_of_error_log_entries[0] = cpu_to_le64(n->fi->error_count);
    nvme_fi_events_smart(n->fi, smart);
}
