/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "probe": the admin commands with which a driver starts a controller,
 * and what becomes of the controller when one of them fails.
 */
#ifndef GUEST_PROBE_H
#define GUEST_PROBE_H

#include "lib/suite.h"

/* I/O queues of the machine: one with interrupts, and a polled one. */
#define ALL_QUEUES 2

/* What starts the controller. */
typedef enum Start {
    BIND,                       /* the driver is bound to the PCI device */
    RESET,                      /* the controller is live and is reset */
    STARTS
} Start;

/* What becomes of it. */
typedef enum Fate {
    FINE,                       /* live, with its disk */
    NO_DISK,                    /* live, the namespace has no disk */
    NO_QUEUES,                  /* live, with the Admin Queue only */
    GONE,                       /* given up by the driver */
    STUCK,                      /* its start never ends */
} Fate;

/* How the command fails. */
typedef enum How { STATUS, STATUS_DNR, LOST, HOWS } How;

/* When the driver waits for the command, which decides what nvme_timeout()
 * does when it is lost. */
typedef enum Phase {
    DISABLING,                  /* of a reset: RESETTING */
    STARTING,                   /* CONNECTING: the controller is disabled */
    RUNNING,                    /* LIVE: the controller is reset once more */
    NOBODY_WAITS,
} Phase;

/* What makes a controller that is not fine fine again. */
typedef enum Heal {
    HEAL_NOTHING, HEAL_RESCAN, HEAL_RESET, HEAL_BIND, HEAL_PCI,
} Heal;

/* One admin command, in the order in which it is sent. */
typedef struct Command {
    const char *name;           /* NULL: the end of the table */
    unsigned char opcode;
    int select;                 /* CNS, FID or LID; -1: none */
    unsigned int nth;           /* of its kind, from 1 */
    unsigned int starts;        /* 1 << Start: where it is sent */
    Phase phase;
    Fate fate[STARTS][HOWS];
    const char *message;        /* after a status; NULL: silence */
    bool once;                  /* the message comes once in a boot */
    bool sticks;                /* a status is kept in mind until a bind */
    unsigned int lost_at;       /* 1 << Start: where it is lost; 0: always */
    const char *stuck;          /* the finding: lost at a bind, in the last
                                 * case, because nothing goes on after it */
    int sent;                   /* how often, after a status; 0: any */
    int error;                  /* errno of a start that fails */
    int queues;                 /* I/O queues of a disk; 0: all */
    bool hwmon;                 /* only with CONFIG_NVME_HWMON */
    Version since, until;       /* exclusive; 0.0: open */
    const char *from;
} Command;

typedef struct Status {
    const char *name;
    unsigned int value;         /* SCT and SC */
    unsigned int starts;        /* 1 << Start: where it is tried */
    /* Only this command has it; the driver takes it for success unless DNR is
     * set, which is the finding. */
    const char *only, *finding;
} Status;

typedef enum Kind { FAULT, SEQUENCE } Kind;

typedef struct ProbeCase {
    Kind kind;
    Start start;
    const Command *command;     /* of a FAULT */
    How how;
    const Status *status;       /* NULL: LOST */
} ProbeCase;

extern const Command probe_commands[];
extern const Status probe_statuses[];       /* ends with name NULL */
extern const char *const probe_starts[STARTS];

extern const char *const probe_heals[];

/* Of probe_expect.c.  Is @command sent by this kernel at this @start? */
bool probe_sends(const Suite *suite, const Command *command, Start start);
/* The same where the kernel runs, whose options matter, too. */
bool probe_sends_now(Suite *suite, const Command *command, Start start);
/* What becomes of the controller in this case, and what is done then. */
Fate probe_fate(const ProbeCase *pc);
Heal probe_heal(const ProbeCase *pc);
/* How often nvme_reset_work() runs. */
int probe_resets(const Suite *suite, const ProbeCase *pc);
/* Sets @list to pieces of the lines that are expected in the kernel log and
 * returns how many. */
size_t probe_messages(const Suite *suite, const ProbeCase *pc,
                      const char *list[], size_t max);
void probe_describe(Suite *suite, const Case *c, const Outcome *out,
                    Buf *record);

/* Of probe_log.c, what the device says.  The number of its next entry; and
 * "sequence" for what was observed, the admin commands of @c from entry @since
 * on by name, or "hit", the command that a rule of @c acted on. */
long long probe_log_next(Suite *suite);
void probe_log_sequence(Suite *suite, const Case *c, long long since,
                        Outcome *out);
void probe_log_hit(Suite *suite, const Case *c, long long since,
                   Outcome *out);
/* How many commands the first rule of @c has met. */
long long probe_matches(Suite *suite, const Case *c);

/* The machine's controller, as sysfs has it (probe_sys.c). */
typedef struct Seen {
    char name[32];              /* "nvme0", or "" where there is none */
    char state[32];             /* "none" */
    char disk[32];              /* "nvme0n1", or "" */
    long long sectors;          /* of the disk */
    int queues;                 /* hardware queues of the disk */
} Seen;

/* Returns NULL, or why not. */
const char *sys_open(void);
/* Each returns 0 or a negative errno.  They return when the write does. */
int sys_bind(void);
int sys_unbind(void);
int sys_reset(void);            /* -ENODEV: there is no controller */
int sys_rescan(void);           /* of namespaces */
int sys_pci_again(void);        /* removes the PCI device, and finds it */
/* Waits until the driver has nothing more to do, after at least @min_resets
 * runs of nvme_reset_work() since the last of the calls above; false, if that
 * takes more than 20 seconds. */
bool sys_settle(int min_resets);
void sys_look(Seen *seen);
/* Adds "stacks", an array of strings: for each thread that is in the driver the
 * functions that it waits in, the innermost first.  Does a reset wait for the
 * queues of the namespaces to be frozen? */
bool sys_stacks(Buf *observed);
/* Reads a block of @seen->disk; returns bytes or a negative errno. */
long long sys_read(const Seen *seen);

#endif
