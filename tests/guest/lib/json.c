/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading single members of an answer on the control port.
 */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What comes behind "key":, or NULL. */
static const char *find(const char *json, const char *key)
{
    char quoted[80];
    const char *at;

    snprintf(quoted, sizeof(quoted), "\"%s\":", key);
    at = strstr(json, quoted);
    return at ? at + strlen(quoted) : NULL;
}

/* The character of an escape such as \n, or 0. */
static char plain(char escape)
{
    static const char names[] = "nrtbf\"\\/", values[] = "\n\r\t\b\f\"\\/";
    const char *at = escape ? strchr(names, escape) : NULL;

    return at ? values[at - names] : '\0';
}

/* Only what fits a byte: the guest writes nothing else into its notes. */
static const char *unescape(const char *at, Buf *text)
{
    char hex[5] = "", c;

    if (*at == 'u' && strlen(at) >= 5) {
        memcpy(hex, at + 1, 4);
        c = strtoul(hex, NULL, 16);
        at += 5;
    } else {
        c = plain(*at);
        at += *at != '\0';
    }
    buf_add(text, &c, 1);
    return at;
}

bool json_get_string(const char *json, const char *key, Buf *text)
{
    const char *at = find(json, key);

    if (!at || *at != '"') {
        return false;
    }
    for (at++; *at && *at != '"';) {
        if (*at == '\\') {
            at = unescape(at + 1, text);
        } else {
            buf_add(text, at++, 1);
        }
    }
    return *at == '"';
}

bool json_get_int(const char *json, const char *key, long long *value)
{
    const char *at = find(json, key);
    char *end;
    long long number;

    if (!at) {
        return false;
    }
    number = strtoll(at, &end, 10);
    if (end == at) {
        return false;
    }
    *value = number;
    return true;
}

bool json_get_bool(const char *json, const char *key, bool *value)
{
    const char *at = find(json, key);
    bool yes = at && !strncmp(at, "true", 4);

    if (!yes && !(at && !strncmp(at, "false", 5))) {
        return false;
    }
    *value = yes;
    return true;
}
