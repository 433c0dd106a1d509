/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parsing and checking the options of a session; see args.h.
 */
#include "args.h"

#include "contents.h"
#include "errno-names.h"
#include "fail.h"
#include "usage.h"

#include <gio/gio.h>
#include <string.h>

#define DEFAULT_TIMEOUT 300
#define MAX_TIMEOUT 86400
#define MAX_MEMORY 8192

#define HIDDEN G_OPTION_FLAG_HIDDEN

/* What comes from GOption as it is and is checked later. */
typedef struct Raw {
    gboolean zoned;
    gboolean early;
    gboolean summary;
    char **hits;
} Raw;

/* What the launcher sets. */
static void add_launcher_entries(GArray *all, SessionOptions *o)
{
    const GOptionEntry entries[] = {
        { "emulator", 0, HIDDEN, G_OPTION_ARG_FILENAME,
          &o->runner->qemu, "The patched qemu-system-x86_64", "FILE" },
        { "firmware", 0, HIDDEN, G_OPTION_ARG_FILENAME,
          &o->runner->firmware, "Folder with qboot.rom", "DIR" },
        { "kernel-image", 0, HIDDEN, G_OPTION_ARG_FILENAME,
          &o->runner->kernel_image, "The guest's kernel", "FILE" },
        { "kernel-name", 0, HIDDEN, G_OPTION_ARG_STRING,
          &o->runner->kernel_name, "What --kernel calls it", "K" },
        { "initrd", 0, HIDDEN, G_OPTION_ARG_FILENAME,
          &o->runner->initrd, "The initramfs of the suites", "FILE" },
        { "guest-dir", 0, HIDDEN, G_OPTION_ARG_FILENAME,
          &o->runner->guest_dir, "Folder with the suites", "DIR" },
        { "expect-dir", 0, HIDDEN, G_OPTION_ARG_FILENAME,
          &o->runner->expect_dir, "Folder with expectations", "DIR" },
        { "accel-cache", 0, HIDDEN, G_OPTION_ARG_FILENAME,
          &o->runner->accel_cache, "File with the proof of KVM", "FILE" },
        { "default-suite", 0, HIDDEN, G_OPTION_ARG_STRING,
          &o->runner->default_suite, "To try KVM with", "S" },
        { "presets-dir", 0, HIDDEN, G_OPTION_ARG_FILENAME,
          &o->presets_dir, "Folder with the presets", "DIR" },
        { "image", 0, HIDDEN, G_OPTION_ARG_FILENAME,
          &o->image, "The initramfs of the session", "FILE" },
    };

    g_array_append_vals(all, entries, G_N_ELEMENTS(entries));
}

static void add_exec_entries(GArray *all, SessionOptions *o, Raw *raw)
{
    const GOptionEntry entries[] = {
        { "timeout", 0, 0, G_OPTION_ARG_INT, &o->timeout,
          "Seconds for the program; 0: any (default: 300)", "S" },
        { "expect-errno", 0, 0, G_OPTION_ARG_STRING, &o->expect_errno,
          "A system call of the program fails with that", "NAME" },
        { "expect-hits", 0, 0, G_OPTION_ARG_STRING_ARRAY, &raw->hits,
          "The rules, or rule ID, act N times", "N|ID=N" },
        { "expect-status", 0, 0, G_OPTION_ARG_INT, &o->expect_status,
          "The program's exit status", "N" },
        { "summary", 0, 0, G_OPTION_ARG_NONE, &raw->summary,
          "Say on stderr what happened", NULL },
    };

    g_array_append_vals(all, entries, G_N_ELEMENTS(entries));
}

