/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel image says about itself (Linux/x86 boot protocol,
 * Documentation/arch/x86/boot.rst).
 */
#ifndef NVME_FI_RUNNER_KERNEL_IMAGE_H
#define NVME_FI_RUNNER_KERNEL_IMAGE_H

#include <glib.h>

/*
 * The release, as `uname -r` prints it; the caller frees it.
 * Returns NULL and sets @error when @path is no x86 boot image.
 */
char *kernel_image_release(const char *path, GError **error);

#endif
