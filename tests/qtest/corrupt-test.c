/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test damages data on its way and on the medium, where nothing checks
 * it: which bytes, with what, for how long, and that nothing else changes.
 */
#include "qemu/osdep.h"
#include "data-rig.h"

#define SLBA    40
#define BLOCKS  4u
#define BYTES   (BLOCKS * NVME_LBA)
#define OLD     0x11
#define NEW     0x22

/* What @bytes of the blocks at SLBA are, by a command of its own. */
static uint8_t *blocks(FiRig *rig)
{
    uint8_t *data = g_malloc(BYTES);

    qtest_memset(rig->vm->qts, rig->data, 0xee, BYTES);
    g_assert_cmphex(fi_rw(rig, NVME_CMD_READ, SLBA, BLOCKS), ==, 0);
    qtest_bufread(rig->vm->qts, rig->data, data, BYTES);
    return data;
}

static void assert_fill(const uint8_t *data, size_t first, size_t end,
                        uint8_t value)
{
    for (size_t i = first; i < end; i++) {
        g_assert_cmphex(data[i], ==, value);
    }
}

/* [first, end) is @inside, what is around it @outside. */
static void assert_damage(FiRig *rig, size_t first, size_t end,
                          uint8_t inside, uint8_t outside)
{
    g_autofree uint8_t *data = blocks(rig);

    assert_fill(data, 0, first, outside);
    assert_fill(data, first, end, inside);
    assert_fill(data, end, BYTES, outside);
}

typedef struct Row {
    const char *name;
    const char *members;        /* of the rule */
    size_t first, end;          /* bytes that are damaged, */
    uint8_t value;              /* where NEW was written */
} Row;

static const Row rows[] = {
    { "default", "", 0, BYTES, NEW ^ 1 },
    { "flip", ",'how':'flip','value':129", 0, BYTES, NEW ^ 129 },
    { "zero", ",'how':'zero'", 0, BYTES, 0 },
    { "fill", ",'how':'fill','value':170", 0, BYTES, 170 },
    { "one-byte", ",'offset':5,'length':1", 5, 6, NEW ^ 1 },
    { "over-a-block-boundary", ",'offset':510,'length':4", 510, 514,
      NEW ^ 1 },
    { "from-an-offset-on", ",'offset':1000", 1000, BYTES, NEW ^ 1 },
    { "beyond-the-end", ",'offset':2047,'length':9", 2047, 2048, NEW ^ 1 },
    { "all-beyond-the-end", ",'offset':2048", BYTES, BYTES, NEW },
    { "far-beyond-the-end", ",'offset':4294967295,'length':4294967295", BYTES,
      BYTES, NEW },
    /* this namespace has none */
    { "metadata", ",'target':'metadata'", BYTES, BYTES, NEW },
    { "guard", ",'target':'guard'", BYTES, BYTES, NEW },
};

/* On the way to the host: the next read finds what was written. */
static void test_read(gconstpointer opaque)
{
    const Row *row = opaque;
    FiRig *rig = fi_rig_start();
    static const char *const wheres[] = {
        "", ",'where':'host'", ",'where':'before-check'",
    };

    nvme_fill(rig->io, NS_PLAIN, SLBA, BLOCKS, NEW);
    for (unsigned i = 0; i < ARRAY_SIZE(wheres); i++) {
        fi_add(rig, "{'id':'c','opcode':'read','action':'corrupt',"
               "'times':1%s%s}", row->members, wheres[i]);
        assert_damage(rig, row->first, row->end, row->value, NEW);
        assert_damage(rig, 0, 0, 0, NEW);
        g_assert_cmpint(fi_hits(rig, "c"), ==, 1);
        fi_remove(rig, "c");
    }
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* On the medium: it stays, and the blocks around it are as they were. */
static void test_medium(gconstpointer opaque)
{
    const Row *row = opaque;
    FiRig *rig = fi_rig_start();
    static const char *const rules[] = {
        "'opcode':'write'", "'opcode':'write','where':'medium'",
        "'opcode':'write','where':'before-check'",
        "'opcode':'read','where':'medium'",
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rules); i++) {
        nvme_fill(rig->io, NS_PLAIN, SLBA - 1, BLOCKS + 2, OLD);
        fi_add(rig, "{'id':'c','action':'corrupt','times':1,%s%s}", rules[i],
               row->members);
        nvme_fill(rig->io, NS_PLAIN, SLBA, BLOCKS, NEW);
        assert_damage(rig, row->first, row->end, row->value, NEW);
        fi_remove(rig, "c");
        fi_rig_reset(rig);
        assert_damage(rig, row->first, row->end, row->value, NEW);
        g_assert_true(nvme_holds(rig->io, NS_PLAIN, SLBA - 1, 1, OLD));
        g_assert_true(nvme_holds(rig->io, NS_PLAIN, SLBA + BLOCKS, 1, OLD));
    }
    fi_rig_free(rig);
}

