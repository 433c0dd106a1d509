/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test lets random scripts act on random commands, records it, and gives
 * the recording to another machine, whose host sends the same commands: each
 * CQE is the same and comes at the same time.
 */
#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include "fi-rig.h"

#define SEEDS       6
#define STEPS       300         /* commands, releases and Aborts of a run */
#define RULES       24          /* of a random script */

static char *temporary_path(void)
{
    char *path = NULL;
    int fd = g_file_open_tmp("nvme-fi-XXXXXX", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    g_assert_cmpint(g_unlink(path), ==, 0);
    return path;
}

/* One of @n texts. */
static const char *pick(GRand *rand, const char *const *texts, unsigned n)
{
    return texts[g_rand_int_range(rand, 0, n)];
}
#define PICK(rand, ...) \
    pick(rand, (const char *const[]) { __VA_ARGS__ }, \
         sizeof((const char *const[]) { __VA_ARGS__ }) / sizeof(char *))

/* Random choices, some of them with seeds that the device draws. */
static void add_random_rule(GString *script, GRand *rand)
{
    g_string_append_printf(script, "{\"opcode\":\"%s\",%s%s%s%s%s%s}",
        PICK(rand, "read", "write", "flush", "write-zeroes", "get-features"),
        PICK(rand, "\"action\":\"none\"", "\"action\":\"drop\"",
             "\"action\":\"drop\",\"execute\":true,\"abort\":\"aborted\"",
             "\"action\":\"drop\",\"abort\":\"not-aborted\"",
             "\"action\":\"hold\"", "\"action\":\"hold\",\"execute\":true",
             "\"action\":\"status\",\"status\":\"access-denied\"",
             "\"action\":\"status\",\"status\":\"0x4281\","
             "\"execute\":true"),
        PICK(rand, "", ",\"delay-ns\":1000000",
             ",\"delay\":\"uniform\",\"delay-ns\":5,\"delay-max-ns\":9000000",
             ",\"delay\":\"exponential\",\"delay-ns\":2000000"),
        PICK(rand, "", "", ",\"state\":\"\"", ",\"state\":\"a\""),
        PICK(rand, "", "", ",\"set-state\":\"a\"", ",\"set-state\":\"\""),
        PICK(rand, "", ",\"probability\":0.5",
             ",\"probability\":0.3,\"seed\":7", ",\"every\":3"),
        PICK(rand, "", ",\"skip\":2", ",\"times\":5"));
}

static char *random_script(uint32_t seed)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    g_autofree char *path = temporary_path();
    g_autoptr(GString) script = g_string_new("[");

    for (int i = 0; i < RULES; i++) {
        g_string_append(script, i ? "," : "");
        add_random_rule(script, rand);
    }
    g_string_append(script, "]");
    g_assert_true(g_file_set_contents(path, script->str, script->len, NULL));
    return g_steal_pointer(&path);
}

/* The medium is done with all commands; virtual time stands still. */
static void drain(FiRig *rig)
{
    qtest_qmp_assert_success(rig->vm->qts, "{'execute':'stop'}");
    qtest_qmp_assert_success(rig->vm->qts, "{'execute':'cont'}");
    nvme_vm_settle(rig->vm);
}

static void trace_ring(NvmeRing *ring, int64_t since, GString *trace)
{
    NvmeCqe cqe;

    while (nvme_ring_poll(ring, &cqe)) {
        g_autofree char *hex = fi_hex(&cqe, sizeof(cqe));

        g_string_append_printf(trace, "%" PRId64 " queue %u %s\n",
                               nvme_vm_clock(ring->host->vm) - since,
                               ring->id, hex);
    }
}

