/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test looks at what the volatile write cache holds: writes until they
 * are flushed, not more than its size, and nothing where the host turned it
 * off.
 */
#include "qemu/osdep.h"
#include "data-rig.h"

#define CACHE ",fi-write-cache=64k"

static void expect(FiRig *rig, unsigned writes, unsigned bytes)
{
    g_assert_cmpint(data_cached(rig, "writes"), ==, writes);
    g_assert_cmpint(data_cached(rig, "bytes"), ==, bytes);
}

static void put_fua(FiRig *rig, uint64_t slba, uint32_t nlb)
{
    NvmeCmd cmd = data_cmd(rig, NVME_CMD_WRITE, NS_PLAIN, slba, nlb);

    cmd.cdw12 |= cpu_to_le32(1u << 30);
    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, 0);
}

static void test_none(void)
{
    FiRig *rig = data_rig_new("");
    QDict *info = fi_query(rig);

    g_assert_false(qdict_haskey(info, "write-cache"));
    qobject_unref(info);
    fi_rig_free(rig);
}

/* Identify Controller, byte 525: VWC, bit 0 (Base 2.1, figure 313). */
static void test_identify(void)
{
    FiRig *rig = data_rig_new(CACHE);
    NvmeCmd identify = nvme_cmd_identify(rig->host, 1, 0, rig->data);

    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &identify, NULL), ==, 0);
    g_assert_cmphex(qtest_readb(rig->vm->qts, rig->data + 525) & 1, ==, 1);
    fi_rig_free(rig);
}

static void test_writes_and_flush(void)
{
    static const NvmeDsmRange ranges[] = {
        { .slba = const_le64(100), .nlb = const_le32(3) },
        { .slba = const_le64(1ull << 40), .nlb = const_le32(8) },
        { .slba = const_le64(200), .nlb = const_le32(4) },
    };
    FiRig *rig = data_rig_new(CACHE);

    expect(rig, 0, 0);
    data_put(rig, NS_PLAIN, 0, 8, 1);
    data_put(rig, NS_PLAIN, 4, 8, 2);
    expect(rig, 2, 16 * NVME_LBA);
    data_put(rig, NS_META, 4, 1, 2);
    expect(rig, 3, 17 * NVME_LBA + 8);
    g_assert_cmphex(data_deallocate(rig, ranges, 3), ==, 0);
    expect(rig, 4, 24 * NVME_LBA + 8);
    g_assert_cmphex(data_exec(rig, NVME_CMD_WRITE_ZEROES, NS_PLAIN, 5, 5, 0,
                              NULL), ==, 0);
    expect(rig, 5, 29 * NVME_LBA + 8);
    /* a read, and a write that is refused, are none of its business */
    g_assert_true(data_holds(rig, NS_PLAIN, 100, 3, 0));
    g_assert_cmphex(data_exec(rig, NVME_CMD_WRITE, NS_PLAIN,
                              FI_NS_BYTES / NVME_LBA, 1, 0, NULL) & 0x7ff, ==,
                    NVME_LBA_RANGE);
    expect(rig, 5, 29 * NVME_LBA + 8);
    data_flush(rig, NS_PLAIN);
    expect(rig, 1, NVME_LBA + 8);
    data_flush(rig, NVME_NSID_BROADCAST);
    expect(rig, 0, 0);
    fi_rig_free(rig);
}

static void test_fua(void)
{
    FiRig *rig = data_rig_new(CACHE);

    data_put(rig, NS_PLAIN, 0, 8, 1);
    put_fua(rig, 4, 8);
    expect(rig, 1, 8 * NVME_LBA);
    put_fua(rig, 100, 8);
    expect(rig, 1, 8 * NVME_LBA);
    data_flush(rig, NS_PLAIN);
    expect(rig, 0, 0);
    fi_rig_free(rig);
}

/* What there is no room for is stable: the oldest first. */
static void test_size(void)
{
    FiRig *rig = data_rig_new(CACHE);

    for (unsigned i = 0; i < 20; i++) {
        data_put(rig, NS_PLAIN, i * 16, 16, i);
        expect(rig, MIN(i + 1, 8), MIN(i + 1, 8) * 16 * NVME_LBA);
    }
    /* larger than the cache: it goes past it, and all others with it */
    g_assert_cmphex(data_exec(rig, NVME_CMD_WRITE_ZEROES, NS_PLAIN, 0, 129, 0,
                              NULL), ==, 0);
    expect(rig, 0, 0);
    fi_rig_free(rig);
}

static void set_enabled(FiRig *rig, bool enabled)
{
    NvmeCmd cmd = nvme_cmd_set_feature(NVME_VOLATILE_WRITE_CACHE, enabled);

    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL), ==, 0);
}

