/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test asks which blocks cannot be read, with Get LBA Status (NVM Command
 * Set 1.1, 4.2.1): those that the controller knows of, those that a scan finds,
 * and those of a Write Uncorrectable.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define GET_LBA_STATUS  0x86
#define SCAN            0x10
#define TRACKED         0x11
#define HEADER          8
#define DESCRIPTOR      16
#define ALL             (HEADER + 64 * DESCRIPTOR)

static NvmeCmd build(FiRig *rig, uint32_t nsid, uint64_t slba, uint16_t nlb,
                     uint8_t atype, size_t bytes)
{
    NvmeCmd cmd = nvme_cmd(GET_LBA_STATUS, nsid);

    cmd.cdw10 = cpu_to_le32(slba);
    cmd.cdw11 = cpu_to_le32(slba >> 32);
    cmd.cdw12 = cpu_to_le32(bytes / 4 - 1);
    cmd.cdw13 = cpu_to_le32((uint32_t)atype << 24 | nlb);
    nvme_cmd_data(rig->host, &cmd, rig->data, bytes);
    return cmd;
}

/* The answer as text: the condition, then slba+nlb/status of each. */
static char *answer(FiRig *rig, NvmeCmd cmd)
{
    GString *text = g_string_new(NULL);
    uint8_t data[ALL];
    uint32_t n;

    qtest_memset(rig->vm->qts, rig->data, 0xcc, sizeof(data));
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL), ==, 0);
    qtest_bufread(rig->vm->qts, rig->data, data, sizeof(data));
    n = ldl_le_p(data);
    g_assert_cmpint(n, <=, 64);
    g_assert_true(!data[5] && !data[6] && !data[7]);
    g_string_append_printf(text, "%u:", data[4]);
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *entry = data + HEADER + i * DESCRIPTOR;

        g_assert_true(!entry[12] && !entry[14] && !entry[15]);
        g_string_append_printf(text, " %" PRIu64 "+%u/%u", ldq_le_p(entry),
                               ldl_le_p(entry + 8) + 1, entry[13]);
    }
    /* no byte more than the list has */
    g_assert_cmphex(data[HEADER + n * DESCRIPTOR], ==, 0xcc);
    return g_string_free(text, FALSE);
}

static void check(FiRig *rig, uint64_t slba, uint16_t nlb, uint8_t atype,
                  size_t bytes, const char *expected)
{
    g_autofree char *text = answer(rig, build(rig, NS_PLAIN, slba, nlb, atype,
                                              bytes));

    g_assert_cmpstr(text, ==, expected);
}

static uint16_t mark(FiRig *rig, uint64_t slba, uint32_t nlb)
{
    return fi_rw(rig, NVME_CMD_WRITE_UNCOR, slba, nlb);
}

static void test_tracked_and_untracked(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'media','slba':8,'nlb':4},"
               "{'trigger':'media','slba':20,'nlb':4}");
    check(rig, 0, 0, TRACKED, ALL, "2:");
    /* what a command met, the controller knows of */
    g_assert_cmphex(fi_read(rig, 10), ==, 0x281);
    check(rig, 0, 0, TRACKED, ALL, "2: 8+4/1");
    g_assert_cmphex(mark(rig, 30, 2), ==, 0);
    check(rig, 0, 0, TRACKED, ALL, "2: 8+4/1 30+2/3");
    check(rig, 0, 0, SCAN, ALL, "2: 8+4/1 20+4/1 30+2/3");
    check(rig, 0, 0, TRACKED, ALL, "2: 8+4/1 20+4/1 30+2/3");
    /* rewritten blocks are not reported any more */
    nvme_fill(rig->io, NS_PLAIN, 9, 12, 0);
    check(rig, 0, 0, TRACKED, ALL, "2: 8+1/1 21+3/1 30+2/3");
    fi_rig_free(rig);
}

static void test_range(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'media','slba':8,'nlb':8},"
               "{'trigger':'media','slba':20,'nlb':4},"
               "{'trigger':'media','slba':65535}");
    check(rig, 0, 8, SCAN, ALL, "2:");
    check(rig, 0, 9, SCAN, ALL, "2: 8+1/1");
    check(rig, 12, 10, SCAN, ALL, "2: 12+4/1 20+2/1");
    check(rig, 16, 4, SCAN, ALL, "2:");
    check(rig, 16, 0, SCAN, ALL, "2: 20+4/1 65535+1/1");
    check(rig, 65535, 1, SCAN, ALL, "2: 65535+1/1");
    fi_rig_free(rig);
}

