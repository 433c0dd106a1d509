/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report: one HTML file that shows runs, needs nothing besides and loads
 * nothing.  The page itself is in html/; its scripts read the data from an
 * element of their own.
 */
#ifndef NVME_FI_RESULTS_REPORT_PAGE_H
#define NVME_FI_RESULTS_REPORT_PAGE_H

#include "load.h"

/*
 * The data of the page for @results (of Results *, borrowed). New reference:
 *
 * { "runs":       [ { "name": as the user named it, "kernel", "qemu": text or
 *                     null, "records": [ [ N, ... ] ] } ],
 *   "members":    [ name of a member of a record, for each place of its row ],
 *   "pool":       [ value: what the numbers of the rows stand for ],
 *   "observed":   reason of a record that was observed and not judged,
 *   "statuses":   [ [ status, name ] ],
 *   "opcodes":    { "admin": { "OPCODE": name }, "io": { ... } },
 *   "comparison": what compare_results() says, null for a single run }
 *
 * A row is a record: for each of "members" an index into "pool", or -1 where
 * the record has no such member.  Rows are as long as "members", or shorter
 * where the rest is -1.  Two things differ from the record: "repro-before" is
 * the text of "repro" up to the case's name, behind which a "'" follows; and
 * an integer that JavaScript cannot hold (above 2^53) is a string.
 */
JsonObject *report_data(GPtrArray *results);

/*
 * The page with @data in it, UTF-8; the caller frees it. No text of @data can
 * end the element that it stands in.
 */
char *report_page(JsonObject *data);

#endif