/* Sends a random command; beside it the CID of an Abort may be anything. */
static void random_command(FiRig *rig, GRand *rand)
{
    static const uint8_t opcodes[] = {
        NVME_CMD_READ, NVME_CMD_WRITE, NVME_CMD_WRITE_ZEROES, NVME_CMD_FLUSH,
    };
    unsigned choice = g_rand_int_range(rand, 0, 8);
    uint64_t slba = g_rand_int_range(rand, 0, 64);
    NvmeCmd cmd;

    if (choice < 6) {
        uint8_t opcode = opcodes[choice % 4];

        cmd = opcode == NVME_CMD_FLUSH ? nvme_cmd(opcode, NS_PLAIN) :
            nvme_cmd_rw(rig->host, opcode, NS_PLAIN, slba, 1,
                        opcode == NVME_CMD_WRITE_ZEROES ? 0 : rig->data);
        nvme_ring_submit(rig->io, &cmd);
        return;
    }
    cmd = choice == 6 ? nvme_cmd_get_feature(NVME_NUMBER_OF_QUEUES) :
        nvme_cmd_abort(1, rig->io->next_cid -
                       g_rand_int_range(rand, 1, 20));
    nvme_ring_submit(&rig->host->admin, &cmd);
}

/* What the host of @rig sees, CQE by CQE, when it does what @seed says. */
static char *run(FiRig *rig, uint32_t seed)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    GString *trace = g_string_new("");
    int64_t since = nvme_vm_clock(rig->vm);

    for (int i = 0; i < STEPS; i++) {
        if (g_rand_int_range(rand, 0, 10) == 0) {
            fi_release(rig, ",'count':2");
        } else {
            random_command(rig, rand);
        }
        drain(rig);
        trace_ring(rig->io, since, trace);
        trace_ring(&rig->host->admin, since, trace);
        for (int j = 0; j < 3; j++) {
            nvme_vm_step(rig->vm, g_rand_int_range(rand, 1, 1000000));
            nvme_vm_settle(rig->vm);
            trace_ring(rig->io, since, trace);
            trace_ring(&rig->host->admin, since, trace);
        }
    }
    return g_string_free(trace, FALSE);
}

/* The hits of the command log, without what counts matches and names rules. */
static char *hits_of(FiRig *rig)
{
    QDict *log = fi_log(rig, 1);
    GString *text = g_string_new("");
    const QListEntry *it;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(log, "commands"), it) {
        QDict *entry = qobject_to(QDict, qlist_entry_obj(it));

        if (qdict_haskey(entry, "hit")) {
            g_string_append_printf(text, "%d %s %s\n",
                qdict_get_bool(entry, "executed"),
                qdict_get_str(entry, "sqe"),
                qdict_get_try_str(entry, "cqe") ?: "none");
        }
    }
    qobject_unref(log);
    return g_string_free(text, FALSE);
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

static void assert_same_lines(const char *got, const char *expected)
{
    g_auto(GStrv) a = g_strsplit(got, "\n", 0);
    g_auto(GStrv) b = g_strsplit(expected, "\n", 0);

    for (unsigned i = 0; a[i] && b[i]; i++) {
        g_assert_cmpstr(a[i], ==, b[i]);
    }
    g_assert_cmpint(g_strv_length(a), ==, g_strv_length(b));
}

static void replay(uint32_t seed)
{
    g_autofree char *script = random_script(seed);
    g_autofree char *recording = temporary_path();
    g_autofree char *trace = NULL, *hits = NULL, *again = NULL,
        *hits_again = NULL;
    FiRig *rig = start_with(script);
    QDict *answer;

    trace = run(rig, seed);
    hits = hits_of(rig);
    answer = record(rig, recording);
    g_assert_cmpint(qdict_get_int(answer, "lost"), ==, 0);
    /* or the script would prove nothing */
    g_assert_cmpint(qlist_size(qdict_get_qlist(answer, "rules")), >, 50);
    qobject_unref(answer);
    fi_rig_free(rig);

    rig = start_with(recording);
    again = run(rig, seed);
    hits_again = hits_of(rig);
    assert_same_lines(again, trace);
    assert_same_lines(hits_again, hits);
    fi_rig_free(rig);
    g_unlink(script);
    g_unlink(recording);
}

static void test_replay(void)
{
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        replay(seed);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/replay/random-scripts", test_replay);
    return g_test_run();
}
