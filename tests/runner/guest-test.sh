#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs a suite in a guest for 'meson test': TAP of the runner on the kernel
# that the launcher has set up under a name.
#
# usage: guest-test.sh RUNNER BUILD GUEST-DIR EXPECT-DIR OUT SUITE KERNEL WHICH
#                      [QEMU]
#
# WHICH is 'all', or 'other' for a suite that only runs on this kernel if the
# kernel was named: with $NVME_FI_TEST_ALL=y.
# KERNEL as in './nvme-fi run --kernel', or 'user' for an image of the user's.
# $NVME_FI_TEST_KERNELS (names, separated by blanks) are those that must be
# tested; the others are skipped. Without it, all that are set up are tested.
set -eu
runner=$1 build=$2 guest=$3 expect=$4 out=$5 suite=$6 kernel=$7 which=$8
qemu=${9:-$build/qemu/fi/build/qemu-system-x86_64}

skip()
{
    echo "1..0 # SKIP $*"
    exit 0
}

folder=$build/kernels/$(printf %s "$kernel" | tr : -)
image=$build/images/$(basename "$(readlink -f "$folder")")/initramfs.cpio
if [ -e "$folder.missing" ]; then
    skip "$kernel: $(head -n 1 "$folder.missing")"
fi
if [ "$which" = other ] && [ "${NVME_FI_TEST_ALL:-}" != y ]; then
    skip "only './nvme-fi test --kernel $kernel' runs $suite on it"
fi
case " ${NVME_FI_TEST_KERNELS-unset} " in
*" $kernel "*) asked=y ;;
' unset ') asked= ;;
*) skip "$kernel is not asked for" ;;
esac
for file in "$folder/vmlinuz" "$image" \
    "$qemu"; do
    [ ! -e "$file" ] || continue
    [ -n "$asked" ] || skip "$kernel is not set up: there is no $file"
    echo "Bail out! there is no $file"
    exit 1
done

mkdir -p "$out"
exec "$runner" run --tap --suite "$suite" --out "$out" \
    --emulator "$qemu" \
    --firmware "$build/firmware" --kernel-image "$folder/vmlinuz" \
    --kernel-name "$kernel" --initrd "$image" \
    --guest-dir "$guest" --expect-dir "$expect" --boot-timeout 180
