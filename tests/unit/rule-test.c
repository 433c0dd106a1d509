/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test shows that a rule which cannot be meant is refused, in words that
 * name the rule, the member, its value and what is allowed.
 */
#include <math.h>

#include "unit.h"

#define BIG (G_GUINT64_CONSTANT(1) << 63)
#define ID_63 "0123456789012345678901234567890123456789" \
              "01234567890123456789012"

static const FiSqeMask dword_16[] = { { 0, 1, 1 }, { 16, 1, 0 } };
static const FiSqeMask mask_0[] = { { 2, 0, 0 } };
static const FiSqeMask value_outside[] = { { 2, 0xf0, 0x1f } };
static const FiSqeMask full[FI_MAX_SQE_MASKS + 1];

/* A rule in a table: what a row leaves out is as in a rule that is right. */
typedef struct RowRule {
    const char *id;             /* NULL: "r" */
    gboolean without_id;
    FiMatch match;
    const FiSchedule *schedule;
    const FiAction *action;
    FiLifetime lifetime;
} RowRule;

#define SCHEDULE(...) .schedule = &(const FiSchedule) { __VA_ARGS__ }
#define ALWAYS .every = 1, .probability = 1
#define ACTION(...) .action = &(const FiAction) { __VA_ARGS__ }
#define UNIFORM(first, last) .delay = FI_DELAY_UNIFORM, .delay_ns = first, \
                             .delay_max_ns = last
#define EXPONENTIAL(mean, bound) .delay = FI_DELAY_EXPONENTIAL, \
                                 .delay_ns = mean, .delay_max_ns = bound
#define IO_OPCODE(n) .match = { .queue = FI_QUEUE_IO, .has_opcode = TRUE, \
                                .opcode = n, .has_range = TRUE, .nlb = 1 }
#define RANGE(first, n) .match = { .has_range = TRUE, .slba = first, .nlb = n }

