/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test has the data that a controller returns patched on its way to the
 * host: what is patched, what is not, and that nothing else changes.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define MDTS        77          /* Identify Controller (Base 2.1, 5.1.13) */
#define TIMESTAMP   0x0e
#define SMART       0x02
#define SPARE       3           /* SMART log: Available Spare */

/* A rig whose Identify data is what it will be from the first rule on: ELPE
 * tells of the fault injector's error log. */
static FiRig *start(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'id':'first','action':'none'}");
    fi_remove(rig, "first");
    return rig;
}

static uint8_t *run(FiRig *rig, NvmeRing *ring, NvmeCmd cmd, size_t bytes)
{
    uint8_t *data = g_malloc(bytes);

    qtest_memset(rig->vm->qts, rig->data, 0xee, bytes);
    g_assert_cmphex(nvme_ring_exec(ring, &cmd, NULL), ==, 0);
    qtest_bufread(rig->vm->qts, rig->data, data, bytes);
    return data;
}

static uint8_t *identify(FiRig *rig, uint8_t cns, uint32_t nsid)
{
    return run(rig, &rig->host->admin,
               nvme_cmd_identify(rig->host, cns, nsid, rig->data), NVME_PAGE);
}

static uint8_t *get_log(FiRig *rig, uint64_t offset, size_t bytes)
{
    return run(rig, &rig->host->admin,
               nvme_cmd_get_log(rig->host, SMART, NVME_NSID_BROADCAST, offset,
                                rig->data, bytes), bytes);
}

/* @n bytes at @offset of @is are @hex; all others are as in @was. */
static void assert_patched(const uint8_t *was, const uint8_t *is, size_t bytes,
                           size_t offset, const char *hex)
{
    g_autofree char *got = fi_hex(is + offset, strlen(hex) / 2);
    size_t end = offset + strlen(hex) / 2;

    g_assert_cmpstr(got, ==, hex);
    g_assert_cmpmem(was, offset, is, offset);
    g_assert_cmpmem(was + end, bytes - end, is + end, bytes - end);
}

static void test_identify_controller(void)
{
    FiRig *rig = start();
    g_autofree uint8_t *was = identify(rig, NVME_ID_CNS_CTRL, 0);
    g_autofree uint8_t *is = NULL, *other = NULL, *after = NULL;

    fi_add(rig, "{'id':'o','opcode':'identify','cns':1,'action':'overlay',"
           "'patches':[{'offset':%d,'value':'0102'}]}", MDTS);
    is = identify(rig, NVME_ID_CNS_CTRL, 0);
    assert_patched(was, is, NVME_PAGE, MDTS, "0102");
    /* CNS 0 is another structure */
    other = identify(rig, NVME_ID_CNS_NS, NS_PLAIN);
    g_assert_cmphex(other[MDTS], ==, 0);
    g_assert_cmpint(fi_hits(rig, "o"), ==, 1);
    /* the controller's own data was not touched */
    fi_clear(rig);
    after = identify(rig, NVME_ID_CNS_CTRL, 0);
    g_assert_cmpmem(was, NVME_PAGE, after, NVME_PAGE);
    fi_rig_free(rig);
}

static void test_mask(void)
{
    FiRig *rig = start();
    g_autofree uint8_t *was = identify(rig, NVME_ID_CNS_CTRL, 0);
    g_autofree char *want = NULL;
    g_autofree uint8_t *is = NULL;
    uint8_t bytes[2] = { (was[MDTS] & 0xf0) | 0x05, was[MDTS + 1] };

    want = fi_hex(bytes, 2);
    fi_add(rig, "{'opcode':'identify','cns':1,'action':'overlay','patches':"
           "[{'offset':%d,'value':'A5fF','mask':'0F00'}]}", MDTS);
    is = identify(rig, NVME_ID_CNS_CTRL, 0);
    assert_patched(was, is, NVME_PAGE, MDTS, want);
    fi_rig_free(rig);
}

/* In their order; what lies beyond the data is ignored. */
static void test_several(void)
{
    FiRig *rig = start();
    g_autofree uint8_t *was = identify(rig, NVME_ID_CNS_CTRL, 0);
    g_autofree uint8_t *is = NULL;

    fi_add(rig, "{'opcode':'identify','cns':1,'action':'overlay','patches':["
           "{'offset':4094,'value':'01020304'},"
           "{'offset':4095,'value':'55'},"
           "{'offset':4096,'value':'66'},"
           "{'offset':4294967295,'value':'7777'}]}");
    is = identify(rig, NVME_ID_CNS_CTRL, 0);
    assert_patched(was, is, NVME_PAGE, 4094, "0155");
    fi_rig_free(rig);
}

