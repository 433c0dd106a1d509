#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# This test shows that modules come into the guest's image unpacked, however
# a kernel's packages have packed them.
set -eu
# shellcheck source=launcher-lib.sh
. "$(dirname -- "$0")/launcher-lib.sh"

plan 6
mkdir -p "$work/kernel/modules/kernel" "$work/x"
for module in nvme virtio_pci virtio-console; do
    echo "module $module" >"$work/kernel/modules/kernel/$module.ko"
done
echo init >"$work/init"
echo 'module four' >"$work/kernel/modules/kernel/four.ko"
cd "$work/kernel/modules/kernel"
xz nvme.ko
zstd -q --rm virtio_pci.ko
gzip virtio-console.ko

build_image()
{
    "$top/guest-scripts/build-initramfs" --out "$work/image" \
        --init "$work/init" --kernel "$work/kernel" --module four
}
holds 'an image is built' build_image
(cd "$work/x" && cpio -id --quiet <"$work/image")

# is_module FILE NAME
is_module()
{
    [ "$(cat "$work/x/modules/$1.ko")" = "module $2" ] &&
        grep -qx "$1.ko" "$work/x/modules.list"
}
holds 'a module packed by xz' is_module nvme nvme
holds 'a module packed by zstd' is_module virtio_pci virtio_pci
holds 'a module packed by gzip, with a dash' \
    is_module virtio_console virtio-console
holds 'a module that is not packed' is_module four four
rm nvme.ko.xz
: >"$work/kernel/modules/modules.builtin"
refuses 'a module that is missing is not taken for packed' 1 'no driver nvme' \
    env "$top/guest-scripts/build-initramfs" --out "$work/second" \
    --init "$work/init" --kernel "$work/kernel"
