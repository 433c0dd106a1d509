/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "trace": 'nvme-fi trace' on a live kernel shows the commands that the
 * drive got, each once, with what became of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/program.h"
#include "lib/suite.h"
#include "trace_target.h"

#define TOOL "nvme-fi-trace"
#define TRACING "/sys/kernel/tracing"
#define SAVED TRACING "/instances/saved"
#define IO_BYTES 4096
#define LBA 2048                /* first block that the cases use */
#define START_MS 60000
#define END_MS 120000
#define MAX_ARGS 8
#define MAX_COUNTS 4
/* More events than the smallest buffer has room for. */
#define MANY 2000

typedef struct Count {
    const char *words[3];       /* all of them in one line of the output */
    int lines;                  /* expected */
} Count;

typedef struct TraceCase {
    const char *name;
    const char *args[MAX_ARGS]; /* for the program, without --live */
    const char *rule;           /* members of the rule, without its id */
    int hits;
    bool target;                /* connect to a target on the disk */
    int identifies, reads, writes, flushes;
    bool saved;                 /* the trace is saved first, as a file */
    const char *buffer_kb;      /* of a saved trace */
    bool by_itself;             /* the program ends without a signal */
    bool save_feature;          /* Set Features with bit SV is sent */
    const char *printed;        /* in so many lines of the saved trace... */
    const char *finding;        /* that this is */
    int status;                 /* the program's exit status */
    Count counts[MAX_COUNTS];
    const char *from;
} TraceCase;

#define COMMAND "\"type\":\"command\""
#define ADMIN "\"action\":\"none\",\"queue\":\"admin\""

static TraceCase cases[] = {
    /* the drive's log has as many admin commands as there are lines */
    { "trace/admin-only", { "--qid", "0" }, ADMIN, 7, .identifies = 7,
      .reads = 3, .counts = {
          { { COMMAND }, 7 }, { { "\"name\":\"identify\"", "\"cns\":1,",
                                  "\"state\":\"complete\"" }, 7 },
          { { "\"qid\":1" }, 0 },
          /* left out by the kernel, not by the program */
          { { "\"type\":\"counts\"", "\"filtered\":0,",
              "\"loose\":0" }, 1 } },
      .from = "trace_nvme_setup_cmd,trace_nvme_complete_rq" },
    { "trace/all", { NULL }, "\"action\":\"none\",\"queue\":\"io\"", 7,
      .identifies = 2, .reads = 4, .writes = 2, .flushes = 1, .counts = {
          { { COMMAND, "\"name\":\"read\"", "\"ended\":true" }, 4 },
          { { COMMAND, "\"name\":\"write\"", "\"nlb\":8," }, 2 },
          { { COMMAND, "\"name\":\"flush\"" }, 1 },
          { { COMMAND, "\"name\":\"identify\"" }, 2 } },
      .from = "nvme_setup_cmd,nvme_complete_rq,blk_update_request" },
    { "trace/filter", { "--opcode", "write" },
      "\"action\":\"none\",\"queue\":\"io\"", 5, .reads = 3, .writes = 2,
      .counts = { { { COMMAND }, 2 },
                  { { COMMAND, "\"name\":\"write\"" }, 2 },
                  { { "\"type\":\"counts\"", "\"filtered\":3," }, 1 } },
      .from = "nvme_setup_cmd,nvme_complete_rq" },
    { "trace/error", { "--errors" },
      "\"action\":\"status\",\"opcode\":\"read\",\"status\":"
      "\"access-denied\",\"dnr\":true,\"times\":1", 1, .reads = 3,
      .counts = {
          { { COMMAND }, 1 },
          { { "\"status-name\":\"access-denied\"", "\"dnr\":true",
              "\"errno\":\"ENODATA\"" }, 1 },
          { { "\"slba\":2048,", "\"nlb\":8," }, 1 },
          { { "\"type\":\"counts\"", "\"filtered\":2,",
              "\"loose\":0" }, 1 } },
      .from = "nvme_complete_rq,nvme_error_status,blk_update_request" },
    { "trace/retry", { NULL },
      "\"action\":\"status\",\"opcode\":\"read\",\"status\":"
      "\"internal-error\",\"times\":2", 2, .reads = 1, .counts = {
          { { COMMAND, "\"name\":\"read\"" }, 3 },
          { { "\"attempt\":1,", "\"requeued\":true" }, 1 },
          { { "\"attempt\":2,", "\"requeued\":true" }, 1 },
          { { "\"attempt\":3,", "\"status-name\":\"success\"",
              "\"requeued\":false" }, 1 } },
      .from = "nvme_retry_req,blk_mq_requeue_request" },
    /* how many it gets in that time is not said */
    { "trace/seconds", { "--seconds", "0.3" }, ADMIN, 1, .identifies = 1,
      .by_itself = true, .counts = {
          { { "\"type\":\"counts\"", "\"malformed\":0," }, 1 } },
      .from = "tracing_read_pipe" },
    /* as by hand: filter, enable, and the file "trace" */
    { "trace/saved", { SAVED "/trace" }, ADMIN, 5, .identifies = 5,
      .reads = 3, .saved = true, .counts = {
          { { COMMAND }, 5 },
          { { "\"name\":\"identify\"", "\"state\":\"complete\"" }, 5 } },
      .from = "trace_nvme_setup_cmd,trace_nvme_complete_rq" },
    { "trace/overwritten", { "--quiet", SAVED "/trace" }, ADMIN, MANY,
      .identifies = MANY, .saved = true, .buffer_kb = "4", .status = 3,
      .counts = { { { "\"overwritten\":0," }, 0 },
                  { { "\"type\":\"counts\"" }, 1 },
                  { { "events were overwritten" }, 1 } },
      .from = "print_trace_header" },
    /* both sides of Connect: the admin queue and one I/O queue each; hits
     * are of the reads that look for partitions */
    { "trace/target", { NULL }, "\"action\":\"none\",\"opcode\":\"read\"",
      .target = true, .counts = {
          { { "\"side\":\"host\"", "\"name\":\"connect\"",
              "\"state\":\"complete\"" }, 2 },
          { { "\"side\":\"target\"", "\"name\":\"connect\"",
              "\"state\":\"complete\"" }, 2 },
          { { "\"side\":\"target\"", "\"cns\":\"controller\"" }, 1 },
          { { "\"malformed\":0,", "\"unknown-text\":0," }, 1 } },
      .from = "trace_nvmet_req_init,trace_nvmet_req_complete" },
    /* NVMe Base 2.2, figure "Set Features - Command Dword 10": SV is bit 31;
     * the drive gets it, and the kernel's text says that it is 0 */
    { "trace/save-bit", { "--all-fields", SAVED "/trace" },
      "\"action\":\"none\",\"opcode\":\"set-features\",\"sqe\":[{\"dword\":"
      "10,\"mask\":2147483648,\"value\":2147483648}]", 1, .saved = true,
      .save_feature = true, .printed = "fid=0x4, sv=0x0, cdw11=0x157",
      .finding = "trace-save-bit", .counts = {
          { { "\"name\":\"set-features\"", "\"fid\":4,", "\"cdw11\":343" }, 1 },
          { { "\"sv\":" }, 0 } },
      .from = "nvme_trace_admin_set_features" },
};

