/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which bytes the action "corrupt" damages, and with what.
 */
#include "qemu/osdep.h"
#include "damage.h"

/* Offset and size of a field of the tuple (NVM Command Set 1.1, 5.3.1). */
typedef struct Field {
    uint8_t offset, size;
} Field;

static const Field fields16[NVME_FI_CORRUPT_TARGET__MAX] = {
    [NVME_FI_CORRUPT_TARGET_GUARD] = { 0, 2 },
    [NVME_FI_CORRUPT_TARGET_APP_TAG] = { 2, 2 },
    [NVME_FI_CORRUPT_TARGET_REF_TAG] = { 4, 4 },
};

static const Field fields64[NVME_FI_CORRUPT_TARGET__MAX] = {
    [NVME_FI_CORRUPT_TARGET_GUARD] = { 0, 8 },
    [NVME_FI_CORRUPT_TARGET_APP_TAG] = { 8, 2 },
    [NVME_FI_CORRUPT_TARGET_REF_TAG] = { 10, 6 },
};

/* The protection information is the first or the last bytes of a block's
 * metadata (Identify Namespace, DPS bit 3). */
static bool find_field(const NvmeNamespace *ns, NvmeFiCorruptTarget which,
                       NvmeFiTarget *target)
{
    const Field *field = ns->pif ? &fields64[which] : &fields16[which];
    bool is_first = ns->id_ns.dps & NVME_ID_NS_DPS_FIRST_EIGHT;

    if (!NVME_ID_NS_DPS_TYPE(ns->id_ns.dps)) {
        return false;
    }
    *target = (NvmeFiTarget) {
        .meta = true,
        .pi = true,
        .stride = ns->lbaf.ms,
        .first = field->offset +
                 (is_first ? 0 : ns->lbaf.ms - nvme_fi_pi_len(ns)),
        .size = field->size,
    };
    return true;
}

bool nvme_fi_find_target(const NvmeNamespace *ns, NvmeFiCorruptTarget which,
                         NvmeFiTarget *target)
{
    switch (which) {
    case NVME_FI_CORRUPT_TARGET_DATA:
        *target = (NvmeFiTarget) { .stride = ns->lbasz, .size = ns->lbasz };
        return true;
    case NVME_FI_CORRUPT_TARGET_METADATA:
        *target = (NvmeFiTarget) {
            .meta = true, .stride = ns->lbaf.ms, .size = ns->lbaf.ms,
        };
        return ns->lbaf.ms;
    case NVME_FI_CORRUPT_TARGET_GUARD:
    case NVME_FI_CORRUPT_TARGET_APP_TAG:
    case NVME_FI_CORRUPT_TARGET_REF_TAG:
        return find_field(ns, which, target);
    case NVME_FI_CORRUPT_TARGET__MAX:
        break;
    }
    g_assert_not_reached();
}

/* Byte number @n of the target, over all blocks: where it lies. */
static size_t place(const NvmeFiTarget *target, uint64_t n)
{
    return n / target->size * target->stride + target->first +
        n % target->size;
}

/* Eight random bytes of the rule's make one number; byte @n of the damage. */
static uint8_t random_byte(const NvmeRequest *req, uint64_t n, uint64_t *eight)
{
    if (n % 8 == 0) {
        *eight = nvme_fi_request_random(req, n / 8);
    }
    return *eight >> n % 8 * 8;
}

static uint8_t damaged(const NvmeFiActionCorrupt *corrupt, uint8_t byte)
{
    uint8_t value = corrupt->has_value ? corrupt->value : 1;

    switch (corrupt->has_how ? corrupt->how : NVME_FI_CORRUPT_HOW_FLIP) {
    case NVME_FI_CORRUPT_HOW_FLIP:
        return byte ^ value;
    case NVME_FI_CORRUPT_HOW_ZERO:
        return 0;
    case NVME_FI_CORRUPT_HOW_FILL:
        return value;
    case NVME_FI_CORRUPT_HOW_RANDOM:
    case NVME_FI_CORRUPT_HOW_STALE:
    case NVME_FI_CORRUPT_HOW__MAX:
        break;
    }
    g_assert_not_reached();
}

void nvme_fi_damage(const NvmeRequest *req, const NvmeFiTarget *target,
                    uint64_t nlb, uint8_t *bytes, const uint8_t *old)
{
    const NvmeFiActionCorrupt *corrupt = &nvme_fi_rule_of(req)->u.corrupt;
    bool is_random = corrupt->has_how &&
        corrupt->how == NVME_FI_CORRUPT_HOW_RANDOM;
    uint64_t total = nlb * target->size, eight = 0;
    uint64_t first = corrupt->has_offset ? corrupt->offset : 0;
    uint64_t end = corrupt->has_length ? first + corrupt->length : total;

    for (uint64_t n = first; n < MIN(end, total); n++) {
        size_t at = place(target, n);

        if (old) {
            bytes[at] = old[at];
        } else if (is_random) {
            bytes[at] = random_byte(req, n - first, &eight);
        } else {
            bytes[at] = damaged(corrupt, bytes[at]);
        }
    }
}
