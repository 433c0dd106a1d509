/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test injects errors and finds them in the Error Information log page
 * and in the counters of the SMART / Health page (NVMe Base 2.1, 5.1.12.1.2
 * and 5.1.12.1.3), as a host's nvme error-log and smart-log show them.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define ENTRIES 64              /* ELPE + 1 of a controller with rules */

static NvmeCqe run(FiRig *rig, NvmeRing *ring, NvmeCmd cmd)
{
    NvmeCqe cqe;

    nvme_ring_exec(ring, &cmd, &cqe);
    return cqe;
}

/* @bytes of log page @lid from @offset into @page; returns the status. */
static uint16_t get_log(FiRig *rig, uint8_t lid, uint64_t offset, void *page,
                        size_t bytes)
{
    NvmeCmd cmd = nvme_cmd_get_log(rig->host, lid, 0xffffffff, offset,
                                   rig->data, bytes);
    uint16_t status;

    qtest_memset(rig->vm->qts, rig->data, 0xcc, bytes);
    status = nvme_ring_exec(&rig->host->admin, &cmd, NULL);
    qtest_bufread(rig->vm->qts, rig->data, page, bytes);
    return status;
}

static void check_entry(const NvmeErrorLog *entry, uint64_t count,
                        uint16_t sqid, const NvmeCqe *cqe, uint64_t lba,
                        uint32_t nsid)
{
    g_assert_cmpint(le64_to_cpu(entry->error_count), ==, count);
    g_assert_cmpint(le16_to_cpu(entry->sqid), ==, sqid);
    g_assert_cmphex(entry->cid, ==, cqe->cid);
    /* bits 15:1 are the status; bit 0 may be the phase tag */
    g_assert_cmphex(le16_to_cpu(entry->status_field) >> 1, ==,
                    NVME_CQE_STATUS(cqe));
    g_assert_cmpint(le64_to_cpu(entry->lba), ==, lba);
    g_assert_cmpint(le32_to_cpu(entry->nsid), ==, nsid);
}

static void test_entries(void)
{
    FiRig *rig = fi_rig_start();
    NvmeErrorLog log[ENTRIES];
    NvmeCqe cqes[3];

    fi_add(rig, "{'opcode':'read','slba':0,'nlb':1000,'action':'status',"
           "'status':'unrecovered-read-error','dnr':true},"
           "{'opcode':'write','action':'status','status':'write-fault',"
           "'execute':true},"
           "{'opcode':'get-features','action':'status','more':true,"
           "'status':'internal-error'},"
           "{'opcode':'flush','action':'status','status':'success'},"
           "{'opcode':'verify','action':'none'}");
    cqes[0] = run(rig, rig->io, nvme_cmd_rw(rig->host, NVME_CMD_READ,
                                            NS_PLAIN, 77, 8, rig->data));
    cqes[1] = run(rig, rig->io, nvme_cmd_rw(rig->host, NVME_CMD_WRITE,
                                            NS_ZONED, 0, 1, rig->data));
    /* not errors: */
    run(rig, rig->io, nvme_cmd(NVME_CMD_FLUSH, NS_PLAIN));
    run(rig, rig->io, nvme_cmd_rw(rig->host, NVME_CMD_VERIFY, NS_PLAIN, 1, 1,
                                  0));
    g_assert_cmphex(fi_read(rig, 2000), ==, 0);
    cqes[2] = run(rig, &rig->host->admin, nvme_cmd_get_feature(4));
    g_assert_cmphex(NVME_CQE_STATUS(&cqes[2]), ==,
                    FI_INTERNAL_ERROR | NVME_MORE);

    g_assert_cmphex(get_log(rig, NVME_LOG_ERROR_INFO, 0, log, sizeof(log)),
                    ==, 0);
    check_entry(&log[0], 3, 0, &cqes[2], 0, 0);
    check_entry(&log[1], 2, 1, &cqes[1], 0, NS_ZONED);
    check_entry(&log[2], 1, 1, &cqes[0], 77, NS_PLAIN);
    for (unsigned i = 3; i < ENTRIES; i++) {
        static const NvmeErrorLog none;

        g_assert_cmpmem(&log[i], sizeof(log[i]), &none, sizeof(none));
    }
    fi_rig_free(rig);
}

/* Fails @n reads, of LBA 0, 1, ... */
static void fail_reads(FiRig *rig, unsigned n)
{
    fi_add(rig, "{'id':'r','opcode':'read','action':'status',"
           "'status':'unrecovered-read-error'}");
    for (unsigned i = 0; i < n; i++) {
        g_assert_cmphex(fi_read(rig, i), ==, NVME_UNRECOVERED_READ);
    }
}

