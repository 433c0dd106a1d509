/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Action "overlay": bytes of the data that the controller returns are patched
 * on their way to the host.
 */
#include "qemu/osdep.h"
#include "action.h"

/* qapi/nvme-fi.json says so, too */
#define MAX_PATCHES     64
#define MAX_PATCH_BYTES 64

/* @hex, pairs of digits, to @bytes, where there is room for MAX_PATCH_BYTES;
 * returns their number, or 0 where it is anything else. */
static size_t parse_hex(const char *hex, uint8_t *bytes)
{
    size_t digits = strlen(hex);

    if (digits % 2 || digits > 2 * MAX_PATCH_BYTES) {
        return 0;
    }
    for (size_t i = 0; i < digits; i += 2) {
        int high = g_ascii_xdigit_value(hex[i]);
        int low = g_ascii_xdigit_value(hex[i + 1]);

        if (high < 0 || low < 0) {
            return 0;
        }
        bytes[i / 2] = high << 4 | low;
    }
    return digits / 2;
}

static bool check_hex(const char *member, const char *hex, size_t *n,
                      GError **error)
{
    uint8_t bytes[MAX_PATCH_BYTES];

    *n = parse_hex(hex, bytes);
    if (!*n) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "%s '%.140s': must be 1 to %u bytes, each as two "
                    "hexadecimal digits", member, hex, MAX_PATCH_BYTES);
    }
    return *n;
}

static bool check_patch(const NvmeFiPatch *patch, GError **error)
{
    size_t n_value, n_mask;

    if (!check_hex("value", patch->value, &n_value, error)) {
        return false;
    }
    if (!patch->mask) {
        return true;
    }
    if (!check_hex("mask", patch->mask, &n_mask, error)) {
        return false;
    }
    if (n_mask != n_value) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "mask '%s': has %zu bytes; must have %zu, as value",
                    patch->mask, n_mask, n_value);
        return false;
    }
    return true;
}

static bool overlay_check(const NvmeFiRule *rule, GError **error)
{
    const NvmeFiPatchList *list = rule->u.overlay.patches;
    unsigned n = 0;

    for (; list; list = list->next, n++) {
        if (n == MAX_PATCHES) {
            break;
        }
        if (!check_patch(list->value, error)) {
            g_prefix_error(error, "patches[%u]: ", n);
            return false;
        }
    }
    if (!n || list) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_LIMIT,
                    "patches: %s; must be 1 to %u", n ? "too many" : "none",
                    MAX_PATCHES);
        return false;
    }
    return true;
}

/* @data holds @len bytes of the structure from byte @offset on. */
static void apply_patch(const NvmeFiPatch *patch, uint8_t *data, uint32_t len,
                        uint64_t offset)
{
    uint8_t value[MAX_PATCH_BYTES], mask[MAX_PATCH_BYTES];
    size_t n = parse_hex(patch->value, value);

    memset(mask, 0xff, sizeof(mask));
    if (patch->mask) {
        parse_hex(patch->mask, mask);
    }
    for (size_t i = 0; i < n; i++) {
        uint64_t at = (uint64_t)patch->offset + i;

        if (at >= offset && at - offset < len) {
            uint8_t *byte = &data[at - offset];

            *byte = (*byte & ~mask[i]) | (value[i] & mask[i]);
        }
    }
}

static void overlay_returned(NvmeFi *fi, NvmeRequest *req, uint8_t *data,
                             uint32_t len, uint64_t offset)
{
    const NvmeFiPatchList *list = nvme_fi_rule_of(req)->u.overlay.patches;

    for (; list; list = list->next) {
        apply_patch(list->value, data, len, offset);
    }
}

const NvmeFiActionOps nvme_fi_overlay_ops = {
    .check = overlay_check,
    .returned = overlay_returned,
};
