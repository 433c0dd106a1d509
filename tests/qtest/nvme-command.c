/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SQEs for qtests, and the few commands that every test needs at once.
 */
#include "qemu/osdep.h"
#include "nvme-command.h"

NvmeCmd nvme_cmd(uint8_t opcode, uint32_t nsid)
{
    return (NvmeCmd) { .opcode = opcode, .nsid = cpu_to_le32(nsid) };
}

void nvme_cmd_data(NvmeHost *host, NvmeCmd *cmd, uint64_t addr, size_t bytes)
{
    unsigned pages = DIV_ROUND_UP(bytes, NVME_PAGE);
    uint64_t prps[NVME_PAGE / 8];
    uint64_t list;

    cmd->dptr.prp1 = cpu_to_le64(addr);
    if (pages < 2) {
        return;
    }
    if (pages == 2) {
        cmd->dptr.prp2 = cpu_to_le64(addr + NVME_PAGE);
        return;
    }
    g_assert_cmpint(pages - 1, <=, ARRAY_SIZE(prps));
    for (unsigned i = 1; i < pages; i++) {
        prps[i - 1] = cpu_to_le64(addr + (uint64_t)i * NVME_PAGE);
    }
    list = nvme_alloc(host, NVME_PAGE);
    qtest_bufwrite(host->vm->qts, list, prps, (pages - 1) * sizeof(prps[0]));
    cmd->dptr.prp2 = cpu_to_le64(list);
}

NvmeCmd nvme_cmd_rw(NvmeHost *host, uint8_t opcode, uint32_t nsid,
                    uint64_t slba, uint32_t nlb, uint64_t addr)
{
    NvmeCmd cmd = nvme_cmd(opcode, nsid);

    cmd.cdw10 = cpu_to_le32(slba);
    cmd.cdw11 = cpu_to_le32(slba >> 32);
    cmd.cdw12 = cpu_to_le32(nlb - 1);
    if (addr) {
        nvme_cmd_data(host, &cmd, addr, nlb * NVME_LBA);
    }
    return cmd;
}

NvmeCmd nvme_cmd_zone_send(uint32_t nsid, uint64_t slba, uint8_t zsa,
                           bool all)
{
    NvmeCmd cmd = nvme_cmd(NVME_CMD_ZONE_MGMT_SEND, nsid);

    cmd.cdw10 = cpu_to_le32(slba);
    cmd.cdw11 = cpu_to_le32(slba >> 32);
    cmd.cdw13 = cpu_to_le32(zsa | (all ? 1 << 8 : 0));
    return cmd;
}

NvmeCmd nvme_cmd_zone_report(NvmeHost *host, uint32_t nsid, uint64_t slba,
                             uint64_t addr, size_t bytes)
{
    NvmeCmd cmd = nvme_cmd(NVME_CMD_ZONE_MGMT_RECV, nsid);

    cmd.cdw10 = cpu_to_le32(slba);
    cmd.cdw11 = cpu_to_le32(slba >> 32);
    cmd.cdw12 = cpu_to_le32(bytes / 4 - 1);
    nvme_cmd_data(host, &cmd, addr, bytes);
    return cmd;
}

NvmeCmd nvme_cmd_identify(NvmeHost *host, uint8_t cns, uint32_t nsid,
                          uint64_t addr)
{
    NvmeCmd cmd = nvme_cmd(NVME_ADM_CMD_IDENTIFY, nsid);

    cmd.cdw10 = cpu_to_le32(cns);
    nvme_cmd_data(host, &cmd, addr, NVME_PAGE);
    return cmd;
}

NvmeCmd nvme_cmd_get_log(NvmeHost *host, uint8_t lid, uint32_t nsid,
                         uint64_t offset, uint64_t addr, size_t bytes)
{
    NvmeCmd cmd = nvme_cmd(NVME_ADM_CMD_GET_LOG_PAGE, nsid);
    uint32_t dwords = bytes / 4 - 1;        /* NUMD is 0's based */

    cmd.cdw10 = cpu_to_le32(lid | (dwords & 0xffff) << 16);
    cmd.cdw11 = cpu_to_le32(dwords >> 16);
    cmd.cdw12 = cpu_to_le32(offset);
    cmd.cdw13 = cpu_to_le32(offset >> 32);
    nvme_cmd_data(host, &cmd, addr, bytes);
    return cmd;
}

NvmeCmd nvme_cmd_get_feature(uint8_t fid)
{
    NvmeCmd cmd = nvme_cmd(NVME_ADM_CMD_GET_FEATURES, 0);

    cmd.cdw10 = cpu_to_le32(fid);
    return cmd;
}

NvmeCmd nvme_cmd_set_feature(uint8_t fid, uint32_t value)
{
    NvmeCmd cmd = nvme_cmd(NVME_ADM_CMD_SET_FEATURES, 0);

    cmd.cdw10 = cpu_to_le32(fid);
    cmd.cdw11 = cpu_to_le32(value);
    return cmd;
}

NvmeCmd nvme_cmd_abort(uint16_t sqid, uint16_t cid)
{
    NvmeCmd cmd = nvme_cmd(NVME_ADM_CMD_ABORT, 0);

    cmd.cdw10 = cpu_to_le32(sqid | (uint32_t)cid << 16);
    return cmd;
}