static char data[IO_BYTES] __attribute__((aligned(IO_BYTES)));

static int load(Suite *suite)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Case *c = suite_add(suite, strdup(cases[i].name), &cases[i]);

        c->alone = true;
        c->finding = cases[i].finding;
    }
    return 0;
}

static void rules(Suite *suite, const Case *c, Buf *buf)
{
    const TraceCase *tc = c->data;

    (void)suite;
    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u\",%s}", c->ordinal, tc->rule);
}

/* What the kernel's documentation tells a user to do. */
static void start_saved(const TraceCase *tc)
{
    mkdir(SAVED, 0700);
    if (tc->buffer_kb) {
        trace_put(SAVED "/buffer_size_kb", tc->buffer_kb);
    }
    trace_put(SAVED "/events/nvme/filter", "qid==0\n");
    trace_put(SAVED "/events/nvme/enable", "1\n");
}

static void end_saved(void)
{
    trace_put(SAVED "/events/nvme/enable", "0\n");
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    const TraceCase *tc = c->data;

    if (tc->saved) {
        start_saved(tc);
    } else if (tc->target &&
               suite_needs(suite, out, "CONFIG_NVME_TARGET_LOOP")) {
        out->skip = target_set_up(suite->disk.path);
    }
}

/* Temperature Threshold, what QEMU's drive has anyway, to be saved. */
static void save_feature(const Suite *suite)
{
    struct nvme_passthru_cmd set = {
        .opcode = 0x09, .cdw10 = 1U << 31 | 4, .cdw11 = 0x157,
    };

    ioctl(suite->disk.fd, NVME_IOCTL_ADMIN_CMD, &set);
}

static void send_commands(const Suite *suite, const TraceCase *tc)
{
    struct nvme_passthru_cmd identify = {
        .opcode = 0x06, .addr = (uintptr_t)data, .data_len = IO_BYTES,
        .cdw10 = 1,             /* the controller: NVMe Base 2.2, 5.1.13 */
    };
    int i;

    if (tc->target) {
        target_connect();
    }
    if (tc->save_feature) {
        save_feature(suite);
    }
    for (i = 0; i < tc->identifies; i++) {
        ioctl(suite->disk.fd, NVME_IOCTL_ADMIN_CMD, &identify);
    }
    for (i = 0; i < tc->reads; i++) {
        (void)!pread(suite->disk.fd, data, IO_BYTES, (LBA + 8 * i) * 512);
    }
    for (i = 0; i < tc->writes; i++) {
        (void)!pwrite(suite->disk.fd, data, IO_BYTES, (LBA + 8 * i) * 512);
    }
    for (i = 0; i < tc->flushes; i++) {
        fsync(suite->disk.fd);
    }
}

