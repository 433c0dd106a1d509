/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the guest's image of a session gets from this machine.
 */
#ifndef NVME_FI_SESSION_CONTENTS_H
#define NVME_FI_SESSION_CONTENTS_H

#include "args.h"

/*
 * Finds the program and what --with names; sets path and contents. Relative
 * paths begin at the current folder, names without a slash that are no file
 * are looked for in PATH. On failure @error, and in @status what exec exits
 * with.
 */
bool contents_find(SessionOptions *options, int *status, GError **error);

#endif
