/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "zoned": zonefs with each policy of errors=, and each thing that can
 * happen to a zone under it.
 */
#include <stdio.h>

#include "zoned_steps.h"

/* So that a write in the background ends after its submission has. */
#define DELAY ",\"delay-ns\":100000000"
#define SECOND "\"skip\":1,\"times\":1,"
#define FAILS SECOND "\"action\":\"status\",\"status\":\"write-fault\"," \
    "\"dnr\":true" DELAY
#define BECOMES(state) SECOND "\"action\":\"none\",\"trigger\":[{" \
    "\"trigger\":\"zone\",\"state\":\"" state "\"}]" DELAY

#define LATE SECOND "\"action\":\"none\"" DELAY

#define FROM "zonefs_handle_io_error()"
#define FROM_CONDITION FROM ", zonefs_check_zone_condition()"

/*
 * A synchronous write is a zone append until 6.5, and zonefs looks at where it
 * went: for no good reason at the end of the block, see kernel-findings.md.
 */
static StepCase appends[] = {
    { .name = "append-fails", .policy = "repair", .sync = true,
      .steps = "W I W", .fault = "\"times\":1,\"action\":\"status\","
      "\"status\":\"write-fault\",\"dnr\":true",
      .results = { "ENODATA 0/640/rw EIO" },
      .wire = { "A!4280 R A R" }, .finding = "failed-append-sector",
      .calls = "zonefs_file_dio_append=2 __zonefs_io_error=2",
      .log = "[\"LBA 2048\"],[\"critical medium error\",\"sector 0 op\","
             "\"(ZONE_APPEND)\"],[\"Corrupted write pointer\"],"
             "[\"invalid size 0 (should be 4096)\"]",
      .from = "nvme_end_req_zoned(), blk_print_req_error()" },
    { .name = "append-good", .policy = "remount-ro", .sync = true,
      .steps = "W I W", .results = { "EIO 0/640/ro EROFS" },
      .wire = { "A R" }, .sectors = "0", .finding = "zonefs-sync-write",
      .calls = "zonefs_file_dio_append=1 __zonefs_io_error=1",
      .from = "zonefs_file_dio_append()" },
    { .name = "append-good", .policy = "repair", .sync = true,
      .steps = "W I W I", .results = { "EIO 1/640/rw EIO 2/640/rw" },
      .wire = { "A R A R" }, .sectors = "0 1",
      .finding = "zonefs-sync-write",
      .calls = "zonefs_file_dio_append=2 __zonefs_io_error=2",
      .from = "zonefs_file_dio_append()" },
    /* The lie is what it expects. */
    { .name = "append-lied", .policy = "remount-ro", .sync = true,
      .steps = "W I", .fault = "\"times\":1,\"action\":\"cqe\"", .lie = 1,
      .results = { "ok 1/640/rw" }, .wire = { "A" }, .sectors = "1",
      .calls = "zonefs_file_dio_append=1 __zonefs_io_error=0",
      .from = "nvme_end_req_zoned(), zonefs_file_dio_append()" },
};

/*
 * Steps are W W I W P unless a case has others: the first write is good, the
 * second meets the fault.
 */
