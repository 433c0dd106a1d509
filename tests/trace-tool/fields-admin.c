/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields of the admin commands: NVMe Base 2.2 section 5 (2.3 for opcodes 38h
 * and 8Ch); Get LBA Status: NVM Command Set 1.1, section 4.2.1.
 */
#include "fields.h"

#define NUMD { "numd", FIELD_BITS(10, 31, 0), FIELD_COUNT, true }
#define UIDX { "uidx", FIELD_BITS(14, 6, 0) }
#define SEL_MOS \
    { "sel", FIELD_BITS(10, 7, 0), .always = true }, \
    { "mos", FIELD_BITS(10, 31, 16), FIELD_HEX }

static const Field nothing[] = { { NULL } };

static const Field delete_queue[] = {
    { "qid", FIELD_BITS(10, 15, 0), .always = true },
    { NULL },
};

static const FieldValue qprio_values[] = {
    { 0, "urgent" }, { 1, "high" }, { 2, "medium" }, { 3, "low" },
    { 0, NULL },
};

static const Field create_sq[] = {
    { "qid", FIELD_BITS(10, 15, 0), .always = true },
    { "qsize", FIELD_BITS(10, 31, 16), FIELD_COUNT, true },
    { "pc", FIELD_BITS(11, 0, 0) },
    { "qprio", FIELD_BITS(11, 2, 1), .values = qprio_values },
    { "cqid", FIELD_BITS(11, 31, 16), .always = true },
    { "nvmsetid", FIELD_BITS(12, 15, 0) },
    { NULL },
};

static const Field create_cq[] = {
    { "qid", FIELD_BITS(10, 15, 0), .always = true },
    { "qsize", FIELD_BITS(10, 31, 16), FIELD_COUNT, true },
    { "pc", FIELD_BITS(11, 0, 0) },
    { "ien", FIELD_BITS(11, 1, 1) },
    { "iv", FIELD_BITS(11, 31, 16), .always = true },
    { NULL },
};

/* NUMDL and NUMDU are neighbours: one number. */
static const Field get_log_page[] = {
    { "lid", FIELD_BITS(10, 7, 0), FIELD_HEX, true, field_lid_values },
    { "lsp", FIELD_BITS(10, 14, 8) },
    { "rae", FIELD_BITS(10, 15, 15) },
    { "numd", FIELD_BITS(10, 47, 16), FIELD_COUNT, true },
    { "lsi", FIELD_BITS(11, 31, 16) },
    { "lpo", FIELD_BITS(12, 63, 0) },
    UIDX,
    { "ot", FIELD_BITS(14, 23, 23) },
    { "csi", FIELD_BITS(14, 31, 24) },
    { NULL },
};

static const Field identify[] = {
    { "cns", FIELD_BITS(10, 7, 0), FIELD_HEX, true, field_cns_values },
    { "cntid", FIELD_BITS(10, 31, 16) },
    { "cnssid", FIELD_BITS(11, 15, 0) },
    { "csi", FIELD_BITS(11, 31, 24) },
    UIDX,
    { NULL },
};

static const Field abort_fields[] = {
    { "sqid", FIELD_BITS(10, 15, 0), .always = true },
    { "cid", FIELD_BITS(10, 31, 16), .always = true },
    { NULL },
};

static const FieldValue select_values[] = {
    { 0, "current" }, { 1, "default" }, { 2, "saved" },
    { 3, "supported-capabilities" }, { 0, NULL },
};

static const Field set_features[] = {
    { "fid", FIELD_BITS(10, 7, 0), FIELD_HEX, true, field_fid_values },
    { "sv", FIELD_BITS(10, 31, 31) },
    { "cdw11", FIELD_BITS(11, 31, 0), FIELD_HEX, true },
    { "cdw12", FIELD_BITS(12, 31, 0), FIELD_HEX },
    { "cdw13", FIELD_BITS(13, 31, 0), FIELD_HEX },
    UIDX,
    { "cdw15", FIELD_BITS(15, 31, 0), FIELD_HEX },
    { NULL },
};

static const Field get_features[] = {
    { "fid", FIELD_BITS(10, 7, 0), FIELD_HEX, true, field_fid_values },
    { "sel", FIELD_BITS(10, 10, 8), .values = select_values },
    { "cdw11", FIELD_BITS(11, 31, 0), FIELD_HEX },
    UIDX,
    { NULL },
};

static const FieldValue ns_management_values[] = {
    { 0, "create" }, { 1, "delete" }, { 0, NULL },
};

static const Field namespace_management[] = {
    { "sel", FIELD_BITS(10, 3, 0), .always = true,
      .values = ns_management_values },
    { "csi", FIELD_BITS(11, 31, 24) },
    { NULL },
};

