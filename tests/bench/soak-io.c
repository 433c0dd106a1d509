/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the soak sends.
 */
#include "qemu/osdep.h"
#include "soak-io.h"

#define PRACT           (1u << 29)      /* bits of CDW12 (NVM 1.1, 3.3.2) */
#define PRCHK           (7u << 26)
#define PRCHK_GUARD_REF (5u << 26)
#define ZONES           16
#define ZONE_BLOCKS     2048

/* A row is a command as the specification wants it, but for its place. */
static const uint8_t io_opcodes[] = {
    NVME_CMD_READ, NVME_CMD_READ, NVME_CMD_WRITE, NVME_CMD_WRITE,
    NVME_CMD_COMPARE, NVME_CMD_VERIFY, NVME_CMD_WRITE_ZEROES, NVME_CMD_FLUSH,
    NVME_CMD_DSM, NVME_CMD_COPY, NVME_CMD_ZONE_APPEND,
    NVME_CMD_ZONE_MGMT_SEND, NVME_CMD_ZONE_MGMT_RECV, NVME_CMD_WRITE_UNCOR,
};
/* Without those that take a queue or a namespace from the soak, or let the
 * controller write where it likes. */
static const uint8_t admin_opcodes[] = {
    NVME_ADM_CMD_IDENTIFY, NVME_ADM_CMD_IDENTIFY, NVME_ADM_CMD_GET_LOG_PAGE,
    NVME_ADM_CMD_GET_LOG_PAGE, NVME_ADM_CMD_GET_FEATURES,
    NVME_ADM_CMD_SET_FEATURES, NVME_ADM_CMD_ASYNC_EV_REQ,
    NVME_ADM_CMD_ABORT, NVME_ADM_CMD_ABORT, 0x10, 0x14, 0x86, 0xc1,
};
static const uint8_t features[] = { 1, 2, 4, 5, 6, 8, 0xb, 0xe, 0x16, 0x55 };

static uint32_t below(Soak *s, uint32_t n)
{
    return soak_below(&s->random, n);
}

/* An address that is none for the command, but harms only s->data. */
static uint64_t wrong_address(Soak *s)
{
    switch (below(s, 4)) {
    case 0:
        return 0;
    case 1:
        return UINT64_MAX;
    case 2:
        return s->data + 1 + below(s, NVME_PAGE - 1);
    default:
        return 1ull << (32 + below(s, 31));
    }
}

/* Makes something wrong that no host of good faith sends. */
static void spoil(Soak *s, NvmeCmd *cmd)
{
    uint32_t bit = cpu_to_le32(1u << below(s, 32));

    switch (below(s, 8)) {
    case 0:
        cmd->nsid = cpu_to_le32(below(s, 2) ? UINT32_MAX : below(s, 9));
        break;
    case 1:
        cmd->dptr.prp1 = cpu_to_le64(wrong_address(s));
        break;
    case 2:
        cmd->dptr.prp2 = cpu_to_le64(wrong_address(s));
        break;
    case 3:
        cmd->flags = below(s, 256);
        break;
    case 4:
        cmd->cdw10 ^= bit;
        break;
    case 5:
        cmd->cdw11 ^= bit;
        break;
    case 6:
        cmd->cdw12 ^= bit;
        break;
    default:
        cmd->cdw13 ^= bit;
        break;
    }
}

static void ranges_of_dsm(Soak *s, NvmeCmd *cmd)
{
    NvmeDsmRange ranges[4] = { 0 };

    for (unsigned i = 0; i < ARRAY_SIZE(ranges); i++) {
        ranges[i].slba = cpu_to_le64(below(s, SOAK_BLOCKS));
        ranges[i].nlb = cpu_to_le32(below(s, SOAK_NLB + 1));
    }
    qtest_bufwrite(s->vm->qts, s->list, ranges, sizeof(ranges));
    cmd->dptr.prp1 = cpu_to_le64(s->list);
    cmd->cdw10 = cpu_to_le32(below(s, ARRAY_SIZE(ranges)));
    cmd->cdw11 = cpu_to_le32(NVME_DSMGMT_AD);
}

static void ranges_of_copy(Soak *s, NvmeCmd *cmd)
{
    NvmeCopySourceRangeFormat0_2 ranges[4] = { 0 };

    for (unsigned i = 0; i < ARRAY_SIZE(ranges); i++) {
        ranges[i].slba = cpu_to_le64(below(s, SOAK_BLOCKS));
        ranges[i].nlb = cpu_to_le16(below(s, SOAK_NLB));
    }
    qtest_bufwrite(s->vm->qts, s->list, ranges, sizeof(ranges));
    cmd->dptr.prp1 = cpu_to_le64(s->list);
    cmd->cdw12 = cpu_to_le32(below(s, ARRAY_SIZE(ranges)));
}

