/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Uevents of the kernel as evidence of a case.
 */
#ifndef GUEST_UEVENTS_H
#define GUEST_UEVENTS_H

#include "buf.h"

/* Opens a socket that keeps the uevents from now on; -1 on failure. */
int uevents_open(void);

/*
 * uevents_read:
 * Adds the uevents of @subsystem ("nvme", "block") that came so far to the
 * JSON array @array, each as one string "change@/devices/... KEY=VALUE ...".
 */
void uevents_read(int fd, const char *subsystem, Buf *array);

#endif
