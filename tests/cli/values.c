/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of options; see values.h.
 */
#include "values.h"

#include <string.h>

/* Those that are here, those that were added, and the series that are known:
 * "6.12 6.13 6.12.107" is a line of tests/expect/kernels. */
void values_offer_kernels(const Given *given, const Words *words)
{
    g_autofree char *path = g_build_filename(given->expect, "kernels", NULL);
    g_autofree char *added = g_build_filename(given->kernels, "added", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    words_offer(words, "debian:newest", "", NULL);
    words_offer_names(words, added, "", "");
    words_offer_names(words, given->kernels, "debian:", "-cloud-amd64");
    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        return;
    }
    lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        g_autofree char *name = g_strdup_printf(
            "debian:%.*s", (int)strcspn(lines[i], " \t"), lines[i]);

        if (g_ascii_isdigit(lines[i][0])) {
            words_offer(words, name, "", NULL);
        }
    }
}

/* A suite is a program, whose name has no '.'. */
static void offer_suites(const Given *given, const Words *words,
                         const char *end)
{
    GDir *dir = g_dir_open(given->guest, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(given->guest, name, NULL);

        if (!strchr(name, '.') && !g_str_equal(name, "init") &&
            g_file_test(path, G_FILE_TEST_IS_REGULAR) &&
            g_file_test(path, G_FILE_TEST_IS_EXECUTABLE)) {
            words_offer(words, name, end, NULL);
        }
    }
    g_clear_pointer(&dir, g_dir_close);
}

void values_offer_ids(const Given *given, const Words *words)
{
    char *argv[] = { given->session, (char *)"rules", (char *)"list", NULL };
    g_autofree char *out = NULL;

    if (g_spawn_sync(NULL, argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                     NULL, &out, NULL, NULL, NULL)) {
        words_offer_ids(words, out);
    }
}

void values_offer(const Given *given, const Words *words,
                  const Option *option)
{
    const char *name = option->name + 2;

    if (g_str_equal(name, "kernel")) {
        values_offer_kernels(given, words);
        words_offer_files(words);
    } else if (g_str_equal(option->kind, "tests")) {
        words_offer_list(words, "unit|qapi|qtest|meta|guest|asan|qemu-7.2|"
                         "qemu-10.2");
    } else if (g_str_equal(name, "suite")) {
        offer_suites(given, words, "");
        words_offer(words, "all", "", NULL);
    } else if (g_str_equal(name, "filter")) {
        offer_suites(given, words, "/");
    } else if (g_str_equal(name, "preset")) {
        words_offer_names(words, given->presets, "", ".json");
        words_offer(words, "list", "", NULL);
    } else if (g_str_equal(name, "layer")) {
        words_offer_list(words, "presence|wire|driver|block|log|result");
    } else if (g_str_equal(name, "expect-errno")) {
        words_offer_errnos(words);
    } else if (g_str_equal(name, "opcode")) {
        words_offer_opcodes(words);
    } else if (g_str_equal(name, "status")) {
        words_offer_statuses(words);
    } else if (g_str_equal(option->kind, "file") ||
               g_str_equal(name, "modules") ||
               g_str_equal(name, "qemu-source")) {
        words_offer_files(words);
    } else if (strchr(option->argument, '|') &&
               g_ascii_islower(option->argument[0])) {
        words_offer_list(words, option->argument);
    }
    if (g_str_equal(name, "with")) {
        words_offer_programs(words);
    }
}