static bool parse(SessionOptions *o, Raw *raw, int *argc, char ***argv,
                  GError **error)
{
    const GOptionEntry entries[] = {
        { "rules", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->rules,
          "Rules for the drive (docs/rules.md)", "FILE" },
        { "preset", 0, 0, G_OPTION_ARG_STRING, &o->preset,
          "A story with a name; 'list' shows all", "NAME" },
        { "with", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->with,
          "File, folder or command for the guest", "PATH" },
        { "drive", 0, 0, G_OPTION_ARG_FILENAME, &o->drive,
          "Raw image of the drive, which is written to", "IMAGE" },
        { "zoned", 0, 0, G_OPTION_ARG_NONE, &raw->zoned,
          "The drive has zones (of 4 MiB)", NULL },
        { "pi", 0, 0, G_OPTION_ARG_INT, &o->pi,
          "It has protection information of type 1, 2 or 3", "TYPE" },
        { "write-cache", 0, 0, G_OPTION_ARG_INT, &o->write_cache,
          "It has a volatile write cache of so many MiB", "MIB" },
        { "early", 0, 0, G_OPTION_ARG_NONE, &raw->early,
          "Rules are there before the first command of the boot", NULL },
        { "cpus", 0, 0, G_OPTION_ARG_INT, &o->cpus, "Processors (1)", "N" },
        { "memory", 0, 0, G_OPTION_ARG_INT, &o->memory, "MiB (1024)", "M" },
        { "accel", 0, HIDDEN, G_OPTION_ARG_STRING, &o->runner->accel,
          "tcg, kvm or auto (auto)", "A" },
        { "out", 0, 0, G_OPTION_ARG_FILENAME, &o->runner->out,
          "Folder for the results (a new one in results/)", "DIR" },
    };
    g_autoptr(GArray) all = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    UsageSpec spec = {
        .command = o->shell ? "shell" : "exec", .set_up = true,
        .posix = true, .arguments = o->shell ?
            "- a shell in a guest whose drive fails as told" :
            "-- PROGRAM [ARG]... - run it on a drive that fails",
    };

    g_array_append_vals(all, entries, G_N_ELEMENTS(entries));
    if (!o->shell) {
        add_exec_entries(all, o, raw);
    }
    add_launcher_entries(all, o);
    spec.entries = (const GOptionEntry *)all->data;
    return usage_parse(&spec, argc, argv, error);
}

static bool check_range(const char *option, int value, int least, int most,
                        GError **error)
{
    return (value >= least && value <= most) ||
           fail(error, "--%s %d: expected %d to %d", option, value, least,
                most);
}

static bool add_hits(SessionOptions *o, const char *text, GError **error)
{
    const char *equals = strrchr(text, '=');
    HitsExpected expected = { NULL, 0 };
    guint64 hits;

    if (!g_ascii_string_to_unsigned(equals ? equals + 1 : text, 10, 0,
                                    G_MAXINT64, &hits, NULL) ||
        equals == text) {
        return fail(error, "--expect-hits %s: expected a number, or the id "
                    "of a rule and a number ('bad=1')", text);
    }
    expected.hits = hits;
    expected.id = equals ? g_strndup(text, equals - text) : NULL;
    g_array_append_val(o->expect_hits, expected);
    return true;
}

static bool check_expectations(SessionOptions *o, char **hits,
                               GError **error)
{
    for (guint i = 0; hits && hits[i]; i++) {
        if (!add_hits(o, hits[i], error)) {
            return false;
        }
    }
    if (o->expect_errno && !errno_is_name(o->expect_errno)) {
        g_autofree char *near = errno_near(o->expect_errno);

        return fail(error, "--expect-errno %s: no errno has that name%s",
                    o->expect_errno, near);
    }
    return check_range("expect-status", o->expect_status, -1, 255, error);
}

