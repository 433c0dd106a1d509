/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test gives the monitor arguments that are wrong in every way: each is
 * refused with an error that names the rule and the member, nothing of a list
 * is added, and QEMU lives on.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define BAD "{'id':'bad','action':'status','status':'0x6',"

/* A rule, and words that its error must have. */
static const char *const rules[][4] = {
    { "{}", "action" },
    { "{'action':'nonsense'}", "nonsense" },
    { "{'action':'status'}", "status" },
    { "{'action':'none','status':'0x6'}", "status" },
    { BAD "'unknown-member':1}", "unknown-member" },
    { BAD "'opcode':'raed'}", "bad", "opcode", "raed" },
    { BAD "'opcode':''}", "bad", "opcode" },
    { BAD "'opcode':'0x100'}", "bad", "opcode", "0x100" },
    { BAD "'opcode':'-1'}", "bad", "opcode", "-1" },
    { BAD "'opcode':2}", "opcode" },
    { BAD "'queue':'io','opcode':'identify'}", "bad", "opcode", "identify" },
    { BAD "'queue':'both'}", "both" },
    { BAD "'queue':'admin','qid':1}", "bad", "qid" },
    { BAD "'queue':'io','qid':0}", "bad", "qid" },
    { BAD "'qid':65536}", "qid" },
    { BAD "'slba':1,'nlb':0}", "bad", "nlb", "0" },
    { BAD "'slba':9223372036854775807,'nlb':9223372036854775807,"
      "'nsid':4294967296}", "nsid" },
    { BAD "'slba':9223372036854775808,'nlb':1}", "slba" },
    { BAD "'slba':18446744073709551615,'nlb':2}", "slba" },
    { BAD "'slba':-1,'nlb':1}", "slba" },
    { BAD "'every':0}", "bad", "every", "0" },
    { BAD "'times':0}", "bad", "times", "0" },
    { BAD "'times':9223372036854775808}", "times" },
    { BAD "'probability':1.5}", "bad", "probability", "1.5" },
    { BAD "'probability':-0.5}", "bad", "probability", "-0.5" },
    { BAD "'probability':'half'}", "probability" },
    { BAD "'seed':18446744073709551616}", "seed" },
    { BAD "'delay-ns':9223372036854775808}", "delay-ns" },
    { BAD "'crd':4}", "bad", "crd", "4" },
    { BAD "'cns':256}", "cns" },
    { BAD "'sqe':[{'dword':16,'mask':1,'value':1}]}", "bad", "16" },
    { BAD "'sqe':[{'dword':1,'mask':1,'value':2}]}", "bad", "value" },
    { BAD "'sqe':{}}", "sqe" },
    { "{'id':'bad','action':'status','status':'0x8000'}", "bad", "status",
      "0x8000" },
    { "{'id':'bad','action':'status','status':'acess-denied'}", "bad",
      "access-denied" },
    { "{'id':'bad','action':'none','execute':false}", "bad", "execute",
      "success" },
    { "{'id':'good','action':'none'}", "good" },
    { "{'id':'','action':'none'}", "id" },
};

static void check_words(const char *text, const char *const *words)
{
    for (unsigned i = 0; i < 3 && words[i]; i++) {
        if (!strstr(text, words[i])) {
            g_error("expected '%s' in: %s", words[i], text);
        }
    }
}

static FiRig *machine;          /* for all rules: none of them changes it */

static void test_rule(gconstpointer data)
{
    const char *const *row = data;
    FiRig *rig = machine;
    g_autofree char *alone = NULL, *among = NULL;

    fi_add(rig, "{'id':'good','action':'none','opcode':'flush'}");
    alone = fi_add_error(rig, "%s", row[0]);
    check_words(alone, row + 1);
    among = fi_add_error(rig, "{'id':'a','action':'none'},%s,"
                         "{'id':'b','action':'none'}", row[0]);
    check_words(among, row + 1);
    g_assert_cmpint(fi_rules(rig), ==, 1);
    fi_clear(rig);
}

