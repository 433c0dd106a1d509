/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test writes, flushes and cuts the power at random, beside a model of
 * what may be there afterwards: of each block what was last made stable or
 * what was written since, and of each write all or nothing.
 */
#include "qemu/osdep.h"
#include "data-rig.h"

#define BLOCKS  48u
#define OPS     60u
#define ROUNDS  12u
#define MAX_OPS (OPS + 2)

/* What was done since the last cut, op 0 being what was there before it. */
typedef struct Model {
    GRand *rand;
    uint32_t stamp[MAX_OPS];            /* of the blocks; 0: zeroes */
    unsigned n;                         /* ops */
    bool touched[MAX_OPS][BLOCKS];      /* by this op */
    unsigned stable[BLOCKS];            /* the op that is stable */
    uint32_t base[BLOCKS];              /* stamps of op 0 */
    uint32_t next_stamp;
} Model;

static uint32_t stamp_of(const Model *m, unsigned op, unsigned lba)
{
    return op ? m->stamp[op] : m->base[lba];
}

static void put_stamps(FiRig *rig, uint32_t stamp, unsigned nlb)
{
    uint32_t words[NVME_LBA / 4];

    for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
        words[i] = stamp;
    }
    for (unsigned i = 0; i < nlb; i++) {
        qtest_bufwrite(rig->vm->qts, rig->data + i * NVME_LBA, words,
                       sizeof(words));
    }
}

static void write_blocks(FiRig *rig, Model *m)
{
    unsigned lba = g_rand_int_range(m->rand, 0, BLOCKS);
    unsigned nlb = g_rand_int_range(m->rand, 1, MIN(9, BLOCKS - lba + 1));
    unsigned kind = g_rand_int_range(m->rand, 0, 10);
    bool zeroes = kind < 2, fua = kind == 2;
    NvmeCmd cmd = data_cmd(rig, zeroes ? NVME_CMD_WRITE_ZEROES :
                           NVME_CMD_WRITE, NS_PLAIN, lba, nlb);
    unsigned op = ++m->n;

    g_assert_cmpint(op, <, MAX_OPS);
    m->stamp[op] = zeroes ? 0 : ++m->next_stamp;
    put_stamps(rig, m->stamp[op], nlb);
    if (fua) {
        cmd.cdw12 |= cpu_to_le32(1u << 30);
    }
    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, 0);
    for (unsigned i = lba; i < lba + nlb; i++) {
        m->touched[op][i] = true;
        if (fua) {
            m->stable[i] = op;
        }
    }
}

static void flush(FiRig *rig, Model *m)
{
    NvmeCmd cmd = nvme_cmd(NVME_CMD_FLUSH, NS_PLAIN);

    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, 0);
    for (unsigned i = 0; i < BLOCKS; i++) {
        for (unsigned op = 1; op <= m->n; op++) {
            if (m->touched[op][i]) {
                m->stable[i] = op;
            }
        }
    }
}

static void cut(FiRig *rig, Model *m, double lose, double tear, bool reorder)
{
    uint64_t seed = g_rand_int(m->rand);
    QDict *info;
    int64_t cuts = -1, before = -1;

    while (cuts == before) {
        info = fi_query(rig);
        cuts = qdict_get_int(qdict_get_qdict(info, "write-cache"), "cuts");
        qobject_unref(info);
        if (before < 0) {
            before = cuts;
            qtest_qmp_assert_success(rig->vm->qts,
                "{'execute':'nvme-fi-trigger','arguments':{'device':'nvme0',"
                "'triggers':[{'trigger':'power-cut','reset':false,"
                "'lose':%f,'tear':%f,'reorder':%i,'seed':%" PRIu64 "}]}}",
                lose, tear, reorder, seed);
        }
    }
    fi_rig_enable(rig);
}

/* The op whose stamp block @lba shows: the newest that is possible. */
static unsigned op_shown(const Model *m, unsigned lba, uint32_t stamp)
{
    for (unsigned op = m->n; op > m->stable[lba]; op--) {
        if (m->touched[op][lba] && m->stamp[op] == stamp) {
            return op;
        }
    }
    if (stamp_of(m, m->stable[lba], lba) != stamp) {
        g_error("block %u: got stamp %u, expected %u or a later one", lba,
                stamp, stamp_of(m, m->stable[lba], lba));
    }
    return m->stable[lba];
}

/* Whole or not: no block of an op that is seen anywhere shows an older one.
 * Zeroes say nothing: they are not of one op only. */
static void check_whole(const Model *m, const unsigned *shown)
{
    for (unsigned i = 0; i < BLOCKS; i++) {
        unsigned op = shown[i];

        for (unsigned j = 0; op && m->stamp[op] && j < BLOCKS; j++) {
            if (m->touched[op][j]) {
                g_assert_cmpint(shown[j], >=, op);
            }
        }
    }
}

static void check(FiRig *rig, Model *m, double lose, double tear, bool reorder,
                  bool small)
{
    NvmeCmd cmd = data_cmd(rig, NVME_CMD_READ, NS_PLAIN, 0, BLOCKS);
    uint32_t words[BLOCKS * NVME_LBA / 4];
    unsigned shown[BLOCKS];

    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, 0);
    qtest_bufread(rig->vm->qts, rig->data, words, sizeof(words));
    for (unsigned i = 0; i < BLOCKS; i++) {
        const uint32_t *block = &words[i * NVME_LBA / 4];

        for (unsigned j = 1; j < NVME_LBA / 4; j++) {
            g_assert_cmpint(block[j], ==, block[0]);
        }
        shown[i] = op_shown(m, i, block[0]);
        if (lose == 1 && !small) {
            g_assert_cmpint(block[0], ==, stamp_of(m, m->stable[i], i));
        } else if (lose == 0 && tear == 0 && !reorder) {
            for (unsigned op = m->n; op > shown[i]; op--) {
                g_assert_false(m->touched[op][i]);
            }
        }
        m->base[i] = block[0];
    }
    if (tear == 0 && !reorder) {
        check_whole(m, shown);
    }
    memset(m->touched, 0, sizeof(m->touched));
    memset(m->stable, 0, sizeof(m->stable));
    m->n = 0;
}

static void run(unsigned seed, bool small)
{
    static const double chances[] = { 0, 0.3, 0.5, 0.8, 1 };
    FiRig *rig = data_rig_new(small ? ",fi-write-cache=16k" :
                              ",fi-write-cache=1M");
    Model *m = g_new0(Model, 1);

    m->rand = g_rand_new_with_seed(seed);
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned ops = g_rand_int_range(m->rand, 1, OPS);
        double lose = chances[g_rand_int_range(m->rand, 0, 5)];
        double tear = chances[g_rand_int_range(m->rand, 0, 5)];
        bool reorder = g_rand_boolean(m->rand);

        for (unsigned i = 0; i < ops; i++) {
            if (g_rand_int_range(m->rand, 0, 20)) {
                write_blocks(rig, m);
            } else {
                flush(rig, m);
            }
        }
        if (round & 1) {
            tear = 0;
            reorder = false;
        }
        cut(rig, m, lose, tear, reorder);
        check(rig, m, lose, tear, reorder, small);
    }
    g_rand_free(m->rand);
    g_free(m);
    fi_rig_free(rig);
}

static void test_model(void)
{
    for (unsigned seed = 1; seed <= 6; seed++) {
        run(seed, false);
    }
}

static void test_small_cache(void)
{
    for (unsigned seed = 1; seed <= 4; seed++) {
        run(seed, true);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/cache-model/large", test_model);
    g_test_add_func("/nvme-fi/cache-model/small", test_small_cache);
    return g_test_run();
}