static const struct Refused {
    const char *name;
    RowRule rule;
    const char *error;
} refused[] = {
    { "id-empty", { .id = "" },
      "rule '': id '': is 0 bytes long; must be 1 to 63" },
    { "id-long", { .id = ID_63 "3" },
      "rule '" ID_63 "3': id '" ID_63 "3': is 64 bytes long; "
      "must be 1 to 63" },
    { "without-id", { .without_id = TRUE, RANGE(0, 0) },
      "rule without id: nlb 0: must be 1 to 9223372036854775807" },
    { "queue-unknown", { .match = { .queue = (FiQueue)3 } },
      "rule 'r': queue 3: must be admin or io" },
    { "qid-of-admin", { .match = { .queue = FI_QUEUE_ADMIN,
                                         .has_qid = TRUE, .qid = 2 } },
      "rule 'r': qid 2: never matches with queue 'admin'; must be 0" },
    { "qid-of-io", { .match = { .queue = FI_QUEUE_IO,
                                      .has_qid = TRUE } },
      "rule 'r': qid 0: never matches with queue 'io'; must be 1 to 65535" },
    { "ordinal-0", { .match = { .has_qid = TRUE, .has_ordinal = TRUE } },
      "rule 'r': ordinal 0: must be 1 to 9223372036854775807" },
    { "ordinal-big", { .match = { .has_qid = TRUE, .has_ordinal = TRUE,
                                  .ordinal = BIG } },
      "rule 'r': ordinal 9223372036854775808: must be 1 to "
      "9223372036854775807" },
    { "ordinal-of-no-queue", { .match = { .queue = FI_QUEUE_ADMIN,
                                          .has_ordinal = TRUE,
                                          .ordinal = 4 } },
      "rule 'r': ordinal 4: counts the commands of one queue; must go with "
      "qid" },
    { "cns-on-io", { .match = { .queue = FI_QUEUE_IO,
                                      .has_cns = TRUE } },
      "rule 'r': cns: never matches on an I/O queue; must go with queue "
      "'admin'" },
    { "lid-on-qid", { .match = { .has_qid = TRUE, .qid = 1,
                                       .has_lid = TRUE } },
      "rule 'r': lid: never matches on an I/O queue; must go with queue "
      "'admin'" },
    { "cns-of-other-opcode", { .match = { .has_cns = TRUE,
                                                .has_opcode = TRUE,
                                                .opcode = 0x02 } },
      "rule 'r': opcode 0x02 (get-log-page): has no cns; must be 0x06 "
      "(identify)" },
    { "lid-of-other-opcode", { .match = { .has_lid = TRUE,
                                                .has_opcode = TRUE,
                                                .opcode = 0xc1 } },
      "rule 'r': opcode 0xc1: has no lid; must be 0x02 (get-log-page)" },
    { "fid-of-other-opcode", { .match = { .has_fid = TRUE,
                                                .has_opcode = TRUE,
                                                .opcode = 0x06 } },
      "rule 'r': opcode 0x06 (identify): has no fid; must be 0x09 "
      "(set-features) or 0x0a (get-features)" },
    { "cns-and-fid", { .match = { .has_cns = TRUE, .has_fid = TRUE } },
      "rule 'r': cns, lid, fid: belong to different commands; must be one of "
      "them at most" },
    { "cns-with-range", { .match = { .has_cns = TRUE,
                                           .has_range = TRUE, .nlb = 1 } },
      "rule 'r': slba: never matches together with cns; must be left out" },
    { "nlb-0", { RANGE(8, 0) },
      "rule 'r': nlb 0: must be 1 to 9223372036854775807" },
    { "nlb-big", { RANGE(0, BIG) },
      "rule 'r': nlb 9223372036854775808: must be 1 to "
      "9223372036854775807" },
    { "slba-big", { RANGE(BIG, 1) },
      "rule 'r': slba 9223372036854775808: must be 0 to "
      "9223372036854775807" },
    { "range-wraps", { RANGE(BIG - 4, 5) },
      "rule 'r': nlb 5: the range that begins at slba 9223372036854775804 "
      "wraps; must be 1 to 4" },
    { "range-of-flush", { IO_OPCODE(0x00) },
      "rule 'r': slba: opcode 0x00 (flush) names no logical blocks; must be "
      "left out" },
    { "range-of-vendor-opcode", { IO_OPCODE(0x99) },
      "rule 'r': slba: opcode 0x99 names no logical blocks; must be left "
      "out" },
    { "range-of-identify",
      { .match = { .queue = FI_QUEUE_ADMIN, .has_opcode = TRUE,
                         .opcode = 0x06, .has_range = TRUE, .nlb = 1 } },
      "rule 'r': slba: opcode 0x06 (identify) names no logical blocks; must "
      "be left out" },
    { "sqe-too-many", { .match = { .sqe = full,
                                         .n_sqe = G_N_ELEMENTS(full) } },
      "rule 'r': sqe: has 17 elements; must be 0 to 16" },
    { "sqe-dword", { .match = { .sqe = dword_16, .n_sqe = 2 } },
      "rule 'r': sqe[1]: dword 16: must be 0 to 15" },
    { "sqe-mask", { .match = { .sqe = mask_0, .n_sqe = 1 } },
      "rule 'r': sqe[0]: mask 0: compares nothing; must be 1 to "
      "0xffffffff" },
    { "sqe-value", { .match = { .sqe = value_outside, .n_sqe = 1 } },
      "rule 'r': sqe[0]: value 0x1f: never matches under mask 0xf0; must "
      "have no bit outside of it" },
    { "state-long", { .match = { .state = ID_63 "3" } },
      "rule 'r': state '" ID_63 "3': is 64 bytes long; must be 0 to 63" },
    { "set-state-long", { SCHEDULE(ALWAYS, .set_state = ID_63 "3") },
      "rule 'r': set-state '" ID_63 "3': is 64 bytes long; must be 0 to 63" },
    { "skip-big", { SCHEDULE(ALWAYS, .skip = BIG) },
      "rule 'r': skip 9223372036854775808: must be 0 to "
      "9223372036854775807" },
    { "every-0", { SCHEDULE(.every = 0, .probability = 1) },
      "rule 'r': every 0: must be 1 to 9223372036854775807" },
    { "every-big", { SCHEDULE(.every = BIG, .probability = 1) },
      "rule 'r': every 9223372036854775808: must be 1 to "
      "9223372036854775807" },
    { "times-big", { SCHEDULE(ALWAYS, .times = BIG) },
      "rule 'r': times 9223372036854775808: must be 0 to "
      "9223372036854775807" },
    { "probability-negative",
      { SCHEDULE(.every = 1, .probability = -0.5) },
      "rule 'r': probability -0.5: must be 0 to 1" },
    { "probability-above-1",
      { SCHEDULE(.every = 1, .probability = 1.5) },
      "rule 'r': probability 1.5: must be 0 to 1" },
    { "probability-nan",
      { SCHEDULE(.every = 1, .probability = NAN) },
      "rule 'r': probability nan: must be 0 to 1" },
    { "delay-big", { ACTION(.execute = TRUE, .delay_ns = BIG) },
      "rule 'r': delay-ns 9223372036854775808: must be 0 to "
      "9223372036854775807" },
    { "delay-fixed-max", { ACTION(.execute = TRUE, .delay_ns = 3,
                                  .delay_max_ns = 5) },
      "rule 'r': delay-max-ns 5: means nothing with delay 'fixed'; must be "
      "left out" },
    { "delay-uniform-big", { ACTION(.execute = TRUE, UNIFORM(BIG, BIG)) },
      "rule 'r': delay-ns 9223372036854775808: must be 0 to "
      "9223372036854775807" },
    { "delay-uniform-max-big", { ACTION(.execute = TRUE, UNIFORM(0, BIG)) },
      "rule 'r': delay-max-ns 9223372036854775808: must be 1 to "
      "9223372036854775807" },
    { "delay-uniform-max-less", { ACTION(.execute = TRUE, UNIFORM(9, 8)) },
      "rule 'r': delay-max-ns 8: must be 9 to 9223372036854775807" },
    { "delay-uniform-0", { ACTION(.execute = TRUE, UNIFORM(0, 0)) },
      "rule 'r': delay-max-ns 0: must be 1 to 9223372036854775807" },
    { "delay-exponential-0", { ACTION(.execute = TRUE, EXPONENTIAL(0, 5)) },
      "rule 'r': delay-ns 0: must be 1 to 9223372036854775807" },
    { "delay-exponential-big",
      { ACTION(.execute = TRUE, EXPONENTIAL(BIG, 0)) },
      "rule 'r': delay-ns 9223372036854775808: must be 1 to "
      "9223372036854775807" },
    { "delay-exponential-max-big",
      { ACTION(.execute = TRUE, EXPONENTIAL(1, BIG)) },
      "rule 'r': delay-max-ns 9223372036854775808: must be 0 to "
      "9223372036854775807" },
    { "delay-unknown", { ACTION(.execute = TRUE, .delay = (FiDelay)3) },
      "rule 'r': delay 3: must be fixed, uniform or exponential" },
    { "none-not-executed", { ACTION(.execute = FALSE) },
      "rule 'r': execute off: action 'none' cannot leave a command undone; "
      "use action 'status' with status 'success'" },
    { "status-16-bits", { ACTION(.kind = FI_ACTION_STATUS,
                                            .status = 0x8000) },
      "rule 'r': status 0x8000: must be 0 to 0x7fff" },
    { "action-unknown", { ACTION(.kind = (FiActionKind)3) },
      "rule 'r': action 3: must be none, status or other" },
    { "lifetime-unknown", { .lifetime = (FiLifetime)2 },
      "rule 'r': lifetime 2: must be permanent or until-reset" },
};

