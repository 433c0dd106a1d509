/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the engine share: short ways to say a rule and a command.
 */
#ifndef UNIT_H
#define UNIT_H

#include <glib.h>

#include "engine/command.h"

#define READ 0x02
#define WRITE 0x01

/* A rule with @id that matches everything, is always due and reports Access
 * Denied without carrying the command out. */
static inline FiRule unit_rule(const char *id)
{
    FiRule rule = FI_RULE_INIT;

    rule.id = id;
    rule.action.kind = FI_ACTION_STATUS;
    rule.action.execute = FALSE;
    rule.action.status = 0x286;
    return rule;
}

/* The same for @opcode on @slba..@slba + @nlb - 1 of the I/O queues. */
static inline FiRule unit_lba_rule(const char *id, guint8 opcode, guint64 slba,
                                   guint64 nlb)
{
    FiRule rule = unit_rule(id);

    rule.match.queue = FI_QUEUE_IO;
    rule.match.has_opcode = TRUE;
    rule.match.opcode = opcode;
    rule.match.has_range = TRUE;
    rule.match.slba = slba;
    rule.match.nlb = nlb;
    return rule;
}

/* A command of I/O queue 1 on namespace 1, and the range that it is about. */
typedef struct UnitCommand {
    FiCommand command;
    FiRange range;
} UnitCommand;

static inline void unit_io(UnitCommand *io, guint8 opcode, guint64 slba,
                           guint32 nlb)
{
    const guint32 sqe[16] = {
        [0] = opcode, [1] = 1, [10] = slba, [11] = slba >> 32, [12] = nlb - 1,
    };

    fi_command_init(&io->command, FALSE, 1, sqe, 0, 0, &io->range);
}

static inline void unit_admin(UnitCommand *io, guint8 opcode, guint32 cdw10)
{
    const guint32 sqe[16] = { [0] = opcode, [10] = cdw10 };

    fi_command_init(&io->command, TRUE, 0, sqe, 0, 0, &io->range);
}

static inline void unit_add(FiSet *set, const FiRule *rule)
{
    GError *error = NULL;

    fi_set_add(set, rule, 1, NULL, &error);
    g_assert_no_error(error);
}

/* splitmix64 as its authors give it: a state that is stepped.  *@state begins
 * as the seed. */
static inline guint64 unit_splitmix64(guint64 *state)
{
    guint64 z = (*state += G_GUINT64_CONSTANT(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* The state that yields the numbers of @stream: the finalizer alone is what
 * a step ends with that arrives at @stream. */
static inline guint64 unit_stream(guint64 seed, guint64 stream)
{
    guint64 before = stream - G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);

    return seed + unit_splitmix64(&before);
}

static inline FiStats unit_stats(FiSet *set, const char *id)
{
    FiEntry *entry = fi_set_find(set, id);

    g_assert_nonnull(entry);
    return fi_entry_stats(entry);
}

#endif
