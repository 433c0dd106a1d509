/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame of a guest suite: its cases, the command line, batches, and the
 * records that a case becomes.
 */
#ifndef GUEST_SUITE_H
#define GUEST_SUITE_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "disk.h"
#include "evidence.h"
#include "functions.h"
#include "ports.h"
#include "table.h"

typedef struct Case {
    char *name;                 /* "suite/behaviour" */
    bool alone;                 /* no other case's rules while it runs */
    const char *finding;        /* what it shows is a defect of the kernel: its
                                 * name in docs/kernel-findings.md, or NULL */
    unsigned int ordinal;       /* in the filtered list */
    void *data;                 /* of the suite */
} Case;

typedef struct Outcome {
    long long value;            /* what the API returned; -1 on an error */
    int error;                  /* positive errno, or 0 */
    const char *signal;         /* "SIGBUS", or NULL */
    const char *skip;           /* why the case could not run, or NULL */
    const char *data;           /* what was read back: "new", "old", or NULL */
    Buf observed;               /* members of result.observed, or empty */
    long long elapsed_ns;       /* set by the frame */
    FunctionCounts functions;   /* set by the frame */
    bool overrun;               /* set by the frame: calls were lost */
} Outcome;

typedef struct Suite Suite;

/* One controller with one disk, as the runner has it where nothing is said. */
#define SUITE_MACHINE "{\"kernel\":\"nvme_core.multipath=N\"}"

typedef struct SuiteClass {
    const char *name;
    /* The machine that it needs, one JSON object (docs/extending.md); NULL:
     * SUITE_MACHINE. */
    const char *machine;
    bool no_disk;               /* the frame opens none at the start */
    bool admin;                 /* driver.admin goes into the records */
    /* Functions of the kernel, separated by blanks, whose calls are counted
     * while a case runs, for driver.functions; NULL: none. */
    const char *functions;
    /* The controller ("nvme1") by which the drive is used once more, over a
     * fabric: driver.front and driver.target go into the records; or NULL. */
    const char *front;
    /* Loads the tables and adds the cases.  0, or -1 after a message. */
    int (*load)(Suite *suite);
    /* Adds the rules of @c, as JSON objects with a comma between them. */
    void (*rules)(Suite *suite, const Case *c, Buf *rules);
    /* May set up what is not part of the case; may set @out->skip.  Called
     * in each phase of a case. */
    void (*prepare)(Suite *suite, const Case *c, Outcome *out);
    void (*run)(Suite *suite, const Case *c, Outcome *out);
    /* Undoes prepare(); may look at what the case left on the disk; may be
     * NULL. */
    void (*cleanup)(Suite *suite, const Case *c, Outcome *out);
    /* Adds members of its own to the object "result"; may be NULL. */
    void (*result)(Suite *suite, const Case *c, Buf *result);
    /* Adds the members "stimulus", "expected" and "from" to @record. */
    void (*describe)(Suite *suite, const Case *c, const Outcome *out,
                     Buf *record);
} SuiteClass;

struct Suite {
    const SuiteClass *class;
    const char *expect_dir;
    char release[128];          /* of the running kernel, or --kernel */
    Version kernel;
    bool known;                 /* the tables know this kernel */
    bool filtered;              /* some cases were left out */
    size_t nfiltered;           /* cases that match the filters */
    size_t ncases;              /* cases to run, all of them before */
    Case **cases;
    Ports ports;
    Disk disk;
    Evidence evidence;
    Functions functions;
    const FunctionCounts *counts;   /* of the case that is described */
    unsigned int batch;         /* that runs */
    void *data;                 /* of the suite */
    bool noted;                 /* the runner has a note of this case */
    int phase;                  /* of the case that runs, see below */
    Buf note;                   /* what the phase before left, or empty */
    long long elapsed_ns;       /* of the phases before */
    long long started_ns;       /* this one, on CLOCK_MONOTONIC */
};

/* Adds a case; takes over @name, which must be allocated, and @data. */
Case *suite_add(Suite *suite, char *name, void *data);

/*
 * Cases in phases, for machines with "reset": true.  A case that is 'alone'
 * and whose run() expects the machine to be reset says so; after the reset
 * init starts the suite again, and the frame calls prepare() and run() of that
 * same case with suite->phase and suite->note as they were said.  Nothing
 * else of the process survives; rules do.
 *
 * suite_expect_reset:
 * Sends what was seen so far and leaves @phase (above 0) and @text with the
 * runner.  From now on the machine may be reset; what happens until then is
 * not seen.  If run() returns after all, the case is complete.
 */
void suite_expect_reset(Suite *suite, const Case *c, int phase,
                        const char *text);

/* Asks for a reset of the machine ("system_reset" in "allow") and waits. */
__attribute__((noreturn)) void suite_reset(Suite *suite);

/*
 * suite_request:
 * Sends the command @execute with @arguments, a JSON object or NULL.  Returns
 * true where the answer is a return; @answer (may be NULL) gets the line.
 */
bool suite_request(Suite *suite, const char *execute, const char *arguments,
                   Buf *answer);

/*
 * suite_unplug, suite_gone, suite_plug:
 * Remove and add the device @id of the suite's machine.  The first sends
 * device_del (which must be in "allow") and waits until the guest has let go;
 * what its controller recorded until then is kept.  The second only waits.
 * The third waits for that, too, and plugs it in again.
 * Return NULL, or why not, as a sentence that the next call overwrites.
 */
const char *suite_unplug(Suite *suite, const char *id);
const char *suite_gone(Suite *suite, const char *id);
const char *suite_plug(Suite *suite, const char *id);

/*
 * suite_needs:
 * Returns true where the running kernel has @option ("CONFIG_NVME_MULTIPATH";
 * lib/needs.c lists them); else false, and @out->skip says so. For prepare().
 */
bool suite_needs(Suite *suite, Outcome *out, const char *option);

/*
 * suite_traces:
 * Are the calls of @function, one of SuiteClass.functions, counted?  In
 * describe() the answer is about the case that is described.  Not where the
 * kernel cannot trace it: it is inlined, not there, or in no loaded module.
 */
bool suite_traces(Suite *suite, const char *function);

/*
 * suite_expect_calls:
 * For describe(): adds the member "functions" to @expected, the object
 * "driver" of the expectation, from @spec, such as "nvme_retry_req=2
 * nvme_failover_req>=1 nvme_end_req<=3".  What cannot be traced is left out.
 */
void suite_expect_calls(Suite *suite, Buf *expected, const char *spec);

/*
 * suite_await_calls:
 * For run(): waits, 10 s at most, until each function of which @spec says
 * NAME>=N was called as often.  A work that the kernel has queued may not have
 * begun when the request it belongs to is over.  What was called is for
 * suite_expect_calls() to judge.
 */
void suite_await_calls(Suite *suite, const char *spec);

/* Closes suite->disk and opens the disk that is there now or soon.  Returns
 * NULL, or why not. */
const char *suite_disk_again(Suite *suite);

/* Of suite.c, for the frame. */
void suite_send_error(Suite *suite, const char *reason);
long long suite_now_ns(void);

/* Of suite_reset.c, for the frame.  The second returns the place of the case
 * that goes on, 0 where nothing was noted, and sets phase and batch. */
void suite_forget(Suite *suite);
size_t suite_recall(Suite *suite);

/*
 * suite_main:
 * The main() of a suite: --list, --findings, --machine, --kernel=RELEASE,
 * --filter=GLOB, --start=N, --omit=N,N, --expect-dir=DIR.  Returns the exit
 * status.
 */
int suite_main(const SuiteClass *class, int argc, char **argv);

#endif
