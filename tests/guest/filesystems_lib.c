/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "filesystems": disks, rules, programs and the kernel's log.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filesystems.h"
#include "lib/program.h"

#define TOOL_MS 120000
#define PATHS   8

static unsigned ordinal = ~0u;  /* of the case that armed last */
static unsigned nrules;
static Buf armed;               /* its rules */
static int log_fd = -1;

static char *next_path(void)
{
    static char paths[PATHS][64];
    static unsigned next;

    return paths[next++ % PATHS];
}

static bool line_is(const char *path, const char *want)
{
    char line[80] = "";
    FILE *f = fopen(path, "re");
    size_t len;

    if (!f) {
        return false;
    }
    if (!fgets(line, sizeof(line), f)) {
        line[0] = '\0';
    }
    fclose(f);
    len = strcspn(line, " \n");
    return len == strlen(want) && !strncmp(line, want, len);
}

/* Names say nothing of identifiers: the attribute @file of the disk's
 * controller is @value. */
static const char *find_disk(unsigned nsid, const char *file,
                             const char *value)
{
    char path[96], want[16];
    char *found = next_path();

    snprintf(want, sizeof(want), "%u", nsid);
    for (unsigned ctrl = 0; ctrl < 4; ctrl++) {
        for (unsigned ns = 1; ns <= PATHS_NSID; ns++) {
            snprintf(path, sizeof(path), "/sys/block/nvme%un%u/nsid", ctrl,
                     ns);
            if (!line_is(path, want)) {
                continue;
            }
            snprintf(path, sizeof(path), "/sys/block/nvme%un%u/device/%s",
                     ctrl, ns, file);
            if (line_is(path, value)) {
                snprintf(found, 64, "/dev/nvme%un%u", ctrl, ns);
                return found;
            }
        }
    }
    return NULL;
}

const char *disk_path(unsigned nsid)
{
    return find_disk(nsid, "serial", "nvme-fi");
}

/* Both have the serial number of the subsystem. */
const char *path_disk(unsigned number)
{
    return find_disk(PATHS_NSID, "address", number ? PATH_B : PATH_A);
}

const char *fs_path(Fs fs, const char *name)
{
    char *path = next_path();

    snprintf(path, 64, "/fs/%s/%s", file_systems[fs].name, name);
    return path;
}

bool arm(Suite *suite, const Case *c, const char *device, const char *fmt, ...)
{
    Buf request = { 0 };
    va_list ap;
    char *members;
    size_t at;
    bool ok;

    if (ordinal != c->ordinal) {
        ordinal = c->ordinal;
        nrules = 0;
        buf_clear(&armed);
    }
    va_start(ap, fmt);
    if (vasprintf(&members, fmt, ap) < 0) {
        members = NULL;
    }
    va_end(ap);
    at = armed.len + (nrules > 0);
    buf_printf(&armed, "%s{\"id\":\"c%u.%u\",%s}", nrules ? "," : "",
               c->ordinal, nrules, members ? members : "");
    nrules++;
    buf_printf(&request, "{\"device\":\"%s\",\"rules\":[%s]}", device,
               armed.data + at);
    ok = suite_request(suite, "nvme-fi-add", request.data, NULL);
    free(members);
    buf_free(&request);
    return ok;
}

void armed_rules(const Case *c, Buf *rules)
{
    if (ordinal == c->ordinal && armed.len) {
        buf_json_sep(rules);
        buf_puts(rules, armed.data);
    }
}

void observe_errno(Outcome *out, const char *key, int ret)
{
    buf_json_str(&out->observed, key, ret < 0 ? strerrorname_np(-ret) : NULL);
}

void observe_line(Outcome *out, const char *key, const char *path)
{
    char line[200] = "";
    FILE *f = fopen(path, "re");
    bool got = f && fgets(line, sizeof(line), f);

    if (f) {
        fclose(f);
    }
    line[strcspn(line, "\n")] = '\0';
    buf_json_str(&out->observed, key, got ? line : NULL);
}

int put_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int ret = fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;

    if (fd >= 0) {
        close(fd);
    }
    return ret;
}

int run_tool(Buf *text, const char *const *argv)
{
    Program program;
    int status = program_run(&program, TOOL_MS, argv);

    if (text && program.output.data) {
        buf_add(text, program.output.data, program.output.len);
    } else if (status && program.output.data) {
        fprintf(stderr, "%s: %s\n", argv[0], program.output.data);
    }
    program_done(&program);
    return status;
}

void log_begin(void)
{
    if (log_fd < 0) {
        log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    }
    lseek(log_fd, 0, SEEK_END);
}

void log_observe(Outcome *out, const char *const *wanted)
{
    char record[8192];
    Buf text = { 0 };
    ssize_t n;

    while ((n = read(log_fd, record, sizeof(record))) > 0 ||
           (n < 0 && (errno == EPIPE || errno == EINTR))) {
        if (n > 0) {
            buf_add(&text, record, n);
        }
    }
    buf_json_key(&out->observed, "said");
    buf_puts(&out->observed, "[");
    for (; *wanted; wanted++) {
        if (text.data && strstr(text.data, *wanted)) {
            buf_json_sep(&out->observed);
            buf_json_string(&out->observed, *wanted, strlen(*wanted));
        }
    }
    buf_puts(&out->observed, "]");
    buf_free(&text);
}
