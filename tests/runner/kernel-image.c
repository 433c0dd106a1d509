/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the header of a bzImage; see kernel-image.h.
 */
#include "kernel-image.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

/* Offsets from boot.rst. */
#define HEADER_MAGIC 0x202          /* "HdrS" */
#define HEADER_VERSION_POINTER 0x20e /* 16 bits, less 0x200 */
#define HEADER_BASE 0x200
#define HEAD_SIZE 0x10200           /* reaches any such pointer */

static char *release_in(const guint8 *head, gsize len)
{
    gsize at;
    gsize end;

    if (len < HEADER_VERSION_POINTER + 2 ||
        memcmp(head + HEADER_MAGIC, "HdrS", 4) != 0) {
        return NULL;
    }
    at = HEADER_BASE + head[HEADER_VERSION_POINTER] +
         (head[HEADER_VERSION_POINTER + 1] << 8);
    for (end = at; end < len && g_ascii_isgraph(head[end]); end++) {
    }
    return end > at && end < len ?
           g_strndup((const char *)head + at, end - at) : NULL;
}

char *kernel_image_release(const char *path, GError **error)
{
    g_autofree guint8 *head = g_malloc(HEAD_SIZE);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, head, HEAD_SIZE);
    int saved = errno;
    char *release = len < 0 ? NULL : release_in(head, len);

    if (fd >= 0) {
        close(fd);
    }
    if (len < 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(saved),
                    "kernel image %s: %s", path, g_strerror(saved));
    } else if (!release) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "kernel image %s: not a Linux/x86 boot image (bzImage, "
                    "vmlinuz)", path);
    }
    return release;
}
