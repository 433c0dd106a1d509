/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test compares what the monitor says about commands (event, query-nvme-fi
 * and query-nvme-fi-log) with the bytes of their SQEs and CQEs in memory.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define LOG_ENTRIES 16384       /* the bound in qapi/nvme-fi.json */
#define DELAY       1000

/* A command as it was in the queues. */
typedef struct Wire {
    NvmeRing *ring;
    NvmeCmd sqe;
    NvmeCqe cqe;
} Wire;

static Wire run(NvmeRing *ring, NvmeCmd cmd)
{
    Wire wire = { .ring = ring };
    uint64_t sqe = ring->sq + ring->sq_tail * sizeof(NvmeCmd);

    nvme_ring_exec(ring, &cmd, &wire.cqe);
    qtest_bufread(ring->host->vm->qts, sqe, &wire.sqe, sizeof(wire.sqe));
    return wire;
}

/* What event and log have in common; @hit 0: no rule acted. */
static void check_common(QDict *entry, const Wire *wire, uint64_t seq,
                         const char *id, uint64_t hit, bool executed)
{
    g_assert_cmpint(qdict_get_int(entry, "seq"), ==, seq);
    g_assert_cmpstr(qdict_get_str(entry, "id"), ==, id);
    g_assert_true(qdict_haskey(entry, "hit") == (hit != 0));
    if (hit) {
        g_assert_cmpint(qdict_get_int(entry, "hit"), ==, hit);
    }
    g_assert_cmpint(qdict_get_int(entry, "qid"), ==, wire->ring->id);
    g_assert_cmpint(qdict_get_int(entry, "cid"), ==,
                    le16_to_cpu(wire->sqe.cid));
    g_assert_cmpint(qdict_get_int(entry, "opcode"), ==, wire->sqe.opcode);
    g_assert_true(qdict_get_bool(entry, "executed") == executed);
    g_assert_cmphex(qdict_get_int(entry, "status"), ==,
                    NVME_CQE_STATUS(&wire->cqe));
}

static void check_entry(QDict *entry, const Wire *wire, uint64_t seq,
                        const char *id, uint64_t hit, bool executed)
{
    g_autofree char *sqe = fi_hex(&wire->sqe, sizeof(wire->sqe));
    g_autofree char *cqe = fi_hex(&wire->cqe, sizeof(wire->cqe));

    check_common(entry, wire, seq, id, hit, executed);
    g_assert_cmpint(qdict_get_int(entry, "nsid"), ==,
                    le32_to_cpu(wire->sqe.nsid));
    g_assert_cmpstr(qdict_get_str(entry, "sqe"), ==, sqe);
    g_assert_cmpstr(qdict_get_str(entry, "cqe"), ==, cqe);
}

/* The @index-th command of a log, or rule of a query. */
static QDict *member(QDict *answer, const char *list, size_t index)
{
    const QListEntry *entry;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(answer, list), entry) {
        if (index-- == 0) {
            return qobject_to(QDict, qlist_entry_obj(entry));
        }
    }
    g_assert_not_reached();
}

static NvmeCmd read_of(FiRig *rig, uint64_t slba)
{
    return nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, slba, 1, rig->data);
}

/* Hit, match without a hit, no match, executed and not, I/O and admin. */
static void test_log(void)
{
    FiRig *rig = fi_rig_start();
    Wire wires[4];
    QDict *log;

    fi_add(rig, "{'id':'first','opcode':'read','slba':8,'nlb':1,'skip':1,"
           "'action':'status','status':'access-denied','dnr':true},"
           "{'id':'second','opcode':'identify','action':'status',"
           "'status':'internal-error','execute':true},"
           "{'id':'third','opcode':'write','action':'none'}");
    wires[0] = run(rig->io, read_of(rig, 8));           /* skipped */
    wires[1] = run(rig->io, read_of(rig, 8));
    run(rig->io, read_of(rig, 9));                      /* no match */
    wires[2] = run(&rig->host->admin,
                   nvme_cmd_identify(rig->host, NVME_ID_CNS_CTRL, 0,
                                     rig->data));
    wires[3] = run(rig->io, nvme_cmd_rw(rig->host, NVME_CMD_WRITE, NS_PLAIN,
                                        8, 1, rig->data));
    g_assert_cmphex(NVME_CQE_STATUS(&wires[1].cqe), ==,
                    FI_ACCESS_DENIED | NVME_DNR);

    log = fi_log(rig, 1);
    g_assert_cmpint(qlist_size(qdict_get_qlist(log, "commands")), ==, 4);
    g_assert_cmpint(qdict_get_int(log, "next"), ==, 5);
    g_assert_cmpint(qdict_get_int(log, "lost"), ==, 0);
    check_entry(member(log, "commands", 0), &wires[0], 1, "first", 0, true);
    check_entry(member(log, "commands", 1), &wires[1], 2, "first", 1, false);
    check_entry(member(log, "commands", 2), &wires[2], 3, "second", 2, true);
    check_entry(member(log, "commands", 3), &wires[3], 4, "third", 3, true);
    qobject_unref(log);

    log = fi_log(rig, 4);
    g_assert_cmpint(qlist_size(qdict_get_qlist(log, "commands")), ==, 1);
    check_entry(member(log, "commands", 0), &wires[3], 4, "third", 3, true);
    qobject_unref(log);
    log = fi_log(rig, 5);
    g_assert_cmpint(qlist_size(qdict_get_qlist(log, "commands")), ==, 0);
    qobject_unref(log);
    fi_rig_free(rig);
}

