/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test has reads and writes done elsewhere: their own blocks stay, the
 * others are used, and protection information tells.
 */
#include "qemu/osdep.h"
#include "data-rig.h"

#define OLD     0x11
#define NEW     0x22
#define BLOCKS  (FI_NS_BYTES / NVME_LBA)

static void test_writes(void)
{
    static const uint32_t nsids[] = { NS_PLAIN, NS_META, NS_EXT };
    static const int by[] = { 100, -50, 3, -1 };
    FiRig *rig = data_rig_new("");

    for (unsigned i = 0; i < ARRAY_SIZE(nsids) * ARRAY_SIZE(by); i++) {
        uint32_t nsid = nsids[i / ARRAY_SIZE(by)];
        int distance = by[i % ARRAY_SIZE(by)];
        unsigned target = 100 + distance;

        data_put(rig, nsid, 40, 60, OLD);
        data_put(rig, nsid, 100, 60, OLD);
        data_put(rig, nsid, 160, 60, OLD);
        fi_add(rig, "{'id':'r','action':'misdirect','by':%d,"
               "'opcode':'write'}", distance);
        data_put(rig, nsid, 100, 8, NEW);
        fi_clear(rig);
        for (unsigned lba = 40; lba < 220; lba++) {
            g_assert_true(data_holds(rig, nsid, lba, 1, lba >= target &&
                                     lba < target + 8 ? NEW : OLD));
        }
    }
    fi_rig_free(rig);
}

/* Beyond the namespace means its nearest end. */
static void test_bounds(void)
{
    FiRig *rig = data_rig_new("");

    fi_add(rig, "{'action':'misdirect','by':%" PRId64 ",'opcode':'write'}",
           INT64_MAX);
    data_put(rig, NS_PLAIN, 100, 8, NEW);
    fi_clear(rig);
    g_assert_true(data_holds(rig, NS_PLAIN, BLOCKS - 8, 8, NEW));
    fi_add(rig, "{'action':'misdirect','by':%" PRId64 ",'opcode':'write'}",
           INT64_MIN);
    data_put(rig, NS_PLAIN, 200, 8, NEW);
    fi_clear(rig);
    g_assert_true(data_holds(rig, NS_PLAIN, 0, 8, NEW));
    g_assert_true(data_holds(rig, NS_PLAIN, 100, 108, 0));
    fi_rig_free(rig);
}

static void test_reads(void)
{
    static const uint32_t nsids[] = { NS_PLAIN, NS_META, NS_EXT };
    FiRig *rig = data_rig_new("");

    for (unsigned i = 0; i < ARRAY_SIZE(nsids); i++) {
        data_put(rig, nsids[i], 100, 8, OLD);
        data_put(rig, nsids[i], 500, 8, NEW);
        fi_add(rig, "{'id':'r','action':'misdirect','by':400,"
               "'opcode':'read'}");
        g_assert_true(data_holds(rig, nsids[i], 100, 8, NEW));
        fi_clear(rig);
        g_assert_true(data_holds(rig, nsids[i], 100, 8, OLD));
    }
    fi_rig_free(rig);
}

/* The reference tag of the place is not that of the data (NVM Command Set
 * 1.1, 5.2.1.5): a later read of the place fails. */
static void test_protection_information(void)
{
    FiRig *rig = data_rig_new("");

    data_put(rig, NS_PI, 100, 8, OLD);
    data_put(rig, NS_PI, 500, 8, OLD);
    fi_add(rig, "{'action':'misdirect','by':400,'opcode':'write'}");
    data_put(rig, NS_PI, 100, 8, NEW);
    fi_clear(rig);
    g_assert_true(data_holds(rig, NS_PI, 100, 8, OLD));
    g_assert_cmphex(data_exec(rig, NVME_CMD_READ, NS_PI, 500, 8, 0, NULL) &
                    0x7ff, ==, NVME_E2E_REF_ERROR);
    fi_rig_free(rig);
}

/* With the metadata in its hands the host finds a misdirected read, where the
 * controller, which checked the right blocks, saw nothing. */
