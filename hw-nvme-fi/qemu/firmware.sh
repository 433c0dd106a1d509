#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Puts the firmware that a boot needs into build/firmware: from the source
# tree where that has it (a release tarball), else from the distribution. All
# versions of QEMU take that of the default one.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=lib.sh
. "$root/hw-nvme-fi/qemu/lib.sh"
use_qemu "$qemu_default"
# shellcheck source=versions/10.0/pin
. "$qemu_of_version/pin"

# copy_from DIR: succeeds only if DIR has all of them.
copy_from()
{
    for file in $firmware_files; do
        [ -s "$1/$file" ] || return 1
    done
    fresh_dir "$build/firmware.new"
    for file in $firmware_files; do
        cp "$1/$file" "$build/firmware.new/"
    done
    put_dir "$build/firmware.new" "$build/firmware"
}

from_package()
{
    conf=$build/apt/$qemu_suite/apt.conf
    [ -e "$conf" ] || "$root/hw-nvme-fi/qemu/apt.sh" "$qemu_suite"
    fresh_dir "$build/dl/new"
    (cd "$build/dl/new" &&
        apt-get -c "$conf" -q download "qemu-system-data=$qemu_version") ||
        die "apt could not get the package qemu-system-data $qemu_version" \
            "of $qemu_suite"
    deb=$(echo "$build/dl/new"/*.deb)
    echo "$firmware_sha256  $deb" | sha256sum -c --quiet ||
        die "the downloaded qemu-system-data is not the one that" \
            "${qemu_of_version#"$root/"}/pin names (sha256)"
    dpkg-deb -x "$deb" "$build/dl/new/x"
    copy_from "$build/dl/new/x/usr/share/qemu" ||
        die "qemu-system-data lacks one of: $firmware_files"
    rm -rf "$build/dl/new"
}

copy_from "$qemu_tree/base/pc-bios" ||
    if have apt-get; then
        from_package
    else
        copy_from /usr/share/qemu ||
            die "no firmware: $firmware_files are wanted in /usr/share/qemu" \
                "or in pc-bios of the QEMU source (a release tarball has them)"
    fi
