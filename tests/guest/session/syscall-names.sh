#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Writes the names of the system calls of this machine, as elements of an
# array: [0] = "read",
set -eu
echo '#include <sys/syscall.h>' | ${CC:-cc} -E -dM -x c - |
    sed -n 's/^#define SYS_\([a-z0-9_]*\) .*/[SYS_\1] = "\1",/p' |
    LC_ALL=C sort
