/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listing and ticking off cases; see plan.h.
 */
#include "plan.h"

#include <gio/gio.h>
#include <string.h>

#define LIST_TIMEOUT 20     /* seconds */
#define NEAR_NAMES 3

static bool is_suite(const char *dir, const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);

    return !strchr(name, '.') && !g_str_equal(name, "init") &&
           g_file_test(path, G_FILE_TEST_IS_REGULAR) &&
           g_file_test(path, G_FILE_TEST_IS_EXECUTABLE);
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GStrv plan_suites(const char *guest_dir, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(guest_dir, 0, error);
    g_autoptr(GPtrArray) names = NULL;
    const char *name;

    if (!dir) {
        g_prefix_error(error, "--guest-dir: ");
        return NULL;
    }
    names = g_ptr_array_new_with_free_func(g_free);
    while ((name = g_dir_read_name(dir))) {
        if (is_suite(guest_dir, name)) {
            g_ptr_array_add(names, g_strdup(name));
        }
    }
    if (names->len == 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                    "--guest-dir %s: no suite there", guest_dir);
        return NULL;
    }
    g_ptr_array_sort(names, compare_names);
    g_ptr_array_add(names, NULL);
    return (GStrv)g_ptr_array_steal(names, NULL);
}

/* @question is --list or --machine. */
static GPtrArray *ask_argv(const PlanSource *source, const char *program,
                           const char *question)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(argv, g_strdup(program));
    g_ptr_array_add(argv, g_strdup(question));
    g_ptr_array_add(argv, g_strdup_printf("--expect-dir=%s",
                                          source->expect_dir));
    if (source->kernel) {
        g_ptr_array_add(argv, g_strdup_printf("--kernel=%s",
                                              source->kernel));
    }
    for (guint i = 0; source->filters && source->filters[i]; i++) {
        g_ptr_array_add(argv, g_strdup_printf("--filter=%s",
                                              source->filters[i]));
    }
    g_ptr_array_add(argv, NULL);
    return argv;
}

static gboolean on_list_timeout(gpointer opaque)
{
    g_subprocess_force_exit(opaque);
    return G_SOURCE_REMOVE;
}

static void on_listed(G_GNUC_UNUSED GObject *source, GAsyncResult *result,
                      gpointer opaque)
{
    GAsyncResult **where = opaque;

    *where = g_object_ref(result);
}

static char *ask_suite(const PlanSource *source, const char *program,
                       const char *question, GError **error)
{
    g_autoptr(GPtrArray) argv = ask_argv(source, program, question);
    g_autoptr(GSubprocess) process = g_subprocess_newv(
        (const char *const *)argv->pdata,
        G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
        error);
    g_autoptr(GAsyncResult) result = NULL;
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;
    guint timeout;

    if (!process) {
        return NULL;
    }
    timeout = g_timeout_add_seconds(LIST_TIMEOUT, on_list_timeout, process);
    g_subprocess_communicate_utf8_async(process, NULL, NULL, on_listed,
                                        &result);
    while (!result) {
        g_main_context_iteration(NULL, TRUE);
    }
    if (g_main_context_find_source_by_id(NULL, timeout)) {
        g_source_remove(timeout);
    }
    if (!g_subprocess_communicate_utf8_finish(process, result, &out, &err,
                                              error)) {
        return NULL;
    }
    if (!g_subprocess_get_successful(process)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
                    "'%s %s' failed: %s", program, question,
                    err && *err ? g_strstrip(err) : "it said nothing");
        return NULL;
    }
    return g_steal_pointer(&out);
}

static Machine *ask_machine(const PlanSource *source, const char *program,
                            GError **error)
{
    g_autofree char *text = ask_suite(source, program, "--machine", error);
    Machine *machine = text ? machine_parse(text, error) : NULL;

    if (text && !machine) {
        g_prefix_error(error, "'%s --machine': ", program);
    }
    return machine;
}

