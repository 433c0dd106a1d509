/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test runs one sequence of commands on a stock QEMU and on the patched
 * one with no rule loaded, and wants every CQE and every byte of data alike.
 * Nothing is masked: virtual time stands still, so that even timestamps agree.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define DATA_BYTES      (16 * 1024)

/* Everything that one binary answered, in order. */
typedef struct Transcript {
    FiRig *rig;
    uint64_t data;              /* guest buffer, cleared before a command */
    GByteArray *bytes;
    GPtrArray *labels;          /* what each run of record_bytes was */
} Transcript;

#define RECORD_BYTES    (sizeof(NvmeCqe) + DATA_BYTES)

static void run(Transcript *t, NvmeRing *ring, const char *label, NvmeCmd cmd)
{
    QTestState *qts = t->rig->vm->qts;
    uint8_t data[DATA_BYTES];
    NvmeCqe cqe;

    nvme_ring_exec(ring, &cmd, &cqe);
    qtest_bufread(qts, t->data, data, sizeof(data));
    g_ptr_array_add(t->labels, (char *)label);
    g_byte_array_append(t->bytes, (uint8_t *)&cqe, sizeof(cqe));
    g_byte_array_append(t->bytes, data, sizeof(data));
    qtest_memset(qts, t->data, 0xcc, DATA_BYTES);
}

static void admin(Transcript *t, const char *label, NvmeCmd cmd)
{
    run(t, &t->rig->host->admin, label, cmd);
}

static void io(Transcript *t, const char *label, NvmeCmd cmd)
{
    run(t, t->rig->io, label, cmd);
}

static void run_identify(Transcript *t)
{
    static const uint8_t cns[] = {
        NVME_ID_CNS_NS, NVME_ID_CNS_CTRL, NVME_ID_CNS_NS_ACTIVE_LIST,
        NVME_ID_CNS_NS_DESCR_LIST, NVME_ID_CNS_CS_NS, NVME_ID_CNS_CS_CTRL,
        NVME_ID_CNS_CS_IND_NS, NVME_ID_CNS_IO_COMMAND_SET,
        NVME_ID_CNS_CTRL_LIST, 0xff,
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cns); i++) {
        for (uint32_t nsid = 0; nsid <= 3; nsid++) {
            NvmeCmd cmd = nvme_cmd_identify(t->rig->host, cns[i], nsid,
                                            t->data);

            admin(t, "identify", cmd);
            cmd.cdw11 = cpu_to_le32(NVME_CSI_ZONED << 24);
            admin(t, "identify zoned", cmd);
        }
    }
}

/* Each log page, whole and from an offset; without rules these include the
 * error information and SMART pages of a drive that never saw an error. */
static void run_logs(Transcript *t)
{
    static const uint8_t lids[] = { 0, 1, 2, 3, 4, 5, 9, 0x20, 0xc0, 0xff };
    static const uint64_t offsets[] = { 0, 4, 32, 64, 512, 4096 };

    for (unsigned i = 0; i < ARRAY_SIZE(lids); i++) {
        for (unsigned j = 0; j < ARRAY_SIZE(offsets); j++) {
            NvmeCmd cmd = nvme_cmd_get_log(t->rig->host, lids[i], 0xffffffff,
                                           offsets[j], t->data, 512);

            admin(t, "get log page", cmd);
        }
        admin(t, "get log page, long",
              nvme_cmd_get_log(t->rig->host, lids[i], 0xffffffff, 0, t->data,
                               8192));
        admin(t, "get log page of a namespace",
              nvme_cmd_get_log(t->rig->host, lids[i], NS_PLAIN, 0, t->data,
                               512));
    }
}

static void run_features(Transcript *t)
{
    for (unsigned fid = 0; fid <= 0x20; fid++) {
        NvmeCmd get = nvme_cmd_get_feature(fid);
        NvmeCmd set = nvme_cmd_set_feature(fid, 5);

        get.nsid = set.nsid = cpu_to_le32(NS_PLAIN);
        nvme_cmd_data(t->rig->host, &get, t->data, NVME_PAGE);
        admin(t, "get features", get);
        if (fid == NVME_TIMESTAMP || fid == NVME_HOST_BEHAVIOR_SUPPORT) {
            continue;           /* take data, which the get filled with 0xcc */
        }
        admin(t, "set features", set);
        admin(t, "get features again", get);
    }
}

