/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's command line, which carries the suite's arguments to init.
 */
#ifndef NVME_FI_RUNNER_KERNEL_LINE_H
#define NVME_FI_RUNNER_KERNEL_LINE_H

#include "plan.h"

/*
 * For a boot that runs what has no record in @plan; the caller frees it.
 * @filters are those that @plan was made with, NULL-terminated, or NULL.
 * Returns NULL and sets @error when it is too long for the kernel.
 */
char *kernel_line(const Plan *plan, const char *const *filters,
                  GError **error);

#endif
