/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "zoned": kinds of cases, and the namespaces that they run on.
 */
#ifndef ZONED_H
#define ZONED_H

#include <stdbool.h>

#include "lib/suite.h"

#define ZONED_BLOCK        4096         /* what is read and written at once */
#define ZONED_SECTORS      2048         /* of 512 bytes in a zone */
#define ZONED_BLOCKS       (ZONED_SECTORS * 512 / ZONED_BLOCK)
#define ZONED_ZONES        256
#define ZONED_DNR          0x4000

/* Namespace identifiers: one is conventional, two have zones. */
enum { ZONED_PLAIN = 1, ZONED_ZNS = 2, ZONED_BTRFS = 3 };

/* A kind of cases; the first member of what Case.data points to. */
typedef struct ZonedKind {
    void (*rules)(const Case *c, Buf *rules);
    void (*prepare)(Suite *suite, const Case *c, Outcome *out);
    void (*run)(Suite *suite, const Case *c, Outcome *out);
    void (*cleanup)(Suite *suite, const Case *c);       /* or NULL */
    /* Members "stimulus" and "expected", and what it comes from. */
    const char *(*describe)(Suite *suite, const Case *c, Buf *record);
} ZonedKind;

/* Each adds its cases. */
void zoned_add_sequences(Suite *suite);
void zoned_add_statuses(Suite *suite);
void zoned_add_appends(Suite *suite);
void zoned_add_files(Suite *suite);
void zoned_add_btrfs(Suite *suite);

/* Each case has a zone of its own, which it finds empty: its first sector. */
unsigned long long zoned_start(const Case *c);

/* Has this kernel zone write plugging, which came with 6.10? */
bool zoned_plugs(const Suite *suite);

/* Of zoned_disk.c. */

/* Finds and opens the namespaces, once.  NULL, or why not. */
const char *zoned_open(const Suite *suite);
int zoned_fd(int nsid);
const char *zoned_path(int nsid);

/* Sets a file of the namespace's queue in sysfs; false: there is none. */
bool zoned_queue(int nsid, const char *name, const char *value);

/*
 * zoned_report:
 * Adds what a zone report says about the zone at @sector: its condition,
 * and ":BLOCKS" where it has a write pointer; or an errno.  @cached: asks for
 * what the kernel remembers (from 6.19).
 */
void zoned_report(Buf *text, unsigned long long sector, bool cached);

/*
 * zoned_watch_begin, zoned_watch_end:
 * Between them the block layer's completions are traced; afterwards @sectors
 * has the first sector of each completed write or append of namespace @nsid,
 * in order, separated by blanks.  The first returns NULL, or why not.
 */
const char *zoned_watch_begin(void);
void zoned_watch_end(int nsid, Buf *sectors);

/* The same of appends only; they are still traced. */
void zoned_watch_appends(int nsid, Buf *sectors);

/*
 * zoned_wire:
 * Adds the arrays "commands" (of the device) or "completions" (of the driver)
 * that @wire stands for, words such as "W" (write), "A" (append), "S" (zone
 * send), "R" (zone report) and "P" (read).  Behind it "!STATUS": the rule
 * ended it with this status, in hex; "+!STATUS": after it was carried out;
 * "?STATUS": the drive itself; "-": the rule ended it without an error.
 * Returns their number.
 */
unsigned zoned_wire(Buf *json, const char *wire, bool driver);

#endif
