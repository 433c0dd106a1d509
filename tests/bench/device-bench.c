/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands per second of the bare device, as ratios to stock QEMU in one run,
 * and memory per rule; prints one JSON object.
 *
 * No guest runs: reads of 4 KiB from a null backend are fetched by the
 * hundred for each doorbell, so that what is measured is the device model.
 * All machines live at once and take short turns, so that whatever else the
 * host does meets them all alike.
 */
#include "qemu/osdep.h"
#include "nvme-queue.h"
#include "nvme-command.h"
#include "qobject/qdict.h"
#include "qobject/qjson.h"
#include "qobject/qnum.h"
#include <math.h>

#define BLOCKS_PER_READ 8           /* 4 KiB */
#define SLOTS           (1u << 20)  /* one read and one rule in each */
#define SLOT_BLOCKS     (2 * BLOCKS_PER_READ)
#define ENTRIES         2048        /* CAP.MQES + 1 */
#define ROUND           (ENTRIES - 1)   /* a full queue, for one doorbell */
#define RULES_PER_ADD   1000
#define SEED            20250101
#define WARM_UP         20          /* rounds */
#define TURN            8           /* rounds of one machine in a turn */

typedef struct Contender {
    const char *name;
    const char *binary;
    unsigned rules;
    NvmeVm *vm;
    NvmeHost *host;
    NvmeRing *io;
    double *turns;                  /* commands per second in each */
    uint64_t memory;                /* bytes that the rules added to RSS */
} Contender;

static Contender contenders[] = {
    { "stock", NVME_VM_STOCK, 0 },
    { "no rule", NVME_VM_PATCHED, 0 },
    { "1 rule", NVME_VM_PATCHED, 1 },
    { "1,000 rules", NVME_VM_PATCHED, 1000 },
    { "1,000,000 rules", NVME_VM_PATCHED, 1000000 },
};

/* Resident memory of QEMU in bytes (proc(5), statm). */
static uint64_t resident(Contender *c)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/statm",
                                            (int)qtest_pid(c->vm->qts));
    g_autofree char *text = NULL;
    uint64_t pages = 0;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpint(sscanf(text, "%*u %" SCNu64, &pages), ==, 1);
    return pages * getpagesize();
}

/* Rules for the half of each slot that no read touches. */
static void add_rules(Contender *c)
{
    uint64_t before = resident(c);

    for (unsigned first = 0; first < c->rules; first += RULES_PER_ADD) {
        unsigned end = MIN(c->rules, first + RULES_PER_ADD);
        g_autoptr(GString) list = g_string_new(NULL);
        QDict *response;

        for (unsigned i = first; i < end; i++) {
            uint64_t slot = (uint64_t)i * SLOTS / c->rules;

            g_string_append_printf(list, "%s{'id': 'r%u', 'opcode': 'read', "
                "'slba': %" PRIu64 ", 'nlb': %d, 'action': 'status', "
                "'status': 'access-denied', 'dnr': true, 'times': 1}",
                i > first ? "," : "", i,
                slot * SLOT_BLOCKS + BLOCKS_PER_READ, BLOCKS_PER_READ);
        }
        qtest_qmp_send_raw(c->vm->qts, "{'execute': 'nvme-fi-add', "
                           "'arguments': {'device': 'nvme0', 'rules': [%s]}}"
                           "\n", list->str);
        response = qtest_qmp_receive(c->vm->qts);
        g_assert_true(qdict_haskey(response, "return"));
        qobject_unref(response);
    }
    c->memory = resident(c) - before;
}

/* Fills every slot of the SQ; the same reads then serve every round. */
static void fill_queue(Contender *c, GRand *random)
{
    uint64_t data = nvme_alloc(c->host, NVME_PAGE);
    g_autofree NvmeCmd *sqes = g_new0(NvmeCmd, ENTRIES);

    for (unsigned i = 0; i < ENTRIES; i++) {
        uint64_t slot = g_rand_int_range(random, 0, SLOTS);

        sqes[i] = nvme_cmd_rw(c->host, NVME_CMD_READ, 1, slot * SLOT_BLOCKS,
                              BLOCKS_PER_READ, data);
        sqes[i].cid = cpu_to_le16(i);
    }
    qtest_bufwrite(c->vm->qts, c->io->sq, sqes, ENTRIES * sizeof(*sqes));
}

