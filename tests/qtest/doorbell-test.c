/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test lets Submission Queues not be served, because their doorbells are
 * ignored or nothing is fetched, with and without shadow doorbells, and has
 * them served again in time, by a later doorbell, or after a reset.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define TIME    1000000007      /* ns; prime, so that no rounding hides */

/* How the host rings. */
typedef enum Mode { PLAIN, SHADOW, EVENTFD } Mode;

static NvmeCmd read_of(FiRig *rig)
{
    return nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, 8, 1, rig->data);
}

static FiRig *start(Mode mode)
{
    FiRig *rig = fi_rig_new(NVME_VM_PATCHED,
                            mode == EVENTFD ? ",ioeventfd=on" : "");

    if (mode != PLAIN) {
        g_assert_cmphex(nvme_host_shadow_doorbells(rig->host), ==, 0);
        fi_rig_assert_works(rig);
    }
    return rig;
}

static void finish(FiRig *rig)
{
    fi_clear(rig);
    nvme_ring_assert_idle(rig->io);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

static void submit(FiRig *rig, unsigned n)
{
    NvmeCmd cmd = read_of(rig);

    for (unsigned i = 0; i < n; i++) {
        nvme_ring_submit(rig->io, &cmd);
        nvme_ring_assert_idle(rig->io);
    }
}

static void wait_for(FiRig *rig, unsigned n)
{
    NvmeCqe cqes[16];

    nvme_ring_wait_many(rig->io, cqes, n);
    nvme_ring_assert_idle(rig->io);
    for (unsigned i = 0; i < n; i++) {
        g_assert_cmphex(NVME_CQE_STATUS(&cqes[i]), ==, 0);
    }
}

/* The command that matches is served, the others of the same doorbell are
 * not, before the time is over. */
static void run_stuck(Mode mode)
{
    FiRig *rig = start(mode);
    NvmeCmd cmds[3];

    fi_add(rig, "{'action':'doorbell','opcode':'read','times':1,"
           "'doorbell':'stuck','for-ns':%d}", TIME);
    cmds[0] = cmds[1] = cmds[2] = read_of(rig);
    nvme_ring_push_many(rig->io, cmds, 3);
    nvme_ring_kick(rig->io);
    wait_for(rig, 1);
    submit(rig, 2);
    nvme_vm_step(rig->vm, TIME - 1);
    nvme_ring_assert_idle(rig->io);
    g_assert_cmpint(fi_matches(rig, "rule0"), ==, 1);
    nvme_vm_step(rig->vm, 1);
    wait_for(rig, 4);
    g_assert_cmpint(fi_matches(rig, "rule0"), ==, 5);
    finish(rig);
}

/* What was announced with the command is served; then that many doorbells
 * are not noticed, and the next makes up for them. */
static void run_count(Mode mode)
{
    FiRig *rig = start(mode);
    NvmeCmd cmds[3];

    fi_add(rig, "{'action':'doorbell','opcode':'read','times':1,"
           "'doorbell':'ignored','count':2}");
    cmds[0] = cmds[1] = cmds[2] = read_of(rig);
    nvme_ring_push_many(rig->io, cmds, 3);
    nvme_ring_kick(rig->io);
    wait_for(rig, 3);
    submit(rig, 2);
    nvme_vm_step(rig->vm, TIME);
    nvme_ring_assert_idle(rig->io);
    nvme_ring_submit(rig->io, &cmds[0]);
    wait_for(rig, 3);
    finish(rig);
}

/* None is noticed, until the time is over. */
static void run_ignored(Mode mode)
{
    FiRig *rig = start(mode);

    fi_trigger(rig, "{'trigger':'doorbell','doorbell':'ignored',"
               "'for-ns':%d}", TIME);
    submit(rig, 3);
    nvme_vm_step(rig->vm, TIME - 1);
    submit(rig, 1);
    nvme_vm_step(rig->vm, 1);
    wait_for(rig, 4);
    finish(rig);
}

/* A doorbell that is noticed while the queue is stuck is not forgotten for
 * one that was ignored before; a new fault replaces the old one. */
static void run_replaced(Mode mode)
{
    FiRig *rig = start(mode);

    fi_trigger(rig, "{'trigger':'doorbell','doorbell':'ignored'}");
    submit(rig, 2);
    fi_trigger(rig, "{'trigger':'doorbell','doorbell':'stuck'}");
    submit(rig, 2);
    nvme_vm_step(rig->vm, TIME);
    nvme_ring_assert_idle(rig->io);
    fi_trigger(rig, "{'trigger':'doorbell','doorbell':'stuck','for-ns':1}");
    nvme_vm_step(rig->vm, 1);
    wait_for(rig, 4);
    fi_trigger(rig, "{'trigger':'doorbell','doorbell':'ignored'}");
    submit(rig, 2);
    fi_trigger(rig, "{'trigger':'doorbell','doorbell':'stuck','for-ns':1}");
    nvme_vm_step(rig->vm, 1);
    wait_for(rig, 2);
    finish(rig);
}

static void test_mode(gconstpointer data)
{
    Mode mode = GPOINTER_TO_INT(data);

    run_stuck(mode);
    run_count(mode);
    run_ignored(mode);
    run_replaced(mode);
}

static void stick(FiRig *rig, const char *how)
{
    fi_trigger(rig, "{'trigger':'doorbell','doorbell':'%s'}", how);
    submit(rig, 3);
    nvme_vm_step(rig->vm, TIME);
    nvme_ring_assert_idle(rig->io);
}

/* Whatever frees the queue ends the fault. */
static void run_reset(const char *how)
{
    FiRig *rig = fi_rig_start();

    for (int i = 0; i < 3; i++) {
        stick(rig, how);
        fi_rig_reset(rig);
        fi_rig_assert_works(rig);
    }
    stick(rig, how);
    nvme_host_flr(rig->host);
    fi_rig_enable(rig);
    fi_rig_assert_works(rig);
    stick(rig, how);
    nvme_host_shutdown(rig->host);
    fi_rig_reset(rig);
    fi_rig_assert_works(rig);
    stick(rig, how);
    g_assert_cmphex(nvme_ring_delete_sq(rig->io), ==, 0);
    g_assert_cmphex(nvme_ring_delete_cq(rig->io), ==, 0);
    nvme_ring_free(rig->io);
    rig->io = nvme_ring_new(rig->host, 1, FI_IO_ENTRIES);
    finish(rig);
}

static void test_reset(void)
{
    run_reset("stuck");
    run_reset("ignored");
}

/* A timer of a queue that is gone has nothing to end. */
static void test_reset_before_the_end(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'doorbell','doorbell':'ignored',"
               "'for-ns':%d}", TIME);
    submit(rig, 3);
    fi_rig_reset(rig);
    nvme_vm_step(rig->vm, TIME);
    nvme_ring_assert_idle(rig->io);
    fi_rig_assert_works(rig);
    fi_trigger(rig, "{'trigger':'doorbell','doorbell':'stuck',"
               "'for-ns':%d}", TIME);
    submit(rig, 3);
    g_assert_cmphex(nvme_ring_delete_sq(rig->io), ==, 0);
    nvme_vm_step(rig->vm, TIME);
    fi_rig_reset(rig);
    finish(rig);
}

