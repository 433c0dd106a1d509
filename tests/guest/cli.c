/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "cli": what nvme-cli prints in the guest is what the drive says of
 * itself to the monitor.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/json.h"
#include "lib/program.h"
#include "lib/suite.h"

#define IO_BYTES 4096
#define PROGRAM_MS 60000
#define MAX_ARGS 16
#define LBA 4096                /* first block that the cases use */
#define PLAIN "@1"              /* in argv: the disk of the namespace */
#define ZONED "@2"
typedef struct CliCase {
    const char *name;
    const char *opcode;         /* that nvme-cli has to send, once or more */
    const char *argv[MAX_ARGS];
    void (*before)(Suite *suite);
    /* Adds strings that must be in the output, made of the facts. */
    void (*want)(Buf *strings);
    int status;                 /* the program's exit status */
    const char *observed;       /* further members expected there */
    void (*after)(Suite *suite, Outcome *out);
} CliCase;

static char data[IO_BYTES] __attribute__((aligned(IO_BYTES)));
static struct { long long cid, media_errors, entries; } facts;

/* The disk of namespace @nsid: a kernel that scans several at once numbers
 * them as they come. */
static const char *disk_of(int nsid)
{
    static char path[64];

    for (int i = 1; i <= 2; i++) {
        snprintf(path, sizeof(path), "/sys/block/nvme0n%d/nsid", i);
        if (sysfs_int(path) == nsid) {
            snprintf(path, sizeof(path), "/dev/nvme0n%d", i);
            return path;
        }
    }
    return "/dev/null";
}

/* Reads a page from block @lba of namespace 1; 0 or an errno. */
static int read_page(long long lba)
{
    int fd = open(disk_of(1), O_RDONLY | O_DIRECT | O_CLOEXEC);
    int error = pread(fd, data, IO_BYTES, lba * 512) < 0 ? errno : 0;

    close(fd);
    return error;
}

/* The counters of the SMART / Health log page (NVMe Base 2.1, 5.1.12.1.3). */
static void read_facts(Suite *suite)
{
    unsigned char page[512] = { 0 };
    struct nvme_passthru_cmd cmd = {
        .opcode = 0x02, .nsid = 0xffffffff, .addr = (uintptr_t)page,
        .data_len = sizeof(page), .cdw10 = (sizeof(page) / 4 - 1) << 16 | 2,
    };

    ioctl(suite->disk.fd, NVME_IOCTL_ADMIN_CMD, &cmd);
    facts.media_errors = page[160] | page[161] << 8;
    facts.entries = page[176] | page[177] << 8;
}

static void trigger(Suite *suite, const char *members)
{
    Buf arguments = { 0 };

    buf_printf(&arguments, "{\"device\":\"nvme0\",\"triggers\":[{%s}]}",
               members);
    suite_request(suite, "nvme-fi-trigger", arguments.data, NULL);
    buf_free(&arguments);
}

static void want(Buf *strings, const char *fmt, ...)
{
    char text[160];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    buf_json_sep(strings);
    buf_json_string(strings, text, strlen(text));
}

/* One read of a bad block, and how the drive's own log says it was sent. */
static void fail_read(Suite *suite)
{
    Buf answer = { 0 };

    trigger(suite, "\"trigger\":\"media\",\"slba\":4099,"
            "\"status\":\"0x4281\"");
    read_facts(suite);
    if (!read_page(LBA)) {
        return;
    }
    facts.entries++;
    facts.media_errors++;
    if (suite_request(suite, "query-nvme-fi-log", "{\"device\":\"nvme0\"}",
                      &answer)) {
        /* the last one of the list is the newest */
        char *cid = answer.data;

        while ((cid = strstr(cid, "\"cid\":"))) {
            cid += 6;
            facts.cid = atoll(cid);
        }
    }
    buf_free(&answer);
}

/* NVMe Base 2.1, 5.1.12.1.2: status 0281h with DNR, without the phase. */
static void want_error_log(Buf *strings)
{
    want(strings, "\"error_count\":%lld,", facts.entries);
    want(strings, "\"sqid\":1,");
    want(strings, "\"cmdid\":%lld,", facts.cid);
    want(strings, "\"status_field\":%d,", 0x4281);
    want(strings, "\"lba\":4099,");
    want(strings, "\"nsid\":1,");
}

/* The same in bytes: error count, SQID 1, CID, status with the phase in bit 0,
 * no parameter, LBA 1003h, NSID 1. */
static void want_raw_error_log(Buf *strings)
{
    want(strings, "%02llx 00 00 00 00 00 00 00 01 00 %02llx %02llx",
         facts.entries, facts.cid & 0xff, facts.cid >> 8);
    want(strings, "03 10 00 00 00 00 00 00 01 00 00 00");
}

