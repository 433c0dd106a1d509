/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test gives the decoder a command of each opcode, as the kernel prints
 * it, and expects the fields that the specification puts there.
 */
#include <string.h>

#include "engine/names.h"
#include "show.h"

/* The dwords of a command whose bytes the kernel prints as they are. */
typedef struct RawRow {
    guint qid;
    const char *name;           /* the kernel's */
    guint32 cdw[6];             /* 10 to 15 */
    const char *text;           /* that is shown */
} RawRow;

static const RawRow raw_rows[] = {
    { 0, "nvme_admin_get_log_page", { 0x007f8302, 0x00050001, 0x1000, 1,
                                      0x02800009 },
      "get-log-page lid=0x2:smart-health-information lsp=3 rae=1 numd=65664 "
      "lsi=5 lpo=4294971392 uidx=9 ot=1 csi=2" },
    { 0, "nvme_admin_abort_cmd", { 0x12340003 },
      "abort sqid=3 cid=4660" },
    { 0, "nvme_admin_async_event", { 0 }, "asynchronous-event-request" },
    { 0, "nvme_admin_ns_mgmt", { 1, 0x02000000 },
      "namespace-management sel=1:delete csi=2" },
    { 0, "nvme_admin_activate_fw", { 0x8000001a },
      "firmware-commit fs=2 ca=3 bpid=1" },
    { 0, "nvme_admin_download_fw", { 1023, 2048 },
      "firmware-image-download numd=1024 ofst=2048" },
    { 0, "nvme_admin_dev_self_test", { 2 },
      "device-self-test stc=2:extended" },
    { 0, "nvme_admin_ns_attach", { 1 },
      "namespace-attachment sel=1:detach" },
    { 0, "nvme_admin_keep_alive", { 0 }, "keep-alive" },
    { 0, "nvme_admin_directive_send", { 7, 0x00050101 },
      "directive-send numd=8 doper=1 dtype=1:streams dspec=5" },
    { 0, "nvme_admin_directive_recv", { 1023, 0x00000001 },
      "directive-receive numd=1024 doper=1 dtype=0:identify" },
    { 0, "nvme_admin_virtual_mgmt", { 0x00070108, 2 },
      "virtualization-management act=8:secondary-assign rt=1:vi cntlid=7 "
      "nr=2" },
    { 0, "nvme_admin_nvme_mi_send", { 0x0804, 3, 0x11, 0x22 },
      "nvme-mi-send mt=4 nmimt=1 opc=0x3 nmd0=0x11 nmd1=0x22" },
    { 0, "nvme_admin_nvme_mi_recv", { 0x8804, 1 },
      "nvme-mi-receive mt=4 nmimt=1 ror=1 opc=0x1" },
    { 0, "0x20", { 0x00020003, 5, 1 },
      "capacity-management oper=3 elid=2 cap=4294967301" },
    { 0, "0x21", { 1 }, "discovery-information-management tas=1" },
    { 0, "0x22", { 5, 6, 7 },
      "fabric-zoning-receive zdk=0x5 zdo=6 cdw12=0x7" },
    { 0, "0x24", { 0x0611 }, "lockdown scp=1 prhbt=1 ofi=0x6" },
    { 0, "0x25", { 0 }, "fabric-zoning-lookup" },
    { 0, "0x28", { 0, 9 },
      "clear-exported-nvm-resource-configuration cdw11=0x9" },
    { 0, "0x29", { 5, 6, 7 }, "fabric-zoning-send zdk=0x5 zdo=6 cdw12=0x7" },
    { 0, "0x2a", { 1 }, "create-exported-nvm-subsystem cdw10=0x1" },
    { 0, "0x2d", { 0x00020001 },
      "manage-exported-nvm-subsystem sel=1 mos=0x2" },
    { 0, "0x31", { 2 }, "manage-exported-namespace sel=2" },
    { 0, "0x35", { 3 }, "manage-exported-port sel=3" },
    { 0, "0x38", { 0x00050007, 0, 0x89abcdef, 0x01234567 },
      "cross-controller-reset icid=7 ciu=5 cirn=0x123456789abcdef" },
    { 0, "0x39", { 4 }, "send-discovery-log-page cdw10=0x4" },
    { 0, "0x3d", { 0x00010000, 3 }, "track-send sel=0 mos=0x1 cdqid=3" },
    { 0, "0x3e", { 1 }, "track-receive sel=1" },
    { 0, "0x41", { 1, 2, 4096, 0, 4, 8 },
      "migration-send sel=1 cntlid=2 offset=4096 uidx=4 numd=8" },
    { 0, "0x42", { 0, 0x05030002, 4096, 0, 0, 7 },
      "migration-receive sel=0 cntlid=2 cdw11-high=0x503 offset=4096 "
      "numd=7" },
    { 0, "0x45", { 0, 1, 64 },
      "controller-data-queue sel=0 cdw11=0x1 cdqsize=64" },
    { 0, "nvme_admin_dbbuf", { 0 }, "doorbell-buffer-config" },
    { 0, "nvme_admin_security_send", { 0xea010200, 512 },
      "security-send spsp0=0x2 spsp1=0x1 secp=0xea tl=512" },
    { 0, "nvme_admin_security_recv", { 0x01000001, 4096 },
      "security-receive nssf=1 secp=0x1 al=4096" },
    { 0, "nvme_admin_sanitize_nvm", { 0x72b, 0xdeadbeef },
      "sanitize sanact=3:overwrite ause=1 owpass=2 oipbp=1 ndas=1 emvs=1 "
      "ovrpat=0xdeadbeef" },
    { 0, "0x85", { 1 }, "load-program cdw10=0x1" },
    { 0, "0x88", { 1 }, "program-activation-management cdw10=0x1" },
    { 0, "0x89", { 1 }, "memory-range-set-management cdw10=0x1" },
    { 0, "0x8c", { 0x0c }, "sanitize-namespace sanact=4:crypto-erase ause=1" },
    { 0, "0xc1", { 1, 0, 0, 0, 0, 2 }, "vendor-0xc1 cdw10=0x1 cdw15=0x2" },
    { 1, "nvme_cmd_flush", { 0 }, "flush" },
    { 1, "nvme_cmd_write_uncor", { 16, 1, 7 },
      "write-uncorrectable slba=4294967312 nlb=8" },
    { 1, "nvme_cmd_compare", { 8, 0, 0xbc000000, 0, 5, 0xffff0006 },
      "compare slba=8 nlb=1 prinfo=0xf lr=1 eilbrt=5 elbat=6 "
      "elbatm=0xffff" },
    { 1, "nvme_cmd_verify", { 8, 0, 0x40000001 },
      "verify slba=8 nlb=2 fua=1" },
    { 1, "nvme_cmd_io_mgmt_recv", { 1, 63 },
      "io-management-receive mo=1:reclaim-unit-handle-status numd=64" },
    { 1, "0x18", { 0x00050001, 1 }, "cancel sqid=1 cid=5 action=1:multiple" },
    { 1, "0x19", { 100, 0, 0x00000203, 0, 9, 0 },
      "copy sdlba=100 nr=4 desfmt=2 ilbrt=9" },
    { 1, "0x1d", { 0x00030001 },
      "io-management-send mo=1:reclaim-unit-handle-update mos=3" },
};

