/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nvme-fi-complete: what the last word of a command line of nvme-fi can be,
 * for guest-scripts/completions. One candidate a line, its description behind
 * a tab; nothing where it does not know, and never an error. Options come from
 * the programs themselves (USAGE_LIST_OPTIONS).
 */
#include "usage.h"
#include "values.h"

#include <stdio.h>
#include <string.h>

static Given given;

/*
 * tests/meta/complete-test.py compares both with what --help says.
 * Of a program in C its options are asked; of others they are here.
 */
static const struct {
    const char *name;
    char **program;         /* which of given's, or NULL */
    const char *options;    /* '|' between them; with a value: '=' and kind */
    const char *about;
} commands[] = {
    { "run", &given.runner, NULL,
      "boot a kernel on a drive that fails" },
    { "exec", &given.session, NULL, "a program in such a guest" },
    { "shell", &given.session, NULL, "a shell in such a guest" },
    { "rules", &given.session, NULL, "of a guest that runs" },
    { "presets", &given.session, NULL, "stories by name" },
    { "list", &given.runner, NULL, "the names of all cases" },
    { "compare", &given.results, NULL, "where runs differ" },
    { "report", &given.results, NULL, "results as one page" },
    { "merge", &given.results, NULL, "shards together" },
    { "kernels", NULL, "--fetched|--json|--modules=file|--help",
      "list, fetch, remove, add" },
    { "trace", &given.trace, NULL, "a trace, by command" },
    { "build", NULL, "--qemu=value|--qemu-source=file|--help",
      "the patched QEMU, to be used elsewhere" },
    { "qemu", NULL, "--kernel=kernel|--modules=file|--qemu=value|"
      "--qemu-source=file|--help",
      "the patched QEMU by itself" },
    { "docs", NULL, "--help", "the documentation as a site" },
    { "package", NULL, "--help", "a Debian package" },
    { "test", NULL, "--kernel=kernel|--modules=file|--qemu=value|"
      "--qemu-source=file|--suite=tests|--no-suite=tests|--help",
      "all tests of nvme-fi" },
    { "bench", NULL, "--turns=number|--device-only|--kernel=kernel|"
      "--modules=file|--qemu=value|--qemu-source=file|--help",
      "what rules cost" },
    { "soak", NULL, "--minutes=number|--rounds=number|--seed=number|--asan|"
      "--help", "" },
};

static void option_free(gpointer data)
{
    Option *option = data;

    g_free(option->name);
    g_free(option->kind);
    g_free(option->argument);
    g_free(option->about);
    g_free(option);
}

static void add_option(GPtrArray *options, const char *name, const char *kind,
                       const char *argument, const char *about)
{
    Option *option = g_new0(Option, 1);

    *option = (Option){ g_strdup(name), g_strdup(kind), g_strdup(argument),
                        g_strdup(about) };
    g_ptr_array_add(options, option);
}

static void ask_program(GPtrArray *options, char *program,
                        const char *command)
{
    char *argv[] = { program, (char *)command, (char *)USAGE_LIST_OPTIONS,
                     NULL };
    char *trace[] = { program, (char *)USAGE_LIST_OPTIONS, NULL };
    g_autofree char *out = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_spawn_sync(NULL, g_str_equal(command, "trace") ? trace : argv,
                      NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &out,
                      NULL, NULL, NULL)) {
        return;
    }
    lines = g_strsplit(out, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        g_auto(GStrv) parts = g_strsplit(lines[i], "\t", 4);

        if (g_strv_length(parts) == 4) {
            add_option(options, parts[0], parts[1], parts[2], parts[3]);
        }
    }
}

static GPtrArray *options_of(guint index)
{
    GPtrArray *options = g_ptr_array_new_with_free_func(option_free);
    g_auto(GStrv) texts = NULL;

    if (commands[index].program) {
        ask_program(options, *commands[index].program, commands[index].name);
        return options;
    }
    texts = g_strsplit(commands[index].options, "|", -1);
    for (guint i = 0; texts[i]; i++) {
        char *equals = strchr(texts[i], '=');

        if (equals) {
            *equals = '\0';
        }
        add_option(options, texts[i], equals ? equals + 1 : "flag", "", "");
    }
    return options;
}

static const Option *find_option(GPtrArray *options, const char *name)
{
    for (guint i = 0; i < options->len; i++) {
        const Option *option = g_ptr_array_index(options, i);

        if (g_str_equal(option->name, name)) {
            return option;
        }
    }
    return NULL;
}

/* 'nvme-fi rules': @operands are before the word. */
static void offer_of_rules(const Words *words, GPtrArray *operands)
{
    switch (words_offer_rules(words, operands->len ?
                              g_ptr_array_index(operands, 0) : NULL,
                              operands->len)) {
    case WORDS_IDS:
        values_offer_ids(&given, words);
        break;
    case WORDS_FILES:
        words_offer_files(words);
        break;
    case WORDS_ALL:
        break;
    }
}

static void offer_of_kernels(const Words *words, GPtrArray *operands)
{
    const char *first = operands->len ? g_ptr_array_index(operands, 0) : "";

    if (!operands->len) {
        words_offer_list(words, "list|fetch|remove|add");
    } else if (g_str_equal(first, "fetch") || g_str_equal(first, "remove")) {
        values_offer_kernels(&given, words);
    } else if (g_str_equal(first, "add") && operands->len == 2) {
        words_offer_files(words);
    }
}

