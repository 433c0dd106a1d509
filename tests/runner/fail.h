/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of a function that found something wrong.
 */
#ifndef NVME_FI_RUNNER_FAIL_H
#define NVME_FI_RUNNER_FAIL_H

#include <glib.h>
#include <stdbool.h>

/*
 * Sets @error to one sentence, as G_IO_ERROR_INVALID_DATA; returns false, so
 * that it can be what the caller returns.
 */
bool fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