/* What the kernel has decoded; where 6.1 prints something else than 7.2,
 * both. */
typedef struct TextRow {
    guint qid;
    const char *printed;
    const char *text;
} TextRow;

static const TextRow text_rows[] = {
    { 0, "nvme_admin_delete_sq sqid=2",
      "delete-io-submission-queue qid=2" },
    { 0, "nvme_admin_create_sq sqid=1, qsize=1023, sq_flags=0x5, cqid=1",
      "create-io-submission-queue qid=1 qsize=1024 pc=1 qprio=2:medium "
      "cqid=1" },
    { 0, "nvme_admin_delete_cq cqid=2",
      "delete-io-completion-queue qid=2" },
    { 0, "nvme_admin_create_cq cqid=1, qsize=1023, cq_flags=0x3, "
      "irq_vector=1",
      "create-io-completion-queue qid=1 qsize=1024 pc=1 ien=1 iv=1" },
    { 0, "nvme_admin_identify cns=1, ctrlid=0",
      "identify cns=0x1:controller" },
    { 0, "nvme_admin_set_features fid=0x7, sv=0x0, cdw11=0x30003",
      "set-features fid=0x7:number-of-queues cdw11=0x30003" },
    { 0, "nvme_admin_get_features fid=0x6, sel=0x2, cdw11=0x0",
      "get-features fid=0x6:volatile-write-cache sel=2:saved" },
    { 0, "nvme_admin_get_lba_status slba=0x800, mndw=0xff, rl=0x8, atype=16",
      "get-lba-status slba=2048 mndw=256 rl=8 atype=0x10" },
    { 0, "nvme_admin_format_nvm lbaf=18, mset=1, pi=2, pil=1, ses=1",
      "format-nvm lbafl=2 mset=1 pi=2 pil=1 ses=1:user-data-erase lbafu=1" },
    { 1, "nvme_cmd_read slba=2048, len=7, ctrl=0x8000, dsmgmt=3, reftag=9",
      "read slba=2048 nlb=8 lr=1 dsm=0x3 eilbrt=9" },
    { 1, "nvme_cmd_write slba=18446744073709551615, len=0, ctrl=0x4420, "
      "dsmgmt=65536, reftag=4294967295",
      "write slba=18446744073709551615 nlb=1 dtype=2 prinfo=0x1 "
      "fua=1 dspec=1 ilbrt=4294967295" },
    { 1, "nvme_cmd_write_zeroes slba=0, len=65535, ctrl=0x200, dsmgmt=0, "
      "reftag=0",
      "write-zeroes slba=0 nlb=65536 deac=1" },
    { 1, "nvme_cmd_zone_append slba=4096, len=7, ctrl=0x200, dsmgmt=0, "
      "reftag=0",
      "zone-append zslba=4096 nlb=8 piremap=1" },
    { 1, "nvme_cmd_dsm nr=0, attributes=4", "dataset-management nr=1 ad=1" },
    { 1, "nvme_cmd_zone_mgmt_send slba=0, zsa=4:reset zone, all=1",
      "zone-management-send slba=0 zsa=4:reset select-all=1" },
    { 1, "nvme_cmd_zone_mgmt_send slba=8, zsa=16, all=0",   /* 6.1 */
      "zone-management-send slba=8 zsa=16:set-zone-descriptor-extension" },
    { 1, "nvme_cmd_zone_mgmt_recv slba=0, numd=1023, zra=0, "
      "zrasf=5:list the zones in the ZSF: Full state, pr=1",
      "zone-management-receive slba=0 numd=1024 zra=0:report zrasf=5:full "
      "partial=1" },
    { 1, "nvme_cmd_zone_mgmt_recv slba=0, numd=15, zra=1, zrasf=0, pr=0",
      "zone-management-receive slba=0 numd=16 zra=1:extended-report "
      "zrasf=0:all" },                                      /* 6.1 */
    { 1, "nvme_cmd_resv_register rrega=2:replace, iekey=1, ptpl=3",
      "reservation-register rrega=2:replace iekey=1 cptpl=3:keep" },
    { 1, "nvme_cmd_resv_register rrega=0, iekey=0, ptpl=0", /* 6.12 */
      "reservation-register rrega=0:register" },
    { 1, "nvme_cmd_resv_report numd=255, eds=1",
      "reservation-report numd=256 eds=1" },
    { 1, "nvme_cmd_resv_acquire racqa=1:preempt, iekey=0, "
      "rtype=5:write exclusive all registrants",
      "reservation-acquire racqa=1:preempt "
      "rtype=5:write-exclusive-all-registrants" },
    { 1, "nvme_cmd_resv_release rrela=1:clear, iekey=1, "
      "rtype=2:exclusive access",
      "reservation-release rrela=1:clear iekey=1 rtype=2:exclusive-access" },
    /* 6.1 has no words for reservations: the bytes, by hand */
    { 1, "nvme_cmd_resv_acquire cdw10=09 03 00 00 00 00 00 00 00 00 00 00 "
      "00 00 00 00 00 00 00 00 00 00 00 00",
      "reservation-acquire racqa=1:preempt iekey=1 "
      "rtype=3:write-exclusive-registrants-only" },
    { 0, "nvme_fabrics_type_property_set attrib=0, ofst=0x14, value=0x460001",
      "property-set ofst=0x14:CC value=0x460001" },
    { 0, "nvme_fabrics_type_property_get attrib=1, ofst=0x0",
      "property-get attrib=1:8-bytes ofst=0x0:CAP" },
    { 0, "nvme_fabrics_type_connect recfmt=0, qid=0, sqsize=31, cattr=4, "
      "kato=30000",
      "connect qid=0 sqsize=32 cattr=0x4 kato=30000" },
    { 0, "nvme_fabrics_type_auth_send spsp0=01, spsp1=10, secp=e9, tl=24",
      "authentication-send spsp0=0x1 spsp1=0x10 secp=0xe9 tl=24" },
    { 0, "nvme_fabrics_type_auth_receive spsp0=01, spsp1=01, secp=e9, "
      "al=4096",
      "authentication-receive spsp0=0x1 spsp1=0x1 secp=0xe9 al=4096" },
    { 1, "0x8 specific=00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
      "00 00 00 00 00 00 00", "disconnect" },
    /* as a target prints it, with a comma */
    { 1, "nvme_cmd_read, slba=1, len=0, ctrl=0x0, dsmgmt=0, reftag=0",
      "read slba=1 nlb=1" },
    /* what a later kernel may add is not lost */
    { 1, "nvme_cmd_flush color=blue", "flush kernel=\"color=blue\"" },
};

