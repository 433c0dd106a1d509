/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test has a physical and a virtual function that work at the same time.
 * What goes wrong with one of them goes wrong with that one only, whichever it
 * is; the medium is common to both.
 */
#include "qemu/osdep.h"
#include "fi-event.h"
#include "fi-vf.h"

#define TIME        1000000007      /* ns; prime, so that no rounding hides */
#define OLD         0x11
#define NEW         0x22
#define UNRECOVERED 0x281
#define LID_SMART   0x02

/* A controller that has a fault, and the other one of the pair. */
typedef void Row(FiRig *here, FiRig *there);

static uint16_t submit_read(FiRig *rig, uint64_t slba)
{
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_READ, NS_PLAIN, slba, 1,
                              rig->data);

    return nvme_ring_submit(rig->io, &cmd);
}

/* The read that was submitted as @cid ends now. */
static void expect(FiRig *rig, uint16_t cid, uint16_t status)
{
    NvmeCqe cqe;

    nvme_ring_wait(rig->io, &cqe);
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==, cid);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, status);
    nvme_ring_assert_idle(rig->io);
}

static size_t logged(FiRig *rig)
{
    QDict *log = fi_log(rig, 1);
    size_t n = qlist_size(qdict_get_qlist(log, "commands"));

    qobject_unref(log);
    return n;
}

static void row_status(FiRig *here, FiRig *there)
{
    fi_add(here, "{'id':'r','opcode':'read','action':'status',"
           "'status':'access-denied'}");
    g_assert_cmphex(fi_read(here, 8), ==, FI_ACCESS_DENIED);
    g_assert_cmphex(fi_read(there, 8), ==, 0);
    g_assert_cmpint(logged(here), ==, 1);
    g_assert_cmpint(logged(there), ==, 0);
    /* the other one has names, counters and a log of its own */
    fi_add(there, "{'id':'r','opcode':'read','action':'status',"
           "'status':'internal-error'}");
    g_assert_cmphex(fi_read(there, 8), ==, FI_INTERNAL_ERROR);
    g_assert_cmphex(fi_read(here, 8), ==, FI_ACCESS_DENIED);
    g_assert_cmpint(fi_hits(here, "r"), ==, 2);
    g_assert_cmpint(fi_hits(there, "r"), ==, 1);
    fi_remove(here, "r");
    g_assert_cmphex(fi_read(here, 8), ==, 0);
    g_assert_cmphex(fi_read(there, 8), ==, FI_INTERNAL_ERROR);
    fi_clear(there);
}

static void row_admin(FiRig *here, FiRig *there)
{
    NvmeCmd cmd = nvme_cmd_identify(here->host, 1, 0, here->data);

    fi_add(here, "{'opcode':'identify','action':'status',"
           "'status':'internal-error'}");
    g_assert_cmphex(nvme_ring_exec(&here->host->admin, &cmd, NULL), ==,
                    FI_INTERNAL_ERROR);
    g_assert_cmphex(nvme_ring_exec(&there->host->admin, &cmd, NULL), ==, 0);
}

static void row_delay(FiRig *here, FiRig *there)
{
    uint16_t cid;

    fi_add(here, "{'opcode':'read','action':'none','delay-ns':%d}", TIME);
    cid = submit_read(here, 8);
    g_assert_cmphex(fi_read(there, 8), ==, 0);
    fi_wait_stat(here, "rd_operations", 2);
    nvme_vm_step(here->vm, TIME - 1);
    nvme_ring_assert_idle(here->io);
    g_assert_cmphex(fi_read(there, 8), ==, 0);
    nvme_vm_step(here->vm, 1);
    expect(here, cid, 0);
}

static void row_drop(FiRig *here, FiRig *there)
{
    fi_add(here, "{'id':'d','opcode':'read','action':'drop','times':1}");
    submit_read(here, 8);
    g_assert_cmphex(fi_read(there, 8), ==, 0);
    nvme_vm_step(here->vm, 60 * (int64_t)TIME);
    nvme_ring_assert_idle(here->io);
    g_assert_cmpint(fi_hits(here, "d"), ==, 1);
}

