/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Observations as text that people read.
 */
#ifndef NVME_FI_RESULTS_COMPARE_TEXT_H
#define NVME_FI_RESULTS_COMPARE_TEXT_H

#include <json-glib/json-glib.h>

/*
 * One text for each of the @values of a layer (JSON null: none), of what is
 * not the same in all of them: members of an object, lines of a log. Lines
 * are separated by '\n'. A new array of new strings.
 */
GPtrArray *compare_texts(JsonArray *values);

#endif