static void test_read_shows_reference_tag(void)
{
    FiRig *rig = data_rig_new("");
    NvmeCmd cmd = data_cmd(rig, NVME_CMD_READ, NS_PI, 100, 1);
    NvmeRwCmd *rw = (NvmeRwCmd *)&cmd;
    uint64_t meta = nvme_alloc(rig->host, NVME_PAGE);

    data_put(rig, NS_PI, 100, 8, OLD);
    data_put(rig, NS_PI, 500, 8, NEW);
    rw->control = cpu_to_le16(NVME_RW_PRINFO_PRCHK_GUARD |
                              NVME_RW_PRINFO_PRCHK_REF);
    cmd.mptr = cpu_to_le64(meta);
    fi_add(rig, "{'action':'misdirect','by':400,'opcode':'read'}");
    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, 0);
    g_assert_true(nvme_memory_holds(rig->host, rig->data, NVME_LBA, NEW));
    /* big endian, in bytes 7:4 of the tuple (5.2.1.1) */
    g_assert_cmphex(bswap32(qtest_readl(rig->vm->qts, meta + 4)), ==, 500);
    fi_rig_free(rig);
}

/* Blocks that were never written have the tags that are not checked (NVM
 * Command Set 1.1, 5.3.3): the application tag is FFFFh. */
static void test_read_of_deallocated(void)
{
    FiRig *rig = data_rig_new("");
    NvmeCmd cmd = data_cmd(rig, NVME_CMD_READ, NS_PI, 100, 1);
    NvmeRwCmd *rw = (NvmeRwCmd *)&cmd;
    uint64_t meta = nvme_alloc(rig->host, NVME_PAGE);

    data_put(rig, NS_PI, 100, 8, OLD);
    rw->control = cpu_to_le16(NVME_RW_PRINFO_PRCHK_GUARD);
    cmd.mptr = cpu_to_le64(meta);
    fi_add(rig, "{'action':'misdirect','by':40000,'opcode':'read'}");
    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, 0);
    g_assert_true(nvme_memory_holds(rig->host, rig->data, NVME_LBA, 0));
    g_assert_cmphex(qtest_readw(rig->vm->qts, meta + 2), ==, 0xffff);
    fi_rig_free(rig);
}

static void test_others(void)
{
    static const NvmeDsmRange ranges[] = {
        { .slba = const_le64(100), .nlb = const_le32(8) },
        { .slba = const_le64(200), .nlb = const_le32(8) },
    };
    FiRig *rig = data_rig_new("");

    data_put(rig, NS_PLAIN, 100, 112, OLD);
    fi_add(rig, "{'action':'misdirect','by':50}");
    g_assert_cmphex(data_deallocate(rig, ranges, 2), ==, 0);
    g_assert_cmphex(data_exec(rig, NVME_CMD_WRITE_ZEROES, NS_PLAIN, 120, 1, 0,
                              NULL), ==, 0);
    fi_clear(rig);
    g_assert_true(data_holds(rig, NS_PLAIN, 100, 50, OLD));
    g_assert_true(data_holds(rig, NS_PLAIN, 150, 8, 0));
    g_assert_true(data_holds(rig, NS_PLAIN, 158, 12, OLD));
    g_assert_true(data_holds(rig, NS_PLAIN, 170, 1, 0));
    g_assert_true(data_holds(rig, NS_PLAIN, 200, 12, OLD));
    fi_rig_free(rig);
}

static void test_zones(void)
{
    FiRig *rig = data_rig_new("");

    data_put(rig, NS_ZONED, 0, 64, OLD);
    fi_add(rig, "{'action':'misdirect','by':-50,'opcode':'zone-append'}");
    g_assert_cmpint(data_append(rig, 0, 8, NEW), ==, 64);
    fi_clear(rig);
    g_assert_true(data_holds(rig, NS_ZONED, 64, 8, 0));
    g_assert_true(data_holds(rig, NS_ZONED, 14, 8, NEW));
    g_assert_cmpint(le64_to_cpu(nvme_zone(rig->io, NS_ZONED, 0).wp), ==, 72);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/misdirect/writes", test_writes);
    g_test_add_func("/nvme-fi/misdirect/bounds", test_bounds);
    g_test_add_func("/nvme-fi/misdirect/reads", test_reads);
    g_test_add_func("/nvme-fi/misdirect/protection-information",
                    test_protection_information);
    g_test_add_func("/nvme-fi/misdirect/read-shows-reference-tag",
                    test_read_shows_reference_tag);
    g_test_add_func("/nvme-fi/misdirect/read-of-deallocated",
                    test_read_of_deallocated);
    g_test_add_func("/nvme-fi/misdirect/others", test_others);
    g_test_add_func("/nvme-fi/misdirect/zones", test_zones);
    data_add_interplay("misdirect", "{'id':'r','action':'misdirect',"
                       "'by':2000,'opcode':'write'}");
    return g_test_run();
}
