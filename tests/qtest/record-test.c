/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test looks at recordings: what rule a hit and a trigger become, that
 * nothing is left to chance in it, and what happens to the file.
 */
#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include <sys/resource.h>
#include "fi-rig.h"

#define LOG_ENTRIES 16384       /* hits that are remembered */

static char *temporary_path(void)
{
    char *path = NULL;
    int fd = g_file_open_tmp("nvme-fi-XXXXXX", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    g_assert_cmpint(g_unlink(path), ==, 0);
    return path;
}

/* nvme-fi-record to @file; the caller unrefs the answer. */
static QDict *record(FiRig *rig, const char *file)
{
    return qtest_qmp_assert_success_ref(rig->vm->qts,
        "{'execute':'nvme-fi-record','arguments':{'device':'nvme0',"
        "'file':%s}}", file);
}

static FiRig *start_with(const char *file)
{
    g_autofree char *options = g_strdup_printf(",fi-file=%s", file);

    return fi_rig_new(NVME_VM_PATCHED, options);
}

/* The only rule of the recording; the caller unrefs it. */
static QDict *only_rule(FiRig *rig)
{
    QDict *answer = qtest_qmp_assert_success_ref(rig->vm->qts,
        "{'execute':'nvme-fi-record','arguments':{'device':'nvme0'}}");
    QList *rules = qdict_get_qlist(answer, "rules");
    QDict *rule;

    g_assert_cmpint(qlist_size(rules), ==, 1);
    rule = qobject_to(QDict, qlist_peek(rules));
    qobject_ref(rule);
    qobject_unref(answer);
    return rule;
}

/* How the choices of a hit appear. */
static void test_choices_are_fixed(void)
{
    FiRig *rig = fi_rig_start();
    int64_t delay;
    QDict *rule;
    NvmeCqe cqe;
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, 8, 1,
                              rig->data);

    fi_add(rig, "{'id':'r','opcode':'read','slba':8,'state':'','skip':1,"
           "'probability':1,'seed':5,'set-state':'b','lifetime':'until-reset',"
           "'action':'status','status':'access-denied','delay':'uniform',"
           "'delay-ns':1000,'delay-max-ns':9000}");
    for (int i = 0; i < 3; i++) {
        g_assert_cmphex(fi_read(rig, 9), ==, 0);
    }
    g_assert_cmphex(fi_read(rig, 8), ==, 0);
    nvme_ring_submit(rig->io, &cmd);
    nvme_ring_assert_idle(rig->io);
    fi_clear(rig);
    rule = only_rule(rig);
    delay = qdict_get_int(rule, "delay-ns");
    g_assert_cmpint(delay, >=, 1000);
    g_assert_cmpint(delay, <=, 9000);
    nvme_vm_step(rig->vm, delay - 1);
    nvme_ring_assert_idle(rig->io);
    nvme_vm_step(rig->vm, 1);
    nvme_ring_wait(rig->io, &cqe);
    g_assert_cmpstr(qdict_get_str(rule, "id"), ==, "r@1:5");
    g_assert_cmpint(qdict_get_int(rule, "qid"), ==, 1);
    g_assert_cmpint(qdict_get_int(rule, "ordinal"), ==, 5);
    g_assert_cmpint(qdict_get_int(rule, "times"), ==, 1);
    g_assert_cmpstr(qdict_get_str(rule, "set-state"), ==, "b");
    g_assert_cmpstr(qdict_get_str(rule, "action"), ==, "status");
    g_assert_cmpstr(qdict_get_str(rule, "status"), ==, "access-denied");
    g_assert_false(qdict_get_bool(rule, "execute"));
    g_assert_cmpint(qdict_size(rule), ==, 9);
    qobject_unref(rule);
    fi_rig_free(rig);
}

static void test_nothing(void)
{
    FiRig *rig = fi_rig_start();
    QDict *answer = qtest_qmp_assert_success_ref(rig->vm->qts,
        "{'execute':'nvme-fi-record','arguments':{'device':'nvme0'}}");

    g_assert_true(qlist_empty(qdict_get_qlist(answer, "rules")));
    g_assert_cmpint(qdict_get_int(answer, "lost"), ==, 0);
    qobject_unref(answer);
    fi_rig_free(rig);
}

