/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test configures shadow doorbells for a queue that has been in use, as
 * Linux does after a reset, and wants the next command to be seen.  Stock QEMU
 * leaves EventIdx at 0, so that the host never rings again: it must fail there.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define BEFORE  3u      /* commands before Doorbell Buffer Config */
#define SECOND  1000000000

/* A live queue pair, then shadow doorbells for it. */
static FiRig *start(const char *binary)
{
    FiRig *rig = fi_rig_new(binary, "");

    for (unsigned i = 0; i < BEFORE; i++) {
        g_assert_cmphex(fi_read(rig, 0), ==, 0);
    }
    g_assert_cmphex(nvme_host_shadow_doorbells(rig->host), ==, 0);
    return rig;
}

static uint32_t eventidx(FiRig *rig, unsigned index)
{
    return qtest_readl(rig->vm->qts, rig->host->eventidx + 4 * index);
}

static void test_stock_has_the_defect(void)
{
    FiRig *rig = start(NVME_VM_STOCK);
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, 0, 1,
                              rig->data);

    g_assert_cmpint(eventidx(rig, 2), ==, 0);
    nvme_ring_submit(rig->io, &cmd);
    nvme_ring_assert_idle(rig->io);
    nvme_vm_step(rig->vm, SECOND);
    nvme_ring_assert_idle(rig->io);
    fi_rig_free(rig);
}

static void test_commands_are_seen(void)
{
    FiRig *rig = start(NVME_VM_PATCHED);

    g_assert_cmpint(eventidx(rig, 2), ==, BEFORE);          /* SQ 1 */
    g_assert_cmpint(eventidx(rig, 3), ==, BEFORE);          /* CQ 1 */
    for (unsigned i = 0; i < 3 * NVME_RING_ENTRIES; i++) {
        g_assert_cmphex(fi_read(rig, i), ==, 0);
    }
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* The same over and over, with rules at work: reset under shadow doorbells. */
static void test_after_resets(void)
{
    FiRig *rig = start(NVME_VM_PATCHED);

    fi_add(rig, "{'opcode':'read','every':2,'action':'status',"
           "'status':'internal-error'}");
    for (int i = 0; i < 5; i++) {
        fi_rig_reset(rig);
        for (unsigned j = 0; j < BEFORE + i; j++) {
            fi_read(rig, 0);
        }
        g_assert_cmphex(nvme_host_shadow_doorbells(rig->host), ==, 0);
        fi_read(rig, 0);
        fi_read(rig, 0);
    }
    fi_clear(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/shadow-doorbell/stock-has-the-defect",
                    test_stock_has_the_defect);
    g_test_add_func("/nvme-fi/shadow-doorbell/commands-are-seen",
                    test_commands_are_seen);
    g_test_add_func("/nvme-fi/shadow-doorbell/after-resets",
                    test_after_resets);
    return g_test_run();
}
