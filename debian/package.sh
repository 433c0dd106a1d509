#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the Debian package of the tree, with the QEMU that the launcher has
# built, as build/nvme-fi_VERSION_ARCHITECTURE.deb.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
# shellcheck source=../hw-nvme-fi/qemu/lib.sh
. "$root/hw-nvme-fi/qemu/lib.sh"

work=$build/package
if ! have dpkg-buildpackage || ! have dh; then
    die "package: dpkg-buildpackage and debhelper are needed, as Debian has them"
fi
need_space 300 "$build"
fresh_dir "$work"
mkdir "$work/nvme-fi"
# in a copy: the packaging leaves files beside debian/control
(cd "$root" && tar -c --exclude=./build --exclude=./.git --exclude=./results .) |
    tar -x -C "$work/nvme-fi"
# a second build has what the first compiled; debhelper has a HOME of its own
export CCACHE_DIR="$build/ccache"
# the packages that are needed are here, but meson may be another one
(cd "$work/nvme-fi" && NVME_FI_BUILD=$build DEB_BUILD_OPTIONS=noautodbgsym \
    dpkg-buildpackage -b -d -us -uc)
rm -f "$build"/nvme-fi_*.deb
mv "$work"/nvme-fi_*.deb "$build/"
rm -rf "$work"