/* A range that is longer than RL can say, and a status of another kind. */
static void test_descriptors(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'media','slba':0,'nlb':65536},"
               "{'trigger':'media','slba':5,'status':'compare-failure'}");
    check(rig, 0, 0, SCAN, ALL, "2: 0+5/1 5+1/0 6+65530/1");
    check(rig, 0, 65535, SCAN, ALL, "2: 0+5/1 5+1/0 6+65529/1");
    fi_rig_free(rig);
}

/* MNDW cuts the list between descriptors. */
static void test_length(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd;
    uint32_t word[2];

    fi_trigger(rig, "{'trigger':'media','slba':8},{'trigger':'media',"
               "'slba':16}");
    check(rig, 0, 0, SCAN, HEADER + 2 * DESCRIPTOR, "2: 8+1/1 16+1/1");
    check(rig, 0, 0, SCAN, HEADER + 2 * DESCRIPTOR - 4, "1: 8+1/1");
    check(rig, 0, 0, SCAN, HEADER + DESCRIPTOR, "1: 8+1/1");
    check(rig, 9, 0, SCAN, HEADER + DESCRIPTOR, "2: 16+1/1");
    check(rig, 0, 0, SCAN, HEADER, "1:");
    cmd = build(rig, NS_PLAIN, 0, 0, SCAN, 4);
    qtest_memset(rig->vm->qts, rig->data, 0xcc, 8);
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL), ==, 0);
    qtest_bufread(rig->vm->qts, rig->data, word, sizeof(word));
    g_assert_cmphex(word[0], ==, 0);
    g_assert_cmphex(word[1], ==, 0xcccccccc);
    fi_rig_free(rig);
}

static void test_bad_commands(void)
{
    static const struct {
        uint32_t nsid;
        uint64_t slba;
        uint16_t nlb;
        uint8_t atype;
        uint16_t status;
    } rows[] = {
        { 0, 0, 0, SCAN, NVME_INVALID_NSID | NVME_DNR },
        { 0xffffffff, 0, 0, SCAN, NVME_INVALID_NSID | NVME_DNR },
        { 9, 0, 0, SCAN, NVME_INVALID_FIELD | NVME_DNR },
        { 1, 0, 0, 0, NVME_INVALID_FIELD | NVME_DNR },
        { 1, 0, 0, 0x12, NVME_INVALID_FIELD | NVME_DNR },
        { 1, 65536, 0, SCAN, NVME_LBA_RANGE | NVME_DNR },
        { 1, 65535, 2, SCAN, NVME_LBA_RANGE | NVME_DNR },
        { 1, UINT64_MAX, 1, TRACKED, NVME_LBA_RANGE | NVME_DNR },
        { NS_ZONED, 0, 0, TRACKED, 0 },
    };
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = build(rig, NS_PLAIN, 0, 0, SCAN, ALL);

    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL), ==,
                    NVME_INVALID_OPCODE | NVME_DNR);
    fi_trigger(rig, "{'trigger':'media','slba':8}");
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        g_test_message("row %zu", i);
        cmd = build(rig, rows[i].nsid, rows[i].slba, rows[i].nlb,
                    rows[i].atype, ALL);
        g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL), ==,
                        rows[i].status);
    }
    /* MNDW is 32 bits: more than MDTS, and where a sum could wrap */
    cmd = build(rig, NS_PLAIN, 0, 0, SCAN, ALL);
    cmd.cdw12 = cpu_to_le32(0xffffffff);
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL), ==,
                    NVME_INVALID_FIELD | NVME_DNR);
    /* SGLs are not for Admin commands */
    cmd = build(rig, NS_PLAIN, 0, 0, SCAN, ALL);
    cmd.flags = 1 << 6;
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL), ==,
                    NVME_INVALID_FIELD | NVME_DNR);
    fi_rig_free(rig);
}

static void test_rule(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = build(rig, NS_PLAIN, 0, 64, TRACKED, ALL);

    fi_trigger(rig, "{'trigger':'media','slba':8}");
    fi_add(rig, "{'id':'g','opcode':'get-lba-status','slba':8,"
           "'action':'status','status':'0x6','times':1}");
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL), ==,
                    FI_INTERNAL_ERROR);
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL), ==, 0);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/lba-status/tracked-and-untracked",
                    test_tracked_and_untracked);
    g_test_add_func("/nvme-fi/lba-status/range", test_range);
    g_test_add_func("/nvme-fi/lba-status/descriptors", test_descriptors);
    g_test_add_func("/nvme-fi/lba-status/length", test_length);
    g_test_add_func("/nvme-fi/lba-status/bad-commands", test_bad_commands);
    g_test_add_func("/nvme-fi/lba-status/rule", test_rule);
    return g_test_run();
}
