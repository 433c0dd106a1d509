/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading single members of an answer on the control port. No parser: what
 * answers is the runner, whose JSON has no blanks around ':'.
 */
#ifndef GUEST_JSON_H
#define GUEST_JSON_H

#include <stdbool.h>

#include "buf.h"

/*
 * Each looks for the first member called @key at any depth of @json; false
 * where there is none of that type.  A string is added to @text with its
 * escapes resolved.
 */
bool json_get_string(const char *json, const char *key, Buf *text);
bool json_get_int(const char *json, const char *key, long long *value);
bool json_get_bool(const char *json, const char *key, bool *value);

#endif
