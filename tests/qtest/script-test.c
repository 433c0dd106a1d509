/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test runs a script, a rules file that tells a story: after the third
 * flush, drop the next write, ignore the Abort of it, then come back not ready
 * twice.
 */
#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include "fi-rig.h"

#define LATE    INT64_C(60000000000)    /* ns */

static const char script[] =
    "[ { \"id\": \"third\", \"action\": \"none\", \"opcode\": \"flush\","
    "    \"skip\": 2, \"times\": 1, \"set-state\": \"armed\" },"
    "  { \"id\": \"lost\", \"action\": \"drop\", \"opcode\": \"write\","
    "    \"state\": \"armed\", \"abort\": \"not-aborted\","
    "    \"set-state\": \"mute\", \"trigger\": [ {"
    "      \"trigger\": \"controller\", \"fault\": \"ready-never\","
    "      \"times\": 2 } ] } ]";

static FiRig *start(void)
{
    char *path = NULL;
    int fd = g_file_open_tmp("nvme-fi-XXXXXX", &path, NULL);
    g_autofree char *options = g_strdup_printf(",fi-file=%s", path);
    FiRig *rig;

    g_assert_cmpint(write(fd, script, strlen(script)), ==, strlen(script));
    close(fd);
    rig = fi_rig_new(NVME_VM_PATCHED, options);
    g_unlink(path);
    g_free(path);
    return rig;
}

static void flush(FiRig *rig)
{
    NvmeCmd cmd = nvme_cmd(NVME_CMD_FLUSH, NS_PLAIN);

    g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, 0);
}

/* The write that is lost; it is in flight for ever. */
static uint16_t lose_a_write(FiRig *rig)
{
    NvmeCmd cmd = nvme_cmd_rw(rig->host, NVME_CMD_WRITE, NS_PLAIN, 8, 1,
                              rig->data);
    uint16_t cid;

    for (int i = 0; i < 3; i++) {
        g_assert_cmphex(nvme_ring_exec(rig->io, &cmd, NULL), ==, 0);
        flush(rig);
    }
    cid = nvme_ring_submit(rig->io, &cmd);
    nvme_vm_step(rig->vm, LATE);
    nvme_ring_assert_idle(rig->io);
    return cid;
}

static void ignore_the_abort(FiRig *rig, uint16_t cid)
{
    NvmeCmd cmd = nvme_cmd_abort(1, cid);
    NvmeCqe cqe;

    g_assert_cmphex(nvme_ring_exec(&rig->host->admin, &cmd, &cqe), ==, 0);
    g_assert_cmpint(le32_to_cpu(cqe.result) & 1, ==, 1);
    nvme_ring_assert_idle(rig->io);
}

/* CC.EN is set, and CSTS.RDY does not follow. */
static void enable_in_vain(FiRig *rig)
{
    uint32_t cc = nvme_host_reg(rig->host, NVME_REG_CC);

    nvme_host_disable(rig->host);
    nvme_host_set_reg(rig->host, NVME_REG_CC, cc | 1);
    nvme_vm_step(rig->vm, LATE);
    g_assert_cmphex(nvme_host_reg(rig->host, NVME_REG_CSTS) & 3, ==, 0);
}

static void test_story(void)
{
    FiRig *rig = start();

    ignore_the_abort(rig, lose_a_write(rig));
    g_assert_cmpint(fi_hits(rig, "third"), ==, 1);
    g_assert_cmpint(fi_hits(rig, "lost"), ==, 1);
    /* other writes are as good as ever */
    fi_rig_assert_works(rig);
    enable_in_vain(rig);
    enable_in_vain(rig);
    fi_rig_reset(rig);
    fi_rig_assert_works(rig);
    g_assert_cmpint(fi_hits(rig, "lost"), ==, 1);
    fi_rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/script/story", test_story);
    return g_test_run();
}
