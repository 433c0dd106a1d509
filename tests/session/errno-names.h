/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names of errnos.
 */
#ifndef NVME_FI_SESSION_ERRNO_NAMES_H
#define NVME_FI_SESSION_ERRNO_NAMES_H

#include <stdbool.h>

bool errno_is_name(const char *name);

/* The name most like @name, or NULL; static. */
const char *errno_nearest(const char *name);

#endif
