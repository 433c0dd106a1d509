/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test drops the completions of commands: they never come, what was to be
 * carried out is, the place in the queue is free again, and an Abort ends as
 * the rule says.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define DELAY   1000000007      /* ns */
#define LATE    (60 * (int64_t)DELAY)

static NvmeCmd read_of(FiRig *rig, uint64_t slba)
{
    return nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, slba, 1, rig->data);
}

static NvmeCmd write_of(FiRig *rig, uint64_t slba)
{
    return nvme_cmd_rw(rig->host, NVME_CMD_WRITE, NS_PLAIN, slba, 1,
                       rig->data);
}

/* That no CQE comes, now or later. */
static void assert_gone(FiRig *rig)
{
    nvme_ring_assert_idle(rig->io);
    nvme_vm_step(rig->vm, LATE);
    nvme_ring_assert_idle(rig->io);
    nvme_ring_assert_idle(&rig->host->admin);
}

/* Sends Abort of @cid; returns bit 0 of DW0: 1 if it was not aborted. */
static unsigned abort_of(FiRig *rig, uint16_t sqid, uint16_t cid)
{
    NvmeCmd cmd = nvme_cmd_abort(sqid, cid);
    NvmeCqe cqe;

    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, &cqe), ==, 0);
    return le32_to_cpu(cqe.result) & 1;
}

/* That the next CQE is that of @cid, with @status. */
static void expect_cqe(NvmeRing *ring, uint16_t cid, uint16_t status)
{
    NvmeCqe cqe;

    nvme_ring_wait(ring, &cqe);
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==, cid);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe) & 0x7ff, ==, status);
}

/* The newest entry of the log is a hit without a completion. */
static void assert_logged(FiRig *rig, bool executed)
{
    QDict *log = fi_log(rig, 1);
    QListEntry *last = QTAILQ_LAST(&qdict_get_qlist(log, "commands")->head);
    QDict *entry = qobject_to(QDict, qlist_entry_obj(last));

    g_assert_true(qdict_haskey(entry, "hit"));
    g_assert_false(qdict_haskey(entry, "status"));
    g_assert_false(qdict_haskey(entry, "cqe"));
    g_assert_true(qdict_get_bool(entry, "executed") == executed);
    qobject_unref(log);
}

