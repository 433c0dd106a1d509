/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test changes zones without a command: from each state to each state
 * that can be forced, with what the host gets for its next commands, and with
 * the open and active zones counted right afterwards.
 */
#include "qemu/osdep.h"
#include "zone-rig.h"

static const From froms[] = {
    { "empty", 0, NULL, true },
    { "implicitly-open" },
    { "explicitly-open", NVME_ZONE_ACTION_OPEN },
    { "closed", NVME_ZONE_ACTION_CLOSE },
    { "full", NVME_ZONE_ACTION_FINISH },
    { "read-only", 0, "read-only" },
    { "offline", 0, "offline" },
};

/* The state that is forced, and what the host gets then. */
typedef struct To {
    const char *name;
    uint8_t state;
    uint16_t read, write, append, open, finish, reset;
} To;

static const To tos[] = {
    { "empty", NVME_ZONE_STATE_EMPTY },
    { "closed", NVME_ZONE_STATE_CLOSED },
    { "full", NVME_ZONE_STATE_FULL, 0, IS_FULL, IS_FULL, BAD_CHANGE, 0, 0 },
    { "read-only", NVME_ZONE_STATE_READ_ONLY, 0, READ_ONLY, READ_ONLY,
      BAD_CHANGE, BAD_CHANGE, BAD_CHANGE },
    { "offline", NVME_ZONE_STATE_OFFLINE, OFFLINE, OFFLINE, OFFLINE,
      BAD_CHANGE, BAD_CHANGE, BAD_CHANGE },
};

static void test_states(gconstpointer data)
{
    const To *to = data;
    FiRig *rig = zone_rig("");

    nvme_fill(rig->io, NS_ZONED, NEXT, 2, 0x22);
    for (unsigned i = 0; i < ARRAY_SIZE(froms); i++) {
        uint64_t wp = ZONE + (froms[i].empty ? 0 : WRITTEN);
        uint64_t shown = to->write ? UINT64_MAX :
                         to->state == NVME_ZONE_STATE_EMPTY ? ZONE : wp;

        g_test_message("from %s", froms[i].name);
        zone_prepare(rig, &froms[i]);
        zone_force(rig, to->name);
        zone_assert(rig, ZONE, to->state, shown);
        g_assert_cmphex(zone_rw(rig, NVME_CMD_READ, ZONE), ==, to->read);
        g_assert_cmphex(zone_rw(rig, NVME_CMD_WRITE,
                                to->write ? ZONE : shown), ==, to->write);
        g_assert_cmphex(zone_rw(rig, NVME_CMD_ZONE_APPEND, ZONE), ==,
                        to->append);
        g_assert_cmphex(zone_send(rig, ZONE, NVME_ZONE_ACTION_OPEN), ==,
                        to->open);
        g_assert_cmphex(zone_send(rig, ZONE, NVME_ZONE_ACTION_FINISH), ==,
                        to->finish);
        g_assert_cmphex(zone_send(rig, ZONE, NVME_ZONE_ACTION_RESET), ==,
                        to->reset);
        zone_assert(rig, NEXT, NVME_ZONE_STATE_IMPLICITLY_OPEN, NEXT + 2);
        zone_start_over(rig);
    }
    zone_assert_accounting(rig);
    fi_rig_free(rig);
}

/* ZNS 1.2, 2.1.1.2.2: an active zone that the controller made Full says so. */
static void test_excursion(void)
{
    FiRig *rig = zone_rig("");

    zone_force(rig, "full");
    g_assert_cmphex(nvme_zone(rig->io, NS_ZONED, ZONE).za, ==, 0);
    zone_start_over(rig);
    nvme_fill(rig->io, NS_ZONED, ZONE, WRITTEN, 0x11);
    zone_force(rig, "full");
    g_assert_cmphex(nvme_zone(rig->io, NS_ZONED, ZONE).za, ==,
                    NVME_ZA_FINISHED_BY_CTLR);
    g_assert_cmphex(zone_send(rig, ZONE, NVME_ZONE_ACTION_RESET), ==, 0);
    g_assert_cmphex(nvme_zone(rig->io, NS_ZONED, ZONE).za, ==, 0);
    fi_rig_free(rig);
}

