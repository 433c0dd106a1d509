/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test sends a fixed set of commands against one rule after the other:
 * exactly the commands that the rule's match describes fail.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

/* The commands; an admin command's letter is a capital. */
typedef struct Probe {
    char letter;
    NvmeCmd (*build)(FiRig *rig);
    bool second_queue;
} Probe;

static NvmeCmd rw(FiRig *rig, uint8_t opcode, uint64_t slba, uint32_t nlb)
{
    return nvme_cmd_rw(rig->host, opcode, NS_PLAIN, slba, nlb, rig->data);
}

static NvmeCmd read_8(FiRig *rig)               /* blocks 8..15 */
{
    return rw(rig, NVME_CMD_READ, 8, 8);
}

static NvmeCmd read_16(FiRig *rig)              /* block 16 */
{
    return rw(rig, NVME_CMD_READ, 16, 1);
}

static NvmeCmd write_8(FiRig *rig)              /* blocks 8..15 */
{
    return rw(rig, NVME_CMD_WRITE, 8, 8);
}

static NvmeCmd flush(FiRig *rig)                /* no blocks */
{
    return nvme_cmd(NVME_CMD_FLUSH, NS_PLAIN);
}

static NvmeCmd dsm_100_200(FiRig *rig)          /* 100..101 and 200..203 */
{
    NvmeDsmRange ranges[] = {
        { .slba = cpu_to_le64(100), .nlb = cpu_to_le32(2) },
        { .slba = cpu_to_le64(200), .nlb = cpu_to_le32(4) },
    };

    return nvme_cmd_deallocate(rig->host, NS_PLAIN, ranges, 2);
}

static NvmeCmd copy_300_400(FiRig *rig)         /* from 300..301, 400, to 500 */
{
    NvmeCopySourceRangeFormat0_2 ranges[] = {
        { .slba = cpu_to_le64(300), .nlb = cpu_to_le16(1) },
        { .slba = cpu_to_le64(400), .nlb = cpu_to_le16(0) },
    };

    return nvme_cmd_copy(rig->host, NS_PLAIN, 500, ranges, 2);
}

static NvmeCmd zone_open_1(FiRig *rig)          /* all of the second zone */
{
    return nvme_cmd_zone_send(NS_ZONED, FI_ZONE_BLOCKS, NVME_ZONE_ACTION_OPEN,
                              false);
}

static NvmeCmd zone_append_2(FiRig *rig)        /* the third zone */
{
    return nvme_cmd_rw(rig->host, NVME_CMD_ZONE_APPEND, NS_ZONED,
                       2 * FI_ZONE_BLOCKS, 1, rig->data);
}

static NvmeCmd identify_ctrl(FiRig *rig)
{
    return nvme_cmd_identify(rig->host, NVME_ID_CNS_CTRL, 0, rig->data);
}

static NvmeCmd identify_ns(FiRig *rig)
{
    return nvme_cmd_identify(rig->host, NVME_ID_CNS_NS, NS_PLAIN, rig->data);
}

static NvmeCmd get_log_smart(FiRig *rig)
{
    return nvme_cmd_get_log(rig->host, NVME_LOG_SMART_INFO, 0xffffffff, 0,
                            rig->data, 512);
}

static NvmeCmd get_feature_4(FiRig *rig)
{
    return nvme_cmd_get_feature(NVME_TEMPERATURE_THRESHOLD);
}

static NvmeCmd set_feature_4(FiRig *rig)
{
    return nvme_cmd_set_feature(NVME_TEMPERATURE_THRESHOLD, 0x157);
}

static const Probe probes[] = {
    { 'r', read_8 },        { 's', read_16 },       { 'w', write_8 },
    { 'f', flush },         { 'd', dsm_100_200 },   { 'c', copy_300_400 },
    { 'z', zone_open_1 },   { 'a', zone_append_2 }, { 'q', read_16, true },
    { 'I', identify_ctrl }, { 'N', identify_ns },   { 'L', get_log_smart },
    { 'G', get_feature_4 }, { 'S', set_feature_4 },
};