static void offer_operand(const char *command, const Words *words,
                          GPtrArray *operands, GPtrArray *options)
{
    if (g_str_equal(command, "rules")) {
        offer_of_rules(words, operands);
    } else if (g_str_equal(command, "kernels")) {
        offer_of_kernels(words, operands);
    } else if (g_str_equal(command, "presets")) {
        words_offer_names(words, given.presets, "", ".json");
    } else if (g_str_equal(command, "bench") && !operands->len) {
        words_offer(words, "soak", "", NULL);
    } else {
        if (g_str_equal(command, "compare")) {
            values_offer_kernels(&given, words);
        }
        if (find_option(options, "*")) {
            words_offer_files(words);
        }
    }
}

/* Behind the '--' of exec and qemu. */
static void offer_of_program(const char *command, const Words *words,
                             bool first)
{
    if (first && g_str_equal(command, "exec")) {
        words_offer_programs(words);
    } else {
        words_offer_files(words);
    }
}

static void offer_options(const Words *words, GPtrArray *options)
{
    for (guint i = 0; i < options->len; i++) {
        const Option *option = g_ptr_array_index(options, i);

        if (option->name[0] == '-') {
            words_offer(words, option->name, "", *option->about ?
                        option->about : NULL);
        }
    }
}

/* The last of @count words behind @command; those before it are read as the
 * command would. */
static void complete(guint command, char **words, guint count)
{
    g_autoptr(GPtrArray) options = options_of(command);
    g_autoptr(GPtrArray) operands = g_ptr_array_new();
    const char *last = words[count - 1];
    const char *equals = strchr(last, '=');
    Words typed = { last, "" };
    const Option *wanted = NULL;

    for (guint i = 0; i + 1 < count; i++) {
        if (wanted) {
            wanted = NULL;
        } else if (g_str_equal(words[i], "--")) {
            offer_of_program(commands[command].name, &typed, i + 2 == count);
            return;
        } else if (words[i][0] == '-') {
            wanted = find_option(options, words[i]);
            wanted = wanted && !g_str_equal(wanted->kind, "flag") ? wanted :
                     NULL;
        } else {
            g_ptr_array_add(operands, words[i]);
        }
    }
    if (wanted) {
        values_offer(&given, &typed, wanted);
    } else if (g_str_has_prefix(last, "--") && equals) {
        g_autofree char *name = g_strndup(last, equals - last);
        g_autofree char *before = g_strconcat(name, "=", NULL);

        typed = (Words){ equals + 1, before };
        wanted = find_option(options, name);
        if (wanted) {
            values_offer(&given, &typed, wanted);
        }
    } else if (last[0] == '-' && !(operands->len &&
               g_str_equal(commands[command].name, "rules"))) {
        offer_options(&typed, options);
    } else {
        offer_operand(commands[command].name, &typed, operands, options);
    }
}

static int find_command(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (g_str_equal(commands[i].name, name)) {
            return i;
        }
    }
    return -1;
}

static void complete_command(const char *typed)
{
    const Words words = { typed, "" };

    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (commands[i].about[0]) {
            words_offer(&words, commands[i].name, "", commands[i].about);
        }
    }
    words_offer(&words, "help", "", "all commands");
}

int main(int argc, char **argv)
{
    const GOptionEntry entries[] = {
        { "runner", 0, 0, G_OPTION_ARG_FILENAME, &given.runner,
          "Program of run and list", "FILE" },
        { "session", 0, 0, G_OPTION_ARG_FILENAME, &given.session,
          "Program of exec, shell, rules and presets", "FILE" },
        { "results", 0, 0, G_OPTION_ARG_FILENAME, &given.results,
          "Program of compare, report and merge", "FILE" },
        { "trace", 0, 0, G_OPTION_ARG_FILENAME, &given.trace,
          "Program of trace", "FILE" },
        { "guest-dir", 0, 0, G_OPTION_ARG_FILENAME, &given.guest,
          "Folder of the suites", "DIR" },
        { "presets-dir", 0, 0, G_OPTION_ARG_FILENAME, &given.presets,
          "Folder of the presets", "DIR" },
        { "kernels-dir", 0, 0, G_OPTION_ARG_FILENAME, &given.kernels,
          "Folder of the kernels", "DIR" },
        { "expect-dir", 0, 0, G_OPTION_ARG_FILENAME, &given.expect,
          "Folder of the expectations", "DIR" },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &given.words,
          NULL, "WORD..." },
        G_OPTION_ENTRY_NULL
    };
    const UsageSpec spec = {
        .command = "complete", .entries = entries,
        .arguments = "- candidates for the last word",
    };
    guint count, start = 1;
    int command;

    if (!usage_parse(&spec, &argc, &argv, NULL) || !given.words ||
        !given.runner || !given.session || !given.results || !given.trace ||
        !given.guest || !given.kernels || !given.expect) {
        return 0;
    }
    count = g_strv_length(given.words);
    command = find_command(given.words[0]);
    if (count == 1) {
        complete_command(given.words[0]);
        return 0;
    }
    if (command >= 0 && g_str_equal(given.words[0], "bench") && count > 2 &&
        g_str_equal(given.words[1], "soak")) {
        command = find_command("soak");
        start = 2;
    }
    if (command >= 0) {
        complete(command, given.words + start, count - start);
    }
    return 0;
}