static void run_queues(Transcript *t)
{
    NvmeHost *host = t->rig->host;
    uint64_t addr = nvme_alloc(host, 2 * NVME_PAGE);

    admin(t, "create SQ without CQ", nvme_cmd_create_sq(2, 16, addr, 2));
    admin(t, "create CQ", nvme_cmd_create_cq(2, 16, addr, 2));
    admin(t, "create CQ twice", nvme_cmd_create_cq(2, 16, addr, 2));
    admin(t, "create CQ, bad vector", nvme_cmd_create_cq(3, 16, addr, 999));
    admin(t, "create SQ", nvme_cmd_create_sq(2, 16, addr + NVME_PAGE, 2));
    admin(t, "delete CQ in use", nvme_cmd_delete(NVME_ADM_CMD_DELETE_CQ, 2));
    admin(t, "abort nothing", nvme_cmd_abort(2, 77));
    admin(t, "abort on no queue", nvme_cmd_abort(9, 77));
    admin(t, "delete SQ", nvme_cmd_delete(NVME_ADM_CMD_DELETE_SQ, 2));
    admin(t, "delete SQ twice", nvme_cmd_delete(NVME_ADM_CMD_DELETE_SQ, 2));
    admin(t, "delete CQ", nvme_cmd_delete(NVME_ADM_CMD_DELETE_CQ, 2));
    admin(t, "admin opcode ffh", nvme_cmd(0xff, 0));
}

static void run_plain(Transcript *t)
{
    NvmeHost *host = t->rig->host;
    NvmeDsmRange dsm = { .slba = cpu_to_le64(4), .nlb = cpu_to_le32(2) };
    NvmeCopySourceRangeFormat0_2 copy = { .slba = cpu_to_le64(0),
                                          .nlb = cpu_to_le16(3) };
    uint32_t ns = NS_PLAIN;

    io(t, "write", nvme_cmd_rw(host, NVME_CMD_WRITE, ns, 0, 32, t->data));
    io(t, "read", nvme_cmd_rw(host, NVME_CMD_READ, ns, 0, 32, t->data));
    io(t, "flush", nvme_cmd(NVME_CMD_FLUSH, ns));
    io(t, "flush all", nvme_cmd(NVME_CMD_FLUSH, 0xffffffff));
    io(t, "compare", nvme_cmd_rw(host, NVME_CMD_COMPARE, ns, 0, 8, t->data));
    io(t, "compare, unlike",
       nvme_cmd_rw(host, NVME_CMD_COMPARE, ns, 100, 8, t->data));
    io(t, "verify", nvme_cmd_rw(host, NVME_CMD_VERIFY, ns, 0, 8, 0));
    io(t, "write zeroes",
       nvme_cmd_rw(host, NVME_CMD_WRITE_ZEROES, ns, 1, 2, 0));
    io(t, "read", nvme_cmd_rw(host, NVME_CMD_READ, ns, 0, 8, t->data));
    io(t, "dsm", nvme_cmd_deallocate(host, ns, &dsm, 1));
    io(t, "read", nvme_cmd_rw(host, NVME_CMD_READ, ns, 0, 8, t->data));
    io(t, "copy", nvme_cmd_copy(host, ns, 40, &copy, 1));
    io(t, "read", nvme_cmd_rw(host, NVME_CMD_READ, ns, 40, 8, t->data));
    io(t, "opcode ffh", nvme_cmd(0xff, ns));
    io(t, "nsid 9", nvme_cmd_rw(host, NVME_CMD_READ, 9, 0, 1, t->data));
    io(t, "nsid 0", nvme_cmd_rw(host, NVME_CMD_READ, 0, 0, 1, t->data));
    io(t, "nsid all", nvme_cmd_rw(host, NVME_CMD_READ, -1, 0, 1, t->data));
    io(t, "read past the end",
       nvme_cmd_rw(host, NVME_CMD_READ, ns, FI_NS_BYTES / NVME_LBA - 1, 2,
                   t->data));
    io(t, "LBA that wraps",
       nvme_cmd_rw(host, NVME_CMD_READ, ns, UINT64_MAX, 2, t->data));
    io(t, "zone append on a conventional namespace",
       nvme_cmd_rw(host, NVME_CMD_ZONE_APPEND, ns, 0, 1, t->data));
}