static void row_hold(FiRig *here, FiRig *there)
{
    uint16_t cid, other;

    fi_add(here, "{'id':'h','opcode':'read','action':'hold'}");
    fi_add(there, "{'id':'h','opcode':'read','action':'hold'}");
    cid = submit_read(here, 8);
    nvme_ring_assert_idle(here->io);
    g_assert_cmpint(fi_held(here), ==, 1);
    g_assert_cmpint(fi_held(there), ==, 0);
    g_assert_cmpint(fi_release(there, ""), ==, 0);
    other = submit_read(there, 8);
    nvme_ring_assert_idle(there->io);
    g_assert_cmpint(fi_release(here, ",'id':'h'"), ==, 1);
    expect(here, cid, 0);
    nvme_ring_assert_idle(there->io);
    g_assert_cmpint(fi_release(there, ",'status':'internal-error'"), ==, 1);
    expect(there, other, FI_INTERNAL_ERROR);
    fi_clear(there);
}

static void row_tear(FiRig *here, FiRig *there)
{
    nvme_fill(there->io, NS_PLAIN, 100, 8, OLD);
    fi_add(here, "{'opcode':'write','action':'tear','blocks':3}");
    nvme_fill(here->io, NS_PLAIN, 100, 8, NEW);
    g_assert_true(nvme_holds(there->io, NS_PLAIN, 100, 3, NEW));
    g_assert_true(nvme_holds(there->io, NS_PLAIN, 103, 5, OLD));
    nvme_fill(there->io, NS_PLAIN, 100, 8, OLD);
    g_assert_true(nvme_holds(here->io, NS_PLAIN, 100, 8, OLD));
}

static void row_corrupt(FiRig *here, FiRig *there)
{
    nvme_fill(here->io, NS_PLAIN, 100, 2, OLD);
    fi_add(here, "{'opcode':'read','action':'corrupt','where':'host',"
           "'how':'fill','value':%d}", NEW);
    g_assert_true(nvme_holds(here->io, NS_PLAIN, 100, 2, NEW));
    g_assert_true(nvme_holds(there->io, NS_PLAIN, 100, 2, OLD));
}

static void row_cqe(FiRig *here, FiRig *there)
{
    NvmeCmd cmd = nvme_cmd(NVME_CMD_FLUSH, NS_PLAIN);
    NvmeCqe cqe;

    fi_add(here, "{'opcode':'flush','action':'cqe','dw0':305419896}");
    g_assert_cmphex(nvme_ring_exec(here->io, &cmd, &cqe), ==, 0);
    g_assert_cmphex(le32_to_cpu(cqe.result), ==, 0x12345678);
    g_assert_cmphex(nvme_ring_exec(there->io, &cmd, &cqe), ==, 0);
    g_assert_cmphex(le32_to_cpu(cqe.result), ==, 0);
}

/* Whether a read of @rig signals its vector, and nothing else. */
static bool read_signals(FiRig *rig)
{
    nvme_host_irq_clear(rig->host, 0);
    nvme_host_irq_clear(rig->host, 1);
    g_assert_cmphex(fi_read(rig, 8), ==, 0);
    nvme_vm_settle(rig->vm);
    g_assert_cmpint(nvme_host_irq(rig->host, 0), ==, 0);
    return nvme_host_irq(rig->host, 1) == 2;
}

