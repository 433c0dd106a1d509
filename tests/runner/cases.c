/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From options to plans; see cases.h.
 */
#include "cases.h"

#include "usage.h"

#include <gio/gio.h>

static GPtrArray *list_suites(const PlanSource *source, GStrv suites,
                              GError **error)
{
    g_autoptr(GPtrArray) plans = g_ptr_array_new_with_free_func(
        (GDestroyNotify)plan_free);

    for (guint i = 0; suites[i]; i++) {
        g_autoptr(Plan) plan = plan_new(source, suites[i], error);

        if (!plan) {
            return NULL;
        }
        if (plan->names->len > 0) {
            g_ptr_array_add(plans, g_steal_pointer(&plan));
        }
    }
    return g_steal_pointer(&plans);
}

/* Asked for by name; or the default; or NULL: all. */
static GStrv wanted_suites(const Options *options)
{
    const char *one[] = { options->default_suite, NULL };

    if (options->suites) {
        return g_strv_contains((const char *const *)options->suites, "all") ?
               NULL : g_strdupv(options->suites);
    }
    /* A filter says itself which suite is meant. */
    return options->command == COMMAND_RUN && !options->filters &&
           one[0] ? g_strdupv((GStrv)one) : NULL;
}

/* The suites that were asked for, all of them known; or all. */
static GStrv choose_suites(const Options *options, GError **error)
{
    g_auto(GStrv) known = plan_suites(options->guest_dir, error);
    g_auto(GStrv) wanted = known ? wanted_suites(options) : NULL;

    if (!wanted) {
        return g_steal_pointer(&known);
    }
    for (guint i = 0; wanted[i]; i++) {
        if (!g_strv_contains((const char *const *)known, wanted[i])) {
            g_autofree char *all = g_strjoinv(", ", known);
            g_autofree char *near = usage_near(
                wanted[i], (const char *const *)known);

            g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                        "--suite %s: no such suite%s; there is %s, and all",
                        wanted[i], near, all);
            return NULL;
        }
    }
    return g_steal_pointer(&wanted);
}

static void set_no_match(PlanSource source, GStrv suites, GError **error)
{
    const char *filter = source.filters ? source.filters[0] : "*";
    g_autoptr(GPtrArray) all = NULL;
    g_autofree char *near = NULL;

    source.filters = NULL;
    all = list_suites(&source, suites, error);
    if (!all) {
        return;
    }
    near = plan_near(all, filter);
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                "--filter '%s' matches no case%s%s", filter,
                *near ? "; near: " : "; the suites are empty", near);
}

/* Shards are dealt out over all suites, so that none gets all remainders. */
static void keep_shard(GPtrArray *plans, Shard shard)
{
    guint before = 0;

    for (guint i = 0; i < plans->len; i++) {
        Plan *plan = g_ptr_array_index(plans, i);
        guint cases = plan->names->len;

        plan_set_shard(plan, shard_behind(shard, before));
        before += cases;
    }
}

GPtrArray *cases_plan(const Options *options, const char *release,
                      GError **error)
{
    g_auto(GStrv) suites = choose_suites(options, error);
    PlanSource source = {
        .guest_dir = options->guest_dir,
        .expect_dir = options->expect_dir,
        .kernel = release,
        .filters = (const char *const *)options->filters,
    };
    g_autoptr(GPtrArray) plans = NULL;

    if (!suites) {
        return NULL;
    }
    plans = list_suites(&source, suites, error);
    if (plans && plans->len == 0) {
        set_no_match(source, suites, error);
        return NULL;
    }
    if (plans && options->shard.count) {
        keep_shard(plans, options->shard);
    }
    return g_steal_pointer(&plans);
}
