/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test lets bad blocks meet everything else: resets, aborts, deleted
 * queues, shadow doorbells, other actions, and a second controller.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define UNRECOVERED_READ 0x281
#define OTHER_DEVFN 0x28
#define BAD "{'trigger':'media','slba':8,'nlb':4}"

/* The counters of SMART: media errors, entries of the error log; and of the
 * newest entry the block and the status. */
typedef struct Errors {
    uint64_t media;
    uint64_t entries;
    uint64_t lba;
    uint16_t status;
} Errors;

static void get_log(NvmeHost *host, uint8_t lid, void *page, size_t bytes)
{
    uint64_t addr = nvme_alloc(host, NVME_PAGE);
    NvmeCmd cmd = nvme_cmd_get_log(host, lid, 0xffffffff, 0, addr, bytes);

    g_assert_cmphex(nvme_ring_exec(&host->admin, &cmd, NULL), ==, 0);
    qtest_bufread(host->vm->qts, addr, page, bytes);
}

static Errors errors(NvmeHost *host)
{
    NvmeSmartLog smart;
    NvmeErrorLog entry;

    get_log(host, NVME_LOG_SMART_INFO, &smart, sizeof(smart));
    get_log(host, NVME_LOG_ERROR_INFO, &entry, sizeof(entry));
    return (Errors) {
        .media = le64_to_cpu(smart.media_errors[0]),
        .entries = le64_to_cpu(smart.number_of_error_log_entries[0]),
        .lba = le64_to_cpu(entry.lba),
        .status = le16_to_cpu(entry.status_field) >> 1,
    };
}

static void check_errors(NvmeHost *host, uint64_t media, uint64_t entries,
                         uint64_t lba, uint16_t status)
{
    Errors got = errors(host);

    g_assert_cmpint(got.media, ==, media);
    g_assert_cmpint(got.entries, ==, entries);
    g_assert_cmpint(got.lba, ==, lba);
    g_assert_cmphex(got.status, ==, status);
}

static void test_error_log(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCopySourceRangeFormat0_2 source = { .slba = cpu_to_le64(9) };
    NvmeCmd copy = nvme_cmd_copy(rig->host, NS_PLAIN, 100, &source, 1);

    fi_trigger(rig, BAD ",{'trigger':'media','slba':50,"
               "'status':'internal-error'}");
    check_errors(rig->host, 0, 0, 0, 0);
    /* the entry names the first bad block, not the first of the command */
    g_assert_cmphex(fi_rw(rig, NVME_CMD_READ, 0, 16), ==, UNRECOVERED_READ);
    check_errors(rig->host, 1, 1, 8, UNRECOVERED_READ);
    g_assert_cmphex(fi_rw(rig, NVME_CMD_VERIFY, 10, 16), ==, UNRECOVERED_READ);
    check_errors(rig->host, 2, 2, 10, UNRECOVERED_READ);
    g_assert_cmphex(nvme_ring_exec(rig->io, &copy, NULL), ==,
                    UNRECOVERED_READ);
    check_errors(rig->host, 3, 3, 9, UNRECOVERED_READ);
    /* a bad block is a media error, whatever its status */
    g_assert_cmphex(fi_read(rig, 50), ==, FI_INTERNAL_ERROR);
    check_errors(rig->host, 4, 4, 50, FI_INTERNAL_ERROR);
    /* a rule that changes the status counts as it says */
    fi_add(rig, "{'opcode':'read','action':'status','status':'0x6',"
           "'execute':true,'times':1}");
    g_assert_cmphex(fi_read(rig, 8), ==, FI_INTERNAL_ERROR);
    check_errors(rig->host, 4, 5, 8, FI_INTERNAL_ERROR);
    g_assert_cmphex(fi_read(rig, 0), ==, 0);
    check_errors(rig->host, 4, 5, 8, FI_INTERNAL_ERROR);
    fi_rig_free(rig);
}

static void test_resets(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, BAD);
    fi_rig_reset(rig);
    g_assert_cmphex(fi_read(rig, 8), ==, UNRECOVERED_READ);
    nvme_host_flr(rig->host);
    fi_rig_enable(rig);
    g_assert_cmphex(fi_read(rig, 8), ==, UNRECOVERED_READ);
    nvme_host_shutdown(rig->host);
    fi_rig_reset(rig);
    g_assert_cmphex(fi_read(rig, 8), ==, UNRECOVERED_READ);
    fi_clear(rig);
    g_assert_cmphex(fi_read(rig, 8), ==, UNRECOVERED_READ);
    check_errors(rig->host, 4, 4, 8, UNRECOVERED_READ);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* A delayed read of a bad block, which @end ends by other means. */
static FiRig *waiting_read(uint16_t *cid)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, 8, 1,
                              rig->data);

    fi_trigger(rig, BAD);
    fi_add(rig, "{'opcode':'read','action':'none','delay-ns':1000000000,"
           "'times':1}");
    *cid = nvme_ring_submit(rig->io, &cmd);
    nvme_ring_assert_idle(rig->io);
    return rig;
}