static void parse(guint qid, const char *printed, const char *text)
{
    Command command = { .state = COMMAND_OPEN, .setup_ns = LINE_NO_TIME,
                        .done_ns = LINE_NO_TIME };
    g_autofree char *line = g_strdup_printf(
        "nvme0: qid=%u, cmdid=7, nsid=1, flags=0x0, meta=0x0, cmd=(%s)", qid,
        printed);
    g_autofree char *wanted = NULL;
    g_autoptr(GString) out = g_string_new(NULL);

    g_assert_true(event_parse("nvme_setup_cmd", line, &command.event));
    show_text(out, &command, false);
    wanted = g_strdup_printf(
        "           - nvme0 qid=%u cid=7%s %s -> no completion seen\n", qid,
        command.event.command.set == FIELDS_FABRICS ? "" : " nsid=1", text);
    g_assert_cmpstr(out->str, ==, wanted);
    event_clear(&command.event);
}

static void test_raw(gconstpointer data)
{
    const RawRow *row = data;
    g_autoptr(GString) printed = g_string_new(row->name);

    g_string_append(printed, " cdw10=");
    for (guint i = 0; i < FIELDS_BYTES; i++) {
        g_string_append_printf(printed, "%s%02x", i ? " " : "",
                               row->cdw[i / 4] >> i % 4 * 8 & 0xff);
    }
    parse(row->qid, printed->str, row->text);
}