static const Field firmware_commit[] = {
    { "fs", FIELD_BITS(10, 2, 0), .always = true },
    { "ca", FIELD_BITS(10, 5, 3), .always = true },
    { "bpid", FIELD_BITS(10, 31, 31) },
    { NULL },
};

static const Field firmware_download[] = {
    NUMD, { "ofst", FIELD_BITS(11, 31, 0), .always = true }, { NULL },
};

static const FieldValue stc_values[] = {
    { 1, "short" }, { 2, "extended" }, { 3, "host-initiated-refresh" },
    { 0xe, "vendor-specific" }, { 0xf, "abort" }, { 0, NULL },
};

static const Field self_test[] = {
    { "stc", FIELD_BITS(10, 3, 0), .always = true, .values = stc_values },
    { "dstp", FIELD_BITS(15, 15, 0) },
    { NULL },
};

static const FieldValue attach_values[] = {
    { 0, "attach" }, { 1, "detach" }, { 0, NULL },
};

static const Field attachment[] = {
    { "sel", FIELD_BITS(10, 3, 0), .always = true, .values = attach_values },
    { NULL },
};

static const FieldValue dtype_values[] = {
    { 0, "identify" }, { 1, "streams" }, { 2, "data-placement" },
    { 0, NULL },
};

static const Field directive[] = {
    NUMD,
    { "doper", FIELD_BITS(11, 7, 0), .always = true },
    { "dtype", FIELD_BITS(11, 15, 8), .always = true, .values = dtype_values },
    { "dspec", FIELD_BITS(11, 31, 16) },
    { "cdw12", FIELD_BITS(12, 31, 0), FIELD_HEX },
    { "cdw13", FIELD_BITS(13, 31, 0), FIELD_HEX },
    { NULL },
};

static const FieldValue act_values[] = {
    { 1, "primary-flexible-allocation" }, { 7, "secondary-offline" },
    { 8, "secondary-assign" }, { 9, "secondary-online" }, { 0, NULL },
};

static const FieldValue rt_values[] = {
    { 0, "vq" }, { 1, "vi" }, { 0, NULL },
};

static const Field virtualization[] = {
    { "act", FIELD_BITS(10, 3, 0), .always = true, .values = act_values },
    { "rt", FIELD_BITS(10, 10, 8), .always = true, .values = rt_values },
    { "cntlid", FIELD_BITS(10, 31, 16), .always = true },
    { "nr", FIELD_BITS(11, 15, 0), .always = true },
    { NULL },
};

/* NVMe-MI 2.0, section 3.1: the message header, and section 6 */
static const Field management_interface[] = {
    { "mt", FIELD_BITS(10, 6, 0), .always = true },
    { "nmimt", FIELD_BITS(10, 14, 11), .always = true },
    { "ror", FIELD_BITS(10, 15, 15) },
    { "opc", FIELD_BITS(11, 7, 0), FIELD_HEX, true },
    { "nmd0", FIELD_BITS(12, 31, 0), FIELD_HEX },
    { "nmd1", FIELD_BITS(13, 31, 0), FIELD_HEX },
    { NULL },
};

static const Field capacity[] = {
    { "oper", FIELD_BITS(10, 3, 0), .always = true },
    { "elid", FIELD_BITS(10, 31, 16), .always = true },
    { "cap", FIELD_BITS(11, 63, 0), .always = true },
    { NULL },
};

static const Field discovery[] = {
    { "tas", FIELD_BITS(10, 3, 0), .always = true },
    { NULL },
};

static const Field lockdown[] = {
    { "scp", FIELD_BITS(10, 3, 0), .always = true },
    { "prhbt", FIELD_BITS(10, 4, 4), .always = true },
    { "ifc", FIELD_BITS(10, 6, 5) },
    { "ofi", FIELD_BITS(10, 15, 8), FIELD_HEX, true },
    UIDX,
    { NULL },
};

static const Field zoning[] = {
    { "zdk", FIELD_BITS(10, 31, 0), FIELD_HEX, true },
    { "zdo", FIELD_BITS(11, 31, 0), .always = true },
    { "cdw12", FIELD_BITS(12, 31, 0), FIELD_HEX, true },
    { NULL },
};

static const Field managed[] = {
    SEL_MOS, { "cdw11", FIELD_BITS(11, 31, 0), FIELD_HEX }, { NULL },
};

static const Field cross_reset[] = {
    { "icid", FIELD_BITS(10, 15, 0), .always = true },
    { "ciu", FIELD_BITS(10, 23, 16), .always = true },
    { "cirn", FIELD_BITS(12, 63, 0), FIELD_HEX, true },
    { NULL },
};

static const Field track_send[] = {
    SEL_MOS, { "cdqid", FIELD_BITS(11, 15, 0), .always = true }, { NULL },
};

