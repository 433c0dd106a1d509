/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test sends asynchronous events and reads the log pages that tell the
 * same (NVMe Base 2.1, 5.1.2.1 and 5.1.12.1; ZNS 1.2 for zones).
 */
#include "qemu/osdep.h"
#include "fi-event.h"

static void test_smart(void)
{
    FiRig *rig = fi_event_start();
    NvmeSmartLog log;

    fi_trigger(rig, FI_EVENT("'event':'smart','critical-warning':1,"
               "'available-spare':5,'percentage-used':200"));
    fi_event_expect(rig, FI_AER(1, 2, 2));        /* Spare Below Threshold */
    fi_event_ask(rig);
    /* masked until the page is read */
    fi_trigger(rig, FI_EVENT("'event':'smart','critical-warning':9"));
    fi_event_expect_none(rig);
    g_assert_cmphex(fi_event_log(rig, 2 | 1 << 15, FI_ALL_NS, &log,
                                 sizeof(log)), ==, 0);
    fi_event_expect_none(rig);                       /* RAE keeps the mask */
    g_assert_cmphex(log.critical_warning, ==, 9);
    g_assert_cmpint(log.available_spare, ==, 5);
    g_assert_cmpint(log.percentage_used, ==, 200);
    g_assert_cmphex(fi_event_log(rig, 2, FI_ALL_NS, &log, sizeof(log)), ==, 0);
    fi_trigger(rig, FI_EVENT("'event':'smart','critical-warning':4"));
    fi_event_expect(rig, FI_AER(1, 0, 2));        /* Reliability */
    fi_event_log(rig, 2, FI_ALL_NS, &log, sizeof(log));
    g_assert_cmphex(log.critical_warning, ==, 4);
    /* nothing new, no event */
    fi_event_ask(rig);
    fi_trigger(rig, FI_EVENT("'event':'smart','critical-warning':4"));
    fi_event_expect_none(rig);
    fi_rig_free(rig);
}

/* The thresholds are the host's: 343h by default over, 0 under. */
static void test_temperature(void)
{
    FiRig *rig = fi_event_start();
    NvmeCmd cmd = nvme_cmd_set_feature(NVME_TEMPERATURE_THRESHOLD, 350);
    NvmeSmartLog log;

    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL), ==, 0);
    fi_trigger(rig, FI_EVENT("'event':'smart','temperature':349"));
    fi_event_expect_none(rig);
    fi_trigger(rig, FI_EVENT("'event':'smart','temperature':350"));
    fi_event_expect(rig, FI_AER(1, 1, 2));
    fi_event_log(rig, 2, FI_ALL_NS, &log, sizeof(log));
    g_assert_cmpint(le16_to_cpu(log.temperature), ==, 350);
    g_assert_cmphex(log.critical_warning, ==, 2);
    fi_trigger(rig, FI_EVENT("'event':'smart','temperature':300"));
    fi_event_log(rig, 2, FI_ALL_NS, &log, sizeof(log));
    g_assert_cmphex(log.critical_warning, ==, 0);
    fi_rig_free(rig);
}

static void test_error(void)
{
    FiRig *rig = fi_event_start();
    NvmeErrorLog log[64];

    fi_trigger(rig, FI_EVENT("'event':'error','status':'write-fault'"));
    fi_event_expect(rig, FI_AER(0, 4, 1));
    g_assert_cmphex(fi_event_log(rig, 1, FI_ALL_NS, log, sizeof(log)), ==, 0);
    g_assert_cmpint(le64_to_cpu(log[0].error_count), ==, 1);
    g_assert_cmphex(log[0].sqid, ==, 0xffff);
    g_assert_cmphex(log[0].cid, ==, 0xffff);
    g_assert_cmphex(le16_to_cpu(log[0].status_field) >> 1, ==, 0x280);
    fi_event_ask(rig);
    fi_trigger(rig, FI_EVENT("'event':'error'"));
    fi_event_expect(rig, FI_AER(0, 4, 1));
    fi_event_log(rig, 1, FI_ALL_NS, log, sizeof(log));
    g_assert_cmpint(le64_to_cpu(log[0].error_count), ==, 2);
    g_assert_cmphex(le16_to_cpu(log[0].status_field) >> 1, ==, 0x006);
    g_assert_cmpint(le64_to_cpu(log[1].error_count), ==, 1);
    fi_rig_free(rig);
}

