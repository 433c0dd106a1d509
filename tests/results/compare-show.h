/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A comparison as text.
 */
#ifndef NVME_FI_RESULTS_COMPARE_SHOW_H
#define NVME_FI_RESULTS_COMPARE_SHOW_H

#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * Prints @comparison, as compare_results() makes it. Cases that differ in
 * the same way are printed together, with their number and the first names;
 * with @all each by itself.
 */
void compare_show(JsonObject *comparison, bool all, FILE *out);

#endif
