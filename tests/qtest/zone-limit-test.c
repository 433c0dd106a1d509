/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test lowers the limits of open and active zones of a namespace below
 * what it promised, and puts them back.
 */
#include "qemu/osdep.h"
#include "zone-rig.h"

static void test_max_open(void)
{
    FiRig *rig = zone_rig("");

    g_assert_cmphex(zone_send(rig, ZONE, NVME_ZONE_ACTION_OPEN), ==, 0);
    fi_trigger(rig, "{'trigger':'zone','nsid':%d,'max-open':1}", NS_ZONED);
    g_assert_cmphex(zone_send(rig, NEXT, NVME_ZONE_ACTION_OPEN), ==, TOO_OPEN);
    g_assert_cmphex(zone_rw(rig, NVME_CMD_WRITE, NEXT), ==, TOO_OPEN);
    /* what is open stays open, and its place can go to another */
    g_assert_cmphex(zone_rw(rig, NVME_CMD_WRITE, ZONE), ==, 0);
    g_assert_cmphex(zone_send(rig, ZONE, NVME_ZONE_ACTION_CLOSE), ==, 0);
    g_assert_cmphex(zone_rw(rig, NVME_CMD_WRITE, NEXT), ==, 0);
    /* an implicitly open one gives way, as ever (ZNS 1.2, 2.1.1.4.1) */
    g_assert_cmphex(zone_rw(rig, NVME_CMD_WRITE, ZONE + 1), ==, 0);
    zone_assert(rig, NEXT, NVME_ZONE_STATE_CLOSED, NEXT + 1);
    fi_trigger(rig, "{'trigger':'zone','nsid':%d,'max-open':%d}", NS_ZONED,
               MAX_OPEN);
    zone_assert_accounting(rig);
    fi_rig_free(rig);
}

/* Fewer than are active: they stay, also over a shutdown, which closes them. */
static void test_max_active(void)
{
    FiRig *rig = zone_rig("");

    for (int i = 4; i < 4 + MAX_OPEN; i++) {
        nvme_fill(rig->io, NS_ZONED, i * FI_ZONE_BLOCKS, 1, 0x44);
    }
    fi_trigger(rig, "{'trigger':'zone','nsid':%d,'max-active':1}", NS_ZONED);
    g_assert_cmphex(zone_rw(rig, NVME_CMD_WRITE, ZONE), ==, TOO_ACTIVE);
    g_assert_cmphex(zone_rw(rig, NVME_CMD_WRITE, 4 * FI_ZONE_BLOCKS + 1), ==,
                    0);
    nvme_host_shutdown(rig->host);
    fi_rig_reset(rig);
    zone_assert(rig, 4 * FI_ZONE_BLOCKS, NVME_ZONE_STATE_CLOSED,
                4 * FI_ZONE_BLOCKS + 2);
    g_assert_cmphex(zone_rw(rig, NVME_CMD_WRITE, ZONE), ==, TOO_ACTIVE);
    fi_trigger(rig, "{'trigger':'zone','nsid':%d,'max-active':%d}", NS_ZONED,
               MAX_ACTIVE);
    zone_assert_accounting(rig);
    fi_rig_free(rig);
}

/* A namespace that has no limit gets one; its last zone takes it away. */
static void test_unlimited(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'zone','nsid':%d,'max-open':1,"
               "'max-active':2}", NS_ZONED);
    g_assert_cmphex(zone_send(rig, ZONE, NVME_ZONE_ACTION_OPEN), ==, 0);
    g_assert_cmphex(zone_send(rig, NEXT, NVME_ZONE_ACTION_OPEN), ==, TOO_OPEN);
    g_assert_cmphex(zone_send(rig, ZONE, NVME_ZONE_ACTION_CLOSE), ==, 0);
    g_assert_cmphex(zone_send(rig, NEXT, NVME_ZONE_ACTION_OPEN), ==, 0);
    g_assert_cmphex(zone_send(rig, 0, NVME_ZONE_ACTION_OPEN), ==, TOO_ACTIVE);
    fi_trigger_refused(rig, "must be 1 to 32", "{'trigger':'zone','nsid':%d,"
                       "'max-open':33}", NS_ZONED);
    fi_trigger(rig, "{'trigger':'zone','nsid':%d,'max-open':32,"
               "'max-active':32}", NS_ZONED);
    for (int i = 0; i < 32; i++) {
        g_assert_cmphex(zone_send(rig, i * FI_ZONE_BLOCKS,
                                  NVME_ZONE_ACTION_OPEN), ==, 0);
    }
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/zone-limit/max-open", test_max_open);
    g_test_add_func("/nvme-fi/zone-limit/max-active", test_max_active);
    g_test_add_func("/nvme-fi/zone-limit/unlimited", test_unlimited);
    return g_test_run();
}