static void test_write_zeroes(void)
{
    FiRig *rig = fi_rig_start();

    nvme_fill(rig->io, NS_PLAIN, SLBA, BLOCKS, NEW);
    fi_add(rig, "{'opcode':'write-zeroes','action':'corrupt','offset':7,"
           "'length':2,'how':'fill','value':9}");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE_ZEROES, SLBA, BLOCKS), ==, 0);
    assert_damage(rig, 7, 9, 9, 0);
    fi_rig_free(rig);
}

/* The blocks of an append are where the zone's write pointer was. */
static void test_append(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_ZONE_APPEND, NS_ZONED, 0, 1,
                              rig->data);

    nvme_fill(rig->io, NS_ZONED, 0, 2, OLD);
    fi_add(rig, "{'opcode':'zone-append','action':'corrupt','how':'fill',"
           "'value':7}");
    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, 0);
    g_assert_true(nvme_holds(rig->io, NS_ZONED, 0, 2, OLD));
    g_assert_true(nvme_holds(rig->io, NS_ZONED, 2, 1, 7));
    g_assert_true(nvme_holds(rig->io, NS_ZONED, 3, 1, 0));
    fi_rig_free(rig);
}

/* The same seed and the same match: the same bytes; another match: others. */
static void test_random(void)
{
    FiRig *rig = fi_rig_start();
    uint8_t *first[2], *second[2];

    nvme_fill(rig->io, NS_PLAIN, SLBA, BLOCKS, NEW);
    for (int i = 0; i < 2; i++) {
        fi_add(rig, "{'id':'c','opcode':'read','action':'corrupt',"
               "'how':'random','seed':5,'offset':1}");
        first[i] = blocks(rig);
        second[i] = blocks(rig);
        fi_remove(rig, "c");
    }
    g_assert_cmpmem(first[0], BYTES, first[1], BYTES);
    g_assert_cmpmem(second[0], BYTES, second[1], BYTES);
    g_assert_true(memcmp(first[0], second[0], BYTES));
    g_assert_cmphex(first[0][0], ==, NEW);
    /* not the same few bytes over and over */
    g_assert_true(memcmp(first[0] + 1, first[0] + 9, 8));
    for (int i = 0; i < 2; i++) {
        g_free(first[i]);
        g_free(second[i]);
    }
    fi_rig_free(rig);
}

/* A write that leaves the old content: wholly, or some bytes of it. */
static void test_stale_write(void)
{
    FiRig *rig = fi_rig_start();

    nvme_fill(rig->io, NS_PLAIN, SLBA, BLOCKS, OLD);
    fi_add(rig, "{'id':'c','opcode':'write','action':'corrupt',"
           "'how':'stale','times':1}");
    nvme_fill(rig->io, NS_PLAIN, SLBA, BLOCKS, NEW);
    assert_damage(rig, 0, BYTES, OLD, OLD);
    nvme_fill(rig->io, NS_PLAIN, SLBA, BLOCKS, NEW);
    assert_damage(rig, 0, BYTES, NEW, NEW);
    fi_remove(rig, "c");
    fi_add(rig, "{'id':'c','opcode':'write','action':'corrupt',"
           "'how':'stale','offset':600,'length':10}");
    nvme_fill(rig->io, NS_PLAIN, SLBA, BLOCKS, 0x33);
    assert_damage(rig, 600, 610, NEW, 0x33);
    fi_rig_free(rig);
}

