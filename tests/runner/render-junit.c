/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JUnit XML; see render.h.
 */
#include "render.h"

#include "json-util.h"
#include "render-group.h"

#include <string.h>

/*
 * XML 1.0 has no way to write other control characters, nor U+FFFE and U+FFFF
 * (2.2, Characters), which are EF BF BE and EF BF BF in UTF-8.
 */
static char *xml_text(const char *text)
{
    char *copy = g_strdup(text ? text : "");

    for (char *c = copy; *c; c++) {
        if (g_ascii_iscntrl(*c) && !strchr("\t\n", *c)) {
            *c = ' ';
        } else if (g_str_has_prefix(c, "\xef\xbf\xbe") ||
                   g_str_has_prefix(c, "\xef\xbf\xbf")) {
            memset(c, ' ', 3);
        }
    }
    return copy;
}

static void add_text(GString *xml, const char *format, const char *text)
{
    g_autofree char *plain = xml_text(text);
    g_autofree char *escaped = g_markup_escape_text(plain, -1);

    g_string_append_printf(xml, format, escaped);
}

static void add_outcome(GString *xml, JsonObject *record)
{
    const char *verdict = json_util_string(record, "verdict");
    const char *reason = json_util_string(record, "reason");
    const char *tail = json_util_string(record, "console");
    const char *tag = g_str_equal(verdict, "fail") ? "failure" : "error";

    if (g_str_equal(verdict, "skip")) {
        add_text(xml, "<skipped message=\"%s\"/>", reason);
        return;
    }
    g_string_append_printf(xml, "<%s", tag);
    add_text(xml, " type=\"%s\"", verdict);
    add_text(xml, " message=\"%s\">", reason);
    add_text(xml, "%s\n", reason);
    add_text(xml, "%s\n", json_util_string(record, "repro"));
    if (tail) {
        add_text(xml, "%s", tail);
    }
    g_string_append_printf(xml, "</%s>", tag);
}

static double seconds_of(JsonObject *record)
{
    gint64 elapsed = 0;

    json_util_int(record, "elapsed_ns", &elapsed);
    return elapsed / 1e9;
}

static void add_time(GString *xml, double seconds)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_formatd(text, sizeof(text), "%.6f", seconds);
    g_string_append_printf(xml, " time=\"%s\"", text);
}

static void add_case(GString *xml, JsonObject *record)
{
    const char *verdict = json_util_string(record, "verdict");
    g_autofree char *chain = render_chain_text(record);

    add_text(xml, "  <testcase classname=\"%s\"",
             json_util_string(record, "suite"));
    add_text(xml, " name=\"%s\"", json_util_string(record, "case"));
    add_time(xml, seconds_of(record));
    g_string_append(xml, ">");
    if (!g_str_equal(verdict, "pass")) {
        add_outcome(xml, record);
    }
    if (!g_str_equal(verdict, "skip")) {
        add_text(xml, "<system-out>%s</system-out>", chain);
    }
    g_string_append(xml, "</testcase>\n");
}

static guint count(GPtrArray *records, const char *verdict)
{
    guint n = 0;

    for (guint i = 0; i < records->len; i++) {
        n += g_str_equal(json_util_string(g_ptr_array_index(records, i),
                                          "verdict"), verdict);
    }
    return n;
}

/* The numbers of @records and of @more errors, as attributes. */
static void add_counts(GString *xml, GPtrArray *records, guint more)
{
    double seconds = 0;

    for (guint i = 0; i < records->len; i++) {
        seconds += seconds_of(g_ptr_array_index(records, i));
    }
    g_string_append_printf(
        xml, " tests=\"%u\" failures=\"%u\" errors=\"%u\" "
        "skipped=\"%u\"", records->len + more, count(records, "fail"),
        count(records, "error") + count(records, "timeout") + more,
        count(records, "skip"));
    add_time(xml, seconds);
}

static char *suite_name(JsonObject *record)
{
    const char *kernel = json_util_string(record, "kernel");

    return g_strconcat(json_util_string(record, "suite"),
                       kernel ? " on " : NULL, kernel, NULL);
}

static void add_suite(GString *xml, const RenderGroup *group)
{
    add_text(xml, " <testsuite name=\"%s\"", group->text);
    add_counts(xml, group->records, 0);
    g_string_append(xml, ">\n");
    for (guint i = 0; i < group->records->len; i++) {
        add_case(xml, g_ptr_array_index(group->records, i));
    }
    g_string_append(xml, " </testsuite>\n");
}

static void add_broken(GString *xml, const char *broken)
{
    g_string_append(xml, " <testsuite name=\"nvme-fi\" tests=\"1\" "
                    "failures=\"0\" errors=\"1\" skipped=\"0\" "
                    "time=\"0.000000\">\n  <testcase classname=\"nvme-fi\" "
                    "name=\"run\" time=\"0.000000\"><error type=\"run\"");
    add_text(xml, " message=\"%s\"/></testcase>\n </testsuite>\n", broken);
}

bool render_junit(GPtrArray *records, const char *broken, const char *path,
                  GError **error)
{
    g_autoptr(GString) xml = g_string_new(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"nvme-fi\"");
    g_autoptr(GPtrArray) groups = render_group(records, suite_name);

    add_counts(xml, records, broken ? 1 : 0);
    g_string_append(xml, ">\n");
    for (guint i = 0; i < groups->len; i++) {
        add_suite(xml, g_ptr_array_index(groups, i));
    }
    if (broken) {
        add_broken(xml, broken);
    }
    g_string_append(xml, "</testsuites>\n");
    return g_file_set_contents(path, xml->str, xml->len, error);
}
