/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nvme-fi-session: guests for one program of the user's, or for a shell, and
 * the rules of their drives.
 */
#include "commands.h"

#include "args.h"
#include "session.h"
#include "story.h"
#include "usage.h"

#include <stdio.h>

static SessionOptions *parse(int argc, char **argv, int *status)
{
    g_autoptr(GError) error = NULL;
    SessionOptions *options = session_options_parse(argc, argv, status,
                                                    &error);

    if (!options) {
        usage_complain(argv[0], error);
    }
    return options;
}

int session_main(int argc, char **argv)
{
    g_autoptr(SessionOptions) options = NULL;
    g_autoptr(GError) error = NULL;
    int status;

    options = parse(argc, argv, &status);
    if (!options) {
        return status;
    }
    if (options->preset && g_str_equal(options->preset, "list")) {
        return presets_show(options->presets_dir, NULL, false, &error);
    }
    return session_run(options);
}

int contents_main(int argc, char **argv)
{
    g_autoptr(SessionOptions) options = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(Story) story = NULL;
    int status;

    if (argc < 2) {
        return 2;
    }
    options = parse(argc - 1, argv + 1, &status);
    if (!options) {
        return status;
    }
    if (options->preset && g_str_equal(options->preset, "list")) {
        return presets_show(options->presets_dir, NULL, false, NULL);
    }
    /* what rules and preset make must be right before an image is made */
    story = story_new(options, &error);
    if (!story) {
        usage_complain(argv[1], error);
        return status;
    }
    for (guint i = 0; options->contents && options->contents[i]; i++) {
        puts(options->contents[i]);
    }
    return fflush(stdout) == 0 ? 0 : SESSION_TROUBLE;
}

static const struct {
    const char *name;
    int (*main)(int argc, char **argv);
} commands[] = {
    { "exec", session_main }, { "shell", session_main },
    { "contents", contents_main }, { "presets", presets_main },
    { "rules", rules_main },
};

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    /* what the user started is the launcher */
    g_set_prgname("nvme-fi");
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (g_str_equal(name, commands[i].name)) {
            return commands[i].main(argc - 1, argv + 1);
        }
    }
    fprintf(stderr, "nvme-fi: unknown command '%s'\n", name);
    return 2;
}
