/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a rule makes sense: every bound, and every combination that could
 * never match or be carried out.
 */
#include "rule.h"

#include <string.h>

#include "names.h"
#include "opcode.h"

#define MAX_NUMBER ((guint64)G_MAXINT64)    /* of any integer of a rule */
#define SQE_DWORDS 16

G_DEFINE_QUARK(fi-rule-error, fi_rule_error)

/* Says "rule 'ID': " and what follows; always FALSE. */
static gboolean G_GNUC_PRINTF(3, 4)
refuse(const FiRule *rule, GError **error, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    if (rule->id) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "rule '%s': %s", rule->id, what);
    } else {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "rule without id: %s", what);
    }
    return FALSE;
}

static gboolean check_number(const FiRule *rule, const char *member,
                             guint64 value, guint64 min, GError **error)
{
    if (value < min || value > MAX_NUMBER) {
        return refuse(rule, error, "%s %" G_GUINT64_FORMAT ": must be "
                      "%" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                      member, value, min, MAX_NUMBER);
    }
    return TRUE;
}

static gboolean check_name(const FiRule *rule, const char *member,
                           const char *name, gsize min, gsize max,
                           GError **error)
{
    gsize length = name ? strlen(name) : min;

    if (length < min || length > max) {
        return refuse(rule, error, "%s '%s': is %" G_GSIZE_FORMAT " bytes "
                      "long; must be %" G_GSIZE_FORMAT " to "
                      "%" G_GSIZE_FORMAT, member, name, length, min, max);
    }
    return TRUE;
}

/* The number, and the name where there is one: "0x02 (read)". */
static char *opcode_text(FiQueue queue, guint8 opcode)
{
    const char *admin = fi_opcode_name(TRUE, opcode);
    const char *io = fi_opcode_name(FALSE, opcode);
    const char *name = queue == FI_QUEUE_ADMIN ? admin :
                       queue == FI_QUEUE_IO ? io : io ? io : admin;

    return name ? g_strdup_printf("0x%02x (%s)", opcode, name) :
                  g_strdup_printf("0x%02x", opcode);
}

static gboolean may_be_admin(const FiMatch *match)
{
    return match->queue != FI_QUEUE_IO && !(match->has_qid && match->qid);
}

static gboolean may_be_io(const FiMatch *match)
{
    return match->queue != FI_QUEUE_ADMIN && !(match->has_qid && !match->qid);
}

static gboolean check_queue(const FiRule *rule, GError **error)
{
    const FiMatch *match = &rule->match;

    if ((guint)match->queue > FI_QUEUE_IO) {
        return refuse(rule, error, "queue %u: must be admin or io",
                      (guint)match->queue);
    }
    if (!may_be_admin(match) && !may_be_io(match)) {
        return refuse(rule, error, "qid %u: never matches with queue '%s'; "
                      "must be %s", match->qid,
                      match->queue == FI_QUEUE_ADMIN ? "admin" : "io",
                      match->queue == FI_QUEUE_ADMIN ? "0" : "1 to 65535");
    }
    return TRUE;
}

/* A member that one or two admin commands have: @a and @b. */
static gboolean check_admin_member(const FiRule *rule, const char *member,
                                   guint8 a, guint8 b, GError **error)
{
    const FiMatch *match = &rule->match;

    if (!may_be_admin(match)) {
        return refuse(rule, error, "%s: never matches on an I/O queue; must "
                      "go with queue 'admin'", member);
    }
    if (match->has_opcode && match->opcode != a && match->opcode != b) {
        g_autofree char *got = opcode_text(FI_QUEUE_ADMIN, match->opcode);
        g_autofree char *want = opcode_text(FI_QUEUE_ADMIN, a);
        g_autofree char *other = opcode_text(FI_QUEUE_ADMIN, b);

        return refuse(rule, error, "opcode %s: has no %s; must be %s%s%s",
                      got, member, want, a != b ? " or " : "",
                      a != b ? other : "");
    }
    if (match->has_range) {
        return refuse(rule, error, "slba: never matches together with %s; "
                      "must be left out", member);
    }
    return TRUE;
}

