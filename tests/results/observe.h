/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of a record is an observation that a second run of the same kernel
 * makes again, layer by layer.
 *
 * No observation, because it varies from run to run:
 * - elapsed_ns; seq, cid and qid of a command, and the time of anything;
 * - which of several controllers took a command, and what its number is;
 * - cid, sqid and their like in a result, and times ("...-ms");
 * - how often a function was called, except for those whose number the case
 *   expects; of those for which it gives bounds, whether they were called;
 * - where the blocks of a case lie, which depends on the cases before it: LBAs
 *   of a result or a log line are told from the slba of the stimulus on;
 * - of a log line: time stamps, tags, queue numbers other than 0, process
 *   ids, addresses and offsets in functions, UUIDs, the kernel's own release;
 *   they read "#". Names of devices stay;
 * - log lines of call sites that the kernel limits to ten in five seconds
 *   ("critical medium error, dev nvme0n1 ...", "nvme0n1: Read(0x2) @ LBA
 *   ...", "Buffer I/O error ..."), except in a case that judges its log: such
 *   cases come first in a boot, before the limit is reached. Of several
 *   such lines that follow each other and are alike one is seen.
 *
 * Expectations, verdicts of judged cases, rules and stimuli are none either.
 */
#ifndef NVME_FI_RESULTS_OBSERVE_H
#define NVME_FI_RESULTS_OBSERVE_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

/* In the order in which a fault passes them, after whether it ran at all. */
typedef enum Layer {
    LAYER_PRESENCE,
    LAYER_WIRE,
    LAYER_DRIVER,
    LAYER_BLOCK,
    LAYER_LOG,
    LAYER_RESULT,
    LAYER_COUNT,
} Layer;

/* "presence", "wire", "driver", "block", "log", "result" */
const char *layer_name(Layer layer);

/* True for a record of a case that ran: passed, failed or was observed. */
bool observe_ran(JsonObject *record);

/* What any of the runs expects of a case: it makes more of it an observation.
 * Borrows from the records. */
typedef struct Judged {
    bool log;               /* what the log is to hold */
    GHashTable *functions;  /* name to JsonNode: calls, or their bounds */
} Judged;

/* Adds what @record, which may be NULL, expects. */
void observe_judged(Judged *judged, JsonObject *record);

/*
 * The observation of a layer; a new node, NULL where there is none:
 * presence  "ran", or "skip: REASON", "error: REASON", "timeout: REASON";
 *           NULL without a record
 * wire      {hits [, violations], commands: [{opcode, executed, status}]}
 * driver    {completions: [{status, retries}] [, functions] [, admin]
 *           [, front] [, target]}
 * block     {status, errno, requeues}
 * log       [LINE]
 * result    {value, errno [, signal] [, data] ...}, as the case has it
 * Other layers than presence are NULL for a record that did not run.
 */
JsonNode *observe_layer(JsonObject *record, Layer layer,
                        const Judged *judged);

/* @line with '#' for what varies, and blocks told from @slba on, if that is
 * not negative; the caller frees it. */
char *observe_mask(const char *line, gint64 slba);

/* True for a line of a call site that the kernel limits. */
bool observe_is_limited(const char *line);

#endif
