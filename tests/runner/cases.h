/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plans of all suites that the options choose.
 */
#ifndef NVME_FI_RUNNER_CASES_H
#define NVME_FI_RUNNER_CASES_H

#include "options.h"
#include "plan.h"

/*
 * Returns plans that are not empty, at least one; free with
 * g_ptr_array_unref(). Of a shard there are the same plans, of which some or
 * all may be empty. @release may be NULL. NULL and @error when a suite is
 * unknown or the filters match nothing; then the error names near cases.
 */
GPtrArray *cases_plan(const Options *options, const char *release,
                      GError **error);

#endif
