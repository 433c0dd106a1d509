/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test gives the controller Command Retry Delay Times and finds them in
 * Identify Controller, bytes 128 to 133 (NVMe Base 2.1, 5.1.13.2.1).
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

static void check(const char *binary, const char *options, uint16_t crdt1,
                  uint16_t crdt2, uint16_t crdt3)
{
    FiRig *rig = fi_rig_new(binary, options);
    NvmeCmd cmd = nvme_cmd_identify(rig->host, NVME_ID_CNS_CTRL, 0, rig->data);
    uint8_t page[NVME_PAGE];

    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL), ==, 0);
    qtest_bufread(rig->vm->qts, rig->data, page, sizeof(page));
    g_assert_cmpint(lduw_le_p(page + 128), ==, crdt1);
    g_assert_cmpint(lduw_le_p(page + 130), ==, crdt2);
    g_assert_cmpint(lduw_le_p(page + 132), ==, crdt3);
    /* what is around them is as stock */
    g_assert_cmpint(page[111], ==, 1);
    g_assert_cmpint(lduw_le_p(page + 134), ==, 0);
    fi_rig_free(rig);
}

static void test_default(void)
{
    check(NVME_VM_STOCK, "", 0, 0, 0);
    check(NVME_VM_PATCHED, "", 0, 0, 0);
}

static void test_all(void)
{
    check(NVME_VM_PATCHED, ",fi-crdt1=10,fi-crdt2=256,fi-crdt3=65535", 10, 256,
          65535);
    check(NVME_VM_PATCHED, ",fi-crdt2=1", 0, 1, 0);
}

/* The bits of a status that name one of them arrive. */
static void test_status_names_one(void)
{
    FiRig *rig = fi_rig_new(NVME_VM_PATCHED, ",fi-crdt2=10");

    fi_add(rig, "{'opcode':'read','action':'status',"
           "'status':'command-interrupted','crd':2}");
    g_assert_cmphex(fi_read(rig, 0), ==, 0x021 | 2 << 11);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/crdt/default", test_default);
    g_test_add_func("/nvme-fi/crdt/all", test_all);
    g_test_add_func("/nvme-fi/crdt/status-names-one", test_status_names_one);
    return g_test_run();
}
