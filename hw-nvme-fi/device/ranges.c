/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command as the rules see it: its SQE in host byte order, and the blocks
 * that it touches, those in host memory included.
 */
#include "qemu/osdep.h"
#include "system/dma.h"
#include "internal.h"

#define MAX_RANGES 256          /* NR of both commands is 8 bits, 0-based */

/*
 * Reads @len bytes of the command's data, as the command itself will later.
 * The host may have given any address and any descriptor.
 */
bool nvme_fi_read_data(NvmeCtrl *n, NvmeRequest *req, void *buf, size_t len)
{
    NvmeSg sg = { 0 };
    bool ok;

    if (nvme_map_dptr(n, &sg, len, &req->cmd)) {
        return false;
    }
    if (sg.flags & NVME_SG_DMA) {
        dma_addr_t residual = len;

        ok = dma_buf_write(buf, len, &residual, &sg.qsg,
                           MEMTXATTRS_UNSPECIFIED) == MEMTX_OK && !residual;
        qemu_sglist_destroy(&sg.qsg);
    } else {
        ok = qemu_iovec_to_buf(&sg.iov, 0, buf, len) == len;
        qemu_iovec_destroy(&sg.iov);
    }
    return ok;
}

static void add_range(GArray *array, uint64_t slba, uint64_t nlb)
{
    FiRange range = { .slba = slba, .nlb = nlb };

    if (nlb) {
        g_array_append_val(array, range);
    }
}

/* NVM Command Set 1.1, 3.2.3: NR 0-based, the length of a range is not. */
static void add_dsm_ranges(NvmeCtrl *n, NvmeRequest *req, GArray *array)
{
    g_autofree NvmeDsmRange *range = g_new(NvmeDsmRange, MAX_RANGES);
    unsigned nr = (le32_to_cpu(req->cmd.cdw10) & 0xff) + 1;

    if (!nvme_fi_read_data(n, req, range, nr * sizeof(*range))) {
        return;
    }
    for (unsigned i = 0; i < nr; i++) {
        add_range(array, le64_to_cpu(range[i].slba),
                  le32_to_cpu(range[i].nlb));
    }
}

/*
 * NVM Command Set 1.1, 3.2.2: NR and NLB are 0-based.  In formats 2 and 3 a
 * source range names its namespace, SNSID, in its first dword.  The
 * destination, of which the SQE tells the start only, is as long as all sources
 * together; it is the first of @array.
 */
static void add_copy_ranges(NvmeCtrl *n, NvmeRequest *req, GArray *array)
{
    NvmeCopyCmd *copy = (NvmeCopyCmd *)&req->cmd;
    unsigned format = copy->control[0] & 0xf;
    unsigned nr = copy->nr + 1;
    size_t size = format & 1 ? sizeof(NvmeCopySourceRangeFormat1_3) :
                               sizeof(NvmeCopySourceRangeFormat0_2);
    g_autofree uint8_t *data = g_malloc(nr * size);
    uint64_t total = 0;

    if (format > NVME_COPY_FORMAT_3 ||
        !nvme_fi_read_data(n, req, data, nr * size)) {
        return;
    }
    for (unsigned i = 0; i < nr; i++) {
        /* what is used here lies at the same place in all formats */
        NvmeCopySourceRangeFormat0_2 *range = (void *)(data + i * size);

        total += le16_to_cpu(range->nlb) + 1;
        if (format < NVME_COPY_FORMAT_2 || range->sparams == copy->nsid) {
            add_range(array, le64_to_cpu(range->slba),
                      le16_to_cpu(range->nlb) + 1);
        }
    }
    g_array_index(array, FiRange, 0).nlb = total;
}

/* The first is what the SQE names, which is nothing for DSM. */
static GArray *host_ranges(NvmeFi *fi, NvmeRequest *req, const FiRange *first,
                           unsigned n)
{
    GArray *array = g_array_new(FALSE, FALSE, sizeof(FiRange));

    g_array_append_vals(array, first, n);
    if (req->cmd.opcode == NVME_CMD_DSM) {
        add_dsm_ranges(fi->ctrl, req, array);
    } else {
        add_copy_ranges(fi->ctrl, req, array);
    }
    return array;
}

GArray *nvme_fi_host_ranges(NvmeFi *fi, NvmeRequest *req)
{
    const NvmeCopyCmd *copy = (const NvmeCopyCmd *)&req->cmd;
    FiRange first = { .slba = le64_to_cpu(copy->sdlba) };

    return host_ranges(fi, req, &first, req->cmd.opcode == NVME_CMD_COPY);
}

/* Replaces the ranges of @command by them and those in the host's memory. */
static void add_host_ranges(NvmeFi *fi, NvmeRequest *req, FiCommand *command,
                            NvmeFiRanges *ranges)
{
    GArray *array = host_ranges(fi, req, command->ranges, command->n_ranges);

    command->n_ranges = array->len;
    ranges->array = (FiRange *)g_array_free(array, FALSE);
    command->ranges = ranges->array;
}

void nvme_fi_command(NvmeFi *fi, NvmeRequest *req, FiCommand *command,
                     NvmeFiRanges *ranges)
{
    uint16_t sqid = req->sq->sqid;
    uint8_t opcode = req->cmd.opcode;
    NvmeNamespace *ns = nvme_ns(fi->ctrl, le32_to_cpu(req->cmd.nsid));
    uint64_t zone_blocks = 0, ns_blocks = 0;

    QEMU_BUILD_BUG_ON(sizeof(command->sqe) != sizeof(req->cmd));
    memcpy(command->sqe, &req->cmd, sizeof(req->cmd));
    for (int i = 0; HOST_BIG_ENDIAN && i < 16; i++) {
        command->sqe[i] = le32_to_cpu(command->sqe[i]);
    }
    if (sqid && ns) {
        ns_blocks = le64_to_cpu(ns->id_ns.nsze);
        zone_blocks = ns->csi == NVME_CSI_ZONED ? ns->zone_size : 0;
    }
    fi_command_init(command, !sqid, sqid, command->sqe, zone_blocks,
                    ns_blocks, &ranges->first);
    if (sqid && (opcode == NVME_CMD_DSM || opcode == NVME_CMD_COPY) &&
        fi_set_wants_ranges(fi->set, opcode)) {
        add_host_ranges(fi, req, command, ranges);
    }
}
