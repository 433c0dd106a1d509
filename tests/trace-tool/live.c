/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing to tracefs; see live.h.
 */
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct Live {
    char *folder;               /* of the instance */
    int fd;
};

static const char *const block_events[] = {
    "block_rq_issue", "block_rq_complete", "block_rq_requeue",
    "block_rq_error",           /* from 5.18 on */
};

static bool fail(GError **error, const char *what, const char *path, int err)
{
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(err),
                "%s %s: %s%s", what, path, g_strerror(err),
                err == EACCES || err == EPERM ? "; only root may" : "");
    return false;
}

static int write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    int err = 0;

    if (fd < 0) {
        return errno;
    }
    if (write(fd, text, strlen(text)) < 0) {
        err = errno;
    }
    close(fd);
    return err;
}

/* Writes @text and a line end to folder/@name. */
static int put(const char *folder, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *line = g_strconcat(text, "\n", NULL);

    return write_text(path, line);
}

static bool must_put(const char *folder, const char *name, const char *text,
                     GError **error)
{
    int err = put(folder, name, text);

    if (err) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        return fail(error, "cannot write to", path, err);
    }
    return true;
}

static char *find_tracefs(const LiveSetup *setup, GError **error)
{
    static const char *const folders[] = {
        "/sys/kernel/tracing", "/sys/kernel/debug/tracing",
    };

    if (setup->tracefs) {
        g_autofree char *events = g_build_filename(setup->tracefs, "events",
                                                   NULL);

        if (g_access(events, F_OK) == 0) {
            return g_strdup(setup->tracefs);
        }
        fail(error, "no tracefs at", setup->tracefs, errno);
        return NULL;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *events = g_build_filename(folders[i], "events",
                                                   NULL);

        if (g_access(events, F_OK) == 0) {
            return g_strdup(folders[i]);
        }
    }
    g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                        "no trace events in /sys/kernel/tracing: be root, "
                        "and 'mount -t tracefs nodev /sys/kernel/tracing'");
    return NULL;
}

static bool has_events(const char *folder, const char *system)
{
    g_autofree char *path = g_build_filename(folder, "events", system, NULL);

    return g_access(path, F_OK) == 0;
}

static bool set_block(const char *folder, const char *text, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(block_events); i++) {
        g_autofree char *name = g_strdup_printf("events/block/%s/enable",
                                                block_events[i]);
        int err = put(folder, name, text);

        if (err && !(err == ENOENT && i == 3)) {
            g_autofree char *path = g_build_filename(folder, name, NULL);

            return fail(error, "cannot write to", path, err);
        }
    }
    return true;
}

static bool set_system(const char *folder, const char *system,
                       const char *filter, GError **error)
{
    g_autofree char *filter_name = g_strdup_printf("events/%s/filter",
                                                   system);
    g_autofree char *enable_name = g_strdup_printf("events/%s/enable",
                                                   system);

    return must_put(folder, filter_name, filter ? filter : "0", error) &&
           must_put(folder, enable_name, "1", error);
}

/* The nvme and nvmet events, with the filter before they are on. */
static bool set_up(const char *folder, const LiveSetup *setup,
                   GError **error)
{
    g_autofree char *size = g_strdup_printf("%u", setup->buffer_kb);
    bool host = has_events(folder, "nvme");
    bool target = has_events(folder, "nvmet");

    if (!host && !target) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                    "the kernel has no nvme trace events in %s/events: "
                    "is nvme_core loaded?", folder);
        return false;
    }
    return (!setup->buffer_kb ||
            must_put(folder, "buffer_size_kb", size, error)) &&
           (!host || set_system(folder, "nvme", setup->filter, error)) &&
           (!target || set_system(folder, "nvmet", setup->filter, error)) &&
           (!setup->block || set_block(folder, "1", error)) &&
           must_put(folder, "tracing_on", "1", error);
}

static void set_off(const char *folder)
{
    static const char *const systems[] = { "nvme", "nvmet" };

    for (gsize i = 0; i < G_N_ELEMENTS(systems); i++) {
        g_autofree char *enable = g_strdup_printf("events/%s/enable",
                                                  systems[i]);
        g_autofree char *filter = g_strdup_printf("events/%s/filter",
                                                  systems[i]);

        put(folder, enable, "0");
        put(folder, filter, "0");
    }
    set_block(folder, "0", NULL);
}

Live *live_start(const LiveSetup *setup, GError **error)
{
    g_autofree char *tracefs = find_tracefs(setup, error);
    g_autofree char *name = g_strdup_printf("instances/nvme-fi-%d",
                                            (int)getpid());
    g_autofree char *pipe_path = NULL;
    Live *live;

    if (!tracefs) {
        return NULL;
    }
    live = g_new0(Live, 1);
    live->fd = -1;
    live->folder = g_build_filename(tracefs, name, NULL);
    if (mkdir(live->folder, 0700) != 0) {
        fail(error, "cannot make the trace", live->folder, errno);
        g_clear_pointer(&live->folder, g_free);
        live_stop(live);
        return NULL;
    }
    pipe_path = g_build_filename(live->folder, "trace_pipe", NULL);
    if (!set_up(live->folder, setup, error)) {
        live_stop(live);
        return NULL;
    }
    live->fd = open(pipe_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (live->fd < 0) {
        fail(error, "cannot open", pipe_path, errno);
        live_stop(live);
        return NULL;
    }
    return live;
}

int live_fd(const Live *live)
{
    return live->fd;
}

void live_pause(Live *live)
{
    put(live->folder, "tracing_on", "0");
}

void live_stop(Live *live)
{
    if (live->fd >= 0) {
        close(live->fd);
    }
    if (live->folder) {
        set_off(live->folder);
        rmdir(live->folder);
    }
    g_free(live->folder);
    g_free(live);
}

bool live_enable(const LiveSetup *setup, GError **error)
{
    g_autofree char *tracefs = find_tracefs(setup, error);

    return tracefs && set_up(tracefs, setup, error);
}

bool live_disable(const LiveSetup *setup, GError **error)
{
    g_autofree char *tracefs = find_tracefs(setup, error);
    int err;

    if (!tracefs) {
        return false;
    }
    err = put(tracefs, "events/nvme/enable", "0");
    if (err) {
        return fail(error, "cannot switch the events off in", tracefs, err);
    }
    set_off(tracefs);
    return true;
}
