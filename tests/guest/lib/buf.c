/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing text buffer and the JSON that is written into it.
 */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_free(Buf *buf)
{
    free(buf->data);
    *buf = (Buf){ 0 };
}

void buf_clear(Buf *buf)
{
    buf->len = 0;
    if (buf->data) {
        buf->data[0] = '\0';
    }
}

static void buf_reserve(Buf *buf, size_t more)
{
    size_t need = buf->len + more + 1;
    size_t cap = buf->cap ? buf->cap : 256;

    while (cap < need) {
        cap *= 2;
    }
    if (cap != buf->cap) {
        buf->data = realloc(buf->data, cap);
        if (!buf->data) {
            fputs("out of memory\n", stderr);
            exit(1);
        }
        buf->cap = cap;
    }
}

void buf_add(Buf *buf, const char *text, size_t len)
{
    buf_reserve(buf, len);
    memcpy(buf->data + buf->len, text, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void buf_puts(Buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_printf(Buf *buf, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0) {
        return;
    }
    buf_reserve(buf, n);
    va_start(ap, fmt);
    vsnprintf(buf->data + buf->len, n + 1, fmt, ap);
    va_end(ap);
    buf->len += n;
}

/* Length of the UTF-8 sequence at @s, or 0 if there is none (RFC 3629). */
static size_t utf8_length(const unsigned char *s, size_t left)
{
    size_t n, i;

    if (s[0] < 0x80) {
        return 1;
    }
    n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || n > left) {
        return 0;
    }
    for (i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)) {
        return 0;
    }
    return n;
}

static void add_escaped(Buf *buf, unsigned char c)
{
    if (c == '"' || c == '\\') {
        buf_printf(buf, "\\%c", c);
    } else if (c == '\n') {
        buf_puts(buf, "\\n");
    } else if (c == '\t') {
        buf_puts(buf, "\\t");
    } else {
        buf_printf(buf, "\\u%04x", c);
    }
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

void buf_json_string(Buf *buf, const char *text, size_t len)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t i = 0, n;

    if (!text) {
        buf_puts(buf, "null");
        return;
    }
    buf_puts(buf, "\"");
    while (i < len) {
        for (n = 0; i + n < len && is_plain(s[i + n]); n++) {
        }
        if (n) {
            buf_add(buf, text + i, n);
            i += n;
            continue;
        }
        n = utf8_length(s + i, len - i);
        if (n > 1) {
            buf_add(buf, text + i, n);
        } else if (n == 1) {
            add_escaped(buf, s[i]);
        } else {
            buf_puts(buf, "\\ufffd");
        }
        i += n ? n : 1;
    }
    buf_puts(buf, "\"");
}

void buf_json_sep(Buf *buf)
{
    if (buf->len && !strchr("{[:", buf->data[buf->len - 1])) {
        buf_puts(buf, ",");
    }
}

void buf_json_key(Buf *buf, const char *key)
{
    buf_json_sep(buf);
    buf_json_string(buf, key, strlen(key));
    buf_puts(buf, ":");
}

void buf_json_int(Buf *buf, const char *key, long long value)
{
    buf_json_key(buf, key);
    buf_printf(buf, "%lld", value);
}

void buf_json_str(Buf *buf, const char *key, const char *value)
{
    buf_json_key(buf, key);
    buf_json_string(buf, value, value ? strlen(value) : 0);
}

void buf_json_bool(Buf *buf, const char *key, bool value)
{
    buf_json_key(buf, key);
    buf_puts(buf, value ? "true" : "false");
}