static void test_not_carried_out(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = write_of(rig, 8);

    nvme_fill(rig->io, NS_PLAIN, 8, 1, 0x11);
    qtest_memset(rig->vm->qts, rig->data, 0x22, NVME_LBA);
    fi_add(rig, "{'id':'d','action':'drop','opcode':'write','slba':8}");
    nvme_ring_submit(rig->io, &cmd);
    assert_gone(rig);
    g_assert_true(nvme_holds(rig->io, NS_PLAIN, 8, 1, 0x11));
    g_assert_cmpint(fi_hits(rig, "d"), ==, 1);
    g_assert_cmpint(fi_held(rig), ==, 0);
    assert_logged(rig, false);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

static void test_carried_out(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = write_of(rig, 8);

    qtest_memset(rig->vm->qts, rig->data, 0x22, NVME_LBA);
    fi_add(rig, "{'id':'d','action':'drop','opcode':'write','slba':8,"
           "'execute':true}");
    nvme_ring_submit(rig->io, &cmd);
    fi_wait_stat(rig, "wr_operations", 1);
    assert_gone(rig);
    g_assert_true(nvme_holds(rig->io, NS_PLAIN, 8, 1, 0x22));
    g_assert_cmpint(fi_held(rig), ==, 0);
    assert_logged(rig, true);
    fi_rig_free(rig);
}

/* A queue of four entries in which many times three commands are dropped: a
 * place that was lost each time would end it after the first three. */
static void run_places(const char *execute)
{
    FiRig *rig = fi_rig_start();
    NvmeRing *small = nvme_ring_new(rig->host, 2, 4);
    NvmeCmd cmd = read_of(rig, 8), good = read_of(rig, 9);

    fi_add(rig, "{'id':'d','action':'drop','slba':8,'execute':%s}", execute);
    for (int i = 0; i < 60; i += 3) {
        nvme_ring_submit(small, &cmd);
        nvme_ring_submit(small, &cmd);
        g_assert_cmphex(nvme_ring_exec(small, &good, NULL), ==, 0);
        nvme_ring_submit(small, &cmd);
        g_assert_cmphex(nvme_ring_exec(small, &good, NULL), ==, 0);
    }
    g_assert_cmpint(fi_hits(rig, "d"), ==, 60);
    nvme_ring_free(small);
    fi_rig_free(rig);
}

static void test_places_come_back(void)
{
    run_places("false");
}

static void test_places_come_back_executed(void)
{
    run_places("true");
}

/* All places taken by commands that are dropped much later; what waits behind
 * them is fetched when they are. */
static void test_full_queue_goes_on(void)
{
    FiRig *rig = fi_rig_start();
    NvmeRing *small = nvme_ring_new(rig->host, 2, 4);
    NvmeCmd cmds[3] = { read_of(rig, 8), read_of(rig, 8), read_of(rig, 8) };
    NvmeCmd good = read_of(rig, 9);

    fi_add(rig, "{'action':'drop','slba':8,'delay-ns':%d}", DELAY);
    nvme_ring_push_many(small, cmds, 3);
    nvme_ring_kick(small);
    nvme_ring_assert_idle(small);
    /* the SQ has room, as the three were fetched; the model has none */
    nvme_ring_push(small, &good);
    nvme_ring_kick(small);
    nvme_vm_step(rig->vm, DELAY);
    expect_cqe(small, small->next_cid - 1, 0);
    nvme_ring_free(small);
    fi_rig_free(rig);
}

static void test_forgotten_is_not_found(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = read_of(rig, 8);
    uint16_t cid;

    fi_add(rig, "{'action':'drop','slba':8,'delay-ns':%d,'times':2}", DELAY);
    cid = nvme_ring_submit(rig->io, &cmd);
    nvme_vm_step(rig->vm, DELAY - 1);
    g_assert_cmpint(abort_of(rig, 1, cid), ==, 0);
    expect_cqe(rig->io, cid, NVME_CMD_ABORT_REQ);
    cid = nvme_ring_submit(rig->io, &cmd);
    nvme_vm_step(rig->vm, DELAY);
    g_assert_cmpint(abort_of(rig, 1, cid), ==, 1);
    assert_gone(rig);
    fi_rig_free(rig);
}

/* The command is kept, seen as such, and ends by Abort alone. */
static void run_aborted(bool execute)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = read_of(rig, 8);
    uint16_t cid;

    fi_add(rig, "{'id':'d','action':'drop','slba':8,'abort':'aborted',"
           "'execute':%s}", execute ? "true" : "false");
    cid = nvme_ring_submit(rig->io, &cmd);
    fi_wait_stat(rig, "rd_operations", execute);
    assert_gone(rig);
    g_assert_cmpint(fi_held(rig), ==, 1);
    g_assert_cmpint(fi_release(rig, ""), ==, 0);
    g_assert_cmpint(abort_of(rig, 1, cid), ==, 0);
    expect_cqe(rig->io, cid, NVME_CMD_ABORT_REQ);
    g_assert_cmpint(fi_held(rig), ==, 0);
    g_assert_cmpint(abort_of(rig, 1, cid), ==, 1);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

static void test_aborted(void)
{
    run_aborted(false);
    run_aborted(true);
}

/* ... also while it is only late. */
static void test_not_aborted(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = read_of(rig, 8);
    uint16_t cid;

    fi_add(rig, "{'id':'d','action':'drop','slba':8,'abort':'not-aborted',"
           "'delay-ns':%d}", DELAY);
    cid = nvme_ring_submit(rig->io, &cmd);
    g_assert_cmpint(fi_held(rig), ==, 0);
    g_assert_cmpint(abort_of(rig, 1, cid), ==, 1);
    nvme_vm_step(rig->vm, DELAY);
    g_assert_cmpint(fi_held(rig), ==, 1);
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(abort_of(rig, 1, cid), ==, 1);
    }
    assert_gone(rig);
    fi_remove(rig, "d");
    g_assert_cmpint(abort_of(rig, 1, cid), ==, 1);
    g_assert_cmpint(fi_held(rig), ==, 1);
    fi_rig_reset(rig);
    g_assert_cmpint(fi_held(rig), ==, 0);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* The Abort is lost: without having been carried out, and after that. */
static void test_abort_dropped(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = read_of(rig, 8), abort;
    uint16_t cid;

    fi_add(rig, "{'action':'drop','slba':8,'abort':'aborted'},"
           "{'action':'drop','opcode':'abort','execute':true},"
           "{'action':'drop','opcode':'abort','times':1}");
    cid = nvme_ring_submit(rig->io, &cmd);
    abort = nvme_cmd_abort(1, cid);
    nvme_ring_submit(&rig->host->admin, &abort);
    assert_gone(rig);
    g_assert_cmpint(fi_held(rig), ==, 1);
    nvme_ring_submit(&rig->host->admin, &abort);
    expect_cqe(rig->io, cid, NVME_CMD_ABORT_REQ);
    assert_gone(rig);
    fi_rig_free(rig);
}

/* The Abort is late, and so is what it does; or only its answer is. */
static void run_abort_late(const char *rule, bool at_once)
{
    FiRig *rig = fi_rig_start();
    NvmeRing *admin = &rig->host->admin;
    NvmeCmd cmd = read_of(rig, 8), abort;
    uint16_t cid, abort_cid;

    fi_add(rig, "{'action':'drop','slba':8,'abort':'aborted'},"
           "{'opcode':'abort','delay-ns':%d,%s}", DELAY, rule);
    cid = nvme_ring_submit(rig->io, &cmd);
    abort = nvme_cmd_abort(1, cid);
    abort_cid = nvme_ring_submit(admin, &abort);
    nvme_vm_step(rig->vm, DELAY - 1);
    nvme_ring_assert_idle(admin);
    if (at_once) {
        expect_cqe(rig->io, cid, NVME_CMD_ABORT_REQ);
    }
    nvme_vm_step(rig->vm, 1);
    expect_cqe(admin, abort_cid, 0);
    g_assert_cmpint(fi_held(rig), ==, at_once ? 0 : 1);
    fi_rig_free(rig);
}

static void test_abort_late(void)
{
    run_abort_late("'action':'none'", true);
    run_abort_late("'action':'status','status':'success'", false);
}

/* An admin command that never ends can be aborted, too. */
static void test_admin_aborted(void)
{
    FiRig *rig = fi_rig_start();
    NvmeRing *admin = &rig->host->admin;
    NvmeCmd cmd = nvme_cmd_get_feature(NVME_NUMBER_OF_QUEUES), abort;
    uint16_t cid, abort_cid;

    fi_add(rig, "{'action':'drop','opcode':'get-features',"
           "'abort':'aborted','execute':true}");
    cid = nvme_ring_submit(admin, &cmd);
    assert_gone(rig);
    abort = nvme_cmd_abort(0, cid);
    abort_cid = nvme_ring_submit(admin, &abort);
    expect_cqe(admin, cid, NVME_CMD_ABORT_REQ);
    expect_cqe(admin, abort_cid, 0);
    fi_rig_free(rig);
}

/* Delete I/O Submission Queue: the queue is there still, or it is not. */
static void test_delete_sq_dropped(void)
{
    FiRig *rig = fi_rig_start();
    NvmeRing *admin = &rig->host->admin;
    NvmeCmd cmd = nvme_cmd_delete(NVME_ADM_CMD_DELETE_SQ, 1), create;

    fi_add(rig, "{'action':'drop','execute':true,"
           "'opcode':'delete-io-submission-queue'},"
           "{'action':'drop','times':1,"
           "'opcode':'delete-io-submission-queue'}");
    nvme_ring_submit(admin, &cmd);
    assert_gone(rig);
    fi_rig_assert_works(rig);
    nvme_ring_submit(admin, &cmd);
    assert_gone(rig);
    create = nvme_cmd_create_sq(1, rig->io->size, rig->io->sq, 1);
    g_assert_cmphex(nvme_ring_exec(admin, &create, NULL), ==, 0);
    rig->io->sq_tail = rig->io->sq_rung = 0;
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* Lets the controller report an over temperature (bit 1 of Critical
 * Warning). */
static void smart_event(FiRig *rig)
{
    for (int value = 0; value <= 2; value += 2) {
        qtest_qmp_assert_success(rig->vm->qts,
            "{'execute':'qom-set','arguments':{"
            "'path':'/machine/peripheral/nvme0',"
            "'property':'smart_critical_warning','value':%d}}", value);
    }
    nvme_vm_settle(rig->vm);
}

/*
 * An Asynchronous Event Request that is dropped at once is not there for an
 * event; one that is carried out first takes the event with it.
 */
static void run_event(const char *execute)
{
    FiRig *rig = fi_rig_start();
    NvmeRing *admin = &rig->host->admin;
    NvmeCmd enable = nvme_cmd_set_feature(NVME_ASYNCHRONOUS_EVENT_CONF, 2);
    NvmeCmd request = nvme_cmd(NVME_ADM_CMD_ASYNC_EV_REQ, 0);
    NvmeCmd log = nvme_cmd_get_log(rig->host, NVME_LOG_SMART_INFO, 0xffffffff,
                                   0, rig->data, 512);
    uint16_t cid;

    g_assert_cmphex(nvme_ring_exec(admin, &enable, NULL), ==, 0);
    fi_add(rig, "{'id':'d','action':'drop','times':1,"
           "'opcode':'asynchronous-event-request','execute':%s}", execute);
    nvme_ring_submit(admin, &request);
    smart_event(rig);
    assert_gone(rig);
    g_assert_cmpint(fi_hits(rig, "d"), ==, 1);
    cid = nvme_ring_submit(admin, &request);
    if (!strcmp(execute, "true")) {
        /* the event is over; reading its log page allows for the next */
        nvme_ring_assert_idle(admin);
        g_assert_cmphex(nvme_ring_exec(admin, &log, NULL), ==, 0);
        smart_event(rig);
    }
    expect_cqe(admin, cid, 0);
    fi_rig_free(rig);
}

static void test_event_request(void)
{
    run_event("false");
    run_event("true");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/drop/not-carried-out", test_not_carried_out);
    g_test_add_func("/nvme-fi/drop/carried-out", test_carried_out);
    g_test_add_func("/nvme-fi/drop/places-come-back", test_places_come_back);
    g_test_add_func("/nvme-fi/drop/places-come-back-executed",
                    test_places_come_back_executed);
    g_test_add_func("/nvme-fi/drop/full-queue-goes-on",
                    test_full_queue_goes_on);
    g_test_add_func("/nvme-fi/drop/forgotten-is-not-found",
                    test_forgotten_is_not_found);
    g_test_add_func("/nvme-fi/drop/aborted", test_aborted);
    g_test_add_func("/nvme-fi/drop/not-aborted", test_not_aborted);
    g_test_add_func("/nvme-fi/drop/abort-dropped", test_abort_dropped);
    g_test_add_func("/nvme-fi/drop/abort-late", test_abort_late);
    g_test_add_func("/nvme-fi/drop/admin-aborted", test_admin_aborted);
    g_test_add_func("/nvme-fi/drop/delete-sq-dropped", test_delete_sq_dropped);
    g_test_add_func("/nvme-fi/drop/event-request", test_event_request);
    return g_test_run();
}
