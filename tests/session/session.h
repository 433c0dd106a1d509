/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session: one program of the user's in a guest, from options to an exit
 * status.
 */
#ifndef NVME_FI_SESSION_SESSION_H
#define NVME_FI_SESSION_SESSION_H

#include "args.h"

/* Runs it; returns the exit status. */
int session_run(const SessionOptions *options);

#endif