/* A rule's match, and the letters of the commands that it matches. */
static const char *const rows[][3] = {
    { "anything", "", "rswfdczaqINLGS" },
    { "queue-admin", "'queue':'admin',", "INLGS" },
    { "queue-io", "'queue':'io',", "rswfdczaq" },
    { "qid-0", "'qid':0,", "INLGS" },
    { "qid-1", "'qid':1,", "rswfdcza" },
    { "qid-2", "'qid':2,", "q" },
    { "qid-3", "'qid':3,", "" },
    { "opcode-name", "'opcode':'read',", "rsq" },
    { "opcode-number", "'opcode':'0x2','queue':'io',", "rsq" },
    { "opcode-number-admin", "'opcode':'0x2','queue':'admin',", "L" },
    { "opcode-number-decimal", "'opcode':'9','queue':'admin',", "S" },
    { "opcode-number-any-queue", "'opcode':'0x09',", "dS" },
    { "nsid-1", "'nsid':1,", "rswfdcqN" },
    { "nsid-2", "'nsid':2,", "za" },
    { "nsid-0", "'nsid':0,", "IGS" },
    { "first-block", "'nsid':1,'slba':8,'nlb':1,", "rw" },
    { "last-block", "'nsid':1,'slba':15,'nlb':1,", "rw" },
    { "block-before", "'nsid':1,'slba':7,'nlb':1,", "" },
    { "block-after", "'nsid':1,'slba':16,'nlb':1,", "sq" },
    { "around", "'nsid':1,'slba':0,'nlb':100,", "rswq" },
    { "across-the-start", "'nsid':1,'slba':0,'nlb':9,", "rw" },
    { "read-and-block", "'opcode':'read','slba':15,'nlb':2,", "rsq" },
    { "dsm-first-range", "'slba':101,'nlb':1,", "d" },
    { "dsm-second-range", "'slba':203,'nlb':1,", "d" },
    { "dsm-between", "'slba':102,'nlb':98,", "" },
    { "copy-first-source", "'slba':301,'nlb':1,", "c" },
    { "copy-second-source", "'slba':400,'nlb':1,", "c" },
    { "copy-between", "'slba':302,'nlb':98,", "" },
    { "copy-after-source", "'slba':401,'nlb':1,", "" },
    { "copy-destination", "'slba':502,'nlb':1,", "c" },
    { "copy-after-destination", "'slba':503,'nlb':1,", "" },
    { "zone-start", "'slba':2048,'nlb':1,", "z" },
    { "zone-end", "'slba':4095,'nlb':1,", "z" },
    { "zone-append-zone", "'slba':6143,'nlb':1,", "a" },
    { "after-the-zones", "'slba':6144,'nlb':1,", "" },
    { "cns-1", "'cns':1,", "I" },
    { "cns-0", "'cns':0,", "N" },
    { "lid-2", "'lid':2,", "L" },
    { "lid-3", "'lid':3,", "" },
    { "fid-4", "'fid':4,", "GS" },
    { "fid-4-get", "'fid':4,'opcode':'get-features',", "G" },
    { "fid-5", "'fid':5,", "" },
    { "sqe-dword-1", "'sqe':[{'dword':1,'mask':4294967295,'value':2}],",
      "za" },
    { "sqe-opcode-byte", "'sqe':[{'dword':0,'mask':255,'value':2}],",
      "rsqL" },
    { "sqe-two-dwords", "'sqe':[{'dword':0,'mask':255,'value':2},"
      "{'dword':10,'mask':255,'value':8}],", "r" },
    { "sqe-one-bit", "'queue':'io','sqe':[{'dword':12,'mask':4,'value':4}],",
      "rw" },
    { "sqe-dword-13", "'sqe':[{'dword':13,'mask':255,'value':3}],", "z" },
    { "sqe-same-dword-twice", "'sqe':[{'dword':10,'mask':15,'value':8},"
      "{'dword':10,'mask':240,'value':0}],", "rw" },
    { "sqe-contradiction", "'sqe':[{'dword':10,'mask':15,'value':8},"
      "{'dword':10,'mask':15,'value':0}],", "" },
};

/* One machine for all rows: the rule is all that they differ by. */
static FiRig *machine;
static NvmeRing *second;

/* The letters of @probes that the rule of @row made fail. */
static void test_row(gconstpointer data)
{
    const char *const *row = data;
    FiRig *rig = machine;
    g_autoptr(GString) seen = g_string_new("");
    NvmeCmd reset = nvme_cmd_zone_send(NS_ZONED, 0, NVME_ZONE_ACTION_RESET,
                                       true);

    fi_add(rig, "{'id':'r',%s'action':'status','status':'access-denied'}",
           row[1]);
    for (unsigned i = 0; i < ARRAY_SIZE(probes); i++) {
        const Probe *probe = &probes[i];
        NvmeRing *ring = g_ascii_isupper(probe->letter) ? &rig->host->admin :
                         probe->second_queue ? second : rig->io;
        NvmeCmd cmd = probe->build(rig);
        uint16_t status = nvme_ring_exec(ring, &cmd, NULL);

        if (status == FI_ACCESS_DENIED) {
            g_string_append_c(seen, probe->letter);
        } else {
            g_assert_cmphex(status, ==, 0);
        }
    }
    g_assert_cmpstr(seen->str, ==, row[2]);
    g_assert_cmpint(fi_hits(rig, "r"), ==, strlen(row[2]));
    fi_clear(rig);
    g_assert_cmphex(nvme_ring_exec(rig->io, &reset, NULL), ==, 0);
}

int main(int argc, char **argv)
{
    int failed;

    g_test_init(&argc, &argv, NULL);
    machine = fi_rig_start();
    second = nvme_ring_new(machine->host, 2, 16);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *path = g_strdup_printf("/nvme-fi/match/%s",
                                                rows[i][0]);

        g_test_add_data_func(path, rows[i], test_row);
    }
    failed = g_test_run();
    nvme_ring_free(second);
    fi_rig_free(machine);
    return failed;
}
