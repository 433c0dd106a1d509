/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judging the program of a session; see outcome.h.
 */
#include "outcome.h"

#include "json-util.h"
#include "launcher-name.h"

#include <stdio.h>
#include <string.h>

/* Names of cases have letters, digits and '-'. */
char *outcome_case_name(const SessionOptions *o)
{
    g_autofree char *base = g_path_get_basename(o->program[0]);
    g_autofree char *lower = g_ascii_strdown(base, -1);

    g_strcanon(lower, "abcdefghijklmnopqrstuvwxyz0123456789-", '-');
    return g_strdup_printf("%s/%s", o->shell ? "shell" : "exec", lower);
}

static void set_stimulus(const SessionOptions *o, JsonArray *rules,
                         JsonObject *record)
{
    JsonObject *stimulus = json_object_new();
    JsonArray *words = json_array_new();
    g_autofree char **quoted = NULL;
    g_autofree char *line = NULL;
    g_autofree char *repro = NULL;
    g_autoptr(GString) options = g_string_new(NULL);
    guint count = g_strv_length(o->program);

    quoted = g_new0(char *, count + 1);
    for (guint i = 0; i < count; i++) {
        json_array_add_string_element(words, o->program[i]);
        quoted[i] = g_shell_quote(o->program[i]);
    }
    json_object_set_array_member(stimulus, "program", words);
    if (o->preset) {
        json_object_set_string_member(stimulus, "preset", o->preset);
        g_string_append_printf(options, " --preset %s", o->preset);
    }
    for (guint i = 0; o->rules && o->rules[i]; i++) {
        g_autofree char *file = g_shell_quote(o->rules[i]);

        g_string_append_printf(options, " --rules %s", file);
    }
    json_object_set_object_member(record, "stimulus", stimulus);
    json_object_set_array_member(record, "rules", json_array_ref(rules));
    line = g_strjoinv(" ", quoted);
    repro = g_strdup_printf("%s %s --kernel %s%s%s%s", launcher_name(),
                            o->shell ? "shell" : "exec",
                            o->runner->kernel_name ? o->runner->kernel_name :
                            "?", options->str, o->shell ? "" : " -- ",
                            o->shell ? "" : line);
    json_object_set_string_member(record, "repro", repro);
    for (guint i = 0; i < count; i++) {
        g_free(quoted[i]);
    }
}

