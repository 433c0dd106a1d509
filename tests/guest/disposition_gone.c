/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "disposition": controllers that are reset or go away under an I/O.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "disposition.h"

#define WAIT_MS 20000

#define FAILOVER        "nvme_failover_req,nvme_requeue_work," SUBMIT

static bool trigger(Suite *suite, const char *id, const char *members)
{
    char arguments[300];

    snprintf(arguments, sizeof(arguments), "{\"device\":\"%s\","
             "\"triggers\":[{%s}]}", id, members);
    return suite_request(suite, "nvme-fi-trigger", arguments, NULL);
}

/* Both functions of PCI are gone; and there again for the next case. */
static void all_gone(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite;
    start_waiting(c, 1, out);
    buf_json_bool(&out->observed, "removed",
                  pci_remove("nvme1") && pci_remove("nvme2"));
    finish_reads(1, out);
    drive_close(DRIVE_PAIR);
}

static void lone_gone(Suite *suite, const Case *c, Outcome *out)
{
    set_ana(suite, "nvme3", "inaccessible");
    wait_ana_state("nvme3", "inaccessible");
    start_waiting(c, 1, out);
    buf_json_bool(&out->observed, "removed", pci_remove("nvme3"));
    finish_reads(1, out);
    drive_close(DRIVE_LONE);
}

/* With delayed_removal_secs the disk stays for a while without a path. */
static void all_gone_and_back(Suite *suite, const Case *c, Outcome *out)
{
    char path[40], disk[40], file[100];

    controller_disk("nvme1", path, disk);
    snprintf(file, sizeof(file), "/sys/block/%s/delayed_removal_secs", disk);
    if (!write_line(file, "60")) {
        buf_json_bool(&out->observed, "delayed-removal", false);
        return;
    }
    pci_remove("nvme1");
    pci_remove("nvme2");
    start_waiting(c, 1, out);
    pci_rescan();
    finish_reads(1, out);
    wait_paths();
    write_line(file, "0");
    (void)suite;
}

/* One is gone and the other takes over; then the first is back, as the last. */
static void one_gone(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite;
    buf_json_bool(&out->observed, "removed", pci_remove("nvme1"));
    if (reads_begin(DRIVE_PAIR, case_offset(c), 1)) {
        finish_reads(1, out);
    }
}

static bool wait_not_live(const char *id)
{
    char path[80], line[40] = "live";

    for (int i = 0; i < WAIT_MS && !strcmp(line, "live"); i++) {
        snprintf(path, sizeof(path), "/sys/class/nvme/%s/state",
                 controller(id));
        read_line(path, line, sizeof(line));
        poll(NULL, 0, 1);
    }
    return strcmp(line, "live") != 0;
}

#define LATE_READY "\"trigger\":\"controller\",\"fault\":\"ready-late\"," \
                   "\"for-ns\":2000000000"

static void one_resets(Suite *suite, const Case *c, Outcome *out)
{
    pid_t pid;

    trigger(suite, "nvme1", LATE_READY);
    pid = reset_controller("nvme1");
    buf_json_bool(&out->observed, "not-live", wait_not_live("nvme1"));
    if (reads_begin(DRIVE_PAIR, case_offset(c), 1)) {
        finish_reads(1, out);
    }
    buf_json_bool(&out->observed, "reset", wait_reset(pid));
}

static void both_reset(Suite *suite, const Case *c, Outcome *out)
{
    pid_t pids[2];
    bool down;

    trigger(suite, "nvme1", LATE_READY);
    trigger(suite, "nvme2", LATE_READY);
    pids[0] = reset_controller("nvme1");
    pids[1] = reset_controller("nvme2");
    down = wait_not_live("nvme1");
    buf_json_bool(&out->observed, "not-live", wait_not_live("nvme2") && down);
    if (reads_begin(DRIVE_PAIR, case_offset(c), 1)) {
        finish_reads(1, out);
    }
    down = wait_reset(pids[0]);
    buf_json_bool(&out->observed, "reset", wait_reset(pids[1]) && down);
}

/* What the driver takes back from the drive it completes by itself, with Host
 * Aborted Command. */
