/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fault rule: which command it matches, when it is due, and what then
 * goes wrong.  Plain values; a rule set (set.h) owns a copy of its own.
 */
#ifndef FI_RULE_H
#define FI_RULE_H

#include <glib.h>

/* The 15-bit NVMe status, the CQE status field without the phase tag
 * (NVMe Base 2.1, 4.2.3 "Status Field Definition"). */
#define FI_STATUS_CODE_MASK  0x07ff   /* SCT 10:8 and SC 7:0 */
#define FI_STATUS_CRD_SHIFT  11       /* Command Retry Delay, 12:11 */
#define FI_STATUS_CRD_MASK   0x1800
#define FI_STATUS_MORE       0x2000
#define FI_STATUS_DNR        0x4000
#define FI_STATUS_MASK       0x7fff

/* Bounds on what one user can make a controller hold. */
#define FI_MAX_RULES         (1u << 20)   /* rules in one set */
#define FI_MAX_ID_LEN        63           /* bytes in a rule's id */
#define FI_MAX_STATE_LEN     63           /* bytes in a state's name */
#define FI_MAX_SQE_MASKS     16           /* one for each dword */

#define FI_RULE_ERROR fi_rule_error_quark()
GQuark fi_rule_error_quark(void);

typedef enum FiRuleError {
    FI_RULE_ERROR_INVALID,      /* a member's value is not allowed */
    FI_RULE_ERROR_DUPLICATE,    /* the id is taken */
    FI_RULE_ERROR_NOT_FOUND,    /* no rule has the id */
    FI_RULE_ERROR_LIMIT,        /* the set is full */
} FiRuleError;

typedef enum FiQueue {
    FI_QUEUE_ANY,
    FI_QUEUE_ADMIN,
    FI_QUEUE_IO,
} FiQueue;

typedef enum FiActionKind {
    FI_ACTION_NONE,             /* nothing but execute and delay-ns */
    FI_ACTION_STATUS,           /* complete with a chosen status */
    FI_ACTION_OTHER,            /* what the adapter reads from the detail */
} FiActionKind;

/* How long a hit is delayed. */
typedef enum FiDelay {
    FI_DELAY_FIXED,             /* always delay_ns; delay_max_ns is 0 */
    FI_DELAY_UNIFORM,           /* delay_ns to delay_max_ns, both inclusive,
                                   each as likely */
    FI_DELAY_EXPONENTIAL,       /* delay_ns in the mean; what would be above
                                   delay_max_ns (0: 20 times the mean, or
                                   2^63 - 1 where that is more) becomes it */
} FiDelay;

/*
 * Parameters of an action that the engine hands through and does not look
 * into: a header in a struct of the adapter, which sets @refs to 1 (its own
 * reference) and @free.  Counted without a lock.
 */
typedef struct FiDetail {
    guint refs;
    void (*free)(struct FiDetail *detail);  /* the last reference is gone */
} FiDetail;

FiDetail *fi_detail_ref(FiDetail *detail);  /* returns @detail */
void fi_detail_unref(FiDetail *detail);     /* accepts NULL */

typedef enum FiLifetime {
    FI_LIFETIME_PERMANENT,      /* survives a controller reset */
    FI_LIFETIME_UNTIL_RESET,    /* removed by a controller reset */
} FiLifetime;

/* One masked compare on a dword of the SQE: (dw[dword] & mask) == value. */
typedef struct FiSqeMask {
    guint8 dword;               /* 0..15 */
    guint32 mask;
    guint32 value;              /* no bit outside of mask */
} FiSqeMask;

/* A member whose has_ flag is FALSE matches any command. */
typedef struct FiMatch {
    FiQueue queue;
    gboolean has_qid, has_opcode, has_nsid, has_range, has_cns, has_lid,
        has_fid, has_ordinal;
    guint16 qid;
    guint8 opcode;
    guint32 nsid;
    guint64 slba;               /* with has_range: first LBA, and */
    guint64 nlb;                /* number of blocks, 1-based, >= 1 */
    guint8 cns;                 /* Identify, CDW10 7:0 */
    guint8 lid;                 /* Get Log Page, CDW10 7:0 */
    guint8 fid;                 /* Get/Set Features, CDW10 7:0 */
    const FiSqeMask *sqe;
    gsize n_sqe;                /* 0..FI_MAX_SQE_MASKS */
    const char *state;          /* NULL: in any state */
    guint64 ordinal;            /* 1-based: the n-th command that was fetched
                                   from queue qid, which must be given, as
                                   FiCommand counts them */
} FiMatch;

typedef struct FiSchedule {
    guint64 skip;               /* that many matches pass first */
    guint64 every;              /* then each every-th is due; >= 1 */
    guint64 times;              /* at most so many hits; 0: no limit.  That is
                                   for the caller alone to say: a user who
                                   means no limit leaves times out, and one
                                   who writes 0 is to be told so */
    gdouble probability;        /* 0..1, asked where a match is due */
    guint64 seed;               /* of all choices that are made for the rule:
                                   random.h */
    const char *set_state;      /* entered on each hit; NULL: unchanged */
} FiSchedule;

typedef struct FiAction {
    FiActionKind kind;
    gboolean execute;           /* carried out before the fault shows? */
    FiDelay delay;              /* what the next two mean */
    guint64 delay_ns;           /* from fetch (execute off) or from the end
                                   of execution (on) to completion */
    guint64 delay_max_ns;
    guint16 status;             /* FI_ACTION_STATUS: 15 bits */
    FiDetail *detail;           /* NULL: none; may go with every kind.  A set
                                   takes a reference for each of its rules */
} FiAction;

typedef struct FiRule {
    const char *id;
    FiMatch match;
    FiSchedule schedule;
    FiAction action;
    FiLifetime lifetime;
} FiRule;

/* A rule that matches every command, is always due, and does nothing. */
#define FI_RULE_INIT \
    { .schedule = { .every = 1, .probability = 1.0 }, \
      .action = { .execute = TRUE } }

/*
 * fi_rule_validate:
 * Whether @rule can be added to a set.  On FALSE, @error is of FI_RULE_ERROR
 * and names the rule's id, the member, its value and what is allowed.
 */
gboolean fi_rule_validate(const FiRule *rule, GError **error);

#endif