/* The queue stays as it is when the rule goes, also at the end of QEMU. */
static void test_rule_gone(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'id':'d','action':'doorbell','opcode':'read','times':1,"
           "'doorbell':'stuck','for-ns':%d}", TIME);
    g_assert_cmphex(fi_read(rig, 8), ==, 0);
    fi_remove(rig, "d");
    fi_clear(rig);
    submit(rig, 3);
    nvme_vm_step(rig->vm, TIME);
    wait_for(rig, 3);
    stick(rig, "stuck");
    fi_rig_free(rig);           /* fails unless the status is 0 */
}

/* Commands that were fetched before go on, their places come back. */
static void test_delayed(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'action':'status','status':'success','opcode':'read',"
           "'delay-ns':%d}", TIME);
    submit(rig, 4);
    fi_trigger(rig, "{'trigger':'doorbell','doorbell':'stuck'}");
    submit(rig, 4);
    nvme_vm_step(rig->vm, TIME);
    wait_for(rig, 4);
    fi_clear(rig);
    fi_trigger(rig, "{'trigger':'doorbell','doorbell':'stuck','for-ns':1}");
    nvme_vm_step(rig->vm, 1);
    wait_for(rig, 4);
    finish(rig);
}

/* The admin queue, by number; others are served. */
static void run_admin(Mode mode)
{
    FiRig *rig = start(mode);
    NvmeCmd cmd = nvme_cmd_get_feature(NVME_NUMBER_OF_QUEUES);
    NvmeCqe cqes[2];

    for (int i = 0; i < 2; i++) {
        fi_trigger(rig, "{'trigger':'doorbell','doorbell':'%s','qid':0,"
                   "'for-ns':%d}", i ? "stuck" : "ignored", TIME);
        nvme_ring_submit(&rig->host->admin, &cmd);
        nvme_ring_submit(&rig->host->admin, &cmd);
        nvme_ring_assert_idle(&rig->host->admin);
        fi_rig_assert_works(rig);
        nvme_vm_step(rig->vm, TIME);
        nvme_ring_wait_many(&rig->host->admin, cqes, 2);
    }
    finish(rig);
}