static void add_clause(GString *why, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

static void add_clause(GString *why, const char *format, ...)
{
    va_list args;

    if (why->len > 0) {
        g_string_append(why, "; ");
    }
    va_start(args, format);
    g_string_append_vprintf(why, format, args);
    va_end(args);
}

/* Hits of rule @id, or of all; -1 where there is no such rule. */
static gint64 count_hits(JsonObject *record, const char *id)
{
    JsonObject *device = json_util_object(record, "device");
    JsonArray *rules = json_util_array(device, "rules");
    gint64 hits = id ? -1 : 0;

    if (!id) {
        json_util_int(device, "hits", &hits);
    }
    for (guint i = 0; id && rules && i < json_array_get_length(rules); i++) {
        JsonObject *rule = json_util_element_object(rules, i);

        if (g_strcmp0(json_util_string(rule, "id"), id) == 0) {
            json_util_int(rule, "hits", &hits);
        }
    }
    return hits;
}

static void judge_hits(const HitsExpected *expected, JsonObject *record,
                       GString *why)
{
    gint64 got = count_hits(record, expected->id);

    if (got < 0) {
        add_clause(why, "there is no rule '%s'", expected->id);
    } else if (got != expected->hits) {
        add_clause(why, "%s%s%s: got %" G_GINT64_FORMAT " hits, expected %"
                   G_GINT64_FORMAT, expected->id ? "rule '" : "all rules",
                   expected->id ? expected->id : "",
                   expected->id ? "'" : "", got, expected->hits);
    }
}

/* A system call of the program failed with that. */
static void judge_errno(const char *name, JsonObject *record, GString *why)
{
    JsonObject *observed = json_util_object(
        json_util_object(record, "result"), "observed");
    JsonArray *calls = json_util_array(observed, "syscalls");
    guint count = calls ? json_array_get_length(calls) : 0;

    for (guint i = 0; i < count; i++) {
        if (g_strcmp0(json_util_string(json_util_element_object(calls, i),
                                       "errno"), name) == 0) {
            return;
        }
    }
    add_clause(why, "no system call of the program failed with %s%s", name,
               json_util_bool(observed, "syscalls_lost", true) ?
               " among those that the kernel's trace has, which is not "
               "whole" : "");
}

static void set_expected(const SessionOptions *o, JsonObject *record)
{
    JsonObject *expected = json_object_new();
    JsonObject *result = json_object_new();
    JsonObject *hits = json_object_new();

    for (guint i = 0; i < o->expect_hits->len; i++) {
        const HitsExpected *e = &g_array_index(o->expect_hits, HitsExpected,
                                               i);

        json_object_set_int_member(hits, e->id ? e->id : "", e->hits);
    }
    if (o->expect_errno) {
        json_object_set_string_member(result, "errno", o->expect_errno);
    }
    if (o->expect_status >= 0) {
        json_object_set_int_member(result, "value", o->expect_status);
    }
    json_object_set_object_member(expected, "hits", hits);
    json_object_set_object_member(expected, "result", result);
    json_object_set_object_member(record, "expected", expected);
}

static Verdict compare(const SessionOptions *o, JsonObject *record,
                       gint64 status, GString *why)
{
    for (guint i = 0; i < o->expect_hits->len; i++) {
        judge_hits(&g_array_index(o->expect_hits, HitsExpected, i), record,
                   why);
    }
    if (o->expect_errno) {
        judge_errno(o->expect_errno, record, why);
    }
    if (o->expect_status >= 0 && status != o->expect_status) {
        add_clause(why, "exit status: got %" G_GINT64_FORMAT ", expected %d",
                   status, o->expect_status);
    }
    return why->len ? VERDICT_FAIL : VERDICT_PASS;
}

int outcome_judge(const SessionOptions *o, JsonArray *rules,
                  JsonObject *record)
{
    bool expects = o->expect_errno || o->expect_hits->len ||
                   o->expect_status >= 0;
    JsonObject *result = json_util_object(record, "result");
    bool late = json_util_bool(json_util_object(result, "observed"),
                               "timeout", false);
    g_autoptr(GString) why = g_string_new(NULL);
    Verdict verdict = VERDICT_SKIP;
    gint64 status = SESSION_TROUBLE;

    json_util_int(result, "value", &status);
    set_stimulus(o, rules, record);
    if (expects) {
        set_expected(o, record);
        verdict = compare(o, record, status, why);
        status = verdict == VERDICT_PASS ? 0 : SESSION_UNMET;
    } else if (!late) {
        g_string_assign(why, JUDGE_OBSERVED);
    }
    if (late) {
        add_clause(why, "the program ran longer than %d s", o->timeout);
        verdict = VERDICT_TIMEOUT;
        status = SESSION_TIMEOUT;
    }
    json_object_set_string_member(record, "verdict", verdict_name(verdict));
    json_object_set_string_member(record, "reason", why->str);
    return status;
}

/* "read() = ENODATA, 3 times", but for what every program meets when it is
 * loaded. */
static void print_calls(JsonArray *calls)
{
    for (guint i = 0; calls && i < json_array_get_length(calls); i++) {
        JsonObject *call = json_util_element_object(calls, i);
        const char *name = json_util_string(call, "errno");
        gint64 times = 1;

        if (g_strcmp0(name, "ENOENT") == 0 ||
            g_strcmp0(name, "EAGAIN") == 0) {
            continue;
        }
        json_util_int(call, "times", &times);
        fprintf(stderr, "  program  %s() = %s, %" G_GINT64_FORMAT " time%s\n",
                json_util_string(call, "name"), name, times,
                times == 1 ? "" : "s");
    }
}

static void print_rules(JsonArray *rules)
{
    for (guint i = 0; rules && i < json_array_get_length(rules); i++) {
        JsonObject *rule = json_util_element_object(rules, i);
        gint64 matches = 0;
        gint64 hits = 0;

        json_util_int(rule, "matches", &matches);
        json_util_int(rule, "hits", &hits);
        fprintf(stderr, "  rule     %s: %" G_GINT64_FORMAT " matches, %"
                G_GINT64_FORMAT " hits\n", json_util_string(rule, "id"),
                matches, hits);
    }
}

void outcome_summary(JsonObject *record, const char *dir)
{
    JsonObject *result = json_util_object(record, "result");
    JsonObject *block = json_util_object(record, "block");
    const char *name = json_util_string(block, "errno");
    const char *signal_name = json_util_string(result, "signal");
    gint64 status = -1;

    json_util_int(result, "value", &status);
    fprintf(stderr, "%s\n", json_util_string(record, "case"));
    print_rules(json_util_array(json_util_object(record, "device"), "rules"));
    if (name) {
        fprintf(stderr, "  block    %s -> %s\n",
                json_util_string(block, "status"), name);
    }
    print_calls(json_util_array(json_util_object(result, "observed"),
                                "syscalls"));
    if (signal_name) {
        fprintf(stderr, "  ended    by %s\n", signal_name);
    } else if (status >= 0) {
        fprintf(stderr, "  ended    with status %" G_GINT64_FORMAT "\n",
                status);
    }
    fprintf(stderr, "  verdict  %s%s%s\n  results  %s\n",
            json_util_string(record, "verdict"),
            json_util_string(record, "reason")[0] ? ": " : "",
            json_util_string(record, "reason"), dir);
}
