/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which accelerator to use. KVM may be there, make a vCPU and still never
 * get a guest past its firmware: only a boot that worked proves it.
 */
#ifndef NVME_FI_RUNNER_ACCEL_H
#define NVME_FI_RUNNER_ACCEL_H

#include "options.h"

/* "tcg" or "kvm". */
const char *accel_choose(const Options *options);

#endif
