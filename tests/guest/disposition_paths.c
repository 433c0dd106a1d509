/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "disposition": the paths of a namespace, as sysfs shows them and as
 * they are changed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "disposition.h"
#include "lib/json.h"

#define CONTROLLERS "/sys/class/nvme"
#define LOOK_FOR_NS (20 * SECOND)
#define LOOK_MS 10

void read_line(const char *path, char *line, size_t size)
{
    FILE *f = fopen(path, "re");

    line[0] = '\0';
    if (f) {
        if (fgets(line, size, f)) {
            line[strcspn(line, "\n")] = '\0';
        }
        fclose(f);
    }
    for (size_t n = strlen(line); n && line[n - 1] == ' ';) {
        line[--n] = '\0';       /* serial numbers are padded */
    }
}

bool write_line(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) >= 0;

    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

/* By the serial number, and its number in the subsystem. */
static bool is_controller(const char *name, const char *id)
{
    static const struct {
        const char *id, *serial, *cntlid;
    } known[] = {
        { "nvme0", "flat", "0" }, { "nvme1", "pair", "0" },
        { "nvme2", "pair", "1" }, { "nvme3", "lone", "0" },
    };
    char path[80], serial[40], cntlid[40];

    snprintf(path, sizeof(path), CONTROLLERS "/%.15s/serial", name);
    read_line(path, serial, sizeof(serial));
    snprintf(path, sizeof(path), CONTROLLERS "/%.15s/cntlid", name);
    read_line(path, cntlid, sizeof(cntlid));
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (!strcmp(known[i].id, id)) {
            return !strcmp(known[i].serial, serial) &&
                   !strcmp(known[i].cntlid, cntlid);
        }
    }
    return false;
}

const char *controller(const char *id)
{
    static char name[16];
    DIR *dir = opendir(CONTROLLERS);
    struct dirent *ent;
    bool found = false;

    while (dir && !found && (ent = readdir(dir))) {
        found = is_controller(ent->d_name, id);
        snprintf(name, sizeof(name), "%.15s", ent->d_name);
    }
    if (dir) {
        closedir(dir);
    }
    return found ? name : NULL;
}

bool controller_disk(const char *id, char path[40], char disk[40])
{
    const char *name = controller(id);
    unsigned int subsys, ctrl, ns;
    struct dirent *ent;
    bool found = false;
    char folder[40];
    DIR *dir;

    snprintf(folder, sizeof(folder), CONTROLLERS "/%s", name ? name : "-");
    dir = opendir(folder);
    while (dir && !found && (ent = readdir(dir))) {
        const char *entry = ent->d_name;

        snprintf(path, 40, "%.39s", entry);
        if (sscanf(entry, "nvme%uc%un%u", &subsys, &ctrl, &ns) == 3) {
            snprintf(disk, 40, "nvme%un%u", subsys, ns);
            found = true;
        } else if (sscanf(entry, "nvme%un%u", &ctrl, &ns) == 2) {
            snprintf(disk, 40, "nvme%un%u", ctrl, ns);
            found = true;
        }
    }
    if (dir) {
        closedir(dir);
    }
    return found;
}

/* del_gendisk() marks the queue, then takes it from sysfs, and then waits for
 * its commands. */
bool wait_dying(const char *id)
{
    long long end = suite_now_ns() + LOOK_FOR_NS;
    char path[40], disk[40], folder[100];

    while (controller_disk(id, path, disk)) {
        snprintf(folder, sizeof(folder), CONTROLLERS "/%s/%s/queue",
                 controller(id), path);
        if (access(folder, F_OK)) {
            break;
        }
        if (suite_now_ns() > end) {
            return false;
        }
        poll(NULL, 0, LOOK_MS);
    }
    return true;
}

static bool ana_state_is(const char *id, const char *state)
{
    const char *name = controller(id);
    char path[40], disk[40], file[120], line[40];

    if (!name || !controller_disk(id, path, disk)) {
        return false;
    }
    snprintf(file, sizeof(file), CONTROLLERS "/%s/%s/ana_state", name, path);
    read_line(file, line, sizeof(line));
    return !strcmp(line, state);
}

bool wait_ana_state(const char *id, const char *state)
{
    long long end = suite_now_ns() + LOOK_FOR_NS;

    while (!ana_state_is(id, state)) {
        if (suite_now_ns() > end) {
            return false;
        }
        poll(NULL, 0, LOOK_MS);
    }
    return true;
}

bool wait_paths(void)
{
    static const char *const ids[] = { "nvme1", "nvme2", "nvme3" };
    const char *name;

    for (size_t i = 0; i < 3; i++) {
        if (!wait_ana_state(ids[i], "optimized") ||
            !(name = controller(ids[i])) ||
            !ctrl_wait_state(name, "live", LOOK_FOR_NS / 1000000)) {
            return false;
        }
    }
    return true;
}

/* The folder of the controller's subsystem; false where there is none. */
static bool subsystem(const char *id, char folder[80])
{
    const char *name = controller(id);
    char path[120], nqn[240], own[240] = "";

    snprintf(path, sizeof(path), CONTROLLERS "/%s/subsysnqn",
             name ? name : "-");
    read_line(path, own, sizeof(own));
    for (unsigned int i = 0; *own && i < 8; i++) {
        snprintf(folder, 80, "/sys/class/nvme-subsystem/nvme-subsys%u", i);
        snprintf(path, sizeof(path), "%s/subsysnqn", folder);
        read_line(path, nqn, sizeof(nqn));
        if (!strcmp(nqn, own)) {
            return true;
        }
    }
    return false;
}

