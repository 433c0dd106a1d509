/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "fabric": the guest exports the drive by the kernel's own target, over
 * TCP and loop, and uses it as a host: what becomes of an error on its way
 * through two drivers, a target and two wires.
 */
#include <stdio.h>
#include <string.h>

#include "fabric.h"

static const FabricKind *kind_of(const Case *c)
{
    return ((const FabricCase *)c->data)->kind;
}

static int load(Suite *suite)
{
    if (status_load(suite)) {
        return -1;
    }
    alive_load(suite);
    auth_load(suite);
    return 0;
}

/* Where the file's blocks are is known after the target was set up. */
static void rules(Suite *suite, const Case *c, Buf *buf)
{
    target_setup();
    if (kind_of(c)->rules) {
        kind_of(c)->rules(suite, c, buf);
    }
}

static const char *const always[] = {
    "CONFIG_CONFIGFS_FS", "CONFIG_EXT4_FS", "CONFIG_NVME_FABRICS",
    "CONFIG_NVME_TARGET",
};

static bool kernel_can(Suite *suite, const Front *front, Outcome *out)
{
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        if (!suite_needs(suite, out, always[i])) {
            return false;
        }
    }
    if (front->transport == TCP &&
        (!suite_needs(suite, out, "CONFIG_NVME_TCP") ||
         !suite_needs(suite, out, "CONFIG_NVME_TARGET_TCP"))) {
        return false;
    }
    return (front->transport != LOOP ||
            suite_needs(suite, out, "CONFIG_NVME_TARGET_LOOP")) &&
           (front->backend != PASSTHRU ||
            suite_needs(suite, out, "CONFIG_NVME_TARGET_PASSTHRU"));
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const FabricKind *kind = kind_of(c);
    const Front *front = kind->front(c);

    if (!kernel_can(suite, front, out)) {
        return;
    }
    out->skip = target_setup();
    if (!out->skip && kind->prepare && !kind->prepare(suite, c, out)) {
        return;
    }
    if (!out->skip && !(kind->connects && kind->connects(c))) {
        out->skip = front_connect(front);
    }
    if (out->skip) {
        suite_send_error(suite, out->skip);
    }
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    kind_of(c)->run(suite, c, out);
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    if (kind_of(c)->cleanup) {
        kind_of(c)->cleanup(suite, c, out);
    }
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    (void)out;
    kind_of(c)->describe(suite, c, record);
}

static const SuiteClass fabric_class = {
    .name = "fabric",
    .machine = "{\"kernel\":\"nvme_core.multipath=N "
               "nvme_core.admin_timeout=8\",\"timeout\":120,\"drives\":["
               "{\"id\":\"raw\",\"size\":67108864},"
               "{\"id\":\"fs\",\"size\":67108864}],\"devices\":["
               "{\"driver\":\"nvme\",\"id\":\"nvme0\",\"serial\":\"nvme-fi\"},"
               "{\"driver\":\"nvme-ns\",\"drive\":\"raw\",\"nsid\":1},"
               "{\"driver\":\"nvme-ns\",\"drive\":\"fs\",\"nsid\":2}],"
               "\"programs\":[\"mkfs.ext4\"],\"modules\":[\"ext4\","
               "\"nvme_fabrics\",\"nvme_tcp\",\"nvmet\",\"nvmet_tcp\","
               "\"nvme_loop\"]}",
    .no_disk = true,
    .front = FRONT,
    .functions = "nvmet_req_init nvmet_parse_io_cmd nvmet_req_complete "
                 "blk_to_nvme_status errno_to_nvme_status "
                 "nvme_retry_req nvmet_bio_done nvmet_file_io_done "
                 "nvmet_passthru_req_done nvme_keep_alive_work "
                 "nvmet_execute_keep_alive nvmet_keep_alive_timer "
                 "nvmet_fatal_error_handler nvme_update_keep_alive "
                 "nvme_ctrl_auth_work nvmet_execute_auth_send "
                 "nvmet_execute_auth_receive",
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

int main(int argc, char **argv)
{
    return suite_main(&fabric_class, argc, argv);
}