static void reset_under_way(Suite *suite, const Case *c, Outcome *out)
{
    bool begun = reads_begin(DRIVE_PAIR, case_offset(c), 1) &&
                 wait_hit(suite, c, "nvme1", 0);

    buf_json_bool(&out->observed, "reset",
                  begun && wait_reset(reset_controller("nvme1")));
    finish_reads(1, out);
}

/*
 * The queue is dying (del_gendisk()) and waits for a command, which then fails
 * with a status that would be retried.
 */
static void dying(Suite *suite, const Case *c, Outcome *out)
{
    const DispositionCase *dc = c->data;
    const char *id = dc->drive == DRIVE_FLAT ? "nvme0" : "nvme1";
    bool begun = reads_begin(dc->drive, case_offset(c), 1) &&
                 wait_hit(suite, c, id, 0);
    char arguments[60];
    pid_t pid = fork();

    if (pid == 0) {
        _exit(!pci_remove(id));
    }
    buf_json_bool(&out->observed, "dying", begun && wait_dying(id));
    snprintf(arguments, sizeof(arguments), "{\"device\":\"%s\","
             "\"status\":\"0x281\"}", id);
    suite_request(suite, "nvme-fi-release", arguments, NULL);
    finish_reads(1, out);
    buf_json_bool(&out->observed, "removed", wait_reset(pid));
    drive_close(dc->drive);
}

/* The same for a flush: nobody hears of it.  Only then may one that nothing is
 * done to come; the time for it is over when the drive is live again. */
static void flush_under_reset(Suite *suite, const Case *c, Outcome *out)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        _exit(fsync(drive_fd(DRIVE_LONE)) ? errno : 0);
    }
    buf_json_bool(&out->observed, "sent", wait_hit(suite, c, "nvme3", 1));
    buf_json_bool(&out->observed, "reset",
                  wait_reset(reset_controller("nvme3")));
    if (waitpid(pid, &status, 0) == pid && WIFEXITED(status)) {
        out->error = WEXITSTATUS(status);
        out->value = out->error ? -1 : 0;
    }
    buf_json_bool(&out->observed, "live", wait_paths());
}

/* Writes, has it made stable, and then the power fails: what is there? */
static void power_cut(Suite *suite, const Case *c, Outcome *out)
{
    static char block[IO_BYTES] __attribute__((aligned(IO_BYTES)));
    bool written;

    memset(block, 'n', sizeof(block));
    written = pwrite(drive_fd(DRIVE_LONE), block, IO_BYTES, case_offset(c)) ==
              IO_BYTES;
    do_op(c, out);
    trigger(suite, "nvme3", "\"trigger\":\"power-cut\",\"lose\":1,"
            "\"reset\":false");
    buf_json_bool(&out->observed, "reset",
                  wait_reset(reset_controller("nvme3")) && wait_paths());
    if (!written || pread(drive_fd(DRIVE_LONE), block, IO_BYTES,
                          case_offset(c)) != IO_BYTES) {
        block[0] = '?';
    }
    buf_json_str(&out->observed, "data", block[0] == 'n' ? "new" :
                 block[0] == '?' ? "unknown" : "old");
}

