/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The monitor's commands that the soak needs.
 */
#ifndef SOAK_MONITOR_H
#define SOAK_MONITOR_H

#include "soak-host.h"
#include "qobject/qdict.h"

/* The monitor's @command for nvme0, with further @arguments as JSON that
 * begins with a comma.  The caller unrefs the answer.  soak_try() shows an
 * error, which lives as long as the answer; the others fail with it, unless
 * the controller may be gone. */
QDict *soak_try(Soak *s, const char *command, const char *arguments,
                const char **error);
QDict *soak_qmp(Soak *s, const char *command, const char *arguments);
void soak_execute(Soak *s, const char *command, const char *arguments);

/* Keeps @error, which may be NULL, in s->refused with an example of what it is
 * about: all that is drawn should be valid. */
void soak_refused(Soak *s, const char *error, const char *json);
void soak_add_effects(Soak *s, unsigned effects);

/* Adds @n random rules with effects within @allowed to @device. */
void soak_add_rules(Soak *s, const char *device, unsigned n,
                    unsigned allowed);

/* nvme-fi-release. */
void soak_release(Soak *s, const char *arguments);
/* No rule in either controller. */
void soak_clear(Soak *s);
/* Blocks that went bad are good again. */
void soak_heal(Soak *s);

/* What happened, as a JSON array of rules that the caller frees; NULL where
 * the controller is gone. */
char *soak_record(Soak *s);
/* Adds such @rules, which must be accepted as they are. */
void soak_replay(Soak *s, const char *rules);

#endif
