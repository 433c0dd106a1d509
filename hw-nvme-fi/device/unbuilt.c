/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Temporary: what is declared and not there yet.  A rule or trigger that needs
 * it is refused.  Whoever builds a part takes its lines out of here.
 */
#include "qemu/osdep.h"
#include "medium.h"
#include "record.h"
#include "action.h"

static bool refuse_trigger(const NvmeFiTrigger *trigger, bool in_rule,
                           GError **error)
{
    g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                "trigger '%s': not built yet",
                NvmeFiTriggerType_str(trigger->trigger));
    return false;
}

/* cache.c */
const NvmeFiTriggerOps nvme_fi_power_cut_trigger = { .check = refuse_trigger };
void nvme_fi_cache_free(NvmeFi *fi) { }
void nvme_fi_cache_exit(NvmeFi *fi) { }
bool nvme_fi_cache_wants(NvmeFi *fi, const NvmeRequest *req) { return false; }
void nvme_fi_cache_note(NvmeFi *fi, NvmeRequest *req) { }
bool nvme_fi_cache_capture(NvmeFi *fi, NvmeRequest *req) { return false; }
void nvme_fi_capture_free(struct NvmeFiCapture *capture) { }
NvmeFiWriteCache *nvme_fi_cache_query(const NvmeFi *fi) { return NULL; }
