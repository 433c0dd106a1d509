/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names that the kernel prints for opcodes (include/linux/nvme.h:
 * show_nvm_opcode_name() and its neighbours).
 */
#include "event.h"

#include <string.h>

typedef struct KernelName {
    const char *name;
    FieldsSet set;
    guint8 opcode;              /* of Fabrics: the type */
} KernelName;

static const KernelName kernel_names[] = {
    { "nvme_admin_delete_sq", FIELDS_ADMIN, 0x00 },
    { "nvme_admin_create_sq", FIELDS_ADMIN, 0x01 },
    { "nvme_admin_get_log_page", FIELDS_ADMIN, 0x02 },
    { "nvme_admin_delete_cq", FIELDS_ADMIN, 0x04 },
    { "nvme_admin_create_cq", FIELDS_ADMIN, 0x05 },
    { "nvme_admin_identify", FIELDS_ADMIN, 0x06 },
    { "nvme_admin_abort_cmd", FIELDS_ADMIN, 0x08 },
    { "nvme_admin_set_features", FIELDS_ADMIN, 0x09 },
    { "nvme_admin_get_features", FIELDS_ADMIN, 0x0a },
    { "nvme_admin_async_event", FIELDS_ADMIN, 0x0c },
    { "nvme_admin_ns_mgmt", FIELDS_ADMIN, 0x0d },
    { "nvme_admin_activate_fw", FIELDS_ADMIN, 0x10 },
    { "nvme_admin_download_fw", FIELDS_ADMIN, 0x11 },
    { "nvme_admin_dev_self_test", FIELDS_ADMIN, 0x14 },
    { "nvme_admin_ns_attach", FIELDS_ADMIN, 0x15 },
    { "nvme_admin_keep_alive", FIELDS_ADMIN, 0x18 },
    { "nvme_admin_directive_send", FIELDS_ADMIN, 0x19 },
    { "nvme_admin_directive_recv", FIELDS_ADMIN, 0x1a },
    { "nvme_admin_virtual_mgmt", FIELDS_ADMIN, 0x1c },
    { "nvme_admin_nvme_mi_send", FIELDS_ADMIN, 0x1d },
    { "nvme_admin_nvme_mi_recv", FIELDS_ADMIN, 0x1e },
    { "nvme_admin_dbbuf", FIELDS_ADMIN, 0x7c },
    { "nvme_admin_format_nvm", FIELDS_ADMIN, 0x80 },
    { "nvme_admin_security_send", FIELDS_ADMIN, 0x81 },
    { "nvme_admin_security_recv", FIELDS_ADMIN, 0x82 },
    { "nvme_admin_sanitize_nvm", FIELDS_ADMIN, 0x84 },
    { "nvme_admin_get_lba_status", FIELDS_ADMIN, 0x86 },
    { "nvme_cmd_flush", FIELDS_IO, 0x00 },
    { "nvme_cmd_write", FIELDS_IO, 0x01 },
    { "nvme_cmd_read", FIELDS_IO, 0x02 },
    { "nvme_cmd_write_uncor", FIELDS_IO, 0x04 },
    { "nvme_cmd_compare", FIELDS_IO, 0x05 },
    { "nvme_cmd_write_zeroes", FIELDS_IO, 0x08 },
    { "nvme_cmd_dsm", FIELDS_IO, 0x09 },
    { "nvme_cmd_verify", FIELDS_IO, 0x0c },
    { "nvme_cmd_resv_register", FIELDS_IO, 0x0d },
    { "nvme_cmd_resv_report", FIELDS_IO, 0x0e },
    { "nvme_cmd_resv_acquire", FIELDS_IO, 0x11 },
    { "nvme_cmd_io_mgmt_recv", FIELDS_IO, 0x12 },
    { "nvme_cmd_resv_release", FIELDS_IO, 0x15 },
    { "nvme_cmd_zone_mgmt_send", FIELDS_IO, 0x79 },
    { "nvme_cmd_zone_mgmt_recv", FIELDS_IO, 0x7a },
    { "nvme_cmd_zone_append", FIELDS_IO, 0x7d },
    { "nvme_fabrics_type_property_set", FIELDS_FABRICS, 0x00 },
    { "nvme_fabrics_type_connect", FIELDS_FABRICS, 0x01 },
    { "nvme_fabrics_type_property_get", FIELDS_FABRICS, 0x04 },
    { "nvme_fabrics_type_auth_send", FIELDS_FABRICS, 0x05 },
    { "nvme_fabrics_type_auth_receive", FIELDS_FABRICS, 0x06 },
};

bool event_command_by_name(const char *name, gsize len,
                           EventCommand *command)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kernel_names); i++) {
        const KernelName *row = &kernel_names[i];

        if (strlen(row->name) == len && !memcmp(row->name, name, len)) {
            command->set = row->set;
            command->opcode = row->set == FIELDS_FABRICS ? 0x7f : row->opcode;
            command->fctype = row->set == FIELDS_FABRICS ? row->opcode : 0;
            command->named = true;
            return true;
        }
    }
    return false;
}
