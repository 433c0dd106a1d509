/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "fabric": cases with a connection of their own, and what they look at
 * while they run.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fabric.h"

#define INSTANCE "/sys/kernel/tracing/instances/fabric"

/* Since the case began. */
static int kmsg = -1, trace = -1;
static Buf log_text, trace_text;

static const SpecialCase *case_of(const Case *c)
{
    return c->data;
}

static void rules(Suite *suite, const Case *c, Buf *buf)
{
    (void)suite;
    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u\",\"opcode\":\"read\",\"nsid\":1,"
               "\"slba\":%llu,%s}", c->ordinal, target_lba(BDEV, SPECIAL_BLOCK),
               case_of(c)->rule);
}

/* A buffer of its own: nobody else reads what is in it. */
static void open_trace(void)
{
    mkdir(INSTANCE, 0755);
    put(INSTANCE "/events/nvme/nvme_setup_cmd/enable", "1");
    close(open(INSTANCE "/trace", O_WRONLY | O_TRUNC | O_CLOEXEC));
    trace = open(INSTANCE "/trace_pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static bool prepare(Suite *suite, const Case *c, Outcome *out)
{
    const SpecialCase *sc = case_of(c);

    front_disconnect();
    if ((sc->authenticate || sc->host) &&
        !suite_needs(suite, out, "CONFIG_NVME_HOST_AUTH")) {
        return false;
    }
    if (sc->authenticate &&
        !suite_needs(suite, out, "CONFIG_NVME_TARGET_AUTH")) {
        return false;
    }
    if (sc->authenticate && !target_authenticate(sc->front.backend, SECRET)) {
        out->skip = "the target takes no key";
        suite_send_error(suite, out->skip);
        return false;
    }
    return true;
}

static const Front *front(const Case *c)
{
    return &case_of(c)->front;
}

static bool connects(const Case *c)
{
    return case_of(c)->alone;
}

void special_read(Outcome *out)
{
    out->value = pread(front_disk(), fabric_data, BLOCK,
                       SPECIAL_BLOCK * BLOCK);
    out->error = out->value < 0 ? errno : 0;
}

static long long now_ms(void)
{
    return suite_now_ns() / 1000000;
}

static void read_all(int fd, Buf *text)
{
    char block[8192];
    ssize_t n;

    while ((n = read(fd, block, sizeof(block))) > 0 ||
           (n < 0 && (errno == EPIPE || errno == EINTR))) {
        buf_add(text, block, n > 0 ? n : 0);
    }
}

/* Lines of @text with both words; from its beginning. */
static unsigned count_lines(const Buf *text, const char *a, const char *b)
{
    const char *line = text->len ? text->data : "", *end;
    unsigned count = 0;

    for (; *line; line = end + strspn(end, "\n")) {
        const char *at = strstr(line, a);

        end = line + strcspn(line, "\n");
        if (at && at < end && (at = strstr(line, b)) && at < end) {
            count++;
        }
    }
    return count;
}

/* Waits for @n such lines in what @fd has. */
static unsigned wait_lines(int fd, Buf *text, const char *a, const char *b,
                           unsigned n, int timeout_ms)
{
    long long deadline = now_ms() + timeout_ms, left;
    struct pollfd pfd = { .fd = fd, .events = POLLIN };
    unsigned count;

    for (;;) {
        read_all(fd, text);
        count = count_lines(text, a, b);
        left = deadline - now_ms();
        if (count >= n || left <= 0) {
            return count;
        }
        poll(&pfd, 1, left);
    }
}

unsigned special_wire(const char *command, unsigned n, int timeout_ms)
{
    return wait_lines(trace, &trace_text, FRONT ":", command, n, timeout_ms);
}

bool special_log(const char *text, int timeout_ms)
{
    return wait_lines(kmsg, &log_text, text, "", 1, timeout_ms) > 0;
}

static void run(Suite *suite, const Case *c, Outcome *out)
{
    buf_clear(&log_text);
    buf_clear(&trace_text);
    kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    lseek(kmsg, 0, SEEK_END);
    open_trace();
    case_of(c)->run(case_of(c), out);
    suite_await_calls(suite, case_of(c)->calls);
    put(INSTANCE "/events/enable", "0");
    close(kmsg);
    close(trace);
}

static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    (void)suite, (void)out;
    link_set(true);
    front_disconnect();
    if (case_of(c)->authenticate) {
        target_authenticate(case_of(c)->front.backend, NULL);
    }
}

static void describe(Suite *suite, const Case *c, Buf *record)
{
    const SpecialCase *sc = case_of(c);

    buf_json_key(record, "stimulus");
    buf_printf(record, "{\"op\":\"read\",\"transport\":\"%s\","
               "\"backend\":\"%s\",\"options\":",
               transport_names[sc->front.transport],
               backend_names[sc->front.backend]);
    buf_json_string(record, sc->front.options, strlen(sc->front.options));
    buf_puts(record, "}");
    buf_json_key(record, "expected");
    buf_puts(record, "{\"driver\":{");
    if (sc->front_saw) {
        buf_printf(record, "\"front\":[%s]", sc->front_saw);
    }
    suite_expect_calls(suite, record, sc->calls);
    buf_printf(record, "},%s}", sc->expected);
    buf_json_str(record, "from", sc->from);
}

static const FabricKind special_kind = {
    .rules = rules, .front = front, .prepare = prepare,
    .connects = connects, .run = run,
    .cleanup = cleanup, .describe = describe,
};

void special_add(Suite *suite, SpecialCase *cases, size_t n)
{
    Case *c;

    for (size_t i = 0; i < n; i++) {
        cases[i].fabric.kind = &special_kind;
        c = suite_add(suite, strdup(cases[i].name), &cases[i]);
        c->alone = true;
        c->finding = cases[i].finding;
    }
}
