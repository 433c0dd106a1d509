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
 * Reads what came so far and adds the uevents of @subsystems ("nvme block") to
 * the JSON array @array, each as one string: "change@/devices/... KEY=VALUE".
 */
void uevents_read(int fd, const char *subsystems, Buf *array);

#endif
