/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the soak does while commands are in flight, and the monitor's commands
 * that it needs for that.
 */
#ifndef SOAK_ACTS_H
#define SOAK_ACTS_H

#include "soak-host.h"
#include "qobject/qdict.h"

/* The monitor's @command for the controller, with further @arguments as JSON
 * that begins with a comma.  May fail only where the controller may be gone.
 * The caller unrefs the answer. */
QDict *soak_qmp(Soak *s, const char *command, const char *arguments);
void soak_execute(Soak *s, const char *command, const char *arguments);

/* Adds @n random rules with effects within @allowed.  What is refused is kept
 * in s->refused: all that is drawn should be valid. */
void soak_add_rules(Soak *s, unsigned n, unsigned allowed);

/* nvme-fi-release with further @arguments as above. */
void soak_release(Soak *s, const char *arguments);

/* Creates the I/O queues that are missing, with sizes so small that they wrap;
 * false where one could not be created. */
bool soak_create_queues(Soak *s);

/* Whatever happened is over, and the host sets up both controllers and enables
 * them.  False where the controller is gone. */
bool soak_recover(Soak *s);
/* No rule in either controller. */
void soak_clear(Soak *s);
/* Blocks that went bad are good again. */
void soak_heal(Soak *s);
/* What happened, as a JSON array of rules that the caller frees; NULL where
 * the controller is gone. */
char *soak_record(Soak *s);
/* Adds such @rules, which must be accepted as they are. */
void soak_replay(Soak *s, const char *rules);

/* One random thing. */
void soak_act(Soak *s, unsigned allowed);

#endif
