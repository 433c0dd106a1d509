/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test takes a virtual function away, or resets it, in every way there
 * is, while a rule keeps one of its commands.  Nothing of the command is left,
 * the rule stays, and both functions can be had again.  In QEMU 7.2 a function
 * that is no longer on the bus is no object, and its rules go with it.
 */
#include "qemu/osdep.h"
#include "fi-vf.h"

#define TIME    1000000007      /* ns; prime, so that no rounding hides */
#define ENTRIES 4               /* of the queue that are looked at */

/* How a command is kept; all for writes, and named "k". */
static const struct {
    const char *name;
    const char *action;
    unsigned held;              /* of two, query-nvme-fi shows so many */
} keeps[] = {
    { "hold", "'action':'hold'", 2 },
    { "hold-executed", "'action':'hold','execute':true", 2 },
    { "delay", "'action':'none','delay-ns':1000000007", 0 },
    { "late-status", "'action':'status','status':'access-denied',"
      "'delay-ns':1000000007", 0 },
    { "drop", "'action':'drop','abort':'not-aborted'", 2 },
    { "tear", "'action':'tear','blocks':0,'drop':true", 0 },
    { "tear-late", "'action':'tear','blocks':0,'delay-ns':1000000007", 0 },
    { "duplicate", "'action':'duplicate-execute','after-ns':1000000007,"
      "'delay-ns':1000000007", 0 },
    { "stuck", "'action':'hold','trigger':[{'trigger':'doorbell',"
      "'doorbell':'stuck','for-ns':1000000007},{'trigger':'interrupt',"
      "'interrupt':'lost'}]", 1 },
};

static void end_offline(FiVf *pair)
{
    g_assert_cmphex(fi_vf_offline(pair), ==, 0);
    g_assert_cmphex(nvme_host_reg(pair->vf->host, NVME_REG_CSTS), ==,
                    NVME_CSTS_FAILED);
}

static void end_disabled(FiVf *pair)
{
    fi_vf_disable(pair);
    g_assert_false(fi_vf_answers(pair));
}

static void end_flr(FiVf *pair)
{
    fi_vf_flr(pair);
    g_assert_cmphex(nvme_host_reg(pair->vf->host, NVME_REG_CSTS), ==, 0);
}

static void end_reset(FiVf *pair)
{
    nvme_host_disable(pair->vf->host);
}

static void end_pf_reset(FiVf *pair)
{
    fi_rig_reset(pair->pf);
    g_assert_cmphex(nvme_host_reg(pair->vf->host, NVME_REG_CSTS), ==,
                    NVME_CSTS_FAILED);
}

static void end_pf_flr(FiVf *pair)
{
    nvme_host_flr(pair->pf->host);
    g_assert_false(fi_vf_answers(pair));
    fi_rig_enable(pair->pf);
}

static void end_machine_reset(FiVf *pair)
{
    qtest_system_reset(pair->pf->vm->qts);
    fi_port_open(pair->pf);
    nvme_host_flr(pair->pf->host);      /* for its set-up */
    fi_rig_enable(pair->pf);
}

static void end_link_down(FiVf *pair)
{
    fi_trigger(pair->pf, "{'trigger':'controller','fault':'link-down',"
               "'for-ns':%d}", TIME);
    g_assert_false(fi_vf_answers(pair));
    nvme_vm_step(pair->pf->vm, TIME);
    nvme_host_flr(pair->pf->host);      /* for its set-up */
    g_assert_false(fi_vf_answers(pair));
    fi_rig_enable(pair->pf);
}

/* Faults of the function do not get into the way of its end. */
static void end_fatal_offline(FiVf *pair)
{
    fi_trigger(pair->vf, "{'trigger':'controller','fault':'fatal'}");
    g_assert_cmphex(fi_vf_offline(pair), ==, 0);
}

static void end_gone_disabled(FiVf *pair)
{
    fi_trigger(pair->vf, "{'trigger':'controller','fault':'gone',"
               "'for-ns':%d}", TIME);
    g_assert_false(fi_vf_answers(pair));
    end_disabled(pair);
}

static void end_pf_fatal(FiVf *pair)
{
    fi_trigger(pair->pf, "{'trigger':'controller','fault':'fatal'}");
    fi_rig_reset(pair->pf);
}

