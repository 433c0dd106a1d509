/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "pi": its namespaces, and what the kernel shows of them.
 */
#include "pi.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const PiFormat pi_formats[PI_FORMATS] = {
    { "type1-crc16", 1, 16, 8, false, false },
    { "type2-crc16", 2, 16, 8, false, false },
    { "type3-crc16", 3, 16, 8, false, false },
    { "type1-crc64", 1, 64, 16, false, false },
    { "type2-crc64", 2, 64, 16, false, false },
    { "type3-crc64", 3, 64, 16, false, false },
    { "first-of-64", 1, 16, 64, true, false },
    { "last-of-64", 1, 16, 64, false, false },
    { "extended", 1, 16, 8, false, true },
    { "extended-64", 1, 16, 64, false, true },
};

static struct {
    unsigned number;            /* in the names of its devices */
    int fd;
    bool offload;
} disks[PI_FORMATS];
static bool are_open;

static bool is_there(void *opaque)
{
    return !access(opaque, R_OK | W_OK);
}

/* They are numbered in the order in which they are found. */
static const char *open_disk(unsigned number)
{
    char path[40];
    int fd, nsid;

    snprintf(path, sizeof(path), "/dev/nvme0n%u", number);
    if (!wait_for(is_there, path, 15000)) {
        return "a namespace is missing";
    }
    fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
    nsid = fd < 0 ? -1 : ioctl(fd, NVME_IOCTL_ID);
    if (nsid < 1 || nsid > PI_FORMATS) {
        return "a namespace cannot be opened";
    }
    disks[nsid - 1].fd = fd;
    disks[nsid - 1].number = number;
    return NULL;
}

const char *pi_open(void)
{
    const char *reason = NULL;

    for (unsigned n = 1; !are_open && n <= PI_FORMATS && !reason; n++) {
        reason = open_disk(n);
    }
    are_open = !reason;
    return reason;
}

int pi_disk(const PiFormat *format)
{
    return disks[format - pi_formats].fd;
}

static FILE *attribute(const PiFormat *format, const char *name,
                       const char *mode)
{
    char path[80];

    snprintf(path, sizeof(path), "/sys/block/nvme0n%u/integrity/%s",
             disks[format - pi_formats].number, name);
    return fopen(path, mode);
}

static bool set(const PiFormat *format, const char *name, bool on)
{
    FILE *f = attribute(format, name, "we");
    bool ok = f && fputs(on ? "1" : "0", f) >= 0;

    return f && !fclose(f) && ok;
}

bool pi_set_offload(const PiFormat *format, bool offload)
{
    bool *is = &disks[format - pi_formats].offload;

    /* what has no tuples to pass on has no choice */
    if (format->extended || *is == offload) {
        return true;
    }
    *is = offload;
    return set(format, "read_verify", !offload) &&
           set(format, "write_generate", !offload);
}

static void show(const PiFormat *format, const char *name, Outcome *out)
{
    FILE *f = attribute(format, name, "re");
    char text[40] = "";

    if (f && fgets(text, sizeof(text), f)) {
        text[strcspn(text, "\n")] = '\0';
    }
    if (f) {
        fclose(f);
    }
    buf_json_str(&out->observed, name, text);
}

void pi_show(const PiFormat *format, Outcome *out)
{
    uint64_t bytes = ~0ULL;

    if (ioctl(pi_disk(format), BLKGETSIZE64, &bytes)) {
        bytes = ~0ULL;
    }
    buf_json_bool(&out->observed, "usable", bytes > 0);
    show(format, "format", out);
    show(format, "tag_size", out);
}
