/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test cuts the power: what was flushed is there, of the rest a chosen
 * part is not, in namespaces of every kind, and what was in flight never ends.
 */
#include "qemu/osdep.h"
#include "data-rig.h"

#define CACHE   ",fi-write-cache=1M"
#define OLD     0x11
#define NEW     0x22

static void flush(FiRig *rig, uint32_t nsid)
{
    NvmeCmd cmd = nvme_cmd(NVME_CMD_FLUSH, nsid);

    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, 0);
}

static int64_t cache_member(FiRig *rig, const char *member)
{
    QDict *info = fi_query(rig);
    int64_t value = qdict_get_int(qdict_get_qdict(info, "write-cache"),
                                  member);

    qobject_unref(info);
    return value;
}

static void trigger(FiRig *rig, const char *members)
{
    g_autofree char *text = g_strdup_printf(
        "{'execute':'nvme-fi-trigger','arguments':{'device':'nvme0',"
        "'triggers':[{'trigger':'power-cut','reset':false%s}]}}\n", members);
    QDict *response;

    qtest_qmp_send_raw(rig->vm->qts, "%s", text);
    response = qtest_qmp_receive(rig->vm->qts);
    g_assert_true(qdict_haskey(response, "return"));
    qobject_unref(response);
}

/* Cuts the power and turns the drive on again. */
static void cut(FiRig *rig, const char *members)
{
    int64_t cuts = cache_member(rig, "cuts");

    trigger(rig, members);
    while (cache_member(rig, "cuts") == cuts) {
        nvme_vm_settle(rig->vm);
    }
    /* CC.EN was cleared by the reset */
    g_assert_cmphex(nvme_host_reg(rig->host, 0x14) & 1, ==, 0);
    g_assert_cmpint(cache_member(rig, "writes"), ==, 0);
    fi_rig_enable(rig);
}

static void test_flushed_stays(void)
{
    static const uint32_t nsids[] = { NS_PLAIN, NS_META, NS_PI, NS_EXT };
    FiRig *rig = data_rig_new(CACHE);

    for (unsigned i = 0; i < ARRAY_SIZE(nsids); i++) {
        data_put(rig, nsids[i], 0, 8, OLD);
        flush(rig, nsids[i]);
        data_put(rig, nsids[i], 4, 8, NEW);
        data_put(rig, nsids[i], 100, 8, NEW);
    }
    cut(rig, ",'lose':1");
    for (unsigned i = 0; i < ARRAY_SIZE(nsids); i++) {
        g_assert_true(data_holds(rig, nsids[i], 0, 8, OLD));
        if (nsids[i] != NS_PI) {
            g_assert_true(data_holds(rig, nsids[i], 8, 4, 0));
            g_assert_true(data_holds(rig, nsids[i], 100, 8, 0));
        }
    }
    fi_rig_free(rig);
}

static void test_nothing_lost(void)
{
    FiRig *rig = data_rig_new(CACHE);
    QDict *info;

    data_put(rig, NS_META, 0, 8, OLD);
    data_put(rig, NS_META, 4, 8, NEW);
    cut(rig, ",'lose':0");
    g_assert_true(data_holds(rig, NS_META, 0, 4, OLD));
    g_assert_true(data_holds(rig, NS_META, 4, 8, NEW));
    info = fi_query(rig);
    g_assert_true(qlist_empty(qdict_get_qlist(
        qdict_get_qdict(info, "write-cache"), "lost")));
    qobject_unref(info);
    fi_rig_free(rig);
}

