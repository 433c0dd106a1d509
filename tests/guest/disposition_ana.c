/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "disposition": which path an I/O takes, and what it does without one.
 */
#include <stdio.h>
#include <string.h>

#include "disposition.h"
#include "lib/program.h"

#define PROGRAM_MS 20000

#define FAILOVER        "nvme_failover_req,nvme_requeue_work," SUBMIT

static void back_optimized(Suite *suite, const Case *c, Outcome *out)
{
    const DispositionCase *dc = c->data;

    start_waiting(c, 1, out);
    set_ana(suite, dc->drive == DRIVE_LONE ? "nvme3" : "nvme1", "optimized");
    finish_reads(1, out);
}

static void back_non_optimized(Suite *suite, const Case *c, Outcome *out)
{
    start_waiting(c, 1, out);
    set_ana(suite, "nvme2", "non-optimized");
    finish_reads(1, out);
}

static void back_many(Suite *suite, const Case *c, Outcome *out)
{
    start_waiting(c, MANY, out);
    set_ana(suite, "nvme2", "optimized");
    finish_reads(MANY, out);
}

/* nvme3 is not in the hands of run(). */
static void lone_inaccessible(Suite *suite, const Case *c, Outcome *out)
{
    set_ana(suite, "nvme3", "inaccessible");
    wait_ana_state("nvme3", "inaccessible");
    back_optimized(suite, c, out);
}

static void found_by_command(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite;
    do_op(c, out);
    buf_json_bool(&out->observed, "ana-state",
                  wait_ana_state("nvme1", "inaccessible"));
}

/* The first read stays on nvme1, and the others find one less on nvme2. */
static void queue_depth(Suite *suite, const Case *c, Outcome *out)
{
    start_waiting(c, 1, out);
    do_op(c, out);
    suite_request(suite, "nvme-fi-release", "{\"device\":\"nvme1\"}", NULL);
    finish_reads(1, out);
}

/* The second Identify Controller is that of the reset by the driver. */
static void change_too_long(Suite *suite, const Case *c, Outcome *out)
{
    buf_json_bool(&out->observed, "reset",
                  wait_reset(reset_controller("nvme1")));
    set_ana(suite, "nvme1", "change");
    buf_json_bool(&out->observed, "reset-by-driver",
                  wait_logged(suite, c, "nvme1", LAST_RULE, 2));
    set_ana(suite, "nvme1", "optimized");
    wait_paths();
    do_op(c, out);
}

/* What is said of the path @id, from its name to the end of the object. */
static bool says(const char *json, const char *id, const char *ana)
{
    char name[60], state[60];
    const char *at, *end;
    bool ok;

    snprintf(name, sizeof(name), "\"Name\":\"%s\"", controller(id));
    snprintf(state, sizeof(state), "\"ANAState\":\"%s\"", ana);
    at = strstr(json, name);
    end = at ? strchr(at, '}') : NULL;
    if (!end) {
        return false;
    }
    ok = memmem(at, end - at, state, strlen(state)) != NULL &&
         memmem(at, end - at, "\"State\":\"live\"", 14) != NULL;
    return ok;
}

static void list_subsys(Suite *suite, const Case *c, Outcome *out)
{
    static const char *const ids[] = { "nvme1", "nvme2" };
    const DispositionCase *dc = c->data;
    char path[40], disk[40], node[60], *to;
    Program program;
    bool ok = true;

    (void)suite;
    controller_disk("nvme1", path, disk);
    snprintf(node, sizeof(node), "/dev/%s", disk);
    out->value = program_run(&program, PROGRAM_MS, (const char *const[]) {
        "nvme", "list-subsys", node, "-o", "json", NULL });
    to = program.output.data;
    /* without the blanks that the program puts in */
    for (const char *from = to; from && *from; from++) {
        if (*from != ' ' && *from != '\n') {
            *to++ = *from;
        }
    }
    if (to) {
        *to = '\0';
    }
    for (int i = 0; i < 2; i++) {
        ok = ok && program.output.data &&
             says(program.output.data, ids[i],
                  dc->ana[i] ? dc->ana[i] : "optimized");
    }
    buf_json_bool(&out->observed, "agrees", ok);
    if (!ok) {
        buf_json_str(&out->observed, "output", program.output.data);
    }
    program_done(&program);
    if (out->value == 0) {
        do_op(c, out);
    }
}

#define ANA_CASE(name1, name2, one, two, paths) \
    { "ana-" name1 "-" name2, DRIVE_PAIR, OP_READ, { WATCH_1, WATCH_2 }, \
      .ana = { one, two }, .functions = STRAIGHT, .observed = paths, \
      .from = "nvme_ana_work,nvme_read_ana_log,nvme_update_ns_ana_state," \
              SUBMIT }
#define WAITING(name, state, back, many, paths) \
    { "no-path-" name, DRIVE_PAIR, OP_OWN, { WATCH_1, WATCH_2 }, \
      .ana = { state, state }, .own = back, .hits = many, \
      .functions = QUEUED, .observed = "\"waits\":true," paths, \
      .from = "nvme_available_path,nvme_mpath_set_live,nvme_requeue_work," \
              SUBMIT }

