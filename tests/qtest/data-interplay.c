/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands whose blocks are being read or written by the fault injector, when
 * something drastic happens.  Which of them are how far is a race on purpose:
 * none may be lost, none may answer twice, and the drive works afterwards.
 */
#include "qemu/osdep.h"
#include "data-rig.h"
#include "hw/pci/pci_regs.h"

#define WAITING 12u
#define BLOCKS  96u
#define ROUNDS  15
#define SECOND  1000000000ll

static FiRig *start(gconstpointer rule)
{
    FiRig *rig = data_rig_new(",fi-write-cache=1M");

    fi_add(rig, "%s", (const char *)rule);
    return rig;
}

static void finish(FiRig *rig)
{
    nvme_ring_assert_idle(rig->io);
    fi_clear(rig);
    nvme_vm_step(rig->vm, 10 * SECOND);
    nvme_ring_assert_idle(rig->io);
    fi_rig_assert_works(rig);
    fi_rig_free(rig);
}

/* WAITING writes on their way; returns the first CID. */
static uint16_t launch(FiRig *rig)
{
    NvmeCmd cmds[WAITING];
    uint16_t first;

    for (unsigned i = 0; i < WAITING; i++) {
        cmds[i] = data_cmd(rig, NVME_CMD_WRITE, NS_PLAIN, i * BLOCKS, BLOCKS);
    }
    first = nvme_ring_push_many(rig->io, cmds, WAITING);
    nvme_ring_kick(rig->io);
    return first;
}

static void test_reset(gconstpointer rule)
{
    FiRig *rig = start(rule);

    for (int i = 0; i < ROUNDS; i++) {
        launch(rig);
        fi_rig_reset(rig);
    }
    finish(rig);
}

static void test_flr(gconstpointer rule)
{
    FiRig *rig = start(rule);

    for (int i = 0; i < 3; i++) {
        launch(rig);
        nvme_host_flr(rig->host);
        fi_rig_enable(rig);
    }
    finish(rig);
}

static void test_shutdown(gconstpointer rule)
{
    FiRig *rig = start(rule);

    launch(rig);
    nvme_host_shutdown(rig->host);
    fi_rig_reset(rig);
    finish(rig);
}

/* Each command has one CQE, of whatever status, before the deletion's. */
static void take_all(FiRig *rig, uint16_t first)
{
    NvmeCqe cqes[WAITING];
    unsigned seen = 0;

    nvme_ring_wait_many(rig->io, cqes, WAITING);
    for (unsigned i = 0; i < WAITING; i++) {
        unsigned index = (uint16_t)(le16_to_cpu(cqes[i].cid) - first);

        g_assert_cmpint(index, <, WAITING);
        g_assert_cmphex(seen & 1 << index, ==, 0);
        seen |= 1 << index;
    }
}

static void test_delete_sq(gconstpointer rule)
{
    FiRig *rig = start(rule);
    NvmeCmd create;

    for (int i = 0; i < ROUNDS; i++) {
        uint16_t first = launch(rig);

        /* fetched all: what is not is not answered */
        while (fi_matches(rig, "r") < WAITING * (i + 1)) {
            nvme_vm_settle(rig->vm);
        }
        g_assert_cmphex(nvme_ring_delete_sq(rig->io), ==, 0);
        take_all(rig, first);
        create = nvme_cmd_create_sq(1, rig->io->size, rig->io->sq, 1);
        g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &create, NULL), ==,
                        0);
        rig->io->sq_tail = rig->io->sq_rung = 0;
    }
    finish(rig);
}

static void test_abort(gconstpointer rule)
{
    FiRig *rig = start(rule);

    for (int i = 0; i < ROUNDS; i++) {
        uint16_t first = launch(rig);

        for (unsigned j = 0; j < WAITING; j++) {
            NvmeCmd abort = nvme_cmd_abort(1, first + j);

            g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &abort, NULL),
                            ==, 0);
        }
        take_all(rig, first);
    }
    finish(rig);
}