static void row_interrupt(FiRig *here, FiRig *there)
{
    g_assert_true(read_signals(here));
    g_assert_true(read_signals(there));
    fi_add(here, "{'opcode':'read','action':'interrupt',"
           "'interrupt':'lost','times':1}");
    g_assert_true(read_signals(there));
    g_assert_false(read_signals(here));
    g_assert_true(read_signals(here));
    nvme_host_irq_clear(here->host, 1);
    nvme_host_irq_clear(there->host, 1);
    fi_trigger(here, "{'trigger':'interrupt','interrupt':'spurious'}");
    nvme_vm_settle(here->vm);
    g_assert_cmpint(nvme_host_irq(here->host, 1), ==, 2);
    g_assert_cmpint(nvme_host_irq(there->host, 1), ==, 0);
}

static void row_doorbell(FiRig *here, FiRig *there)
{
    uint16_t cid;

    fi_trigger(here, "{'trigger':'doorbell','doorbell':'stuck',"
               "'for-ns':%d}", TIME);
    cid = submit_read(here, 8);
    g_assert_cmphex(fi_read(there, 8), ==, 0);
    nvme_vm_step(here->vm, TIME - 1);
    nvme_ring_assert_idle(here->io);
    nvme_vm_step(here->vm, 1);
    expect(here, cid, 0);
}

/* There is one medium: it is as bad, and heals, for both. */
static void row_media(FiRig *here, FiRig *there)
{
    fi_trigger(here, "{'trigger':'media','slba':8,'nlb':2}");
    g_assert_cmphex(fi_read(here, 8), ==, UNRECOVERED);
    g_assert_cmphex(fi_read(there, 9), ==, UNRECOVERED);
    g_assert_cmphex(fi_read(there, 10), ==, 0);
    g_assert_cmphex(fi_rw(there, NVME_CMD_WRITE, 9, 1), ==, 0);
    g_assert_cmphex(fi_read(here, 9), ==, 0);
    g_assert_cmphex(fi_read(there, 8), ==, UNRECOVERED);
    fi_trigger(there, "{'trigger':'media','slba':8,'good':true}");
    g_assert_cmphex(fi_read(here, 8), ==, 0);
}

static void row_forbid(FiRig *here, FiRig *there)
{
    QDict *event;

    fi_add(here, "{'id':'no','opcode':'read','action':'forbid'}");
    g_assert_cmphex(fi_read(there, 8), ==, 0);
    g_assert_null(qtest_qmp_event_ref(here->vm->qts, "NVME_FI_VIOLATION"));
    g_assert_cmphex(fi_read(here, 8), ==, 0);
    event = qtest_qmp_eventwait_ref(here->vm->qts, "NVME_FI_VIOLATION");
    g_assert_cmpstr(qdict_get_str(qdict_get_qdict(event, "data"), "device"),
                    ==, here->device ?: "nvme0");
    qobject_unref(event);
}

static uint8_t critical_warning(FiRig *rig)
{
    uint8_t page[512];

    g_assert_cmphex(fi_event_log(rig, LID_SMART, FI_ALL_NS, page,
                                 sizeof(page)), ==, 0);
    return page[0];
}

static void row_event(FiRig *here, FiRig *there)
{
    fi_event_configure(here, FI_AEC_ALL);
    fi_event_configure(there, FI_AEC_ALL);
    fi_event_ask(here);
    fi_event_ask(there);
    fi_trigger(here, FI_EVENT("'event':'smart','critical-warning':4"));
    fi_event_expect(here, FI_AER(1, 0, LID_SMART));
    fi_event_expect_none(there);
    g_assert_cmphex(critical_warning(here), ==, 4);
    g_assert_cmphex(critical_warning(there), ==, 0);
}

static void row_rule_trigger(FiRig *here, FiRig *there)
{
    fi_add(here, "{'opcode':'read','action':'none','times':1,'trigger':["
           "{'trigger':'media','slba':20},"
           "{'trigger':'interrupt','interrupt':'lost'}]}");
    g_assert_true(read_signals(there));
    g_assert_false(read_signals(here));
    g_assert_cmphex(fi_read(there, 20), ==, UNRECOVERED);
    fi_trigger(there, "{'trigger':'media','slba':20,'good':true}");
}

