/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test holds the JSON writer to RFC 8259: what is escaped, what is
 * replaced, where commas go.
 */
#include <string.h>

#include "lib/buf.h"
#include "tap.h"

static const struct {
    const char *what, *text;
    size_t len;
    const char *json;
} strings[] = {
    { "plain text stays", "abc", 3, "\"abc\"" },
    { "the empty string", "", 0, "\"\"" },
    { "quote and backslash", "a\"b\\c", 5, "\"a\\\"b\\\\c\"" },
    { "newline and tab", "a\nb\tc", 5, "\"a\\nb\\tc\"" },
    { "other control characters", "\x01\x1f\x7f", 3,
      "\"\\u0001\\u001f\\u007f\"" },
    { "a zero byte in the middle", "a\0b", 3, "\"a\\u0000b\"" },
    { "UTF-8 of 2, 3 and 4 bytes", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9,
      "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
    { "a lone continuation byte", "a\x80z", 3, "\"a\\ufffdz\"" },
    { "a sequence cut short by the end", "a\xe2\x82", 3,
      "\"a\\ufffd\\ufffd\"" },
    { "an overlong slash", "\xc0\xaf", 2, "\"\\ufffd\\ufffd\"" },
    { "a surrogate", "\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\"" },
    { "beyond U+10FFFF", "\xf4\x90\x80\x80", 4,
      "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },
};

static void test_members(void)
{
    Buf buf = { 0 };

    buf_puts(&buf, "{");
    buf_json_int(&buf, "value", -1);
    buf_json_str(&buf, "errno", NULL);
    buf_json_bool(&buf, "dnr", true);
    buf_json_key(&buf, "list");
    buf_puts(&buf, "[");
    buf_json_sep(&buf);
    buf_json_string(&buf, "x", 1);
    buf_json_sep(&buf);
    buf_json_string(&buf, "y", 1);
    buf_puts(&buf, "]}");
    tap_ok(!strcmp(buf.data, "{\"value\":-1,\"errno\":null,\"dnr\":true,"
                   "\"list\":[\"x\",\"y\"]}"),
           "commas only between members and elements: %s", buf.data);
    buf_free(&buf);
}

/* A comma is due after a string that ends in a bracket. */
static void test_bracket(void)
{
    Buf buf = { 0 };

    buf_puts(&buf, "[");
    buf_json_sep(&buf);
    buf_json_string(&buf, "[", 1);
    buf_json_sep(&buf);
    buf_json_string(&buf, "z", 1);
    buf_puts(&buf, "]");
    tap_ok(!strcmp(buf.data, "[\"[\",\"z\"]"), "a comma after \"[\": %s",
           buf.data);
    buf_free(&buf);
}

static void test_grow(void)
{
    Buf buf = { 0 };
    int i;

    for (i = 0; i < 10000; i++) {
        buf_printf(&buf, "%d,", i % 10);
    }
    tap_ok(buf.len == 20000 && strlen(buf.data) == 20000 &&
           !memcmp(buf.data + 19996, "8,9,", 4), "a long text is kept");
    buf_clear(&buf);
    tap_ok(buf.len == 0 && !buf.data[0], "clear empties");
    buf_free(&buf);
}

int main(void)
{
    size_t n = sizeof(strings) / sizeof(strings[0]), i;
    Buf buf = { 0 };

    tap_plan(n + 5);
    for (i = 0; i < n; i++) {
        buf_clear(&buf);
        buf_json_string(&buf, strings[i].text, strings[i].len);
        tap_ok(!strcmp(buf.data, strings[i].json), "%s", strings[i].what);
    }
    buf_clear(&buf);
    buf_json_string(&buf, NULL, 0);
    tap_ok(!strcmp(buf.data, "null"), "no text is null");
    buf_free(&buf);
    test_members();
    test_bracket();
    test_grow();
    return 0;
}
