/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking errnos up in the C library's table; see errno-names.h.
 */
#include "errno-names.h"

#include "usage.h"

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

char *errno_near(const char *name)
{
    const char *names[LAST_ERRNO + 1] = { NULL };
    guint count = 0;

    for (int i = 1; i <= LAST_ERRNO; i++) {
        const char *known = strerrorname_np(i);

        if (known) {
            names[count++] = known;
        }
    }
    return usage_near(name, names);
}