static const struct {
    const char *name;
    void (*run)(FiVf *pair);
} ends[] = {
    { "offline", end_offline },
    { "disabled", end_disabled },
    { "flr", end_flr },
    { "reset", end_reset },
    { "pf-reset", end_pf_reset },
    { "pf-flr", end_pf_flr },
    { "machine-reset", end_machine_reset },
    { "link-down", end_link_down },
    { "fatal-offline", end_fatal_offline },
    { "gone-disabled", end_gone_disabled },
    { "pf-fatal", end_pf_fatal },
};

static void submit_write(FiRig *rig)
{
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_WRITE, NS_PLAIN, 8, 1,
                              rig->data);

    nvme_ring_submit(rig->io, &cmd);
    nvme_ring_assert_idle(rig->io);
}

/* Two writes that are kept, and a request for an event. */
static void keep(FiVf *pair, unsigned how)
{
    uint64_t deadline = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
    NvmeCmd aer = nvme_cmd(NVME_ADM_CMD_ASYNC_EV_REQ, 0);

    nvme_ring_submit(&pair->vf->host->admin, &aer);
    submit_write(pair->vf);
    submit_write(pair->vf);
    while (fi_held(pair->vf) < keeps[how].held &&
           g_get_monotonic_time() < deadline) {
        /* the medium may be busy with them */
    }
    g_assert_cmpint(fi_held(pair->vf), ==, keeps[how].held);
}

static void read_cqes(FiRig *rig, NvmeCqe cqes[ENTRIES])
{
    qtest_memread(rig->vm->qts, rig->io->cq, cqes, ENTRIES * sizeof(*cqes));
}

/* Whether QEMU keeps virtual functions that are not on the bus. */
static bool keeps_functions(FiVf *pair)
{
    QDict *response = qtest_qmp(pair->vf->vm->qts,
                                "{'execute':'query-version'}");
    QDict *version = qdict_get_qdict(qdict_get_qdict(response, "return"),
                                     "qemu");
    bool keeps = qdict_get_int(version, "major") > 7;

    qobject_unref(response);
    return keeps;
}

/* A command that the medium is still busy with can be aborted by its end; no
 * other completion is there, and none comes later.  Returns whether the rule is
 * still there. */
static bool expect_silence(FiVf *pair)
{
    FiRig *vf = pair->vf;
    NvmeCqe at_end[ENTRIES], later[ENTRIES];

    read_cqes(vf, at_end);
    for (unsigned i = 0; i < ENTRIES; i++) {
        g_assert_true(!at_end[i].status || NVME_CQE_STATUS(&at_end[i]) ==
                      NVME_CMD_ABORT_SQ_DEL);
    }
    nvme_vm_step(vf->vm, 3 * (int64_t)TIME);
    nvme_vm_settle(vf->vm);
    read_cqes(vf, later);
    g_assert_cmpmem(later, sizeof(later), at_end, sizeof(at_end));
    if (!fi_vf_find(pair)) {
        g_assert_false(keeps_functions(pair));
        return false;
    }
    g_assert_cmpint(fi_held(vf), ==, 0);
    g_assert_cmpint(fi_release(vf, ""), ==, 0);
    return true;
}

static void add_rule(FiVf *pair, unsigned how)
{
    fi_add(pair->vf, "{'id':'k','opcode':'write','slba':8,%s}",
           keeps[how].action);
}

static void test_end(gconstpointer data)
{
    unsigned how = GPOINTER_TO_SIZE(data) / ARRAY_SIZE(ends);
    unsigned end = GPOINTER_TO_SIZE(data) % ARRAY_SIZE(ends);
    FiVf *pair = fi_vf_new();
    bool stayed;

    add_rule(pair, how);
    /* the second time the function is one that was brought up again */
    for (unsigned i = 0; i < 2; i++) {
        uint64_t hits = fi_hits(pair->vf, "k");

        keep(pair, how);
        g_assert_cmpint(fi_hits(pair->vf, "k"), >, hits);
        ends[end].run(pair);
        stayed = expect_silence(pair);
        fi_rig_assert_works(pair->pf);
        fi_vf_bring_up(pair);
        if (!stayed) {
            add_rule(pair, how);
        }
    }
    fi_clear(pair->vf);
    fi_rig_assert_works(pair->vf);
    fi_rig_assert_works(pair->pf);
    fi_vf_free(pair);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(keeps) * ARRAY_SIZE(ends); i++) {
        g_autofree char *path = g_strdup_printf("/nvme-fi/vf-reset/%s/%s",
            ends[i % ARRAY_SIZE(ends)].name, keeps[i / ARRAY_SIZE(ends)].name);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_end);
    }
    return g_test_run();
}