/* A request as a whole, and words that its error must have. */
static const char *const requests[][4] = {
    { "{'execute':'nvme-fi-add'}", "device" },
    { "{'execute':'nvme-fi-add','arguments':{'device':'nvme0'}}", "rules" },
    { "{'execute':'nvme-fi-add','arguments':{'device':'nvme0',"
      "'rules':{'action':'none'}}}", "rules" },
    { "{'execute':'nvme-fi-add','arguments':{'device':'nvme0','rules':[],"
      "'more':1}}", "more" },
    { "{'execute':'nvme-fi-add','arguments':{'device':'none',"
      "'rules':[{'action':'none'}]}}", "none" },
    { "{'execute':'nvme-fi-add','arguments':{'device':'subsys0',"
      "'rules':[{'action':'none'}]}}", "subsys0" },
    { "{'execute':'nvme-fi-add','arguments':{'device':'',"
      "'rules':[{'action':'none'}]}}", "device" },
    { "{'execute':'nvme-fi-add','arguments':{'device':'/machine',"
      "'rules':[{'action':'none'}]}}", "/machine" },
    { "{'execute':'nvme-fi-add','arguments':{'device':'nvme0',"
      "'rules':[{'id':'twin','action':'none'},"
      "{'id':'twin','action':'none'}]}}", "twin" },
    { "{'execute':'nvme-fi-remove','arguments':{'device':'nvme0',"
      "'ids':['good','missing']}}", "missing" },
    { "{'execute':'nvme-fi-remove','arguments':{'device':'none',"
      "'ids':[]}}", "none" },
    { "{'execute':'nvme-fi-clear','arguments':{'device':'none'}}", "none" },
    { "{'execute':'query-nvme-fi','arguments':{'device':'none'}}", "none" },
    { "{'execute':'query-nvme-fi','arguments':{'device':'nvme0',"
      "'ids':['missing']}}", "missing" },
    { "{'execute':'query-nvme-fi-log','arguments':{'device':'subsys0'}}",
      "subsys0" },
    { "{'execute':'query-nvme-fi-log','arguments':{'device':'nvme0',"
      "'since':'now'}}", "since" },
    { "{'execute':'query-nvme-fi-log','arguments':{'device':'nvme0',"
      "'since':-1}}", "since", "2^63-1" },
    { "{'execute':'query-nvme-fi-log','arguments':{'device':'nvme0',"
      "'since':0}}", "since", "0" },
};

static void test_requests(void)
{
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'id':'good','action':'none','opcode':'flush'}");
    for (unsigned i = 0; i < ARRAY_SIZE(requests); i++) {
        QDict *response, *error;

        qtest_qmp_send_raw(rig->vm->qts, "%s\n", requests[i][0]);
        response = qtest_qmp_receive(rig->vm->qts);
        error = qdict_get_qdict(response, "error");
        if (!error) {
            g_error("no error for %s", requests[i][0]);
        }
        check_words(qdict_get_str(error, "desc"), requests[i] + 1);
        qobject_unref(response);
    }
    g_assert_cmpint(fi_rules(rig), ==, 1);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* Queries and removals of a controller that never had a rule are no error. */
static void test_no_rule(void)
{
    FiRig *rig = fi_rig_start();
    QDict *answer;

    g_assert_cmpint(fi_rules(rig), ==, 0);
    answer = fi_log(rig, 1);
    g_assert_cmpint(qdict_get_int(answer, "next"), ==, 1);
    qobject_unref(answer);
    fi_clear(rig);
    fi_add(rig, " ");           /* a list of no rule */
    g_assert_cmpint(fi_rules(rig), ==, 0);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    int failed;

    g_test_init(&argc, &argv, NULL);
    machine = fi_rig_start();
    for (unsigned i = 0; i < ARRAY_SIZE(rules); i++) {
        g_autofree char *path = g_strdup_printf(
            "/nvme-fi/hostile-monitor/rule-%02u", i);

        g_test_add_data_func(path, rules[i], test_rule);
    }
    g_test_add_func("/nvme-fi/hostile-monitor/requests", test_requests);
    g_test_add_func("/nvme-fi/hostile-monitor/no-rule", test_no_rule);
    failed = g_test_run();
    fi_rig_assert_works(machine);
    fi_rig_free(machine);
    return failed;
}