static void want_smart_log(Buf *strings)
{
    want(strings, "\"media_errors\":\"%lld\",", facts.media_errors);
    want(strings, "\"num_err_log_entries\":\"%lld\",", facts.entries);
}

static void want_no_success(Buf *strings)
{
    want(strings, "(0x281)");
}

static void want_list(Buf *strings)
{
    want(strings, "\"DevicePath\":\"%s\"", disk_of(1));
    want(strings, "\"DevicePath\":\"%s\"", disk_of(2));
    want(strings, "\"SerialNumber\":\"nvme-fi\"");
    want(strings, "\"SectorSize\":512");
}

/* What the machine's properties say; and what the drive has, with ONCS bit 1
 * and OACS bit 9 for the commands about bad blocks. The model of QEMU 7.2 has
 * no Directives (OACS bit 5), and neither of ONCS bits 9 and 10. */
static void want_id_ctrl(Buf *strings)
{
    bool old = sysfs_int("/sys/class/nvme/nvme0/firmware_rev") < 8;

    want(strings, "\"sn\":\"nvme-fi");
    want(strings, "\"elpe\":63,");
    want(strings, "\"oacs\":%d,", (old ? 0x10a : 0x12a) | 1 << 9);
    want(strings, "\"oncs\":%d,", (old ? 0x15d : 0x75d) | 1 << 1);
    want(strings, "\"crdt1\":3,");
    want(strings, "\"crdt2\":20,");
    want(strings, "\"crdt3\":65535,");
}

static void want_zones(Buf *strings)
{
    want(strings, "\"nr_zones\":16,");
    want(strings, "\"state\":\"OFFLINE\"");
    want(strings, "\"state\":\"READONLY\"");
}

static void break_zones(Suite *suite)
{
    trigger(suite, "\"trigger\":\"zone\",\"nsid\":2,\"slba\":0,\"state\":"
            "\"offline\"},{\"trigger\":\"zone\",\"nsid\":2,\"slba\":8192,"
            "\"state\":\"read-only\"");
}

static void make_bad(Suite *suite)
{
    trigger(suite, "\"trigger\":\"media\",\"slba\":5000,\"nlb\":4");
}

/* Whether the drive has what write-uncor did. */
static void look_for_uncorrectable(Suite *suite, Outcome *out)
{
    Buf answer = { 0 };
    bool uncorrectable = false;
    long long slba = -1, nlb = -1;

    suite_request(suite, "query-nvme-fi",
                  "{\"device\":\"nvme0\",\"ids\":[]}", &answer);
    json_get_int(answer.data, "slba", &slba);
    json_get_int(answer.data, "nlb", &nlb);
    json_get_bool(answer.data, "uncorrectable", &uncorrectable);
    buf_free(&answer);
    buf_json_int(&out->observed, "slba", slba);
    buf_json_int(&out->observed, "nlb", nlb);
    buf_json_bool(&out->observed, "uncorrectable", uncorrectable);
    buf_json_int(&out->observed, "read", read_page(6000));
}

/* NVM Command Set 1.1, 4.2.1: one descriptor, complete; from block 1388h on 4
 * blocks (0's based), which may be Unrecovered Read Error. */
static void want_lba_status(Buf *strings)
{
    want(strings, "01 00 00 00 02 00 00 00 88 13 00 00 00 00 00 00");
    want(strings, "03 00 00 00 00 01 00 00");
}

/* Bit 0: supported; bit 1: changes blocks (NVMe Base 2.1, 5.1.12.1.6). */
static void want_effects(Buf *strings)
{
    want(strings, "(Get LBA Status)\":1");
    want(strings, "(Write Uncorrectable)\":3");
}

#define JSON "-o", "json"

static CliCase cases[] = {
    { "cli/error-log", "get-log-page",
      { "nvme", "error-log", "/dev/nvme0", "-e", "1", JSON }, fail_read,
      want_error_log },
    { "cli/smart-log", "get-log-page", { "nvme", "smart-log", "/dev/nvme0",
      JSON }, fail_read, want_smart_log },
    { "cli/list", "identify", { "nvme", "list", JSON }, NULL, want_list },
    { "cli/id-ctrl", "identify", { "nvme", "id-ctrl", "/dev/nvme0", JSON },
      NULL, want_id_ctrl },
    { "cli/zns-report-zones", "zone-management-receive",
      { "nvme", "zns", "report-zones", ZONED, JSON }, break_zones,
      want_zones },
    { "cli/write-uncor", "write-uncorrectable",
      { "nvme", "write-uncor", PLAIN, "-s", "6000", "-c", "3" },
      NULL, NULL, 0, "\"slba\":6000,\"nlb\":4,\"uncorrectable\":true,"
      "\"read\":61", look_for_uncorrectable },
    { "cli/verify", "verify",
      { "nvme", "verify", PLAIN, "-s", "5000", "-c", "0" },
      make_bad, want_no_success, 1 },
    { "cli/verify-good", "verify",
      { "nvme", "verify", PLAIN, "-s", "5004", "-c", "0" },
      make_bad, NULL, 0 },
    /* libnvme before 1.4 gives this command no buffer, and shows nothing */
    { "cli/get-lba-status", "get-lba-status",
      { "nvme", "get-lba-status", PLAIN, "-n", "1", "-s", "0",
        "-m", "1023", "-a", "16", "-l", "0" }, make_bad, NULL },
    { "cli/admin-passthru", "get-lba-status",
      { "nvme", "admin-passthru", "/dev/nvme0", "--opcode=0x86",
        "--namespace-id=1", "--data-len=64", "--cdw12=15",
        "--cdw13=0x10000000", "--read" }, make_bad, want_lba_status },
    { "cli/get-log", "get-log-page",
      { "nvme", "get-log", "/dev/nvme0", "--log-id=1", "--log-len=64" },
      fail_read, want_raw_error_log },
    { "cli/effects-log", "get-log-page",
      { "nvme", "effects-log", "/dev/nvme0", "-c", "0", JSON }, NULL,
      want_effects },
};

