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
} FiActionKind;

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
        has_fid;
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
} FiMatch;

typedef struct FiSchedule {
    guint64 skip;               /* that many matches pass first */
    guint64 every;              /* then each every-th is due; >= 1 */
    guint64 times;              /* at most so many hits; 0: no limit.  That is
                                   for the caller alone to say: a user who
                                   means no limit leaves times out, and one
                                   who writes 0 is to be told so */
    gdouble probability;        /* 0..1, asked where a match is due */
    guint64 seed;               /* of the choices that probability makes */
    const char *set_state;      /* entered on each hit; NULL: unchanged */
} FiSchedule;

typedef struct FiAction {
    FiActionKind kind;
    gboolean execute;           /* carried out before the fault shows? */
    guint64 delay_ns;           /* from fetch (execute off) or from the end
                                   of execution (on) to completion */
    guint16 status;             /* FI_ACTION_STATUS: 15 bits */
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
