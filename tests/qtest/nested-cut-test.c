/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test cuts the power and lets the drive be gone while the controller
 * waits for a command that takes several steps on the medium: what resets it
 * must not begin in the event loop of that waiting, where it would wait for
 * ever.
 */
#include "qemu/osdep.h"
#include "data-rig.h"

static int64_t cuts(FiRig *rig)
{
    QDict *info = fi_query(rig);
    int64_t n = qdict_get_int(qdict_get_qdict(info, "write-cache"), "cuts");

    qobject_unref(info);
    return n;
}

/* A deallocation in steps, with @triggers on its way. */
static FiRig *start(const char *triggers)
{
    static const NvmeDsmRange ranges[] = {
        { .slba = const_le64(0), .nlb = const_le32(8) },
        { .slba = const_le64(16), .nlb = const_le32(8) },
    };
    FiRig *rig = data_rig_new(",fi-write-cache=1M");
    NvmeCmd cmd = nvme_cmd_deallocate(rig->host, NS_PLAIN, ranges, 2);

    fi_add(rig, "{'action':'tear','opcode':'dataset-management','blocks':9,"
           "'trigger':[%s]}", triggers);
    nvme_ring_submit(rig->io, &cmd);
    return rig;
}

static void finish(FiRig *rig)
{
    fi_clear(rig);
    fi_rig_enable(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

static void test_gone(void)
{
    FiRig *rig = start("{'trigger':'power-cut','reset':false},"
                       "{'trigger':'controller','fault':'gone',"
                       "'for-ns':1000}");

    while (cuts(rig) == 0) {
        nvme_vm_settle(rig->vm);
    }
    nvme_vm_step(rig->vm, 1000);
    nvme_vm_settle(rig->vm);
    finish(rig);
}

static void test_reset(void)
{
    FiRig *rig = start("{'trigger':'power-cut','reset':false}");

    nvme_host_disable(rig->host);
    while (cuts(rig) == 0) {
        nvme_vm_settle(rig->vm);
    }
    finish(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/nested-cut/gone", test_gone);
    g_test_add_func("/nvme-fi/nested-cut/reset", test_reset);
    return g_test_run();
}