/* More errors than entries: the newest stay, the count goes on. */
static void test_overflow(void)
{
    FiRig *rig = fi_rig_start();
    NvmeErrorLog log[ENTRIES];

    fail_reads(rig, ENTRIES + 10);
    g_assert_cmphex(get_log(rig, NVME_LOG_ERROR_INFO, 0, log, sizeof(log)),
                    ==, 0);
    for (unsigned i = 0; i < ENTRIES; i++) {
        g_assert_cmpint(le64_to_cpu(log[i].error_count), ==,
                        ENTRIES + 10 - i);
        g_assert_cmpint(le64_to_cpu(log[i].lba), ==, ENTRIES + 9 - i);
    }
    fi_rig_free(rig);
}

static void test_offset_and_length(void)
{
    FiRig *rig = fi_rig_start();
    NvmeErrorLog whole[ENTRIES], part[2];
    uint8_t odd[20];

    fail_reads(rig, 5);
    g_assert_cmphex(get_log(rig, NVME_LOG_ERROR_INFO, 0, whole,
                            sizeof(whole)), ==, 0);
    g_assert_cmphex(get_log(rig, NVME_LOG_ERROR_INFO, 64, part, sizeof(part)),
                    ==, 0);
    g_assert_cmpmem(part, sizeof(part), &whole[1], sizeof(part));
    g_assert_cmphex(get_log(rig, NVME_LOG_ERROR_INFO, 68, odd, sizeof(odd)),
                    ==, 0);
    g_assert_cmpmem(odd, sizeof(odd), (uint8_t *)whole + 68, sizeof(odd));
    g_assert_true(nvme_memory_holds(rig->host, rig->data + sizeof(odd), 44,
                                    0xcc) ||
                  nvme_memory_holds(rig->host, rig->data + sizeof(odd), 1,
                                    0));
    g_assert_cmphex(get_log(rig, NVME_LOG_ERROR_INFO, sizeof(whole), part,
                            sizeof(part)) & 0x7ff, ==, NVME_INVALID_FIELD);
    fi_rig_free(rig);
}

static void test_smart(void)
{
    FiRig *rig = fi_rig_start();
    NvmeSmartLog smart;
    uint64_t counters[4];

    fail_reads(rig, 5);
    fi_add(rig, "{'opcode':'flush','action':'status','status':'0x6'}");
    run(rig, rig->io, nvme_cmd(NVME_CMD_FLUSH, NS_PLAIN));
    g_assert_cmphex(get_log(rig, NVME_LOG_SMART_INFO, 0, &smart,
                            sizeof(smart)), ==, 0);
    g_assert_cmpint(le64_to_cpu(smart.number_of_error_log_entries[0]), ==, 6);
    g_assert_cmpint(le64_to_cpu(smart.media_errors[0]), ==, 5);
    /* bytes 160..191: both counters, 16 bytes each */
    g_assert_cmphex(get_log(rig, NVME_LOG_SMART_INFO, 160, counters,
                            sizeof(counters)), ==, 0);
    g_assert_cmpint(le64_to_cpu(counters[0]), ==, 5);
    g_assert_cmpint(counters[1], ==, 0);
    g_assert_cmpint(le64_to_cpu(counters[2]), ==, 6);
    g_assert_cmpint(counters[3], ==, 0);
    fi_rig_free(rig);
}

/* Both outlive a controller reset and the rules that caused them. */
static void test_persistence(void)
{
    FiRig *rig = fi_rig_start();
    NvmeErrorLog log[2];
    NvmeSmartLog smart;

    fail_reads(rig, 2);
    fi_clear(rig);
    fi_rig_reset(rig);
    g_assert_cmphex(get_log(rig, NVME_LOG_ERROR_INFO, 0, log, sizeof(log)),
                    ==, 0);
    g_assert_cmpint(le64_to_cpu(log[0].error_count), ==, 2);
    g_assert_cmpint(le64_to_cpu(log[1].error_count), ==, 1);
    g_assert_cmphex(get_log(rig, NVME_LOG_SMART_INFO, 0, &smart,
                            sizeof(smart)), ==, 0);
    g_assert_cmpint(le64_to_cpu(smart.number_of_error_log_entries[0]), ==, 2);
    fi_rig_free(rig);
}

/* The host learns the size of the log from Identify. */
static void test_elpe(void)
{
    FiRig *rig = fi_rig_start();
    NvmeCmd cmd = nvme_cmd_identify(rig->host, NVME_ID_CNS_CTRL, 0, rig->data);
    uint8_t elpe;

    fi_add(rig, "{'action':'none','opcode':'flush'}");
    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL), ==, 0);
    qtest_bufread(rig->vm->qts, rig->data + offsetof(NvmeIdCtrl, elpe), &elpe,
                  1);
    g_assert_cmpint(elpe, ==, ENTRIES - 1);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/error-log/entries", test_entries);
    g_test_add_func("/nvme-fi/error-log/overflow", test_overflow);
    g_test_add_func("/nvme-fi/error-log/offset-and-length",
                    test_offset_and_length);
    g_test_add_func("/nvme-fi/error-log/smart", test_smart);
    g_test_add_func("/nvme-fi/error-log/persistence", test_persistence);
    g_test_add_func("/nvme-fi/error-log/elpe", test_elpe);
    return g_test_run();
}