static bool check_machine(SessionOptions *o, GError **error)
{
    static const char *const accels[] = { "tcg", "kvm", "auto", NULL };

    for (guint i = 0; o->rules && o->rules[i]; i++) {
        if (!usage_check_file("rules", o->rules[i], error)) {
            return false;
        }
    }
    if (!g_strv_contains(accels, o->runner->accel)) {
        return fail(error, "--accel %s: expected tcg, kvm or auto",
                    o->runner->accel);
    }
    return usage_check_file("drive", o->drive, error) &&
           check_range("write-cache", o->write_cache, 0, 1024, error) &&
           check_range("pi", o->pi, 0, 3, error) &&
           check_range("cpus", o->cpus, 1, 16, error) &&
           check_range("memory", o->memory, 256, MAX_MEMORY, error) &&
           check_range("timeout", o->timeout, 0, MAX_TIMEOUT, error);
}

static bool has_separator(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (g_str_equal(argv[i], "--")) {
            return true;
        }
    }
    return false;
}

/* The words of the program, which GOption left. */
static bool take_program(SessionOptions *o, int argc, char **argv,
                         bool separated, GError **error)
{
    int first = argc > 1 && g_str_equal(argv[1], "--") ? 2 : 1;

    if (o->shell) {
        const char *const shell[] = { "bash", "-i", NULL };

        o->program = g_strdupv((GStrv)shell);
        return first == argc ||
               fail(error, "unexpected argument '%s'; a program is run by "
                    "'nvme-fi exec'", argv[first]);
    }
    if (!separated) {
        return fail(error, "'--' and the program are missing, as in "
                    "'nvme-fi exec --preset bad-block -- dd ...'");
    }
    if (first == argc) {
        return fail(error, "there is no program behind '--'");
    }
    o->program = g_strdupv(argv + first);
    for (int i = 0; o->program[i]; i++) {
        if (!g_utf8_validate(o->program[i], -1, NULL)) {
            return fail(error, "argument %d of the program is not UTF-8",
                        i);
        }
    }
    return true;
}

static SessionOptions *options_new(bool shell)
{
    SessionOptions *o = g_new0(SessionOptions, 1);

    o->shell = shell;
    o->runner = g_new0(Options, 1);
    o->runner->accel = g_strdup("auto");
    o->runner->boot_timeout = 120;
    o->cpus = 1;
    o->memory = 1024;
    o->timeout = shell ? 0 : DEFAULT_TIMEOUT;
    o->expect_status = -1;
    o->expect_hits = g_array_new(FALSE, FALSE, sizeof(HitsExpected));
    return o;
}

SessionOptions *session_options_parse(int argc, char **argv, int *status,
                                      GError **error)
{
    bool shell = g_str_equal(argv[0], "shell");
    g_autoptr(SessionOptions) o = options_new(shell);
    bool separated = has_separator(argc, argv);
    g_auto(GStrv) words = g_strdupv(argv);
    g_autofree char **left = g_memdup2(words, (argc + 1) * sizeof(*words));
    Raw raw = { .hits = NULL };
    bool ok;

    *status = shell ? 2 : SESSION_TROUBLE;
    ok = parse(o, &raw, &argc, &left, error);
    o->zoned = raw.zoned;
    o->early = raw.early;
    o->summary = raw.summary;
    if (o->preset && g_str_equal(o->preset, "list")) {
        return g_steal_pointer(&o);
    }
    ok = ok && take_program(o, argc, left, separated, error) &&
         check_expectations(o, raw.hits, error) && check_machine(o, error) &&
         contents_find(o, status, error);
    g_strfreev(raw.hits);
    return ok ? g_steal_pointer(&o) : NULL;
}

void session_options_free(SessionOptions *o)
{
    if (!o) {
        return;
    }
    for (guint i = 0; i < o->expect_hits->len; i++) {
        g_free(g_array_index(o->expect_hits, HitsExpected, i).id);
    }
    g_array_unref(o->expect_hits);
    options_free(o->runner);
    g_free(o->presets_dir);
    g_free(o->image);
    g_strfreev(o->rules);
    g_free(o->preset);
    g_strfreev(o->with);
    g_free(o->drive);
    g_free(o->expect_errno);
    g_strfreev(o->program);
    g_free(o->path);
    g_strfreev(o->contents);
    g_free(o);
}
