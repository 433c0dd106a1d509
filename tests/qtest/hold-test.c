/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test holds commands and releases them: all, in parts, by rule, in the
 * order in which they came, with their own status or another one; nothing else
 * is held up.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define MANY    1000u
#define LATE    INT64_C(60000000000)    /* ns */

static NvmeCmd read_of(FiRig *rig, uint64_t slba)
{
    return nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, slba, 1, rig->data);
}

/* Puts reads of @n blocks, from @slba, in flight; returns the first CID. */
static uint16_t send_reads(FiRig *rig, uint64_t slba, unsigned n)
{
    g_autofree NvmeCmd *cmds = g_new(NvmeCmd, n);
    uint16_t first;

    for (unsigned i = 0; i < n; i++) {
        cmds[i] = read_of(rig, slba + i);
    }
    first = nvme_ring_push_many(rig->io, cmds, n);
    nvme_ring_kick(rig->io);
    nvme_ring_assert_idle(rig->io);
    return first;
}

/* That the next @n CQEs are those of CIDs from @first on, with @status. */
static void expect(FiRig *rig, uint16_t first, unsigned n, uint16_t status)
{
    g_autofree NvmeCqe *cqes = g_new(NvmeCqe, n);

    nvme_ring_wait_many(rig->io, cqes, n);
    for (unsigned i = 0; i < n; i++) {
        g_assert_cmphex(le16_to_cpu(cqes[i].cid), ==, (uint16_t)(first + i));
        g_assert_cmphex(NVME_CQE_STATUS(&cqes[i]), ==, status);
    }
    nvme_ring_assert_idle(rig->io);
}

/* The same for two CIDs that do not follow one another; status 0. */
static void expect_two(FiRig *rig, uint16_t first, uint16_t second)
{
    NvmeCqe cqes[2];

    nvme_ring_wait_many(rig->io, cqes, 2);
    g_assert_cmphex(le16_to_cpu(cqes[0].cid), ==, first);
    g_assert_cmphex(le16_to_cpu(cqes[1].cid), ==, second);
    g_assert_cmphex(NVME_CQE_STATUS(&cqes[0]), ==, 0);
    g_assert_cmphex(NVME_CQE_STATUS(&cqes[1]), ==, 0);
    nvme_ring_assert_idle(rig->io);
}

/* Value @member of the @index-th held command that query-nvme-fi shows. */
static int64_t held_number(FiRig *rig, unsigned index, const char *member)
{
    QDict *info = fi_query(rig);
    QListEntry *entry = QTAILQ_FIRST(&qdict_get_qlist(info, "held")->head);
    int64_t value;

    while (index--) {
        entry = QTAILQ_NEXT(entry, next);
    }
    value = qdict_get_int(qobject_to(QDict, qlist_entry_obj(entry)), member);
    qobject_unref(info);
    return value;
}

