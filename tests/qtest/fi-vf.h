/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A controller with a virtual function: the physical function is "nvme0"
 * behind a root port, and the virtual function is a controller of its own,
 * online, with a shared namespace.
 */
#ifndef FI_VF_H
#define FI_VF_H

#include "fi-port.h"

typedef struct FiVf {
    FiRig *pf;              /* "nvme0" */
    FiRig *vf;              /* all of FiRig's functions work for it, too */
} FiVf;

/* Both enabled, each with its queue pair 1. */
FiVf *fi_vf_new(void);
void fi_vf_free(FiVf *pair);

/* Enables the virtual function, gives it resources, sets it online and enables
 * its controller with a new queue pair 1, from whatever state it is in; needs
 * the physical function's admin queues. */
void fi_vf_bring_up(FiVf *pair);
/* Whether there is an object for the virtual function.  Sets vf->device. */
bool fi_vf_find(FiVf *pair);
/* Sets the virtual function offline; returns the status. */
uint16_t fi_vf_offline(FiVf *pair);
/* Clears VF Enable: the virtual function is no longer on the bus. */
void fi_vf_disable(FiVf *pair);
void fi_vf_flr(FiVf *pair);     /* function level reset of the virtual one */
/* Whether its configuration space answers. */
bool fi_vf_answers(FiVf *pair);

#endif
