/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "zoned": what one command that fails, or lies, does to those after it,
 * by zone write locking and by zone write plugging.
 */
#include "zoned_steps.h"

#include <stdio.h>

#define WRITE_FAULT "\"times\":1,\"action\":\"status\",\"status\":" \
    "\"write-fault\",\"dnr\":true"
#define STATUS(number) "\"times\":1,\"action\":\"status\",\"status\":" \
    "\"" number "\",\"dnr\":true"
#define EXECUTED ",\"execute\":true"
#define NOT_DONE "\"times\":1,\"action\":\"status\",\"status\":\"success\""
#define BECOMES(state) "\"times\":1,\"action\":\"none\",\"trigger\":[{" \
    "\"trigger\":\"zone\",\"state\":\"" state "\"}]"

#define FROM_ERROR "blk_zone_write_plug_bio_endio(): NEED_WP_UPDATE; " \
    "blk_zone_wplug_prepare_bio()"
#define FROM_REPORT "disk_zone_wplug_sync_wp_offset(), from " \
    "nvme_ns_report_zones()"
#define FROM_MGMT "blk_zone_mgmt_bio_endio()"
#define FROM_QUEUE "dd_dispatch_request(): blk_req_zone_write_lock(); " \
    "disk_zone_wplug_abort(), blk_zone_wplug_bio_work()"