/* The newest hits stay; HMP, as its answer is short. */
static void test_lost(void)
{
    FiRig *rig = fi_rig_start();
    g_autofree char *path = temporary_path();
    g_autofree NvmeCmd *cmds = g_new(NvmeCmd, 1024);
    g_autofree NvmeCqe *cqes = g_new(NvmeCqe, 1024);
    g_autofree char *answer = NULL, *text = NULL;

    fi_add(rig, "{'id':'r','opcode':'read','action':'status',"
           "'status':'access-denied'}");
    for (unsigned i = 0; i < 1024; i++) {
        cmds[i] = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, i, 1,
                              rig->data);
    }
    for (unsigned i = 0; i < LOG_ENTRIES / 1024; i++) {
        nvme_ring_push_many(rig->io, cmds, 1024);
        nvme_ring_kick(rig->io);
        nvme_ring_wait_many(rig->io, cqes, 1024);
    }
    for (unsigned i = 0; i < 5; i++) {
        fi_read(rig, 0);
    }
    answer = qtest_hmp(rig->vm->qts, "nvme_fi_record nvme0 %s", path);
    g_assert_cmpstr(answer, ==, "16384 rules, 5 lost\r\n");
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_nonnull(strstr(text, "\"r@1:6\""));
    g_assert_nonnull(strstr(text, "\"r@1:16389\""));
    g_assert_null(strstr(text, "\"r@1:5\""));
    g_unlink(path);
    fi_rig_free(rig);
}

/* The description of the error that nvme-fi-record to @file must give. */
static char *record_error(FiRig *rig, const char *file)
{
    QDict *response = qtest_qmp(rig->vm->qts,
        "{'execute':'nvme-fi-record','arguments':{'device':'nvme0',"
        "'file':%s}}", file);
    char *text;

    g_assert_true(qdict_haskey(response, "error"));
    text = g_strdup(qdict_get_str(qdict_get_qdict(response, "error"), "desc"));
    qobject_unref(response);
    return text;
}

/* A file that is there is left alone; a folder that is not is named. */
static void test_file_errors(void)
{
    FiRig *rig = fi_rig_start();
    g_autofree char *path = temporary_path();
    g_autofree char *nowhere = g_strdup_printf("%s/nowhere", path);
    g_autofree char *error = NULL, *other = NULL, *text = NULL;

    fi_add(rig, "{'opcode':'read','action':'none'}");
    fi_read(rig, 0);
    other = record_error(rig, nowhere);
    g_assert_nonnull(strstr(other, nowhere));
    g_assert_true(g_file_set_contents(path, "mine", -1, NULL));
    error = record_error(rig, path);
    g_assert_nonnull(strstr(error, path));
    g_assert_nonnull(strstr(error, "exists"));
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "mine");
    g_unlink(path);
    fi_rig_free(rig);
}

/* A file for which there is no room is not there at all. */
static void test_no_part_of_a_file(void)
{
    struct rlimit limit = { .rlim_cur = 10, .rlim_max = RLIM_INFINITY };
    g_autofree char *path = temporary_path();
    g_autofree char *error = NULL;
    FiRig *rig;

    signal(SIGXFSZ, SIG_IGN);           /* QEMU inherits it */
    rig = fi_rig_start();
    fi_add(rig, "{'opcode':'read','action':'none'}");
    fi_read(rig, 0);
    g_assert_cmpint(prlimit(qtest_pid(rig->vm->qts), RLIMIT_FSIZE, &limit,
                            NULL), ==, 0);
    error = record_error(rig, path);
    g_assert_nonnull(strstr(error, path));
    g_assert_nonnull(strstr(error, "cannot be written"));
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    fi_rig_free(rig);
}

/* What a user fires belongs to the command before; what was fired before any
 * command, to the first. */
static void test_triggers(void)
{
    FiRig *rig = fi_rig_new_disabled(NVME_VM_PATCHED, "");
    g_autofree char *path = temporary_path();
    QDict *answer;

    fi_trigger(rig, "{'trigger':'media','slba':20}");
    fi_rig_enable(rig);
    fi_add(rig, "{'id':'r','opcode':'read','slba':1,'action':'status',"
           "'status':'access-denied'}");
    fi_read(rig, 0);
    fi_trigger(rig, "{'trigger':'media','slba':21},"
               "{'trigger':'media','slba':22}");
    fi_read(rig, 1);
    fi_trigger(rig, "{'trigger':'media','slba':23}");
    answer = record(rig, path);
    g_assert_cmpint(qlist_size(qdict_get_qlist(answer, "rules")), ==, 3);
    qobject_unref(answer);
    fi_rig_free(rig);

    rig = start_with(path);
    g_assert_cmphex(fi_read(rig, 0), ==, 0);
    g_assert_cmphex(fi_read(rig, 1), ==, FI_ACCESS_DENIED);
    for (uint64_t slba = 19; slba < 25; slba++) {
        g_assert_true((fi_read(rig, slba) == 0) == (slba < 20 || slba > 23));
    }
    g_assert_true(fi_exists(rig, "trigger@0:1"));
    g_assert_true(fi_exists(rig, "trigger@1:1"));
    g_assert_true(fi_exists(rig, "r@1:2"));
    fi_rig_free(rig);
    g_unlink(path);
}