static void test_firmware(void)
{
    FiRig *rig = fi_event_start();
    uint8_t id[NVME_PAGE], log[512];

    fi_trigger(rig, FI_EVENT("'event':'firmware'"));
    fi_event_expect(rig, FI_AER(2, 1, 3));
    fi_event_identify(rig, NVME_ID_CNS_CTRL, 0, id);
    g_assert_cmphex(ldl_le_p(id + 92) & 1u << 9, !=, 0);     /* OAES */
    fi_event_ask(rig);
    fi_trigger(rig, FI_EVENT("'event':'firmware'"));
    fi_event_expect_none(rig);
    /* the page clears the event, which the model alone forgets */
    g_assert_cmphex(fi_event_log(rig, 3, FI_ALL_NS, log, sizeof(log)), ==, 0);
    g_assert_cmphex(log[0], ==, 1);                          /* AFI: slot 1 */
    fi_trigger(rig, FI_EVENT("'event':'firmware'"));
    fi_event_expect(rig, FI_AER(2, 1, 3));
    fi_rig_free(rig);
}

static void test_namespace(void)
{
    FiRig *rig = fi_event_start();
    uint32_t list[1024];

    fi_trigger(rig, FI_EVENT("'event':'namespace','nsid':2") ","
               FI_EVENT("'event':'namespace'"));
    fi_event_expect(rig, FI_AER(2, 0, 4));
    g_assert_cmphex(fi_event_log(rig, 4, FI_ALL_NS, list, sizeof(list)), ==,
                    0);
    g_assert_cmpint(le32_to_cpu(list[0]), ==, 1);
    g_assert_cmpint(le32_to_cpu(list[1]), ==, 2);
    g_assert_cmpint(le32_to_cpu(list[2]), ==, 0);
    fi_event_log(rig, 4, FI_ALL_NS, list, sizeof(list));
    g_assert_cmpint(le32_to_cpu(list[0]), ==, 0);
    fi_rig_free(rig);
}

static uint16_t zone_log(FiRig *rig, uint32_t lid, uint32_t nsid,
                         uint64_t page[512])
{
    return fi_event_log(rig, lid, nsid, page, NVME_PAGE);
}

static void test_zone(void)
{
    FiRig *rig = fi_event_start();
    uint64_t page[512];

    fi_trigger(rig, FI_EVENT("'event':'zone','nsid':2,'slba':4097") ","
               FI_EVENT("'event':'zone','nsid':2,'slba':4098") ","
               FI_EVENT("'event':'zone','nsid':2"));
    fi_event_expect(rig, FI_AER(2, 0xef, FI_LID_ZONES));
    g_assert_cmphex(zone_log(rig, FI_LID_ZONES | 1 << 15, 2, page), ==, 0);
    g_assert_cmpint(le64_to_cpu(page[0]), ==, 2);
    g_assert_cmpint(le64_to_cpu(page[1]), ==, 2 * FI_ZONE_BLOCKS);
    g_assert_cmpint(le64_to_cpu(page[2]), ==, 0);
    g_assert_cmphex(zone_log(rig, FI_LID_ZONES, 2, page), ==, 0);
    g_assert_cmpint(le64_to_cpu(page[0]), ==, 2);
    g_assert_cmphex(zone_log(rig, FI_LID_ZONES, 2, page), ==, 0);
    g_assert_cmpint(le64_to_cpu(page[0]), ==, 0);
    g_assert_cmphex(zone_log(rig, FI_LID_ZONES, 1, page), !=, 0);
    fi_rig_free(rig);
}

static void test_raw(void)
{
    FiRig *rig = fi_event_start();

    fi_trigger(rig, FI_EVENT("'event':'raw','type':7,'info':18,'lid':194"));
    fi_event_expect(rig, FI_AER(7, 18, 194));
    fi_event_ask(rig);
    fi_trigger(rig, FI_EVENT("'event':'raw','type':6,'info':0"));
    fi_event_expect(rig, FI_AER(6, 0, 0));
    fi_rig_free(rig);
}

