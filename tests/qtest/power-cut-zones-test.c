/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test cuts the power of zoned namespaces: of each zone the tail is lost,
 * and its write pointer, state and resources agree with that.
 */
#include "qemu/osdep.h"
#include "data-rig.h"

#define CACHE   ",fi-write-cache=1M"
#define OLD     0x11
#define NEW     0x22

/* Zones: the tail of each is lost, and the write pointer is where it began. */
static void test_zones(void)
{
    FiRig *rig = data_rig_new(CACHE);

    for (unsigned zone = 0; zone < 4; zone++) {
        uint64_t zslba = zone * FI_ZONE_BLOCKS;

        g_assert_cmpint(data_append(rig, zslba, 8, OLD), ==, zslba);
        data_flush(rig, NS_ZONED);
    }
    for (unsigned i = 0; i < 40; i++) {
        data_append(rig, i % 4 * FI_ZONE_BLOCKS, 8, NEW);
    }
    data_cut(rig, ",'lose':0.2,'tear':0.2,'seed':3");
    for (unsigned zone = 0; zone < 4; zone++) {
        uint64_t zslba = zone * FI_ZONE_BLOCKS;
        NvmeZoneDescr descr = nvme_zone(rig->io, NS_ZONED, zslba);
        unsigned wp = le64_to_cpu(descr.wp) - zslba;

        g_assert_cmphex(descr.zs >> 4, ==, NVME_ZONE_STATE_CLOSED);
        g_assert_cmpint(wp, >=, 8);
        g_assert_cmpint(wp, <=, 88);
        g_assert_true(data_holds(rig, NS_ZONED, zslba, 8, OLD));
        g_assert_true(wp == 8 || data_holds(rig, NS_ZONED, zslba + 8, wp - 8,
                                            NEW));
        g_assert_true(wp == 88 || data_holds(rig, NS_ZONED, zslba + wp,
                                             88 - wp, 0));
        g_assert_cmpint(data_append(rig, zslba, 8, NEW), ==, zslba + wp);
    }
    fi_rig_free(rig);
}

static void fill_zone(FiRig *rig, unsigned zone, unsigned stable)
{
    for (unsigned i = 0; i < FI_ZONE_BLOCKS; i += 64) {
        if (i == stable) {
            data_flush(rig, NS_ZONED);
        }
        data_append(rig, zone * FI_ZONE_BLOCKS, 64, NEW);
    }
    g_assert_cmphex(nvme_zone(rig->io, NS_ZONED, zone * FI_ZONE_BLOCKS).zs >>
                    4, ==, NVME_ZONE_STATE_FULL);
}

static void expect_zone(FiRig *rig, unsigned zone, NvmeZoneState state,
                        unsigned wp)
{
    uint64_t zslba = zone * FI_ZONE_BLOCKS;
    NvmeZoneDescr descr = nvme_zone(rig->io, NS_ZONED, zslba);

    g_assert_cmphex(descr.zs >> 4, ==, state);
    g_assert_cmpint(le64_to_cpu(descr.wp) - zslba, ==, wp);
}

/* A full zone is not full any more, or empty; and the zones' resources are as
 * before: four can be active. */
static void test_full_zones(void)
{
    FiRig *rig = data_rig_new(",fi-write-cache=8M");

    fill_zone(rig, 0, 0);
    data_cut(rig, ",'lose':1");
    expect_zone(rig, 0, NVME_ZONE_STATE_EMPTY, 0);
    fill_zone(rig, 0, 640);
    data_cut(rig, ",'lose':1");
    expect_zone(rig, 0, NVME_ZONE_STATE_CLOSED, 640);
    for (unsigned zone = 1; zone < 4; zone++) {
        data_append(rig, zone * FI_ZONE_BLOCKS, 8, NEW);
    }
    g_assert_cmphex(data_exec(rig, NVME_CMD_WRITE, NS_ZONED,
                              4 * FI_ZONE_BLOCKS, 8, NEW, NULL) & 0x7ff, ==,
                    NVME_ZONE_TOO_MANY_ACTIVE);
    fi_rig_free(rig);
}

/* There is no active resource for a zone that is no longer full: it stays. */
static void test_no_active_resource(void)
{
    FiRig *rig = data_rig_new(",fi-write-cache=8M");

    for (unsigned zone = 1; zone <= 3; zone++) {
        data_append(rig, zone * FI_ZONE_BLOCKS, 8, NEW);
    }
    fill_zone(rig, 0, 640);
    for (unsigned zone = 1; zone <= 4; zone++) {
        data_append(rig, zone * FI_ZONE_BLOCKS, 8, NEW);
    }
    data_cut(rig, ",'lose':1");
    g_assert_cmphex(nvme_zone(rig->io, NS_ZONED, 0).zs >> 4, ==,
                    NVME_ZONE_STATE_FULL);
    for (unsigned zone = 1; zone <= 3; zone++) {
        expect_zone(rig, zone, NVME_ZONE_STATE_CLOSED, 8);
    }
    expect_zone(rig, 4, NVME_ZONE_STATE_EMPTY, 0);
    fi_rig_free(rig);
}

/* Beyond the write pointer blocks are lost one by one. */
static void test_zrwa(void)
{
    FiRig *rig = data_rig_new(CACHE);
    NvmeCmd open = nvme_cmd_zone_send(NS_ZRWA, 0, NVME_ZONE_ACTION_OPEN,
                                      false);

    open.cdw13 |= cpu_to_le32(1 << 9);      /* ZRWAA */
    g_assert_cmphex(nvme_ring_exec(rig->io, &open, NULL), ==, 0);
    data_put(rig, NS_ZRWA, 0, 8, OLD);
    data_flush(rig, NS_ZRWA);
    data_put(rig, NS_ZRWA, 4, 8, NEW);
    /* beyond the window: 8 blocks are committed */
    data_put(rig, NS_ZRWA, DATA_ZRWA_BLOCKS, 8, NEW);
    g_assert_cmpint(le64_to_cpu(nvme_zone(rig->io, NS_ZRWA, 0).wp), ==, 8);
    data_cut(rig, ",'lose':1");
    g_assert_true(data_holds(rig, NS_ZRWA, 0, 4, OLD));
    g_assert_true(data_holds(rig, NS_ZRWA, 4, 4, NEW));
    g_assert_true(data_holds(rig, NS_ZRWA, 8, 4, 0));
    g_assert_true(data_holds(rig, NS_ZRWA, DATA_ZRWA_BLOCKS, 8, 0));
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/power-cut-zones/tail", test_zones);
    g_test_add_func("/nvme-fi/power-cut-zones/full", test_full_zones);
    g_test_add_func("/nvme-fi/power-cut-zones/no-active-resource",
                    test_no_active_resource);
    g_test_add_func("/nvme-fi/power-cut-zones/zrwa", test_zrwa);
    return g_test_run();
}
