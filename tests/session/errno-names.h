/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names of errnos.
 */
#ifndef NVME_FI_SESSION_ERRNO_NAMES_H
#define NVME_FI_SESSION_ERRNO_NAMES_H

#include <stdbool.h>

bool errno_is_name(const char *name);

/* "; did you mean 'NAME'?", or ""; the caller frees it. */
char *errno_near(const char *name);

#endif
