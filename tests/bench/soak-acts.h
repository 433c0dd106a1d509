/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the soak does while commands are in flight.
 */
#ifndef SOAK_ACTS_H
#define SOAK_ACTS_H

#include "soak-host.h"

/* Creates the I/O queues that are missing, with sizes so small that they wrap;
 * false where one could not be created. */
bool soak_create_queues(Soak *s);

/* Whatever happened is over, and the host sets up both controllers and enables
 * them.  False where the controller is gone. */
bool soak_recover(Soak *s);

/* One random thing. */
void soak_act(Soak *s, unsigned allowed);

#endif