static StepCase cases[] = {
    /* One write fails.  A lock is gone with it; a plug has lost the write
     * pointer, and lets no write pass until it knows. */
    { .name = "after/next", .steps = "w0 w1 w2", .block = 1,
      .fault = WRITE_FAULT, .results = { "ok ENODATA EIO" },
      .wire = { "W W!4280 W?41bc", "W W!4280" },
      .calls = "__blk_req_zone_write_lock=3 __blk_req_zone_write_unlock=3",
      .calls_plug = "blk_zone_plug_bio=3 blk_zone_write_plug_bio_endio=3 "
                    "blk_zone_write_plug_finish_request=2",
      .from = FROM_ERROR },
    { .name = "after/again", .steps = "w0 w1 w1", .block = 1,
      .fault = WRITE_FAULT, .results = { "ok ENODATA ok", "ok ENODATA EIO" },
      .wire = { "W W!4280 W", "W W!4280" },
      .calls_plug = "blk_zone_write_plug_bio_endio=3 nvme_ns_report_zones=0",
      .from = FROM_ERROR },
    { .name = "after/report", .steps = "w0 w1 r w1", .block = 1,
      .fault = WRITE_FAULT, .results = { "ok ENODATA implicit:1 ok" },
      .wire = { "W W!4280 R W" }, .calls = "nvme_ns_report_zones=1",
      .calls_plug = "nvme_ns_report_zones=1 blk_zone_write_plug_bio_endio=3",
      .from = FROM_REPORT },
    { .name = "after/reset", .steps = "w0 w1 e w0", .block = 1,
      .fault = WRITE_FAULT, .results = { "ok ENODATA ok ok" },
      .wire = { "W W!4280 S W" },
      .calls_plug = "blk_zone_mgmt_bio_endio=1 nvme_ns_report_zones=0",
      .from = FROM_MGMT },
    { .name = "after/finish", .steps = "w0 w1 f w1 r", .block = 1,
      .fault = WRITE_FAULT, .results = { "ok ENODATA ok EIO full" },
      .wire = { "W W!4280 S W?41b9 R" },
      .calls_plug = "blk_zone_mgmt_bio_endio=1", .from = FROM_MGMT },
    { .name = "after/open", .steps = "w0 w1 o w1", .block = 1,
      .fault = WRITE_FAULT,
      .results = { "ok ENODATA ok ok", "ok ENODATA ok EIO" },
      .wire = { "W W!4280 S W", "W W!4280 S" },
      .calls_plug = "blk_zone_mgmt_bio_endio=1", .from = FROM_MGMT },
    { .name = "after/conventional", .steps = "w0 w1 n0 w1", .block = 1,
      .fault = WRITE_FAULT,
      .results = { "ok ENODATA ok ok", "ok ENODATA ok EIO" },
      .wire = { "W W!4280 W", "W W!4280" },
      .calls_plug = "blk_zone_plug_bio=3 blk_zone_write_plug_bio_endio=3",
      .from = "bio_needs_zone_write_plugging(); " FROM_ERROR },

    /* It failed, and yet was carried out. */
    { .name = "done/next", .steps = "w0 w1 r w2", .block = 1,
      .fault = WRITE_FAULT EXECUTED,
      .results = { "ok ENODATA implicit:2 ok" }, .wire = { "W W+!4280 R W" },
      .calls = "nvme_ns_report_zones=1", .from = FROM_REPORT },
    { .name = "done/again", .steps = "w0 w1 r w1", .block = 1,
      .fault = WRITE_FAULT EXECUTED,
      .results = { "ok ENODATA implicit:2 EIO" },
      .wire = { "W W+!4280 R W?41bc", "W W+!4280 R" },
      .calls = "nvme_ns_report_zones=1", .from = FROM_REPORT },
    { .name = "done/unreported", .steps = "w0 w1 w2", .block = 1,
      .fault = WRITE_FAULT EXECUTED,
      .results = { "ok ENODATA ok", "ok ENODATA EIO" },
      .wire = { "W W+!4280 W", "W W+!4280" }, .from = FROM_ERROR },

    /* The wrong place: a plug knows better than to ask the drive, and then
     * no longer knows. */
    { .name = "wrong-place/next", .steps = "w0 w3 w1",
      .results = { "ok EIO ok", "ok EIO EIO" },
      .wire = { "W W?41bc W", "W" },
      .calls_plug = "blk_zone_write_plug_bio_endio=3 "
                    "blk_zone_write_plug_finish_request=1",
      .from = FROM_ERROR },
    { .name = "wrong-place/report", .steps = "w0 w3 r w1",
      .results = { "ok EIO implicit:1 ok" },
      .wire = { "W W?41bc R W", "W R W" }, .from = FROM_REPORT },
    { .name = "wrong-place/first", .steps = "w3 w0",
      .results = { "EIO ok", "EIO EIO" },
      .wire = { "W?41bc W", "W?41bc" },
      .from = "disk_get_and_lock_zone_wplug(): a new plug takes the place of "
              "the write for the write pointer" },
    { .name = "wrong-place/first-report", .steps = "w3 r w0",
      .results = { "EIO empty:0 ok" }, .wire = { "W?41bc R W" },
      .from = FROM_REPORT },

    /* Four at once: one at a time goes to the drive. */
    { .name = "queue/good", .steps = "q0*4", .results = { "ok,ok,ok,ok" },
      .wire = { "W W W W" },
      .calls = "__blk_req_zone_write_lock=4 __blk_req_zone_write_unlock=4",
      .calls_plug = "blk_zone_wplug_bio_work=3 "
                    "blk_zone_write_plug_bio_endio=4",
      .from = FROM_QUEUE },
    { .name = "queue/first-fails", .steps = "q0*4", .fault = WRITE_FAULT,
      .results = { "ENODATA,EIO,EIO,EIO" },
      .wire = { "W!4280 W?41bc W?41bc W?41bc", "W!4280" },
      .calls = "__blk_req_zone_write_lock=4",
      .calls_plug = "blk_zone_write_plug_finish_request=1",
      .from = FROM_QUEUE },
    { .name = "queue/second-fails", .steps = "q0*4 r w1", .block = 1,
      .fault = WRITE_FAULT, .results = { "ok,ENODATA,EIO,EIO implicit:1 ok" },
      .wire = { "W W!4280 W?41bc W?41bc R W", "W W!4280 R W" },
      .calls = "__blk_req_zone_write_lock=5",
      .calls_plug = "blk_zone_write_plug_finish_request=3",
      .from = FROM_QUEUE },

    /* Without DNR the driver tries again below plug and lock. */
    { .name = "retry/once", .steps = "w0 w1", .block = 0,
      .fault = "\"times\":1,\"action\":\"status\",\"status\":\"0x1bc\"",
      .results = { "ok ok" }, .wire = { "W!1bc W W" },
      .calls = "nvme_retry_req=1",
      .calls_plug = "nvme_retry_req=1 blk_zone_write_plug_bio_endio=2",
      .from = "nvme_decide_disposition()" },
    { .name = "retry/used-up", .steps = "w0 r w0", .block = 0,
      .fault = "\"times\":6,\"action\":\"status\",\"status\":\"0x1bc\"",
      .results = { "EIO empty:0 ok" },
      .wire = { "W!1bc W!1bc W!1bc W!1bc W!1bc W!1bc R W" },
      .calls = "nvme_retry_req=5", .from = "nvme_decide_disposition()" },

    /* Zone management that fails or lies. */
    { .name = "reset/fails", .steps = "w0 e w1", .block = -1,
      .opcode = "zone-management-send", .fault = STATUS("0x1bf"),
      .results = { "ok EIO ok" }, .wire = { "W S!41bf W" },
      .calls_plug = "blk_zone_mgmt_bio_endio=1", .from = FROM_MGMT },
    { .name = "reset/fails-but-done", .steps = "w0 e w1 r w0", .block = -1,
      .opcode = "zone-management-send", .fault = STATUS("0x1bf") EXECUTED,
      .results = { "ok EIO EIO empty:0 ok" },
      .wire = { "W S+!41bf W?41bc R W" }, .from = FROM_MGMT },
    { .name = "reset/not-done", .steps = "w0 e w0 r w1", .block = -1,
      .opcode = "zone-management-send", .fault = NOT_DONE,
      .results = { "ok ok EIO implicit:1 ok" },
      .wire = { "W S- W?41bc R W" }, .from = FROM_MGMT },
    { .name = "finish/not-done", .steps = "w0 f w1", .block = -1,
      .opcode = "zone-management-send", .fault = NOT_DONE,
      .results = { "ok ok ok" }, .wire = { "W S- W" },
      .from = "disk_zone_wplug_set_wp_offset(): the plug goes, the next "
              "write makes another" },

    /* The write pointer that the drive reports is what a plug believes. */
    { .name = "report/lies", .steps = "w0 w1 r w1 r w2", .block = 1,
      .fault = "\"times\":1,\"action\":\"status\",\"status\":\"write-fault\","
               "\"dnr\":true,\"trigger\":[{\"trigger\":\"zone\","
               "\"reported-write-pointer\":8}]",
      .results = { "ok ENODATA implicit:2 ok implicit:3 ok",
                   "ok ENODATA implicit:2 EIO implicit:2 EIO" },
      .wire = { "W W!4280 R W R W", "W W!4280 R R W?41bc" },
      .from = FROM_REPORT },
    { .name = "report/fails", .steps = "w0 w1 r w1 r w1", .block = -1,
      .opcode = "zone-management-receive", .fault = STATUS("0x6"),
      .results = { "ok ok EIO EIO implicit:2 EIO" },
      .wire = { "W W R!4006 W?41bc R W?41bc", "W W R!4006 R" },
      .from = "nvme_ns_report_zones()" },

    /* Zones go bad under a write. */
    { .name = "read-only/write", .steps = "w0 w1 w1 r w1 p0", .block = 1,
      .fault = BECOMES("read-only"),
      .results = { "ok EIO EIO read-only EIO ok" },
      .wire = { "W W?41ba W?41ba R W?41ba P", "W W?41ba R W?41ba P" },
      .from = FROM_REPORT ": of no use, the plug goes" },
    { .name = "offline/write", .steps = "w0 w1 w1 r w1 p0", .block = 1,
      .fault = BECOMES("offline"),
      .results = { "ok EIO EIO offline EIO EIO" },
      .wire = { "W W?41bb W?41bb R W?41bb P?41bb",
                "W W?41bb R W?41bb P?41bb" },
      .from = FROM_REPORT ": of no use, the plug goes" },
    { .name = "read-only/reset", .steps = "w0 t e p0 r", .block = -1,
      .change = "\"state\":\"read-only\"",
      .results = { "ok ok EIO ok read-only" },
      .wire = { "W S?41bf P R" }, .from = "nvme_error_status()" },
    { .name = "offline/queue", .steps = "q0*4 r", .block = 1,
      .fault = BECOMES("offline"), .results = { "ok,EIO,EIO,EIO offline" },
      .wire = { "W W?41bb W?41bb W?41bb R", "W W?41bb R" },
      .from = FROM_QUEUE },

    /* What the kernel remembers of a zone, instead of asking the drive. */
    { .name = "cached/good", .steps = "w0 c w1 c", .results = {
      "ok active:1 ok active:2" }, .wire = { "W W" }, .since = { 6, 19 },
      .calls = "nvme_ns_report_zones=0", .from = "blkdev_get_zone_info()" },
    { .name = "cached/after-error", .steps = "w0 w1 c w1 c", .block = 1,
      .fault = WRITE_FAULT, .since = { 6, 19 },
      .results = { "ok ENODATA active:1 ok active:2" },
      .wire = { "W W!4280 R W" }, .calls = "nvme_ns_report_zones=1",
      .from = "blkdev_get_zone_info(): blkdev_report_zone_fallback()" },
    { .name = "cached/read-only", .steps = "w0 w1 c c", .block = 1,
      .fault = BECOMES("read-only"), .since = { 6, 19 },
      .results = { "ok EIO read-only full" }, .wire = { "W W?41ba R" },
      .calls = "nvme_ns_report_zones=1", .finding = "cached-zone-condition",
      .from = "disk_zone_wplug_update_cond(), of UINT_MAX for a write "
              "pointer" },
    { .name = "cached/offline", .steps = "w0 w1 c c", .block = 1,
      .fault = BECOMES("offline"), .since = { 6, 19 },
      .results = { "ok EIO offline full" }, .wire = { "W W?41bb R" },
      .calls = "nvme_ns_report_zones=1", .finding = "cached-zone-condition",
      .from = "disk_zone_wplug_update_cond(), of UINT_MAX for a write "
              "pointer" },

    /* What passes the block layer by moves the write pointer behind it. */
    { .name = "append/true", .steps = "w0 a a", .results = { "ok @1 @2" },
      .wire = { "W A A" }, .from = "nvme_submit_user_cmd()" },
    { .name = "append/lied", .steps = "a a r", .block = -1,
      .opcode = "zone-append", .fault = "\"times\":1,\"action\":\"cqe\","
      "\"dw0\":4660,\"dw1\":16", .results = { "@0x1000001234 @1 implicit:2" },
      .wire = { "A A R" }, .from = "nvme_submit_user_cmd()" },
    { .name = "append/then-write", .steps = "w0 a w1",
      .results = { "ok @1 EIO" }, .wire = { "W A W?41bc" },
      .from = "blk_zone_wplug_prepare_bio(): passthrough has no plug" },

    /* nvme_end_req_zoned() looks at appends only. */
    { .name = "control/zoned-write", .steps = "w0", .fault = "\"times\":1,"
      "\"action\":\"cqe\",\"dw0\":77,\"dw1\":1", .results = { "ok" },
      .wire = { "W" }, .sectors = "0", .from = "nvme_end_req_zoned()" },
    { .name = "control/conventional-write", .nsid = ZONED_PLAIN,
      .steps = "n0", .fault = "\"times\":1,\"action\":\"cqe\",\"dw0\":77,"
      "\"dw1\":1", .results = { "ok" }, .wire = { "W" }, .sectors = "0",
      .calls = "blk_zone_plug_bio=0 __blk_req_zone_write_lock=0",
      .from = "nvme_end_req_zoned()" },
};

void zoned_add_sequences(Suite *suite)
{
    char name[80];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(name, sizeof(name), "zoned/%s", cases[i].name);
        zoned_add_steps(suite, &cases[i], name);
    }
}
