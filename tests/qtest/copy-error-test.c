/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test sends a Copy whose first source range is out of bounds.  It must
 * fail with "LBA Out of Range"; stock QEMU accounts I/O that it never started,
 * with what the heap held before, and aborts where that is no valid type.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

/* A heap whose memory is never zero by chance (mallopt(3), M_PERTURB). */
static void copy_out_of_range(const char *binary)
{
    NvmeCopySourceRangeFormat0_2 range = {
        .slba = cpu_to_le64(FI_NS_BYTES / NVME_LBA),
    };
    NvmeCmd cmd;
    FiRig *rig;

    g_setenv("MALLOC_PERTURB_", "85", TRUE);
    rig = fi_rig_new(binary, "");
    cmd = nvme_cmd_copy(rig->host, NS_PLAIN, 0, &range, 1);
    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL) & 0x7ff, ==,
                    NVME_LBA_RANGE);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

static void test_fails_and_no_more(void)
{
    copy_out_of_range(NVME_VM_PATCHED);
}

static void test_stock_has_the_defect(void)
{
    if (g_test_subprocess()) {
        copy_out_of_range(NVME_VM_STOCK);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*block_account_one_io*BLOCK_MAX_IOTYPE*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/copy-error/stock-has-the-defect",
                    test_stock_has_the_defect);
    g_test_add_func("/nvme-fi/copy-error/fails-and-no-more",
                    test_fails_and_no_more);
    return g_test_run();
}