static const Field migration[] = {
    SEL_MOS,
    { "cntlid", FIELD_BITS(11, 15, 0), .always = true },
    { "cdw11-high", FIELD_BITS(11, 31, 16), FIELD_HEX },
    { "offset", FIELD_BITS(12, 63, 0), .always = true },
    UIDX,
    { "numd", FIELD_BITS(15, 31, 0), .always = true },
    { NULL },
};

static const Field data_queue[] = {
    SEL_MOS, { "cdw11", FIELD_BITS(11, 31, 0), FIELD_HEX, true },
    { "cdqsize", FIELD_BITS(12, 31, 0), .always = true }, { NULL },
};

static const FieldValue ses_values[] = {
    { 0, "none" }, { 1, "user-data-erase" }, { 2, "cryptographic-erase" },
    { 0, NULL },
};

static const Field format[] = {
    { "lbafl", FIELD_BITS(10, 3, 0), .always = true },
    { "mset", FIELD_BITS(10, 4, 4) },
    { "pi", FIELD_BITS(10, 7, 5) },
    { "pil", FIELD_BITS(10, 8, 8) },
    { "ses", FIELD_BITS(10, 11, 9), .always = true, .values = ses_values },
    { "lbafu", FIELD_BITS(10, 13, 12) },
    { NULL },
};

#define SECURITY \
    { "nssf", FIELD_BITS(10, 7, 0) }, \
    { "spsp0", FIELD_BITS(10, 15, 8), FIELD_HEX }, \
    { "spsp1", FIELD_BITS(10, 23, 16), FIELD_HEX }, \
    { "secp", FIELD_BITS(10, 31, 24), FIELD_HEX, true }

static const Field security_send[] = {
    SECURITY, { "tl", FIELD_BITS(11, 31, 0), .always = true }, { NULL },
};

static const Field security_receive[] = {
    SECURITY, { "al", FIELD_BITS(11, 31, 0), .always = true }, { NULL },
};

static const FieldValue sanact_values[] = {
    { 1, "exit-failure-mode" }, { 2, "block-erase" }, { 3, "overwrite" },
    { 4, "crypto-erase" }, { 5, "exit-media-verification" }, { 0, NULL },
};

static const Field sanitize[] = {
    { "sanact", FIELD_BITS(10, 2, 0), .always = true,
      .values = sanact_values },
    { "ause", FIELD_BITS(10, 3, 3) },
    { "owpass", FIELD_BITS(10, 7, 4) },
    { "oipbp", FIELD_BITS(10, 8, 8) },
    { "ndas", FIELD_BITS(10, 9, 9) },
    { "emvs", FIELD_BITS(10, 10, 10) },
    { "ovrpat", FIELD_BITS(11, 31, 0), FIELD_HEX },
    { NULL },
};

static const Field lba_status[] = {
    { "slba", FIELD_BITS(10, 63, 0), .always = true },
    { "mndw", FIELD_BITS(12, 31, 0), FIELD_COUNT, true },
    { "rl", FIELD_BITS(13, 15, 0), .always = true },
    { "atype", FIELD_BITS(13, 31, 24), FIELD_HEX, true },
    { NULL },
};

static const Field sanitize_namespace[] = {
    { "sanact", FIELD_BITS(10, 2, 0), .always = true,
      .values = sanact_values },
    { "ause", FIELD_BITS(10, 3, 3) },
    { "emvs", FIELD_BITS(10, 10, 10) },
    { NULL },
};

const FieldsRow fields_admin[] = {
    { 0x00, delete_queue },
    { 0x01, create_sq },
    { 0x02, get_log_page },
    { 0x04, delete_queue },
    { 0x05, create_cq },
    { 0x06, identify },
    { 0x08, abort_fields },
    { 0x09, set_features },
    { 0x0a, get_features },
    { 0x0c, nothing },
    { 0x0d, namespace_management },
    { 0x10, firmware_commit },
    { 0x11, firmware_download },
    { 0x14, self_test },
    { 0x15, attachment },
    { 0x18, nothing },
    { 0x19, directive },
    { 0x1a, directive },
    { 0x1c, virtualization },
    { 0x1d, management_interface },
    { 0x1e, management_interface },
    { 0x20, capacity },
    { 0x21, discovery },
    { 0x22, zoning },
    { 0x24, lockdown },
    { 0x25, nothing },
    { 0x29, zoning },
    { 0x2d, managed },
    { 0x31, managed },
    { 0x35, managed },
    { 0x38, cross_reset },
    { 0x3d, track_send },
    { 0x3e, managed },
    { 0x41, migration },
    { 0x42, migration },
    { 0x45, data_queue },
    { 0x7c, nothing },
    { 0x80, format },
    { 0x81, security_send },
    { 0x82, security_receive },
    { 0x84, sanitize },
    { 0x86, lba_status },
    { 0x8c, sanitize_namespace },
};
const gsize fields_admin_count = G_N_ELEMENTS(fields_admin);
