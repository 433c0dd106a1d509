/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which accelerator to use. KVM may be there, make a vCPU and still never
 * get a guest past its firmware: only a boot that worked proves it.
 */
#ifndef NVME_FI_RUNNER_ACCEL_H
#define NVME_FI_RUNNER_ACCEL_H

#include "options.h"
#include "plan.h"

/*
 * "tcg" or "kvm". With --accel auto boots the first case of @plan under KVM
 * once, with files in @dir, and keeps the answer in --accel-cache for this
 * host kernel and this QEMU; without a cache or without /dev/kvm it is TCG.
 */
const char *accel_choose(const Options *options, const Plan *plan,
                         const char *dir);

#endif
