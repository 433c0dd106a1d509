/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "events": what the kernel makes of asynchronous events, and that the
 * log pages tell the same.  A read hits a rule that sends the event.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "events_cases.h"
#include "lib/json.h"
#include "lib/suite.h"
#include "lib/uevents.h"

#define IO_BYTES 4096
#define FIRST_BYTE (1024 * 1024)
#define CONTROLLER "/dev/nvme0"
#define PATH "/sys/class/nvme/nvme0/nvme0c0n%d/"  /* in no certain order */

/* How long, and how far apart, something is looked at. */
#define LOOK_FOR_NS 25000000000LL
#define LOOK_MS 20

#define ADMIN_GET_LOG 0x02
#define ADMIN_SET_FEATURES 0x09
/* Asynchronous Event Configuration: what the kernel enables, SMART, zones. */
#define FID_ASYNC_EVENTS 0x0b
#define ALL_EVENTS (0xff | 1u << 8 | 1u << 9 | 1u << 11 | 1u << 27)
#define ALL_NAMESPACES 0xffffffff

static char data[IO_BYTES] __attribute__((aligned(IO_BYTES)));
static int uevents = -1;

static int load(Suite *suite)
{
    for (size_t i = 0; event_case(i); i++) {
        suite_add(suite, strdup(event_case(i)->name),
                  (void *)event_case(i))->alone = true;
    }
    return 0;
}

/* How often the second rule, for what the kernel does then, is hit: it reads
 * a log page, or identifies both namespaces again, each twice
 * (nvme_ns_info_from_identify, nvme_update_ns_info_block). */
static int second_hits(const EventCase *ec)
{
    return ec->lid ? 1 : strstr(ec->log, "bogus") ? 4 : 0;
}

static void rules(Suite *suite, const Case *c, Buf *buf)
{
    const EventCase *ec = c->data;

    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u\",\"action\":\"none\",\"opcode\":\"read\","
               "\"slba\":%u,\"times\":1", c->ordinal,
               FIRST_BYTE / suite->disk.lba_bytes);
    if (!ec->ana) {
        buf_printf(buf, ",\"trigger\":[{\"trigger\":\"event\",\"event\":%s}]",
                   ec->event);
    }
    buf_puts(buf, "}");
    if (second_hits(ec)) {
        buf_json_sep(buf);
        buf_printf(buf, "{\"id\":\"c%u.1\",\"action\":\"none\",\"times\":%d,"
                   "\"opcode\":", c->ordinal, second_hits(ec));
        if (ec->lid) {
            buf_printf(buf, "\"get-log-page\",\"lid\":%d}", ec->lid);
        } else {
            buf_puts(buf, "\"identify\",\"cns\":0}");
        }
    }
}

static int admin_command(struct nvme_admin_cmd *cmd)
{
    int fd = open(CONTROLLER, O_RDWR | O_CLOEXEC);
    int n = fd < 0 ? -errno : ioctl(fd, NVME_IOCTL_ADMIN_CMD, cmd);

    if (n < 0 && fd >= 0) {
        n = -errno;
    }
    if (fd >= 0) {
        close(fd);
    }
    return n;
}

/* The first bytes of log page @lid; clears its event. */
static int read_log(uint8_t lid, uint32_t nsid, void *page, uint32_t bytes)
{
    struct nvme_admin_cmd cmd = {
        .opcode = ADMIN_GET_LOG, .nsid = nsid ? nsid : ALL_NAMESPACES,
        .addr = (uintptr_t)page, .data_len = bytes,
        .cdw10 = lid | (bytes / 4 - 1) << 16,
    };

    return admin_command(&cmd);
}

