/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test resets a zone in each state: that
 * zone is empty then, and the one behind it is as it was.
 *
 * The zone that stock QEMU erases wrongly is the one behind an offline or a
 * read-only zone; nothing but an action of its own makes a zone that, so that
 * the fix itself cannot be tested before there is one.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define ZONE    FI_ZONE_BLOCKS
#define NEXT    (2 * FI_ZONE_BLOCKS)

typedef struct Row {
    const char *name;
    uint8_t zsa;                /* what brings an open zone there; 0: nothing */
    uint8_t state;
    const char *forced;         /* or what a trigger makes of it */
} Row;

static const Row rows[] = {
    { "implicitly-open", 0, NVME_ZONE_STATE_IMPLICITLY_OPEN },
    { "explicitly-open", NVME_ZONE_ACTION_OPEN,
      NVME_ZONE_STATE_EXPLICITLY_OPEN },
    { "closed", NVME_ZONE_ACTION_CLOSE, NVME_ZONE_STATE_CLOSED },
    { "full", NVME_ZONE_ACTION_FINISH, NVME_ZONE_STATE_FULL },
    { "empty", NVME_ZONE_ACTION_RESET, NVME_ZONE_STATE_EMPTY },
    { "read-only", 0, NVME_ZONE_STATE_READ_ONLY, "read-only" },
    { "offline", 0, NVME_ZONE_STATE_OFFLINE, "offline" },
};

static uint16_t zone_send(FiRig *rig, uint8_t zsa)
{
    NvmeCmd cmd = nvme_cmd_zone_send(NS_ZONED, ZONE, zsa, false);

    return nvme_ring_exec(rig->io, &cmd, NULL);
}

static void assert_reset(FiRig *rig, const Row *row)
{
    g_assert_cmphex(zone_send(rig, NVME_ZONE_ACTION_RESET) & 0x7ff, ==,
                    row->forced ? NVME_ZONE_INVAL_TRANSITION : 0);
    g_assert_cmphex(nvme_zone(rig->io, NS_ZONED, ZONE).zs >> 4, ==,
                    row->forced ? row->state : NVME_ZONE_STATE_EMPTY);
    g_assert_cmphex(le64_to_cpu(nvme_zone(rig->io, NS_ZONED, ZONE).wp), ==,
                    row->forced ? UINT64_MAX : ZONE);
}

static void test_row(gconstpointer data)
{
    const Row *row = data;
    FiRig *rig = fi_rig_start();
    NvmeZoneDescr next;

    nvme_fill(rig->io, NS_ZONED, ZONE, 5, 0x11);
    nvme_fill(rig->io, NS_ZONED, NEXT, 3, 0x22);
    if (row->zsa) {
        g_assert_cmphex(zone_send(rig, row->zsa), ==, 0);
    }
    if (row->forced) {
        fi_trigger(rig, "{'trigger':'zone','nsid':%d,'slba':%d,"
                   "'state':'%s'}", NS_ZONED, ZONE, row->forced);
    }
    g_assert_cmphex(nvme_zone(rig->io, NS_ZONED, ZONE).zs >> 4, ==,
                    row->state);
    assert_reset(rig, row);
    next = nvme_zone(rig->io, NS_ZONED, NEXT);
    g_assert_cmphex(next.zs >> 4, ==, NVME_ZONE_STATE_IMPLICITLY_OPEN);
    g_assert_cmpint(le64_to_cpu(next.wp), ==, NEXT + 3);
    g_assert_true(nvme_holds(rig->io, NS_ZONED, NEXT, 3, 0x22));
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *path = g_strdup_printf("/nvme-fi/zone-reset/%s",
                                                rows[i].name);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    return g_test_run();
}