/* The Zone Random Write Area of a zone that is lost is free for others. */
static void test_zrwa(void)
{
    FiRig *rig = zone_rig(",logical_block_size=512,zoned.zrwas=8192,"
                             "zoned.zrwafg=4096,zoned.numzrwa=1");
    NvmeCmd open = nvme_cmd_zone_send(NS_ZONED, ZONE, NVME_ZONE_ACTION_OPEN,
                                      false);
    NvmeCmd other = nvme_cmd_zone_send(NS_ZONED, NEXT, NVME_ZONE_ACTION_OPEN,
                                       false);

    open.cdw13 |= cpu_to_le32(1 << 9);          /* ZRWAA */
    other.cdw13 |= cpu_to_le32(1 << 9);
    for (unsigned i = 0; i < ARRAY_SIZE(tos); i++) {
        g_test_message("to %s", tos[i].name);
        g_assert_cmphex(nvme_ring_exec(rig->io, &open, NULL), ==, 0);
        g_assert_cmphex(nvme_ring_exec(rig->io, &other, NULL) & 0x7ff, ==,
                        NVME_NOZRWA);
        zone_force(rig, tos[i].name);
        if (tos[i].state == NVME_ZONE_STATE_CLOSED) {
            /* still active: it keeps its area */
            g_assert_cmphex(nvme_ring_exec(rig->io, &other, NULL) & 0x7ff, ==,
                            NVME_NOZRWA);
            zone_start_over(rig);
        }
        g_assert_cmphex(nvme_ring_exec(rig->io, &other, NULL), ==, 0);
        g_assert_cmphex(zone_send(rig, NEXT, NVME_ZONE_ACTION_RESET), ==, 0);
        zone_start_over(rig);
    }
    zone_assert_accounting(rig);
    fi_rig_free(rig);
}

/* No zone is made active beyond the namespace's limit. */
static void test_no_resource(void)
{
    FiRig *rig = zone_rig("");

    for (int i = 4; i < 4 + MAX_ACTIVE; i++) {
        g_assert_cmphex(zone_send(rig, i * FI_ZONE_BLOCKS,
                                  NVME_ZONE_ACTION_OPEN), ==, 0);
        g_assert_cmphex(zone_send(rig, i * FI_ZONE_BLOCKS,
                                  NVME_ZONE_ACTION_CLOSE), ==, 0);
    }
    fi_trigger_refused(rig, "4 active zones", "{'trigger':'zone','nsid':%d,"
                       "'slba':%d,'state':'closed'}", NS_ZONED, ZONE);
    zone_assert(rig, ZONE, NVME_ZONE_STATE_EMPTY, ZONE);
    zone_assert_accounting(rig);
    fi_rig_free(rig);
}

/* As part of a rule the zone is that of the command, which meets it changed. */
static void test_in_rule(void)
{
    FiRig *rig = zone_rig("");

    fi_add(rig, "{'id':'z','opcode':'write','nsid':%d,'slba':%d,'times':1,"
           "'action':'none','trigger':[{'trigger':'zone',"
           "'state':'read-only'}]}", NS_ZONED, ZONE + 2);
    g_assert_cmphex(zone_rw(rig, NVME_CMD_WRITE, ZONE), ==, 0);
    g_assert_cmphex(zone_rw(rig, NVME_CMD_WRITE, ZONE + 1), ==, 0);
    g_assert_cmphex(zone_rw(rig, NVME_CMD_WRITE, ZONE + 2), ==, READ_ONLY);
    g_assert_cmpint(fi_hits(rig, "z"), ==, 1);
    zone_assert(rig, ZONE, NVME_ZONE_STATE_READ_ONLY, UINT64_MAX);
    /* not possible for this command: left out, the command is carried out */
    fi_add(rig, "{'opcode':'flush','action':'none',"
           "'trigger':[{'trigger':'zone','state':'offline'}]},"
           "{'opcode':'read','nsid':%d,'action':'none',"
           "'trigger':[{'trigger':'zone','state':'offline'}]}", NS_PLAIN);
    fi_rig_assert_works(rig);
    zone_assert(rig, ZONE, NVME_ZONE_STATE_READ_ONLY, UINT64_MAX);
    fi_rig_free(rig);
}

