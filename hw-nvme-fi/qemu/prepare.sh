#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes the source tree of one flavour of one version of QEMU from its base.
#
# usage: prepare.sh VERSION fi|stock|asan
#
# A fresh tree is staged, with our files and the patches for all flavours but
# stock, and then copied over by content: a file that did not change keeps its
# time, so that the build does again only what depends on a change.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=lib.sh
. "$root/hw-nvme-fi/qemu/lib.sh"

use_qemu "$1"
flavour=$2
top=$qemu_tree/$flavour
stage=$top/stage

# overlay FROM TO: our folder FROM becomes the folder TO of QEMU's tree.
overlay()
{
    [ -d "$root/$1" ] || return 0
    mkdir -p "$stage/$2"
    find "$root/$1" -maxdepth 1 -type f \
        -exec cp --remove-destination -t "$stage/$2/" {} +
}

# find_patch NAME: the file, the version's own before one of several versions.
find_patch()
{
    for dir in "$qemu_of_version" "$root/hw-nvme-fi/qemu/patches"; do
        if [ -e "$dir/$1" ]; then
            echo "$dir/$1"
            return
        fi
    done
    die "${qemu_of_version#"$root/"}/series names $1: there is no such file"
}

# The stage shares its files with base by hard links: whoever writes there
# makes a new file, as cp --remove-destination and git apply do.
apply_patches()
{
    sed 's/#.*//; s/[[:space:]]*$//; /^$/d' "$qemu_of_version/series" |
        while IFS= read -r patch; do
            file=$(find_patch "$patch") || exit 1
            # the ceiling hides our own repository, whose settings and
            # attributes are not meant for this tree
            (cd "$stage" && GIT_CEILING_DIRECTORIES=$top \
                git apply --whitespace=nowarn "$file") ||
                die "the patch $patch does not apply to this QEMU" \
                    "($(cat "$stage/VERSION"))"
        done
}

[ -e "$qemu_tree/base/configure" ] || die "$qemu_tree/base is missing"
need_space 600 "$build"
mkdir -p "$top/src"
rm -rf "$stage"
cp -al "$qemu_tree/base" "$stage"
devices=$stage/configs/devices/x86_64-softmmu/nvme-fi.mak
rm -f "$devices"
device_list >"$devices"
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