const DispositionCase path_cases[] = {
    ANA_CASE("optimized", "optimized", NULL, NULL, PATHS(0, 1, 0, 0)),
    ANA_CASE("inaccessible", "optimized", "inaccessible", NULL,
             PATHS(0, 0, 0, 1)),
    ANA_CASE("persistent-loss", "optimized", "persistent-loss", NULL,
             PATHS(0, 0, 0, 1)),
    ANA_CASE("change", "optimized", "change", NULL, PATHS(0, 0, 0, 1)),
    ANA_CASE("non-optimized", "optimized", "non-optimized", NULL,
             PATHS(0, 0, 0, 1)),
    ANA_CASE("optimized", "inaccessible", NULL, "inaccessible",
             PATHS(0, 1, 0, 0)),
    ANA_CASE("non-optimized", "non-optimized", "non-optimized",
             "non-optimized", PATHS(0, 1, 0, 0)),
    ANA_CASE("inaccessible", "non-optimized", "inaccessible",
             "non-optimized", PATHS(0, 0, 0, 1)),
    ANA_CASE("non-optimized", "change", "non-optimized", "change",
             PATHS(0, 1, 0, 0)),
    /* the command that finds the path so fails by itself */
    { "ana-found-by-a-command", DRIVE_PAIR, OP_READ,
      { "1 @,\"action\":\"none\",\"times\":1,\"trigger\":[{\"trigger\":"
        "\"event\",\"event\":\"ana\",\"ana-state\":\"inaccessible\"}]",
        WATCH_2 },
      .status = 0x302, .own = found_by_command, .hits = "2",
      .completions = "{\"status\":770,\"retries\":0},"
                     "{\"status\":0,\"retries\":0}",
      .functions = "nvme_retry_req=0 nvme_failover_req=1 "
                   "nvme_ns_head_submit_bio=2",
      .observed = "\"ana-state\":true," PATHS(1, 0, 0, 1),
      .from = FAILOVER },

    WAITING("inaccessible", "inaccessible", back_optimized, "1",
            PATHS(0, 1, 0, 0)),
    WAITING("persistent-loss", "persistent-loss", back_optimized, "1",
            PATHS(0, 1, 0, 0)),
    WAITING("change", "change", back_optimized, "1", PATHS(0, 1, 0, 0)),
    WAITING("then-non-optimized", "inaccessible", back_non_optimized, "1",
            PATHS(0, 0, 0, 1)),
    WAITING("many", "inaccessible", back_many, "8", PATHS(0, 0, 0, 8)),
    { "no-path-of-one", DRIVE_LONE, OP_OWN, { "3 @,\"action\":\"none\"" },
      .own = lone_inaccessible, .functions = QUEUED,
      .observed = "\"waits\":true", .from = "nvme_available_path," SUBMIT },

    { "policy-numa", DRIVE_PAIR, OP_EIGHT_READS, { WATCH_1, WATCH_2 },
      .policy = "numa", .hits = "8",
      .functions = "nvme_ns_head_submit_bio=8 nvme_failover_req=0",
      .observed = PATHS(0, 8, 0, 0), .from = SUBMIT },
    { "policy-round-robin", DRIVE_PAIR, OP_EIGHT_READS, { WATCH_1, WATCH_2 },
      .policy = "round-robin", .hits = "8",
      .functions = "nvme_ns_head_submit_bio=8 nvme_failover_req=0",
      .observed = PATHS(0, 4, 0, 4),
      .from = SUBMIT ",nvme_round_robin_path" },
    { "policy-round-robin-non-optimized", DRIVE_PAIR, OP_EIGHT_READS,
      { WATCH_1, WATCH_2 }, .policy = "round-robin",
      .ana = { "non-optimized", NULL }, .hits = "8",
      .functions = "nvme_ns_head_submit_bio=8 nvme_failover_req=0",
      .observed = PATHS(0, 0, 0, 8),
      .from = SUBMIT ",nvme_round_robin_path" },
    { "policy-queue-depth", DRIVE_PAIR, OP_EIGHT_READS,
      { "1 @,\"action\":\"hold\",\"execute\":true", WATCH_2 },
      .policy = "queue-depth", .own = queue_depth, .hits = "9",
      .functions = "nvme_ns_head_submit_bio=9 nvme_failover_req=0",
      .observed = "\"waits\":true," PATHS(0, 1, 0, 8), .since = { 6, 11 },
      .from = SUBMIT ",nvme_queue_depth_path" },

    { "list-subsys", DRIVE_PAIR, OP_READ, { WATCH_1, WATCH_2 },
      .own = list_subsys, .functions = STRAIGHT,
      .observed = "\"agrees\":true," PATHS(0, 1, 0, 0),
      .from = "ana_state_show" },
    { "list-subsys-inaccessible", DRIVE_PAIR, OP_READ, { WATCH_1, WATCH_2 },
      .ana = { "inaccessible", "non-optimized" }, .own = list_subsys,
      .functions = STRAIGHT,
      .observed = "\"agrees\":true," PATHS(0, 0, 0, 1),
      .from = "ana_state_show" },

    /* ANATT is 1 s now; the driver waits for two of them. */
    { "ana-change-too-long", DRIVE_PAIR, OP_READ,
      { [0] = WATCH_1, [1] = WATCH_2, [2] = WATCH_2, [LAST_RULE] =
        "1 \"opcode\":\"identify\",\"cns\":1,\"action\":\"overlay\","
        "\"patches\":[{\"offset\":342,\"value\":\"01\"}]" },
      .own = change_too_long, .hits = "{\"min\":3}",
      .functions = "nvme_anatt_timeout>=1 nvme_failover_req=0",
      .observed = "\"reset\":true,\"reset-by-driver\":true",
      .min_ns = 2 * SECOND, .max_ns = 60 * SECOND,
      .from = "nvme_read_ana_log,nvme_anatt_timeout" },
    { 0 },
};
