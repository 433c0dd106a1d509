/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing text buffer and the JSON that is written into it.
 * Running out of memory ends the program: there is nobody to tell.
 */
#ifndef GUEST_BUF_H
#define GUEST_BUF_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Buf {
    char *data;         /* always terminated once something was added */
    size_t len;         /* without the terminator */
    size_t cap;
} Buf;

void buf_free(Buf *buf);

/* Empties @buf and keeps its memory. */
void buf_clear(Buf *buf);

void buf_add(Buf *buf, const char *text, size_t len);
void buf_puts(Buf *buf, const char *text);
void buf_printf(Buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * buf_json_string:
 * Adds @len bytes of @text as a JSON string with its quotes (RFC 8259 section
 * 7).  A byte that is part of no valid UTF-8 sequence becomes U+FFFD, so that
 * the line is always JSON.  NULL is added as null.
 */
void buf_json_string(Buf *buf, const char *text, size_t len);

/*
 * Members of an object.  Each adds a comma first unless an object or an array
 * has just been opened.  The second adds a string, the third "key": only, for
 * a value that follows.
 */
void buf_json_int(Buf *buf, const char *key, long long value);
void buf_json_str(Buf *buf, const char *key, const char *value);
void buf_json_key(Buf *buf, const char *key);
void buf_json_bool(Buf *buf, const char *key, bool value);

/* The comma between the elements of an array, by the same rule. */
void buf_json_sep(Buf *buf);

#endif