bool set_policy(const char *id, const char *policy)
{
    char folder[80], path[120], line[40];

    if (!subsystem(id, folder)) {
        return false;
    }
    snprintf(path, sizeof(path), "%s/iopolicy", folder);
    read_line(path, line, sizeof(line));
    return !strcmp(line, policy) || write_line(path, policy);
}

void set_ana(Suite *suite, const char *id, const char *state)
{
    char arguments[200];

    /* no event where there is no change: its end would not be seen */
    if (ana_state_is(id, state)) {
        return;
    }
    snprintf(arguments, sizeof(arguments), "{\"device\":\"%s\",\"triggers\":"
             "[{\"trigger\":\"event\",\"event\":\"ana\",\"nsid\":1,"
             "\"ana-state\":\"%s\"}]}", id, state);
    suite_request(suite, "nvme-fi-trigger", arguments, NULL);
}

bool pci_remove(const char *id)
{
    const char *name = controller(id);
    char path[80];

    snprintf(path, sizeof(path), CONTROLLERS "/%s/device/remove",
             name ? name : "-");
    return write_line(path, "1");
}

void pci_rescan(void)
{
    write_line("/sys/bus/pci/rescan", "1");
}

pid_t reset_controller(const char *id)
{
    const char *name = controller(id);
    char path[80];
    pid_t pid;

    snprintf(path, sizeof(path), "/sys/class/nvme/%s/reset_controller",
             name ? name : "-");
    pid = fork();
    if (pid == 0) {
        _exit(!write_line(path, "1"));
    }
    return pid;
}

bool wait_reset(pid_t pid)
{
    int status = -1;

    return waitpid(pid, &status, 0) == pid && status == 0;
}

/* The list of paths is in the order in which they were found, and the first
 * good one is taken (nvme_init_ns_head(), __nvme_find_path()). */
bool order_paths(void)
{
    if (!wait_paths() || !pci_remove("nvme2")) {
        return false;
    }
    pci_rescan();
    return wait_paths();
}

/* Is @command, a JSON object, one of rule @id, and of an I/O queue with @status
 * where that is not negative? */
static bool is_of(const char *command, const char *id, long long status)
{
    long long qid = 0, got = -1;
    char text[40];

    snprintf(text, sizeof(text), "\"id\":\"%s", id);
    json_get_int(command, "qid", &qid);
    json_get_int(command, "status", &got);
    return strstr(command, text) && (status < 0 || (qid && got == status));
}

/* How many of these are in the log of controller @device. */
static long long logged(Suite *suite, const char *device, const char *id,
                        long long status)
{
    Buf answer = { 0 };
    char text[40], *at, *end;
    long long n = 0;

    snprintf(text, sizeof(text), "{\"device\":\"%s\"}", device);
    suite_request(suite, "query-nvme-fi-log", text, &answer);
    at = answer.data ? strchr(answer.data, '[') : NULL;
    while (at && (at = strchr(at, '{')) && (end = strchr(at, '}'))) {
        *end = '\0';
        n += is_of(at, id, status);
        at = end + 1;
    }
    buf_free(&answer);
    return n;
}

long long commands_with(Suite *suite, const Case *c, const char *id,
                        unsigned int status)
{
    char rule[20];

    snprintf(rule, sizeof(rule), "c%u.", c->ordinal);
    return logged(suite, id, rule, status);
}

bool wait_logged(Suite *suite, const Case *c, const char *id, int n,
                 int count)
{
    long long end = suite_now_ns() + LOOK_FOR_NS;
    char rule[20];

    snprintf(rule, sizeof(rule), "c%u.%d\"", c->ordinal, n);
    while (logged(suite, id, rule, -1) < count) {
        if (suite_now_ns() > end) {
            return false;
        }
        poll(NULL, 0, LOOK_MS);
    }
    return true;
}

bool wait_hit(Suite *suite, const Case *c, const char *id, int n)
{
    long long end = suite_now_ns() + LOOK_FOR_NS, hits = 0;
    char arguments[80];

    snprintf(arguments, sizeof(arguments),
             "{\"device\":\"%s\",\"ids\":[\"c%u.%d\"]}", id, c->ordinal,
             n);
    do {
        Buf answer = { 0 };

        suite_request(suite, "query-nvme-fi", arguments, &answer);
        if (answer.data) {
            json_get_int(answer.data, "hits", &hits);
        }
        buf_free(&answer);
    } while (!hits && suite_now_ns() < end);
    return hits > 0;
}

bool settle_paths(Suite *suite)
{
    static char block[IO_BYTES] __attribute__((aligned(IO_BYTES)));
    long long end = suite_now_ns() + LOOK_FOR_NS, before, now;

    if (!suite_request(suite, "nvme-fi-add", "{\"device\":\"nvme1\","
                       "\"rules\":[{\"id\":\"settle\",\"opcode\":\"read\","
                       "\"slba\":0,\"action\":\"none\"}]}", NULL)) {
        return false;
    }
    now = logged(suite, "nvme1", "settle", -1);
    do {
        before = now;
        if (pread(drive_fd(DRIVE_PAIR), block, IO_BYTES, 0) != IO_BYTES) {
            break;
        }
        now = logged(suite, "nvme1", "settle", -1);
    } while (now == before && suite_now_ns() < end);
    suite_request(suite, "nvme-fi-remove",
                  "{\"device\":\"nvme1\",\"ids\":[\"settle\"]}", NULL);
    return now != before;
}
