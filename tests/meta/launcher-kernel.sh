#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# This test shows that a kernel that cannot be booted, or that has no driver
# for the drive, is refused before QEMU is built.
set -eu
# shellcheck source=launcher-lib.sh
. "$(dirname -- "$0")/launcher-lib.sh"

plan 14
copy_launcher "$work/tree"
launcher=$work/tree/nvme-fi
image=$work/tree/guest-scripts/build-initramfs
kernel=$work/linux/vmlinuz-9.9.9-fake
mkdir "$work/linux" "$work/empty"
fake_kernel "$kernel"

refuses 'a kernel that is not there' 2 'no file and no name of a kernel' \
    "$launcher" run --kernel "$work/none"
refuses 'a kernel that is a folder' 1 'is not a file' \
    "$launcher" run --kernel "$work/linux"
echo 'no kernel' >"$work/text"
refuses 'a file that is no kernel' 1 "not a Linux kernel image: $work/text" \
    "$launcher" run --kernel "$work/text"
refuses 'a name without a version' 2 'no name of a kernel such as debian:6.12' \
    "$launcher" run --kernel debian:trixie
refuses 'modules of another kernel' 1 'no modules of 9.9.9-fake' \
    "$launcher" run --kernel "$kernel" --modules "$work/empty"

# with_config LINE...: the kernel's configuration, as a distribution puts it
with_config()
{
    printf '%s\n' "$@" >"$work/linux/config-9.9.9-fake"
    "$work/tree/guest-scripts/fetch-kernel" "$kernel"
}

build_image()
{
    "$image" --out "$work/image" --init /bin/sh \
        --kernel "$work/tree/build/kernels/user"
}

ports='CONFIG_VIRTIO_PCI=y CONFIG_VIRTIO_CONSOLE=y'
# shellcheck disable=SC2086
with_config '# CONFIG_BLK_DEV_NVME is not set' $ports
refuses 'a kernel without nvme' 1 \
    'this kernel has no driver nvme (CONFIG_BLK_DEV_NVME is not set' \
    build_image
holds 'no image is left of a kernel that is refused' test ! -e "$work/image"
# shellcheck disable=SC2086
with_config CONFIG_BLK_DEV_NVME=m $ports
refuses 'a module without the modules' 1 'give its modules by --modules DIR' \
    build_image
with_config CONFIG_BLK_DEV_NVME=y CONFIG_VIRTIO_PCI=y
refuses 'a kernel without the ports' 1 \
    'this kernel has no driver virtio_console' build_image
# shellcheck disable=SC2086
with_config CONFIG_BLK_DEV_NVME=y $ports
holds 'a kernel that has all built in' build_image
rm "$work/linux/config-9.9.9-fake" "$work/image"
"$work/tree/guest-scripts/fetch-kernel" "$kernel"
holds 'a kernel of which nothing is known' build_image

# The newest kernel, of packages that are there already.
mkdir -p "$work/bin" "$work/tree/tests/expect"
printf '6.12 6.13 6.12.107\n7.2 7.3 7.2.13\n' >"$work/tree/tests/expect/kernels"
cat >"$work/bin/apt-cache" <<'END'
#!/bin/sh
case $* in *apt/sid/*) exit 0 ;; esac
printf 'linux-image-%s-cloud-amd64 - a kernel\n' 6.12.99 7.2.9 7.2.12 \
    7.2.13~rc1 7.3.4
END
printf '#!/bin/sh\n' >"$work/bin/apt-get"
printf '#!/bin/sh\n[ "$1" != sid ]\n' >"$work/tree/hw-nvme-fi/qemu/apt.sh"
chmod +x "$work/bin/apt-cache" "$work/bin/apt-get"
folder=$work/tree/build/kernels
for release in 7.2.12 7.3.4; do
    mkdir -p "$folder/$release-cloud-amd64"
    : >"$folder/$release-cloud-amd64/vmlinuz"
done

newest()
{
    PATH=$work/bin:$PATH "$work/tree/guest-scripts/fetch-kernel" debian:newest
}

newest_is()
{
    newest && [ "$(readlink "$folder/debian-newest")" = "$1-cloud-amd64" ]
}
holds 'the newest kernel is the newest that is known' newest_is 7.2.12
rm "$work/tree/tests/expect/kernels"
holds 'or the newest at all where none is known' newest_is 7.3.4
echo '9.9 - 9.9.9' >"$work/tree/tests/expect/kernels"
refuses 'or none' 1 'no cloud kernel of that version in sid trixie-backports' \
    newest
