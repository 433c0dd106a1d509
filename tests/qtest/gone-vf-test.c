/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test has a controller with virtual functions fail: each function by
 * itself, and all of them behind a link that is down.
 */
#include "qemu/osdep.h"
#include "fi-port.h"
#include "hw/pci/pci_regs.h"

#define ECAM        0xb0000000ull
#define SRIOV_CAP   0x120           /* of QEMU's nvme device */
#define VF_OFFSET   1

/* Configuration space of function @function of bus 1, memory mapped. */
static uint64_t config(unsigned function)
{
    return ECAM + (1 << 20) + (function << 12);
}

static void enable_functions(FiRig *rig)
{
    QTestState *qts = rig->vm->qts;
    QPCIDevice *mch = qpci_device_find(rig->vm->bus, 0);

    qpci_config_writel(mch, 0x64, 0);
    qpci_config_writel(mch, 0x60, ECAM | 1);
    g_free(mch);
    g_assert_cmphex(qtest_readw(qts, config(0) + SRIOV_CAP), ==,
                    PCI_EXT_CAP_ID_SRIOV);
    qtest_writew(qts, config(0) + SRIOV_CAP + PCI_SRIOV_NUM_VF, 2);
    qtest_writew(qts, config(0) + SRIOV_CAP + PCI_SRIOV_CTRL,
                 PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE);
}

/* A virtual function has no vendor of its own but a class. */
static bool answers(FiRig *rig, unsigned function)
{
    return qtest_readl(rig->vm->qts, config(function) + PCI_CLASS_REVISION) !=
        0xffffffff;
}

static FiRig *start(void)
{
    FiRig *rig = fi_port_new(",sriov_max_vfs=2,sriov_vq_flexible=4,"
                             "sriov_vi_flexible=2");

    enable_functions(rig);
    return rig;
}

static void test_link_down(void)
{
    FiRig *rig = start();

    for (unsigned i = 0; i <= 2; i++) {
        g_assert_true(answers(rig, i));
    }
    fi_trigger(rig, "{'trigger':'controller','fault':'link-down',"
               "'for-ns':1000}");
    for (unsigned i = 0; i <= 2; i++) {
        g_assert_false(answers(rig, i));
    }
    nvme_vm_step(rig->vm, 1000);
    nvme_vm_settle(rig->vm);
    g_assert_true(answers(rig, 0));
    /* the reset took the virtual functions away; they can be had again */
    enable_functions(rig);
    for (unsigned i = 0; i <= 2; i++) {
        g_assert_true(answers(rig, i));
    }
    fi_rig_free(rig);
}

static void test_gone(void)
{
    FiRig *rig = start();

    fi_trigger(rig, "{'trigger':'controller','fault':'gone'}");
    g_assert_false(answers(rig, 0));
    g_assert_true(answers(rig, VF_OFFSET));
    fi_rig_free(rig);
}

/* QEMU itself would abort. */
static void test_unplug_is_refused(void)
{
    FiRig *rig = start();

    fi_trigger_refused(rig, "virtual functions",
                       "{'trigger':'controller','fault':'surprise-unplug'}");
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/gone-vf/link-down", test_link_down);
    g_test_add_func("/nvme-fi/gone-vf/gone", test_gone);
    g_test_add_func("/nvme-fi/gone-vf/unplug-is-refused",
                    test_unplug_is_refused);
    return g_test_run();
}