/* A read that is held, released, and whether it was carried out. */
static void run_one(bool execute)
{
    FiRig *rig = fi_rig_start();
    uint16_t cid;

    fi_add(rig, "{'id':'h','action':'hold','slba':8,'execute':%s}",
           execute ? "true" : "false");
    qtest_memset(rig->vm->qts, rig->data, 0xcc, NVME_LBA);
    cid = send_reads(rig, 8, 1);
    fi_wait_stat(rig, "rd_operations", execute);
    nvme_vm_step(rig->vm, LATE);
    nvme_ring_assert_idle(rig->io);
    g_assert_true(nvme_memory_holds(rig->host, rig->data, NVME_LBA, 0xcc) !=
                  execute);
    g_assert_cmphex(fi_read(rig, 9), ==, 0);
    g_assert_cmpint(held_number(rig, 0, "cid"), ==, cid);
    g_assert_cmpint(held_number(rig, 0, "qid"), ==, 1);
    g_assert_cmpint(held_number(rig, 0, "opcode"), ==, NVME_CMD_READ);
    g_assert_cmpint(held_number(rig, 0, "nsid"), ==, NS_PLAIN);
    g_assert_cmpint(fi_release(rig, ",'id':'h'"), ==, 1);
    expect(rig, cid, 1, 0);
    g_assert_cmpint(fi_held(rig), ==, 0);
    g_assert_cmpint(fi_release(rig, ""), ==, 0);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

static void test_not_carried_out(void)
{
    run_one(false);
}

static void test_carried_out(void)
{
    run_one(true);
}

static void test_in_parts(void)
{
    FiRig *rig = fi_rig_start();
    uint16_t first;

    fi_add(rig, "{'id':'h','action':'hold','opcode':'read'}");
    first = send_reads(rig, 0, MANY);
    g_assert_cmpint(fi_held(rig), ==, MANY);
    g_assert_cmpint(fi_release(rig, ",'count':1"), ==, 1);
    expect(rig, first, 1, 0);
    g_assert_cmpint(fi_release(rig, ",'count':10,'status':'access-denied'"),
                    ==, 10);
    expect(rig, first + 1, 10, FI_ACCESS_DENIED);
    g_assert_cmpint(held_number(rig, 0, "cid"), ==, first + 11);
    g_assert_cmpint(fi_release(rig, ",'status':'0x6','dnr':true,'count':2"),
                    ==, 2);
    expect(rig, first + 11, 2, 0x4006);
    g_assert_cmpint(fi_release(rig, ",'id':'another'"), ==, 0);
    g_assert_cmpint(fi_release(rig, ",'count':5000"), ==, MANY - 13);
    expect(rig, first + 13, MANY - 13, 0);
    fi_rig_free(rig);
}

/* The orders that two rules can make: A B A B arrive, all B leave first. */
static void test_by_rule(void)
{
    FiRig *rig = fi_rig_start();
    uint16_t first;

    fi_add(rig, "{'id':'a','action':'hold','opcode':'read'},"
           "{'id':'b','action':'hold','opcode':'read','every':2,'skip':1}");
    first = send_reads(rig, 0, 6);
    g_assert_cmpint(fi_release(rig, ",'id':'b','count':1"), ==, 1);
    expect(rig, first + 1, 1, 0);
    g_assert_cmpint(fi_release(rig, ",'id':'a','count':1"), ==, 1);
    expect(rig, first, 1, 0);
    g_assert_cmpint(fi_release(rig, ",'id':'b'"), ==, 2);
    expect_two(rig, first + 3, first + 5);
    g_assert_cmpint(fi_release(rig, ""), ==, 2);
    expect_two(rig, first + 2, first + 4);
    fi_rig_free(rig);
}

/* A command that failed by itself keeps its status, or gets another one. */
static void test_own_status(void)
{
    FiRig *rig = fi_rig_start();
    uint64_t beyond = FI_NS_BYTES / NVME_LBA;
    uint16_t cid;

    fi_add(rig, "{'id':'h','action':'hold','opcode':'read','execute':true}");
    cid = send_reads(rig, beyond, 1);
    fi_release(rig, "");
    expect(rig, cid, 1, NVME_LBA_RANGE | NVME_DNR);
    cid = send_reads(rig, beyond, 1);
    fi_release(rig, ",'status':'success'");
    expect(rig, cid, 1, 0);
    fi_rig_free(rig);
}

/* A status given with the release is an injected error as any other: it is in
 * the Error Information log; none given is none. */
static void test_error_log(void)
{
    FiRig *rig = fi_rig_start();
    NvmeErrorLog entry;
    NvmeCmd log = nvme_cmd_get_log(rig->host, NVME_LOG_ERROR_INFO, 0xffffffff,
                                   0, rig->data, sizeof(entry));
    uint16_t cid;

    fi_add(rig, "{'id':'h','action':'hold','opcode':'read'}");
    cid = send_reads(rig, 8, 2);
    fi_release(rig, ",'count':1");
    fi_release(rig, ",'status':'access-denied'");
    nvme_vm_settle(rig->vm);
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &log, NULL), ==, 0);
    qtest_memread(rig->vm->qts, rig->data, &entry, sizeof(entry));
    g_assert_cmpint(le64_to_cpu(entry.error_count), ==, 1);
    g_assert_cmphex(le16_to_cpu(entry.cid), ==, (uint16_t)(cid + 1));
    fi_rig_free(rig);
}

/* After a delay: it is not there to be released before. */
static void test_delayed(void)
{
    FiRig *rig = fi_rig_start();
    uint16_t cid;

    fi_add(rig, "{'id':'h','action':'hold','opcode':'read','delay-ns':1000}");
    cid = send_reads(rig, 8, 1);
    g_assert_cmpint(fi_release(rig, ""), ==, 0);
    nvme_vm_step(rig->vm, 1000);
    g_assert_cmpint(fi_release(rig, ""), ==, 1);
    expect(rig, cid, 1, 0);
    fi_rig_free(rig);
}

/* The rule is gone; its commands are there and know its name. */
static void test_rule_removed(void)
{
    FiRig *rig = fi_rig_start();
    uint16_t first;

    fi_add(rig, "{'id':'a','action':'hold','opcode':'read','times':1},"
           "{'id':'b','action':'hold','opcode':'read','times':1}");
    first = send_reads(rig, 0, 2);
    fi_remove(rig, "b");
    fi_clear(rig);
    /* another rule of that name is not the one that holds */
    fi_add(rig, "{'id':'a','action':'drop','opcode':'flush'}");
    g_assert_cmpint(fi_held(rig), ==, 2);
    g_assert_cmpint(fi_release(rig, ",'id':'a'"), ==, 1);
    expect(rig, first + 1, 1, 0);
    g_assert_cmpint(fi_release(rig, ",'id':'b'"), ==, 1);
    expect(rig, first, 1, 0);
    fi_rig_free(rig);
}

