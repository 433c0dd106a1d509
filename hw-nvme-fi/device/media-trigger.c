/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trigger media: blocks go bad or heal, at once.
 */
#include "qemu/osdep.h"
#include "../engine/names.h"
#include "action.h"
#include "media.h"

static bool check_status(const char *text, GError **error)
{
    uint16_t status;

    if (!text) {
        return true;
    }
    if (!fi_status_parse(text, &status, error)) {
        return false;
    }
    if (!(status & FI_STATUS_CODE_MASK)) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "status '%s': must be an error; to heal blocks, use "
                    "good", text);
        return false;
    }
    return true;
}

static bool check_nsid(const NvmeFiBadBlocks *blocks, GError **error)
{
    if (blocks->has_nsid && !nvme_fi_is_nsid(blocks->nsid)) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "nsid %u: must be 1 to %u", blocks->nsid,
                    NVME_MAX_NAMESPACES);
        return false;
    }
    return true;
}

static bool check_range(const NvmeFiBadBlocks *blocks, bool in_rule,
                        GError **error)
{
    uint64_t slba = blocks->slba, nlb = blocks->has_nlb ? blocks->nlb : 1;

    if (!blocks->has_slba && (!in_rule || blocks->has_nlb)) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "slba: must be given%s",
                    in_rule ? " where nlb is" : " outside of a rule");
        return false;
    }
    if (!nlb) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "nlb 0: must be 1 or more");
        return false;
    }
    if (blocks->has_slba &&
        (slba > INT64_MAX || nlb > (uint64_t)INT64_MAX - slba + 1)) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "slba %" PRIu64 " with nlb %" PRIu64 ": the last block "
                    "must be 2^63-1 or less", slba, nlb);
        return false;
    }
    return true;
}

bool nvme_fi_check_bad_blocks(const NvmeFiBadBlocks *blocks, bool in_rule,
                              GError **error)
{
    return check_nsid(blocks, error) && check_range(blocks, in_rule, error) &&
        check_status(blocks->status, error);
}

static bool is_good(const NvmeFiTriggerMedia *media)
{
    return media->has_good && media->good;
}

static bool media_check(const NvmeFiTrigger *trigger, bool in_rule,
                        GError **error)
{
    const NvmeFiTriggerMedia *media = &trigger->u.media;

    if (is_good(media) && (media->status || media->has_heal)) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "good on: not with %s, which good blocks do not have",
                    media->status ? "status" : "heal");
        return false;
    }
    return nvme_fi_check_bad_blocks(qapi_NvmeFiTriggerMedia_base(media),
                                    in_rule, error);
}

BadState nvme_fi_bad_state(const NvmeFiBadBlocks *blocks)
{
    BadState state = {
        .status = NVME_FI_BAD_STATUS,
        .heal = !blocks->has_heal || blocks->heal,
    };

    if (blocks->status) {
        fi_status_parse(blocks->status, &state.status, NULL);
    }
    return state;
}

/* The namespace and the blocks that @media means, @array for the blocks; false
 * and an error where the device does not have them. */
static bool resolve(NvmeFi *fi, const NvmeFiTriggerMedia *media,
                    const NvmeRequest *req, uint32_t *nsid, GArray *array,
                    GError **error)
{
    FiRange given = { media->slba, media->has_nlb ? media->nlb : 1 };

    *nsid = media->has_nsid ? media->nsid :
            req ? le32_to_cpu(req->cmd.nsid) : 1;
    if (media->has_slba) {
        g_array_append_val(array, given);
    } else {
        NvmeFiRanges ranges = { 0 };
        FiCommand command;

        nvme_fi_command(fi, (NvmeRequest *)req, &command, &ranges);
        if (command.n_ranges) {
            g_array_append_vals(array, command.ranges, command.n_ranges);
        }
        g_free(ranges.array);
    }
    if (!array->len) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "slba: must be given, because the command has no blocks");
        return false;
    }
    return true;
}

static bool check_blocks(NvmeNamespace *ns, uint32_t nsid, const FiRange *range,
                         GError **error)
{
    if (!nvme_fi_in_bounds(ns, range->slba, range->nlb)) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "slba %" PRIu64 " with nlb %" PRIu64 ": namespace %u has "
                    "%" PRIu64 " blocks", range->slba, range->nlb, nsid,
                    le64_to_cpu(ns->id_ns.nsze));
        return false;
    }
    return true;
}

static bool media_possible(NvmeFi *fi, const NvmeFiTrigger *trigger,
                           const NvmeRequest *req, GError **error)
{
    const NvmeFiTriggerMedia *media = &trigger->u.media;
    g_autoptr(GArray) array = g_array_new(FALSE, FALSE, sizeof(FiRange));
    NvmeNamespace *ns;
    uint32_t nsid;

    if (!resolve(fi, media, req, &nsid, array, error)) {
        return false;
    }
    ns = nvme_fi_namespace(fi->ctrl, nsid);
    if (!ns) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "nsid %u: the subsystem has no such namespace", nsid);
        return false;
    }
    for (guint i = 0; i < array->len; i++) {
        if (!check_blocks(ns, nsid, &g_array_index(array, FiRange, i),
                          error)) {
            return false;
        }
    }
    if (fi->media && !is_good(media) && !bad_blocks_room(&fi->media->bad)) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_LIMIT,
                    "the subsystem has %u ranges of bad blocks; at most %u "
                    "are allowed", fi->media->bad.n, NVME_FI_MAX_BAD_RANGES);
        return false;
    }
    return true;
}

static void media_fire(NvmeFi *fi, const NvmeFiTrigger *trigger,
                       NvmeRequest *req)
{
    const NvmeFiTriggerMedia *media = &trigger->u.media;
    g_autoptr(GArray) array = g_array_new(FALSE, FALSE, sizeof(FiRange));
    BadState state = nvme_fi_bad_state(qapi_NvmeFiTriggerMedia_base(media));
    BadBlocks *bad = &nvme_fi_media_get(fi->ctrl)->bad;
    uint32_t nsid;

    if (!resolve(fi, media, req, &nsid, array, NULL)) {
        return;
    }
    for (guint i = 0; i < array->len; i++) {
        const FiRange *range = &g_array_index(array, FiRange, i);
        uint64_t last = range->slba + range->nlb - 1;

        if (!range->nlb) {
            continue;
        }
        if (is_good(media)) {
            bad_blocks_heal(bad, nsid, range->slba, last, true);
        } else if (bad_blocks_room(bad)) {
            bad_blocks_mark(bad, nsid, range->slba, last, &state);
        }
    }
    nvme_fi_media_changed(fi->media);
}

const NvmeFiTriggerOps nvme_fi_media_trigger = {
    .check = media_check,
    .possible = media_possible,
    .fire = media_fire,
};
