/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Marks around cases; see markers.h.
 */
#include "markers.h"

#include <string.h>

static bool take_ordinal(const char *text, guint *ordinal)
{
    char *end;
    guint64 value = g_ascii_strtoull(text, &end, 10);

    if (end == text || value >= MARKER_NO_CASE) {
        return false;
    }
    *ordinal = value;
    return true;
}

MarkerKind marker_take(MarkerState *state, const char *text, guint *ordinal)
{
    static const char begin[] = "nvme-fi begin ";
    static const char end[] = "nvme-fi end ";

    if (g_str_has_prefix(text, begin) &&
        take_ordinal(text + strlen(begin), ordinal)) {
        state->current = *ordinal;
        return MARKER_BEGIN;
    }
    if (g_str_has_prefix(text, end) &&
        take_ordinal(text + strlen(end), ordinal)) {
        state->current = MARKER_NO_CASE;
        return MARKER_END;
    }
    return MARKER_NONE;
}