static gboolean check_admin_members(const FiRule *rule, GError **error)
{
    const FiMatch *match = &rule->match;

    if (match->has_cns + match->has_lid + match->has_fid > 1) {
        return refuse(rule, error, "cns, lid, fid: belong to different "
                      "commands; must be one of them at most");
    }
    if (match->has_cns) {
        return check_admin_member(rule, "cns", FI_ADMIN_IDENTIFY,
                                  FI_ADMIN_IDENTIFY, error);
    }
    if (match->has_lid) {
        return check_admin_member(rule, "lid", FI_ADMIN_GET_LOG_PAGE,
                                  FI_ADMIN_GET_LOG_PAGE, error);
    }
    if (match->has_fid) {
        return check_admin_member(rule, "fid", FI_ADMIN_SET_FEATURES,
                                  FI_ADMIN_GET_FEATURES, error);
    }
    return TRUE;
}

/*
 * Whether a command with @match's opcode can be about logical blocks.
 */
static gboolean has_blocks(const FiMatch *match)
{
    if (!match->has_opcode) {
        return TRUE;
    }
    return (may_be_admin(match) &&
            fi_opcode_blocks(TRUE, match->opcode) != FI_BLOCKS_NONE) ||
           (may_be_io(match) &&
            fi_opcode_blocks(FALSE, match->opcode) != FI_BLOCKS_NONE);
}

static gboolean check_range(const FiRule *rule, GError **error)
{
    const FiMatch *match = &rule->match;

    if (!match->has_range) {
        return TRUE;
    }
    if (!check_number(rule, "slba", match->slba, 0, error) ||
        !check_number(rule, "nlb", match->nlb, 1, error)) {
        return FALSE;
    }
    if (match->nlb - 1 > MAX_NUMBER - match->slba) {
        return refuse(rule, error, "nlb %" G_GUINT64_FORMAT ": the range "
                      "that begins at slba %" G_GUINT64_FORMAT " wraps; must "
                      "be 1 to %" G_GUINT64_FORMAT, match->nlb, match->slba,
                      MIN(MAX_NUMBER, MAX_NUMBER - match->slba + 1));
    }
    if (!has_blocks(match)) {
        FiQueue queue = may_be_io(match) ? FI_QUEUE_IO : FI_QUEUE_ADMIN;
        g_autofree char *opcode = opcode_text(queue, match->opcode);

        return refuse(rule, error, "slba: opcode %s names no logical blocks; "
                      "must be left out", opcode);
    }
    return TRUE;
}

static gboolean check_sqe(const FiRule *rule, GError **error)
{
    const FiMatch *match = &rule->match;

    if (match->n_sqe > FI_MAX_SQE_MASKS) {
        return refuse(rule, error, "sqe: has %" G_GSIZE_FORMAT " elements; "
                      "must be 0 to %d", match->n_sqe, FI_MAX_SQE_MASKS);
    }
    for (gsize i = 0; i < match->n_sqe; i++) {
        const FiSqeMask *sqe = &match->sqe[i];

        if (sqe->dword >= SQE_DWORDS) {
            return refuse(rule, error, "sqe[%" G_GSIZE_FORMAT "]: dword %u: "
                          "must be 0 to %d", i, sqe->dword, SQE_DWORDS - 1);
        }
        if (!sqe->mask) {
            return refuse(rule, error, "sqe[%" G_GSIZE_FORMAT "]: mask 0: "
                          "compares nothing; must be 1 to 0xffffffff", i);
        }
        if (sqe->value & ~sqe->mask) {
            return refuse(rule, error, "sqe[%" G_GSIZE_FORMAT "]: value "
                          "0x%x: never matches under mask 0x%x; must have no "
                          "bit outside of it", i, sqe->value, sqe->mask);
        }
    }
    return TRUE;
}

