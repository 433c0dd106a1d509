#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes the source tree of one flavour of QEMU from build/qemu/base.
#
# usage: prepare.sh fi|stock|asan
#
# A fresh tree is staged, with our files and the patches for all flavours but
# stock, and then copied over by content: a file that did not change keeps its
# time, so that the build does again only what depends on a change.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=lib.sh
. "$root/hw-nvme-fi/qemu/lib.sh"

flavour=$1
top=$build/qemu/$flavour
stage=$top/stage

# overlay FROM TO: our folder FROM becomes the folder TO of QEMU's tree.
overlay()
{
    [ -d "$root/$1" ] || return 0
    mkdir -p "$stage/$2"
    find "$root/$1" -maxdepth 1 -type f \
        -exec cp --remove-destination -t "$stage/$2/" {} +
}

# The stage shares its files with base by hard links: whoever writes there
# makes a new file, as cp --remove-destination and git apply do.
apply_patches()
{
    series=$root/hw-nvme-fi/qemu/patches/series
    [ -e "$series" ] || return 0
    sed 's/#.*//; s/[[:space:]]*$//; /^$/d' "$series" |
        while IFS= read -r patch; do
            file=$root/hw-nvme-fi/qemu/patches/$patch
            [ -e "$file" ] || die "patches/series names $patch:" \
                "there is no such file"
            # the ceiling hides our own repository, whose settings and
            # attributes are not meant for this tree
            (cd "$stage" && GIT_CEILING_DIRECTORIES=$top \
                git apply --whitespace=nowarn "$file") ||
                die "the patch $patch does not apply to this QEMU" \
                    "($(cat "$stage/VERSION"))"
        done
}

[ -e "$build/qemu/base/configure" ] || die "build/qemu/base is missing"
need_space 600 "$build"
mkdir -p "$top/src"
rm -rf "$stage"
cp -al "$build/qemu/base" "$stage"
cp --remove-destination "$root/hw-nvme-fi/qemu/nvme-fi.mak" \
    "$stage/configs/devices/x86_64-softmmu/"
if [ "$flavour" != stock ]; then
    overlay hw-nvme-fi/engine hw/nvme/fi/engine
    overlay hw-nvme-fi/device hw/nvme/fi/device
    overlay tests/qtest tests/qtest/nvme-fi
    overlay tests/bench tests/bench/nvme-fi
    if [ -e "$root/qapi/nvme-fi.json" ]; then
        cp --remove-destination "$root/qapi/nvme-fi.json" "$stage/qapi/"
    fi
    apply_patches
fi
# no -t: a changed file gets the time of now, so that ninja sees it
rsync -rlp --checksum --delete "$stage/" "$top/src/"
rm -rf "$stage"
