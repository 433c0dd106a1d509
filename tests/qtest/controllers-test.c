/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test has two controllers on one subsystem with a shared namespace: the
 * rules, the log and the errors of one are not those of the other.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define OTHER_DEVFN 0x28

typedef struct Path {
    NvmeHost *host;
    NvmeRing *ring;
} Path;

static Path path_new(NvmeVm *vm, int devfn)
{
    Path path = { nvme_host_new(vm, devfn) };

    nvme_host_enable(path.host);
    path.ring = nvme_ring_new(path.host, 1, NVME_RING_ENTRIES);
    return path;
}

static uint16_t read_block(Path *path)
{
    uint64_t addr = nvme_alloc(path->host, NVME_PAGE);
    NvmeCmd cmd = nvme_cmd_rw(path->host, NVME_CMD_READ, 1, 3, 1, addr);

    return nvme_ring_exec(path->ring, &cmd, NULL);
}

static size_t logged(NvmeVm *vm, const char *device)
{
    QDict *log = qtest_qmp_assert_success_ref(vm->qts,
        "{'execute':'query-nvme-fi-log','arguments':{'device':%s}}", device);
    size_t n = qlist_size(qdict_get_qlist(log, "commands"));

    qobject_unref(log);
    return n;
}

static void test_rules_are_of_one_controller(void)
{
    NvmeVm *vm = nvme_vm_new(NVME_VM_PATCHED, 1, FI_NS_BYTES,
        "-device nvme-subsys,id=subsys0 "
        "-device nvme,id=nvme0,serial=fi,subsys=subsys0,addr=04.0 "
        "-device nvme,id=nvme1,serial=fi,subsys=subsys0,addr=05.0 "
        "-device nvme-ns,drive=d0,nsid=1,shared=on,bus=nvme0");
    FiRig rig = { .vm = vm };
    Path first = path_new(vm, FI_DEVFN), second = path_new(vm, OTHER_DEVFN);

    fi_add(&rig, "{'id':'r','opcode':'read','action':'status',"
           "'status':'asymmetric-access-inaccessible'}");
    g_assert_cmphex(read_block(&first), ==, 0x302);
    g_assert_cmphex(read_block(&second), ==, 0);
    g_assert_cmpint(logged(vm, "nvme0"), ==, 1);
    g_assert_cmpint(logged(vm, "nvme1"), ==, 0);
    /* by its QOM path, and with the id that the other has, too */
    qtest_qmp_assert_success(vm->qts,
        "{'execute':'nvme-fi-add','arguments':{"
        "'device':'/machine/peripheral/nvme1','rules':[{'id':'r',"
        "'opcode':'read','action':'status','status':'0x6'}]}}");
    g_assert_cmphex(read_block(&first), ==, 0x302);
    g_assert_cmphex(read_block(&second), ==, FI_INTERNAL_ERROR);
    fi_clear(&rig);
    g_assert_cmphex(read_block(&first), ==, 0);
    g_assert_cmphex(read_block(&second), ==, FI_INTERNAL_ERROR);
    nvme_ring_free(first.ring);
    nvme_host_free(first.host);
    nvme_ring_free(second.ring);
    nvme_host_free(second.host);
    nvme_vm_free(vm);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/controllers/rules-are-of-one-controller",
                    test_rules_are_of_one_controller);
    return g_test_run();
}
