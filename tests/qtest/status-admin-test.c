/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test injects a status into admin commands, before and after their
 * execution: queue, feature, data and event are there, or are not.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define INJECTED        FI_INTERNAL_ERROR
#define TEMPERATURE     0x154       /* a threshold that is not the default */

typedef struct AdminTest {
    FiRig *rig;
    bool execute;
} AdminTest;

static uint16_t exec(AdminTest *t, NvmeCmd cmd, NvmeCqe *cqe)
{
    return nvme_ring_exec(&t->rig->host->admin, &cmd, cqe);
}

/* One rule for one command of @opcode. */
static void arm(AdminTest *t, const char *opcode)
{
    fi_add(t->rig, "{'action':'status','queue':'admin','opcode':'%s',"
           "'status':'internal-error','times':1,'execute':%s}", opcode,
           t->execute ? "true" : "false");
}

/* Arms, runs @cmd and finds the injected status. */
static void inject(AdminTest *t, const char *opcode, NvmeCmd cmd)
{
    arm(t, opcode);
    g_assert_cmphex(exec(t, cmd, NULL), ==, INJECTED);
}

/* Data of @cmd, at rig->data, arrives only with an execution. */
static void inject_data(AdminTest *t, const char *opcode, NvmeCmd cmd)
{
    qtest_memset(t->rig->vm->qts, t->rig->data, 0xcc, NVME_PAGE);
    inject(t, opcode, cmd);
    g_assert_true(nvme_memory_holds(t->rig->host, t->rig->data, 512, 0xcc) !=
                  t->execute);
}

static void identify(AdminTest *t)
{
    inject_data(t, "identify",
                nvme_cmd_identify(t->rig->host, NVME_ID_CNS_CTRL, 0,
                                  t->rig->data));
}

static void get_log_page(AdminTest *t)
{
    inject_data(t, "get-log-page",
                nvme_cmd_get_log(t->rig->host, NVME_LOG_SMART_INFO,
                                 0xffffffff, 0, t->rig->data, 512));
}

static uint32_t threshold(AdminTest *t)
{
    NvmeCqe cqe;

    g_assert_cmphex(exec(t, nvme_cmd_get_feature(NVME_TEMPERATURE_THRESHOLD),
                         &cqe), ==, 0);
    return le32_to_cpu(cqe.result) & 0xffff;
}

static void set_features(AdminTest *t)
{
    uint32_t before = threshold(t);

    g_assert_cmphex(before, !=, TEMPERATURE);
    inject(t, "set-features",
           nvme_cmd_set_feature(NVME_TEMPERATURE_THRESHOLD, TEMPERATURE));
    g_assert_cmphex(threshold(t), ==, t->execute ? TEMPERATURE : before);
}

/* The value is in dword 0 of the CQE of an executed command only. */
static void get_features(AdminTest *t)
{
    NvmeCqe cqe;
    NvmeCmd get = nvme_cmd_get_feature(NVME_TEMPERATURE_THRESHOLD);
    uint32_t value = threshold(t);

    g_assert_cmphex(value, !=, 0);
    arm(t, "get-features");
    g_assert_cmphex(exec(t, get, &cqe), ==, INJECTED);
    g_assert_cmphex(le32_to_cpu(cqe.result), ==, t->execute ? value : 0);
}

/* That a queue exists shows in the answer to creating it again. */
static void create_cq(AdminTest *t)
{
    NvmeCmd create = nvme_cmd_create_cq(2, 4, t->rig->data, 2);

    inject(t, "create-io-completion-queue", create);
    g_assert_cmphex(exec(t, create, NULL), ==,
                    t->execute ? (NVME_INVALID_QID | NVME_DNR) : 0);
}

static void create_sq(AdminTest *t)
{
    NvmeCmd create = nvme_cmd_create_sq(2, 4, t->rig->data, 1);

    inject(t, "create-io-submission-queue", create);
    g_assert_cmphex(exec(t, create, NULL), ==,
                    t->execute ? (NVME_INVALID_QID | NVME_DNR) : 0);
}

static void delete_sq(AdminTest *t)
{
    NvmeCmd delete = nvme_cmd_delete(NVME_ADM_CMD_DELETE_SQ, 1);

    inject(t, "delete-io-submission-queue", delete);
    g_assert_cmphex(exec(t, delete, NULL), ==,
                    t->execute ? (NVME_INVALID_QID | NVME_DNR) : 0);
}