NvmeCmd soak_io_cmd(Soak *s)
{
    uint8_t opcode = io_opcodes[below(s, ARRAY_SIZE(io_opcodes))];
    uint32_t nsid = 1 + below(s, 3);
    uint64_t slba = below(s, SOAK_BLOCKS);
    NvmeCmd cmd;

    if (nsid == SOAK_ZONED) {
        slba = below(s, 2) ? slba : below(s, 4) * ZONE_BLOCKS;
    }
    cmd = nvme_cmd_rw(s->host, opcode, nsid, slba, 1 + below(s, SOAK_NLB),
                      s->data);
    if (nsid == SOAK_PI) {
        cmd.cdw12 |= cpu_to_le32(below(s, 4) ? PRACT | PRCHK_GUARD_REF :
                                 below(s, 2) ? PRACT : PRCHK);
        cmd.cdw14 = cpu_to_le32(slba);
        cmd.mptr = cpu_to_le64(s->data);
    }
    if (opcode == NVME_CMD_DSM) {
        ranges_of_dsm(s, &cmd);
    } else if (opcode == NVME_CMD_COPY) {
        ranges_of_copy(s, &cmd);
    } else if (opcode == NVME_CMD_ZONE_MGMT_SEND) {
        cmd = nvme_cmd_zone_send(nsid, below(s, 4) * ZONE_BLOCKS,
                                 1 + below(s, 5), below(s, 4) == 0);
    } else if (opcode == NVME_CMD_ZONE_MGMT_RECV) {
        cmd = nvme_cmd_zone_report(s->host, nsid, slba, s->data, NVME_PAGE);
    }
    if (soak_chance(&s->random, 15)) {
        spoil(s, &cmd);
    }
    return cmd;
}

NvmeCmd soak_admin_cmd(Soak *s)
{
    NvmeCmd cmd = nvme_cmd(admin_opcodes[below(s, ARRAY_SIZE(admin_opcodes))],
                           below(s, 5));

    nvme_cmd_data(s->host, &cmd, s->data, NVME_PAGE);
    switch (cmd.opcode) {
    case NVME_ADM_CMD_IDENTIFY:
        cmd.cdw10 = cpu_to_le32(below(s, 0x20));
        break;
    case NVME_ADM_CMD_GET_LOG_PAGE:
        cmd.cdw10 = cpu_to_le32(below(s, 0x14) | below(s, 1024) << 16);
        cmd.cdw12 = cpu_to_le32(below(s, 4) ? 0 : below(s, 600));
        break;
    case NVME_ADM_CMD_GET_FEATURES:
    case NVME_ADM_CMD_SET_FEATURES:
        cmd.cdw10 = cpu_to_le32(features[below(s, ARRAY_SIZE(features))]);
        cmd.cdw11 = cpu_to_le32(below(s, 2) ? below(s, 4) : below(s, 65536));
        break;
    case NVME_ADM_CMD_ABORT:
        cmd.cdw10 = cpu_to_le32(below(s, SOAK_RINGS + 2) |
                                below(s, 64) << 16);
        break;
    default:
        break;
    }
    if (soak_chance(&s->random, 15)) {
        spoil(s, &cmd);
    }
    return cmd;
}

static void must(Soak *s, SoakRing *r, const NvmeCmd *cmd)
{
    uint16_t status = soak_exec(s, r, cmd);

    soak_check(s, status == 0, "with no rule in force, opcode %02xh of "
               "namespace %u, block %u, on queue %u%s ended with status "
               "%04xh", cmd->opcode, le32_to_cpu(cmd->nsid),
               le32_to_cpu(cmd->cdw10), r->ring->id,
               r == &s->peer_io ? " of the other controller" : "", status);
}

static void prove_block(Soak *s, SoakRing *r, uint32_t nsid, uint64_t slba)
{
    uint8_t pattern = 1 + below(s, 255);
    NvmeCmd cmd = nvme_cmd_rw(s->host, NVME_CMD_WRITE, nsid, slba, 1,
                              s->data);

    if (nsid == SOAK_PI) {
        cmd.cdw12 |= cpu_to_le32(PRACT | PRCHK_GUARD_REF);
        cmd.cdw14 = cpu_to_le32(slba);
    }
    qtest_memset(s->vm->qts, s->data, pattern, NVME_LBA);
    must(s, r, &cmd);
    cmd.opcode = NVME_CMD_READ;
    qtest_memset(s->vm->qts, s->data, ~pattern, NVME_LBA);
    must(s, r, &cmd);
    soak_check(s, nvme_memory_holds(s->host, s->data, NVME_LBA, pattern),
               "with no rule in force, block %u of namespace %u did not keep "
               "what was written", (unsigned)slba, nsid);
}

bool soak_prove_io(Soak *s, SoakRing *r)
{
    NvmeZoneDescr zones[ZONES];
    NvmeCmd cmd = nvme_cmd_zone_send(SOAK_ZONED, 0, NVME_ZONE_ACTION_RESET,
                                     true);

    prove_block(s, r, SOAK_PLAIN, below(s, SOAK_BLOCKS));
    prove_block(s, r, SOAK_PI, below(s, SOAK_BLOCKS));
    must(s, r, &cmd);
    cmd = nvme_cmd_zone_report(s->host, SOAK_ZONED, 0, s->data, NVME_PAGE);
    must(s, r, &cmd);
    qtest_bufread(s->vm->qts, s->data + sizeof(NvmeZoneReportHeader), zones,
                  sizeof(zones));
    for (unsigned i = 0; i < ZONES; i++) {
        if (zones[i].zs >> 4 == NVME_ZONE_STATE_EMPTY) {
            prove_block(s, r, SOAK_ZONED, le64_to_cpu(zones[i].zslba));
            return true;
        }
    }
    return false;
}
