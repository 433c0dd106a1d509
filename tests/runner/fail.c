/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors with a formatted sentence; see fail.h.
 */
#include "fail.h"

#include <gio/gio.h>

bool fail(GError **error, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, text);
    return false;
}