/* A delayed command is logged when it completes, with its place in that
 * order; one that a reset took is logged without a CQE. */
static void test_log_of_delayed(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd slow = read_of(rig, 8);
    Wire quick;
    QDict *log, *lost;
    NvmeCqe cqe;

    fi_add(rig, "{'id':'any','opcode':'read','action':'none'},"
           "{'id':'slow','opcode':'read','slba':8,'nlb':1,'action':'status',"
           "'status':'access-denied','delay-ns':%d}", DELAY);
    nvme_ring_submit(rig->io, &slow);
    nvme_ring_assert_idle(rig->io);
    quick = run(rig->io, read_of(rig, 9));
    log = fi_log(rig, 1);
    g_assert_cmpint(qlist_size(qdict_get_qlist(log, "commands")), ==, 1);
    check_entry(member(log, "commands", 0), &quick, 1, "any", 1, true);
    qobject_unref(log);
    nvme_vm_step(rig->vm, DELAY);
    nvme_ring_wait(rig->io, &cqe);

    nvme_ring_submit(rig->io, &slow);
    nvme_ring_assert_idle(rig->io);
    fi_rig_reset(rig);
    log = fi_log(rig, 2);
    g_assert_cmpint(qlist_size(qdict_get_qlist(log, "commands")), ==, 2);
    g_assert_true(qdict_haskey(member(log, "commands", 0), "cqe"));
    lost = member(log, "commands", 1);
    g_assert_cmpstr(qdict_get_str(lost, "id"), ==, "slow");
    g_assert_false(qdict_haskey(lost, "cqe"));
    g_assert_false(qdict_haskey(lost, "status"));
    g_assert_false(qdict_get_bool(lost, "executed"));
    qobject_unref(log);
    fi_rig_free(rig);
}

/* The ring keeps the newest and says how many it lost. */
static void test_log_bound(void)
{
    FiRig *rig = fi_rig_start();
    const unsigned batch = 1024, batches = LOG_ENTRIES / batch + 1;
    g_autofree NvmeCmd *cmds = g_new0(NvmeCmd, batch);
    g_autofree NvmeCqe *cqes = g_new0(NvmeCqe, batch);
    uint64_t total = (uint64_t)batch * batches;
    QDict *log;

    fi_add(rig, "{'opcode':'read','action':'status','status':'0x6'}");
    for (unsigned i = 0; i < batch; i++) {
        cmds[i] = read_of(rig, i);
    }
    for (unsigned i = 0; i < batches; i++) {
        nvme_ring_push_many(rig->io, cmds, batch);
        nvme_ring_kick(rig->io);
        nvme_ring_wait_many(rig->io, cqes, batch);
    }
    log = fi_log(rig, 1);
    g_assert_cmpint(qdict_get_int(log, "next"), ==, total + 1);
    g_assert_cmpint(qdict_get_int(log, "lost"), ==, total - LOG_ENTRIES);
    g_assert_cmpint(qlist_size(qdict_get_qlist(log, "commands")), ==,
                    LOG_ENTRIES);
    g_assert_cmpint(qdict_get_int(member(log, "commands", 0), "seq"), ==,
                    total - LOG_ENTRIES + 1);
    g_assert_cmpint(qdict_get_int(member(log, "commands", LOG_ENTRIES - 1),
                                  "seq"), ==, total);
    qobject_unref(log);
    fi_rig_free(rig);
}

static void test_event(void)
{
    FiRig *rig = fi_rig_start();
    QDict *event, *data;
    Wire wire;

    fi_add(rig, "{'id':'told','opcode':'read','action':'status','skip':1,"
           "'status':'access-denied','more':true}");
    run(rig->io, read_of(rig, 8));                      /* no event */
    wire = run(rig->io, read_of(rig, 8));
    event = qtest_qmp_eventwait_ref(rig->vm->qts, "NVME_FI_HIT");
    data = qdict_get_qdict(event, "data");
    g_assert_cmpstr(qdict_get_str(data, "device"), ==, "nvme0");
    check_common(data, &wire, 2, "told", 1, false);
    qobject_unref(event);
    fi_rig_free(rig);
}