/* The offset of a patch is in the log page, wherever the host begins. */
static void test_log_in_parts(void)
{
    FiRig *rig = start();
    g_autofree uint8_t *was = get_log(rig, 0, 512);
    g_autofree uint8_t *whole = NULL, *low = NULL, *high = NULL, *rest = NULL;

    fi_add(rig, "{'id':'o','opcode':'get-log-page','lid':2,"
           "'action':'overlay',"
           "'patches':[{'offset':254,'value':'a1a2a3a4'}]}");
    whole = get_log(rig, 0, 512);
    assert_patched(was, whole, 512, 254, "a1a2a3a4");
    low = get_log(rig, 0, 256);
    assert_patched(was, low, 256, 254, "a1a2");
    high = get_log(rig, 256, 256);
    assert_patched(was + 256, high, 256, 0, "a3a4");
    rest = get_log(rig, 260, 252);
    g_assert_cmpmem(was + 260, 252, rest, 252);
    g_assert_cmpint(fi_hits(rig, "o"), ==, 4);
    fi_rig_free(rig);
}

static void test_feature(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = nvme_cmd_get_feature(TIMESTAMP);
    g_autofree uint8_t *is = NULL;

    nvme_cmd_data(rig->host, &cmd, rig->data, 8);
    fi_add(rig, "{'opcode':'get-features','fid':14,'action':'overlay',"
           "'patches':[{'offset':0,'value':'112233445566'}]}");
    is = run(rig, &rig->host->admin, cmd, 16);
    assert_patched(is, is, 8, 0, "112233445566");
    /* and not a byte more than the feature has */
    g_assert_cmphex(is[8], ==, 0xee);
    fi_rig_free(rig);
}

static void test_zone_report(void)
{
    FiRig *rig = start();
    g_autofree uint8_t *is = NULL;

    fi_add(rig, "{'opcode':'zone-management-receive','action':'overlay',"
           "'patches':[{'offset':65,'value':'e0'}]}");
    is = run(rig, rig->io,
             nvme_cmd_zone_report(rig->host, NS_ZONED, 0, rig->data,
                                  NVME_PAGE), NVME_PAGE);
    g_assert_cmphex(is[64], ==, NVME_ZONE_TYPE_SEQ_WRITE);
    g_assert_cmphex(is[65] >> 4, ==, NVME_ZONE_STATE_FULL);
    g_assert_cmphex(is[65 + 64] >> 4, ==, NVME_ZONE_STATE_EMPTY);
    fi_rig_free(rig);
}

/* A rule that says nothing of the opcode leaves the blocks alone. */
static void test_blocks(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'id':'o','action':'overlay',"
           "'patches':[{'offset':0,'value':'ff'}]}");
    fi_rig_assert_works(rig);
    g_assert_cmpint(fi_hits(rig, "o"), ==, 4);
    fi_rig_free(rig);
}

/* The rule outlives a reset; a late answer is patched, too. */
static void test_reset_and_delay(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = nvme_cmd_get_log(rig->host, SMART, NVME_NSID_BROADCAST, 0,
                                   rig->data, 512);
    NvmeCqe cqe;

    fi_add(rig, "{'id':'o','opcode':'get-log-page','lid':2,"
           "'action':'overlay','delay-ns':1000,"
           "'patches':[{'offset':%d,'value':'2a'}]}", SPARE);
    nvme_ring_submit(&rig->host->admin, &cmd);
    nvme_ring_assert_idle(&rig->host->admin);
    fi_rig_reset(rig);
    qtest_memset(rig->vm->qts, rig->data, 0xee, 512);
    nvme_ring_submit(&rig->host->admin, &cmd);
    nvme_ring_assert_idle(&rig->host->admin);
    fi_clear(rig);
    nvme_vm_step(rig->vm, 1000);
    nvme_ring_wait(&rig->host->admin, &cqe);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, 0);
    g_assert_cmphex(qtest_readb(rig->vm->qts, rig->data + SPARE), ==, 0x2a);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* Memory that cannot be found: the command fails as ever, nothing is left. */
static void test_bad_prp(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = nvme_cmd_identify(rig->host, NVME_ID_CNS_CTRL, 0, rig->data);

    fi_add(rig, "{'opcode':'identify','action':'overlay','patches':"
           "[{'offset':0,'value':'00'}]}");
    cmd.dptr.prp1 = cpu_to_le64(rig->data + 8);
    cmd.dptr.prp2 = cpu_to_le64(rig->data + NVME_PAGE + 8);
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL) & 0x7ff, ==,
                    NVME_INVALID_PRP_OFFSET);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/overlay/identify-controller",
                    test_identify_controller);
    g_test_add_func("/nvme-fi/overlay/mask", test_mask);
    g_test_add_func("/nvme-fi/overlay/several", test_several);
    g_test_add_func("/nvme-fi/overlay/log-in-parts", test_log_in_parts);
    g_test_add_func("/nvme-fi/overlay/feature", test_feature);
    g_test_add_func("/nvme-fi/overlay/zone-report", test_zone_report);
    g_test_add_func("/nvme-fi/overlay/blocks", test_blocks);
    g_test_add_func("/nvme-fi/overlay/reset-and-delay", test_reset_and_delay);
    g_test_add_func("/nvme-fi/overlay/bad-prp", test_bad_prp);
    return g_test_run();
}