static gboolean check_ordinal(const FiRule *rule, GError **error)
{
    const FiMatch *match = &rule->match;

    if (!match->has_ordinal) {
        return TRUE;
    }
    if (!match->has_qid) {
        return refuse(rule, error, "ordinal %" G_GUINT64_FORMAT ": counts "
                      "the commands of one queue; must go with qid",
                      match->ordinal);
    }
    return check_number(rule, "ordinal", match->ordinal, 1, error);
}

static gboolean check_match(const FiRule *rule, GError **error)
{
    return check_queue(rule, error) && check_ordinal(rule, error) &&
           check_admin_members(rule, error) && check_range(rule, error) &&
           check_sqe(rule, error) &&
           check_name(rule, "state", rule->match.state, 0, FI_MAX_STATE_LEN,
                      error);
}

static gboolean check_schedule(const FiRule *rule, GError **error)
{
    const FiSchedule *schedule = &rule->schedule;

    if (!check_number(rule, "skip", schedule->skip, 0, error) ||
        !check_number(rule, "every", schedule->every, 1, error) ||
        !check_number(rule, "times", schedule->times, 0, error) ||
        !check_name(rule, "set-state", schedule->set_state, 0,
                    FI_MAX_STATE_LEN, error)) {
        return FALSE;
    }
    /* written so that NaN, which compares to nothing, is refused too */
    if (!(schedule->probability >= 0.0 && schedule->probability <= 1.0)) {
        return refuse(rule, error, "probability %g: must be 0 to 1",
                      schedule->probability);
    }
    return TRUE;
}

static gboolean check_delay(const FiRule *rule, GError **error)
{
    const FiAction *action = &rule->action;

    switch (action->delay) {
    case FI_DELAY_FIXED:
        if (action->delay_max_ns) {
            return refuse(rule, error, "delay-max-ns %" G_GUINT64_FORMAT
                          ": means nothing with delay 'fixed'; must be left "
                          "out", action->delay_max_ns);
        }
        return check_number(rule, "delay-ns", action->delay_ns, 0, error);
    case FI_DELAY_UNIFORM:
        return check_number(rule, "delay-ns", action->delay_ns, 0, error) &&
               check_number(rule, "delay-max-ns", action->delay_max_ns,
                            MAX(action->delay_ns, 1), error);
    case FI_DELAY_EXPONENTIAL:
        return check_number(rule, "delay-ns", action->delay_ns, 1, error) &&
               check_number(rule, "delay-max-ns", action->delay_max_ns, 0,
                            error);
    }
    return refuse(rule, error, "delay %u: must be fixed, uniform or "
                  "exponential", (guint)action->delay);
}

static gboolean check_action(const FiRule *rule, GError **error)
{
    const FiAction *action = &rule->action;

    if (!check_delay(rule, error)) {
        return FALSE;
    }
    switch (action->kind) {
    case FI_ACTION_NONE:
        if (!action->execute) {
            return refuse(rule, error, "execute off: action 'none' cannot "
                          "leave a command undone; use action 'status' with "
                          "status 'success'");
        }
        return TRUE;
    case FI_ACTION_STATUS:
        if (action->status & ~FI_STATUS_MASK) {
            return refuse(rule, error, "status 0x%x: must be 0 to 0x%x",
                          action->status, FI_STATUS_MASK);
        }
        return TRUE;
    case FI_ACTION_OTHER:
        return TRUE;
    }
    return refuse(rule, error, "action %u: must be none, status or other",
                  (guint)action->kind);
}

gboolean fi_rule_validate(const FiRule *rule, GError **error)
{
    if (!check_name(rule, "id", rule->id, 1, FI_MAX_ID_LEN, error) ||
        !check_match(rule, error) || !check_schedule(rule, error) ||
        !check_action(rule, error)) {
        return FALSE;
    }
    if ((guint)rule->lifetime > FI_LIFETIME_UNTIL_RESET) {
        return refuse(rule, error, "lifetime %u: must be permanent or "
                      "until-reset", (guint)rule->lifetime);
    }
    return TRUE;
}
