/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test injects a status into zone commands, before and after their
 * execution: state and write pointer of the zone have moved, or have not.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define ZONE    FI_ZONE_BLOCKS      /* the second zone */
#define WRITTEN 4                   /* blocks in it before each command */

typedef struct Row {
    const char *name;
    const char *opcode;             /* as in a rule */
    uint8_t zsa;                    /* Zone Management Send only */
    uint8_t state;                  /* of the zone when executed, and */
    uint64_t wp;                    /* its write pointer after the start */
} Row;

/* Before each command the zone is implicitly open (ZNS 1.2, 2.1.1.2). */
static const Row rows[] = {
    { "write", "write", 0, NVME_ZONE_STATE_IMPLICITLY_OPEN, WRITTEN + 1 },
    { "write-zeroes", "write-zeroes", 0, NVME_ZONE_STATE_IMPLICITLY_OPEN,
      WRITTEN + 1 },
    { "append", "zone-append", 0, NVME_ZONE_STATE_IMPLICITLY_OPEN,
      WRITTEN + 1 },
    { "open", "zone-management-send", NVME_ZONE_ACTION_OPEN,
      NVME_ZONE_STATE_EXPLICITLY_OPEN, WRITTEN },
    { "close", "zone-management-send", NVME_ZONE_ACTION_CLOSE,
      NVME_ZONE_STATE_CLOSED, WRITTEN },
    { "finish", "zone-management-send", NVME_ZONE_ACTION_FINISH,
      NVME_ZONE_STATE_FULL, FI_ZONE_BLOCKS },
    { "reset", "zone-management-send", NVME_ZONE_ACTION_RESET,
      NVME_ZONE_STATE_EMPTY, 0 },
};

static NvmeCmd build(FiRig *rig, const Row *row)
{
    if (row->zsa) {
        return nvme_cmd_zone_send(NS_ZONED, ZONE, row->zsa, false);
    }
    if (!strcmp(row->opcode, "zone-append")) {
        return nvme_cmd_rw(rig->host, NVME_CMD_ZONE_APPEND, NS_ZONED, ZONE, 1,
                           rig->data);
    }
    return nvme_cmd_rw(rig->host, !strcmp(row->opcode, "write") ?
                       NVME_CMD_WRITE : NVME_CMD_WRITE_ZEROES, NS_ZONED,
                       ZONE + WRITTEN, 1, rig->data);
}

static void run_row(const Row *row, bool execute)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = build(rig, row);
    NvmeZoneDescr zone;
    NvmeCqe cqe;

    nvme_fill(rig->io, NS_ZONED, ZONE, WRITTEN, 0x33);
    fi_add(rig, "{'action':'status','opcode':'%s','times':1,"
           "'status':'zone-is-full','execute':%s}", row->opcode,
           execute ? "true" : "false");
    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, &cqe), ==, NVME_ZONE_FULL);
    zone = nvme_zone(rig->io, NS_ZONED, ZONE);
    g_assert_cmphex(zone.zs >> 4, ==, execute ? row->state :
                    NVME_ZONE_STATE_IMPLICITLY_OPEN);
    if (!execute || row->state != NVME_ZONE_STATE_FULL) {
        /* the WP of a full zone is undefined (ZNS 1.2, 2.1.1.2.1) */
        g_assert_cmpint(le64_to_cpu(zone.wp), ==,
                        ZONE + (execute ? row->wp : WRITTEN));
    }
    g_assert_true((execute && row->wp == 0) ||
                  nvme_holds(rig->io, NS_ZONED, ZONE, WRITTEN, 0x33));
    fi_rig_free(rig);
}

static void test_not_executed(gconstpointer data)
{
    run_row(data, false);
}

static void test_executed(gconstpointer data)
{
    run_row(data, true);
}

/* The report arrives or it does not. */
static void run_report(bool execute)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = nvme_cmd_zone_report(rig->host, NS_ZONED, 0, rig->data,
                                       NVME_PAGE);

    qtest_memset(rig->vm->qts, rig->data, 0xcc, NVME_PAGE);
    fi_add(rig, "{'action':'status','opcode':'zone-management-receive',"
           "'status':'zone-is-offline','execute':%s}",
           execute ? "true" : "false");
    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==,
                    NVME_ZONE_OFFLINE);
    g_assert_true(nvme_memory_holds(rig->host, rig->data, NVME_PAGE, 0xcc) !=
                  execute);
    fi_rig_free(rig);
}

static void test_report_not_executed(void)
{
    run_report(false);
}

static void test_report_executed(void)
{
    run_report(true);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *off = g_strdup_printf(
            "/nvme-fi/status-zoned/%s/not-executed", rows[i].name);
        g_autofree char *on = g_strdup_printf(
            "/nvme-fi/status-zoned/%s/executed", rows[i].name);

        g_test_add_data_func(off, &rows[i], test_not_executed);
        g_test_add_data_func(on, &rows[i], test_executed);
    }
    g_test_add_func("/nvme-fi/status-zoned/report/not-executed",
                    test_report_not_executed);
    g_test_add_func("/nvme-fi/status-zoned/report/executed",
                    test_report_executed);
    return g_test_run();
}