/* Until the program says that it traces. */
static bool wait_ready(Program *program)
{
    char block[512];
    ssize_t n = 1;

    while (n > 0) {
        struct pollfd item = { .fd = program->pipe, .events = POLLIN };

        if (program->output.data && strstr(program->output.data, "tracing")) {
            return true;
        }
        if (poll(&item, 1, START_MS) <= 0) {
            return false;
        }
        n = read(program->pipe, block, sizeof(block));
        if (n > 0) {
            buf_add(&program->output, block, n);
        }
    }
    return false;
}

/* Lines of @text that have all of the words. */
static int count_lines(const char *text, const char *const *words)
{
    int found = 0;

    while (*text) {
        size_t len = strcspn(text, "\n");
        bool all = true;

        for (int i = 0; i < 3 && words[i]; i++) {
            all = all && memmem(text, len, words[i], strlen(words[i]));
        }
        found += all;
        text += len + (text[len] == '\n');
    }
    return found;
}

/* Lines of the saved trace with @word. */
static int count_saved(const char *word)
{
    const char *words[3] = { word };
    static char text[65536];
    FILE *f = fopen(SAVED "/trace", "re");
    size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

    if (f) {
        fclose(f);
    }
    text[n] = '\0';
    return count_lines(text, words);
}

static bool left_behind(pid_t pid)
{
    char path[80];

    snprintf(path, sizeof(path), TRACING "/instances/nvme-fi-%d", (int)pid);
    return access(path, F_OK) == 0;
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const TraceCase *tc = c->data;
    const char *argv[MAX_ARGS + 3] = { TOOL, "--json" };
    Program program;
    pid_t pid;
    int n = 2, i;

    for (i = 0; i < MAX_ARGS && tc->args[i]; i++) {
        argv[n++] = tc->args[i];
    }
    if (tc->saved) {
        send_commands(suite, tc);
        end_saved();
    } else {
        argv[n++] = "--live";
    }
    program_start(&program, argv);
    pid = program.pid;
    if (!tc->saved && wait_ready(&program)) {
        send_commands(suite, tc);
        if (!tc->by_itself) {
            kill(pid, SIGINT);
        }
    }
    program_wait(&program, END_MS);
    out->value = program.status;
    for (i = 0; i < MAX_COUNTS && tc->counts[i].words[0]; i++) {
        char key[16];

        snprintf(key, sizeof(key), "lines-%d", i);
        buf_json_int(&out->observed, key,
                     count_lines(program.output.data ? program.output.data :
                                 "", tc->counts[i].words));
    }
    if (tc->printed) {
        buf_json_int(&out->observed, "printed", count_saved(tc->printed));
    }
    buf_json_bool(&out->observed, "left", left_behind(pid));
    if (program.output.len < 8192) {
        buf_json_key(&out->observed, "output");
        buf_json_string(&out->observed, program.output.data ?
                        program.output.data : "", program.output.len);
    }
    program_done(&program);
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    const TraceCase *tc = c->data;

    (void)suite, (void)out;
    if (tc->saved) {
        rmdir(SAVED);
    } else if (tc->target) {
        target_tear_down();
    }
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    const TraceCase *tc = c->data;

    (void)suite, (void)out;
    buf_json_key(record, "stimulus");
    buf_printf(record, "{\"op\":\"trace\",\"identify\":%d,\"read\":%d,"
               "\"write\":%d,\"flush\":%d,\"arguments\":[", tc->identifies,
               tc->reads, tc->writes, tc->flushes);
    for (int i = 0; i < MAX_ARGS && tc->args[i]; i++) {
        buf_json_sep(record);
        buf_json_string(record, tc->args[i], strlen(tc->args[i]));
    }
    buf_puts(record, "]}");
    buf_json_key(record, "expected");
    buf_printf(record, tc->target ? "{\"device\":{\"hits\":{\"min\":1}}" :
               "{\"device\":{\"hits\":%d}", tc->hits);
    buf_printf(record, ",\"result\":{\"value\":%d,\"observed\":{\"left\":"
               "false", tc->status);
    for (int i = 0; i < MAX_COUNTS && tc->counts[i].words[0]; i++) {
        buf_printf(record, ",\"lines-%d\":%d", i, tc->counts[i].lines);
    }
    buf_puts(record, tc->printed ? ",\"printed\":1}}}" : "}}}");
    buf_json_str(record, "from", tc->from);
}

static const SuiteClass trace_class = {
    .name = "trace",
    .machine = "{\"kernel\":\"nvme_core.multipath=N\",\"timeout\":180,"
               "\"programs\":"
               "[\"" TOOL "\"],\"modules\":[\"nvmet\",\"nvme_loop\"]}",
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

int main(int argc, char **argv)
{
    return suite_main(&trace_class, argc, argv);
}
