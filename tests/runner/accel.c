/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Choosing the accelerator; see accel.h.
 */
#include "accel.h"

#include "boot.h"
#include "kernel-line.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Seconds; a guest under a KVM that works is there in two. */
#define PROBE_TIMEOUT 10

typedef struct Probe {
    GMainLoop *loop;
    Boot *boot;
    bool proven;
} Probe;

static char *on_hello(void *opaque, G_GNUC_UNUSED const char *kernel,
                      G_GNUC_UNUSED gint64 cases,
                      G_GNUC_UNUSED bool expectations)
{
    Probe *probe = opaque;

    probe->proven = true;
    return g_strdup("that was all to be known");
}

static void on_begin(G_GNUC_UNUSED void *opaque, G_GNUC_UNUSED guint ordinal,
                     G_GNUC_UNUSED const char *name)
{
}

static void on_joined(G_GNUC_UNUSED void *opaque,
                      G_GNUC_UNUSED Evidence *evidence)
{
}

static void on_probed(void *opaque,
                      G_GNUC_UNUSED const BootOutcome *outcome)
{
    Probe *probe = opaque;

    g_main_loop_quit(probe->loop);
}

static bool boot_works(const Options *options, const Plan *plan,
                       const char *dir)
{
    static const BootHandlers handlers = {
        on_hello, on_begin, on_joined, on_probed,
    };
    const char *filters[] = { g_ptr_array_index(plan->names, 0), NULL };
    g_autofree char *append = kernel_line(plan, filters, NULL);
    g_autofree char *initrd = plan_image(plan, options->initrd, NULL);
    g_autofree char *console = g_build_filename(dir, "kvm-console.log", NULL);
    g_autofree char *errors = g_build_filename(dir, "kvm-qemu.stderr", NULL);
    BootConfig config = {
        .qemu = {
            .binary = options->qemu,
            .firmware = options->firmware,
            .kernel = options->kernel_image,
            .initrd = initrd,
            .accel = "kvm",
            .append = append,
            .machine = plan->machine,
            .dir = dir,
            .stderr_file = errors,
        },
        .console_file = console,
        .boot_timeout = PROBE_TIMEOUT,
        .case_timeout = PROBE_TIMEOUT,
    };
    Probe probe = { .loop = NULL };

    if (!append || !initrd ||
        !machine_create_images(plan->machine, dir, NULL)) {
        return false;
    }
    probe.loop = g_main_loop_new(NULL, FALSE);
    probe.boot = boot_start(&config, &handlers, &probe, NULL);
    if (probe.boot) {
        g_main_loop_run(probe.loop);
    }
    boot_free(probe.boot);
    g_main_loop_unref(probe.loop);
    machine_remove_images(plan->machine, dir);
    return probe.proven;
}

/* What the answer depends on: the host's kernel, and this build of QEMU. */
static char *cache_key(const Options *options)
{
    struct utsname host;
    struct stat file;

    if (uname(&host) != 0 || stat(options->qemu, &file) != 0) {
        return NULL;
    }
    return g_strdup_printf("%s %s %s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT,
                           host.release, host.version, options->qemu,
                           (gint64)file.st_size, (gint64)file.st_mtime);
}

/* True with the answer in @works when the cache has one for @key. */
static bool cache_read(const char *path, const char *key, bool *works)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        return false;
    }
    lines = g_strsplit(text, "\n", 3);
    if (g_strv_length(lines) < 2 || !g_str_equal(lines[0], key)) {
        return false;
    }
    *works = g_str_equal(lines[1], "kvm");
    return true;
}

static void cache_write(const char *path, const char *key, bool works)
{
    g_autofree char *text = g_strdup_printf("%s\n%s\n", key,
                                            works ? "kvm" : "tcg");

    /* Without the file the next run just tries again. */
    g_file_set_contents(path, text, -1, NULL);
}

const char *accel_choose(const Options *options, const Plan *plan,
                         const char *dir)
{
    g_autofree char *key = NULL;
    bool works = false;

    if (!g_str_equal(options->accel, "auto")) {
        return g_str_equal(options->accel, "kvm") ? "kvm" : "tcg";
    }
    if (!options->accel_cache || access("/dev/kvm", R_OK | W_OK) != 0) {
        return "tcg";
    }
    key = cache_key(options);
    if (key && !cache_read(options->accel_cache, key, &works)) {
        fprintf(stderr, "trying KVM, once for this kernel and QEMU: ");
        works = boot_works(options, plan, dir);
        fprintf(stderr, "%s\n", works ? "it works" : "no guest came up");
        cache_write(options->accel_cache, key, works);
    }
    return works ? "kvm" : "tcg";
}