static uint32_t csts(FiRig *rig)
{
    return nvme_host_reg(rig->host, NVME_REG_CSTS);
}

static void row_fatal(FiRig *here, FiRig *there)
{
    uint16_t cid;

    fi_trigger(here, "{'trigger':'controller','fault':'fatal',"
               "'for-ns':%d}", TIME);
    g_assert_cmphex(csts(here), ==, NVME_CSTS_READY | NVME_CSTS_FAILED);
    g_assert_cmphex(csts(there), ==, NVME_CSTS_READY);
    cid = submit_read(here, 8);
    g_assert_cmphex(fi_read(there, 8), ==, 0);
    nvme_ring_assert_idle(here->io);
    nvme_vm_step(here->vm, TIME);
    expect(here, cid, 0);
    g_assert_cmphex(csts(here), ==, NVME_CSTS_READY);
}

static void row_gone(FiRig *here, FiRig *there)
{
    fi_trigger(here, "{'trigger':'controller','fault':'gone','for-ns':%d}",
               TIME);
    g_assert_cmphex(csts(here), ==, 0xffffffff);
    g_assert_cmphex(qpci_config_readl(here->host->pci, 0), ==, 0xffffffff);
    g_assert_cmphex(csts(there), ==, NVME_CSTS_READY);
    g_assert_cmphex(fi_read(there, 8), ==, 0);
    nvme_vm_step(here->vm, TIME);
    nvme_vm_settle(here->vm);
    g_assert_cmphex(csts(here), ==, NVME_CSTS_READY);
}

static const struct {
    const char *name;
    Row *run;
} rows[] = {
    { "status", row_status },
    { "admin", row_admin },
    { "delay", row_delay },
    { "drop", row_drop },
    { "hold", row_hold },
    { "tear", row_tear },
    { "corrupt", row_corrupt },
    { "cqe", row_cqe },
    { "interrupt", row_interrupt },
    { "doorbell", row_doorbell },
    { "media", row_media },
    { "forbid", row_forbid },
    { "event", row_event },
    { "rule-trigger", row_rule_trigger },
    { "fatal", row_fatal },
    { "gone", row_gone },
};

static void run(Row *row, bool virtual)
{
    FiVf *pair = fi_vf_new();
    FiRig *here = virtual ? pair->vf : pair->pf;

    fi_rig_assert_works(pair->vf);
    fi_rig_assert_works(pair->pf);
    row(here, virtual ? pair->pf : pair->vf);
    fi_clear(here);
    fi_rig_assert_works(pair->vf);
    fi_rig_assert_works(pair->pf);
    fi_vf_free(pair);
}

static void test_virtual(gconstpointer row)
{
    run(rows[GPOINTER_TO_SIZE(row)].run, true);
}

static void test_physical(gconstpointer row)
{
    run(rows[GPOINTER_TO_SIZE(row)].run, false);
}

/* What a virtual function cannot do by itself. */
static void test_refused(void)
{
    static const char *const faults[] = {
        "link-down", "unplug", "surprise-unplug",
    };
    FiVf *pair = fi_vf_new();

    for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
        fi_trigger_refused(pair->vf, "a virtual function",
                           "{'trigger':'controller','fault':'%s'}", faults[i]);
    }
    fi_rig_assert_works(pair->vf);
    fi_rig_assert_works(pair->pf);
    fi_vf_free(pair);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *virtual = g_strdup_printf("/nvme-fi/vf/virtual/%s",
                                                   rows[i].name);
        g_autofree char *physical = g_strdup_printf("/nvme-fi/vf/physical/%s",
                                                    rows[i].name);

        g_test_add_data_func(virtual, GSIZE_TO_POINTER(i), test_virtual);
        g_test_add_data_func(physical, GSIZE_TO_POINTER(i), test_physical);
    }
    g_test_add_func("/nvme-fi/vf/refused", test_refused);
    return g_test_run();
}
