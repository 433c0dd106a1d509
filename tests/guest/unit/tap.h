/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TAP for the tests of the guest's library, which has no GLib.
 */
#ifndef GUEST_TAP_H
#define GUEST_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static int tap_number, tap_failed;

static inline void tap_plan(int tests)
{
    printf("1..%d\n", tests);
}

__attribute__((format(printf, 2, 3)))
static inline void tap_ok(bool ok, const char *fmt, ...)
{
    va_list ap;

    printf("%sok %d - ", ok ? "" : "not ", ++tap_number);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    tap_failed += !ok;
}

#endif