/* The bytes of the third read are damaged at random, as they were before. */
static void test_random_bytes(void)
{
    g_autofree char *path = temporary_path();
    uint8_t first[NVME_LBA], again[NVME_LBA];
    FiRig *rig = fi_rig_start();

    fi_add(rig, "{'opcode':'read','action':'corrupt','how':'random',"
           "'where':'host','skip':2}");
    for (int i = 0; i < 3; i++) {
        fi_read(rig, 0);
    }
    qtest_memread(rig->vm->qts, rig->data, first, sizeof(first));
    qobject_unref(record(rig, path));
    fi_rig_free(rig);

    rig = start_with(path);
    for (int i = 0; i < 3; i++) {
        g_assert_true(nvme_memory_holds(rig->host, rig->data, NVME_LBA, 0));
        fi_read(rig, 0);
    }
    qtest_memread(rig->vm->qts, rig->data, again, sizeof(again));
    g_assert_true(!memcmp(again, first, sizeof(first)));
    fi_rig_free(rig);
    g_unlink(path);
}

/* Seed of the last power cut, which must have been the only one. */
static int64_t cut_seed(FiRig *rig)
{
    QDict *info = fi_query(rig);
    QDict *cache = qdict_get_qdict(info, "write-cache");
    int64_t seed = qdict_get_int(cache, "seed");

    g_assert_cmpint(qdict_get_int(cache, "cuts"), ==, 1);
    qobject_unref(info);
    return seed;
}

/* Cuts the power by the second read of block 8. */
static int64_t cut_by_read(FiRig *rig)
{
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, 8, 1,
                              rig->data);

    fi_read(rig, 8);
    nvme_ring_submit(rig->io, &cmd);
    nvme_ring_assert_idle(rig->io);
    return cut_seed(rig);
}

/* The seed of a power cut, which the device chose for the rule. */
static void test_power_cut(void)
{
    g_autofree char *path = temporary_path();
    g_autofree char *options = g_strdup_printf(
        ",fi-write-cache=1048576,fi-file=%s", path);
    FiRig *rig = fi_rig_new(NVME_VM_PATCHED, ",fi-write-cache=1048576");
    int64_t seed;

    fi_add(rig, "{'opcode':'read','slba':8,'skip':1,'times':1,"
           "'action':'none',"
           "'trigger':[{'trigger':'power-cut','reset':false}]}");
    seed = cut_by_read(rig);
    qobject_unref(record(rig, path));
    fi_rig_free(rig);

    rig = fi_rig_new(NVME_VM_PATCHED, options);
    g_assert_cmpint(cut_by_read(rig), ==, seed);
    fi_rig_free(rig);
    g_unlink(path);
}

/* A recording is replayed over resets and another queue, which counts on. */
static void test_resets_count_on(void)
{
    FiRig *rig = fi_rig_start();
    QDict *rule;

    fi_add(rig, "{'id':'r','opcode':'read','slba':7,'action':'status',"
           "'status':'access-denied'}");
    fi_read(rig, 0);
    fi_rig_reset(rig);
    fi_read(rig, 0);
    fi_read(rig, 7);
    rule = only_rule(rig);
    g_assert_cmpint(qdict_get_int(rule, "ordinal"), ==, 3);
    qobject_unref(rule);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/record/choices-are-fixed",
                    test_choices_are_fixed);
    g_test_add_func("/nvme-fi/record/nothing", test_nothing);
    g_test_add_func("/nvme-fi/record/lost", test_lost);
    g_test_add_func("/nvme-fi/record/file-errors", test_file_errors);
    g_test_add_func("/nvme-fi/record/no-part-of-a-file",
                    test_no_part_of_a_file);
    g_test_add_func("/nvme-fi/record/triggers", test_triggers);
    g_test_add_func("/nvme-fi/record/random-bytes", test_random_bytes);
    g_test_add_func("/nvme-fi/record/power-cut", test_power_cut);
    g_test_add_func("/nvme-fi/record/resets-count-on", test_resets_count_on);
    return g_test_run();
}
