/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test shifts write pointers: in truth, with the state that a zone is in
 * then, and in the zone report only.
 */
#include "qemu/osdep.h"
#include "zone-rig.h"

typedef struct ShiftRow {
    const char *name;
    From from;
    int64_t blocks;
    uint8_t state;              /* after it */
    uint64_t wp;                /* after the zone's start */
} ShiftRow;

#define NONE (UINT64_MAX - ZONE)

static const ShiftRow shifts[] = {
    { "forward", { "" }, 3, NVME_ZONE_STATE_IMPLICITLY_OPEN, WRITTEN + 3 },
    { "back", { "" }, -1, NVME_ZONE_STATE_IMPLICITLY_OPEN, WRITTEN - 1 },
    { "to-the-start", { "" }, -4, NVME_ZONE_STATE_IMPLICITLY_OPEN, 0 },
    { "before-the-start", { "" }, INT64_MIN, NVME_ZONE_STATE_IMPLICITLY_OPEN,
      0 },
    { "to-the-end", { "" }, FI_ZONE_BLOCKS - 4, NVME_ZONE_STATE_FULL, NONE },
    { "behind-the-end", { "" }, INT64_MAX, NVME_ZONE_STATE_FULL, NONE },
    { "explicitly-open", { "", NVME_ZONE_ACTION_OPEN }, 1,
      NVME_ZONE_STATE_EXPLICITLY_OPEN, WRITTEN + 1 },
    { "closed", { "", NVME_ZONE_ACTION_CLOSE }, 1, NVME_ZONE_STATE_CLOSED,
      WRITTEN + 1 },
    { "closed-to-the-start", { "", NVME_ZONE_ACTION_CLOSE }, -4,
      NVME_ZONE_STATE_CLOSED, 0 },
    { "empty", { "", 0, NULL, true }, 5, NVME_ZONE_STATE_CLOSED, 5 },
    { "empty-by-nothing", { "", 0, NULL, true }, 0, NVME_ZONE_STATE_EMPTY, 0 },
    { "full", { "", NVME_ZONE_ACTION_FINISH }, -2, NVME_ZONE_STATE_CLOSED,
      FI_ZONE_BLOCKS - 2 },
    { "full-to-the-start", { "", NVME_ZONE_ACTION_FINISH }, -FI_ZONE_BLOCKS,
      NVME_ZONE_STATE_EMPTY, 0 },
    { "full-by-nothing", { "", NVME_ZONE_ACTION_FINISH }, 0,
      NVME_ZONE_STATE_FULL, NONE },
};

static void test_shift(gconstpointer data)
{
    const ShiftRow *row = data;
    FiRig *rig = zone_rig("");

    zone_prepare(rig, &row->from);
    zone_shift(rig, row->blocks);
    zone_assert(rig, ZONE, row->state, ZONE + row->wp);
    if (row->wp != NONE) {
        g_assert_cmphex(zone_rw(rig, NVME_CMD_WRITE, ZONE + row->wp + 1), ==,
                        row->wp + 1 < FI_ZONE_BLOCKS ? BAD_WRITE : BOUNDARY);
        g_assert_cmphex(zone_rw(rig, NVME_CMD_WRITE, ZONE + row->wp), ==, 0);
    }
    zone_start_over(rig);
    zone_assert_accounting(rig);
    fi_rig_free(rig);
}

static void test_shift_of_none(void)
{
    FiRig *rig = zone_rig("");

    zone_force(rig, "read-only");
    fi_trigger_refused(rig, "write-pointer -1", "{'trigger':'zone','nsid':%d,"
                       "'slba':%d,'write-pointer':-1}", NS_ZONED, ZONE);
    /* with a state that has one it is fine */
    fi_trigger(rig, "{'trigger':'zone','nsid':%d,'slba':%d,'state':'closed',"
               "'write-pointer':9}", NS_ZONED, ZONE);
    zone_assert(rig, ZONE, NVME_ZONE_STATE_CLOSED, ZONE + 9);
    fi_rig_free(rig);
}

/* Only the report is wrong: the write goes where it went before. */
static void test_reported(void)
{
    FiRig *rig = zone_rig("");

    nvme_fill(rig->io, NS_ZONED, ZONE, WRITTEN, 0x11);
    fi_trigger(rig, "{'trigger':'zone','nsid':%d,'slba':%d,"
               "'reported-write-pointer':-2}", NS_ZONED, ZONE + 5);
    zone_assert(rig, ZONE, NVME_ZONE_STATE_IMPLICITLY_OPEN,
                ZONE + WRITTEN - 2);
    zone_assert(rig, NEXT, NVME_ZONE_STATE_EMPTY, NEXT);
    g_assert_cmphex(zone_rw(rig, NVME_CMD_WRITE, ZONE + WRITTEN - 2), ==,
                    BAD_WRITE);
    g_assert_cmphex(zone_rw(rig, NVME_CMD_WRITE, ZONE + WRITTEN), ==, 0);
    /* it lives on over a reset, and a Full zone has none to report */
    fi_rig_reset(rig);
    zone_assert(rig, ZONE, NVME_ZONE_STATE_IMPLICITLY_OPEN,
                ZONE + WRITTEN - 1);
    g_assert_cmphex(zone_send(rig, ZONE, NVME_ZONE_ACTION_FINISH), ==, 0);
    zone_assert(rig, ZONE, NVME_ZONE_STATE_FULL, UINT64_MAX);
    g_assert_cmphex(zone_send(rig, ZONE, NVME_ZONE_ACTION_RESET), ==, 0);
    zone_assert(rig, ZONE, NVME_ZONE_STATE_EMPTY, ZONE - 2);
    fi_trigger(rig, "{'trigger':'zone','nsid':%d,'slba':%d,"
               "'reported-write-pointer':0}", NS_ZONED, ZONE);
    zone_assert(rig, ZONE, NVME_ZONE_STATE_EMPTY, ZONE);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(shifts); i++) {
        g_autofree char *path = g_strdup_printf(
            "/nvme-fi/zone-pointer/%s", shifts[i].name);

        g_test_add_data_func(path, &shifts[i], test_shift);
    }
    g_test_add_func("/nvme-fi/zone-pointer/of-none", test_shift_of_none);
    g_test_add_func("/nvme-fi/zone-pointer/reported", test_reported);
    return g_test_run();
}