static void test_abort(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd abort;
    NvmeCqe cqe;
    uint16_t first;

    fi_add(rig, "{'id':'no','action':'hold','opcode':'read',"
           "'abort':'not-aborted'},"
           "{'id':'yes','action':'hold','opcode':'read','times':1}");
    first = send_reads(rig, 0, 2);
    for (unsigned i = 0; i < 2; i++) {
        abort = nvme_cmd_abort(1, first + i);
        g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &abort, &cqe), ==,
                        0);
        g_assert_cmpint(le32_to_cpu(cqe.result), ==, i);
    }
    expect(rig, first, 1, NVME_CMD_ABORT_REQ);
    g_assert_cmpint(fi_release(rig, ",'id':'yes'"), ==, 0);
    g_assert_cmpint(fi_release(rig, ",'id':'no'"), ==, 1);
    expect(rig, first + 1, 1, 0);
    fi_rig_free(rig);
}

/* Released into a Completion Queue that is full: each has its CQE as soon as
 * there is room, and none is released twice. */
static void test_full_completion_queue(void)
{
    FiRig *rig = fi_rig_start();
    NvmeRing *small = nvme_ring_new(rig->host, 2, 4);
    NvmeCmd cmd = read_of(rig, 8), create;
    NvmeRing *second = g_memdup2(small, sizeof(*small));
    NvmeCqe cqe;

    /* a second SQ of the same CQ: six commands for three places */
    second->id = 3;
    second->sq = nvme_alloc(rig->host, NVME_PAGE);
    create = nvme_cmd_create_sq(3, 4, second->sq, 2);
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &create, NULL), ==, 0);
    fi_add(rig, "{'id':'h','action':'hold','slba':8}");
    for (int i = 0; i < 3; i++) {
        nvme_ring_submit(small, &cmd);
        nvme_ring_submit(second, &cmd);
    }
    g_assert_cmpint(fi_held(rig), ==, 6);
    g_assert_cmpint(fi_release(rig, ""), ==, 6);
    g_assert_cmpint(fi_held(rig), ==, 0);
    g_assert_cmpint(fi_release(rig, ""), ==, 0);
    for (int i = 0; i < 6; i++) {
        nvme_ring_wait(small, &cqe);
        g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, 0);
    }
    nvme_ring_assert_idle(small);
    g_free(second);
    nvme_ring_free(small);
    fi_rig_free(rig);
}

/* The deletion of a queue is held: it is deleted, the host does not know. */
static void test_delete_sq_held(void)
{
    FiRig *rig = fi_rig_start();
    NvmeRing *admin = &rig->host->admin;
    NvmeCmd cmd = nvme_cmd_delete(NVME_ADM_CMD_DELETE_SQ, 1), create;
    uint16_t first, cid;
    NvmeCqe cqe;

    fi_add(rig, "{'id':'h','action':'hold','opcode':'read'},"
           "{'id':'d','action':'hold','opcode':'delete-io-submission-queue',"
           "'execute':true}");
    first = send_reads(rig, 0, 10);
    cid = nvme_ring_submit(admin, &cmd);
    nvme_ring_assert_idle(admin);
    /* while it is on its way they are not to be had any more */
    g_assert_cmpint(fi_release(rig, ",'id':'h'"), ==, 0);
    expect(rig, first, 10, NVME_CMD_ABORT_SQ_DEL);
    create = nvme_cmd_create_sq(1, rig->io->size, rig->io->sq, 1);
    g_assert_cmphex(nvme_ring_exec(admin, &create, NULL), ==, 0);
    rig->io->sq_tail = rig->io->sq_rung = 0;
    g_assert_cmpint(fi_release(rig, ""), ==, 1);
    nvme_ring_wait(admin, &cqe);
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==, cid);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, 0);
    fi_clear(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/hold/not-carried-out", test_not_carried_out);
    g_test_add_func("/nvme-fi/hold/carried-out", test_carried_out);
    g_test_add_func("/nvme-fi/hold/in-parts", test_in_parts);
    g_test_add_func("/nvme-fi/hold/by-rule", test_by_rule);
    g_test_add_func("/nvme-fi/hold/own-status", test_own_status);
    g_test_add_func("/nvme-fi/hold/error-log", test_error_log);
    g_test_add_func("/nvme-fi/hold/delayed", test_delayed);
    g_test_add_func("/nvme-fi/hold/rule-removed", test_rule_removed);
    g_test_add_func("/nvme-fi/hold/abort", test_abort);
    g_test_add_func("/nvme-fi/hold/full-completion-queue",
                    test_full_completion_queue);
    g_test_add_func("/nvme-fi/hold/delete-sq-held", test_delete_sq_held);
    return g_test_run();
}