static void test_rule_removed(gconstpointer rule)
{
    FiRig *rig = start(rule);
    uint16_t first = launch(rig);

    fi_remove(rig, "r");
    take_all(rig, first);
    fi_add(rig, "%s", (const char *)rule);
    launch(rig);
    fi_clear(rig);
    fi_rig_reset(rig);
    finish(rig);
}

static void test_shadow_doorbells(gconstpointer rule)
{
    FiRig *rig = start(rule);

    g_assert_cmphex(nvme_host_shadow_doorbells(rig->host), ==, 0);
    for (int i = 0; i < ROUNDS; i++) {
        take_all(rig, launch(rig));
    }
    finish(rig);
}

/* The other controller of the subsystem has no rule; both write at once. */
static void test_second_controller(gconstpointer rule)
{
    FiRig *rig = start(rule);
    NvmeHost *host = nvme_host_new(rig->vm, DATA_OTHER_DEVFN);
    NvmeRing *ring;
    uint16_t first;

    nvme_host_enable(host);
    ring = nvme_ring_new(host, 1, NVME_RING_ENTRIES);
    first = launch(rig);
    nvme_fill(ring, NS_PLAIN, 30000, 8, 0x77);
    take_all(rig, first);
    g_assert_true(nvme_holds(ring, NS_PLAIN, 30000, 8, 0x77));
    launch(rig);
    nvme_host_reset(host);
    fi_rig_reset(rig);
    nvme_ring_free(ring);
    nvme_host_free(host);
    finish(rig);
}

static void test_quit(gconstpointer rule)
{
    FiRig *rig = start(rule);

    launch(rig);
    fi_rig_free(rig);
}

/* Cut after cut, with commands in flight each time. */
static void test_power_cut(gconstpointer rule)
{
    FiRig *rig = start(rule);

    for (int i = 0; i < ROUNDS; i++) {
        launch(rig);
        data_cut(rig, ",'lose':0.5,'tear':0.5,'reorder':true");
    }
    finish(rig);
}

/* device_del, and what a guest's ACPI tables do then: eject the slot. */
static void test_device_del(gconstpointer rule)
{
    FiRig *rig = g_new0(FiRig, 1);

    rig->vm = nvme_vm_new(NVME_VM_PATCHED, 1, FI_NS_BYTES,
        "-device pcie-root-port,id=port0,addr=03.0,chassis=1,slot=1 "
        "-device nvme,id=nvme0,serial=fi,bus=port0,fi-write-cache=1M "
        "-device nvme-ns,drive=d0,bus=nvme0,nsid=1");
    nvme_vm_open_port(rig->vm, 3 << 3);
    rig->host = nvme_host_new(rig->vm, 1 << 8);
    rig->data = nvme_alloc(rig->host, FI_DATA_BYTES);
    fi_rig_enable(rig);
    fi_add(rig, "%s", (const char *)rule);
    launch(rig);
    qtest_qmp_device_del_send(rig->vm->qts, "nvme0");
    for (unsigned bus = 0; bus < 4; bus++) {
        qtest_outl(rig->vm->qts, 0xcc0 + 0x10, bus);    /* ICH9 pcihp: BNUM */
        qtest_outl(rig->vm->qts, 0xcc0 + 0x08, 1);      /* B0EJ, slot 0 */
    }
    qtest_qmp_eventwait(rig->vm->qts, "DEVICE_DELETED");
    nvme_vm_step(rig->vm, 10 * SECOND);
    nvme_vm_settle(rig->vm);
    fi_rig_free(rig);
}

void data_add_interplay(const char *area, const char *rule)
{
    static const struct {
        const char *name;
        GTestDataFunc func;
    } tests[] = {
        { "controller-reset", test_reset },
        { "flr", test_flr },
        { "shutdown", test_shutdown },
        { "delete-sq", test_delete_sq },
        { "abort", test_abort },
        { "rule-removed", test_rule_removed },
        { "shadow-doorbells", test_shadow_doorbells },
        { "second-controller", test_second_controller },
        { "power-cut", test_power_cut },
        { "quit", test_quit },
        { "device-del", test_device_del },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(tests); i++) {
        g_autofree char *path = g_strdup_printf("/nvme-fi/%s/%s", area,
                                                tests[i].name);

        g_test_add_data_func(path, rule, tests[i].func);
    }
}
