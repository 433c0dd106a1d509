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
 *           "by-layer": { such values for each of "layers" },
 *           "verdicts": [ of each run; null for none ] }
 *
 * "observed" is the verdict of a record that was not judged; it is no skip
 * here.  Arrays by run are in the order of @results; the cases of
 * "differing" and "only" in that of the first run that has them. Layers other
 * than "presence" differ between the runs in which the case ran.
 */
JsonObject *compare_results(GPtrArray *results);

/*
 * Reduces @comparison to @layer: "differing" and "only" keep the cases that
 * differ there, whether or not they part before, with "layer" and "values" of
 * that layer; the other ones of "differing" count as the same.
 */
void compare_keep_layer(JsonObject *comparison, const char *layer);

#endif
