/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking errnos up in the C library's table; see errno-names.h.
 */
#include "errno-names.h"

#include "engine/nearest.h"

#include <glib.h>
#include <string.h>

/* include/uapi/asm-generic/errno.h ends at 133. */
#define LAST_ERRNO 133

bool errno_is_name(const char *name)
{
    for (int i = 1; i <= LAST_ERRNO; i++) {
        const char *known = strerrorname_np(i);

        if (known && g_str_equal(known, name)) {
            return true;
        }
    }
    return false;
}

const char *errno_nearest(const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *lower = g_ascii_strdown(name, -1);
    const char *found = NULL;
    FiNearest nearest;

    fi_nearest_init(&nearest, lower);
    for (int i = 1; i <= LAST_ERRNO; i++) {
        const char *known = strerrorname_np(i);

        if (known) {
            g_ptr_array_add(names, g_ascii_strdown(known, -1));
            fi_nearest_offer(&nearest,
                             g_ptr_array_index(names, names->len - 1));
        }
    }
    for (int i = 1; nearest.name && !found && i <= LAST_ERRNO; i++) {
        const char *known = strerrorname_np(i);

        if (known && g_ascii_strcasecmp(known, nearest.name) == 0) {
            found = known;
        }
    }
    fi_nearest_done(&nearest);
    return found;
}