/* The log page changes, and nobody is told. */
static void test_not_enabled(void)
{
    FiRig *rig = fi_rig_start();
    uint64_t page[512];
    NvmeSmartLog smart;

    fi_event_configure(rig, 0);
    fi_event_ask(rig);
    fi_trigger(rig, FI_EVENT("'event':'smart','critical-warning':5") ","
               FI_EVENT("'event':'firmware'") ","
               FI_EVENT("'event':'namespace'") ","
               FI_EVENT("'event':'zone','nsid':2") ","
               FI_EVENT("'event':'ana','ana-state':'inaccessible'"));
    fi_event_expect_none(rig);
    fi_event_log(rig, 2, FI_ALL_NS, &smart, sizeof(smart));
    g_assert_cmphex(smart.critical_warning, ==, 5);
    fi_event_log(rig, FI_LID_ZONES, 2, page, sizeof(page));
    g_assert_cmpint(le64_to_cpu(page[0]), ==, 1);
    g_assert_cmphex(fi_read(rig, 0), ==, 0x302);
    fi_rig_free(rig);
}

/* Without an outstanding request it waits for one; a reset forgets it. */
static void test_waits_for_a_request(void)
{
    FiRig *rig = fi_rig_start();

    fi_event_configure(rig, FI_AEC_ALL);
    fi_trigger(rig, FI_EVENT("'event':'firmware'"));
    fi_event_expect_none(rig);
    fi_event_ask(rig);
    fi_event_expect(rig, FI_AER(2, 1, 3));
    fi_trigger(rig, FI_EVENT("'event':'error'"));
    fi_rig_reset(rig);
    fi_event_ask(rig);
    fi_event_expect_none(rig);
    /* nobody listens to a controller that is not enabled */
    nvme_host_disable(rig->host);
    fi_trigger(rig, FI_EVENT("'event':'raw','type':0,'info':3"));
    fi_rig_enable(rig);
    fi_event_ask(rig);
    fi_event_expect_none(rig);
    /* more than the controller queues */
    for (int i = 0; i < 100; i++) {
        fi_trigger(rig, FI_EVENT("'event':'error'"));
    }
    fi_event_expect(rig, FI_AER(0, 4, 1));
    nvme_host_flr(rig->host);
    fi_rig_enable(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

static void expect_error(FiRig *rig, const char *members, const char *word)
{
    fi_trigger_refused(rig, word, FI_EVENT("%s"), members);
}

static void test_refusals(void)
{
    FiRig *rig = fi_event_start();

    expect_error(rig, "'event':'smart'", "needs one of critical-warning");
    expect_error(rig, "'event':'smart','available-spare':101",
                 "available-spare 101: must be 0 to 100");
    expect_error(rig, "'event':'firmware','nsid':1", "nsid: not with");
    expect_error(rig, "'event':'error','slba':1", "slba: not with");
    expect_error(rig, "'event':'error','status':'nonsense'", "'nonsense'");
    expect_error(rig, "'event':'ana'", "ana-state: must be given");
    expect_error(rig, "'event':'raw','info':1", "type: must be given");
    expect_error(rig, "'event':'raw','type':8,'info':1", "type 8: must be");
    expect_error(rig, "'event':'namespace','nsid':0", "nsid 0: must be");
    expect_error(rig, "'event':'namespace','nsid':257", "nsid 257: must be");
    expect_error(rig, "'event':'ana','ana-state':'change','nsid':3",
                 "nsid 3: is not attached");
    expect_error(rig, "'event':'zone'", "nsid 1: is not a zoned");
    expect_error(rig, "'event':'zone','nsid':2,'slba':65536",
                 "slba 65536: must be 0 to 65535");
    fi_event_expect_none(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) \
    g_test_add_func("/nvme-fi/event/" name, function)
    ADD("smart", test_smart);
    ADD("temperature", test_temperature);
    ADD("error", test_error);
    ADD("firmware", test_firmware);
    ADD("namespace", test_namespace);
    ADD("zone", test_zone);
    ADD("raw", test_raw);
    ADD("not-enabled", test_not_enabled);
    ADD("waits-for-a-request", test_waits_for_a_request);
    ADD("refusals", test_refusals);
    return g_test_run();
}