/* The list of what was lost, and how many blocks of each. */
static void test_list(void)
{
    FiRig *rig = data_rig_new(CACHE);
    QDict *info, *cache, *lost;

    data_put(rig, NS_PLAIN, 50, 8, OLD);
    data_put(rig, NS_PLAIN, 54, 2, NEW);
    cut(rig, ",'lose':1,'seed':7");
    info = fi_query(rig);
    cache = qdict_get_qdict(info, "write-cache");
    g_assert_cmpint(qdict_get_int(cache, "seed"), ==, 7);
    g_assert_cmpint(qlist_size(qdict_get_qlist(cache, "lost")), ==, 2);
    lost = qobject_to(QDict, qlist_peek(qdict_get_qlist(cache, "lost")));
    g_assert_cmpint(qdict_get_int(lost, "seq"), ==, 1);
    g_assert_cmpint(qdict_get_int(lost, "opcode"), ==, NVME_CMD_WRITE);
    g_assert_cmpint(qdict_get_int(lost, "nsid"), ==, NS_PLAIN);
    g_assert_cmpint(qdict_get_int(lost, "slba"), ==, 50);
    g_assert_cmpint(qdict_get_int(lost, "nlb"), ==, 8);
    g_assert_cmpint(qdict_get_int(lost, "lost"), ==, 8);
    qobject_unref(info);
    fi_rig_free(rig);
}

/* An older write must not come back from behind a newer one that is stable. */
static void test_fua_hides_older(void)
{
    FiRig *rig = data_rig_new(CACHE);
    NvmeCmd cmd = data_cmd(rig, NVME_CMD_WRITE, NS_PLAIN, 2, 2);

    data_put(rig, NS_PLAIN, 0, 8, OLD);
    cmd.cdw12 |= cpu_to_le32(1u << 30);
    qtest_memset(rig->vm->qts, rig->data, NEW, FI_DATA_BYTES);
    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, 0);
    cut(rig, ",'lose':1");
    g_assert_true(data_holds(rig, NS_PLAIN, 0, 2, 0));
    g_assert_true(data_holds(rig, NS_PLAIN, 2, 2, NEW));
    g_assert_true(data_holds(rig, NS_PLAIN, 4, 4, 0));
    fi_rig_free(rig);
}

static void test_deallocation_comes_back(void)
{
    static const NvmeDsmRange ranges[] = {
        { .slba = const_le64(0), .nlb = const_le32(4) },
        { .slba = const_le64(8), .nlb = const_le32(4) },
    };
    FiRig *rig = data_rig_new(CACHE);

    data_put(rig, NS_PLAIN, 0, 16, OLD);
    flush(rig, NS_PLAIN);
    g_assert_cmphex(data_deallocate(rig, ranges, 2), ==, 0);
    g_assert_true(data_holds(rig, NS_PLAIN, 8, 4, 0));
    cut(rig, ",'lose':1");
    g_assert_true(data_holds(rig, NS_PLAIN, 0, 16, OLD));
    fi_rig_free(rig);
}

/* All torn: of each write some blocks are there, and some not. */
static void test_torn(void)
{
    FiRig *rig = data_rig_new(CACHE);

    data_put(rig, NS_META, 0, 64, OLD);
    flush(rig, NS_META);
    for (unsigned i = 0; i < 64; i += 16) {
        data_put(rig, NS_META, i, 16, NEW);
    }
    cut(rig, ",'lose':0,'tear':1,'seed':1");
    for (unsigned i = 0; i < 64; i += 16) {
        unsigned old = 0, new = 0;

        for (unsigned j = 0; j < 16; j++) {
            old += data_holds(rig, NS_META, i + j, 1, OLD);
            new += data_holds(rig, NS_META, i + j, 1, NEW);
        }
        g_assert_cmpint(old + new, ==, 16);
        g_assert_cmpint(old, >, 0);
        g_assert_cmpint(new, >, 0);     /* true of this seed */
    }
    fi_rig_free(rig);
}

/* The blocks 0 to 63 as one number each bit: whether they are NEW. */
static uint64_t new_blocks(FiRig *rig)
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < 64; i++) {
        bits |= (uint64_t)data_holds(rig, NS_PLAIN, i, 1, NEW) << i;
    }
    return bits;
}