/* A write that is only seen, and reads that answer with what was before it. */
static void test_stale_read(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd flush = nvme_cmd(NVME_CMD_FLUSH, NS_PLAIN);

    nvme_fill(rig->io, NS_PLAIN, SLBA, BLOCKS, OLD);
    fi_add(rig, "{'id':'r','opcode':'read','action':'corrupt',"
           "'how':'stale','state':'old'},"
           "{'id':'w','opcode':'write','action':'corrupt','how':'stale',"
           "'where':'host','times':1,'slba':%d}", SLBA + 1);
    nvme_fill(rig->io, NS_PLAIN, SLBA + 1, 1, NEW);
    assert_damage(rig, NVME_LBA, 2 * NVME_LBA, NEW, OLD);
    fi_add(rig, "{'opcode':'flush','action':'none','set-state':'old'}");
    g_assert_cmphex(nvme_ring_exec(rig->io, &flush, NULL), ==, 0);
    /* nothing is known of the other blocks: zeroes */
    assert_damage(rig, NVME_LBA, 2 * NVME_LBA, OLD, 0);
    fi_clear(rig);
    assert_damage(rig, NVME_LBA, 2 * NVME_LBA, NEW, OLD);
    fi_rig_free(rig);
}

/* What fails is not damaged, and what is not there is not touched. */
static void test_failing(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd;

    fi_add(rig, "{'id':'c','action':'corrupt'},"
           "{'id':'m','opcode':'read','action':'corrupt','where':'medium'}");
    for (int i = 0; i < 2; i++) {
        g_assert_cmphex(fi_rw(rig, i ? NVME_CMD_WRITE : NVME_CMD_READ,
                              FI_NS_BYTES / NVME_LBA - 1, 2) & 0x7ff, ==,
                        NVME_LBA_RANGE);
        cmd = nvme_cmd_rw(rig->host, i ? NVME_CMD_WRITE : NVME_CMD_READ, 77,
                          0, 1, rig->data);
        g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), !=, 0);
        cmd = nvme_cmd_rw(rig->host, i ? NVME_CMD_WRITE : NVME_CMD_READ,
                          NS_PLAIN, UINT64_MAX, 1, rig->data);
        g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL) & 0x7ff, ==,
                        NVME_LBA_RANGE);
    }
    fi_clear(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *read = g_strdup_printf("/nvme-fi/corrupt/read-%s",
                                                rows[i].name);
        g_autofree char *medium = g_strdup_printf(
            "/nvme-fi/corrupt/medium-%s", rows[i].name);

        g_test_add_data_func(read, &rows[i], test_read);
        g_test_add_data_func(medium, &rows[i], test_medium);
    }
    g_test_add_func("/nvme-fi/corrupt/write-zeroes", test_write_zeroes);
    g_test_add_func("/nvme-fi/corrupt/append", test_append);
    g_test_add_func("/nvme-fi/corrupt/random", test_random);
    g_test_add_func("/nvme-fi/corrupt/stale-write", test_stale_write);
    g_test_add_func("/nvme-fi/corrupt/stale-read", test_stale_read);
    g_test_add_func("/nvme-fi/corrupt/failing", test_failing);
    data_add_interplay("corrupt", "{'id':'r','action':'corrupt','offset':5}");
    data_add_interplay("corrupt-stale", "{'id':'r','action':'corrupt',"
                       "'how':'stale'}");
    return g_test_run();
}
