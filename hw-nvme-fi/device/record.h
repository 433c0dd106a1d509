/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is remembered of each hit and trigger, to do it again.
 */
#ifndef HW_NVME_FI_RECORD_H
#define HW_NVME_FI_RECORD_H

#include "internal.h"

/* A rule acts on @req, command number @ordinal of its queue. */
void nvme_fi_record_hit(NvmeFi *fi, const NvmeRequest *req);
/* @triggers will be fired without a command, after the one fetched last.
 * What they leave to chance is chosen and written into them. */
void nvme_fi_record_triggers(NvmeFi *fi, NvmeFiTriggerList *triggers);

#endif