static void test_delay(void)
{
    uint16_t cid;
    FiRig *rig = waiting_read(&cid);
    NvmeCqe cqe;

    /* not reported yet, not counted yet */
    check_errors(rig->host, 0, 0, 0, 0);
    nvme_vm_step(rig->vm, 1000000000);
    nvme_ring_wait(rig->io, &cqe);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, UNRECOVERED_READ);
    check_errors(rig->host, 1, 1, 8, UNRECOVERED_READ);
    fi_rig_free(rig);
}

static void test_abort(void)
{
    uint16_t cid;
    FiRig *rig = waiting_read(&cid);
    NvmeCmd abort = nvme_cmd_abort(1, cid);
    NvmeCqe cqe;

    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &abort, NULL), ==, 0);
    nvme_ring_wait(rig->io, &cqe);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, NVME_CMD_ABORT_REQ);
    /* the host was not told of the bad block */
    check_errors(rig->host, 0, 0, 0, 0);
    g_assert_cmphex(fi_read(rig, 8), ==, UNRECOVERED_READ);
    fi_rig_free(rig);
}

static void test_deleted_queue(void)
{
    uint16_t cid;
    FiRig *rig = waiting_read(&cid);
    NvmeCqe cqe;

    g_assert_cmphex(nvme_ring_delete_sq(rig->io), ==, 0);
    nvme_ring_wait(rig->io, &cqe);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, NVME_CMD_ABORT_SQ_DEL);
    check_errors(rig->host, 0, 0, 0, 0);
    fi_rig_reset(rig);
    g_assert_cmphex(fi_read(rig, 8), ==, UNRECOVERED_READ);
    fi_rig_free(rig);
}

static void test_reset_while_it_waits(void)
{
    uint16_t cid;
    FiRig *rig = waiting_read(&cid);

    fi_rig_reset(rig);
    g_assert_cmphex(fi_read(rig, 8), ==, UNRECOVERED_READ);
    check_errors(rig->host, 1, 1, 8, UNRECOVERED_READ);
    fi_rig_free(rig);
}

static void test_shadow_doorbells(void)
{
    FiRig *rig = fi_rig_start();

    g_assert_cmphex(nvme_host_shadow_doorbells(rig->host), ==, 0);
    fi_trigger(rig, BAD);
    for (int i = 0; i < 100; i++) {
        g_assert_cmphex(fi_read(rig, 8), ==, UNRECOVERED_READ);
        g_assert_cmphex(fi_read(rig, 12), ==, 0);
    }
    check_errors(rig->host, 100, 100, 8, UNRECOVERED_READ);
    fi_rig_free(rig);
}

/* What does not reach the blocks does not heal them. */
static void test_other_actions(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'media','slba':0,'nlb':64}");
    fi_add(rig, "{'opcode':'write','action':'lose','times':1}");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE, 0, 8), ==, 0);
    g_assert_cmphex(fi_read(rig, 0), ==, UNRECOVERED_READ);
    fi_add(rig, "{'opcode':'write','action':'tear','blocks':3,'times':1}");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE, 0, 8), ==, 0);
    g_assert_cmphex(fi_rw(rig, NVME_CMD_READ, 0, 3), ==, 0);
    g_assert_cmphex(fi_read(rig, 3), ==, UNRECOVERED_READ);
    fi_add(rig, "{'opcode':'write','action':'misdirect','by':16,'times':1}");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE, 8, 8), ==, 0);
    g_assert_cmphex(fi_read(rig, 8), ==, UNRECOVERED_READ);
    g_assert_cmphex(fi_rw(rig, NVME_CMD_READ, 24, 8), ==, 0);
    /* a read that looks elsewhere meets what is there */
    fi_add(rig, "{'opcode':'read','action':'misdirect','by':16,'times':1}");
    g_assert_cmphex(fi_read(rig, 8), ==, 0);
    fi_add(rig, "{'opcode':'read','action':'misdirect','by':-16,'times':1}");
    g_assert_cmphex(fi_read(rig, 24), ==, UNRECOVERED_READ);
    fi_add(rig, "{'opcode':'write','action':'duplicate-execute','times':1}");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE, 0, 64), ==, 0);
    g_assert_cmphex(fi_rw(rig, NVME_CMD_READ, 0, 64), ==, 0);
    fi_rig_free(rig);
}

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

static void path_free(Path *path)
{
    nvme_ring_free(path->ring);
    nvme_host_free(path->host);
}

static uint16_t rw(Path *path, uint8_t opcode, uint64_t slba)
{
    uint64_t addr = nvme_alloc(path->host, NVME_PAGE);
    NvmeCmd cmd = nvme_cmd_rw(path->host, opcode, 1, slba, 1, addr);

    return nvme_ring_exec(path->ring, &cmd, NULL);
}

