/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeping and showing records; see report.h.
 */
#include "report.h"

#include "fields.h"
#include "json-util.h"
#include "progress.h"
#include "render-ktap.h"
#include "render.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

/* Of cases chosen by a filter, so many are shown layer by layer, ... */
#define CHAIN_CASES 10
/* ... and so many by one line for each way through the layers. */
#define BRIEF_CASES 400
/* So many failures are printed with their reasons. */
#define SHOWN_FAILURES 50

struct Report {
    char *dir;
    guint total;
    bool tap;
    bool json;
    Ktap *ktap;             /* or NULL */
    Shard shard;
    bool chosen;
    FILE *jsonl;
    GPtrArray *records;
    guint counts[VERDICT_COUNT];
    guint observed;         /* skips that stand for an observation */
    char *aborted;
    Progress *progress;
    GTimer *timer;
};

/* Only a shard may have no case. */
static void begin(Report *report)
{
    g_autofree char *empty = g_strdup_printf(
        "shard %u/%u has none of the cases", report->shard.index,
        report->shard.count);

    if (report->tap && report->total > 0) {
        tap_plan(stdout, report->total);
    } else if (report->tap) {
        tap_skip_all(stdout, empty);
    } else if (report->total == 0) {
        report_note(report, empty);
    }
}

Report *report_new(const ReportConfig *config, GError **error)
{
    g_autofree char *path = g_build_filename(config->dir, "results.jsonl",
                                             NULL);
    FILE *file = fopen(path, "we");
    Report *report;

    if (!file) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                    "cannot create %s: %s", path, g_strerror(errno));
        return NULL;
    }
    report = g_new0(Report, 1);
    report->dir = g_strdup(config->dir);
    report->total = config->total;
    report->tap = config->tap;
    report->json = config->json;
    report->shard = config->shard;
    report->chosen = config->chosen;
    report->jsonl = file;
    report->records = g_ptr_array_new_with_free_func(
        (GDestroyNotify)json_object_unref);
    report->progress = progress_new(config->total);
    report->timer = g_timer_new();
    if (config->ktap) {
        report->ktap = ktap_new(stdout, config->ktap);
    }
    begin(report);
    return report;
}

void report_free(Report *report)
{
    if (!report) {
        return;
    }
    if (report->jsonl) {
        fclose(report->jsonl);
    }
    g_free(report->dir);
    g_ptr_array_unref(report->records);
    g_free(report->aborted);
    ktap_free(report->ktap);
    progress_free(report->progress);
    g_timer_destroy(report->timer);
    g_free(report);
}

static guint bad_cases(const Report *report)
{
    return report->counts[VERDICT_FAIL] + report->counts[VERDICT_ERROR] +
           report->counts[VERDICT_TIMEOUT];
}

static bool write_line(Report *report, JsonObject *record, GError **error)
{
    g_autofree char *text = json_util_object_text(record);

    if (fprintf(report->jsonl, "%s\n", text) < 0 ||
        fflush(report->jsonl) != 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                    "cannot write %s/results.jsonl: %s", report->dir,
                    g_strerror(errno));
        return false;
    }
    return true;
}

bool report_add(Report *report, JsonObject *record, Verdict verdict,
                GError **error)
{
    const char *name = json_util_string(record, "case");
    const char *reason = json_util_string(record, "reason");

    g_ptr_array_add(report->records, record);
    report->counts[verdict]++;
    report->observed += verdict == VERDICT_SKIP &&
                        g_str_equal(reason, JUDGE_OBSERVED);
    if (!write_line(report, record, error)) {
        return false;
    }
    if (report->tap) {
        tap_case(stdout, report->records->len, name, verdict, reason);
    } else if (report->ktap) {
        ktap_case(report->ktap, json_util_string(record, "suite"), name,
                  verdict, reason);
    } else {
        progress_case(report->progress, report->records->len,
                      bad_cases(report), name);
    }
    return true;
}

void report_note(Report *report, const char *text)
{
    if (report->tap) {
        tap_comment(stdout, text);
    } else if (report->ktap) {
        ktap_note(report->ktap, text);
    } else {
        progress_note(report->progress, "%s", text);
    }
}

void report_abort(Report *report, const char *reason)
{
    if (!report->aborted) {
        report->aborted = g_strdup(reason);
    }
}

bool report_is_aborted(const Report *report)
{
    return report->aborted;
}

guint report_added(const Report *report)
{
    return report->records->len;
}

static void show_failures(const Report *report)
{
    guint shown = 0;

    for (guint i = 0; i < report->records->len; i++) {
        Fields fields;

        fields_read(&fields, g_ptr_array_index(report->records, i));
        if (!g_str_equal(fields.verdict, "pass") &&
            !g_str_equal(fields.verdict, "skip") &&
            shown++ < SHOWN_FAILURES) {
            printf("\n%s %s\n  %s\n  %s\n", fields.verdict, fields.name,
                   fields.reason, fields.repro);
        }
        fields_clear(&fields);
    }
    if (shown > SHOWN_FAILURES) {
        printf("\n... and %u more\n", shown - SHOWN_FAILURES);
    }
}

