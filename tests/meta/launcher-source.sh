#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# This test shows that the user's source of QEMU is checked before it is
# taken, and that a refused one changes nothing.
set -eu
# shellcheck source=launcher-lib.sh
. "$(dirname -- "$0")/launcher-lib.sh"

plan 8
copy_launcher "$work/tree"
launcher=$work/tree/nvme-fi

mkdir "$work/empty"
refuses 'a folder that is not QEMU' 1 "not a QEMU source: $work/empty" \
    "$launcher" qemu --qemu-source "$work/empty"
echo text >"$work/qemu.tar"
refuses 'a file that is no archive' 1 "cannot unpack $work/qemu.tar" \
    "$launcher" qemu --qemu-source "$work/qemu.tar"
fake_qemu "$work/old"
echo 7.2.0 >"$work/old/VERSION"
refuses 'another version of QEMU' 1 \
    "QEMU 10.0.x is wanted, $work/old is 7.2.0" \
    "$launcher" qemu --qemu-source "$work/old"
refuses 'the version that --qemu names is wanted' 1 \
    "QEMU 10.2.x is wanted, $work/old is 7.2.0" \
    "$launcher" qemu --qemu 10.2 --qemu-source "$work/old"
holds 'what is refused is not kept' test ! -e "$work/tree/build/qemu/base"
holds 'and not taken for done' test ! -e "$work/tree/build/stamps/source"

fake_qemu "$work/qemu-10.0.13"
tar -C "$work" -cJf "$work/qemu.tar.xz" qemu-10.0.13
holds 'a release tarball is unpacked' \
    "$work/tree/hw-nvme-fi/qemu/fetch.sh" 10.0 "$work/qemu.tar.xz"
holds 'as it is in the archive' diff -r "$work/qemu-10.0.13" \
    "$work/tree/build/qemu/base"
