/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Namespaces of all kinds, and what a test writes to them and reads back.
 */
#include "qemu/osdep.h"
#include "data-rig.h"

#define META_OFFSET (FI_DATA_BYTES - NVME_PAGE)

FiRig *data_rig_new(const char *options)
{
    FiRig *rig = g_new0(FiRig, 1);
    g_autofree char *args = g_strdup_printf(
        "-device nvme-subsys,id=subsys0 "
        "-device nvme,id=nvme0,serial=fi,subsys=subsys0,addr=04.0%s "
        "-device nvme,id=nvme1,serial=fi,subsys=subsys0,addr=05.0 "
        "-device nvme-ns,bus=nvme0,drive=d0,nsid=1,shared=on "
        "-device nvme-ns,bus=nvme0,drive=d1,nsid=2,zoned=on,shared=off,"
        "zoned.zone_size=%d,zoned.zone_capacity=%d,"
        "zoned.max_active=4,zoned.max_open=4 "
        "-device nvme-ns,bus=nvme0,drive=d2,nsid=3,ms=8,shared=off "
        "-device nvme-ns,bus=nvme0,drive=d3,nsid=4,ms=8,pi=1,shared=off "
        "-device nvme-ns,bus=nvme0,drive=d4,nsid=5,ms=8,mset=1,shared=off "
        "-device nvme-ns,bus=nvme0,drive=d5,nsid=6,zoned=on,shared=off,"
        "logical_block_size=512,physical_block_size=512,"
        "zoned.zone_size=%d,zoned.zone_capacity=%d,zoned.max_active=4,"
        "zoned.max_open=4,zoned.numzrwa=4,zoned.zrwas=%d,zoned.zrwafg=%d",
        options, FI_ZONE_BLOCKS * NVME_LBA, FI_ZONE_BLOCKS * NVME_LBA,
        FI_ZONE_BLOCKS * NVME_LBA, FI_ZONE_BLOCKS * NVME_LBA,
        DATA_ZRWA_BLOCKS * NVME_LBA, 8 * NVME_LBA);

    rig->vm = nvme_vm_new(NVME_VM_PATCHED, NS_LAST, FI_NS_BYTES, args);
    rig->host = nvme_host_new(rig->vm, FI_DEVFN);
    rig->data = nvme_alloc(rig->host, FI_DATA_BYTES);
    fi_rig_enable(rig);
    return rig;
}

static size_t block_bytes(uint32_t nsid)
{
    return nsid == NS_EXT ? NVME_LBA + 8 : NVME_LBA;
}

NvmeCmd data_cmd(FiRig *rig, uint8_t opcode, uint32_t nsid, uint64_t slba,
                 uint32_t nlb)
{
    NvmeCmd cmd = nvme_cmd_rw(rig->host, opcode, nsid, slba, nlb, 0);
    NvmeRwCmd *rw = (NvmeRwCmd *)&cmd;

    if (opcode == NVME_CMD_WRITE_ZEROES) {
        return cmd;
    }
    g_assert_cmpint(nlb * block_bytes(nsid), <=, META_OFFSET);
    nvme_cmd_data(rig->host, &cmd, rig->data, nlb * block_bytes(nsid));
    if (nsid == NS_META) {
        cmd.mptr = cpu_to_le64(rig->data + META_OFFSET);
    } else if (nsid == NS_PI) {
        rw->control = cpu_to_le16(NVME_RW_PRINFO_PRACT |
                                  NVME_RW_PRINFO_PRCHK_GUARD |
                                  NVME_RW_PRINFO_PRCHK_REF);
        rw->reftag = cpu_to_le32(slba);
    }
    return cmd;
}

uint16_t data_exec(FiRig *rig, uint8_t opcode, uint32_t nsid, uint64_t slba,
                   uint32_t nlb, uint8_t pattern, NvmeCqe *cqe)
{
    NvmeCmd cmd = data_cmd(rig, opcode, nsid, slba, nlb);

    qtest_memset(rig->vm->qts, rig->data, pattern, FI_DATA_BYTES);
    return nvme_ring_exec(rig->io, &cmd, cqe);
}

void data_put(FiRig *rig, uint32_t nsid, uint64_t slba, uint32_t nlb,
              uint8_t pattern)
{
    g_assert_cmphex(data_exec(rig, NVME_CMD_WRITE, nsid, slba, nlb, pattern,
                              NULL), ==, 0);
}

bool data_holds(FiRig *rig, uint32_t nsid, uint64_t slba, uint32_t nlb,
                uint8_t pattern)
{
    g_assert_cmphex(data_exec(rig, NVME_CMD_READ, nsid, slba, nlb, ~pattern,
                              NULL), ==, 0);
    return nvme_memory_holds(rig->host, rig->data, nlb * block_bytes(nsid),
                             pattern) &&
        (nsid != NS_META ||
         nvme_memory_holds(rig->host, rig->data + META_OFFSET, nlb * 8,
                           pattern));
}

uint16_t data_deallocate(FiRig *rig, const NvmeDsmRange *ranges, unsigned n)
{
    NvmeCmd cmd = nvme_cmd_deallocate(rig->host, NS_PLAIN, ranges, n);

    return nvme_ring_exec(rig->io, &cmd, NULL);
}

uint64_t data_append(FiRig *rig, uint64_t zslba, uint32_t nlb,
                     uint8_t pattern)
{
    NvmeCqe cqe;

    g_assert_cmphex(data_exec(rig, NVME_CMD_ZONE_APPEND, NS_ZONED, zslba, nlb,
                              pattern, &cqe), ==, 0);
    return le32_to_cpu(cqe.result) | (uint64_t)le32_to_cpu(cqe.dw1) << 32;
}

void data_flush(FiRig *rig, uint32_t nsid)
{
    NvmeCmd cmd = nvme_cmd(NVME_CMD_FLUSH, nsid);

    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, 0);
}

int64_t data_cached(FiRig *rig, const char *member)
{
    QDict *info = fi_query(rig);
    int64_t value = qdict_get_int(qdict_get_qdict(info, "write-cache"),
                                  member);

    qobject_unref(info);
    return value;
}

static void trigger(FiRig *rig, const char *members)
{
    g_autofree char *text = g_strdup_printf(
        "{'execute':'nvme-fi-trigger','arguments':{'device':'nvme0',"
        "'triggers':[{'trigger':'power-cut','reset':false%s}]}}\n", members);
    QDict *response;

    qtest_qmp_send_raw(rig->vm->qts, "%s", text);
    response = qtest_qmp_receive(rig->vm->qts);
    g_assert_true(qdict_haskey(response, "return"));
    qobject_unref(response);
}

void data_cut(FiRig *rig, const char *members)
{
    int64_t cuts = data_cached(rig, "cuts");

    trigger(rig, members);
    while (data_cached(rig, "cuts") == cuts) {
        nvme_vm_settle(rig->vm);
    }
    /* CC.EN was cleared by the reset */
    g_assert_cmphex(nvme_host_reg(rig->host, 0x14) & 1, ==, 0);
    g_assert_cmpint(data_cached(rig, "writes"), ==, 0);
    fi_rig_enable(rig);
}
