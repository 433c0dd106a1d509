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

static void test_flushed_stays(void)
{
    static const uint32_t nsids[] = { NS_PLAIN, NS_META, NS_PI, NS_EXT };
    FiRig *rig = data_rig_new(CACHE);

    for (unsigned i = 0; i < ARRAY_SIZE(nsids); i++) {
        data_put(rig, nsids[i], 0, 8, OLD);
        data_flush(rig, nsids[i]);
        data_put(rig, nsids[i], 4, 8, NEW);
        data_put(rig, nsids[i], 100, 8, NEW);
    }
    data_cut(rig, ",'lose':1");
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
    data_cut(rig, ",'lose':0");
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
    data_cut(rig, ",'lose':1,'seed':7");
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
    data_cut(rig, ",'lose':1");
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
    data_flush(rig, NS_PLAIN);
    g_assert_cmphex(data_deallocate(rig, ranges, 2), ==, 0);
    g_assert_true(data_holds(rig, NS_PLAIN, 8, 4, 0));
    data_cut(rig, ",'lose':1");
    g_assert_true(data_holds(rig, NS_PLAIN, 0, 16, OLD));
    fi_rig_free(rig);
}

/* All torn: of each write some blocks are there, and some not. */
static void test_torn(void)
{
    FiRig *rig = data_rig_new(CACHE);

    data_put(rig, NS_META, 0, 64, OLD);
    data_flush(rig, NS_META);
    for (unsigned i = 0; i < 64; i += 16) {
        data_put(rig, NS_META, i, 16, NEW);
    }
    data_cut(rig, ",'lose':0,'tear':1,'seed':1");
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
    data_cut(rig, members);
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
        int64_t cuts = data_cached(rig, "cuts");
        NvmeRing old = *rig->io;

        nvme_ring_push(rig->io, &write);
        nvme_ring_push(rig->io, &read);
        nvme_ring_push(rig->io, &write);
        nvme_ring_kick(rig->io);
        while (data_cached(rig, "cuts") == cuts) {
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
    data_flush(rig, NS_META);
    data_put(rig, NS_META, 0, 8, NEW);
    qtest_writew(rig->vm->qts, list, 1);        /* one controller: number 0 */
    nvme_cmd_data(rig->host, &attach, list, NVME_PAGE);
    attach.cdw10 = cpu_to_le32(1);              /* detach */
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &attach, NULL), ==, 0);
    data_cut(rig, ",'lose':1");
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
    g_test_add_func("/nvme-fi/power-cut/in-flight", test_in_flight);
    g_test_add_func("/nvme-fi/power-cut/machine-reset", test_machine_reset);
    g_test_add_func("/nvme-fi/power-cut/without-cache", test_without_cache);
    g_test_add_func("/nvme-fi/power-cut/detached", test_detached);
    return g_test_run();
}
