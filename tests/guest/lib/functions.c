/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls of kernel functions: names, counting and expectations. The trace
 * instance is in functions_trace.c.
 */
#include "functions.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int functions_init(Functions *functions, const char *list)
{
    *functions = (Functions){ 0 };
    while (list && *(list += strspn(list, " "))) {
        size_t len = strcspn(list, " ");

        if (functions->count == FUNCTIONS_MAX) {
            fprintf(stderr, "more than %d functions to trace\n",
                    FUNCTIONS_MAX);
            return -1;
        }
        functions->names[functions->count++] = strndup(list, len);
        list += len;
    }
    return 0;
}

void functions_done(Functions *functions)
{
    size_t i;

    for (i = 0; i < functions->count; i++) {
        free(functions->names[i]);
    }
    buf_free(&functions->modules);
    *functions = (Functions){ 0 };
}

int functions_find(const Functions *functions, const char *name, size_t len)
{
    size_t i;

    for (i = 0; i < functions->count; i++) {
        if (strlen(functions->names[i]) == len &&
            !memcmp(functions->names[i], name, len)) {
            return i;
        }
    }
    return -1;
}

/* True where @suffix[0..len) has ".isra.N" and ".constprop.N" only. */
static bool is_whole(const char *suffix, size_t len)
{
    static const char *const kinds[] = { ".isra.", ".constprop." };
    size_t i, n = 0;

    while (len) {
        for (i = 0; i < 2; i++) {
            n = strlen(kinds[i]);
            if (len > n && !memcmp(suffix, kinds[i], n)) {
                break;
            }
        }
        if (i == 2 || !isdigit((unsigned char)suffix[n])) {
            return false;
        }
        while (n < len && isdigit((unsigned char)suffix[n])) {
            n++;
        }
        suffix += n;
        len -= n;
    }
    return true;
}

int functions_match(const Functions *functions, const char *name, size_t len)
{
    const char *dot = memchr(name, '.', len);
    size_t stem = dot ? (size_t)(dot - name) : len;

    return is_whole(name + stem, len - stem) ?
           functions_find(functions, name, stem) : -1;
}

/*
 * A line ends in "FLAGS TIME: FUNCTION <-CALLER", with " [MODULE]" after each
 * symbol of a module where the kernel says so.
 */
static int match_line(const Functions *functions, const char *line,
                      const char *eol)
{
    const char *arrow = NULL, *name = NULL, *p;

    for (p = line; p + 2 < eol; p++) {
        if (!memcmp(p, " <-", 3)) {
            arrow = p;
        }
    }
    for (p = line; arrow && p + 1 < arrow; p++) {
        if (!memcmp(p, ": ", 2)) {
            name = p + 2;
        }
    }
    if (*line == '#' || !name) {
        return -1;
    }
    name += strspn(name, " ");
    return functions_match(functions, name, strcspn(name, " "));
}

void functions_count(const Functions *functions, const char *text,
                     FunctionCounts *counts)
{
    while (*text) {
        const char *eol = strchrnul(text, '\n');
        int i = match_line(functions, text, eol);

        if (i >= 0 && counts->n[i] >= 0) {
            counts->n[i]++;
        }
        text = *eol ? eol + 1 : eol;
    }
}

long functions_lost(const char *text)
{
    static const char *const keys[] = {
        "overrun: ", "commit overrun: ", "dropped events: ",
    };
    long lost = 0;
    size_t i, found = 0;

    while (*text) {
        for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
            if (!strncmp(text, keys[i], strlen(keys[i]))) {
                lost += strtol(text + strlen(keys[i]), NULL, 10);
                found++;
            }
        }
        text = strchrnul(text, '\n');
        text += *text == '\n';
    }
    return found == sizeof(keys) / sizeof(keys[0]) ? lost : -1;
}

void functions_write(const Functions *functions, const FunctionCounts *counts,
                     Buf *record)
{
    size_t i;

    buf_json_key(record, "functions");
    buf_puts(record, "{");
    for (i = 0; i < functions->count; i++) {
        if (counts->n[i] != FUNCTIONS_UNTRACED) {
            buf_json_int(record, functions->names[i], counts->n[i]);
        }
    }
    buf_puts(record, "}");
}

/* One word of a specification. */
static bool expect_word(const Functions *functions,
                        const FunctionCounts *counts, const char *word,
                        size_t len, Buf *expected)
{
    size_t name = strcspn(word, "=<> ");
    const char *bound = word[name] == '>' ? "min" :
                        word[name] == '<' ? "max" : NULL;
    size_t number = name + (bound ? 2 : 1);
    int i = functions_find(functions, word, name);
    char *end = NULL;
    long n;

    if (i < 0 || number >= len || word[number - 1] != '=' ||
        !isdigit((unsigned char)word[number])) {
        return false;
    }
    n = strtol(word + number, &end, 10);
    if (end != word + len) {
        return false;
    }
    if (counts->n[i] == FUNCTIONS_UNTRACED) {
        return true;
    }
    if (bound) {
        buf_json_key(expected, functions->names[i]);
        buf_printf(expected, "{\"%s\":%ld}", bound, n);
    } else {
        buf_json_int(expected, functions->names[i], n);
    }
    return true;
}

const char *functions_expect(const Functions *functions,
                             const FunctionCounts *counts, const char *spec,
                             Buf *expected)
{
    static char reason[200];

    buf_json_key(expected, "functions");
    buf_puts(expected, "{");
    while (*(spec += strspn(spec, " "))) {
        size_t len = strcspn(spec, " ");

        if (!expect_word(functions, counts, spec, len, expected)) {
            snprintf(reason, sizeof(reason), "'%.*s': expected NAME=N, "
                     "NAME>=N or NAME<=N with a name of SuiteClass.functions",
                     (int)len, spec);
            return reason;
        }
        spec += len;
    }
    buf_puts(expected, "}");
    return NULL;
}

bool functions_reached(const Functions *functions,
                       const FunctionCounts *counts, const char *spec)
{
    while (*(spec += strspn(spec, " "))) {
        size_t len = strcspn(spec, " "), name = strcspn(spec, ">");
        int i = name < len ? functions_find(functions, spec, name) : -1;

        if (i >= 0 && counts->n[i] != FUNCTIONS_UNTRACED &&
            counts->n[i] < strtol(spec + name + 2, NULL, 10)) {
            return false;
        }
        spec += len;
    }
    return true;
}

void functions_save(const Functions *functions, const FunctionCounts *counts,
                    Buf *word)
{
    size_t i;

    if (!functions->count) {
        buf_puts(word, "-");
    }
    for (i = 0; i < functions->count; i++) {
        buf_printf(word, "%s%ld", i ? "," : "", counts->n[i]);
    }
}

void functions_restore(Functions *functions, const char *word)
{
    size_t i;
    char *end;

    for (i = 0; i < functions->count; i++) {
        long n = strtol(word, &end, 10);

        functions->before.n[i] = end != word && n > 0 ? n : 0;
        word = *end ? end + 1 : end;
    }
}
