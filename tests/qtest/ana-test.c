/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test changes Asymmetric Namespace Access states: event, log page,
 * commands, Identify (NVMe Base 2.1, 8.1.1), for one and for two controllers.
 */
#include "qemu/osdep.h"
#include "fi-event.h"

/* The descriptor of the one namespace of group @group. */
static const uint8_t *ana_group(const uint8_t *page, uint32_t group)
{
    const uint8_t *at = page + 16;

    for (unsigned i = 0; i < lduw_le_p(page + 8); i++) {
        uint32_t namespaces = ldl_le_p(at + 4);

        if (ldl_le_p(at) == group) {
            g_assert_cmpint(namespaces, ==, 1);
            g_assert_cmpint(ldl_le_p(at + 32), ==, group);
            return at;
        }
        at += 32 + 4 * namespaces;
    }
    g_assert_not_reached();
}

static void expect_ana(FiRig *rig, uint8_t state, uint16_t status)
{
    uint8_t page[512];

    g_assert_cmphex(fi_event_log(rig, FI_LID_ANA, FI_ALL_NS, page,
                                 sizeof(page)), ==, 0);
    g_assert_cmpint(lduw_le_p(page + 8), ==, 2);
    g_assert_cmphex(ana_group(page, 1)[16], ==, state);
    g_assert_cmphex(ana_group(page, 2)[16], ==, 1);
    g_assert_cmphex(fi_read(rig, 0), ==, status);
}

static void test_ana(void)
{
    static const struct {
        const char *name;
        uint8_t state;
        uint16_t status;
    } states[] = {
        { "non-optimized", 0x2, 0 }, { "inaccessible", 0x3, 0x302 },
        { "persistent-loss", 0x4, 0x301 }, { "change", 0xf, 0x303 },
        { "optimized", 0x1, 0 },
    };
    FiRig *rig = fi_event_start();
    uint8_t page[NVME_PAGE];

    for (unsigned i = 0; i < G_N_ELEMENTS(states); i++) {
        fi_trigger(rig, FI_EVENT("'event':'ana','ana-state':'%s'"),
                   states[i].name);
        fi_event_expect(rig, FI_AER(2, 3, FI_LID_ANA));
        expect_ana(rig, states[i].state, states[i].status);
        fi_event_ask(rig);
    }
    g_assert_cmphex(fi_event_log(rig, FI_LID_ANA | 1 << 8, FI_ALL_NS, page,
                                 512), ==, 0);
    g_assert_cmpint(ldq_le_p(page), ==, G_N_ELEMENTS(states));
    g_assert_cmpint(lduw_le_p(page + 8), ==, 2);
    g_assert_cmpint(ldl_le_p(page + 16 + 4), ==, 0);    /* groups only */
    fi_event_identify(rig, NVME_ID_CNS_CTRL, 0, page);
    g_assert_cmphex(page[76] & 1 << 3, !=, 0);          /* CMIC */
    g_assert_cmphex(ldl_le_p(page + 92) & 1u << 11, !=, 0);
    g_assert_cmphex(page[343] & 0x1f, ==, 0x1f);        /* ANACAP */
    g_assert_cmpint(page[342], >, 0);                   /* ANATT */
    g_assert_cmpint(ldl_le_p(page + 344), >=, 2);       /* ANAGRPMAX */
    g_assert_cmpint(ldl_le_p(page + 348), >=, 2);       /* NANAGRPID */
    g_assert_cmpint(ldl_le_p(page + 540), >=, 2);       /* MNAN */
    g_assert_cmpint(ldl_le_p(page + 540), <=, ldl_le_p(page + 516));
    fi_event_identify(rig, NVME_ID_CNS_NS, 2, page);
    g_assert_cmpint(ldl_le_p(page + 92), ==, 2);        /* ANAGRPID */
    fi_rig_free(rig);
}

/* A host that looks at the controller for the first time finds it there, if a
 * rule can bring it about; and in the other controller, where all is well. */
static void test_ana_before_probe(void)
{
    FiRig *rig = fi_rig_new(NVME_VM_PATCHED, " -device nvme,id=nvme1,"
                            "serial=fi,subsys=subsys0,addr=05.0");
    FiRig other = { .vm = rig->vm, .data = rig->data };
    uint8_t page[NVME_PAGE];

    fi_event_identify(rig, NVME_ID_CNS_CTRL, 0, page);
    g_assert_cmphex(page[76] & 1 << 3, ==, 0);
    g_assert_cmphex(fi_event_log(rig, FI_LID_ANA, FI_ALL_NS, page, 512), !=, 0);
    fi_add(rig, "{'action':'none','opcode':'flush','trigger':["
           FI_EVENT("'event':'ana','ana-state':'inaccessible'") "]}");
    other.host = nvme_host_new(rig->vm, 0x28);
    nvme_host_enable(other.host);
    fi_event_identify(rig, NVME_ID_CNS_CTRL, 0, page);
    g_assert_cmphex(page[76] & 1 << 3, !=, 0);
    fi_event_identify(&other, NVME_ID_CNS_CTRL, 0, page);
    g_assert_cmphex(page[76] & 1 << 3, !=, 0);
    fi_rw(rig, NVME_CMD_FLUSH, 0, 1);
    expect_ana(rig, 3, 0x302);
    g_assert_cmphex(fi_event_log(&other, FI_LID_ANA, FI_ALL_NS, page, 512), ==,
                    0);
    for (unsigned i = 0; i < lduw_le_p(page + 8); i++) {
        g_assert_cmphex(page[16 + i * 36 + 16], ==, 1);
    }
    nvme_host_free(other.host);
    fi_rig_free(rig);
}

/* Rules of the command line show before the host ever looked. */
static void test_offer_by_property(void)
{
    const char *list = "[{\"action\":\"none\",\"opcode\":\"flush\","
        "\"trigger\":[{\"trigger\":\"event\",\"event\":\"zone\",\"nsid\":2},"
        "{\"trigger\":\"event\",\"event\":\"ana\","
        "\"ana-state\":\"change\"}]}]";
    g_autofree char *path = NULL;
    g_autofree char *options = NULL;
    uint8_t page[NVME_PAGE];
    FiRig *rig;

    close(g_file_open_tmp("nvme-fi-XXXXXX", &path, NULL));
    g_assert_true(g_file_set_contents(path, list, -1, NULL));
    options = g_strdup_printf(",fi-file=%s", path);
    rig = fi_rig_new(NVME_VM_PATCHED, options);
    unlink(path);
    fi_event_identify(rig, NVME_ID_CNS_CTRL, 0, page);
    g_assert_cmphex(page[76] & 1 << 3, !=, 0);
    g_assert_cmphex(ldl_le_p(page + 92), ==,
                    1u << 8 | 1u << 11 | 1u << 27);
    fi_event_configure(rig, FI_AEC_ALL);
    fi_event_ask(rig);
    fi_event_ask(rig);
    fi_rw(rig, NVME_CMD_FLUSH, 0, 1);
    fi_event_expect(rig, FI_AER(2, 0xef, FI_LID_ZONES));
    expect_ana(rig, 0xf, 0x303);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) \
    g_test_add_func("/nvme-fi/ana/" name, function)
    ADD("states", test_ana);
    ADD("before-probe", test_ana_before_probe);
    ADD("offer-by-property", test_offer_by_property);
    return g_test_run();
}
