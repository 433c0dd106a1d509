/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The launcher's name; see launcher-name.h.
 */
#include "launcher-name.h"

#include <glib.h>

const char *launcher_name(void)
{
    const char *name = g_getenv("NVME_FI_SELF");

    return name && *name ? name : "./nvme-fi";
}