static const struct Accepted {
    const char *name;
    RowRule rule;
} accepted[] = {
    { "matches-all", { .id = "any" } },
    { "id-63", { .id = ID_63 } },
    { "qid-0-of-admin", { .match = { .queue = FI_QUEUE_ADMIN,
                                           .has_qid = TRUE } } },
    { "qid-max", { .match = { .has_qid = TRUE, .qid = 65535 } } },
    { "range-last-block", { RANGE(BIG - 1, 1) } },
    { "range-all", { RANGE(1, BIG - 1) } },
    { "range-from-0", { RANGE(0, BIG - 1) } },
    { "range-of-dsm", { IO_OPCODE(0x09) } },
    { "range-of-copy", { IO_OPCODE(0x19) } },
    { "range-of-zone-append", { IO_OPCODE(0x7d) } },
    { "range-of-get-lba-status",
      { .match = { .has_opcode = TRUE, .opcode = 0x86,
                         .has_range = TRUE, .nlb = 1 } } },
    { "fid-of-get-features", { .match = { .has_opcode = TRUE,
                                                .opcode = 0x0a,
                                                .has_fid = TRUE } } },
    { "state-initial", { .match = { .state = "" } } },
    { "schedule-max",
      { SCHEDULE(.skip = BIG - 1, .every = BIG - 1,
                            .times = BIG - 1, .probability = 0,
                            .seed = G_MAXUINT64) } },
    { "status-15-bits", { ACTION(.kind = FI_ACTION_STATUS,
                                            .status = 0x7fff) } },
    { "ordinal-1-of-admin", { .match = { .has_qid = TRUE, .has_ordinal = TRUE,
                                         .ordinal = 1 } } },
    { "ordinal-max", { .match = { .has_qid = TRUE, .has_ordinal = TRUE,
                                  .ordinal = BIG - 1 } } },
    { "delay-fixed-biggest", { ACTION(.execute = TRUE,
                                      .delay_ns = BIG - 1) } },
    { "delay-uniform-one", { ACTION(.execute = TRUE, UNIFORM(9, 9)) } },
    { "delay-uniform-all", { ACTION(.execute = TRUE,
                                    UNIFORM(0, BIG - 1)) } },
    { "delay-exponential", { ACTION(.execute = TRUE, EXPONENTIAL(1, 0)) } },
    { "delay-exponential-below-mean",
      { ACTION(.execute = TRUE, EXPONENTIAL(BIG - 1, 1)) } },
    { "other-executed", { ACTION(.kind = FI_ACTION_OTHER,
                                 .execute = TRUE) } },
    { "other-not-executed", { ACTION(.kind = FI_ACTION_OTHER) } },
    { "success-not-executed", { ACTION(.kind = FI_ACTION_STATUS,
                                                  .execute = FALSE) } },
};

