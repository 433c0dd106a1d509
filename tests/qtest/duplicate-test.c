/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test has commands carried out twice: at once, which shows for a zone
 * append only, and late, when the blocks have been written again.
 */
#include "qemu/osdep.h"
#include "data-rig.h"

#define OLD     0x11
#define NEW     0x22
#define LATE    1000000000

static void add_rule(FiRig *rig, bool late, const char *opcode)
{
    fi_add(rig, "{'id':'r','action':'duplicate-execute','after-ns':%d,"
           "'opcode':'%s','times':1}", late ? LATE : 0, opcode);
}

static void test_at_once(void)
{
    FiRig *rig = data_rig_new("");

    add_rule(rig, false, "write");
    data_put(rig, NS_META, 0, 8, NEW);
    g_assert_true(data_holds(rig, NS_META, 0, 8, NEW));
    g_assert_cmpint(fi_hits(rig, "r"), ==, 1);
    fi_rig_free(rig);
}

/* Waits until the second write, which nothing reports, was done. */
static void await(FiRig *rig, uint32_t nsid, uint64_t slba, uint32_t nlb,
                  uint8_t pattern)
{
    uint64_t deadline = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;

    while (!data_holds(rig, nsid, slba, nlb, pattern)) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
    }
}

static void test_late(void)
{
    static const uint32_t nsids[] = { NS_PLAIN, NS_META, NS_PI, NS_EXT };
    FiRig *rig = data_rig_new("");

    for (unsigned i = 0; i < ARRAY_SIZE(nsids); i++) {
        add_rule(rig, true, "write");
        data_put(rig, nsids[i], 50, 8, OLD);
        data_put(rig, nsids[i], 50, 8, NEW);
        nvme_vm_step(rig->vm, LATE - 1);
        nvme_vm_settle(rig->vm);
        g_assert_true(data_holds(rig, nsids[i], 50, 8, NEW));
        nvme_vm_step(rig->vm, 1);
        await(rig, nsids[i], 50, 8, OLD);
        fi_clear(rig);
    }
    fi_rig_free(rig);
}

/* A format ends what waits: its content has no place in the new blocks. */
static void test_late_format(void)
{
    FiRig *rig = data_rig_new("");
    NvmeCmd format = nvme_cmd(NVME_ADM_CMD_FORMAT_NVM, NS_PLAIN);
    NvmeCmd read = nvme_cmd(NVME_CMD_READ, NS_PLAIN);

    add_rule(rig, true, "write");
    data_put(rig, NS_PLAIN, 1, 1, NEW);
    format.cdw10 = cpu_to_le32(4);              /* blocks of 4 KiB */
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &format, NULL), ==, 0);
    nvme_vm_step(rig->vm, LATE);
    nvme_vm_settle(rig->vm);
    read.cdw10 = cpu_to_le32(1);
    read.dptr.prp1 = cpu_to_le64(rig->data);
    g_assert_cmphex(nvme_ring_exec(rig->io, &read, NULL), ==, 0);
    g_assert_true(nvme_memory_holds(rig->host, rig->data, NVME_PAGE, 0));
    fi_rig_free(rig);
}

static void test_late_deallocate(void)
{
    static const NvmeDsmRange ranges[] = {
        { .slba = const_le64(100), .nlb = const_le32(8) },
        { .slba = const_le64(200), .nlb = const_le32(8) },
    };
    FiRig *rig = data_rig_new("");

    add_rule(rig, true, "dataset-management");
    g_assert_cmphex(data_deallocate(rig, ranges, 2), ==, 0);
    data_put(rig, NS_PLAIN, 100, 9, NEW);
    data_put(rig, NS_PLAIN, 200, 9, NEW);
    nvme_vm_step(rig->vm, LATE);
    await(rig, NS_PLAIN, 200, 8, 0);
    g_assert_true(data_holds(rig, NS_PLAIN, 100, 8, 0));
    g_assert_true(data_holds(rig, NS_PLAIN, 108, 1, NEW));
    g_assert_true(data_holds(rig, NS_PLAIN, 208, 1, NEW));
    fi_rig_free(rig);
}

/* The host is told of the first place, and the zone holds both. */
static void test_append(void)
{
    FiRig *rig = data_rig_new("");

    data_put(rig, NS_ZONED, 0, 4, OLD);
    add_rule(rig, false, "zone-append");
    g_assert_cmpint(data_append(rig, 0, 8, NEW), ==, 4);
    g_assert_cmpint(le64_to_cpu(nvme_zone(rig->io, NS_ZONED, 0).wp), ==, 20);
    g_assert_true(data_holds(rig, NS_ZONED, 4, 16, NEW));
    g_assert_cmpint(data_append(rig, 0, 8, OLD), ==, 20);
    fi_rig_free(rig);
}

