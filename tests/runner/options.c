/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parsing and checking options; see options.h.
 */
#include "options.h"

#include "fail.h"
#include "usage.h"

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_TIMEOUT 30
#define DEFAULT_BOOT_TIMEOUT 60
#define MAX_TIMEOUT 3600

static const char statuses[] =
    "Exit status: 0 nothing failed and something passed; 1 a case failed, was "
    "an\nerror or timed out, or the run broke off; 2 the command line is "
    "wrong.";

#define HIDDEN G_OPTION_FLAG_HIDDEN

/* The kernel passes at most 32 words on to init (CONFIG_INIT_ENV_ARG_LIMIT). */
#define MAX_FILTERS 24

/* What the user gives. */
typedef struct Raw {
    gboolean observe;
    gboolean tap;
    gboolean ktap;
    gboolean json;
    gboolean check;
    char *shard;
} Raw;

static bool take_raw(Options *o, const Raw *raw, GError **error)
{
    o->observe = raw->observe;
    o->tap = raw->tap;
    o->ktap = raw->ktap;
    o->json = raw->json;
    o->check = raw->check;
    if (raw->tap + raw->ktap + raw->json > 1) {
        return fail(error, "--tap, --ktap and --json: one of them");
    }
    return !raw->shard || shard_parse(raw->shard, &o->shard, error);
}

static bool parse(Options *o, Raw *raw, int *argc, char ***argv,
                  GError **error)
{
    const GOptionEntry entries[] = {
        { "suite", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->suites,
          "Run this suite, or all; may be repeated", "S" },
        { "filter", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->filters,
          "Run the cases that match this glob; may be repeated", "GLOB" },
        { "shard", 0, 0, G_OPTION_ARG_STRING, &raw->shard,
          "Run part I of N of the cases; N parts are all", "I/N" },
        { "out", 0, 0, G_OPTION_ARG_FILENAME, &o->out,
          "Folder for the results (default: new, in results/)", "DIR" },
        { "observe", 0, 0, G_OPTION_ARG_NONE, &raw->observe,
          "Record what happens, judge nothing but the hits", NULL },
        { "tap", 0, 0, G_OPTION_ARG_NONE, &raw->tap,
          "Print TAP instead of the table", NULL },
        { "ktap", 0, 0, G_OPTION_ARG_NONE, &raw->ktap,
          "Print KTAP, as kernel CI reads it, instead", NULL },
        { "json", 0, 0, G_OPTION_ARG_NONE, &raw->json,
          o->command == COMMAND_RUN ? "Print the table as one JSON object" :
          "Print a JSON array", NULL },
        { "accel", 0, 0, G_OPTION_ARG_STRING, &o->accel,
          "Accelerator (default: auto)", "tcg|kvm|auto" },
        { "timeout", 0, 0, G_OPTION_ARG_INT, &o->timeout,
          "Seconds that a case may be silent (default: 30)", "S" },
        { "boot-timeout", 0, 0, G_OPTION_ARG_INT, &o->boot_timeout,
          "Seconds until the guest must report (default: 60)", "S" },
        { "jobs", 0, 0, G_OPTION_ARG_INT, &o->jobs,
          "Guests at the same time (1)", "N" },
        /* The launcher names all that follow by itself. */
        { "emulator", 0, HIDDEN, G_OPTION_ARG_FILENAME, &o->qemu,
          "The patched qemu-system-x86_64", "FILE" },
        { "firmware", 0, HIDDEN, G_OPTION_ARG_FILENAME, &o->firmware,
          "Folder with qboot.rom and linuxboot_dma.bin", "DIR" },
        { "kernel-image", 0, HIDDEN, G_OPTION_ARG_FILENAME,
          &o->kernel_image, "The guest's kernel", "FILE" },
        { "kernel-name", 0, HIDDEN, G_OPTION_ARG_STRING, &o->kernel_name,
          "What 'nvme-fi run --kernel' calls it", "K" },
        { "initrd", 0, HIDDEN, G_OPTION_ARG_FILENAME, &o->initrd,
          "The guest's initramfs", "FILE" },
        { "guest-dir", 0, HIDDEN, G_OPTION_ARG_FILENAME, &o->guest_dir,
          "Folder with the guest's programs, to list their cases", "DIR" },
        { "expect-dir", 0, HIDDEN, G_OPTION_ARG_FILENAME, &o->expect_dir,
          "Folder with the tables of expectations", "DIR" },
        { "accel-cache", 0, HIDDEN, G_OPTION_ARG_FILENAME, &o->accel_cache,
          "File that keeps whether KVM was proven to work", "FILE" },
        { "default-suite", 0, HIDDEN, G_OPTION_ARG_STRING,
          &o->default_suite,
          "Run this one when neither --suite nor --filter is given", "S" },
        { "check", 0, HIDDEN, G_OPTION_ARG_NONE, &raw->check,
          "Only see whether options and cases are right", NULL },
        G_OPTION_ENTRY_NULL
    };
    const UsageSpec spec = {
        .command = options_command_name(o), .entries = entries,
        .set_up = true, .about = o->command == COMMAND_RUN ? statuses : NULL,
        .arguments = o->command == COMMAND_RUN ?
            "- run guest suites on a faulty drive" :
            "- the names of the cases that 'run' would run",
    };

    return usage_parse(&spec, argc, argv, error) &&
           take_raw(o, raw, error);
}

