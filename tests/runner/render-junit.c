/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JUnit XML; see render.h.
 */
#include "render.h"

#include "json-util.h"

#include <string.h>

/* XML 1.0 has no way to write other control characters. */
static char *xml_text(const char *text)
{
    char *copy = g_strdup(text ? text : "");

    for (char *c = copy; *c; c++) {
        if (g_ascii_iscntrl(*c) && !strchr("\t\n", *c)) {
            *c = ' ';
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

    if (g_str_equal(verdict, "skip")) {
        add_text(xml, "<skipped message=\"%s\"/>", reason);
        return;
    }
    g_string_append(xml, g_str_equal(verdict, "fail") ? "<failure" :
                    "<error");
    add_text(xml, " type=\"%s\"", verdict);
    add_text(xml, " message=\"%s\">", reason);
    add_text(xml, "%s\n", json_util_string(record, "repro"));
    if (tail) {
        add_text(xml, "%s", tail);
    }
    g_string_append(xml, g_str_equal(verdict, "fail") ? "</failure>" :
                    "</error>");
}

static void add_case(GString *xml, JsonObject *record)
{
    gint64 elapsed = 0;
    char seconds[G_ASCII_DTOSTR_BUF_SIZE];

    json_util_int(record, "elapsed_ns", &elapsed);
    g_ascii_formatd(seconds, sizeof(seconds), "%.6f", elapsed / 1e9);
    add_text(xml, "  <testcase classname=\"%s\"",
             json_util_string(record, "suite"));
    add_text(xml, " name=\"%s\"", json_util_string(record, "case"));
    add_text(xml, " time=\"%s\">", seconds);
    if (!g_str_equal(json_util_string(record, "verdict"), "pass")) {
        add_outcome(xml, record);
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

bool render_junit(GPtrArray *records, const char *path, GError **error)
{
    g_autoptr(GString) xml = g_string_new(NULL);

    g_string_append_printf(
        xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
        " <testsuite name=\"nvme-fi\" tests=\"%u\" failures=\"%u\" "
        "errors=\"%u\" skipped=\"%u\">\n", records->len,
        count(records, "fail"),
        count(records, "error") + count(records, "timeout"),
        count(records, "skip"));
    for (guint i = 0; i < records->len; i++) {
        add_case(xml, g_ptr_array_index(records, i));
    }
    g_string_append(xml, " </testsuite>\n</testsuites>\n");
    return g_file_set_contents(path, xml->str, xml->len, error);
}