static void test_admin(void)
{
    run_admin(PLAIN);
    run_admin(SHADOW);
}

/* A hit of one queue sticks another; one that is not there is left out. */
static void test_other_queue(void)
{
    FiRig *rig = fi_rig_start();
    NvmeRing *other = nvme_ring_new(rig->host, 2, NVME_RING_ENTRIES);
    NvmeCmd cmd = read_of(rig);
    NvmeCqe cqe;

    fi_add(rig, "{'action':'none','qid':1,'times':1,'trigger':["
           "{'trigger':'doorbell','doorbell':'stuck','qid':7},"
           "{'trigger':'doorbell','doorbell':'stuck','qid':2,"
           "'for-ns':%d}]}", TIME);
    g_assert_cmphex(nvme_ring_exec(other, &cmd, NULL), ==, 0);
    g_assert_cmphex(fi_read(rig, 8), ==, 0);
    nvme_ring_submit(other, &cmd);
    nvme_ring_assert_idle(other);
    g_assert_cmphex(fi_read(rig, 8), ==, 0);
    nvme_vm_step(rig->vm, TIME);
    nvme_ring_wait(other, &cqe);
    nvme_ring_free(other);
    finish(rig);
}

/* A doorbell that is wrong in itself is not ours, whatever it says. */
static void test_wrong_doorbells(void)
{
    FiRig *rig = fi_rig_start();

    fi_trigger(rig, "{'trigger':'doorbell','doorbell':'ignored',"
               "'for-ns':%d}", TIME);
    submit(rig, 1);
    nvme_host_set_reg(rig->host, 0x1000 + 8, 0xffff);
    nvme_host_set_reg(rig->host, 0x1000 + 8, FI_IO_ENTRIES);
    nvme_host_set_reg(rig->host, 0x1000 + 8 * 9, 1);
    nvme_host_set_reg(rig->host, 0x1ff8, 1);
    nvme_ring_assert_idle(rig->io);
    nvme_vm_step(rig->vm, TIME);
    wait_for(rig, 1);
    finish(rig);
}

#define TEST(path, name) { "/nvme-fi/doorbell/" path, test_##name }

static const struct {
    const char *path;
    GTestFunc func;
} tests[] = {
    TEST("reset", reset),
    TEST("reset-before-the-end", reset_before_the_end),
    TEST("rule-gone", rule_gone), TEST("delayed", delayed),
    TEST("admin", admin), TEST("other-queue", other_queue),
    TEST("wrong-doorbells", wrong_doorbells),
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/nvme-fi/doorbell/plain", GINT_TO_POINTER(PLAIN),
                         test_mode);
    g_test_add_data_func("/nvme-fi/doorbell/shadow", GINT_TO_POINTER(SHADOW),
                         test_mode);
    g_test_add_data_func("/nvme-fi/doorbell/eventfd",
                         GINT_TO_POINTER(EVENTFD), test_mode);
    for (unsigned i = 0; i < ARRAY_SIZE(tests); i++) {
        g_test_add_func(tests[i].path, tests[i].func);
    }
    return g_test_run();
}