static int load(Suite *suite)
{
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        suite_add(suite, strdup(cases[i].name), &cases[i])->alone = true;
    }
    return 0;
}

/* No rule does anything: it only counts what nvme-cli sends. */
static void rules(Suite *suite, const Case *c, Buf *buf)
{
    const CliCase *cc = c->data;

    (void)suite;
    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u\",\"action\":\"none\",\"opcode\":\"%s\"}",
               c->ordinal, cc->opcode);
    if (cc->before == fail_read) {
        /* for the identifier of the read */
        buf_printf(buf, ",{\"id\":\"c%u.1\",\"action\":\"none\","
                   "\"opcode\":\"read\",\"slba\":%d,\"times\":1}", c->ordinal,
                   LBA);
    }
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const CliCase *cc = c->data;
    const char *argv[MAX_ARGS];
    Program program;
    size_t i;

    if (cc->before) {
        cc->before(suite);
    }
    for (i = 0; i < MAX_ARGS; i++) {
        argv[i] = cc->argv[i] && cc->argv[i][0] == '@' ?
                  disk_of(cc->argv[i][1] - '0') : cc->argv[i];
    }
    out->value = program_run(&program, PROGRAM_MS, argv);
    buf_json_key(&out->observed, "output");
    buf_json_string(&out->observed, program.output.data ?
                    program.output.data : "", program.output.len);
    program_done(&program);
    if (cc->after) {
        cc->after(suite, out);
    }
}

static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)c, (void)out;
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    (void)c, (void)out;
    trigger(suite, "\"trigger\":\"media\",\"slba\":0,\"nlb\":8192,"
            "\"good\":true");
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    const CliCase *cc = c->data;
    size_t i;

    (void)suite, (void)out;
    buf_json_key(record, "stimulus");
    buf_puts(record, "{\"program\":[");
    for (i = 0; cc->argv[i]; i++) {
        buf_json_sep(record);
        buf_json_string(record, cc->argv[i], strlen(cc->argv[i]));
    }
    buf_puts(record, "]}");
    buf_json_key(record, "expected");
    buf_printf(record, "{\"device\":{\"hits\":{\"min\":%d}},\"result\":{"
               "\"value\":%d,\"observed\":{\"output\":[",
               cc->before == fail_read ? 2 : 1, cc->status);
    if (cc->want) {
        cc->want(record);
    }
    buf_printf(record, "]%s%s}}}", cc->observed ? "," : "",
               cc->observed ? cc->observed : "");
}

static const SuiteClass cli_class = {
    .name = "cli",
    .machine = "{\"kernel\":\"nvme_core.multipath=N\",\"timeout\":90,"
               "\"programs\":[\"nvme\"],"
               "\"drives\":[{\"id\":\"disk\",\"size\":1073741824},"
               "{\"id\":\"zoned\",\"size\":67108864}],"
               "\"devices\":[{\"driver\":\"nvme-subsys\",\"id\":\"subsys0\"},"
               "{\"driver\":\"nvme\",\"id\":\"nvme0\",\"serial\":"
               "\"nvme-fi\",\"subsys\":\"subsys0\",\"fi-media-file\":"
               "\"%DIR%/media.json\",\"fi-crdt1\":3,\"fi-crdt2\":20,"
               "\"fi-crdt3\":65535},"
               "{\"driver\":\"nvme-ns\",\"drive\":\"disk\",\"nsid\":1,"
               "\"bus\":\"nvme0\"},"
               "{\"driver\":\"nvme-ns\",\"drive\":\"zoned\",\"nsid\":2,"
               "\"bus\":\"nvme0\",\"zoned\":true,"
               "\"zoned.zone_size\":4194304}]}",
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

int main(int argc, char **argv)
{
    return suite_main(&cli_class, argc, argv);
}