/* Writes are under way when their zone is lost, or its write pointer goes. */
static void test_in_flight(void)
{
    FiRig *rig = zone_rig("");
    NvmeCmd cmds[8];
    NvmeCqe cqes[8];

    for (int round = 0; round < 40; round++) {
        const To *to = &tos[round % ARRAY_SIZE(tos)];

        for (unsigned i = 0; i < ARRAY_SIZE(cmds); i++) {
            cmds[i] = nvme_cmd_rw(rig->host, NVME_CMD_ZONE_APPEND, NS_ZONED,
                                  ZONE, 1, rig->data);
        }
        nvme_ring_push_many(rig->io, cmds, ARRAY_SIZE(cmds));
        nvme_ring_kick(rig->io);
        if (round % 4 == 0) {
            zone_shift(rig, 100 - round * 10);
        }
        zone_force(rig, to->name);
        nvme_ring_wait_many(rig->io, cqes, ARRAY_SIZE(cmds));
        zone_start_over(rig);
        g_assert_cmphex(zone_rw(rig, NVME_CMD_WRITE, ZONE), ==, 0);
        zone_assert(rig, ZONE, NVME_ZONE_STATE_IMPLICITLY_OPEN, ZONE + 1);
        zone_start_over(rig);
    }
    zone_assert_accounting(rig);
    fi_rig_free(rig);
}

/* The zones are those of the namespace; what is reported wrongly is not. */
static void test_two_controllers(void)
{
    NvmeVm *vm = nvme_vm_new(NVME_VM_PATCHED, 1, FI_NS_BYTES,
        "-device nvme-subsys,id=subsys0 "
        "-device nvme,id=nvme0,serial=fi,subsys=subsys0,addr=04.0 "
        "-device nvme,id=nvme1,serial=fi,subsys=subsys0,addr=05.0 "
        "-device nvme-ns,drive=d0,nsid=2,shared=on,bus=nvme0,zoned=on,"
        "zoned.zone_size=1M");
    FiRig first = { .vm = vm, .host = nvme_host_new(vm, FI_DEVFN) };
    FiRig second = { .vm = vm, .host = nvme_host_new(vm, FI_DEVFN + 8) };

    fi_rig_enable(&first);
    fi_rig_enable(&second);
    fi_trigger(&first, "{'trigger':'zone','nsid':2,'slba':%d,"
               "'reported-write-pointer':7},"
               "{'trigger':'zone','nsid':2,'slba':%d,'state':'offline'},"
               "{'trigger':'zone','nsid':2,'max-open':1}", ZONE, NEXT);
    zone_assert(&first, ZONE, NVME_ZONE_STATE_EMPTY, ZONE + 7);
    zone_assert(&second, ZONE, NVME_ZONE_STATE_EMPTY, ZONE);
    zone_assert(&second, NEXT, NVME_ZONE_STATE_OFFLINE, UINT64_MAX);
    g_assert_cmphex(zone_send(&first, ZONE, NVME_ZONE_ACTION_OPEN), ==, 0);
    g_assert_cmphex(zone_send(&second, 0, NVME_ZONE_ACTION_OPEN), ==, TOO_OPEN);
    nvme_ring_free(first.io);
    nvme_ring_free(second.io);
    nvme_host_free(first.host);
    nvme_host_free(second.host);
    nvme_vm_free(vm);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(tos); i++) {
        g_autofree char *path = g_strdup_printf(
            "/nvme-fi/zone-fault/to-%s", tos[i].name);

        g_test_add_data_func(path, &tos[i], test_states);
    }
    g_test_add_func("/nvme-fi/zone-fault/excursion", test_excursion);
    g_test_add_func("/nvme-fi/zone-fault/zrwa", test_zrwa);
    g_test_add_func("/nvme-fi/zone-fault/no-resource", test_no_resource);
    g_test_add_func("/nvme-fi/zone-fault/in-rule", test_in_rule);
    g_test_add_func("/nvme-fi/zone-fault/in-flight", test_in_flight);
    g_test_add_func("/nvme-fi/zone-fault/two-controllers",
                    test_two_controllers);
    return g_test_run();
}