static void test_query(void)
{
    FiRig *rig = fi_rig_start();
    QDict *info, *rule;
    Wire wire;

    fi_add(rig, "{'id':'r','opcode':'read','action':'status','times':1,"
           "'status':'access-denied'},{'id':'idle','action':'none',"
           "'opcode':'flush'}");
    wire = run(rig->io, read_of(rig, 8));
    run(rig->io, read_of(rig, 9));
    info = fi_query(rig);
    g_assert_cmpint(qlist_size(qdict_get_qlist(info, "rules")), ==, 2);
    rule = member(info, "rules", 0);
    g_assert_cmpint(qdict_get_int(rule, "matches"), ==, 2);
    g_assert_cmpint(qdict_get_int(rule, "hits"), ==, 1);
    g_assert_true(qdict_get_bool(rule, "spent"));
    check_entry(qdict_get_qdict(rule, "last-hit"), &wire, 1, "r", 1, false);
    rule = member(info, "rules", 1);
    g_assert_cmpint(qdict_get_int(rule, "matches"), ==, 0);
    g_assert_cmpint(qdict_get_int(rule, "hits"), ==, 0);
    g_assert_false(qdict_get_bool(rule, "spent"));
    g_assert_false(qdict_haskey(rule, "last-hit"));
    qobject_unref(info);
    fi_rig_free(rig);
}

/* The rules of an answer of query-nvme-fi; the caller unrefs. */
static QList *rules_of(QDict *info)
{
    QList *rules = qlist_new();
    const QListEntry *entry;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(info, "rules"), entry) {
        QDict *rule_info = qobject_to(QDict, qlist_entry_obj(entry));

        qlist_append_obj(rules, qobject_ref(qdict_get(rule_info, "rule")));
    }
    return rules;
}

/* What a query says can be added again and then is said again. */
static void test_round_trip(void)
{
    FiRig *rig = fi_rig_start();
    QDict *info;
    QList *before, *after;

    fi_add(rig, "{'action':'none'},"
           "{'id':'all members','queue':'io','qid':1,'opcode':'read',"
           "'nsid':1,'slba':9223372036854775807,'nlb':1,"
           "'sqe':[{'dword':13,'mask':255,'value':3}],'state':'on',"
           "'skip':1,'every':2,'times':3,'probability':0.25,'seed':5,"
           "'set-state':'off','execute':true,'delay-ns':7,"
           "'lifetime':'until-reset','action':'status',"
           "'status':'access-denied','dnr':true,'more':true,'crd':3},"
           "{'opcode':'identify','cns':1,'action':'status','status':'0x7a5'},"
           "{'opcode':'get-log-page','lid':2,'action':'status',"
           "'status':'success'},"
           "{'opcode':'0xc1','queue':'admin','action':'none'},"
           "{'fid':4,'action':'status','status':'0x7fff'}");
    info = fi_query(rig);
    before = rules_of(info);
    qobject_unref(info);
    fi_clear(rig);
    g_assert_cmpint(fi_rules(rig), ==, 0);
    qtest_qmp_assert_success(rig->vm->qts,
        "{'execute':'nvme-fi-add','arguments':{'device':'nvme0','rules':%p}}",
        qobject_ref(before));
    info = fi_query(rig);
    after = rules_of(info);
    qobject_unref(info);
    g_assert_cmpint(qlist_size(after), ==, 6);
    g_assert_true(qobject_is_equal(QOBJECT(before), QOBJECT(after)));
    qobject_unref(before);
    qobject_unref(after);
    fi_rig_free(rig);
}

/* What HMP prints besides rules: commands that are held, and bad blocks. */
static void test_info(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = read_of(rig, 8);
    g_autofree char *held = NULL, *bad = NULL;
    uint16_t cid;

    fi_add(rig, "{'id':'h','action':'hold'}");
    cid = nvme_ring_submit(rig->io, &cmd);
    nvme_ring_assert_idle(rig->io);
    fi_trigger(rig, "{'trigger':'media','slba':8,'nlb':4}");
    held = g_strdup_printf("  held: id=h,action=hold,qid=1,cid=%u,opcode=2,"
                           "nsid=1,executed=off\r\n", cid);
    bad = qtest_hmp(rig->vm->qts, "info nvme_fi nvme0");
    g_assert_nonnull(strstr(bad, "  id=h,action=hold,execute=off; 1 matches, "
                            "1 hits\r\n"));
    g_assert_nonnull(strstr(bad, held));
    g_assert_nonnull(strstr(bad, "  bad blocks: nsid=1,slba=8,nlb=4"));
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/query/log", test_log);
    g_test_add_func("/nvme-fi/query/log-of-delayed", test_log_of_delayed);
    g_test_add_func("/nvme-fi/query/log-bound", test_log_bound);
    g_test_add_func("/nvme-fi/query/event", test_event);
    g_test_add_func("/nvme-fi/query/info", test_info);
    g_test_add_func("/nvme-fi/query/query", test_query);
    g_test_add_func("/nvme-fi/query/round-trip", test_round_trip);
    return g_test_run();
}