static void test_disabled(void)
{
    FiRig *rig = data_rig_new(CACHE);

    data_put(rig, NS_PLAIN, 0, 8, 1);
    set_enabled(rig, true);
    expect(rig, 1, 8 * NVME_LBA);
    set_enabled(rig, false);
    expect(rig, 0, 0);
    data_put(rig, NS_PLAIN, 0, 8, 1);
    expect(rig, 0, 0);
    set_enabled(rig, true);
    data_put(rig, NS_PLAIN, 0, 8, 1);
    expect(rig, 1, 8 * NVME_LBA);
    fi_rig_free(rig);
}

/* A flush that a rule loses, or that fails, promises nothing. */
static void test_lost_flush(void)
{
    FiRig *rig = data_rig_new(CACHE);

    data_put(rig, NS_PLAIN, 0, 8, 1);
    fi_add(rig, "{'action':'lose','opcode':'flush'}");
    data_flush(rig, NS_PLAIN);
    expect(rig, 1, 8 * NVME_LBA);
    fi_clear(rig);
    data_flush(rig, NS_PLAIN);
    expect(rig, 0, 0);
    fi_rig_free(rig);
}

/* A controller reset leaves the cache as it is; a shutdown empties it. */
static void test_resets(void)
{
    FiRig *rig = data_rig_new(CACHE);

    data_put(rig, NS_PLAIN, 0, 8, 1);
    fi_rig_reset(rig);
    expect(rig, 1, 8 * NVME_LBA);
    nvme_host_flr(rig->host);
    fi_rig_enable(rig);
    expect(rig, 1, 8 * NVME_LBA);
    nvme_host_shutdown(rig->host);
    fi_rig_reset(rig);
    expect(rig, 0, 0);
    fi_rig_free(rig);
}

static void test_zones(void)
{
    FiRig *rig = data_rig_new(CACHE);
    NvmeCmd reset = nvme_cmd_zone_send(NS_ZONED, 0, NVME_ZONE_ACTION_RESET,
                                       false);

    g_assert_cmpint(data_append(rig, 0, 8, 1), ==, 0);
    g_assert_cmpint(data_append(rig, FI_ZONE_BLOCKS, 8, 1), ==,
                    FI_ZONE_BLOCKS);
    expect(rig, 2, 16 * NVME_LBA);
    g_assert_cmphex(nvme_ring_exec(rig->io, &reset, NULL), ==, 0);
    expect(rig, 1, 8 * NVME_LBA);
    fi_rig_free(rig);
}

static void test_format(void)
{
    FiRig *rig = data_rig_new(CACHE);
    NvmeCmd format = nvme_cmd(NVME_ADM_CMD_FORMAT_NVM, NS_PLAIN);

    data_put(rig, NS_PLAIN, 0, 8, 1);
    data_put(rig, NS_META, 0, 1, 1);
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &format, NULL), ==, 0);
    expect(rig, 1, NVME_LBA + 8);
    fi_rig_free(rig);
}

/* With a rule that acts on the write, too. */
static void test_with_rules(void)
{
    FiRig *rig = data_rig_new(CACHE);

    fi_add(rig, "{'action':'tear','blocks':3,'opcode':'write'}");
    data_put(rig, NS_PLAIN, 0, 8, 1);
    expect(rig, 1, 8 * NVME_LBA);
    fi_clear(rig);
    fi_add(rig, "{'action':'status','status':'write-fault'}");
    g_assert_cmphex(data_exec(rig, NVME_CMD_WRITE, NS_PLAIN, 0, 8, 0, NULL),
                    ==, NVME_WRITE_FAULT);
    expect(rig, 1, 8 * NVME_LBA);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/write-cache/none", test_none);
    g_test_add_func("/nvme-fi/write-cache/identify", test_identify);
    g_test_add_func("/nvme-fi/write-cache/writes-and-flush",
                    test_writes_and_flush);
    g_test_add_func("/nvme-fi/write-cache/fua", test_fua);
    g_test_add_func("/nvme-fi/write-cache/size", test_size);
    g_test_add_func("/nvme-fi/write-cache/disabled", test_disabled);
    g_test_add_func("/nvme-fi/write-cache/lost-flush", test_lost_flush);
    g_test_add_func("/nvme-fi/write-cache/resets", test_resets);
    g_test_add_func("/nvme-fi/write-cache/zones", test_zones);
    g_test_add_func("/nvme-fi/write-cache/format", test_format);
    g_test_add_func("/nvme-fi/write-cache/with-rules", test_with_rules);
    data_add_interplay("write-cache", "{'id':'r','action':'none',"
                       "'opcode':'write'}");
    return g_test_run();
}