NvmeCmd nvme_cmd_create_cq(uint16_t id, uint16_t size, uint64_t addr,
                           uint16_t vector)
{
    NvmeCmd cmd = nvme_cmd(NVME_ADM_CMD_CREATE_CQ, 0);

    cmd.dptr.prp1 = cpu_to_le64(addr);
    cmd.cdw10 = cpu_to_le32(id | (uint32_t)(size - 1) << 16);
    cmd.cdw11 = cpu_to_le32(NVME_CQ_PC | NVME_CQ_IEN | (uint32_t)vector << 16);
    return cmd;
}

NvmeCmd nvme_cmd_create_sq(uint16_t id, uint16_t size, uint64_t addr,
                           uint16_t cqid)
{
    NvmeCmd cmd = nvme_cmd(NVME_ADM_CMD_CREATE_SQ, 0);

    cmd.dptr.prp1 = cpu_to_le64(addr);
    cmd.cdw10 = cpu_to_le32(id | (uint32_t)(size - 1) << 16);
    cmd.cdw11 = cpu_to_le32(NVME_SQ_PC | (uint32_t)cqid << 16);
    return cmd;
}

NvmeCmd nvme_cmd_delete(uint8_t opcode, uint16_t id)
{
    NvmeCmd cmd = nvme_cmd(opcode, 0);

    cmd.cdw10 = cpu_to_le32(id);
    return cmd;
}

NvmeCmd nvme_cmd_deallocate(NvmeHost *host, uint32_t nsid,
                            const NvmeDsmRange *ranges, unsigned n)
{
    NvmeCmd cmd = nvme_cmd(NVME_CMD_DSM, nsid);
    uint64_t list = nvme_alloc(host, NVME_PAGE);

    qtest_bufwrite(host->vm->qts, list, ranges, n * sizeof(*ranges));
    cmd.dptr.prp1 = cpu_to_le64(list);
    cmd.cdw10 = cpu_to_le32(n - 1);
    cmd.cdw11 = cpu_to_le32(NVME_DSMGMT_AD);
    return cmd;
}

NvmeCmd nvme_cmd_copy(NvmeHost *host, uint32_t nsid, uint64_t sdlba,
                      const NvmeCopySourceRangeFormat0_2 *ranges, unsigned n)
{
    NvmeCmd cmd = nvme_cmd(NVME_CMD_COPY, nsid);
    uint64_t list = nvme_alloc(host, NVME_PAGE);

    qtest_bufwrite(host->vm->qts, list, ranges, n * sizeof(*ranges));
    cmd.dptr.prp1 = cpu_to_le64(list);
    cmd.cdw10 = cpu_to_le32(sdlba);
    cmd.cdw11 = cpu_to_le32(sdlba >> 32);
    cmd.cdw12 = cpu_to_le32(n - 1);
    return cmd;
}

void nvme_fill(NvmeRing *ring, uint32_t nsid, uint64_t slba, uint32_t nlb,
               uint8_t pattern)
{
    NvmeHost *host = ring->host;
    uint64_t addr = nvme_alloc(host, nlb * NVME_LBA);
    NvmeCmd cmd = nvme_cmd_rw(host, NVME_CMD_WRITE, nsid, slba, nlb, addr);

    qtest_memset(host->vm->qts, addr, pattern, nlb * NVME_LBA);
    g_assert_cmphex(nvme_ring_exec(ring, &cmd, NULL), ==, 0);
    guest_free(&host->vm->alloc, addr);
}

bool nvme_holds(NvmeRing *ring, uint32_t nsid, uint64_t slba, uint32_t nlb,
                uint8_t pattern)
{
    NvmeHost *host = ring->host;
    uint64_t addr = nvme_alloc(host, nlb * NVME_LBA);
    NvmeCmd cmd = nvme_cmd_rw(host, NVME_CMD_READ, nsid, slba, nlb, addr);
    bool same;

    /* a read that left the buffer alone must not pass for one that did not */
    qtest_memset(host->vm->qts, addr, ~pattern, nlb * NVME_LBA);
    g_assert_cmphex(nvme_ring_exec(ring, &cmd, NULL), ==, 0);
    same = nvme_memory_holds(host, addr, nlb * NVME_LBA, pattern);
    guest_free(&host->vm->alloc, addr);
    return same;
}

bool nvme_memory_holds(NvmeHost *host, uint64_t addr, size_t bytes,
                       uint8_t pattern)
{
    g_autofree uint8_t *data = g_malloc(bytes);

    qtest_bufread(host->vm->qts, addr, data, bytes);
    for (size_t i = 0; i < bytes; i++) {
        if (data[i] != pattern) {
            return false;
        }
    }
    return true;
}

NvmeZoneDescr nvme_zone(NvmeRing *ring, uint32_t nsid, uint64_t slba)
{
    NvmeHost *host = ring->host;
    uint64_t addr = nvme_alloc(host, NVME_PAGE);
    NvmeCmd cmd = nvme_cmd_zone_report(host, nsid, slba, addr, NVME_PAGE);
    NvmeZoneDescr zone;

    g_assert_cmphex(nvme_ring_exec(ring, &cmd, NULL), ==, 0);
    qtest_bufread(host->vm->qts, addr + sizeof(NvmeZoneReportHeader), &zone,
                  sizeof(zone));
    g_assert_cmphex(le64_to_cpu(zone.zslba), ==, slba);
    guest_free(&host->vm->alloc, addr);
    return zone;
}
