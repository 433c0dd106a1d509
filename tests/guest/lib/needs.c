/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options of the kernel's configuration; see needs.h.
 */
#include "needs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LACKS "the kernel has no "

typedef enum NeedKind {
    NEED_PATH,                  /* there is such a file */
    NEED_SYMBOL,                /* a function that only the option compiles */
    NEED_FILESYSTEM,            /* can be mounted */
} NeedKind;

/*
 * The symbols are global, or entries of a table of operations, so that the
 * compiler cannot do without them.
 */
static const struct {
    const char *reason;         /* its last word is the option */
    NeedKind kind;
    const char *what;
} needs[] = {
    { LACKS "CONFIG_NVME_MULTIPATH", NEED_PATH,
      "/sys/module/nvme_core/parameters/multipath" },
    { LACKS "CONFIG_NVME_HWMON", NEED_SYMBOL, "nvme_hwmon_init" },
    { LACKS "CONFIG_NVME_VERBOSE_ERRORS", NEED_SYMBOL,
      "nvme_get_error_status_str" },
    { LACKS "CONFIG_NVME_HOST_AUTH", NEED_SYMBOL, "nvme_auth_init_ctrl" },
    { LACKS "CONFIG_NVME_FABRICS", NEED_SYMBOL, "nvmf_register_transport" },
    { LACKS "CONFIG_NVME_TCP", NEED_SYMBOL, "nvme_tcp_queue_rq" },
    { LACKS "CONFIG_NVME_TARGET", NEED_SYMBOL, "nvmet_req_init" },
    { LACKS "CONFIG_NVME_TARGET_LOOP", NEED_SYMBOL, "nvme_loop_queue_rq" },
    { LACKS "CONFIG_NVME_TARGET_TCP", NEED_SYMBOL, "nvmet_tcp_queue_response" },
    { LACKS "CONFIG_NVME_TARGET_AUTH", NEED_SYMBOL, "nvmet_execute_auth_send" },
    { LACKS "CONFIG_NVME_TARGET_PASSTHRU", NEED_SYMBOL,
      "nvmet_passthru_ctrl_enable" },
    { LACKS "CONFIG_BLK_DEV_ZONED", NEED_SYMBOL, "blk_revalidate_disk_zones" },
    { LACKS "CONFIG_BLK_DEV_INTEGRITY", NEED_SYMBOL, "bio_integrity_add_page" },
    { LACKS "CONFIG_MD_RAID1", NEED_SYMBOL, "raid1_make_request" },
    { LACKS "CONFIG_BLK_DEV_DM", NEED_SYMBOL, "dm_register_target" },
    { LACKS "CONFIG_DM_MULTIPATH", NEED_SYMBOL, "multipath_clone_and_map" },
    { LACKS "CONFIG_BLK_DEV_LOOP", NEED_SYMBOL, "loop_queue_rq" },
    { LACKS "CONFIG_IO_URING", NEED_SYMBOL, "__x64_sys_io_uring_setup" },
    { LACKS "CONFIG_AIO", NEED_SYMBOL, "__x64_sys_io_submit" },
    { LACKS "CONFIG_MQ_IOSCHED_DEADLINE", NEED_SYMBOL,
      "dd_dispatch_request" },
    { LACKS "CONFIG_EXT4_FS", NEED_FILESYSTEM, "ext4" },
    { LACKS "CONFIG_XFS_FS", NEED_FILESYSTEM, "xfs" },
    { LACKS "CONFIG_BTRFS_FS", NEED_FILESYSTEM, "btrfs" },
    { LACKS "CONFIG_F2FS_FS", NEED_FILESYSTEM, "f2fs" },
    { LACKS "CONFIG_ZONEFS_FS", NEED_FILESYSTEM, "zonefs" },
    { LACKS "CONFIG_CONFIGFS_FS", NEED_FILESYSTEM, "configfs" },
};

bool needs_symbol_in(const char *text, const char *symbol)
{
    size_t len = strlen(symbol);
    const char *p;

    /* "ADDRESS TYPE NAME", of a module with a tab and "[MODULE]" after it. */
    for (p = text; (p = strstr(p, symbol)); p += len) {
        if (p > text && p[-1] == ' ' &&
            (p[len] == '\n' || p[len] == '\t' || p[len] == '\0')) {
            return true;
        }
    }
    return false;
}

bool needs_filesystem_in(const char *text, const char *name)
{
    size_t len = strlen(name);
    const char *p;

    /* "nodev" or nothing, a tab, the name. */
    for (p = text; (p = strstr(p, name)); p += len) {
        if (p > text && p[-1] == '\t' && (p[len] == '\n' || !p[len])) {
            return true;
        }
    }
    return false;
}

/* Whole lines at a time: the list of symbols has megabytes. */
static bool in_file(const char *path, const char *what,
                    bool (*in)(const char *text, const char *what))
{
    FILE *f = fopen(path, "re");
    char line[1024];
    bool found = false;

    while (f && !found && fgets(line, sizeof(line), f)) {
        found = in(line, what);
    }
    if (f) {
        fclose(f);
    }
    return found;
}

static bool look(NeedKind kind, const char *what)
{
    switch (kind) {
    case NEED_PATH:
        return !access(what, F_OK);
    case NEED_SYMBOL:
        return in_file("/proc/kallsyms", what, needs_symbol_in);
    case NEED_FILESYSTEM:
        return in_file("/proc/filesystems", what, needs_filesystem_in);
    }
    return false;
}

int needs_met(const char *option, const char **reason)
{
    static bool met[sizeof(needs) / sizeof(needs[0])];
    size_t i;

    for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        if (!strcmp(needs[i].reason + strlen(LACKS), option)) {
            /* What is there stays, what is not may come with a module. */
            met[i] = met[i] || look(needs[i].kind, needs[i].what);
            *reason = needs[i].reason;
            return met[i];
        }
    }
    return -1;
}