static StepCase cases[] = {
    { .name = "good", .policy = "remount-ro", .steps = "W W I P",
      .results = { "ok ok 2/640/rw ok" }, .wire = { "W W P" },
      .sectors = "0 1", .calls = "__zonefs_io_error=0", .from = FROM },

    /* A write fails and nothing was written. */
    { .name = "fails", .policy = "remount-ro", .fault = FAILS,
      .results = { "ok ENODATA 1/640/ro EROFS ok" },
      .wire = { "W W!4280 R P" },
      .calls = "__zonefs_io_error=1 nvme_ns_report_zones=1", .from = FROM },
    { .name = "fails", .policy = "zone-ro", .fault = FAILS,
      .results = { "ok ENODATA 1/440/rw EPERM ok" },
      .wire = { "W W!4280 R P" },
      .calls = "__zonefs_io_error=1 nvme_ns_report_zones=1", .from = FROM },
    { .name = "fails", .policy = "zone-offline", .fault = FAILS,
      .results = { "ok ENODATA 0/000/rw EPERM EPERM" },
      .wire = { "W W!4280 R" },
      .calls = "__zonefs_io_error=1 nvme_ns_report_zones=1", .from = FROM },
    { .name = "fails", .policy = "repair", .fault = FAILS,
      .results = { "ok ENODATA 1/640/rw ok ok" },
      .wire = { "W W!4280 R W P" },
      .calls = "__zonefs_io_error=1 nvme_ns_report_zones=1", .from = FROM },

    /* A write fails, and was carried out. */
    { .name = "done", .policy = "remount-ro", .fault = FAILS
      ",\"execute\":true", .results = { "ok ENODATA 1/640/ro EROFS ok" },
      .wire = { "W W+!4280 R P" }, .from = FROM },
    { .name = "done", .policy = "zone-ro", .fault = FAILS
      ",\"execute\":true", .results = { "ok ENODATA 1/440/rw EPERM ok" },
      .wire = { "W W+!4280 R P" }, .from = FROM },
    { .name = "done", .policy = "zone-offline", .fault = FAILS
      ",\"execute\":true", .results = { "ok ENODATA 0/000/rw EPERM EPERM" },
      .wire = { "W W+!4280 R" }, .from = FROM },
    { .name = "done", .policy = "repair", .fault = FAILS
      ",\"execute\":true", .results = { "ok ENODATA 2/640/rw ok ok" },
      .wire = { "W W+!4280 R W P" }, .from = FROM },

    /* The write pointer is a block further than the file's end. */
    { .name = "ahead", .policy = "remount-ro", .steps = "W t W I W P",
      .fault = LATE, .change = "\"write-pointer\":8",
      .results = { "ok ok EIO 1/640/ro EROFS ok" },
      .wire = { "W W?41bc R P" }, .from = FROM },
    { .name = "ahead", .policy = "zone-ro", .steps = "W t W I W P",
      .fault = LATE, .change = "\"write-pointer\":8",
      .results = { "ok ok EIO 1/440/rw EPERM ok" },
      .wire = { "W W?41bc R P" }, .from = FROM },
    { .name = "ahead", .policy = "zone-offline", .steps = "W t W I W P",
      .fault = LATE, .change = "\"write-pointer\":8",
      .results = { "ok ok EIO 0/000/rw EPERM EPERM" },
      .wire = { "W W?41bc R" }, .from = FROM },
    { .name = "ahead", .policy = "repair", .steps = "W t W I W P",
      .fault = LATE, .change = "\"write-pointer\":8",
      .results = { "ok ok EIO 2/640/rw ok ok" },
      .wire = { "W W?41bc R W P" },
      .calls = "__zonefs_io_error=1", .from = FROM },

    /* It went back. */
    { .name = "behind", .policy = "remount-ro", .steps = "W t W I W P",
      .fault = LATE, .change = "\"write-pointer\":-8",
      .results = { "ok ok EIO 0/640/ro EROFS end" },
      .wire = { "W W?41bc R" }, .from = FROM },
    { .name = "behind", .policy = "zone-ro", .steps = "W t W I W P",
      .fault = LATE, .change = "\"write-pointer\":-8",
      .results = { "ok ok EIO 1/440/rw EPERM ok" },
      .wire = { "W W?41bc R P" }, .from = FROM },
    { .name = "behind", .policy = "zone-offline", .steps = "W t W I W P",
      .fault = LATE, .change = "\"write-pointer\":-8",
      .results = { "ok ok EIO 0/000/rw EPERM EPERM" },
      .wire = { "W W?41bc R" }, .from = FROM },
    { .name = "behind", .policy = "repair", .steps = "W t W I W P",
      .fault = LATE, .change = "\"write-pointer\":-8",
      .results = { "ok ok EIO 0/640/rw ok ok" },
      .wire = { "W W?41bc R W P" }, .from = FROM },

    /* The zone goes bad: what the drive says outweighs the policy. */
    { .name = "read-only", .policy = "remount-ro",
      .fault = BECOMES("read-only"),
      .results = { "ok EIO 1/440/ro EPERM ok" },
      .wire = { "W W?41ba R P" }, .from = FROM_CONDITION },
    { .name = "read-only", .policy = "zone-ro",
      .fault = BECOMES("read-only"),
      .results = { "ok EIO 1/440/rw EPERM ok" },
      .wire = { "W W?41ba R P" }, .from = FROM_CONDITION },
    { .name = "read-only", .policy = "zone-offline",
      .fault = BECOMES("read-only"),
      .results = { "ok EIO 0/000/rw EPERM EPERM" },
      .wire = { "W W?41ba R" }, .from = FROM_CONDITION },
    { .name = "read-only", .policy = "repair",
      .fault = BECOMES("read-only"),
      .results = { "ok EIO 1/440/rw EPERM ok" },
      .wire = { "W W?41ba R P" }, .from = FROM_CONDITION },
    { .name = "offline", .policy = "remount-ro", .fault = BECOMES("offline"),
      .results = { "ok EIO 0/000/ro EPERM EPERM" },
      .wire = { "W W?41bb R" }, .from = FROM_CONDITION },
    { .name = "offline", .policy = "zone-ro", .fault = BECOMES("offline"),
      .results = { "ok EIO 0/000/rw EPERM EPERM" },
      .wire = { "W W?41bb R" }, .from = FROM_CONDITION },
    { .name = "offline", .policy = "zone-offline",
      .fault = BECOMES("offline"),
      .results = { "ok EIO 0/000/rw EPERM EPERM" },
      .wire = { "W W?41bb R" }, .from = FROM_CONDITION },
    { .name = "offline", .policy = "repair", .fault = BECOMES("offline"),
      .results = { "ok EIO 0/000/rw EPERM EPERM" },
      .wire = { "W W?41bb R" }, .from = FROM_CONDITION },

    /* A read that fails is the reader's business, unless the zone is bad. */
    { .name = "read-fails", .policy = "remount-ro", .steps = "W P I W P",
      .opcode = "read", .fault = "\"times\":1,\"action\":\"status\","
      "\"status\":\"0x281\",\"dnr\":true",
      .results = { "ok ENODATA 1/640/rw ok ok" },
      .wire = { "W P!4281 R W P" },
      .calls = "__zonefs_io_error=1", .from = FROM },
    { .name = "read-offline", .policy = "repair", .steps = "W t P I W P",
      .change = "\"state\":\"offline\"",
      .results = { "ok ok EIO 0/000/rw EPERM EPERM" },
      .wire = { "W P?41bb R" }, .from = FROM_CONDITION },

    /* Without a report nobody knows: whatever the policy. */
    { .name = "report-fails", .policy = "repair", .fault = FAILS,
      .fault_too = "\"opcode\":\"zone-management-receive\",\"times\":1,"
      "\"action\":\"status\",\"status\":\"internal-error\",\"dnr\":true",
      .results = { "ok ENODATA 1/640/ro EROFS ok" },
      .wire = { "W W!4280 R!4006 P" },
      .from = "__zonefs_io_error()" },

    /* A truncation is a command to the zone. */
    { .name = "reset-fails", .policy = "zone-ro", .steps = "W E I W E I",
      .opcode = "zone-management-send", .fault = "\"times\":1,"
      "\"action\":\"status\",\"status\":\"0x1bf\",\"dnr\":true",
      .results = { "ok EIO 1/640/rw ok ok 0/640/rw" },
      .wire = { "W S!41bf W S" },
      .calls = "__zonefs_io_error=0", .from = "zonefs_file_truncate()" },
    { .name = "finish-fails", .policy = "zone-ro", .steps = "W F I W F I",
      .opcode = "zone-management-send", .fault = "\"times\":1,"
      "\"action\":\"status\",\"status\":\"0x1bf\",\"dnr\":true",
      .results = { "ok EIO 1/640/rw ok ok 256/640/rw" },
      .wire = { "W S!41bf W S" },
      .calls = "__zonefs_io_error=0", .from = "zonefs_file_truncate()" },
};

static void add(Suite *suite, StepCase *sc)
{
    char name[80];

    if (!sc->steps) {
        sc->steps = "W W I W P";
    }
    if (!sc->opcode) {
        sc->opcode = "";
    }
    sc->block = -1;
    snprintf(name, sizeof(name), "zoned/zonefs/%s/%s", sc->policy, sc->name);
    zoned_add_steps(suite, sc, name);
}

void zoned_add_appends(Suite *suite)
{
    for (size_t i = 0; i < sizeof(appends) / sizeof(appends[0]); i++) {
        appends[i].until = (Version) { 6, 5 };
        add(suite, &appends[i]);
    }
}

void zoned_add_files(Suite *suite)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        add(suite, &cases[i]);
    }
}
