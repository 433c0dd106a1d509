/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test has rules that forbid or expect commands, sends these commands or
 * does not, and compares the event and what the monitor says.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define WITHIN  1000000007      /* ns; prime, so that no rounding hides */
#define RATE    1000000000      /* ns; events are limited to one in it */

/* Whether rule @id is violated; it must say so or not. */
static bool violated(FiRig *rig, const char *id)
{
    QDict *info = qtest_qmp_assert_success_ref(rig->vm->qts,
        "{'execute':'query-nvme-fi','arguments':{'device':'nvme0',"
        "'ids':[%s]}}", id);
    const QListEntry *entry = qlist_first(qdict_get_qlist(info, "rules"));
    bool value = qdict_get_bool(qobject_to(QDict, qlist_entry_obj(entry)),
                                "violated");

    qobject_unref(info);
    return value;
}

/* Takes the event that is there, which is about rule @id. */
static void expect_event(FiRig *rig, const char *id, const char *action,
                         uint64_t hits)
{
    QDict *event = qtest_qmp_eventwait_ref(rig->vm->qts, "NVME_FI_VIOLATION");
    QDict *data = qdict_get_qdict(event, "data");

    g_assert_cmpstr(qdict_get_str(data, "device"), ==, "nvme0");
    g_assert_cmpstr(qdict_get_str(data, "id"), ==, id);
    g_assert_cmpstr(qdict_get_str(data, "action"), ==, action);
    g_assert_cmpint(qdict_get_int(data, "hits"), ==, hits);
    qobject_unref(event);
    nvme_vm_step(rig->vm, RATE);
}

static void no_event(FiRig *rig)
{
    qobject_unref(fi_query(rig));       /* what was sent before is here */
    g_assert_null(qtest_qmp_event_ref(rig->vm->qts, "NVME_FI_VIOLATION"));
}

static void finish(FiRig *rig)
{
    no_event(rig);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

static void test_forbid(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'id':'no','action':'forbid','opcode':'write'},"
           "{'id':'late','action':'forbid','opcode':'read','skip':2}");
    nvme_fill(rig->io, NS_ZONED, 0, 1, 0x11);
    g_assert_true(violated(rig, "no"));
    expect_event(rig, "no", "forbid", 1);
    g_assert_true(nvme_holds(rig->io, NS_ZONED, 0, 1, 0x11));
    g_assert_cmphex(fi_read(rig, 8), ==, 0);
    g_assert_false(violated(rig, "late"));
    no_event(rig);
    g_assert_cmphex(fi_read(rig, 8), ==, 0);
    expect_event(rig, "late", "forbid", 1);
    g_assert_cmphex(fi_read(rig, 8), ==, 0);
    expect_event(rig, "late", "forbid", 2);
    fi_clear(rig);
    finish(rig);
}

/* Others have no such member. */
static void test_other_rules(void)
{
    FiRig *rig = fi_rig_start();
    QDict *info;
    const QListEntry *entry;

    fi_add(rig, "{'action':'none','opcode':'read'}");
    info = fi_query(rig);
    entry = qlist_first(qdict_get_qlist(info, "rules"));
    g_assert_false(qdict_haskey(qobject_to(QDict, qlist_entry_obj(entry)),
                                "violated"));
    qobject_unref(info);
    fi_clear(rig);
    finish(rig);
}

static void remove_rule(FiRig *rig)
{
    fi_remove(rig, "e");
}

static void flr(FiRig *rig)
{
    nvme_host_flr(rig->host);
    fi_rig_enable(rig);
}

/* @members expects @times reads; @seen of them come before the rule goes. */
static void run_expect(const char *members, unsigned times, unsigned seen,
                       void (*end)(FiRig *))
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'id':'e','action':'expect','opcode':'read'%s}", members);
    for (unsigned i = 0; i < seen; i++) {
        g_assert_cmphex(fi_read(rig, 8), ==, 0);
    }
    nvme_vm_step(rig->vm, 100 * (int64_t)WITHIN);
    g_assert_false(violated(rig, "e"));
    no_event(rig);
    end(rig);
    if (seen < times) {
        expect_event(rig, "e", "expect", seen);
    }
    g_assert_false(fi_exists(rig, "e"));
    finish(rig);
}

static void run_end(void (*end)(FiRig *), const char *lifetime)
{
    g_autofree char *thrice = g_strdup_printf(",'times':3%s", lifetime);

    run_expect(lifetime, 1, 0, end);
    run_expect(lifetime, 1, 1, end);
    run_expect(lifetime, 1, 2, end);
    run_expect(thrice, 3, 2, end);
    run_expect(thrice, 3, 3, end);
}

static void test_removed(void)
{
    run_end(remove_rule, "");
}

static void test_cleared(void)
{
    run_end(fi_clear, "");
}

static void test_reset(void)
{
    run_end(fi_rig_reset, ",'lifetime':'until-reset'");
    run_end(flr, ",'lifetime':'until-reset'");
}

