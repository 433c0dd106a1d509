/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test injects a status into each command of the NVM command set, before
 * and after its execution: all of its effect is there, or nothing of it.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define SLBA    16      /* blocks 16..19 hold OLD before each command */
#define NLB     4
#define OLD     0x11
#define NEW     0x22
#define SOURCE  64      /* blocks 64..67 hold NEW, for Copy */

typedef struct Row {
    const char *opcode;                 /* as in a rule */
    NvmeCmd (*build)(FiRig *rig);
    bool (*done)(FiRig *rig);           /* the effect is there */
    bool (*untouched)(FiRig *rig);      /* nothing of it is */
} Row;

static NvmeCmd build_rw(FiRig *rig, uint8_t opcode)
{
    return nvme_cmd_rw(rig->host, opcode, NS_PLAIN, SLBA, NLB, rig->data);
}

static NvmeCmd build_read(FiRig *rig)
{
    return build_rw(rig, NVME_CMD_READ);
}

static bool buffer_has_old(FiRig *rig)
{
    return nvme_memory_holds(rig->host, rig->data, NLB * NVME_LBA, OLD);
}

static bool buffer_has_new(FiRig *rig)
{
    return nvme_memory_holds(rig->host, rig->data, NLB * NVME_LBA, NEW);
}

static NvmeCmd build_write(FiRig *rig)
{
    return build_rw(rig, NVME_CMD_WRITE);
}

static bool drive_has_new(FiRig *rig)
{
    return nvme_holds(rig->io, NS_PLAIN, SLBA, NLB, NEW);
}

static bool drive_has_old(FiRig *rig)
{
    return nvme_holds(rig->io, NS_PLAIN, SLBA, NLB, OLD);
}

static bool drive_has_zeroes(FiRig *rig)
{
    return nvme_holds(rig->io, NS_PLAIN, SLBA, NLB, 0);
}

static NvmeCmd build_write_zeroes(FiRig *rig)
{
    return build_rw(rig, NVME_CMD_WRITE_ZEROES);
}

static NvmeCmd build_dsm(FiRig *rig)
{
    NvmeDsmRange range = { .slba = cpu_to_le64(SLBA),
                           .nlb = cpu_to_le32(NLB) };

    return nvme_cmd_deallocate(rig->host, NS_PLAIN, &range, 1);
}

static NvmeCmd build_copy(FiRig *rig)
{
    NvmeCopySourceRangeFormat0_2 range = { .slba = cpu_to_le64(SOURCE),
                                           .nlb = cpu_to_le16(NLB - 1) };

    return nvme_cmd_copy(rig->host, NS_PLAIN, SLBA, &range, 1);
}

static NvmeCmd build_compare(FiRig *rig)
{
    /* with blocks like the buffer: an unlike one is not accounted as read */
    return nvme_cmd_rw(rig->host, NVME_CMD_COMPARE, NS_PLAIN, SOURCE, NLB,
                       rig->data);
}

static NvmeCmd build_verify(FiRig *rig)
{
    return build_rw(rig, NVME_CMD_VERIFY);
}

/* Compare and Verify leave no trace but the read of the medium. */
static bool medium_was_read(FiRig *rig)
{
    return fi_block_stat(rig, 0, "rd_operations") == 1;
}

static bool medium_was_not_read(FiRig *rig)
{
    return fi_block_stat(rig, 0, "rd_operations") == 0;
}

static const Row rows[] = {
    { "read", build_read, buffer_has_old, buffer_has_new },
    { "write", build_write, drive_has_new, drive_has_old },
    { "write-zeroes", build_write_zeroes, drive_has_zeroes, drive_has_old },
    { "dataset-management", build_dsm, drive_has_zeroes, drive_has_old },
    { "copy", build_copy, drive_has_new, drive_has_old },
    { "compare", build_compare, medium_was_read, medium_was_not_read },
    { "verify", build_verify, medium_was_read, medium_was_not_read },
};

