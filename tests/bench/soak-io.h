/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the soak sends: random commands, good and hostile, and those that show
 * that a queue and a namespace work.
 */
#ifndef SOAK_IO_H
#define SOAK_IO_H

#include "soak-host.h"

/* A random command for an I/O queue / the admin queue. */
NvmeCmd soak_io_cmd(Soak *s);
NvmeCmd soak_admin_cmd(Soak *s);

/* Writes a block of each namespace through I/O queue @r and reads it
 * back; with no rule in force.  False where no zone can be written. */
bool soak_prove_io(Soak *s, SoakRing *r);

#endif