Plan *plan_new(const PlanSource *source, const char *suite, GError **error)
{
    g_autofree char *program = g_build_filename(source->guest_dir, suite,
                                                NULL);
    g_autofree char *text = ask_suite(source, program, "--list", error);
    g_autoptr(Machine) machine = text ? ask_machine(source, program, error) :
                                 NULL;
    g_auto(GStrv) lines = NULL;
    Plan *plan;

    if (!machine) {
        return NULL;
    }
    plan = g_new0(Plan, 1);
    plan->suite = g_strdup(suite);
    plan->machine = g_steal_pointer(&machine);
    plan->names = g_ptr_array_new_with_free_func(g_free);
    lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        if (lines[i][0]) {
            g_ptr_array_add(plan->names, g_strdup(lines[i]));
        }
    }
    plan->done = g_array_new(FALSE, TRUE, sizeof(bool));
    g_array_set_size(plan->done, plan->names->len);
    return plan;
}

void plan_free(Plan *plan)
{
    if (plan) {
        g_free(plan->suite);
        g_ptr_array_unref(plan->names);
        g_array_unref(plan->done);
        machine_free(plan->machine);
        g_free(plan);
    }
}

void plan_set_shard(Plan *plan, Shard shard)
{
    GPtrArray *kept = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < plan->names->len; i++) {
        if (shard_has(shard, i)) {
            g_ptr_array_add(kept,
                            g_strdup(g_ptr_array_index(plan->names, i)));
        }
    }
    plan->shard = shard;
    g_ptr_array_unref(plan->names);
    plan->names = kept;
    g_array_set_size(plan->done, kept->len);
}

bool plan_is_done(const Plan *plan, guint ordinal)
{
    return g_array_index(plan->done, bool, ordinal);
}

void plan_set_done(Plan *plan, guint ordinal)
{
    g_array_index(plan->done, bool, ordinal) = true;
}

guint plan_first_undone(const Plan *plan)
{
    guint i = 0;

    while (i < plan->names->len && plan_is_done(plan, i)) {
        i++;
    }
    return i;
}

char *plan_image(const Plan *plan, const char *initrd, GError **error)
{
    const char *dot = strrchr(initrd, '.');
    gsize stem = dot ? (gsize)(dot - initrd) : strlen(initrd);
    g_autofree char *path = NULL;

    if (!machine_has_own_image(plan->machine)) {
        return g_strdup(initrd);
    }
    path = g_strdup_printf("%.*s-%s%s", (int)stem, initrd, plan->suite,
                           dot ? dot : "");
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        g_autofree char *programs = g_strjoinv(" ", plan->machine->programs);
        g_autofree char *modules = g_strjoinv(" ", plan->machine->modules);

        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                    "suite %s needs an image with the programs '%s' and the "
                    "modules '%s', and there is no %s", plan->suite,
                    programs, modules, path);
        return NULL;
    }
    return g_steal_pointer(&path);
}

/* The longest run of characters that both have; wildcards match nothing. */
static guint common_run(const char *filter, const char *name)
{
    guint best = 0;

    for (const char *f = filter; *f; f++) {
        for (const char *n = name; *n; n++) {
            guint len = 0;

            while (f[len] && f[len] == n[len] && !strchr("*?[]", f[len])) {
                len++;
            }
            best = MAX(best, len);
        }
    }
    return best;
}

char *plan_near(GPtrArray *plans, const char *filter)
{
    const char *names[NEAR_NAMES + 1] = { NULL };
    guint scores[NEAR_NAMES] = { 0 };

    for (guint i = 0; i < plans->len; i++) {
        const Plan *plan = g_ptr_array_index(plans, i);

        for (guint k = 0; k < plan->names->len; k++) {
            const char *name = g_ptr_array_index(plan->names, k);
            guint score = common_run(filter, name);

            for (guint at = 0; at < NEAR_NAMES; at++) {
                if (score > scores[at]) {
                    const char *swap_name = names[at];
                    guint swap_score = scores[at];

                    names[at] = name;
                    scores[at] = score;
                    name = swap_name;
                    score = swap_score;
                }
            }
        }
    }
    return g_strjoinv(", ", (GStrv)names);
}