/* Where the zone has no room for the second, the first is all there is. */
static void test_append_to_full_zone(void)
{
    FiRig *rig = data_rig_new("");

    for (unsigned i = 0; i < FI_ZONE_BLOCKS; i += 64) {
        if (i == FI_ZONE_BLOCKS - 64) {
            add_rule(rig, false, "zone-append");
        }
        g_assert_cmpint(data_append(rig, 0, 64, NEW), ==, i);
    }
    g_assert_cmphex(nvme_zone(rig->io, NS_ZONED, 0).zs >> 4, ==,
                    NVME_ZONE_STATE_FULL);
    fi_rig_free(rig);
}

static void test_late_append(void)
{
    FiRig *rig = data_rig_new("");

    add_rule(rig, true, "zone-append");
    g_assert_cmpint(data_append(rig, 0, 8, NEW), ==, 0);
    g_assert_cmpint(data_append(rig, 0, 8, OLD), ==, 8);
    nvme_vm_step(rig->vm, LATE);
    await(rig, NS_ZONED, 16, 8, NEW);
    g_assert_cmpint(data_append(rig, 0, 8, OLD), ==, 24);
    fi_rig_free(rig);
}

/* The second append is the one that fills the zone. */
static void test_late_append_fills_zone(void)
{
    FiRig *rig = data_rig_new("");

    for (unsigned i = 0; i < FI_ZONE_BLOCKS - 64; i += 64) {
        g_assert_cmpint(data_append(rig, 0, 64, OLD), ==, i);
    }
    add_rule(rig, true, "zone-append");
    g_assert_cmpint(data_append(rig, 0, 32, NEW), ==, FI_ZONE_BLOCKS - 64);
    nvme_vm_step(rig->vm, LATE);
    await(rig, NS_ZONED, FI_ZONE_BLOCKS - 32, 32, NEW);
    g_assert_cmphex(nvme_zone(rig->io, NS_ZONED, 0).zs >> 4, ==,
                    NVME_ZONE_STATE_FULL);
    /* the resources of the zone were given back: four others can be open */
    for (unsigned zone = 1; zone <= 4; zone++) {
        data_put(rig, NS_ZONED, zone * FI_ZONE_BLOCKS, 8, NEW);
    }
    fi_rig_free(rig);
}

static void test_reset_ends_it(void)
{
    FiRig *rig = data_rig_new("");

    add_rule(rig, true, "write");
    data_put(rig, NS_PLAIN, 0, 8, OLD);
    data_put(rig, NS_PLAIN, 0, 8, NEW);
    fi_rig_reset(rig);
    nvme_vm_step(rig->vm, 2 * (int64_t)LATE);
    nvme_vm_settle(rig->vm);
    g_assert_true(data_holds(rig, NS_PLAIN, 0, 8, NEW));
    fi_rig_free(rig);
}

/* ... but not the removal of the rule. */
static void test_clear_does_not(void)
{
    FiRig *rig = data_rig_new("");

    add_rule(rig, true, "write");
    data_put(rig, NS_PLAIN, 0, 8, OLD);
    fi_clear(rig);
    data_put(rig, NS_PLAIN, 0, 8, NEW);
    nvme_vm_step(rig->vm, LATE);
    await(rig, NS_PLAIN, 0, 8, OLD);
    fi_rig_free(rig);
}

static void test_detached(void)
{
    FiRig *rig = data_rig_new("");
    NvmeCmd detach = nvme_cmd(NVME_ADM_CMD_NS_ATTACHMENT, NS_META);
    uint64_t list = nvme_alloc(rig->host, NVME_PAGE);

    add_rule(rig, true, "write");
    data_put(rig, NS_META, 0, 8, OLD);
    data_put(rig, NS_META, 0, 8, NEW);
    qtest_writew(rig->vm->qts, list, 1);        /* one controller: number 0 */
    nvme_cmd_data(rig->host, &detach, list, NVME_PAGE);
    detach.cdw10 = cpu_to_le32(1);
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &detach, NULL), ==, 0);
    nvme_vm_step(rig->vm, LATE);
    nvme_vm_settle(rig->vm);
    detach.cdw10 = 0;
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &detach, NULL), ==, 0);
    g_assert_true(data_holds(rig, NS_META, 0, 8, NEW));
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/duplicate/at-once", test_at_once);
    g_test_add_func("/nvme-fi/duplicate/late", test_late);
    g_test_add_func("/nvme-fi/duplicate/late-format", test_late_format);
    g_test_add_func("/nvme-fi/duplicate/late-deallocate",
                    test_late_deallocate);
    g_test_add_func("/nvme-fi/duplicate/append", test_append);
    g_test_add_func("/nvme-fi/duplicate/append-to-full-zone",
                    test_append_to_full_zone);
    g_test_add_func("/nvme-fi/duplicate/late-append", test_late_append);
    g_test_add_func("/nvme-fi/duplicate/late-append-fills-zone",
                    test_late_append_fills_zone);
    g_test_add_func("/nvme-fi/duplicate/reset-ends-it", test_reset_ends_it);
    g_test_add_func("/nvme-fi/duplicate/clear-does-not", test_clear_does_not);
    g_test_add_func("/nvme-fi/duplicate/detached", test_detached);
    data_add_interplay("duplicate", "{'id':'r','action':'duplicate-execute',"
                       "'after-ns':1000000,'opcode':'write'}");
    return g_test_run();
}
