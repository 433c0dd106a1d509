#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# This test shows that the guest's image depends on its contents alone: not
# on time, umask, place, or the order and owner of files.
set -eu
# shellcheck source=launcher-lib.sh
. "$(dirname -- "$0")/launcher-lib.sh"

plan 6
mkdir -p "$work/a/bin" "$work/b/bin" "$work/elsewhere"
for dir in a b; do
    echo 'a table' >"$work/$dir/table"
    echo one >"$work/$dir/bin/one"
    echo two >"$work/$dir/bin/two"
    echo init >"$work/$dir/init"
done
chmod 700 "$work/b/bin/one"
touch -d @1234567890 "$work/b/bin/two" "$work/b/table"

# build FROM OUT PROGRAM...
build_from()
{
    from=$work/$1 out=$2
    shift 2
    "$top/guest-scripts/build-initramfs" --out "$out" --init "$from/init" \
        --bin "$from/bin/$1" --bin "$from/bin/$2" --expect "$from/table"
}

umask 022
holds 'an image is built' build_from a "$work/first" one two
umask 077
holds 'again, of newer files, elsewhere' \
    build_from b "$work/elsewhere/second" two one
holds 'both are the same' cmp "$work/first" "$work/elsewhere/second"

no_times()
{
    TZ=UTC LC_ALL=C cpio -itv --quiet <"$work/first" >"$work/listing"
    ! grep -v ' root  *root .* Jan  1  1970 ' "$work/listing"
}
holds 'no entry has a time or an owner' no_times

echo changed >"$work/b/table"
build_from b "$work/third" one two
differs()
{
    ! cmp -s "$work/first" "$work/third"
}
holds 'another content gives another image' differs

# A kernel with modules, but not with that one.
mkdir -p "$work/kernel/modules"
for module in nvme virtio_pci virtio_console; do
    echo "kernel/$module.ko"
done >"$work/kernel/modules/modules.builtin"
leaves_out()
{
    "$top/guest-scripts/build-initramfs" --out "$work/fourth" \
        --init "$work/a/init" --kernel "$work/kernel" --module no-such \
        >"$work/said" &&
        grep -q 'no module no_such: .* are skipped' "$work/said"
}
holds 'a module that the kernel lacks is left out' leaves_out
