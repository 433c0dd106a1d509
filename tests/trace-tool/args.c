/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parsing and checking arguments; see args.h.
 */
#include "args.h"

#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "usage.h"

#define DEFAULT_BUFFER_KB 4096
#define MAX_BUFFER_KB (1024 * 1024)
#define MAX_SECONDS 1e6

static const char description[] =
    "FILE is a saved trace, trace_pipe or results.jsonl; '-' is standard "
    "input.\n"
    "Exit status: 0 all was read; 1 it cannot be; 2 the command line is "
    "wrong;\n3 events were lost or not understood.\n";

typedef struct Text {
    const char *name;
    char *value;
} Text;

static bool set_filters(Args *args, const Text *texts, gsize count,
                        GError **error)
{
    for (gsize i = 0; i < count; i++) {
        if (texts[i].value &&
            !filter_add(args->filter, texts[i].name, texts[i].value, error)) {
            return false;
        }
    }
    return true;
}

static bool check(Args *args, gboolean live, gboolean enable,
                  gboolean disable, int buffer_kb, GError **error)
{
    guint files = args->files ? g_strv_length(args->files) : 0;

    if (live + enable + disable > 1) {
        return fail(error, "--live, --enable and --disable exclude each "
                    "other");
    }
    args->mode = live ? ARGS_LIVE : enable ? ARGS_ENABLE :
                 disable ? ARGS_DISABLE : ARGS_FILES;
    if (args->mode != ARGS_FILES && files) {
        return fail(error, "'%s': no file is read with --live, --enable or "
                    "--disable", args->files[0]);
    }
    if (args->mode != ARGS_LIVE && args->seconds != 0) {
        return fail(error, "--seconds goes with --live");
    }
    if (args->seconds < 0 || args->seconds > MAX_SECONDS) {
        return fail(error, "--seconds %g: expected 0 to %g", args->seconds,
                    MAX_SECONDS);
    }
    if (buffer_kb < 0 || buffer_kb > MAX_BUFFER_KB) {
        return fail(error, "--buffer-kb %d: expected 0 to %d", buffer_kb,
                    MAX_BUFFER_KB);
    }
    args->buffer_kb = buffer_kb;
    if (args->mode == ARGS_FILES && !files && isatty(STDIN_FILENO)) {
        return fail(error, "no trace is given: name a FILE, or use --live");
    }
    return true;
}

#define TEXT(number, text, argument) \
    { texts[number].name, 0, 0, G_OPTION_ARG_STRING, &texts[number].value, \
      text, argument }
#define FLAG(name, variable, text) \
    { name, 0, 0, G_OPTION_ARG_NONE, &variable, text, NULL }

static bool parse(Args *args, int argc, char **argv, Text *texts,
                  gsize count, GError **error)
{
    gboolean json = FALSE, all = FALSE, summary = FALSE, quiet = FALSE;
    gboolean errors = FALSE, live = FALSE, enable = FALSE, disable = FALSE;
    gboolean no_block = FALSE, other = FALSE;
    int buffer_kb = DEFAULT_BUFFER_KB;
    const GOptionEntry entries[] = {
        FLAG("live", live, "Trace the kernel of this machine (as root)"),
        FLAG("enable", enable,
             "Set the events up in the common trace, and end"),
        FLAG("disable", disable, "Take that back, and end"),
        { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &args->seconds,
          "End --live after so long (default: Ctrl-C ends it)", "S" },
        FLAG("no-block", no_block, "Leave the events of requests off"),
        { "buffer-kb", 0, 0, G_OPTION_ARG_INT, &buffer_kb,
          "Room for events, for each CPU (default: 4096)", "N" },
        { "tracefs", 0, 0, G_OPTION_ARG_FILENAME, &args->tracefs,
          "Where tracefs is, if not at /sys/kernel/tracing", "DIR" },
        FLAG("json", json, "Lines of JSON"),
        FLAG("all-fields", all, "Show fields that are 0, too"),
        FLAG("summary", summary, "A table by command at the end"),
        FLAG("quiet", quiet, "No line for each command"),
        FLAG("other-lines", other,
             "Show the other lines of the trace, too, as they are"),
        FLAG("errors", errors, "Only commands that failed"),
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY,
          &args->files, NULL, "[FILE...]" },
        G_OPTION_ENTRY_NULL
    };
    const GOptionEntry filters[] = {
        TEXT(0, "Only this queue (0: admin); several: N,N", "N"),
        TEXT(1, "Only this controller", "nvmeN"),
        TEXT(2, "Only this namespace", "N"),
        TEXT(3, "Only this command, by name or number", "OPCODE"),
        TEXT(4, "Only this status, by name or number", "STATUS"),
        TEXT(5, "Only commands with blocks in FIRST-LAST or FIRST+COUNT",
             "RANGE"),
        TEXT(6, "Only commands that took so long (250us, 3ms)", "TIME"),
        TEXT(7, "Only commands that took no longer", "TIME"),
        TEXT(8, "Only what began at this time of the trace or later", "S"),
        TEXT(9, "Only what began at this time of the trace or before", "S"),
        G_OPTION_ENTRY_NULL
    };
    const UsageSpec spec = {
        .command = "trace", .entries = entries, .filters = filters,
        .arguments = "- show a trace of NVMe commands",
        .about = description,
    };

    if (!usage_parse(&spec, &argc, &argv, error)) {
        return false;
    }
    args->json = json;
    args->all_fields = all;
    args->summary = summary;
    args->quiet = quiet;
    args->other_lines = other;
    args->no_block = no_block;
    if (errors) {
        filter_errors(args->filter);
    }
    return set_filters(args, texts, count, error) &&
           check(args, live, enable, disable, buffer_kb, error);
}

Args *args_parse(int argc, char **argv, GError **error)
{
    g_autoptr(Args) args = g_new0(Args, 1);
    Text texts[] = {
        { "qid" }, { "ctrl" }, { "nsid" }, { "opcode" }, { "status" },
        { "slba" }, { "min-duration" }, { "max-duration" }, { "since" },
        { "until" },
    };
    bool ok;

    args->filter = filter_new();
    ok = parse(args, argc, argv, texts, G_N_ELEMENTS(texts), error);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_free(texts[i].value);
    }
    return ok ? g_steal_pointer(&args) : NULL;
}

void args_free(Args *args)
{
    if (args) {
        g_strfreev(args->files);
        g_clear_pointer(&args->filter, filter_free);
        g_free(args->tracefs);
        g_free(args);
    }
}
