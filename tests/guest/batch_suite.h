/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "batch": its disks, their content, and its records.
 */
#ifndef GUEST_BATCH_SUITE_H
#define GUEST_BATCH_SUITE_H

#include <stdio.h>

#include "batch.h"
#include "lib/suite.h"

/* The namespaces of the machine. */
typedef enum Where {
    PLAIN,                      /* nvme0, NSID 1 */
    ZONED,                      /* nvme0, NSID 2 */
    ONE_QUEUE,                  /* nvme1, which has one queue for all CPUs */
    DISKS,
} Where;

extern const char *const batch_path_names[], *const batch_pattern_names[];

Where batch_where(const BatchCase *bc);

/* The qdev ID of the case's controller. */
const char *batch_device(const BatchCase *bc);

/* The first block of command @i; of appends that of their zone. */
uint64_t batch_slba(const Case *c, unsigned i);

/* Adds the rules of @c, as JSON objects with a comma between them: all commands
 * are held, and those that are to fail are not carried out. */
void batch_add_rules(const Case *c, Buf *buf);

/*
 * batch_open:
 * Opens the namespaces, once, without I/O schedulers, and keeps the program on
 * CPU 0, by whose queue it is served then.  Returns NULL, or why not.
 */
const char *batch_open(void);
Target batch_target(const BatchCase *bc);
unsigned batch_qid(const BatchCase *bc);        /* of its commands */
int batch_disk(const BatchCase *bc);            /* the block device */

/* Sets the I/O scheduler of @where; false where the kernel has it not. */
bool batch_set_scheduler(Where where, const char *scheduler);

/* What the commands of a case transfer, and what became of them. */
extern Transfer batch_transfers[BATCH_MAX];
extern unsigned batch_order[BATCH_MAX];

/* Fills the buffers of writes, and the blocks of reads.  Returns NULL, or why
 * not. */
const char *batch_fill(const Case *c);

/* Adds what the program got to @out; the second what is on the disk then. */
void batch_observe(const Case *c, Outcome *out);
void batch_look(const Case *c, Outcome *out);

/* The kernel log from now on; waits at most some seconds for a line of it that
 * holds @text. */
int batch_open_log(void);
bool batch_wait_log(int log, const char *text);

/* Adds the members "stimulus", "expected" and "from". */
void batch_describe(Suite *suite, const Case *c, const Outcome *out,
                    Buf *record);

#endif