static void delete_cq(AdminTest *t)
{
    NvmeCmd delete = nvme_cmd_delete(NVME_ADM_CMD_DELETE_CQ, 1);

    g_assert_cmphex(nvme_ring_delete_sq(t->rig->io), ==, 0);
    inject(t, "delete-io-completion-queue", delete);
    g_assert_cmphex(exec(t, delete, NULL), ==,
                    t->execute ? (NVME_INVALID_CQID | NVME_DNR) : 0);
}

/* Both CQEs of an Abort that is carried out arrive: that of the aborted Async
 * Event Request, and its own. */
static void abort_command(AdminTest *t)
{
    NvmeRing *admin = &t->rig->host->admin;
    NvmeCmd aer = nvme_cmd(NVME_ADM_CMD_ASYNC_EV_REQ, 0);
    uint16_t aer_cid = nvme_ring_submit(admin, &aer);
    NvmeCmd abort = nvme_cmd_abort(0, aer_cid);
    uint16_t abort_cid;
    NvmeCqe cqe;
    bool aborted = false;

    arm(t, "abort");
    abort_cid = nvme_ring_submit(admin, &abort);
    do {
        nvme_ring_wait(admin, &cqe);
        if (le16_to_cpu(cqe.cid) == aer_cid) {
            g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, NVME_CMD_ABORT_REQ);
            aborted = true;
        }
    } while (le16_to_cpu(cqe.cid) != abort_cid);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, INJECTED);
    if (t->execute && !aborted) {
        nvme_ring_wait(admin, &cqe);
        g_assert_cmphex(le16_to_cpu(cqe.cid), ==, aer_cid);
    } else {
        nvme_ring_assert_idle(admin);
        g_assert_true(aborted == t->execute);
    }
}

/* An event that comes by itself: a doorbell of a queue that is not there. */
static void cause_event(AdminTest *t)
{
    nvme_host_set_reg(t->rig->host, 0x1000 + 7 * 8, 0);
}

/* Not executed, it fails at once and takes none of the four places (AERL 3);
 * executed, it waits for its event and reports it with the status. */
static void async_event_request(AdminTest *t)
{
    NvmeRing *admin = &t->rig->host->admin;
    NvmeCmd aer = nvme_cmd(NVME_ADM_CMD_ASYNC_EV_REQ, 0);
    NvmeCqe cqe;
    uint16_t cid;

    arm(t, "asynchronous-event-request");
    cid = nvme_ring_submit(admin, &aer);
    if (t->execute) {
        nvme_ring_assert_idle(admin);
        cause_event(t);
    }
    nvme_ring_wait(admin, &cqe);
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==, cid);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, INJECTED);
    g_assert_cmphex(le32_to_cpu(cqe.result), ==,
                    t->execute ? NVME_LOG_ERROR_INFO << 16 : 0);
    for (int i = 0; i < 4; i++) {
        nvme_ring_submit(admin, &aer);
    }
    nvme_ring_assert_idle(admin);
    cid = nvme_ring_submit(admin, &aer);
    nvme_ring_wait(admin, &cqe);
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==, cid);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe) & 0x7ff, ==,
                    NVME_AER_LIMIT_EXCEEDED);
}

typedef void Body(AdminTest *);

static void run(Body *body, bool execute)
{
    AdminTest t = { fi_rig_start(), execute };

    body(&t);
    fi_rig_free(t.rig);
}

static void test_not_executed(gconstpointer body)
{
    run((Body *)body, false);
}

static void test_executed(gconstpointer body)
{
    run((Body *)body, true);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        Body *body;
    } rows[] = {
        { "identify", identify },
        { "get-log-page", get_log_page },
        { "set-features", set_features },
        { "get-features", get_features },
        { "create-io-completion-queue", create_cq },
        { "create-io-submission-queue", create_sq },
        { "delete-io-completion-queue", delete_cq },
        { "delete-io-submission-queue", delete_sq },
        { "abort", abort_command },
        { "asynchronous-event-request", async_event_request },
    };

    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *off = g_strdup_printf(
            "/nvme-fi/status-admin/%s/not-executed", rows[i].name);
        g_autofree char *on = g_strdup_printf(
            "/nvme-fi/status-admin/%s/executed", rows[i].name);

        g_test_add_data_func(off, rows[i].body, test_not_executed);
        g_test_add_data_func(on, rows[i].body, test_executed);
    }
    return g_test_run();
}