static FiRule rule_of(const RowRule *row)
{
    FiRule rule = FI_RULE_INIT;

    rule.id = row->without_id ? NULL : row->id ? row->id : "r";
    rule.match = row->match;
    if (row->schedule) {
        rule.schedule = *row->schedule;
    }
    if (row->action) {
        rule.action = *row->action;
    }
    rule.lifetime = row->lifetime;
    return rule;
}

static void test_refused(gconstpointer data)
{
    const struct Refused *row = data;
    const FiRule rule = rule_of(&row->rule);
    GError *error = NULL;

    g_assert_false(fi_rule_validate(&rule, &error));
    g_assert_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==, row->error);
    g_clear_error(&error);
    g_assert_false(fi_rule_validate(&rule, NULL));
}

static void test_accepted(gconstpointer data)
{
    const struct Accepted *row = data;
    const FiRule rule = rule_of(&row->rule);
    GError *error = NULL;

    fi_rule_validate(&rule, &error);
    g_assert_no_error(error);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autofree char *path = g_strdup_printf("/rule/refused/%s",
                                                refused[i].name);
        g_test_add_data_func(path, &refused[i], test_refused);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(accepted); i++) {
        g_autofree char *path = g_strdup_printf("/rule/accepted/%s",
                                                accepted[i].name);
        g_test_add_data_func(path, &accepted[i], test_accepted);
    }
    return g_test_run();
}
