/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host of asynchronous events does.
 */
#include "qemu/osdep.h"
#include "fi-event.h"

#define AEC     0x0b        /* Asynchronous Event Configuration */

/* Set Features, Asynchronous Event Configuration. */
void fi_event_configure(FiRig *rig, uint32_t value)
{
    NvmeCmd cmd = nvme_cmd_set_feature(AEC, value);

    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL), ==, 0);
}

void fi_event_ask(FiRig *rig)
{
    NvmeCmd cmd = nvme_cmd(NVME_ADM_CMD_ASYNC_EV_REQ, 0);

    nvme_ring_submit(&rig->host->admin, &cmd);
    nvme_vm_settle(rig->vm);
}

void fi_event_expect(FiRig *rig, uint32_t dw0)
{
    NvmeCqe cqe;

    nvme_ring_wait(&rig->host->admin, &cqe);
    g_assert_cmphex(NVME_CQE_STATUS(&cqe), ==, 0);
    g_assert_cmphex(le32_to_cpu(cqe.result), ==, dw0);
}

void fi_event_expect_none(FiRig *rig)
{
    nvme_ring_assert_idle(&rig->host->admin);
}

/* @bytes of log page @lid into @page; returns the status. */
uint16_t fi_event_log(FiRig *rig, uint32_t lid, uint32_t nsid, void *page,
                        size_t bytes)
{
    NvmeCmd cmd = nvme_cmd_get_log(rig->host, lid & 0xff, nsid, 0, rig->data,
                                   bytes);
    uint16_t status;

    /* Log Specific Field and Retain Asynchronous Event */
    cmd.cdw10 = cpu_to_le32(le32_to_cpu(cmd.cdw10) | (lid & 0xff00));
    qtest_memset(rig->vm->qts, rig->data, 0xcc, bytes);
    status = nvme_ring_exec(&rig->host->admin, &cmd, NULL);
    qtest_bufread(rig->vm->qts, rig->data, page, bytes);
    return status;
}

void fi_event_identify(FiRig *rig, uint8_t cns, uint32_t nsid, uint8_t *page)
{
    NvmeCmd cmd = nvme_cmd_identify(rig->host, cns, nsid, rig->data);

    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, NULL), ==, 0);
    qtest_bufread(rig->vm->qts, rig->data, page, NVME_PAGE);
}

FiRig *fi_event_start(void)
{
    FiRig *rig = fi_rig_start();

    fi_event_configure(rig, FI_AEC_ALL);
    fi_event_ask(rig);
    return rig;
}
