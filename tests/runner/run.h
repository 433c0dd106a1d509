/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole run: every suite, over as many boots as it takes.
 */
#ifndef NVME_FI_RUNNER_RUN_H
#define NVME_FI_RUNNER_RUN_H

#include "options.h"

/* Makes the folder for the results: --out, or a new one below results/, to
 * which results/latest then points. The caller frees it. */
char *run_results_dir(const Options *options, GError **error);

/* Lists the cases on stdout. Returns the exit status. */
int run_list(const Options *options);

/* Runs the cases. Returns the exit status. */
int run_all(const Options *options);

#endif