static void test_text(gconstpointer data)
{
    const TextRow *row = data;

    parse(row->qid, row->printed, row->text);
}

/* The first word of what is shown is the name of the command. */
static bool begins(const char *text, const char *name)
{
    gsize len = strlen(name);

    return !strncmp(text, name, len) && (!text[len] || text[len] == ' ');
}

static void check_named(gboolean admin, guint8 opcode, const char *name,
                        gpointer opaque)
{
    bool found = opcode == 0x7f;    /* Fabrics: shown by type */

    (void)opaque;
    for (gsize i = 0; i < G_N_ELEMENTS(raw_rows); i++) {
        found = found || ((raw_rows[i].qid == 0) == admin &&
                          begins(raw_rows[i].text, name));
    }
    for (gsize i = 0; i < G_N_ELEMENTS(text_rows); i++) {
        found = found || ((text_rows[i].qid == 0) == admin &&
                          begins(text_rows[i].text, name));
    }
    if (!found) {
        g_test_message("no row for %s (%02xh)", name, opcode);
        g_test_fail();
    }
}

/* A command that a specification names and no row tests is an omission. */
static void test_all_opcodes(void)
{
    fi_opcode_names_foreach(check_named, NULL);
}

/* Names for Fabrics are names that the engine accepts, of that value. */
static void test_fabrics_status(void)
{
    const EventCommand command = { .set = FIELDS_FABRICS, .named = true };

    for (guint value = 0; value < 0x800; value++) {
        const char *name = show_status_name(&command, value);
        guint16 parsed = 0;

        g_assert_true(!name || fi_status_parse(name, &parsed, NULL));
        g_assert_true(!name || parsed == value);
    }
    g_assert_cmpstr(show_status_name(&command, 0x4182), ==,
                    "connect-invalid-parameters");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(raw_rows); i++) {
        g_autofree char *name = g_strdup_printf("/decode/bytes/%s/%zu",
                                                raw_rows[i].name, i);

        g_test_add_data_func(name, &raw_rows[i], test_raw);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(text_rows); i++) {
        g_autofree char *name = g_strdup_printf("/decode/words/%zu", i);

        g_test_add_data_func(name, &text_rows[i], test_text);
    }
    g_test_add_func("/decode/all-opcodes", test_all_opcodes);
    g_test_add_func("/decode/fabrics-status", test_fabrics_status);
    return g_test_run();
}