static uint64_t cut_with_seed(unsigned seed)
{
    g_autofree char *members = g_strdup_printf(",'lose':0.5,'seed':%u", seed);
    FiRig *rig = data_rig_new(CACHE);
    uint64_t bits;

    for (unsigned i = 0; i < 64; i++) {
        data_put(rig, NS_PLAIN, i, 1, NEW);
    }
    cut(rig, members);
    bits = new_blocks(rig);
    fi_rig_free(rig);
    return bits;
}

static void test_seed(void)
{
    uint64_t first = cut_with_seed(1);

    g_assert_cmphex(first, ==, cut_with_seed(1));
    g_assert_cmphex(first, !=, cut_with_seed(2));
    g_assert_cmpint(ctpop64(first), >, 16);     /* of 64, each with 1/2 */
    g_assert_cmpint(ctpop64(first), <, 48);
}

/* Zones: the tail of each is lost, and the write pointer is where it began. */
static void test_zones(void)
{
    FiRig *rig = data_rig_new(CACHE);

    for (unsigned zone = 0; zone < 4; zone++) {
        uint64_t zslba = zone * FI_ZONE_BLOCKS;

        g_assert_cmpint(data_append(rig, zslba, 8, OLD), ==, zslba);
        flush(rig, NS_ZONED);
    }
    for (unsigned i = 0; i < 40; i++) {
        data_append(rig, i % 4 * FI_ZONE_BLOCKS, 8, NEW);
    }
    cut(rig, ",'lose':0.2,'tear':0.2,'seed':3");
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
            flush(rig, NS_ZONED);
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
    cut(rig, ",'lose':1");
    expect_zone(rig, 0, NVME_ZONE_STATE_EMPTY, 0);
    fill_zone(rig, 0, 640);
    cut(rig, ",'lose':1");
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
    cut(rig, ",'lose':1");
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
    flush(rig, NS_ZRWA);
    data_put(rig, NS_ZRWA, 4, 8, NEW);
    /* beyond the window: 8 blocks are committed */
    data_put(rig, NS_ZRWA, DATA_ZRWA_BLOCKS, 8, NEW);
    g_assert_cmpint(le64_to_cpu(nvme_zone(rig->io, NS_ZRWA, 0).wp), ==, 8);
    cut(rig, ",'lose':1");
    g_assert_true(data_holds(rig, NS_ZRWA, 0, 4, OLD));
    g_assert_true(data_holds(rig, NS_ZRWA, 4, 4, NEW));
    g_assert_true(data_holds(rig, NS_ZRWA, 8, 4, 0));
    g_assert_true(data_holds(rig, NS_ZRWA, DATA_ZRWA_BLOCKS, 8, 0));
    fi_rig_free(rig);
}

