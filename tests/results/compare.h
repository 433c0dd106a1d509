/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs side by side: which cases were observed to differ, and at which layer
 * they part first. What counts as an observation: see observe.h.
 */
#ifndef NVME_FI_RESULTS_COMPARE_H
#define NVME_FI_RESULTS_COMPARE_H

#include "load.h"

/*
 * Compares two or more @results (of Results *, borrowed). New reference:
 *
 * { "runs": [ { "name":     as the user named it,
 *               "kernel":   release, or null
 *               "qemu":     version, or null
 *               "cases":    number of records,
 *               "verdicts": { "pass": N, "fail": N, "skip": N, "error": N,
 *                             "timeout": N, "observed": N } } ],
 *   "same":      number of cases that all runs have and that do not differ,
 *   "differing": [ PARTED ],      cases that all runs have
 *   "only":      [ PARTED ] }     cases that some runs have
 *
 * PARTED: { "case":     name,
 *           "suite":    name, or null
 *           "layer":    the first that differs: "presence", "wire", "driver",
 *                       "block", "log" or "result",
 *           "layers":   all that differ, in this order,
 *           "values":   [ of "layer" in each run; null for none ],
 *           "verdicts": [ of each run; null for none ] }
 *
 * "observed" counts records of a kernel that was not judged; they are no
 * skips here.  Arrays by run are in the order of @results; the cases of
 * "differing" and "only" in that of the first run that has them. Layers other
 * than "presence" differ between the runs in which the case ran.
 */
JsonObject *compare_results(GPtrArray *results);

#endif