const DispositionCase gone_cases[] = {
    { "reset-of-one-path", DRIVE_PAIR, OP_OWN, { WATCH_1, WATCH_2 },
      .own = one_resets, .functions = STRAIGHT " nvme_kick_requeue_lists>=1",
      .observed = "\"not-live\":true,\"reset\":true," PATHS(0, 0, 0, 1),
      .from = "nvme_path_is_disabled," SUBMIT },
    { "reset-of-all-paths", DRIVE_PAIR, OP_OWN, { WATCH_1, WATCH_2 },
      .own = both_reset, .hits = "1",
      .functions = QUEUED " nvme_kick_requeue_lists>=2",
      .observed = "\"not-live\":true,\"reset\":true",
      .from = "nvme_available_path,nvme_kick_requeue_lists," SUBMIT },
    { "reset-under-way", DRIVE_PAIR, OP_OWN,
      { "1 @,\"action\":\"drop\",\"times\":1", WATCH_2 },
      .own = reset_under_way, .hits = "2",
      .completions = "{\"status\":881,\"retries\":0},"
                     "{\"status\":0,\"retries\":0}",
      .functions = "nvme_retry_req=0 nvme_failover_req=1 "
                   "nvme_ns_head_submit_bio>=2",
      .observed = "\"reset\":true," PATHS(0, 0, 0, 1),
      .from = "nvme_cancel_request," FAILOVER },

    { "reset-under-way-of-a-flush", DRIVE_LONE, OP_FSYNC,
      { "3 @,\"action\":\"none\"",
        "3 @,\"action\":\"drop\",\"times\":1" },
      .own = flush_under_reset, .hits = "1",
      .completions = "{\"status\":881,\"retries\":0}",
      .functions = "nvme_retry_req=0 nvme_failover_req=1 "
                   "nvme_ns_head_submit_bio=1",
      .observed = "\"sent\":true,\"reset\":true,\"live\":true",
      .finding = "flush-lost-in-failover",
      .from = "nvme_cancel_request,blk_kick_flush," FAILOVER },

    { "power-fails-after-a-flush", DRIVE_LONE, OP_FSYNC,
      { "3 @,\"action\":\"none\"" }, .own = power_cut, .hits = "1",
      .functions = "nvme_failover_req=0",
      .observed = "\"reset\":true,\"data\":\"new\"",
      .from = "blkdev_fsync,blk_kick_flush" },
    { "power-fails-after-a-lost-flush", DRIVE_LONE, OP_FSYNC,
      { "3 @,\"action\":\"none\"",
        "3 @,\"action\":\"status\",\"status\":\"0x300\",\"times\":1" },
      .own = power_cut, .hits = "1", .functions = "nvme_failover_req=1",
      .observed = "\"reset\":true,\"data\":\"old\"",
      .finding = "flush-lost-in-failover",
      .from = "blkdev_fsync,blk_kick_flush," FAILOVER },

    { "path-removed", DRIVE_PAIR, OP_OWN, { WATCH_1, WATCH_2 },
      .own = one_gone, .functions = STRAIGHT, .removes = true,
      .observed = "\"removed\":true,\"nvme2-done\":1", .from = SUBMIT },
    { "path-removed-under-way", DRIVE_PAIR, OP_OWN,
      { "1 @,\"action\":\"hold\"", WATCH_2 }, .status = 0x281, .own = dying,
      .removes = true, .hits = "2",
      .completions = "{\"status\":641,\"retries\":0},"
                     "{\"status\":0,\"retries\":0}",
      .functions = "nvme_retry_req=0 nvme_failover_req=1",
      .observed = "\"dying\":true,\"removed\":true," PATHS(1, 0, 0, 1),
      .from = "nvme_decide_disposition,blk_queue_dying," FAILOVER },
    { "removed-under-way", DRIVE_FLAT, OP_OWN, { "0 @,\"action\":\"hold\"" },
      .status = 0x281, .own = dying, .removes = true, .hits = "1",
      .completions = "{\"status\":641,\"retries\":0}", .error = "ENODATA",
      .functions = "nvme_retry_req=0 nvme_failover_req=0",
      .observed = "\"dying\":true,\"removed\":true",
      .from = "nvme_decide_disposition,blk_queue_dying" },
    { "all-paths-removed", DRIVE_PAIR, OP_OWN, { WATCH_1, WATCH_2 },
      .ana = { "inaccessible", "inaccessible" }, .own = all_gone,
      .removes = true, .hits = "0", .error = "EIO",
      .functions = "nvme_ns_head_submit_bio>=2 nvme_failover_req=0",
      .observed = "\"waits\":true,\"removed\":true",
      .from = "nvme_mpath_shutdown_disk,nvme_available_path," SUBMIT },
    { "one-path-removed", DRIVE_LONE, OP_OWN, { "3 @,\"action\":\"none\"" },
      .own = lone_gone, .removes = true, .hits = "0", .error = "EIO",
      .functions = "nvme_ns_head_submit_bio>=2 nvme_failover_req=0",
      .observed = "\"waits\":true,\"removed\":true",
      .from = "nvme_mpath_shutdown_disk,nvme_available_path," SUBMIT },
    { "all-paths-removed-for-a-while", DRIVE_PAIR, OP_OWN,
      { WATCH_1, WATCH_2 }, .own = all_gone_and_back, .removes = true,
      .hits = "1", .functions = QUEUED,
      .observed = "\"waits\":true", .since = { 6, 16 },
      .from = "nvme_mpath_queue_if_no_path,delayed_removal_secs_store,"
              SUBMIT },
    { 0 },
};
