/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "zoned": errors of a zoned namespace on their way up: status, errno,
 * what the kernel then believes of the zone, and what file systems make of it.
 * A conventional namespace of the same controller is the control.
 */
#include "zoned.h"

/* More than there are cases: the first zone is zonefs's own. */
unsigned long long zoned_start(const Case *c)
{
    return (unsigned long long)(c->ordinal % (ZONED_ZONES - 1) + 1) *
           ZONED_SECTORS;
}

static const ZonedKind *kind(const Case *c)
{
    return *(const ZonedKind *const *)c->data;
}

static int load(Suite *suite)
{
    /* the first, because its log is judged, which has a rate limit */
    zoned_add_appends(suite);
    zoned_add_sequences(suite);
    zoned_add_statuses(suite);
    zoned_add_files(suite);
    zoned_add_btrfs(suite);
    return 0;
}

static void rules(Suite *suite, const Case *c, Buf *buf)
{
    (void)suite;
    kind(c)->rules(c, buf);
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    if (suite_needs(suite, out, "CONFIG_BLK_DEV_ZONED") &&
        !(out->skip = zoned_open(suite))) {
        kind(c)->prepare(suite, c, out);
    }
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    kind(c)->run(suite, c, out);
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    (void)out;
    if (kind(c)->cleanup) {
        kind(c)->cleanup(suite, c);
    }
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    (void)out;
    buf_json_str(record, "from", kind(c)->describe(suite, c, record));
}

#define NAMESPACE(drive, nsid) \
    "{\"driver\":\"nvme-ns\",\"drive\":\"" drive "\",\"nsid\":" nsid

static const SuiteClass zoned_class = {
    .name = "zoned",
    .machine = "{\"kernel\":\"nvme_core.multipath=N\",\"drives\":["
               "{\"id\":\"plain\",\"size\":268435456},"
               "{\"id\":\"zones\",\"size\":268435456},"
               "{\"id\":\"large\",\"size\":134217728}],\"devices\":["
               "{\"driver\":\"nvme\",\"id\":\"nvme0\",\"serial\":"
               "\"nvme-fi\"},"
               NAMESPACE("plain", "1") "},"
               NAMESPACE("zones", "2") ",\"zoned\":true,"
               "\"zoned.zone_size\":1048576},"
               NAMESPACE("large", "3") ",\"zoned\":true,"
               "\"zoned.zone_size\":4194304}],"
               "\"timeout\":120,\"programs\":[\"mkfs.btrfs\"],"
               "\"modules\":[\"zonefs\",\"btrfs\"]}",
    .no_disk = true,
    .functions = "nvme_complete_rq nvme_complete_batch_req nvme_end_req "
                 "nvme_retry_req nvme_setup_zone_mgmt_send "
                 "nvme_ns_report_zones blk_zone_plug_bio "
                 "blk_zone_write_plug_bio_endio "
                 "blk_zone_write_plug_finish_request "
                 "blk_zone_wplug_bio_work blk_zone_mgmt_bio_endio "
                 "btrfs_record_physical_zoned btrfs_finish_ordered_zoned "
                 "__zonefs_io_error zonefs_file_dio_append "
                 "__blk_req_zone_write_lock __blk_req_zone_write_unlock",
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

int main(int argc, char **argv)
{
    return suite_main(&zoned_class, argc, argv);
}