/* The medium is one, the error log and the counters are each controller's. */
static void test_shared_namespace(void)
{
    NvmeVm *vm = nvme_vm_new(NVME_VM_PATCHED, 1, FI_NS_BYTES,
        "-device nvme-subsys,id=subsys0 "
        "-device nvme,id=nvme0,serial=fi,subsys=subsys0,addr=04.0 "
        "-device nvme,id=nvme1,serial=fi,subsys=subsys0,addr=05.0 "
        "-device nvme-ns,drive=d0,nsid=1,shared=on,bus=nvme0");
    FiRig rig = { .vm = vm };
    Path first = path_new(vm, FI_DEVFN), second = path_new(vm, OTHER_DEVFN);

    g_assert_cmphex(rw(&second, NVME_CMD_READ, 8), ==, 0);
    fi_trigger(&rig, BAD);
    g_assert_cmphex(rw(&first, NVME_CMD_READ, 8), ==, UNRECOVERED_READ);
    check_errors(first.host, 1, 1, 8, UNRECOVERED_READ);
    check_errors(second.host, 0, 0, 0, 0);
    g_assert_cmphex(rw(&second, NVME_CMD_READ, 8), ==, UNRECOVERED_READ);
    check_errors(second.host, 1, 1, 8, UNRECOVERED_READ);
    g_assert_cmphex(rw(&second, NVME_CMD_WRITE, 8), ==, 0);
    g_assert_cmphex(rw(&first, NVME_CMD_READ, 8), ==, 0);
    g_assert_cmphex(rw(&first, NVME_CMD_READ, 9), ==, UNRECOVERED_READ);
    g_assert_cmphex(rw(&second, NVME_CMD_WRITE_UNCOR, 100), ==, 0);
    g_assert_cmphex(rw(&first, NVME_CMD_READ, 100), ==, UNRECOVERED_READ);
    path_free(&first);
    path_free(&second);
    nvme_vm_free(vm);
}

/* Unplugs nvme0; the machine's firmware never ran, so that the port does not
 * wait for the guest. */
static void unplug(NvmeVm *vm)
{
    qtest_qmp_assert_success(vm->qts, "{'execute':'device_del',"
                             "'arguments':{'id':'nvme0'}}");
    qtest_system_reset_nowait(vm->qts);
    qtest_qmp_eventwait(vm->qts, "DEVICE_DELETED");
}

/* A controller comes to a subsystem with bad blocks, the other one goes. */
static void test_controllers_come_and_go(void)
{
    NvmeVm *vm = nvme_vm_new(NVME_VM_PATCHED, 1, FI_NS_BYTES,
        "-device pcie-root-port,id=port0,slot=1,addr=04.0 "
        "-device nvme-subsys,id=subsys0 "
        "-device nvme,id=nvme0,serial=fi,subsys=subsys0,bus=port0 "
        "-device nvme,id=nvme1,serial=fi,subsys=subsys0,addr=05.0 "
        "-device nvme-ns,drive=d0,nsid=1,shared=on,bus=nvme1");
    FiRig rig = { .vm = vm };
    Path second;

    fi_trigger(&rig, BAD);
    unplug(vm);
    second = path_new(vm, OTHER_DEVFN);
    g_assert_cmphex(rw(&second, NVME_CMD_READ, 8), ==, UNRECOVERED_READ);
    qtest_qmp_device_add(vm->qts, "nvme", "nvme0", "{'bus':'port0',"
                         "'serial':'fi','subsys':'subsys0'}");
    fi_trigger(&rig, "{'trigger':'media','slba':8,'good':true}");
    g_assert_cmphex(rw(&second, NVME_CMD_READ, 8), ==, 0);
    fi_trigger(&rig, "{'trigger':'media','slba':20}");
    g_assert_cmphex(rw(&second, NVME_CMD_READ, 20), ==, UNRECOVERED_READ);
    path_free(&second);
    nvme_vm_free(vm);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/media-interplay/error-log", test_error_log);
    g_test_add_func("/nvme-fi/media-interplay/resets", test_resets);
    g_test_add_func("/nvme-fi/media-interplay/delay", test_delay);
    g_test_add_func("/nvme-fi/media-interplay/abort", test_abort);
    g_test_add_func("/nvme-fi/media-interplay/deleted-queue",
                    test_deleted_queue);
    g_test_add_func("/nvme-fi/media-interplay/reset-while-it-waits",
                    test_reset_while_it_waits);
    g_test_add_func("/nvme-fi/media-interplay/shadow-doorbells",
                    test_shadow_doorbells);
    g_test_add_func("/nvme-fi/media-interplay/other-actions",
                    test_other_actions);
    g_test_add_func("/nvme-fi/media-interplay/shared-namespace",
                    test_shared_namespace);
    g_test_add_func("/nvme-fi/media-interplay/controllers-come-and-go",
                    test_controllers_come_and_go);
    return g_test_run();
}