/* Blocks and buffer as the rows expect them. */
static FiRig *prepare(void)
{
    FiRig *rig = fi_rig_start();

    nvme_fill(rig->io, NS_PLAIN, SLBA, NLB, OLD);
    nvme_fill(rig->io, NS_PLAIN, SOURCE, NLB, NEW);
    qtest_memset(rig->vm->qts, rig->data, NEW, NLB * NVME_LBA);
    return rig;
}

static void run_row(const Row *row, bool execute, const char *status,
                    uint16_t expected)
{
    FiRig *rig = prepare();
    NvmeCmd cmd = row->build(rig);

    fi_add(rig, "{'id':'r','action':'status','opcode':'%s','status':'%s',"
           "'execute':%s,'times':1}", row->opcode, status,
           execute ? "true" : "false");
    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, expected);
    g_assert_cmpint(fi_hits(rig, "r"), ==, 1);
    g_assert_true(execute ? row->done(rig) : row->untouched(rig));
    g_assert_false(execute ? row->untouched(rig) : row->done(rig));
    fi_rig_free(rig);
}

static void test_not_executed(gconstpointer data)
{
    run_row(data, false, "access-denied", FI_ACCESS_DENIED);
}

static void test_executed(gconstpointer data)
{
    run_row(data, true, "access-denied", FI_ACCESS_DENIED);
}

/* Acknowledged but not done: the lie of a drive that loses writes. */
static void test_acknowledged(gconstpointer data)
{
    run_row(data, false, "success", 0);
}

/* A flush with something to flush: without, the block layer skips it. */
static uint16_t flush_write(FiRig *rig)
{
    NvmeCmd flush = nvme_cmd(NVME_CMD_FLUSH, NS_PLAIN);

    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE, 0, 1), ==, 0);
    return nvme_ring_exec(rig->io, &flush, NULL);
}

/* The image fails one flush and then no more: which flush reached it? */
static void run_flush(bool execute)
{
    FiRig *rig = g_new0(FiRig, 1);

    rig->vm = nvme_vm_new(NVME_VM_PATCHED, 0, 0,
        "-drive if=none,id=d0,driver=blkdebug,image.driver=null-co,"
        "image.read-zeroes=on,inject-error.0.event=none,"
        "inject-error.0.iotype=flush,inject-error.0.once=on,"
        "inject-error.0.errno=5 "
        "-device nvme,id=nvme0,serial=fi,drive=d0,addr=04.0");
    rig->host = nvme_host_new(rig->vm, FI_DEVFN);
    rig->data = nvme_alloc(rig->host, FI_DATA_BYTES);
    fi_rig_enable(rig);
    fi_add(rig, "{'action':'status','opcode':'flush','times':1,"
           "'status':'0x%x','execute':%s}", FI_ACCESS_DENIED,
           execute ? "true" : "false");
    g_assert_cmphex(flush_write(rig), ==, FI_ACCESS_DENIED);
    if (execute) {
        g_assert_cmphex(flush_write(rig), ==, 0);
    } else {
        g_assert_cmphex(flush_write(rig), !=, 0);
    }
    g_assert_cmphex(flush_write(rig), ==, 0);
    fi_rig_free(rig);
}

static void test_flush_not_executed(void)
{
    run_flush(false);
}

static void test_flush_executed(void)
{
    run_flush(true);
}

static void add_row(const Row *row, const char *name,
                    void (*test)(gconstpointer))
{
    g_autofree char *path = g_strdup_printf("/nvme-fi/status-io/%s/%s",
                                            row->opcode, name);

    g_test_add_data_func(path, row, test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        add_row(&rows[i], "not-executed", test_not_executed);
        add_row(&rows[i], "executed", test_executed);
        add_row(&rows[i], "acknowledged-but-not-done", test_acknowledged);
    }
    g_test_add_func("/nvme-fi/status-io/flush/not-executed",
                    test_flush_not_executed);
    g_test_add_func("/nvme-fi/status-io/flush/executed", test_flush_executed);
    return g_test_run();
}