/* The first argument; it is taken out. */
static bool take_command(Options *o, int *argc, char ***argv, GError **error)
{
    const char *name = *argc > 1 ? (*argv)[1] : NULL;

    if (!name) {
        return fail(error, "no command given: 'run' or 'list'");
    }
    if (g_str_equal(name, "run")) {
        o->command = COMMAND_RUN;
    } else if (g_str_equal(name, "list")) {
        o->command = COMMAND_LIST;
    } else {
        return fail(error, "unknown command '%s': 'run' or 'list'", name);
    }
    (*argc)--;
    (*argv)++;
    return true;
}

static bool check_no_more(int argc, char **argv, GError **error)
{
    return argc < 2 ||
           fail(error, "unexpected argument '%s'; cases are chosen by "
                "--filter GLOB", argv[argc > 2 &&
                g_str_equal(argv[1], "--") ? 2 : 1]);
}

const char *options_command_name(const Options *options)
{
    return options->command == COMMAND_LIST ? "list" : "run";
}

static bool check_range(const char *option, int value, int max,
                        GError **error)
{
    return (value >= 1 && value <= max) ||
           fail(error, "--%s %d: expected 1 to %d", option, value, max);
}

static bool check_jobs(int jobs, GError **error)
{
    return jobs == 1 ||
           fail(error, "--jobs %d: only 1 is possible; a suite runs in one "
                "guest at a time", jobs);
}

static bool check_path(const char *option, const char *path, GFileTest test,
                       GError **error)
{
    if (!path) {
        return fail(error, "--%s is missing", option);
    }
    if (!g_file_test(path, test)) {
        return fail(error, "--%s %s: no such %s", option, path,
                    test == G_FILE_TEST_IS_DIR ? "folder" :
                    test == G_FILE_TEST_IS_EXECUTABLE ? "program" : "file");
    }
    return true;
}

/* A filter travels on the kernel's command line. */
static bool check_filters(const Options *o, GError **error)
{
    guint count = o->filters ? g_strv_length(o->filters) : 0;

    if (count > MAX_FILTERS) {
        return fail(error, "%u times --filter: at most %d are possible; use "
                    "wider globs", count, MAX_FILTERS);
    }
    for (guint i = 0; i < count; i++) {
        const char *filter = o->filters[i];

        for (const char *c = filter; *c; c++) {
            if (!g_ascii_isgraph(*c) || strchr("\"'\\", *c)) {
                return fail(error, "--filter '%s': case names and globs have "
                            "no blanks, quotes or other characters than "
                            "letters, digits and -/.*?[]", filter);
            }
        }
        if (!*filter) {
            return fail(error, "--filter '': empty; leave it out to run all "
                        "cases");
        }
    }
    return true;
}

static bool check_run_options(const Options *o, GError **error)
{
    static const char *const accels[] = { "tcg", "kvm", "auto", NULL };

    if (!g_strv_contains(accels, o->accel)) {
        return fail(error, "--accel %s: expected tcg, kvm or auto",
                    o->accel);
    }
    return check_range("timeout", o->timeout, MAX_TIMEOUT, error) &&
           check_range("boot-timeout", o->boot_timeout, MAX_TIMEOUT,
                       error) &&
           check_jobs(o->jobs, error);
}

static bool check_files(const Options *o, GError **error)
{
    if (o->command == COMMAND_RUN && !o->check &&
        (!check_path("emulator", o->qemu, G_FILE_TEST_IS_EXECUTABLE, error) ||
         !check_path("firmware", o->firmware, G_FILE_TEST_IS_DIR, error) ||
         !check_path("kernel-image", o->kernel_image,
                     G_FILE_TEST_IS_REGULAR, error) ||
         !check_path("initrd", o->initrd, G_FILE_TEST_IS_REGULAR, error))) {
        return false;
    }
    return check_path("guest-dir", o->guest_dir, G_FILE_TEST_IS_DIR, error) &&
           check_path("expect-dir", o->expect_dir, G_FILE_TEST_IS_DIR, error);
}

Options *options_parse(int argc, char **argv, GError **error)
{
    g_autoptr(Options) o = g_new0(Options, 1);
    Raw raw = { .shard = NULL };
    bool ok;

    o->accel = g_strdup("auto");
    o->timeout = DEFAULT_TIMEOUT;
    o->boot_timeout = DEFAULT_BOOT_TIMEOUT;
    o->jobs = 1;
    ok = take_command(o, &argc, &argv, error) &&
         parse(o, &raw, &argc, &argv, error) &&
         check_no_more(argc, argv, error) && check_filters(o, error) &&
         (o->command == COMMAND_LIST || check_run_options(o, error)) &&
         check_files(o, error);
    g_free(raw.shard);
    if (!ok) {
        return NULL;
    }
    if (!o->kernel_name) {
        const char *name = g_getenv("NVME_FI_KERNEL");

        o->kernel_name = g_strdup(name ? name : o->kernel_image);
    }
    return g_steal_pointer(&o);
}

void options_free(Options *options)
{
    if (!options) {
        return;
    }
    g_free(options->qemu);
    g_free(options->firmware);
    g_free(options->kernel_image);
    g_free(options->initrd);
    g_free(options->guest_dir);
    g_free(options->expect_dir);
    g_free(options->kernel_name);
    g_free(options->out);
    g_free(options->accel);
    g_free(options->accel_cache);
    g_free(options->default_suite);
    g_strfreev(options->suites);
    g_strfreev(options->filters);
    g_free(options);
}