/* The kernel does not ask for all kinds, a tool can. */
static void prepare(Suite *suite, const Case *c, Outcome *out)
{
    struct nvme_admin_cmd cmd = {
        .opcode = ADMIN_SET_FEATURES, .cdw10 = FID_ASYNC_EVENTS,
        .cdw11 = ALL_EVENTS,
    };

    (void)suite, (void)c;
    if (admin_command(&cmd)) {
        out->skip = "Set Features, Asynchronous Event Configuration, failed";
    }
    uevents = uevents_open();
}

static bool saw_aen(const EventCase *ec, Buf *seen)
{
    uevents_read(uevents, "nvme", seen);
    return !ec->aen || (seen->data && strstr(seen->data, ec->aen));
}

static bool saw_command(Suite *suite, const Case *c)
{
    const EventCase *ec = c->data;
    Buf arguments = { 0 }, answer = { 0 };
    long long hits = 0;

    if (!second_hits(ec)) {
        return true;
    }
    buf_printf(&arguments, "{\"device\":\"nvme0\",\"ids\":[\"c%u.1\"]}",
               c->ordinal);
    suite_request(suite, "query-nvme-fi", arguments.data, &answer);
    if (answer.data) {
        json_get_int(answer.data, "hits", &hits);
    }
    buf_free(&arguments);
    buf_free(&answer);
    return hits == second_hits(ec);
}

/* The line in file @name of the controller's path to disk @instance. */
static void read_path(int instance, const char *name, char line[40])
{
    char path[80];
    FILE *f;

    snprintf(path, sizeof(path), PATH "%s", instance, name);
    line[0] = '\0';
    f = fopen(path, "re");
    if (f && fgets(line, 40, f)) {
        line[strcspn(line, "\n")] = '\0';
    }
    if (f) {
        fclose(f);
    }
}

static bool saw_ana(const char *expected)
{
    char nsid[40], state[40] = "";

    for (int i = 1; expected && i <= 2; i++) {
        read_path(i, "nsid", nsid);
        if (!strcmp(nsid, "1")) {
            read_path(i, "ana_state", state);
        }
    }
    return !expected || !strcmp(state, expected);
}

static void look(Suite *suite, const Case *c, Outcome *out)
{
    const EventCase *ec = c->data;
    bool aen = false, command = false, ana = false;
    long long end = suite_now_ns() + LOOK_FOR_NS;
    Buf seen = { 0 };

    buf_puts(&seen, "[");
    do {
        aen = aen || saw_aen(ec, &seen);
        command = command || saw_command(suite, c);
        ana = ana || saw_ana(ec->ana);
        if (aen && command && ana) {
            break;
        }
        poll(NULL, 0, LOOK_MS);
    } while (suite_now_ns() < end);
    saw_aen(ec, &seen);
    buf_json_bool(&out->observed, "aen", aen);
    buf_json_bool(&out->observed, "other-uevents",
                  !ec->aen && strstr(seen.data, "NVME_AEN"));
    buf_json_bool(&out->observed, "command", command);
    buf_json_bool(&out->observed, "ana-state", ana);
    buf_free(&seen);
}

static void look_at_page(const EventCase *ec, Outcome *out)
{
    uint8_t page[512] = { 0 };
    uint64_t value = 0;

    if (ec->size) {
        buf_json_int(&out->observed, "get-log",
                     read_log(ec->page, ec->nsid, page, sizeof(page)));
        memcpy(&value, page + ec->offset, ec->size);    /* little endian */
        buf_json_int(&out->observed, "in-log", value);
    }
}

static void send_event(Suite *suite, const char *event)
{
    char arguments[160];

    snprintf(arguments, sizeof(arguments), "{\"device\":\"nvme0\","
             "\"triggers\":[{\"trigger\":\"event\",\"event\":%s}]}", event);
    suite_request(suite, "nvme-fi-trigger", arguments, NULL);
}

static void read_block(Suite *suite, Outcome *out)
{
    ssize_t n = pread(suite->disk.fd, data, IO_BYTES, FIRST_BYTE);

    out->value = n < 0 ? -1 : n;
    out->error = n < 0 ? errno : 0;
}

