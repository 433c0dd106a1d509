/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A zoned namespace with few resources, and zone commands.
 */
#include "qemu/osdep.h"
#include "zone-rig.h"

FiRig *zone_rig(const char *options)
{
    FiRig *rig = g_new0(FiRig, 1);
    g_autofree char *args = g_strdup_printf(
        "-device nvme,id=nvme0,serial=fi,addr=04.0 "
        "-device nvme-ns,drive=d0,nsid=%d "
        "-device nvme-ns,drive=d1,nsid=%d,zoned=on,zoned.zone_size=%d,"
        "zoned.max_open=%d,zoned.max_active=%d%s", NS_PLAIN, NS_ZONED,
        FI_ZONE_BLOCKS * NVME_LBA, MAX_OPEN, MAX_ACTIVE, options);

    rig->vm = nvme_vm_new(NVME_VM_PATCHED, 2, FI_NS_BYTES, args);
    rig->host = nvme_host_new(rig->vm, FI_DEVFN);
    rig->data = nvme_alloc(rig->host, FI_DATA_BYTES);
    fi_rig_enable(rig);
    return rig;
}

uint16_t zone_rw(FiRig *rig, uint8_t opcode, uint64_t slba)
{
    NvmeCmd cmd = nvme_cmd_rw(rig->host, opcode, NS_ZONED, slba, 1,
                              rig->data);

    return nvme_ring_exec(rig->io, &cmd, NULL) & 0x7ff;
}

uint16_t zone_send(FiRig *rig, uint64_t slba, uint8_t zsa)
{
    NvmeCmd cmd = nvme_cmd_zone_send(NS_ZONED, slba, zsa, false);

    return nvme_ring_exec(rig->io, &cmd, NULL) & 0x7ff;
}

void zone_force(FiRig *rig, const char *state)
{
    fi_trigger(rig, "{'trigger':'zone','nsid':%d,'slba':%d,'state':'%s'}",
               NS_ZONED, ZONE + 7, state);
}

void zone_assert(FiRig *rig, uint64_t slba, uint8_t state, uint64_t wp)
{
    NvmeZoneDescr zone = nvme_zone(rig->io, NS_ZONED, slba);

    g_assert_cmphex(zone.zs >> 4, ==, state);
    g_assert_cmphex(le64_to_cpu(zone.wp), ==, wp);
}

static uint16_t open_zone(FiRig *rig, uint64_t zone)
{
    return zone_send(rig, zone * FI_ZONE_BLOCKS, NVME_ZONE_ACTION_OPEN);
}

void zone_assert_accounting(FiRig *rig)
{
    NvmeCmd reset = nvme_cmd_zone_send(NS_ZONED, 0, NVME_ZONE_ACTION_RESET,
                                       true);
    uint64_t zone = 4;

    g_assert_cmphex(nvme_ring_exec(rig->io, &reset, NULL), ==, 0);
    for (int i = 0; i < MAX_OPEN; i++) {
        g_assert_cmphex(open_zone(rig, zone++), ==, 0);
    }
    g_assert_cmphex(open_zone(rig, zone), ==, TOO_OPEN);
    g_assert_cmphex(zone_send(rig, 4 * FI_ZONE_BLOCKS,
                              NVME_ZONE_ACTION_CLOSE), ==, 0);
    g_assert_cmphex(open_zone(rig, zone++), ==, 0);
    g_assert_cmphex(open_zone(rig, zone), ==, TOO_ACTIVE);
    g_assert_cmphex(nvme_ring_exec(rig->io, &reset, NULL), ==, 0);
}

void zone_prepare(FiRig *rig, const From *from)
{
    if (!from->empty) {
        nvme_fill(rig->io, NS_ZONED, ZONE, WRITTEN, 0x11);
    }
    if (from->zsa) {
        g_assert_cmphex(zone_send(rig, ZONE, from->zsa), ==, 0);
    }
    if (from->forced) {
        zone_force(rig, from->forced);
    }
}

void zone_shift(FiRig *rig, int64_t blocks)
{
    fi_trigger(rig, "{'trigger':'zone','nsid':%d,'slba':%d,"
               "'write-pointer':%" PRId64 "}", NS_ZONED, ZONE, blocks);
}

void zone_start_over(FiRig *rig)
{
    zone_force(rig, "empty");
    zone_assert(rig, ZONE, NVME_ZONE_STATE_EMPTY, ZONE);
}