/* The first case that did not pass, else the first. */
static JsonObject *best_example(const Report *report)
{
    for (guint i = 0; i < report->records->len; i++) {
        JsonObject *record = g_ptr_array_index(report->records, i);
        const char *verdict = json_util_string(record, "verdict");

        if (!g_str_equal(verdict, "pass") && !g_str_equal(verdict, "skip")) {
            return record;
        }
    }
    return g_ptr_array_index(report->records, 0);
}

/* Many cases: one of them in full, then all in brief. */
static void show_ways(const Report *report)
{
    guint count = report->records->len;
    g_autoptr(GPtrArray) first = g_ptr_array_new();

    if (!report->chosen || count == 0 || count > BRIEF_CASES) {
        return;
    }
    if (count <= CHAIN_CASES) {
        render_chains(report->records, stdout);
        return;
    }
    g_ptr_array_add(first, best_example(report));
    render_chains(first, stdout);
    render_brief(report->records, stdout);
}

static char *totals_text(const Report *report)
{
    GString *text = g_string_new(NULL);
    guint missing = report->total - report->records->len;

    g_string_printf(text, "%u passed, %u failed, %u skipped, %u errors, "
                    "%u timed out", report->counts[VERDICT_PASS],
                    report->counts[VERDICT_FAIL],
                    report->counts[VERDICT_SKIP] - report->observed,
                    report->counts[VERDICT_ERROR],
                    report->counts[VERDICT_TIMEOUT]);
    if (report->observed) {
        g_string_append_printf(text, ", %u observed", report->observed);
    }
    if (missing) {
        g_string_append_printf(text, ", %u not run", missing);
    }
    g_string_append_printf(text, " of %u in %.1f s", report->total,
                           g_timer_elapsed(report->timer, NULL));
    return g_string_free(text, FALSE);
}

/* Why the run is no pass although no case failed, or NULL. */
static const char *hollow(const Report *report)
{
    if (report->records->len < report->total) {
        return "not all cases were run";
    }
    if (report->counts[VERDICT_PASS] + report->observed == 0 &&
        !report->shard.count) {
        return "no case passed: a run of nothing but skips is not a pass";
    }
    return NULL;
}

static void finish_artefacts(Report *report)
{
    g_autofree char *path = g_build_filename(report->dir, "junit.xml", NULL);
    g_autoptr(GError) error = NULL;
    int closed = fclose(report->jsonl);

    report->jsonl = NULL;
    if (closed != 0) {
        g_autofree char *why =
            g_strdup_printf("cannot write %s/results.jsonl: %s", report->dir,
                            g_strerror(errno));

        report_abort(report, why);
    }
    if (!render_junit(report->records, report->aborted ? report->aborted :
                      hollow(report), path, &error)) {
        report_abort(report, error->message);
    }
}

static int finish_tap(const Report *report)
{
    g_autofree char *totals = totals_text(report);
    g_autofree char *where = g_strdup_printf("results: %s", report->dir);
    const char *why = hollow(report);

    tap_comment(stdout, totals);
    tap_comment(stdout, where);
    if (report->aborted) {
        tap_bail_out(stdout, report->aborted);
        return 1;
    }
    if (why) {
        tap_bail_out(stdout, why);
        return 1;
    }
    return 0;
}

/* The exit status is that of the text: readers of KTAP look at both. */
static int finish_ktap(const Report *report)
{
    g_autofree char *totals = totals_text(report);
    g_autofree char *where = g_strdup_printf("results: %s", report->dir);
    const char *why = report->aborted ? report->aborted :
                      bad_cases(report) ? NULL : hollow(report);

    ktap_finish(report->ktap, report->aborted);
    ktap_note(report->ktap, totals);
    ktap_note(report->ktap, where);
    if (why) {
        fprintf(stderr, "nvme-fi: %s\n", why);
    }
    return bad_cases(report) || why;
}

static void show_text(const Report *report)
{
    g_autofree char *totals = totals_text(report);

    show_ways(report);
    if (report->records->len > 0) {
        render_table(report->records, stdout);
    }
    show_failures(report);
    printf("\n%s\n", totals);
    printf("results: %s\n", report->dir);
}

/* The table and what is below it; the records are in results.jsonl. */
static void show_json(const Report *report)
{
    g_autoptr(JsonObject) object = json_object_new();
    g_autofree char *text = NULL;

    json_object_set_array_member(object, "rows",
                                 render_rows_json(report->records));
    for (Verdict v = 0; v < VERDICT_COUNT; v++) {
        json_object_set_int_member(object, verdict_name(v),
                                   report->counts[v]);
    }
    json_object_set_int_member(object, "observed", report->observed);
    json_object_set_int_member(object, "cases", report->total);
    json_object_set_string_member(object, "results", report->dir);
    text = json_util_object_text(object);
    puts(text);
}

static int finish_text(Report *report)
{
    const char *why = bad_cases(report) ? NULL : hollow(report);

    progress_end(report->progress);
    if (report->json) {
        show_json(report);
    } else {
        show_text(report);
    }
    fflush(stdout);
    if (report->aborted) {
        fprintf(stderr, "nvme-fi: %s\n", report->aborted);
    } else if (why) {
        fprintf(stderr, "nvme-fi: %s\n", why);
    }
    return bad_cases(report) || report->aborted || why;
}

int report_finish(Report *report)
{
    finish_artefacts(report);
    return report->tap ? finish_tap(report) :
           report->ktap ? finish_ktap(report) : finish_text(report);
}