/* A path that is not accessible has the reader wait: it comes after that. */
static void run_ana(Suite *suite, const Case *c, Outcome *out)
{
    const EventCase *ec = c->data;
    long long end;

    send_event(suite, ec->event);
    look(suite, c, out);
    look_at_page(ec, out);
    send_event(suite, ec->undo);
    for (end = suite_now_ns() + LOOK_FOR_NS;
         !saw_ana("optimized") && suite_now_ns() < end;) {
        poll(NULL, 0, LOOK_MS);
    }
    read_block(suite, out);
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const EventCase *ec = c->data;

    if (ec->ana) {
        run_ana(suite, c, out);
        return;
    }
    read_block(suite, out);
    look(suite, c, out);
    buf_json_bool(&out->observed, "live",
                  ctrl_wait_state("nvme0", "live", 25000));
    look_at_page(ec, out);
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    const EventCase *ec = c->data;
    char page[512];

    (void)out;
    close(uevents);
    if (ec->undo && !ec->ana) {
        send_event(suite, ec->undo);
    }
    /* no event of this case may hide one of the next */
    read_log(2, 0, page, sizeof(page));
    read_log(3, 0, page, sizeof(page));
}

static void describe(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record)
{
    const EventCase *ec = c->data;
    Version new = { 6, 2 };
    bool old = version_compare(suite->kernel, new) < 0;

    (void)out;
    buf_json_key(record, "stimulus");
    buf_printf(record, "{\"op\":\"read\",\"event\":{\"event\":%s}}",
               ec->event);
    buf_json_str(record, "from", ec->from);
    buf_json_key(record, "expected");
    buf_printf(record, "{\"device\":{\"hits\":%d},\"block\":{\"errno\":null},"
               "\"log\":[%s],\"result\":{\"value\":%d,\"errno\":null,"
               "\"observed\":{\"aen\":true,\"other-uevents\":false,"
               "\"command\":true,\"ana-state\":true%s",
               1 + second_hits(ec), old && ec->log_61 ? ec->log_61 : ec->log,
               IO_BYTES, ec->ana ? "" : ",\"live\":true");
    if (ec->size) {
        buf_printf(record, ",\"get-log\":0,\"in-log\":%llu",
                   (unsigned long long)ec->value);
    }
    buf_puts(record, "}}}");
}

/* A rule that never acts lets the controller offer ANA from its start. */
static const SuiteClass events_class = {
    .name = "events",
    .machine = "{\"kernel\":\"nvme_core.multipath=Y\",\"timeout\":90,"
               "\"drives\":[{\"id\":\"disk\",\"size\":1073741824},"
               "{\"id\":\"zoned\",\"size\":67108864}],\"devices\":["
               "{\"driver\":\"nvme-subsys\",\"id\":\"subsys0\"},"
               "{\"driver\":\"nvme\",\"id\":\"nvme0\",\"serial\":\"nvme-fi\","
               "\"subsys\":\"subsys0\",\"fi-rules\":[{\"action\":\"none\","
               "\"state\":\"never\",\"trigger\":[{\"trigger\":\"event\","
               "\"event\":\"ana\",\"ana-state\":\"change\"},{\"trigger\":"
               "\"event\",\"event\":\"firmware\"}]}]},"
               "{\"driver\":\"nvme-ns\",\"drive\":\"disk\",\"nsid\":1,"
               "\"shared\":true},"
               "{\"driver\":\"nvme-ns\",\"drive\":\"zoned\",\"nsid\":2,"
               "\"shared\":true,\"zoned\":true,\"zoned.zone_size\":1048576}]}",
    .load = load,
    .rules = rules,
    .prepare = prepare,
    .run = run,
    .cleanup = cleanup,
    .describe = describe,
};

int main(int argc, char **argv)
{
    return suite_main(&events_class, argc, argv);
}