/* A reset ends only what it is to end. */
static void test_survives_reset(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'id':'e','action':'expect','opcode':'flush',"
           "'within-ns':%d}", WITHIN);
    fi_rig_reset(rig);
    no_event(rig);
    nvme_vm_step(rig->vm, WITHIN);
    expect_event(rig, "e", "expect", 0);
    fi_clear(rig);
    finish(rig);
}

/* At the nanosecond, once, and the rule is violated from then on. */
static void test_within(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'id':'e','action':'expect','opcode':'read',"
           "'times':2,'within-ns':%d}", WITHIN);
    g_assert_cmphex(fi_read(rig, 8), ==, 0);
    nvme_vm_step(rig->vm, WITHIN - 1);
    g_assert_false(violated(rig, "e"));
    no_event(rig);
    nvme_vm_step(rig->vm, 1);
    g_assert_true(violated(rig, "e"));
    expect_event(rig, "e", "expect", 1);
    g_assert_cmphex(fi_read(rig, 8), ==, 0);
    g_assert_true(violated(rig, "e"));
    fi_remove(rig, "e");
    finish(rig);
}

static void test_in_time(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'id':'e','action':'expect','opcode':'read',"
           "'within-ns':%d}", WITHIN);
    nvme_vm_step(rig->vm, WITHIN - 1);
    g_assert_cmphex(fi_read(rig, 8), ==, 0);
    nvme_vm_step(rig->vm, WITHIN);
    g_assert_false(violated(rig, "e"));
    fi_clear(rig);
    finish(rig);
}

/* Times that are not in the order of addition; rules that go in between. */
static void test_many(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'id':'c','action':'expect','opcode':'flush',"
           "'within-ns':%" PRId64 "},"
           "{'id':'a','action':'expect','opcode':'flush','within-ns':%d},"
           "{'id':'next','action':'expect','opcode':'flush','within-ns':%"
           PRId64 "},"
           "{'id':'b','action':'expect','opcode':'flush','within-ns':%"
           PRId64 "},{'id':'never','action':'expect','opcode':'flush',"
           "'within-ns':%" PRId64 "}", 6 * (int64_t)WITHIN, WITHIN,
           3 * (int64_t)WITHIN, 5 * (int64_t)WITHIN, INT64_MAX);
    nvme_vm_step(rig->vm, WITHIN);
    expect_event(rig, "a", "expect", 0);
    no_event(rig);
    nvme_vm_step(rig->vm, 2 * (int64_t)WITHIN);
    expect_event(rig, "next", "expect", 0);
    no_event(rig);
    fi_remove(rig, "b");
    expect_event(rig, "b", "expect", 0);
    no_event(rig);
    nvme_vm_step(rig->vm, 3 * (int64_t)WITHIN);
    expect_event(rig, "c", "expect", 0);
    no_event(rig);
    g_assert_false(violated(rig, "never"));
    fi_remove(rig, "never");
    expect_event(rig, "never", "expect", 0);
    fi_clear(rig);
    finish(rig);
}

/* The rules go with the device; the machine goes on. */
static void test_device_del(void)
{
    FiRig *rig = g_new0(FiRig, 1);

    rig->vm = nvme_vm_new(NVME_VM_PATCHED, 1, FI_NS_BYTES,
        "-device pcie-root-port,id=port0,addr=03.0,chassis=1,slot=1 "
        "-device nvme,id=nvme0,serial=fi,drive=d0,bus=port0");
    fi_add(rig, "{'id':'e','action':'expect','within-ns':%d},"
           "{'id':'no','action':'forbid'}", WITHIN);
    qtest_qmp_device_del_send(rig->vm->qts, "nvme0");
    for (unsigned bus = 0; bus < 4; bus++) {
        qtest_outl(rig->vm->qts, 0xcc0 + 0x10, bus);    /* ICH9 pcihp: BNUM */
        qtest_outl(rig->vm->qts, 0xcc0 + 0x08, 1);      /* B0EJ, slot 0 */
    }
    expect_event(rig, "e", "expect", 0);
    nvme_vm_step(rig->vm, 3 * (int64_t)WITHIN);
    nvme_vm_settle(rig->vm);
    g_assert_null(qtest_qmp_event_ref(rig->vm->qts, "NVME_FI_VIOLATION"));
    nvme_vm_free(rig->vm);
    g_free(rig);
}

#define TEST(path, name) { "/nvme-fi/watch/" path, test_##name }

static const struct {
    const char *path;
    GTestFunc func;
} tests[] = {
    TEST("forbid", forbid), TEST("other-rules", other_rules),
    TEST("removed", removed), TEST("cleared", cleared), TEST("reset", reset),
    TEST("survives-reset", survives_reset), TEST("within", within),
    TEST("in-time", in_time), TEST("many", many),
    TEST("device-del", device_del),
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(tests); i++) {
        g_test_add_func(tests[i].path, tests[i].func);
    }
    return g_test_run();
}
