/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "disposition": its machine, its cases, one row each, and what they
 * are carried out with.
 */
#ifndef GUEST_DISPOSITION_H
#define GUEST_DISPOSITION_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/suite.h"

/* Of cases with two paths: rules that only count, the commands that each path
 * failed and did, and how a bio gets to one of them. */
#define WATCH_1         "1 @,\"action\":\"none\""
#define WATCH_2         "2 @,\"action\":\"none\""
#define PATHS(failed1, done1, failed2, done2) \
    "\"nvme1-failed\":" #failed1 ",\"nvme1-done\":" #done1 \
    ",\"nvme2-failed\":" #failed2 ",\"nvme2-done\":" #done2
#define SUBMIT          "nvme_ns_head_submit_bio,nvme_find_path"
#define STRAIGHT        "nvme_retry_req=0 nvme_failover_req=0 " \
                        "nvme_ns_head_submit_bio=1"
#define QUEUED          "nvme_retry_req=0 nvme_failover_req=0 " \
                        "nvme_ns_head_submit_bio>=2 nvme_requeue_work>=1"

#define IO_BYTES 4096
#define MANY 8                  /* I/Os at once */
#define MAX_RULES 4
#define LAST_RULE (MAX_RULES - 1)
#define SECOND 1000000000LL

/*
 * nvme0 is alone in its subsystem, which has no other: no multipath.  nvme1
 * and nvme2 are two controllers of one subsystem and share a namespace.  nvme3
 * is the only one of a subsystem that could have more: multipath with one
 * path.
 */
typedef enum Drive { DRIVE_FLAT, DRIVE_PAIR, DRIVE_LONE, DRIVES } Drive;

/* Command Retry Delay Times in ms: CRDT1 and CRDT2 of nvme0 (its CRDT3 is 0),
 * CRDT3 of nvme3 (its CRDT1 is 0). */
#define CRDT1_MS 300
#define CRDT2_MS 6000
#define LONE_CRDT3_MS 500

typedef enum Op {
    OP_READ, OP_WRITE, OP_FSYNC,
    OP_EIGHT_READS,             /* one after the other */
    OP_MANY,                    /* reads, MANY at once */
    OP_READAHEAD,               /* and then a read of the same */
    OP_IOCTL, OP_URING,         /* a read handed to the driver as it is */
    OP_MIXED,                   /* two reads, the second is observed */
    OP_OWN,                     /* the case's own function */
} Op;

typedef struct DispositionCase DispositionCase;
typedef void OwnFunction(Suite *suite, const Case *c, Outcome *out);

struct DispositionCase {
    const char *name;           /* behind "disposition/"; NULL: the end */
    Drive drive;
    Op op;
    /* "1 " is for nvme1, and so on; '@' stands for the operation's opcode and
     * blocks, '@0' and '@1' for one of two reads.  The fourth is one for a Get
     * Log Page command, whose end is waited for. */
    const char *rules[MAX_RULES];
    const char *policy;         /* of the pair; NULL: numa */
    const char *max_retries;    /* nvme_core's; NULL: 5 */
    const char *ana[2];         /* states of nvme1 and nvme2 before; NULL:
                                 * optimized */
    OwnFunction *own;
    bool removes;               /* paths, which cleanup() brings back */
    /*
     * What is expected, lists as elements of JSON arrays.  The command fails
     * 'fails' times with 'status'; 'fatal': that is its end.  A failover
     * begins a new request, whose retries count from 0.
     */
    unsigned int status, fails;
    bool fatal, failover;
    const char *hits;           /* NULL: what 'fails' says */
    const char *commands;       /* NULL: not judged */
    const char *completions;    /* NULL: what 'fails' says */
    const char *functions;      /* see suite_expect_calls() */
    const char *observed;       /* members, or NULL */
    const char *log;            /* NULL: not judged */
    const char *error;          /* errno, or NULL */
    long long min_ns, max_ns;   /* 0: not judged */
    const char *finding;        /* in docs/kernel-findings.md, or NULL */
    const char *from;           /* functions of the kernel */
    const char *option;         /* of the kernel, which it needs, or NULL */
    bool without_option;        /* which it must not have */
    Version since;              /* as in tests/expect */
};

extern const DispositionCase retry_cases[];
extern const DispositionCase failover_cases[];
extern const DispositionCase path_cases[];
extern const DispositionCase gone_cases[];

/* disposition_io.c */

/* A new place on the drive for each case, in bytes. */
long long case_offset(const Case *c);
/* The opened drive, with O_DIRECT; -1. */
int drive_fd(Drive drive);
void drive_close(Drive drive);
/* Carries the case's operation out. */
void do_op(const Case *c, Outcome *out);
/* Reads at once, whose results are waited for apart. */
bool reads_begin(Drive drive, long long offset, unsigned int count);
/* Waits until @count of them have ended; returns how many did, and the errno
 * of the last that failed, or 0. */
unsigned int reads_end(unsigned int count, int timeout_ms, int *error);
/* Begins reads for case @c and observes whether they wait for a path. */
void start_waiting(const Case *c, unsigned int count, Outcome *out);
/* Waits for them; how they ended is the outcome. */
void finish_reads(unsigned int count, Outcome *out);

/* disposition_paths.c */

/* Reads the first line of a file of sysfs; "" where there is none. */
void read_line(const char *path, char *line, size_t size);
bool write_line(const char *path, const char *text);
/* The name that the kernel gave controller @id of the machine, or NULL. */
const char *controller(const char *id);
/* Its namespace: "nvme1c2n1" or "nvme0n1", and the disk that is to be used,
 * "nvme1n1". */
bool controller_disk(const char *id, char path[40], char disk[40]);
/* Waits until the queue of its namespace is dying. */
bool wait_dying(const char *id);
/* Waits until that is the state of its path; that of all is optimized, and the
 * controllers are live. */
bool wait_ana_state(const char *id, const char *state);
bool wait_paths(void);
bool set_policy(const char *id, const char *policy);
void set_ana(Suite *suite, const char *id, const char *state);
/* The function of PCI goes away and comes back. */
bool pci_remove(const char *id);
void pci_rescan(void);
/* Begins a reset by the host, which a process of its own waits for. */
pid_t reset_controller(const char *id);
/* Waits until it is over: was there one? */
bool wait_reset(pid_t pid);
/* Waits until the case's rule @n of controller @id was hit. */
bool wait_hit(Suite *suite, const Case *c, const char *id, int n);
/* Makes nvme2 the second of two paths. */
bool order_paths(void);
/* Reads until the pair's next read goes where the one behind nvme1's does. */
bool settle_paths(Suite *suite);
/* Waits until @count commands of the case's rule @n are in the log of @id. */
bool wait_logged(Suite *suite, const Case *c, const char *id, int n,
                 int count);
/* Commands of I/O queues that controller @id completed with @status in this
 * case, of those that matched a rule. */
long long commands_with(Suite *suite, const Case *c, const char *id,
                        unsigned int status);

#endif