static void run_zoned(Transcript *t)
{
    NvmeHost *host = t->rig->host;
    uint32_t ns = NS_ZONED;

    for (unsigned zsa = 0; zsa <= 6; zsa++) {
        uint64_t slba = zsa * FI_ZONE_BLOCKS;

        io(t, "write", nvme_cmd_rw(host, NVME_CMD_WRITE, ns, slba, 4,
                                   t->data));
        io(t, "write, not at WP",
           nvme_cmd_rw(host, NVME_CMD_WRITE, ns, slba + 9, 4, t->data));
        io(t, "zone append",
           nvme_cmd_rw(host, NVME_CMD_ZONE_APPEND, ns, slba, 4, t->data));
        io(t, "zone send", nvme_cmd_zone_send(ns, slba, zsa, false));
        io(t, "zone append",
           nvme_cmd_rw(host, NVME_CMD_ZONE_APPEND, ns, slba, 1, t->data));
        io(t, "read", nvme_cmd_rw(host, NVME_CMD_READ, ns, slba, 8, t->data));
        io(t, "report",
           nvme_cmd_zone_report(host, ns, 0, t->data, NVME_PAGE));
    }
    io(t, "close all", nvme_cmd_zone_send(ns, 0, NVME_ZONE_ACTION_CLOSE,
                                          true));
    io(t, "reset all", nvme_cmd_zone_send(ns, 0, NVME_ZONE_ACTION_RESET,
                                          true));
    io(t, "report", nvme_cmd_zone_report(host, ns, 0, t->data, NVME_PAGE));
    io(t, "not a zone's start",
       nvme_cmd_zone_send(ns, 1, NVME_ZONE_ACTION_OPEN, false));
}

static Transcript *transcribe(const char *binary)
{
    Transcript *t = g_new0(Transcript, 1);

    t->rig = fi_rig_new(binary, "");
    t->data = nvme_alloc(t->rig->host, DATA_BYTES);
    t->bytes = g_byte_array_new();
    t->labels = g_ptr_array_new();
    run_identify(t);
    run_logs(t);
    run_features(t);
    run_queues(t);
    run_plain(t);
    run_zoned(t);
    run_logs(t);                /* after I/O, with errors of the host's own */
    fi_rig_reset(t->rig);
    run_logs(t);
    run_plain(t);
    fi_rig_free(t->rig);
    return t;
}

static void transcript_free(Transcript *t)
{
    g_byte_array_unref(t->bytes);
    g_ptr_array_unref(t->labels);
    g_free(t);
}

static void test_same_as_stock(void)
{
    Transcript *stock = transcribe(NVME_VM_STOCK);
    Transcript *ours = transcribe(NVME_VM_PATCHED);

    g_assert_cmpint(stock->labels->len, >, 400);
    g_assert_cmpint(stock->labels->len, ==, ours->labels->len);
    for (unsigned i = 0; i < stock->labels->len; i++) {
        g_autofree char *a = fi_hex(stock->bytes->data + i * RECORD_BYTES, 16);
        g_autofree char *b = fi_hex(ours->bytes->data + i * RECORD_BYTES, 16);

        if (strcmp(a, b)) {
            g_error("command %u, %s: got CQE %s, stock has %s", i,
                    (char *)stock->labels->pdata[i], b, a);
        }
        g_assert_cmpmem(stock->bytes->data + i * RECORD_BYTES, RECORD_BYTES,
                        ours->bytes->data + i * RECORD_BYTES, RECORD_BYTES);
    }
    transcript_free(stock);
    transcript_free(ours);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/no-rule/same-as-stock", test_same_as_stock);
    return g_test_run();
}