/* Commands that are in flight never complete. */
static void test_in_flight(void)
{
    FiRig *rig = data_rig_new(CACHE);
    NvmeCmd read = data_cmd(rig, NVME_CMD_READ, NS_PLAIN, 0, 96);
    NvmeCmd write = data_cmd(rig, NVME_CMD_WRITE, NS_PLAIN, 200, 96);

    fi_add(rig, "{'id':'r','action':'none','opcode':'read','slba':50,"
           "'trigger':[{'trigger':'power-cut','reset':false,'lose':1}]}");
    data_put(rig, NS_PLAIN, 100, 96, OLD);
    for (int i = 0; i < 5; i++) {
        int64_t cuts = cache_member(rig, "cuts");
        NvmeRing old = *rig->io;

        nvme_ring_push(rig->io, &write);
        nvme_ring_push(rig->io, &read);
        nvme_ring_push(rig->io, &write);
        nvme_ring_kick(rig->io);
        while (cache_member(rig, "cuts") == cuts) {
            nvme_vm_settle(rig->vm);
        }
        nvme_ring_assert_idle(&old);
        g_assert_cmpint(fi_hits(rig, "r"), ==, i + 1);
        fi_rig_enable(rig);
        g_assert_true(data_holds(rig, NS_PLAIN, 200, 96, 0));
    }
    fi_clear(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* The machine is reset, as the default is. */
static void test_machine_reset(void)
{
    FiRig *rig = data_rig_new(CACHE);

    data_put(rig, NS_PLAIN, 0, 8, NEW);
    qtest_qmp_assert_success(rig->vm->qts,
        "{'execute':'nvme-fi-trigger','arguments':{'device':'nvme0',"
        "'triggers':[{'trigger':'power-cut','lose':1}]}}");
    qtest_qmp_eventwait(rig->vm->qts, "RESET");
    rig->host->pci->msix_enabled = false;
    nvme_host_free(rig->host);
    rig->host = nvme_host_new(rig->vm, FI_DEVFN);
    rig->data = nvme_alloc(rig->host, FI_DATA_BYTES);
    fi_rig_enable(rig);
    g_assert_true(data_holds(rig, NS_PLAIN, 0, 8, 0));
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

static void test_without_cache(void)
{
    FiRig *rig = data_rig_new("");
    QDict *response = qtest_qmp(rig->vm->qts,
        "{'execute':'nvme-fi-trigger','arguments':{'device':'nvme0',"
        "'triggers':[{'trigger':'power-cut'}]}}");

    g_assert_nonnull(strstr(qdict_get_str(qdict_get_qdict(response, "error"),
                                          "desc"), "fi-write-cache"));
    qobject_unref(response);
    /* in a rule it is left out, and the command goes on */
    fi_add(rig, "{'action':'none','trigger':[{'trigger':'power-cut'}]}");
    data_put(rig, NS_PLAIN, 0, 8, NEW);
    fi_rig_free(rig);
}

/* A namespace that is detached loses what was written to it, too. */
static void test_detached(void)
{
    FiRig *rig = data_rig_new(CACHE);
    NvmeCmd attach = nvme_cmd(NVME_ADM_CMD_NS_ATTACHMENT, NS_META);
    uint64_t list = nvme_alloc(rig->host, NVME_PAGE);

    data_put(rig, NS_META, 0, 8, OLD);
    flush(rig, NS_META);
    data_put(rig, NS_META, 0, 8, NEW);
    qtest_writew(rig->vm->qts, list, 1);        /* one controller: number 0 */
    nvme_cmd_data(rig->host, &attach, list, NVME_PAGE);
    attach.cdw10 = cpu_to_le32(1);              /* detach */
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &attach, NULL), ==, 0);
    cut(rig, ",'lose':1");
    attach.cdw10 = 0;
    nvme_ring_exec(&rig->host->admin, &attach, NULL);   /* or it is already */
    g_assert_true(data_holds(rig, NS_META, 0, 8, OLD));
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/power-cut/flushed-stays", test_flushed_stays);
    g_test_add_func("/nvme-fi/power-cut/nothing-lost", test_nothing_lost);
    g_test_add_func("/nvme-fi/power-cut/list", test_list);
    g_test_add_func("/nvme-fi/power-cut/fua-hides-older",
                    test_fua_hides_older);
    g_test_add_func("/nvme-fi/power-cut/deallocation-comes-back",
                    test_deallocation_comes_back);
    g_test_add_func("/nvme-fi/power-cut/torn", test_torn);
    g_test_add_func("/nvme-fi/power-cut/seed", test_seed);
    g_test_add_func("/nvme-fi/power-cut/zones", test_zones);
    g_test_add_func("/nvme-fi/power-cut/full-zones", test_full_zones);
    g_test_add_func("/nvme-fi/power-cut/no-active-resource",
                    test_no_active_resource);
    g_test_add_func("/nvme-fi/power-cut/zrwa", test_zrwa);
    g_test_add_func("/nvme-fi/power-cut/in-flight", test_in_flight);
    g_test_add_func("/nvme-fi/power-cut/machine-reset", test_machine_reset);
    g_test_add_func("/nvme-fi/power-cut/without-cache", test_without_cache);
    g_test_add_func("/nvme-fi/power-cut/detached", test_detached);
    return g_test_run();
}