static void start(Contender *c)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(SEED);
    g_autofree char *args = g_strdup_printf(
        "-blockdev null-co,node-name=n0,size=%" PRIu64 " "
        "-device nvme,id=nvme0,serial=bench,addr=04.0,drive=n0",
        (uint64_t)SLOTS * SLOT_BLOCKS * NVME_LBA);

    c->vm = nvme_vm_new(c->binary, 0, 0, args);
    c->host = nvme_host_new(c->vm, 0x20);
    nvme_host_enable(c->host);
    c->io = nvme_ring_new(c->host, 1, ENTRIES);
    fill_queue(c, random);
    if (c->rules) {
        add_rules(c);
    }
}

/* One doorbell, ROUND reads, all of which must have arrived and succeeded. */
static void run_round(Contender *c)
{
    QTestState *qts = c->vm->qts;
    unsigned last = (c->io->cq_head + ROUND - 1) % ENTRIES;
    uint8_t phase = c->io->phase ^ (c->io->cq_head + ROUND > ENTRIES);
    uint64_t status = c->io->cq + last * sizeof(NvmeCqe) +
                      offsetof(NvmeCqe, status);
    uint16_t seen;

    c->io->sq_tail = (c->io->sq_tail + ROUND) % ENTRIES;
    nvme_ring_kick(c->io);
    do {
        seen = qtest_readw(qts, status);
    } while ((seen & 1) != phase);
    g_assert_cmphex(seen >> 1, ==, 0);
    c->io->cq_head += ROUND;
    if (c->io->cq_head >= ENTRIES) {
        c->io->cq_head -= ENTRIES;
        c->io->phase ^= 1;
    }
    nvme_host_set_reg(c->host, 0x1000 + 8 + 4, c->io->cq_head);
}

static double take_turn(Contender *c, unsigned rounds)
{
    int64_t begin = g_get_monotonic_time();

    for (unsigned i = 0; i < rounds; i++) {
        run_round(c);
    }
    return (double)rounds * ROUND * G_USEC_PER_SEC /
           (g_get_monotonic_time() - begin);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(const double *values, unsigned n)
{
    g_autofree double *sorted = g_memdup2(values, n * sizeof(*values));

    qsort(sorted, n, sizeof(*sorted), compare_doubles);
    return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/* The median over all turns of the ratio to stock's turn next to it. */
static double ratio_to_stock(const Contender *c, unsigned turns)
{
    g_autofree double *ratios = g_new(double, turns);

    for (unsigned i = 0; i < turns; i++) {
        ratios[i] = c->turns[i] / contenders[0].turns[i];
    }
    return median(ratios, turns);
}

static void put_double(QDict *dict, const char *key, double value)
{
    QNum *number = qnum_from_double(value);

    qdict_put(dict, key, number);
}

static void report(unsigned turns)
{
    g_autoptr(GString) json = NULL;
    QDict *all = qdict_new();

    for (unsigned i = 0; i < ARRAY_SIZE(contenders); i++) {
        Contender *c = &contenders[i];
        QDict *one = qdict_new();

        qdict_put_int(one, "rules", c->rules);
        qdict_put_int(one, "commands-per-second",
                      llround(median(c->turns, turns)));
        put_double(one, "ratio-to-stock", ratio_to_stock(c, turns));
        if (c->rules >= 100 * RULES_PER_ADD) {
            put_double(one, "bytes-per-rule", (double)c->memory / c->rules);
        }
        qdict_put(all, c->name, one);
    }
    json = qobject_to_json_pretty(QOBJECT(all), true);
    puts(json->str);
    qobject_unref(all);
}

int main(int argc, char **argv)
{
    unsigned turns = argc > 1 ? g_ascii_strtoull(argv[1], NULL, 10) : 60;

    if (argc > 2 || turns == 0) {
        fprintf(stderr, "usage: device-bench [TURNS], TURNS 1 or more\n");
        return 2;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(contenders); i++) {
        start(&contenders[i]);
        contenders[i].turns = g_new(double, turns);
        take_turn(&contenders[i], WARM_UP);
    }
    for (unsigned t = 0; t < turns; t++) {
        /* each turn begins elsewhere, so that nobody is always behind */
        for (unsigned i = 0; i < ARRAY_SIZE(contenders); i++) {
            Contender *c = &contenders[(i + t) % ARRAY_SIZE(contenders)];

            c->turns[t] = take_turn(c, TURN);
        }
    }
    report(turns);
    for (unsigned i = 0; i < ARRAY_SIZE(contenders); i++) {
        nvme_vm_free(contenders[i].vm);
    }
    return 0;
}
