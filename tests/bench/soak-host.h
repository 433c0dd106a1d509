/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host of the soak: a machine with a controller behind a root port and
 * another one beside it that shares its three namespaces, and queues that know
 * of each command what became of it.  Nothing here takes an answer for
 * granted: rules may be in force.
 */
#ifndef SOAK_HOST_H
#define SOAK_HOST_H

#include "nvme-queue.h"
#include "nvme-command.h"
#include "soak-rules.h"

#define SOAK_RINGS      3           /* I/O queue pairs 1 to 3 */
#define SOAK_PLAIN      1           /* namespaces: conventional, */
#define SOAK_ZONED      2           /* zoned, */
#define SOAK_PI         3           /* with 8 bytes of protection information */
#define SOAK_BLOCKS     512         /* random LBAs are below */
#define SOAK_NLB        16          /* random lengths are at most */

typedef struct SoakRing {
    NvmeRing *ring;
    uint8_t *seen;                  /* by CID: what became of the command */
    uint16_t *status;               /* by CID, if it completed */
    unsigned in_flight, room;       /* commands; at most */
} SoakRing;

typedef struct Soak {
    SoakRandom random;
    unsigned effects;               /* of rules and triggers so far */
    unsigned all_effects;           /* the same, but for the whole round */
    unsigned cache;                 /* bytes of fi-write-cache; 0: none */
    NvmeVm *vm;
    NvmeHost *host, *peer;          /* of nvme0, and of nvme1 */
    SoakRing admin, io[SOAK_RINGS];
    SoakRing peer_admin, peer_io;
    uint64_t data, list;            /* guest memory: two pages; one page */
    uint64_t shadow;                /* two pages */
    uint64_t commands;              /* that were submitted */
    GString *script;                /* the rules of this round */
    GString *history;               /* what was done in it */
    GHashTable *refused;            /* error: one of those it was about */
} Soak;

void soak_start(Soak *s, const char *binary);
/* Ends QEMU; fails unless it exits with status 0. */
void soak_stop(Soak *s);

/* Aborts the program with a message if @condition is not met. */
#define soak_check(s, condition, ...) \
    do { \
        if (!(condition)) { \
            soak_fail(s, __VA_ARGS__); \
        } \
    } while (0)
void G_GNUC_NORETURN G_GNUC_PRINTF(2, 3)
soak_fail(Soak *s, const char *format, ...);
void G_GNUC_PRINTF(2, 3) soak_note(Soak *s, const char *format, ...);

/* Submits @cmd, if the queue has room; returns whether. */
bool soak_submit(Soak *s, SoakRing *r, const NvmeCmd *cmd);
/* Takes all completions that are there.  Each must be due, unless a rule may
 * lie. */
void soak_take(Soak *s);
/* Submits @cmd and lets time pass until it completes, for two virtual minutes
 * at most; returns its status or NVME_STATUS_TIMEOUT. */
uint16_t soak_exec(Soak *s, SoakRing *r, const NvmeCmd *cmd);
/* Lets time pass until nothing is in flight but Asynchronous Event Requests;
 * returns whether it came to that. */
bool soak_quiesce(Soak *s);
/* Ring @i of all, or NULL behind the last. */
SoakRing *soak_ring(Soak *s, unsigned i);

/* CC.EN; false where CSTS.RDY does not follow. */
bool soak_enable(Soak *s);
bool soak_disable(Soak *s);         /* all I/O queues are gone */
void soak_flr(Soak *s);             /* disabled afterwards */
/* Shadow doorbells for the queues to come, while there is none. */
bool soak_shadow_doorbells(Soak *s);
void soak_shut_down(Soak *s, bool abrupt);      /* CC.SHN; still enabled */
bool soak_create(Soak *s, unsigned index, uint16_t entries);
bool soak_delete(Soak *s, unsigned index);
void soak_replug(Soak *s);          /* a new controller, disabled */
/* What firmware does after a reset of the machine, which may have been; both
 * controllers are disabled then.  False where nvme0 is not there. */
bool soak_set_up(Soak *s);

/* The other controller of the subsystem, which has queue pair 1. */
/* Resets and enables it, with new queues, unless a rule denies them; false
 * where it does not become ready. */
bool soak_peer_enable(Soak *s);

#endif
